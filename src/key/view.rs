//! The public fields of a key: their names, and their values in a borrowed view.

use super::{
    Env, FieldValue, Fingerprint, Handover, Key, KeyId, KeyType, Lifecycle, Material, Note, Owner, RateLimit,
    RevocationReason, Time,
};
use std::{fmt, str::FromStr};

/// The public fields of a key, borrowed from a [`Key`] or directly from the store, so that a list of a million keys
/// allocates nothing per key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeyView<'a> {
    /// The id.
    pub id: KeyId,
    /// The name.
    pub name: &'a str,
    /// The type.
    pub key_type: KeyType,
    /// The environment in which the key is valid.
    pub env: Env,
    /// The public start of a token or of an `api_key`.
    pub prefix: Option<&'a str>,
    /// The owner.
    pub owner: Option<&'a str>,
    /// The scopes, space-delimited (RFC 6749, section 3.3).
    pub scopes: &'a str,
    /// The labels as a JSON object of strings.
    pub labels: &'a str,
    /// The note.
    pub note: Option<&'a str>,
    /// The most requests that the key may make.
    pub rate_limit: RateLimit,
    /// The networks from which the key may be used, space-delimited.
    pub allowed_ips: &'a str,
    /// The times at which the key begins and ends.
    pub lifecycle: Lifecycle,
    /// The note on the revocation; lists do not read it.
    pub revocation_note: Option<&'a str>,
    /// The `SubjectPublicKeyInfo` in DER (RFC 5280, section 4.1).
    pub spki: Option<&'a [u8]>,
    /// The SHA-256 of the SPKI.
    pub fingerprint: Option<Fingerprint>,
    /// The size of the public key in bits.
    pub bits: Option<u32>,
    /// The public half of a pair.
    pub api_key: Option<&'a str>,
    /// The predecessor.
    pub rotated_from: Option<KeyId>,
    /// The successor.
    pub rotated_to: Option<KeyId>,
    /// The key expires when its successor is first used; lists do not read it.
    pub retire_on_use: bool,
    /// The change to the predecessor once this key is activated; lists do not read it.
    pub handover: Option<Handover>,
}

impl KeyView<'_> {
    /// Returns the type in words, with the size of a key pair.
    #[must_use]
    pub fn kind(&self) -> String {
        match (self.bits, self.key_type.algorithm()) {
            (Some(bits), Some(algorithm)) => format!("{bits}-bit {} key", algorithm.name()),
            _ => self.key_type.word().to_owned(),
        }
    }
}

impl Key {
    /// Returns the public fields.
    #[must_use]
    pub fn view(&self) -> KeyView<'_> {
        let (spki, fingerprint, bits, prefix, api_key) = match &self.material {
            Material::KeyPair(public) => {
                (Some(public.spki()), Some(*public.fingerprint()), Some(public.bits()), None, None)
            }
            Material::Token { prefix, .. } => (None, None, None, Some(prefix.as_str()), None),
            Material::Opaque { prefix, .. } => (None, None, None, prefix.as_deref(), None),
            Material::Pair { prefix, api_key, .. } => (None, None, None, Some(prefix.as_str()), Some(api_key.as_str())),
        };
        KeyView {
            id: self.id,
            name: self.description.name.as_str(),
            key_type: self.material.key_type(),
            env: self.description.env,
            prefix,
            owner: self.description.owner.as_ref().map(Owner::as_str),
            scopes: self.description.scopes.as_str(),
            labels: self.description.labels.as_json(),
            note: self.description.note.as_ref().map(Note::as_str),
            rate_limit: self.description.rate_limit,
            allowed_ips: self.description.allowed_ips.as_str(),
            lifecycle: self.lifecycle,
            revocation_note: self.revocation_note.as_ref().map(Note::as_str),
            spki,
            fingerprint,
            bits,
            api_key,
            rotated_from: self.rotation.from,
            rotated_to: self.rotation.to,
            retire_on_use: self.rotation.retire_on_use,
            handover: self.rotation.handover,
        }
    }
}

/// A key as users see it: its fields, the organization of its keyring, and its status at a time.
#[derive(Clone, Copy)]
pub struct KeyDocument<'a> {
    /// The fields.
    pub view: &'a KeyView<'a>,
    /// The id of the organization that the keyring belongs to, in hyphenated text.
    pub org_id: &'a str,
    /// The time for which the status is given.
    pub now: Time,
}

/// Declares the fields: the name in JSON, the label for people, and the value.
macro_rules! fields {
    (|$document:ident| $($(#[$doc:meta])* $field:ident $word:literal $label:literal = $value:expr;)+) => {
        /// A field of a key, as JSON, CSV, the audit log, exports and contract rules name it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Field {
            $($(#[$doc])* $field,)+
        }

        impl Field {
            /// Every field, in the order of the JSON object; the fields that only the audit log has come last.
            pub const ALL: &[Self] = &[$(Self::$field,)+];

            /// Returns the name of the field in JSON.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$field => $word,)+
                }
            }

            /// Returns the name of the field in text for people.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$field => $label,)+
                }
            }

            /// Returns the beginning of a member of a JSON object: the name in quotes and a colon.
            pub(super) const fn member(self) -> &'static [u8] {
                match self {
                    $(Self::$field => concat!("\"", $word, "\":").as_bytes(),)+
                }
            }
        }

        impl<'a> KeyDocument<'a> {
            /// Returns the value of a field.
            #[must_use]
            #[inline]
            pub fn value(&self, field: Field) -> FieldValue<'a> {
                let $document = self;
                match field {
                    $(Field::$field => $value.into(),)+
                }
            }
        }
    };
}

fields! { |key|
    /// The id.
    Id "api_key_id" "id" = key.view.id;
    /// The id of the organization that the keyring belongs to.
    OrgId "org_id" "org" = key.org_id;
    /// The name.
    Name "name" "name" = key.view.name;
    /// The type.
    Type "type" "type" = key.view.key_type.word();
    /// The environment.
    Env "env" "env" = key.view.env.word();
    /// The public start of a token or of an `api_key`.
    Prefix "prefix" "prefix" = key.view.prefix;
    /// The owner.
    Owner "owner" "owner" = key.view.owner;
    /// The scopes.
    Scopes "scopes" "scopes" = FieldValue::Words(key.view.scopes);
    /// The status, which follows from the times.
    Status "status" "status" = key.view.lifecycle.status(key.now).word();
    /// The time at which the key was issued.
    CreatedAt "created_at" "created" = key.view.lifecycle.created;
    /// The time at which the delivery of the secret was confirmed.
    ActivatedAt "activated_at" "activated" = key.view.lifecycle.activated;
    /// The time from which on the key no longer authenticates.
    ExpiresAt "expires_at" "expires" = key.view.lifecycle.expires;
    /// The time of the latest use.
    LastUsedAt "last_used_at" "last used" = key.view.lifecycle.last_used;
    /// The time at which the key was disabled.
    DisabledAt "disabled_at" "disabled" = key.view.lifecycle.disabled;
    /// The time from which on the key is revoked.
    RevokedAt "revoked_at" "revoked" = key.view.lifecycle.revoked;
    /// The reason for the revocation.
    RevocationReason "revocation_reason" "reason" = key.view.lifecycle.reason.map(RevocationReason::word);
    /// The rate limit.
    RateLimit "rate_limit" "rate limit" = key.view.rate_limit;
    /// The networks from which the key may be used.
    AllowedIps "allowed_ips" "allowed IPs" = FieldValue::Words(key.view.allowed_ips);
    /// The SHA-256 of the public key.
    Fingerprint "fingerprint" "fingerprint" = key.view.fingerprint;
    /// The public key.
    PublicKey "public_key" "public key" = key.view.spki.map_or(FieldValue::Unset, FieldValue::Spki);
    /// The size of the public key in bits.
    KeyBits "key_bits" "key bits" = key.view.bits;
    /// The public half of a pair.
    ApiKey "api_key" "api_key" = key.view.api_key;
    /// The id of the predecessor.
    RotatedFrom "rotated_from" "rotated from" = key.view.rotated_from;
    /// The id of the successor.
    RotatedTo "rotated_to" "rotated to" = key.view.rotated_to;
    /// The labels.
    Labels "labels" "labels" = FieldValue::Labels(key.view.labels);
    /// The note.
    Note "note" "note" = key.view.note;
    // From here on, only the audit log has the fields; `KeyDocument::FIELDS` ends before them.
    /// The flag by which the key ends when its successor is first used.
    RetireOnUse "retire_on_use" "retire on use" =
        if key.view.retire_on_use { FieldValue::True } else { FieldValue::Unset };
    /// The change to the predecessor that activation of the key brings.
    Handover "handover" "handover" = key.view.handover;
    /// The note on the revocation.
    RevocationNote "revocation_note" "revocation note" = key.view.revocation_note;
}

impl Field {
    /// Returns `true` if the audit log does not have the field, because it follows from others or stands beside them.
    #[must_use]
    pub const fn is_derived(self) -> bool {
        matches!(self, Self::Id | Self::OrgId | Self::Status | Self::PublicKey)
    }
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

    #[test]
    fn every_word_parses_to_its_field() {
        for field in Field::ALL {
            assert_eq!(field.word().parse(), Ok(*field));
        }
        assert_eq!("--name".parse::<Field>(), Err(UnknownField));
    }
}
