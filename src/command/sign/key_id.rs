//! The id of the key with which `sign` signs.

use crate::{
    cli::Sign,
    error::{Code, Error, Result},
    key::KeyId,
    keypair::KeyPair,
    signing::{Scheme, Signing},
};

/// Returns the id of the key that a signature states, in the canonical form if it is a UUID of a keyring. Only a scheme that
/// was given may belong to a service whose ids are not UUIDs.
pub(super) fn key_id(args: &Sign, signing: &Signing, pair: &KeyPair) -> Result<String> {
    let Some(given) = &args.key_id else {
        return match signing.scheme() {
            Scheme::HttpMessageSignatures(_) => Ok(pair.public()?.jwk_thumbprint().to_string()),
            Scheme::Concatenation(_) if args.scheme.is_some() => Err(missing("the scheme names keys by their ids")),
            Scheme::Concatenation(_) => Err(missing("the scheme that applies names keys by their ids")
                .with_hint("pass the id with --key-id, or pass --scheme http-message-signatures, which needs no id")),
        };
    };
    if args.scheme.is_none() {
        return given.parse::<KeyId>().map(|id| id.to_string()).map_err(|error| error.in_option("--key-id"));
    }
    if !(1..=256).contains(&given.len()) || !given.bytes().all(|b| b.is_ascii_graphic()) {
        let hint = "pass 1 to 256 characters of ASCII without spaces";
        return Err(Error::new(Code::InvalidRequest, "the id of the key is malformed", hint).in_option("--key-id"));
    }
    Ok(given.clone())
}

/// Returns the id of the key that a JWT states as its issuer, which is always a UUID.
pub(super) fn issuer(args: &Sign) -> Result<KeyId> {
    let given = args.key_id.as_ref().ok_or_else(|| missing("the issuer of the JWT is the id of the key"))?;
    given.parse().map_err(|error: Error| error.in_option("--key-id"))
}

fn missing(reason: &str) -> Error {
    let hint = "pass the id with --key-id; `keywright show - --format id < PRIVATE.pem` prints it";
    Error::new(Code::Usage, format!("there is no key id, and {reason}"), hint)
}
