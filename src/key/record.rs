//! The record of a key: public facts, never a secret.

use super::{
    Env, Fingerprint, Handover, KeyId, Labels, Lifecycle, Name, Note, Owner, RateLimit, RevocationReason, Scopes,
    SecretHash, Time,
};
use crate::error::{Code, Error, Result};
use std::{fmt, str::FromStr};

/// The kinds of key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// An RSA key pair (RFC 8017); the public half is stored.
    #[default]
    Rsa,
    /// One secret string; its hash is stored.
    Token,
    /// A public `api_key` with an `api_secret`; the secret's hash is stored.
    Pair,
}

impl KeyType {
    /// Every type.
    pub const ALL: [Self; 3] = [Self::Rsa, Self::Token, Self::Pair];

    /// The word that users see.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Token => "token",
            Self::Pair => "pair",
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for KeyType {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|key_type| key_type.word() == word);
        found.ok_or_else(|| Error::new(Code::Usage, "that is not a type", "choose one of rsa, token, pair"))
    }
}

/// What a key is recognised by.
#[derive(Clone, Debug)]
pub enum Material {
    /// An RSA public key.
    Rsa {
        /// The `SubjectPublicKeyInfo` in DER (RFC 5280, section 4.1).
        spki: Vec<u8>,
        /// SHA-256 of the SPKI.
        fingerprint: Fingerprint,
        /// SHA-256 of the modulus, which is the same for every encoding of a key.
        modulus: [u8; 32],
        /// Length of the modulus in bits.
        bits: u32,
    },
    /// A token.
    Token {
        /// The start of the token that may be shown.
        prefix: String,
        /// SHA-256 of the token.
        hash: SecretHash,
    },
    /// A token that another system made: it does not carry its key's id, and is found by its hash.
    Opaque {
        /// Its public start, where it has one.
        prefix: Option<String>,
        /// SHA-256 of the token.
        hash: SecretHash,
    },
    /// A pair.
    Pair {
        /// The start of the `api_key`, for tables and logs.
        prefix: String,
        /// The public half.
        api_key: String,
        /// SHA-256 of the `api_secret`.
        hash: SecretHash,
    },
}

impl Material {
    /// The hash of the secret, where that is a string.
    #[must_use]
    pub const fn secret_hash(&self) -> Option<&SecretHash> {
        match self {
            Self::Rsa { .. } => None,
            Self::Token { hash, .. } | Self::Opaque { hash, .. } | Self::Pair { hash, .. } => Some(hash),
        }
    }

    /// The kind of key.
    #[must_use]
    pub const fn key_type(&self) -> KeyType {
        match self {
            Self::Rsa { .. } => KeyType::Rsa,
            Self::Token { .. } | Self::Opaque { .. } => KeyType::Token,
            Self::Pair { .. } => KeyType::Pair,
        }
    }
}

/// A key, whole, as it is made and acted on.
#[derive(Clone, Debug)]
pub struct Key {
    /// The id.
    pub id: KeyId,
    /// What it is for.
    pub name: Name,
    /// Where it is valid.
    pub env: Env,
    /// What it is recognised by.
    pub material: Material,
    /// Who holds it.
    pub owner: Option<Owner>,
    /// What it may be used for.
    pub scopes: Scopes,
    /// What an admin's tools know of it.
    pub labels: Labels,
    /// A remark.
    pub note: Option<Note>,
    /// How often it may be used.
    pub rate_limit: RateLimit,
    /// Its times.
    pub lifecycle: Lifecycle,
    /// What was said when it was revoked.
    pub revocation_note: Option<Note>,
    /// The key it took over from.
    pub rotated_from: Option<KeyId>,
    /// The key that took over.
    pub rotated_to: Option<KeyId>,
    /// It expires when the key that took over is first used.
    pub retire_on_use: bool,
    /// What becomes of the key it takes over from, as long as it is pending.
    pub handover: Option<Handover>,
    /// Somebody else made it, and has its private half.
    pub registered: bool,
}

impl Key {
    /// A key that nothing else is said of.
    #[must_use]
    pub fn new(id: KeyId, name: Name, env: Env, material: Material, lifecycle: Lifecycle) -> Self {
        Self {
            id,
            name,
            env,
            material,
            owner: None,
            scopes: Scopes::default(),
            labels: Labels::default(),
            note: None,
            rate_limit: RateLimit::default(),
            lifecycle,
            revocation_note: None,
            rotated_from: None,
            rotated_to: None,
            retire_on_use: false,
            handover: None,
            registered: false,
        }
    }

    /// Another key with the same facts, but its own id, name and material.
    #[must_use]
    pub fn another(&self, id: KeyId, name: Name, material: Material) -> Self {
        Self {
            id,
            name,
            material,
            env: self.env,
            owner: self.owner.clone(),
            scopes: self.scopes.clone(),
            labels: self.labels.clone(),
            note: self.note.clone(),
            rate_limit: self.rate_limit,
            lifecycle: self.lifecycle,
            revocation_note: self.revocation_note.clone(),
            rotated_from: self.rotated_from,
            rotated_to: self.rotated_to,
            retire_on_use: self.retire_on_use,
            handover: self.handover,
            registered: self.registered,
        }
    }

    /// The key as it is once revoked from `at` on; `None` when a revocation stands that [`Lifecycle::revoke`] keeps.
    #[must_use]
    pub fn revoked(&self, at: Time, reason: RevocationReason, note: Option<&Note>) -> Option<Self> {
        let mut revoked = self.clone();
        revoked.lifecycle.revoke(at, reason).then(|| {
            revoked.revocation_note = note.cloned();
            revoked
        })
    }

    /// The key as it is while suspended from `at` on; `None` when it is so already.
    ///
    /// # Errors
    /// `wrong_state` when the key is over.
    pub fn disabled(&self, at: Time) -> Result<Option<Self>> {
        self.refuse_over(at)?;
        let mut disabled = self.clone();
        Ok(disabled.lifecycle.disable(at).then_some(disabled))
    }

    /// The key as it is when it is suspended no more; `None` when it is not suspended.
    ///
    /// # Errors
    /// `wrong_state` when the key is over.
    pub fn enabled(&self, now: Time) -> Result<Option<Self>> {
        self.refuse_over(now)?;
        let mut enabled = self.clone();
        Ok(enabled.lifecycle.enable().then_some(enabled))
    }

    fn refuse_over(&self, now: Time) -> Result<()> {
        let status = self.lifecycle.status(now);
        if !status.is_over() {
            return Ok(());
        }
        Err(Error::new(
            Code::WrongState,
            format!("`{}` ({}) is {status}, which is final", self.name, self.id),
            "leave it out; or make a new key with `keywright generate`",
        ))
    }

    /// The facts as a view.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        let (spki, fingerprint, bits, prefix, api_key) = match &self.material {
            Material::Rsa { spki, fingerprint, bits, .. } => {
                (Some(spki.as_slice()), Some(*fingerprint), Some(*bits), None, None)
            }
            Material::Token { prefix, .. } => (None, None, None, Some(prefix.as_str()), None),
            Material::Opaque { prefix, .. } => (None, None, None, prefix.as_deref(), None),
            Material::Pair { prefix, api_key, .. } => (None, None, None, Some(prefix.as_str()), Some(api_key.as_str())),
        };
        Facts {
            id: self.id,
            name: self.name.as_str(),
            key_type: self.material.key_type(),
            env: self.env,
            prefix,
            owner: self.owner.as_ref().map(Owner::as_str),
            scopes: self.scopes.as_str(),
            labels: self.labels.as_json(),
            note: self.note.as_ref().map(Note::as_str),
            rate_limit: self.rate_limit,
            lifecycle: self.lifecycle,
            revocation_note: self.revocation_note.as_ref().map(Note::as_str),
            spki,
            fingerprint,
            bits,
            api_key,
            rotated_from: self.rotated_from,
            rotated_to: self.rotated_to,
            retire_on_use: self.retire_on_use,
            handover: self.handover,
        }
    }
}

/// What may be shown of a key, borrowed from a [`Key`] or straight from the store, so that a list of a million keys
/// allocates nothing per key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Facts<'a> {
    /// The id.
    pub id: KeyId,
    /// What it is for.
    pub name: &'a str,
    /// The kind of key.
    pub key_type: KeyType,
    /// Where it is valid.
    pub env: Env,
    /// The public start of a token or `api_key`.
    pub prefix: Option<&'a str>,
    /// Who holds it.
    pub owner: Option<&'a str>,
    /// Space-delimited (RFC 6749, section 3.3).
    pub scopes: &'a str,
    /// A JSON object of strings.
    pub labels: &'a str,
    /// A remark.
    pub note: Option<&'a str>,
    /// How often it may be used.
    pub rate_limit: RateLimit,
    /// Its times.
    pub lifecycle: Lifecycle,
    /// What was said when it was revoked; a list does not read it.
    pub revocation_note: Option<&'a str>,
    /// The SPKI in DER.
    pub spki: Option<&'a [u8]>,
    /// SHA-256 of the SPKI.
    pub fingerprint: Option<Fingerprint>,
    /// Length of the modulus in bits.
    pub bits: Option<u32>,
    /// The public half of a pair.
    pub api_key: Option<&'a str>,
    /// The key it took over from.
    pub rotated_from: Option<KeyId>,
    /// The key that took over.
    pub rotated_to: Option<KeyId>,
    /// It expires when the key that took over is first used; a list does not read it.
    pub retire_on_use: bool,
    /// What becomes of the key it takes over from; a list does not read it.
    pub handover: Option<Handover>,
}

impl Facts<'_> {
    /// What it is, in words: its type, and of an RSA key its size too.
    #[must_use]
    pub fn kind(&self) -> String {
        self.bits.map_or_else(|| self.key_type.word().to_owned(), |bits| format!("{bits}-bit RSA key"))
    }
}
