//! Signing a JWT that proves possession of a key (RFC 7523, section 3).

use super::{key_id::issuer, signing_key};
use crate::{
    cli::Sign,
    error::{Code, Error, Exit, Result},
    key::{Audience, Period, Secret, Time},
    keypair::JwkAlgorithm,
    output::{self, Console, RequestForm},
    proof::{NewAssertion, sign_assertion},
    signing::request::Timestamp,
};
use zeroize::Zeroizing;

/// The default lifetime of a JWT in seconds, which is the longest that `exchange` accepts.
const LIFETIME: u32 = 300;

pub(super) fn run(args: &Sign, audience: &Audience, timestamp: Timestamp, console: Console) -> Result<Exit> {
    let form = args.format.request()?;
    if form == RequestForm::Curl {
        let hint = "omit --format to print the JWT, or use --format json for the parameters of a token request";
        return Err(Error::new(Code::Usage, "--format curl is not for --scheme jwt", hint));
    }
    let key = issuer(args)?;
    let issued = Time::from_seconds(timestamp.millis() / 1000);
    let ttl = args.ttl.unwrap_or_else(|| Period::of_seconds(LIFETIME));
    let expires = ttl.after(issued).map_err(|error| error.in_option("--ttl"))?;
    if expires.seconds() - issued.seconds() > i64::from(LIFETIME) {
        console.warn("`keywright exchange` accepts a JWT only if it lives for at most 5 minutes");
    }
    let pair = signing_key(args, console)?;
    let algorithm = args.algorithm.unwrap_or_else(|| JwkAlgorithm::default_of(pair.algorithm()));
    if algorithm.of_keys() != pair.algorithm() {
        let message =
            format!("the key is for {}, so it cannot sign with {}", pair.algorithm().name(), algorithm.word());
        let fitting = JwkAlgorithm::default_of(pair.algorithm()).word();
        let hint = format!("omit --alg, or pass an algorithm for this key, such as {fitting}");
        return Err(Error::new(Code::InvalidSecret, message, hint).in_option("--alg"));
    }
    let jwt = sign_assertion(&pair, algorithm, &NewAssertion { key, audience, issued, expires })?;
    output::write(&document(&jwt, form))?;
    Ok(Exit::Done)
}

/// Returns the JWT on a line of its own, or the parameters of a token request (RFC 7523, section 2.2) as JSON.
fn document(jwt: &Secret, form: RequestForm) -> Zeroizing<Vec<u8>> {
    let (start, end): (&[u8], &[u8]) = match form {
        RequestForm::Json => (
            br#"{"client_assertion_type":"urn:ietf:params:oauth:client-assertion-type:jwt-bearer","client_assertion":""#,
            b"\"}\n",
        ),
        RequestForm::Headers | RequestForm::Curl => (b"", b"\n"),
    };
    let mut text = Zeroizing::new(Vec::with_capacity(start.len() + jwt.expose().len() + end.len()));
    for part in [start, jwt.expose(), end] {
        text.extend_from_slice(part);
    }
    text
}
