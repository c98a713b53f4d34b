//! JSON Web Keys for RSA (RFC 7518, section 6.3).

use super::super::JwkThumbprint;
use super::super::jwk::{JwkAlgorithm, octets};
use super::RsaPublicKey;
use crate::error::Result;
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Map, Value};

impl RsaPublicKey {
    /// Returns the key as a JWK for signatures. `kid` is the JWK thumbprint. `alg` is the given algorithm, or `PS256`
    /// (RFC 7518, section 3.5) for a key that is restricted to it.
    pub(in crate::keypair) fn to_jwk(&self, algorithm: Option<JwkAlgorithm>) -> String {
        let [e, n] = [self.exponent(), self.modulus()].map(Base64UrlUnpadded::encode_string);
        let kid = self.jwk_thumbprint();
        let algorithm = if self.usage().is_pss_only() { Some(JwkAlgorithm::Ps256) } else { algorithm };
        let alg = algorithm.map(|algorithm| format!(r#""alg":"{}","#, algorithm.word())).unwrap_or_default();
        format!(r#"{{"kty":"RSA","use":"sig",{alg}"kid":"{kid}","n":"{n}","e":"{e}"}}"#)
    }

    /// Returns the JWK thumbprint (RFC 7638, section 3.2).
    pub(in crate::keypair) fn jwk_thumbprint(&self) -> JwkThumbprint {
        let [e, n] = [self.exponent(), self.modulus()].map(Base64UrlUnpadded::encode_string);
        JwkThumbprint::of_members(&format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#))
    }

    /// Reads the members `n` and `e` of a JWK (RFC 7518, section 6.3.1). Accepts leading zeros in the numbers, because some
    /// encoders add them.
    ///
    /// # Errors
    /// Returns `public_key_malformed` if a member is missing or invalid, or if a number is zero.
    pub(in crate::keypair) fn from_jwk(members: &Map<String, Value>) -> Result<Self> {
        Self::from_numbers(&octets(members, "n")?, &octets(members, "e")?)
    }
}
