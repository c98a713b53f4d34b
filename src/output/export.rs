//! Exporting keys to systems that verify secrets or signatures themselves.

use crate::{
    error::Result,
    key::{
        Key, KeyDocument, KeyView, Material, RevocationReason, Time,
        json::{optional, string, time},
        spki_pem,
    },
    keypair::{JwkAlgorithm, PublicKey},
};

/// The format of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExportForm {
    /// A JWK set (RFC 7517, section 5) with the RSA and Ed25519 keys.
    #[default]
    Jwks,
    /// The SPKI of each key pair in PEM (RFC 7468, section 13), preceded by a line with the key's name, id, environment
    /// and status.
    Pem,
    /// All fields of each key, with the hash of its secret, in the format that `import` reads.
    Jsonl,
    /// The time and the reason of each revocation.
    Revocations,
}

/// An export under construction. The caller regularly takes out the text that has been generated.
pub struct Exported<'a> {
    form: ExportForm,
    org_id: &'a str,
    now: Time,
    /// The algorithms to state in JWKs.
    algorithms: &'a [JwkAlgorithm],
    count: u64,
    /// The generated text that the caller has not taken out yet.
    pub text: Vec<u8>,
}

impl<'a> Exported<'a> {
    /// Creates an export that contains no keys. `algorithms` are [stated](PublicKey::to_jwk) in JWKs.
    #[must_use]
    pub fn new(form: ExportForm, org_id: &'a str, now: Time, algorithms: &'a [JwkAlgorithm]) -> Self {
        let mut text = Vec::new();
        match form {
            ExportForm::Jwks => text.extend_from_slice(b"{\"keys\":["),
            ExportForm::Pem | ExportForm::Jsonl => {}
            ExportForm::Revocations => {
                text.extend_from_slice(b"{\"org_id\":");
                string(&mut text, org_id);
                text.extend_from_slice(b",\"generated_at\":");
                time(&mut text, Some(now));
                text.extend_from_slice(b",\"revocations\":[");
            }
        }
        Self { form, org_id, now, algorithms, count: 0, text }
    }

    /// Returns the number of keys in the export.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Adds the public fields of a key. Skips a key without a public key or, for [`ExportForm::Revocations`], without a
    /// revocation. Does nothing for [`ExportForm::Jsonl`], for which [`Exported::push_whole`] adds a key.
    ///
    /// # Errors
    /// Returns `public_key_malformed` if the stored public key cannot be decoded.
    pub fn push(&mut self, facts: &KeyView<'_>) -> Result<()> {
        match (self.form, facts.spki) {
            (ExportForm::Jwks, Some(spki)) => {
                self.separate();
                let jwk = PublicKey::from_spki(spki)?.to_jwk(self.algorithms);
                self.text.extend_from_slice(jwk.as_bytes());
            }
            (ExportForm::Pem, Some(spki)) => {
                let (id, status) = (facts.id, facts.lifecycle.status(self.now));
                let line = format!("# {} {id} {} {status}\n{}", facts.name, facts.env, spki_pem(spki));
                self.text.extend_from_slice(line.as_bytes());
                self.count += 1;
            }
            (ExportForm::Revocations, _) if facts.lifecycle.revoked.is_some() => {
                self.separate();
                self.revocation(facts);
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds a key with all its fields and the hash of its secret, for [`ExportForm::Jsonl`].
    pub fn push_whole(&mut self, key: &Key) {
        self.count += 1;
        let facts = key.view();
        let out = &mut self.text;
        KeyDocument { view: &facts, org_id: self.org_id, now: self.now }.write(out);
        out.pop();
        out.extend_from_slice(b",\"revocation_note\":");
        optional(out, facts.revocation_note);
        out.extend_from_slice(if key.rotation.retire_on_use {
            b",\"retire_on_use\":true"
        } else {
            b",\"retire_on_use\":false"
        });
        let opaque = matches!(key.material, Material::Opaque { .. });
        out.extend_from_slice(if key.registered { b",\"registered\":true" } else { b",\"registered\":false" });
        out.extend_from_slice(if opaque { b",\"opaque\":true" } else { b",\"opaque\":false" });
        out.extend_from_slice(b",\"secret_hash\":");
        optional(
            out,
            key.material.secret_hash().map(|hash| base16ct::lower::encode_string(hash.as_bytes())).as_deref(),
        );
        out.extend_from_slice(b"}\n");
    }

    /// Appends the end of the export.
    pub fn finish(&mut self) {
        match self.form {
            ExportForm::Pem | ExportForm::Jsonl => {}
            ExportForm::Jwks | ExportForm::Revocations => {
                self.text.extend_from_slice(if self.count == 0 { b"]}\n" } else { b"\n]}\n" });
            }
        }
    }

    /// Counts a key, and starts its line. Each key has a line of its own, so that exports can be compared line by line.
    fn separate(&mut self) {
        self.text.extend_from_slice(if self.count == 0 { b"\n" } else { b",\n" });
        self.count += 1;
    }

    fn revocation(&mut self, facts: &KeyView<'_>) {
        let (life, out) = (facts.lifecycle, &mut self.text);
        out.extend_from_slice(b"{\"api_key_id\":");
        string(out, &facts.id.to_string());
        out.extend_from_slice(b",\"type\":");
        string(out, facts.key_type.word());
        out.extend_from_slice(b",\"env\":");
        string(out, facts.env.word());
        out.extend_from_slice(b",\"fingerprint\":");
        optional(out, facts.fingerprint.map(|fingerprint| fingerprint.to_string()).as_deref());
        out.extend_from_slice(b",\"revoked_at\":");
        time(out, life.revoked);
        out.extend_from_slice(b",\"revocation_reason\":");
        optional(out, life.reason.map(RevocationReason::word));
        out.extend_from_slice(b",\"expires_at\":");
        time(out, life.expires);
        out.push(b'}');
    }
}
