//! The fields of a key, by the names that users see.

use std::{fmt, str::FromStr};

/// Declares the fields with their words, in the order of the JSON object.
macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident = $word:literal,)+) => {
        /// A field of a key, as JSON, CSV, the audit log, exports and contract rules name it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Field {
            $($(#[$doc])* $field,)+
        }

        impl Field {
            /// Every field, in the order of the JSON object; the fields that only the audit log and exports have come last.
            pub const ALL: &[Self] = &[$(Self::$field,)+];

            /// Returns the name of the field in JSON.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$field => $word,)+
                }
            }
        }
    };
}

fields! {
    /// The id.
    Id = "api_key_id",
    /// The id of the organization that the keyring belongs to.
    OrgId = "org_id",
    /// The name.
    Name = "name",
    /// The type.
    Type = "type",
    /// The environment.
    Env = "env",
    /// The public start of a token or of an `api_key`.
    Prefix = "prefix",
    /// The owner.
    Owner = "owner",
    /// The scopes.
    Scopes = "scopes",
    /// The status, which follows from the times.
    Status = "status",
    /// The time at which the key was issued.
    CreatedAt = "created_at",
    /// The time at which the delivery of the secret was confirmed.
    ActivatedAt = "activated_at",
    /// The time from which on the key no longer authenticates.
    ExpiresAt = "expires_at",
    /// The time of the latest use.
    LastUsedAt = "last_used_at",
    /// The time at which the key was disabled.
    DisabledAt = "disabled_at",
    /// The time from which on the key is revoked.
    RevokedAt = "revoked_at",
    /// The reason for the revocation.
    RevocationReason = "revocation_reason",
    /// The rate limit.
    RateLimit = "rate_limit",
    /// The SHA-256 of the public key.
    Fingerprint = "fingerprint",
    /// The public key.
    PublicKey = "public_key",
    /// The size of the public key in bits.
    KeyBits = "key_bits",
    /// The public half of a pair.
    ApiKey = "api_key",
    /// The id of the predecessor.
    RotatedFrom = "rotated_from",
    /// The id of the successor.
    RotatedTo = "rotated_to",
    /// The labels.
    Labels = "labels",
    /// The note.
    Note = "note",
    /// The note on the revocation.
    RevocationNote = "revocation_note",
    /// The flag by which the key ends when its successor is first used.
    RetireOnUse = "retire_on_use",
    /// The change to the predecessor that activation of the key brings.
    Handover = "handover",
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The error for a word that names no field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownField;

impl FromStr for Field {
    type Err = UnknownField;

    fn from_str(word: &str) -> Result<Self, UnknownField> {
        Self::ALL.iter().find(|field| field.word() == word).copied().ok_or(UnknownField)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Document;

    #[test]
    fn every_word_parses_to_its_field() {
        for field in Field::ALL {
            assert_eq!(field.word().parse(), Ok(*field));
        }
        assert_eq!("--name".parse::<Field>(), Err(UnknownField));
    }

    #[test]
    fn the_json_object_has_the_first_fields() {
        let words: Vec<_> = Field::ALL.iter().map(|field| field.word()).collect();
        assert_eq!(words[..Document::FIELDS.len()], Document::FIELDS);
    }
}
