//! Signing assertions.

use crate::{
    error::{Code, Error, Result},
    key::{Audience, KeyId, Secret, Time},
    keypair::{JwkAlgorithm, KeyPair},
    signing::random_text,
};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::json;
use zeroize::Zeroizing;

/// The claims of an assertion to sign, apart from its random `jti`.
#[derive(Clone, Copy, Debug)]
pub struct NewAssertion<'a> {
    /// The id of the key at the service, which becomes `iss` and `sub`.
    pub key: KeyId,
    /// The audience, which becomes `aud`.
    pub audience: &'a Audience,
    /// The time of issue, which becomes `iat`.
    pub issued: Time,
    /// The time of expiry, which becomes `exp`.
    pub expires: Time,
}

/// Signs an assertion, and returns the JWT in the compact form (RFC 7515, section 7.1). The header names the
/// algorithm as it is given. `kid` is the JWK thumbprint of the key, so that readers find the key in an exported JWK set.
///
/// # Errors
/// - `invalid_time` if the assertion would expire at or before its time of issue
/// - `invalid_secret` if the key cannot sign with the algorithm
/// - `system_limit` if the operating system provides no random bytes
/// - `internal` if the computation fails
pub fn sign_assertion(pair: &KeyPair, algorithm: JwkAlgorithm, new: &NewAssertion<'_>) -> Result<Secret> {
    let NewAssertion { key, audience, issued, expires } = new;
    if expires <= issued {
        let message = "the assertion would expire when it is issued";
        return Err(Error::new(Code::InvalidTime, message, "choose a lifetime from 1s to 5m"));
    }
    let id = key.to_string();
    let header = json!({ "alg": algorithm.word(), "typ": "JWT", "kid": pair.public()?.jwk_thumbprint().to_string() });
    let claims = json!({
        "iss": id,
        "sub": id,
        "aud": audience.as_str(),
        "iat": issued.seconds(),
        "exp": expires.seconds(),
        "jti": random_text()?,
    });
    let [header, claims] = [header, claims].map(|part| Base64UrlUnpadded::encode_string(part.to_string().as_bytes()));
    let signed = format!("{header}.{claims}");
    let signature = Base64UrlUnpadded::encode_string(&pair.sign(algorithm.signatures(), signed.as_bytes())?);
    let mut text = Zeroizing::new(Vec::with_capacity(signed.len() + 1 + signature.len()));
    text.extend_from_slice(signed.as_bytes());
    text.push(b'.');
    text.extend_from_slice(signature.as_bytes());
    Ok(Secret::new(text))
}
