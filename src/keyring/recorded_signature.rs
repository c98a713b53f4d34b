//! Records of accepted signatures.

use crate::key::Time;

/// The record of an accepted signature of a request, or of an accepted assertion (see
/// [`Transaction::record_signature`](super::Transaction::record_signature)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedSignature {
    /// The digest that identifies the signature or the assertion.
    pub digest: [u8; 32],
    /// The timestamp of the request, or the expiry of the assertion, in milliseconds since 1970.
    pub timestamp: i64,
    /// The time until which the record is kept at least.
    pub until: Time,
}
