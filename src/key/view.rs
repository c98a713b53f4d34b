//! The names of the public fields of a key, and a borrowed view of their values.

use super::{
    Env, FieldValue, Fingerprint, Handover, Key, KeyId, KeyType, Lifecycle, Material, Note, Owner, RateLimit,
    RevocationReason, ScopeSet, Time,
};
use std::{fmt, str::FromStr};

/// A view of the public fields of a key, in which an optional field is `None` if the key has no value for the field.
/// The fields are borrowed from a [`Key`] or directly from a row of the keyring, so that listing a million keys does
/// not allocate memory for each key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeyView<'a> {
    /// The id of the key.
    pub id: KeyId,
    /// The name of the key.
    pub name: &'a str,
    /// The type of the key.
    pub key_type: KeyType,
    /// The environment in which the key is valid.
    pub env: Env,
    /// The public prefix of a token or of an `api_key`.
    pub prefix: Option<&'a str>,
    /// The owner of the key.
    pub owner: Option<&'a str>,
    /// The scopes.
    pub scopes: ScopeSet<'a>,
    /// The labels, as the text of a JSON object of strings.
    pub labels: &'a str,
    /// The note about the key.
    pub note: Option<&'a str>,
    /// The maximum number of requests per minute, hour and day.
    pub rate_limit: RateLimit,
    /// The networks from which the key may be used, separated by spaces.
    pub allowed_ips: &'a str,
    /// The times that determine the status of the key.
    pub lifecycle: Lifecycle,
    /// The note that was given when the key was revoked. Always `None` in lists.
    pub revocation_note: Option<&'a str>,
    /// The public key as a DER-encoded `SubjectPublicKeyInfo` (RFC 5280, section 4.1).
    pub spki: Option<&'a [u8]>,
    /// The SHA-256 hash of the `SubjectPublicKeyInfo`.
    pub fingerprint: Option<Fingerprint>,
    /// The size of the public key in bits.
    pub bits: Option<u32>,
    /// The public `api_key` of a pair.
    pub api_key: Option<&'a str>,
    /// The id of the predecessor.
    pub rotated_from: Option<KeyId>,
    /// The id of the successor.
    pub rotated_to: Option<KeyId>,
    /// `true` if the key expires when its successor is first used. Always `false` in lists.
    pub retire_on_use: bool,
    /// The change that the activation of this key applies to the predecessor. Always `None` in lists.
    pub handover: Option<Handover>,
}

impl KeyView<'_> {
    /// Returns a description of the type of the key for messages. The description of a key pair includes the size and
    /// the algorithm, as in `2048-bit RSA key`.
    #[must_use]
    pub fn kind(&self) -> String {
        match (self.bits, self.key_type.algorithm()) {
            (Some(bits), Some(algorithm)) => format!("{bits}-bit {} key", algorithm.name()),
            _ => self.key_type.word().to_owned(),
        }
    }

    /// Returns the fields whose values differ between two versions of a key. Fields that are derived from other fields
    /// are left out.
    pub fn differences<'a>(&'a self, other: &'a KeyView<'a>) -> impl Iterator<Item = Field> + 'a {
        // The organization and the time do not matter, because only derived fields depend on them.
        let [one, other] = [self, other].map(|view| KeyDocument { view, org_id: "", now: Time::LAST });
        let differs = move |field: &Field| !field.is_derived() && one.value(*field) != other.value(*field);
        Field::ALL.iter().copied().filter(differs)
    }
}

impl Key {
    /// Returns a view of the public fields.
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
            scopes: self.description.scopes.as_set(),
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

/// A key as displayed to users: its fields, the organization of its keyring, and its status at a point in time.
#[derive(Clone, Copy)]
pub struct KeyDocument<'a> {
    /// The fields of the key.
    pub view: &'a KeyView<'a>,
    /// The id of the organization that the keyring belongs to, in hyphenated text.
    pub org_id: &'a str,
    /// The time at which the status is determined.
    pub now: Time,
}

/// Declares the fields, each with its name in JSON, its label in text output, and its value.
macro_rules! fields {
    (|$document:ident| $($(#[$doc:meta])* $field:ident $word:literal $label:literal = $value:expr;)+) => {
        /// A field of a key. JSON, CSV, the audit log, exports and contract rules use the same fields.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Field {
            $($(#[$doc])* $field,)+
        }

        impl Field {
            /// Every field, in the order of the JSON object. The fields that only the audit log contains come last.
            pub const ALL: &[Self] = &[$(Self::$field,)+];

            /// Returns the name of the field in JSON.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$field => $word,)+
                }
            }

            /// Returns the label of the field in text output.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$field => $label,)+
                }
            }

            /// Returns the start of the field's member in a JSON object: the quoted name and a colon.
            pub(super) const fn member(self) -> &'static [u8] {
                match self {
                    $(Self::$field => concat!("\"", $word, "\":").as_bytes(),)+
                }
            }
        }

        impl<'a> KeyDocument<'a> {
            /// Returns the value of the given field.
            #[must_use]
            #[inline]
            pub fn value(&self, field: Field) -> FieldValue<'a> {
                let $document = self;
                match field {
                    $(Field::$field => $value.into(),)+
                }
            }

            /// Passes the value of each field in [`KeyDocument::FIELDS`] as plain text to `visit`, in order. The macro
            /// repeats the code for every field instead of using a loop, as in `write_members`.
            #[inline]
            pub fn for_each_text(&self, mut visit: impl FnMut(&str)) {
                let $document = self;
                $(if (Field::$field as usize) < Self::FIELDS.len() {
                    FieldValue::from($value).visit_text(&mut visit);
                })+
            }

            /// Appends a member for each field in [`KeyDocument::FIELDS`], each followed by a comma. The macro repeats
            /// the code for every field instead of using a loop, so that the compiler knows the kind of each value.
            #[inline]
            pub(super) fn write_members(&self, out: &mut Vec<u8>) {
                let $document = self;
                $(if (Field::$field as usize) < Self::FIELDS.len() {
                    out.extend_from_slice(concat!("\"", $word, "\":").as_bytes());
                    FieldValue::from($value).write_json(out);
                    out.push(b',');
                })+
            }
        }
    };
}

fields! { |key|
    /// The id of the key.
    Id "api_key_id" "id" = key.view.id;
    /// The id of the organization that the keyring belongs to.
    OrgId "org_id" "org" = key.org_id;
    /// The name of the key.
    Name "name" "name" = key.view.name;
    /// The type of the key.
    Type "type" "type" = key.view.key_type.word();
    /// The environment in which the key is valid.
    Env "env" "env" = key.view.env.word();
    /// The public prefix of a token or of an `api_key`.
    Prefix "prefix" "prefix" = key.view.prefix;
    /// The owner of the key.
    Owner "owner" "owner" = key.view.owner;
    /// The scopes that the key grants.
    Scopes "scopes" "scopes" = FieldValue::Words(key.view.scopes.text);
    /// The flag that makes each `*` that is a whole segment of a scope a wildcard.
    ScopeWildcards "scope_wildcards" "scope wildcards" =
        if key.view.scopes.wildcards { FieldValue::True } else { FieldValue::Unset };
    /// The status, which is derived from the lifecycle.
    Status "status" "status" = key.view.lifecycle.status(key.now).word();
    /// The time at which the key was issued.
    CreatedAt "created_at" "created" = key.view.lifecycle.created;
    /// The time at which the delivery of the secret was confirmed.
    ActivatedAt "activated_at" "activated" = key.view.lifecycle.activated;
    /// The time at which the key expires.
    ExpiresAt "expires_at" "expires" = key.view.lifecycle.expires;
    /// The time of the latest use.
    LastUsedAt "last_used_at" "last used" = key.view.lifecycle.last_used;
    /// The time at which the key becomes disabled.
    DisabledAt "disabled_at" "disabled" = key.view.lifecycle.disabled;
    /// The time at which the revocation takes effect.
    RevokedAt "revoked_at" "revoked" = key.view.lifecycle.revoked;
    /// The reason for the revocation.
    RevocationReason "revocation_reason" "reason" = key.view.lifecycle.reason.map(RevocationReason::word);
    /// The maximum number of requests per minute, hour and day.
    RateLimit "rate_limit" "rate limit" = key.view.rate_limit;
    /// The networks from which the key may be used.
    AllowedIps "allowed_ips" "allowed IPs" = FieldValue::Words(key.view.allowed_ips);
    /// The SHA-256 hash of the `SubjectPublicKeyInfo` of the public key.
    Fingerprint "fingerprint" "fingerprint" = key.view.fingerprint;
    /// The public key of a key pair.
    PublicKey "public_key" "public key" = key.view.spki.map_or(FieldValue::Unset, FieldValue::Spki);
    /// The size of the public key in bits.
    KeyBits "key_bits" "key bits" = key.view.bits;
    /// The public `api_key` of a pair.
    ApiKey "api_key" "api_key" = key.view.api_key;
    /// The id of the predecessor.
    RotatedFrom "rotated_from" "rotated from" = key.view.rotated_from;
    /// The id of the successor.
    RotatedTo "rotated_to" "rotated to" = key.view.rotated_to;
    /// The labels of the key.
    Labels "labels" "labels" = FieldValue::Labels(key.view.labels);
    /// The note about the key.
    Note "note" "note" = key.view.note;
    // Only the audit log contains the fields below; `KeyDocument::FIELDS` ends before them.
    /// The flag that makes the key expire when its successor is first used.
    RetireOnUse "retire_on_use" "retire on use" =
        if key.view.retire_on_use { FieldValue::True } else { FieldValue::Unset };
    /// The change that the activation of this key applies to the predecessor.
    Handover "handover" "handover" = key.view.handover;
    /// The note that was given when the key was revoked.
    RevocationNote "revocation_note" "revocation note" = key.view.revocation_note;
}

impl Field {
    /// Returns `true` if the facts of an audit row omit the field, because other fields, the row or the keyring
    /// determine its value.
    #[must_use]
    pub const fn is_derived(self) -> bool {
        matches!(self, Self::Id | Self::OrgId | Self::Status | Self::PublicKey)
    }

    /// Returns `true` if the value of the field is a list, which JSON represents as an array.
    #[must_use]
    pub const fn is_list(self) -> bool {
        matches!(self, Self::Scopes | Self::AllowedIps)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The error returned when a word is not the name of a field.
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
