//! The time at which a signature expires.

use crate::{
    cli::Sign,
    error::{Code, Error, Result},
    key::Time,
    signing::{Scheme, Signing, request::Timestamp},
};

/// Returns the time at which the signature expires, or `None` if it does not state one.
pub(super) fn expires(args: &Sign, signing: &Signing, timestamp: Timestamp) -> Result<Option<Time>> {
    let Some(ttl) = args.ttl else { return Ok(None) };
    if let Scheme::Concatenation(_) = signing.scheme() {
        let hint = "omit --ttl; the service decides how old a request may be";
        return Err(Error::new(Code::Usage, "a signature in this scheme does not state when it expires", hint));
    }
    let created = Time::from_seconds(timestamp.millis().div_euclid(1000));
    let expires = ttl.after(created).map_err(|error| error.in_option("--ttl"))?;
    if expires <= created {
        let error = Error::new(Code::InvalidTime, "the signature would expire when it is made", "pass at least 1s");
        return Err(error.in_option("--ttl"));
    }
    Ok(Some(expires))
}
