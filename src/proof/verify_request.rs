//! Verifying signed requests. The checks run in this order: the format of the request, its key, its signature, the
//! status and restrictions of the key, the age of the request, and whether the request has been accepted before.

use super::{
    Credential, Demand, KeyUse, Mistake, SignedRequest, Verdict, VerdictCode, judge, record_use,
    request::{Method, Path, Timestamp, algorithm, message},
};
use crate::{
    error::{Code, Error, Result},
    key::{Fingerprint, Key, KeyId, Time},
    keypair::{StoredPublicKey, Verifier},
    keyring::{Entry, Keyring, Keys, Transaction, at_least_keyring_time, transact},
};
use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};
use std::{borrow::Cow, collections::HashMap};

/// The minimum time for which a signature is kept on record, in milliseconds after the timestamp of its request, so
/// that a process with a short window does not enable a replay within the default window of another process.
const MEMORY: u64 = 60_000;

/// The range of timestamps that are accepted.
#[derive(Clone, Copy, Debug)]
pub struct TimestampWindow {
    /// The current time.
    pub now: Timestamp,
    /// The maximum difference from `now` in either direction, in milliseconds.
    pub skew: u64,
}

impl TimestampWindow {
    /// The default value of `skew` in milliseconds.
    pub const SKEW: u64 = 30_000;
}

/// A valid request, which has to be recorded before the verdict is reported. Otherwise, a replay cannot be detected.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The use of the key, which is recorded with the request if it is due.
    pub used: KeyUse,
    /// The demand that the key met.
    pub demand: Demand,
    /// The SHA-256 digest of the key's id and the signature, under which the keyring records the signature.
    pub seen: [u8; 32],
    /// The timestamp of the request.
    pub timestamp: Timestamp,
    /// The earliest time at which the record of the signature may be deleted.
    pub until: Time,
}

/// Judges a signed request and passes the verdict to `tell`, like [`verify`](super::verify) does for secrets. Returns
/// the request to record if the verdict is `valid`, and `None` otherwise.
///
/// This function records nothing. If the same request arrives twice at the same time, [`record_accepted`] accepts only
/// one of the two.
///
/// # Errors
/// - `public_key_malformed` if the stored public key is unusable
/// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
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
        let message = format!(
            "the timestamp is {} s {side} the current time; at most {} s is allowed",
            off.div_ceil(1000),
            window.skew / 1000
        );
        verdict = Verdict { code: VerdictCode::TimestampSkewed, ..verdict }.because(message);
    }
    if verdict.is_valid() && keys.has_signature(&seen)? {
        verdict = Verdict { code: VerdictCode::Replayed, ..verdict }.because(VerdictCode::Replayed.meaning());
    }
    if verdict.is_valid()
        && let Some(forgotten) = keys.forgotten_requests()?.filter(|forgotten| timestamp.millis() <= *forgotten)
    {
        let until = Time::from_seconds(forgotten.div_euclid(1000));
        let message =
            format!("the request may have been accepted before: signatures from {until} and before are not on record");
        verdict = Verdict { code: VerdictCode::Forgotten, ..verdict }.because(message);
    }
    tell(&verdict);
    let used = KeyUse { key: key.id, last_used: key.lifecycle.last_used };
    let until = timestamp.second_after(window.skew.saturating_mul(2).max(MEMORY));
    Ok(verdict.is_valid().then_some(Accepted { used, demand: demand.clone(), seen, timestamp, until }))
}

/// Records valid requests and the uses of their keys in one transaction. Returns one flag for each request, which is
/// `true` if the request was still valid and has been recorded. A request is no longer valid if its key no longer meets
/// the demand, for example because the key was revoked, or if its signature may already have been recorded, by another
/// process or for an earlier request in `accepted`. To find out the reason, judge the request again at the current
/// time.
///
/// # Errors
/// Returns a [storage error](crate::keyring#storage-errors) if the requests cannot be recorded. In that case, nothing
/// has been recorded, and none of the requests may be accepted.
pub fn record_accepted(keyring: &mut dyn Keyring, entry: &Entry, accepted: &[&Accepted]) -> Result<Vec<bool>> {
    transact(keyring, entry, |transaction| {
        let now = at_least_keyring_time(transaction, entry, entry.clock())?;
        let mut noted: Vec<KeyId> = Vec::new();
        let mut good = Vec::with_capacity(accepted.len());
        for Accepted { used, demand, seen, timestamp, until } in accepted {
            let first = still_holds(transaction, used.key, demand, now)?
                && transaction.record_signature(seen, timestamp.millis(), *until)?;
            good.push(first);
            if first && used.is_due(now) && !noted.contains(&used.key) {
                noted.push(used.key);
                record_use(transaction, used.key, now)?;
            }
        }
        Ok(good)
    })
}

/// Returns `true` if the key exists and meets the demand at the time `now`.
fn still_holds(keys: &dyn Transaction, id: KeyId, demand: &Demand, now: Time) -> Result<bool> {
    let demand = Demand { at: now, ..demand.clone() };
    let mut valid = false;
    keys.peek(&id.into(), now, &mut |key, _| valid = judge(key, &demand).is_valid())?;
    Ok(valid)
}

/// Returns the error for a request that was no longer valid when it was about to be recorded, but is valid when judged
/// again.
#[must_use]
pub fn changed_meanwhile() -> Error {
    let message = "the key changed while the request was being recorded";
    Error::new(Code::KeyringFailed, message, "verify the request again")
}

/// A request with a correct signature.
struct Proved {
    key: Key,
    timestamp: Timestamp,
    seen: [u8; 32],
}

/// The reason why a request does not prove possession of a key.
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
        Err(mistake) => return refuse(VerdictCode::BadRequest, mistake.clone(), None),
    };
    let claimed: Option<KeyId> = presented.key_id.parse().ok();
    let form = match RequestParts::read(presented) {
        Ok(form) => form,
        Err((code, message)) => return refuse(code, message, claimed),
    };
    let key = match claimed {
        Some(id) => keys.key(id, now)?,
        None => return refuse(VerdictCode::NotFound, "the key id is not a UUID".into(), None),
    };
    let Some(key) = key else { return refuse(VerdictCode::NotFound, "".into(), claimed) };
    let Some(verifier) = verifiers.of(&key)? else { return refuse(VerdictCode::WrongType, "".into(), claimed) };
    if !verifier.could_be(&form.signature) {
        let (length, required) = (form.signature.len(), verifier.signature_length());
        let message = if length == required {
            "the value of the signature is not less than the key's modulus".to_owned()
        } else {
            format!("the signature has {length} bytes, but the key requires {required}")
        };
        return refuse(VerdictCode::BadSignature, message.into(), claimed);
    }
    let message = message(form.timestamp, &form.method, &form.path);
    if !verifier.accepts(algorithm(verifier.algorithm()), &message, &form.signature) {
        return refuse(VerdictCode::WrongSignature, "".into(), claimed);
    }
    let seen = Sha256::new().chain_update(key.id.as_bytes()).chain_update(&form.signature).finalize().into();
    Ok(Ok(Proved { key, timestamp: form.timestamp, seen }))
}

/// Returns a verifier for the public key of `key`, or `None` if the key is not a key pair.
///
/// # Errors
/// Returns `public_key_malformed` if the stored public key is unusable.
pub(super) fn verifier(key: &Key) -> Result<Option<Verifier>> {
    key.material.public_key().map(StoredPublicKey::verifier).transpose()
}

/// A cache of verifiers. Preparing a verifier takes a fifth of the time of a verification.
#[derive(Default)]
pub struct Verifiers(HashMap<Fingerprint, Verifier>);

impl Verifiers {
    /// The number of verifiers at which the cache is cleared before another is added. Each verifier takes a few
    /// kilobytes.
    const MOST: usize = 256;

    fn of(&mut self, key: &Key) -> Result<Option<&Verifier>> {
        let Some(fingerprint) = key.material.public_key().map(StoredPublicKey::fingerprint) else { return Ok(None) };
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

/// The validated parts of a request.
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

/// Decodes a signature in standard base64 with padding, on a single line (RFC 4648, section 4).
///
/// # Errors
/// Returns a description of the mistake if the text has another format.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, &'static str> {
    Base64::decode_vec(text).map_err(|_| match text {
        _ if text.contains(['-', '_']) => "the signature is in URL-safe base64; use the standard alphabet",
        _ if text.contains(char::is_whitespace) => {
            "the signature contains whitespace; encode it on one line, for example with `base64 -w0`"
        }
        _ if !text.len().is_multiple_of(4) => "the signature is truncated, or its padding is missing or wrong",
        _ => "the signature is not base64",
    })
}

#[cfg(test)]
mod tests;
