//! The header of an assertion (RFC 7515, section 4).

use super::AssertionFlaw;
use crate::{key::excerpt, keypair::JwkAlgorithm, proof::VerdictCode};
use serde_json::{Map, Value};

/// The parameters that are refused: those that name or contain a key, those that must be understood, and those of nested,
/// unencoded and compressed contents (RFC 7515, sections 4.1.2 to 4.1.8, 4.1.10 and 4.1.11; RFC 7797, section 3; RFC 7516,
/// sections 4.1.2 and 4.1.3).
const REFUSED: [&str; 11] = ["jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256", "crit", "b64", "zip", "cty", "enc"];

/// The accepted values of `typ`, without regard to case: those of RFC 7519, section 5.1, and of the update of RFC 7523.
const TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];

/// The checked header of an assertion.
pub(super) struct Header {
    pub(super) algorithm: JwkAlgorithm,
    /// The id or the JWK thumbprint of the key, according to the signer.
    pub(super) kid: Option<String>,
}

impl Header {
    /// Checks the parameters. A parameter that is not known is ignored, as RFC 7515, section 4, requires.
    pub(super) fn read(members: &Map<String, Value>) -> Result<Self, AssertionFlaw> {
        let algorithm = match members.get("alg") {
            Some(Value::String(name)) => JwkAlgorithm::from_word(name).ok_or_else(|| refused(name))?,
            Some(_) => return Err(algorithm("the `alg` of the assertion is not a string")),
            None => return Err(algorithm("the header of the assertion has no `alg`")),
        };
        if let Some(name) = REFUSED.into_iter().find(|name| members.contains_key(*name)) {
            return Err(header(format!("the header of the assertion contains `{name}`, which is not accepted")));
        }
        match members.get("typ") {
            None => {}
            Some(Value::String(typ)) if TYPES.iter().any(|known| known.eq_ignore_ascii_case(typ)) => {}
            Some(_) => return Err(header("the `typ` of the assertion is neither JWT nor client-authentication+jwt")),
        }
        let kid = match members.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.clone()),
            Some(_) => return Err(header("the `kid` of the assertion is not a string")),
        };
        Ok(Self { algorithm, kid })
    }
}

fn header(message: impl Into<std::borrow::Cow<'static, str>>) -> AssertionFlaw {
    AssertionFlaw::new(VerdictCode::AssertionHeader, message)
}

fn algorithm(message: impl Into<std::borrow::Cow<'static, str>>) -> AssertionFlaw {
    AssertionFlaw::new(VerdictCode::AssertionAlgorithm, message)
}

/// Returns the flaw of an algorithm that is not accepted.
fn refused(name: &str) -> AssertionFlaw {
    let accepted = JwkAlgorithm::ALL.map(JwkAlgorithm::word).join(", ");
    let why = match name {
        _ if name.eq_ignore_ascii_case("none") => "an assertion without a signature proves nothing".to_owned(),
        "HS256" | "HS384" | "HS512" => format!("the keyring has no secret for HMAC; sign with {accepted}"),
        _ => format!("the accepted algorithms are {accepted}"),
    };
    algorithm(format!("the algorithm `{}` is not accepted: {why}", excerpt(name)))
}
