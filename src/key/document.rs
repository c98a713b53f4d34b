//! The key as JSON: the one shape in which a key leaves the program, in answers and in audit rows.

use super::{Facts, KeyId, RateLimit, Time};
use base64ct::{Base64, Encoding};
use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeSeq, SerializeStruct},
};

/// The `SubjectPublicKeyInfo` as PEM (RFC 7468, section 13): 64 columns, line feeds, one at the end.
#[must_use]
pub fn spki_pem(der: &[u8]) -> String {
    // 48 bytes are one line of 64 digits.
    let mut pem = String::with_capacity(54 + der.len().div_ceil(48) * 65);
    pem.push_str("-----BEGIN PUBLIC KEY-----\n");
    let mut line = [0; 64];
    for chunk in der.chunks(48) {
        // A buffer of 64 always holds the digits of 48 bytes.
        pem.push_str(Base64::encode(chunk, &mut line).unwrap_or_default());
        pem.push('\n');
    }
    pem.push_str("-----END PUBLIC KEY-----\n");
    pem
}

/// A key as JSON, always with all fields, `null` when unset. Serialize it with a JSON serializer only: labels are kept
/// as JSON and passed through.
#[derive(Clone, Copy)]
pub struct Document<'a> {
    /// What is shown.
    pub facts: &'a Facts<'a>,
    /// The organisation that the keyring belongs to, in hyphenated text.
    pub org_id: &'a str,
    /// The time that the status is for.
    pub now: Time,
}

impl Document<'_> {
    /// The names of the fields, in order.
    pub const FIELDS: [&'static str; 25] = [
        "api_key_id",
        "org_id",
        "name",
        "type",
        "env",
        "prefix",
        "owner",
        "scopes",
        "status",
        "created_at",
        "activated_at",
        "expires_at",
        "last_used_at",
        "disabled_at",
        "revoked_at",
        "revocation_reason",
        "rate_limit",
        "fingerprint",
        "public_key",
        "key_bits",
        "api_key",
        "rotated_from",
        "rotated_to",
        "labels",
        "note",
    ];
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Facts { lifecycle: life, .. } = self.facts;
        let facts = self.facts;
        let labels: &serde_json::value::RawValue = serde_json::from_str(facts.labels).map_err(S::Error::custom)?;
        let mut fields = serializer.serialize_struct("key", Self::FIELDS.len())?;
        fields.serialize_field("api_key_id", &Id(facts.id))?;
        fields.serialize_field("org_id", self.org_id)?;
        fields.serialize_field("name", facts.name)?;
        fields.serialize_field("type", facts.key_type.word())?;
        fields.serialize_field("env", facts.env.word())?;
        fields.serialize_field("prefix", &facts.prefix)?;
        fields.serialize_field("owner", &facts.owner)?;
        fields.serialize_field("scopes", &Words(facts.scopes))?;
        fields.serialize_field("status", life.status(self.now).word())?;
        fields.serialize_field("created_at", &life.created)?;
        fields.serialize_field("activated_at", &life.activated)?;
        fields.serialize_field("expires_at", &life.expires)?;
        fields.serialize_field("last_used_at", &life.last_used)?;
        fields.serialize_field("disabled_at", &life.disabled)?;
        fields.serialize_field("revoked_at", &life.revoked)?;
        fields.serialize_field("revocation_reason", &life.reason.map(super::RevocationReason::word))?;
        fields.serialize_field("rate_limit", &facts.rate_limit)?;
        fields.serialize_field("fingerprint", &facts.fingerprint.map(|f| f.to_string()))?;
        fields.serialize_field("public_key", &facts.spki.map(spki_pem))?;
        fields.serialize_field("key_bits", &facts.bits)?;
        fields.serialize_field("api_key", &facts.api_key)?;
        fields.serialize_field("rotated_from", &facts.rotated_from.map(Id))?;
        fields.serialize_field("rotated_to", &facts.rotated_to.map(Id))?;
        fields.serialize_field("labels", labels)?;
        fields.serialize_field("note", &facts.note)?;
        fields.end()
    }
}

struct Id(KeyId);

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.encode(&mut [0; 36]))
    }
}

struct Words<'a>(&'a str);

impl Serialize for Words<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut words = serializer.serialize_seq(None)?;
        for word in self.0.split(' ').filter(|word| !word.is_empty()) {
            words.serialize_element(word)?;
        }
        words.end()
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(str::from_utf8(&self.encode()).map_err(S::Error::custom)?)
    }
}

impl Serialize for RateLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("rate_limit", 3)?;
        fields.serialize_field("requests_per_minute", &self.minute)?;
        fields.serialize_field("requests_per_hour", &self.hour)?;
        fields.serialize_field("requests_per_day", &self.day)?;
        fields.end()
    }
}
