//! JSON Web Keys (RFC 7517).

use super::ed25519::Ed25519PublicKey;
use super::refuse::{self, PrivateForm};
use super::rsa::RsaPublicKey;
use super::{Algorithm, KeyForm, PublicKey, SignatureAlgorithm, input};
use crate::error::{Error, Result};
use crate::strict_json::{Distinct, JsonProblem};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Map, Value};

/// The members of a JWK that contain private or symmetric keys (RFC 7518, sections 6.2.2, 6.3.2 and 6.4). `priv` is the
/// private member of the key type "AKP", which is used for post-quantum keys.
pub const PRIVATE_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// The name of a signature algorithm in a JWK (RFC 7517, section 4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwkAlgorithm {
    /// RSASSA-PSS with SHA-256 (RFC 7518, section 3.5).
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, section 3.3).
    Rs256,
    /// Ed25519, under the name in RFC 8037, section 3.1.
    EdDsa,
    /// Ed25519, under the name in RFC 9864, section 2.2.
    Ed25519,
}

impl JwkAlgorithm {
    /// All algorithms.
    pub const ALL: [Self; 4] = [Self::Ps256, Self::Rs256, Self::EdDsa, Self::Ed25519];

    /// Returns the algorithm with the given name, or `None` if there is no such algorithm. Case is significant (RFC 7515,
    /// section 4.1.1).
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.word() == word)
    }

    /// Returns the algorithm with which keys of the given algorithm sign unless another one is chosen.
    #[must_use]
    pub const fn default_of(keys: Algorithm) -> Self {
        match keys {
            Algorithm::Rsa => Self::Ps256,
            Algorithm::Ed25519 => Self::EdDsa,
        }
    }

    /// Returns the signature algorithm with this name.
    #[must_use]
    pub const fn signatures(self) -> SignatureAlgorithm {
        match self {
            Self::Ps256 => SignatureAlgorithm::RsaPssSha256,
            Self::Rs256 => SignatureAlgorithm::RsaPkcs1Sha256,
            Self::EdDsa | Self::Ed25519 => SignatureAlgorithm::Ed25519,
        }
    }

    /// Returns the name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
            Self::Ed25519 => "Ed25519",
        }
    }

    /// Returns `true` if two of the algorithms are for the same keys.
    #[must_use]
    pub fn any_for_same_keys(algorithms: &[Self]) -> bool {
        let same = |(at, one): (usize, &Self)| algorithms[..at].iter().any(|other| other.of_keys() == one.of_keys());
        algorithms.iter().enumerate().any(same)
    }

    /// Returns the algorithm of the keys that can make such signatures.
    #[must_use]
    pub const fn of_keys(self) -> Algorithm {
        self.signatures().of_keys()
    }
}

/// Reads the only public JWK in JSON text, either a single JWK or a JWK set (RFC 7517, section 5).
///
/// # Errors
/// - `private_key_given` if any JWK contains a private or symmetric key
/// - `unsupported_algorithm` if the JWK is for another algorithm than RSA and Ed25519
/// - `multiple_keys` if there is more than one JWK
/// - `trailing_data` if the JSON is followed by other data
/// - `public_key_missing` if the JSON contains no JWK
/// - `public_key_malformed` if the JSON or the JWK is invalid
pub(super) fn read(text: &str) -> Result<PublicKey> {
    let mut documents = Vec::new();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Distinct>();
    let (mut read_to, mut repeated) = (0, None);
    while let Some(value) = values.next() {
        match value {
            Ok(Distinct(value)) => documents.push(value),
            Err(error) => {
                repeated = Some(JsonProblem::of(&error)).filter(|problem| *problem != JsonProblem::Invalid);
                break;
            }
        }
        read_to = values.byte_offset();
    }
    let keys: Vec<&Map<String, Value>> = documents.iter().flat_map(keys_of).collect();
    if keys.iter().any(|key| PRIVATE_MEMBERS.iter().any(|member| key.contains_key(*member))) {
        return Err(PrivateForm::Jwk.given());
    }
    if let Some(problem) = repeated {
        return Err(malformed(&problem.describe("the JSON is invalid")));
    }
    if documents.is_empty() {
        return Err(malformed("the JSON is invalid"));
    }
    if !input::is_blank(text.get(read_to..).unwrap_or_default()) {
        return Err(refuse::trailing("there is text after the JSON"));
    }
    match keys.as_slice() {
        [] => Err(refuse::missing("the JSON contains no JWK")),
        [key] => from_members(key),
        several => Err(refuse::multiple(several.len())),
    }
}

/// Returns [`KeyForm::Private`] if at least one JWK in the text is a private or symmetric key, [`KeyForm::Public`] if
/// all are public, or `None` if the text is not a JSON document or contains no JWK.
pub(super) fn form(text: &str) -> Option<KeyForm> {
    let text = text.trim();
    let document: Value = text.starts_with(['{', '[']).then(|| serde_json::from_str(text).ok())??;
    let keys = keys_of(&document);
    let is_private = |key: &&Map<String, Value>| {
        PRIVATE_MEMBERS.iter().any(|member| key.contains_key(*member))
            || key.get("kty").and_then(Value::as_str) == Some("oct")
    };
    if keys.iter().any(is_private) {
        return Some(KeyForm::Private);
    }
    (!keys.is_empty()).then_some(KeyForm::Public)
}

/// Returns the JWKs in a JSON document: the objects in a JWK set, or the document itself if it is an object with the
/// member `kty` or `n`. Returns an empty vector for any other document.
fn keys_of(document: &Value) -> Vec<&Map<String, Value>> {
    let set = document.get("keys").and_then(Value::as_array);
    match set {
        Some(keys) => keys.iter().filter_map(Value::as_object).collect(),
        None => document
            .as_object()
            .filter(|members| members.contains_key("kty") || members.contains_key("n"))
            .into_iter()
            .collect(),
    }
}

fn from_members(key: &Map<String, Value>) -> Result<PublicKey> {
    let word = |member: &str| key.get(member).and_then(Value::as_str);
    match (word("kty"), word("crv").or(word("alg"))) {
        (Some("RSA"), _) => RsaPublicKey::from_jwk(key).map(PublicKey::from),
        (Some("OKP"), _) if !key.contains_key("crv") => {
            Err(malformed("the member `crv` is missing in the JWK, or is not a string"))
        }
        (Some("OKP"), Some("Ed25519")) if word("crv").is_some() => Ed25519PublicKey::from_jwk(key).map(PublicKey::from),
        (Some("oct"), _) => Err(PrivateForm::Jwk.given()),
        (Some(kty), Some(name)) => Err(refuse::algorithm(&refuse::sanitized(&format!("{kty} {name}")))),
        (Some(kty), None) => Err(refuse::algorithm(&refuse::sanitized(kty))),
        (None, _) => Err(malformed("the member `kty` is missing in the JWK, or is not a string")),
    }
}

/// Decodes the base64url in a member of a JWK (RFC 7515, section 2). Accepts padding, because some encoders add it.
///
/// # Errors
/// Returns `public_key_malformed` if the member is missing, is not a string, or is not base64url.
pub(super) fn octets(key: &Map<String, Value>, member: &str) -> Result<Vec<u8>> {
    let text = key.get(member).and_then(Value::as_str);
    let text =
        text.ok_or_else(|| malformed(&format!("the member `{member}` is missing in the JWK, or is not a string")))?;
    Base64UrlUnpadded::decode_vec(text.trim_end_matches('='))
        .map_err(|_| malformed(&format!("the member `{member}` in the JWK is not base64url")))
}

/// Returns the error for JSON or a JWK that cannot be decoded.
fn malformed(message: &str) -> Error {
    refuse::malformed(message)
        .with_hint("use a complete JWK: `kty`, `n` and `e` for RSA, or `kty`, `crv` and `x` for Ed25519")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn code(text: &str) -> Code {
        read(text).unwrap_err().code()
    }

    /// The example in RFC 7638, section 3.1, which is the only one in the RFC.
    const EXAMPLE: &str = r#"{
      "kty": "RSA",
      "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
      "e": "AQAB",
      "alg": "RS256",
      "kid": "2011-04-29"
     }"#;

    #[test]
    fn the_thumbprint_matches_the_example_of_the_rfc() {
        let key = read(EXAMPLE).unwrap();
        assert_eq!(key.jwk_thumbprint().to_string(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        // The RFC also lists these octets in decimal.
        let octets = [
            55, 54, 203, 177, 120, 124, 184, 48, 156, 119, 238, 140, 55, 5, 197, 225, 111, 251, 158, 133, 151, 21, 144,
            31, 30, 76, 89, 177, 17, 130, 245, 123,
        ];
        assert_eq!(key.jwk_thumbprint().as_bytes()[..], octets);
        // Leading zeros, padding and the order of the members do not change the thumbprint.
        let example: Value = serde_json::from_str(EXAMPLE).unwrap();
        let untidy = serde_json::json!({ "e": "AAEAAQ==", "n": example["n"], "kty": "RSA" }).to_string();
        assert_eq!(read(&untidy).unwrap().jwk_thumbprint(), key.jwk_thumbprint());
    }

    #[test]
    fn a_written_jwk_is_read_back_as_the_same_key() {
        let key = PublicKey::read(&crate::testing::key_file("rsa3072.spki.pem"), false).unwrap();
        let jwk = key.to_jwk(&[]);
        assert_eq!(read(&jwk).unwrap(), key);
        let members: Map<String, Value> = serde_json::from_str(&jwk).unwrap();
        assert_eq!(members.keys().collect::<Vec<_>>(), ["kty", "use", "kid", "n", "e"]);
        assert_eq!(members["use"], "sig");
        assert_eq!(members["kid"], key.jwk_thumbprint().to_string());
        assert_eq!(members["e"], "AQAB");
    }

    #[test]
    fn an_algorithm_is_stated_if_it_is_chosen_or_is_the_only_one() {
        use JwkAlgorithm::{Ed25519, EdDsa, Ps256, Rs256};
        let alg = |name: &str, chosen: &[JwkAlgorithm]| {
            let key = PublicKey::read(&crate::testing::key_file(name), false).unwrap();
            serde_json::from_str::<Value>(&key.to_jwk(chosen)).unwrap().get("alg").cloned()
        };
        for (name, chosen, expected) in [
            ("rsa2048.spki.pem", &[][..], None),
            ("rsa2048.spki.pem", &[Ed25519], None),
            ("rsa2048.spki.pem", &[Ed25519, Rs256], Some("RS256")),
            ("rsa2048.spki.pem", &[Ps256], Some("PS256")),
            ("pss-sha256.spki.pem", &[], Some("PS256")),
            ("pss-sha256.spki.pem", &[Rs256], Some("PS256")),
            ("ed25519.spki.pem", &[Rs256], Some("EdDSA")),
            ("ed25519.spki.pem", &[EdDsa], Some("EdDSA")),
            ("ed25519.spki.pem", &[Rs256, Ed25519], Some("Ed25519")),
        ] {
            assert_eq!(alg(name, chosen), expected.map(Value::from), "{name} {chosen:?}");
        }
    }

    #[test]
    fn only_padding_and_leading_zeros_are_tolerated_in_numbers() {
        let key = read(r#"{"kty":"RSA","n":"_-8","e":"AQAB"}"#).unwrap();
        assert_eq!(key, RsaPublicKey::from_numbers(&[0xff, 0xef], &[1, 0, 1]).unwrap().into());
        assert_eq!(read(r#"{"keys":[{"kty":"RSA","n":"AP_v","e":"AQAB=="}]}"#).unwrap(), key);
        assert_eq!(code(r#"{"kty":"RSA","n":"/+8","e":"AQAB"}"#), Code::PublicKeyMalformed);
        assert_eq!(code(r#"{"kty":"RSA","n":"AA","e":"AQAB"}"#), Code::PublicKeyMalformed);
        assert_eq!(code(r#"{"kty":"RSA","n":7,"e":"AQAB"}"#), Code::PublicKeyMalformed);
    }

    #[test]
    fn private_members_are_refused_in_every_key() {
        for member in PRIVATE_MEMBERS {
            let private = format!(r#"{{"kty":"RSA","{member}":1}}"#);
            assert_eq!(code(&private), Code::PrivateKeyGiven);
            assert_eq!(code(&format!(r#"{{"keys":[{{"kty":"RSA"}},{private}]}}"#)), Code::PrivateKeyGiven);
            assert_eq!(code(&format!(r#"{{"kty":"RSA"}} {private}"#)), Code::PrivateKeyGiven);
        }
        assert_eq!(code(r#"{"n":"AQ","d":"AQ"}"#), Code::PrivateKeyGiven);
        assert_eq!(code(r#"{"kty":"oct"}"#), Code::PrivateKeyGiven);
    }

    #[test]
    fn other_json_has_its_own_error_code() {
        assert_eq!(code(r#"{"kty":"OKP","crv":"Ed448","x":""}"#), Code::UnsupportedAlgorithm);
        assert_eq!(code(r#"{"kty":"OKP","crv":"Ed25519","x":""}"#), Code::PublicKeyMalformed);
        assert_eq!(code(r#"{"kty":"OKP","crv":"X25519","x":""}"#), Code::UnsupportedAlgorithm);
        let named = read(r#"{"kty":"EC","crv":"P-256"}"#).unwrap_err();
        assert_eq!(named.to_string(), "the key is for EC P-256, not RSA or Ed25519");
        assert_eq!(code(r#"{"kty":"AKP","alg":"ML-DSA-44"}"#), Code::UnsupportedAlgorithm);
        assert_eq!(code(r#"{"kty":1}"#), Code::PublicKeyMalformed);
        assert_eq!(code(r#"{"a":1}"#), Code::PublicKeyMissing);
        assert_eq!(code(r#"{"keys":[]}"#), Code::PublicKeyMissing);
        assert_eq!(code("[1]"), Code::PublicKeyMissing);
        assert_eq!(code(r#"{"kty":"RSA","#), Code::PublicKeyMalformed);
        assert_eq!(code(&"[".repeat(60_000)), Code::PublicKeyMalformed);
        assert_eq!(code(r#"{"kty":"RSA"}{"kty":"RSA"}"#), Code::MultipleKeys);
        assert_eq!(code(r#"{"kty":"RSA"} x"#), Code::TrailingData);
    }
}
