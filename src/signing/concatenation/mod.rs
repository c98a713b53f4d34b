//! The family of schemes in which the signed message is a concatenation of parts of the request, and the key, the time
//! and the signature are sent in headers or query parameters.
//!
//! Only asymmetric algorithms are supported. To verify an HMAC, the service must hold the secret itself, and a keyring
//! holds no secrets.

mod ambiguity;
mod bytes;
mod carrier;
mod explain;
mod part;
mod present;
mod sign;
mod validate;

pub use ambiguity::Confusion;
pub use carrier::{Carrier, Carriers};
pub use explain::{Variant, Variants, explain_method};
pub use part::MessagePart;
pub use present::SentParts;

use crate::{
    key::{Period, Verbatim},
    keypair::SignatureAlgorithm,
};
use serde::{Deserialize, Serialize};

/// A scheme in which the signed message is a concatenation of parts of the request.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concatenation {
    /// The parts of the message, in order.
    pub message: Vec<Verbatim<MessagePart>>,
    /// The unit of the timestamp.
    #[serde(default)]
    pub timestamp: TimestampUnit,
    /// The places of the key id, the timestamp and the signature in the request.
    pub headers: Carriers,
    /// The encoding of the signature.
    #[serde(default)]
    pub encoding: SignatureEncoding,
    /// The accepted algorithms. A key signs with the first one that fits its type.
    pub algorithms: Vec<Verbatim<SignatureAlgorithm>>,
    /// The maximum difference between the timestamp and the current time.
    #[serde(default = "super::default_skew")]
    pub max_skew: Verbatim<Period>,
    /// `true` if the contract accepts that parts of the message can be confused with their neighbors.
    #[serde(default)]
    pub ambiguous: bool,
}

/// The unit of a timestamp, which counts from 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimestampUnit {
    /// Seconds, written with 10 digits.
    Seconds,
    /// Milliseconds, written with 13 digits.
    #[default]
    Milliseconds,
}

/// The encoding of a signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignatureEncoding {
    /// Standard base64 with padding (RFC 4648, section 4).
    #[default]
    Base64,
    /// URL-safe base64 without padding (RFC 4648, section 5).
    Base64url,
    /// Hexadecimal digits (RFC 4648, section 8). They are written in lowercase and accepted in either case.
    Hex,
}

impl Concatenation {
    /// Returns the boundaries of the message that can be moved without changing the message.
    #[must_use]
    pub fn confusions(&self) -> Vec<Confusion<'_>> {
        ambiguity::confusions(&self.parts().collect::<Vec<_>>())
    }

    fn parts(&self) -> impl Iterator<Item = &MessagePart> {
        self.message.iter().map(Verbatim::value)
    }

    fn has(&self, part: &MessagePart) -> bool {
        self.parts().any(|known| known == part)
    }

    /// Returns `true` if the message contains the query.
    #[must_use]
    pub fn covers_query(&self) -> bool {
        self.has(&MessagePart::Query) || self.has(&MessagePart::Params)
    }

    /// Returns `true` if the message contains the body or its digest.
    #[must_use]
    pub fn covers_body(&self) -> bool {
        self.has(&MessagePart::Body) || self.has(&MessagePart::BodySha256)
    }
}

#[cfg(test)]
mod tests;
