//! Whether a signed request may be answered: its form, its key, its signature, what that key may do, its age, and whether it
//! was seen before; in this order.

use super::{
    Credential, Demand, KeyUse, Mistake, SignedRequest, Verdict, VerdictCode, judge, record_use,
    request::{Method, Path, Timestamp, message},
};
use crate::{
    error::{Code, Error, Result},
    key::{Fingerprint, Key, KeyId, Material, Time},
    keypair::{PublicKey, Verifier},
    keyring::{Entry, Keyring, Keys, Transaction, transact},
};
use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};
use std::{borrow::Cow, collections::HashMap};

/// How long a signature is remembered at least, in milliseconds: the short window of one process must be no hole in the
/// default window of another.
const MEMORY: u64 = 60_000;

/// When a request may have been signed.
#[derive(Clone, Copy, Debug)]
pub struct TimestampWindow {
    /// Now.
    pub now: Timestamp,
    /// How far from now, before or after, in milliseconds.
    pub skew: u64,
}

impl TimestampWindow {
    /// How far from now if nothing is said.
    pub const SKEW: u64 = 30_000;
}

/// A request that was found good; to be recorded before anybody is told so.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The use to be noted.
    pub used: KeyUse,
    /// What its key was found good for.
    pub demand: Demand,
    /// What [`Transaction::remember`](crate::keyring::Transaction::remember) is to know its signature by.
    pub seen: [u8; 32],
    /// Until when.
    pub until: Time,
}

/// What [`verify`](super::verify) is for secrets: judges a request, and tells the verdict while what it borrows is there. It
/// only looks: of two that bring the same request at once, `remember` says which was the first.
///
/// # Errors
/// What the store reports.
pub fn verify_request(
    keys: &dyn Keys,
    presented: &Result<SignedRequest, Mistake>,
    demand: &Demand,
    window: TimestampWindow,
    verifiers: &mut Verifiers,
    tell: &mut dyn FnMut(&Verdict<'_>),
) -> Result<Option<Accepted>> {
    let Proved { key, timestamp, seen } = match prove(keys, presented, demand.at, verifiers)? {
        Ok(proved) => proved,
        Err(refusal) => {
            tell(&refusal.verdict());
            return Ok(None);
        }
    };
    let mut verdict = Verdict::judged(Credential::Signature, key.view(), demand);
    let off = timestamp.distance(window.now);
    if verdict.is_valid() && off > window.skew {
        let side = if timestamp < window.now { "before" } else { "after" };
        let message =
            format!("the timestamp is {} s {side} now; {} s is allowed", off.div_ceil(1000), window.skew / 1000);
        verdict = Verdict { code: VerdictCode::TimestampSkewed, ..verdict }.because(message);
    }
    if verdict.is_valid() && keys.has_signature(&seen)? {
        verdict = Verdict { code: VerdictCode::Replayed, ..verdict }.because(VerdictCode::Replayed.meaning());
    }
    tell(&verdict);
    let used = KeyUse { key: key.id, last_used: key.lifecycle.last_used };
    let until = timestamp.second_after(window.skew.saturating_mul(2).max(MEMORY));
    Ok(verdict.is_valid().then_some(Accepted { used, demand: demand.clone(), seen, until }))
}

/// Records requests that were found good, and notes their uses, in one transaction. Says of each whether it still is: what
/// happened to its key since counts, and another may have brought its signature first. What became of one that is not, another
/// look tells, by the clock as it is by then.
///
/// # Errors
/// What the store reports; then nothing is recorded, and nothing may be accepted.
pub fn record_accepted(keyring: &mut dyn Keyring, entry: &Entry, accepted: &[&Accepted]) -> Result<Vec<bool>> {
    transact(keyring, entry, |transaction| {
        let now = entry.clock();
        let mut noted: Vec<KeyId> = Vec::new();
        let mut good = Vec::with_capacity(accepted.len());
        for Accepted { used, demand, seen, until } in accepted {
            let first =
                still_holds(transaction, used.key, demand, now)? && transaction.record_signature(seen, *until)?;
            good.push(first);
            if first && used.is_due(entry.at) && !noted.contains(&used.key) {
                noted.push(used.key);
                record_use(transaction, used.key, entry.at)?;
            }
        }
        Ok(good)
    })
}

/// Whether a key may be used for what it was found good for before.
fn still_holds(keys: &dyn Transaction, id: KeyId, demand: &Demand, now: Time) -> Result<bool> {
    let demand = Demand { at: now, ..demand.clone() };
    let mut valid = false;
    keys.peek(&id.into(), now, &mut |key, _| valid = judge(key, &demand).is_valid())?;
    Ok(valid)
}

/// Of a request that was no longer good when it was to be recorded, and is again at the next look.
#[must_use]
pub fn changed_meanwhile() -> Error {
    let message = "what kept the request from being accepted is gone again";
    Error::new(Code::KeyringFailed, message, "send it again, signed anew")
}

/// A request whose signature is its key's own.
struct Proved {
    key: Key,
    timestamp: Timestamp,
    seen: [u8; 32],
}

/// Why a request proves nothing.
struct Refusal {
    code: VerdictCode,
    message: Option<String>,
    claimed: Option<KeyId>,
}

impl Refusal {
    fn verdict(&self) -> Verdict<'static> {
        let verdict = Verdict::new(self.code).of(Credential::Signature, self.claimed);
        match &self.message {
            Some(message) => verdict.because(message.clone()),
            None => verdict,
        }
    }
}

fn prove(
    keys: &dyn Keys,
    presented: &Result<SignedRequest, Mistake>,
    now: Time,
    verifiers: &mut Verifiers,
) -> Result<Result<Proved, Refusal>> {
    let refuse = |code, message: Cow<'static, str>, claimed| {
        Ok(Err(Refusal { code, message: (!message.is_empty()).then(|| message.into_owned()), claimed }))
    };
    let presented = match presented {
        Ok(presented) => presented,
        Err(mistake) => return refuse(VerdictCode::BadRequest, (*mistake).into(), None),
    };
    let claimed: Option<KeyId> = presented.key_id.parse().ok();
    let form = match RequestParts::read(presented) {
        Ok(form) => form,
        Err((code, message)) => return refuse(code, message, claimed),
    };
    let key = match claimed {
        Some(id) => keys.key(id, now)?,
        None => return refuse(VerdictCode::NotFound, "that is no id of a key".into(), None),
    };
    let Some(key) = key else { return refuse(VerdictCode::NotFound, "".into(), claimed) };
    let Some(verifier) = verifiers.of(&key)? else { return refuse(VerdictCode::WrongType, "".into(), claimed) };
    if !verifier.could_be(&form.signature) {
        let message = format!(
            "the signature has {} bytes where the key's have {}, or its value is over the modulus",
            form.signature.len(),
            verifier.signature_length()
        );
        return refuse(VerdictCode::BadSignature, message.into(), claimed);
    }
    let message = message(form.timestamp, &form.method, &form.path);
    if !verifier.accepts(&message, &form.signature) {
        return refuse(VerdictCode::WrongSignature, "".into(), claimed);
    }
    let seen = Sha256::new().chain_update(key.id.as_bytes()).chain_update(&form.signature).finalize().into();
    Ok(Ok(Proved { key, timestamp: form.timestamp, seen }))
}

/// The key's public half, ready to verify; `None` of a key that signs nothing.
pub(super) fn verifier(key: &Key) -> Result<Option<Verifier>> {
    match &key.material {
        Material::Rsa { spki, .. } => PublicKey::from_spki(spki)?.verifier().map(Some),
        Material::Token { .. } | Material::Opaque { .. } | Material::Pair { .. } => Ok(None),
    }
}

/// Public keys that are ready to verify, for whoever verifies often: making one ready costs a fifth of a verification.
#[derive(Default)]
pub struct Verifiers(HashMap<Fingerprint, Verifier>);

impl Verifiers {
    /// How many are kept, of some kilobytes each.
    const MOST: usize = 256;

    fn of(&mut self, key: &Key) -> Result<Option<&Verifier>> {
        let Material::Rsa { fingerprint, .. } = &key.material else { return Ok(None) };
        if !self.0.contains_key(fingerprint) {
            if self.0.len() >= Self::MOST {
                self.0.clear();
            }
            let Some(verifier) = verifier(key)? else { return Ok(None) };
            self.0.insert(*fingerprint, verifier);
        }
        Ok(self.0.get(fingerprint))
    }
}

/// The parts of a request, each of them good.
pub(super) struct RequestParts {
    pub(super) timestamp: Timestamp,
    pub(super) method: Method,
    pub(super) path: Path,
    pub(super) signature: Vec<u8>,
}

impl RequestParts {
    fn read(presented: &SignedRequest) -> Result<Self, (VerdictCode, Cow<'static, str>)> {
        let bad = |code| move |error: Error| (code, Cow::Owned(error.message()));
        Ok(Self {
            timestamp: presented.timestamp.parse().map_err(bad(VerdictCode::BadTimestamp))?,
            method: presented.method.parse().map_err(bad(VerdictCode::BadMethod))?,
            path: presented.path.parse().map_err(bad(VerdictCode::BadPath))?,
            signature: decode(&presented.signature).map_err(|mistake| (VerdictCode::BadSignature, mistake.into()))?,
        })
    }
}

/// A signature in standard base64, with its padding, on one line (RFC 4648, section 4).
pub(super) fn decode(text: &str) -> Result<Vec<u8>, Mistake> {
    Base64::decode_vec(text).map_err(|_| match text {
        _ if text.contains(['-', '_']) => "the signature is in the URL-safe alphabet; the scheme has the standard one",
        _ if text.contains(char::is_whitespace) => "the signature is not on one line; `base64 -w0` writes it so",
        _ if !text.len().is_multiple_of(4) => "the signature is cut short, or its padding is missing",
        _ => "the signature is not base64",
    })
}

#[cfg(test)]
mod tests;
