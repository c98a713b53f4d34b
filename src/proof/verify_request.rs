//! Verifying signed requests. The checks run in this order: the format of the request, its key, its signature, the
//! status and restrictions of the key, the age of the request, and whether the request has been accepted before.

use super::{Credential, Demand, KeyUse, Mistake, Verdict, VerdictCode, judge, record_use};
use crate::{
    error::{Code, Error, Result},
    key::{Fingerprint, Key, KeyId, Time},
    keypair::{SignatureAlgorithm, StoredPublicKey, Verifier},
    keyring::{Entry, Keyring, Keys, RecordedSignature, Transaction, at_least_keyring_time, transact},
    signing::{FlawKind, HttpRequest, PresentedSignature, Scheme, Signing, request::Timestamp},
};
use base64ct::{Base64, Encoding as _};
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
    /// Returns `true` if the range ends before a timestamp.
    fn is_before(self, timestamp: Timestamp) -> bool {
        timestamp > self.now && timestamp.distance(self.now) > self.skew
    }

    /// Returns the verdict code and the message if the time of a signature is out of the range, or if the signature has
    /// expired.
    fn flaw(self, proved: &Proved) -> Option<(VerdictCode, String)> {
        let Proved { timestamp, expires, .. } = proved;
        let off = timestamp.distance(self.now);
        if off > self.skew {
            let side = if *timestamp < self.now { "before" } else { "after" };
            let message = format!(
                "the timestamp is {} s {side} the current time; at most {} s is allowed",
                off.div_ceil(1000),
                self.skew / 1000
            );
            return Some((VerdictCode::TimestampSkewed, message));
        }
        let ended = expires.filter(|expires| *expires <= self.now)?;
        let message = format!("the signature expired {} s ago", ended.distance(self.now).div_ceil(1000));
        Some((VerdictCode::SignatureExpired, message))
    }
}

/// A valid request, which has to be recorded before the verdict is reported. Otherwise, a replay cannot be detected.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The use of the key, which is recorded with the request if it is due.
    pub used: KeyUse,
    /// The demand that the key met.
    pub demand: Demand,
    /// The signatures to record: every correct signature of the request, so that the request is not accepted again with
    /// another one of them.
    pub seen: Vec<RecordedSignature>,
}

/// Judges a request that was signed in the given scheme, and passes the verdict to `tell`, like [`verify`](super::verify) does for secrets. Returns
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
    signing: &Signing,
    presented: &Result<HttpRequest, Mistake>,
    demand: &Demand,
    window: TimestampWindow,
    verifiers: &mut Verifiers,
    tell: &mut dyn FnMut(&Verdict<'_>),
) -> Result<Option<Accepted>> {
    let proved = match prove(keys, signing, presented, demand, window, verifiers)? {
        Ok(proved) => proved,
        Err(refusal) => {
            tell(&refusal.verdict());
            return Ok(None);
        }
    };
    let mut verdict = Verdict::judged(Credential::Signature, proved.key.view(), demand);
    if verdict.is_valid()
        && let Some((code, message)) = window.flaw(&proved)
    {
        verdict = Verdict { code, ..verdict }.because(message);
    }
    // The request would be accepted again with this signature. If it were recorded, it would be on record until that time.
    if verdict.is_valid()
        && let Some((_, timestamp)) = proved.signatures.iter().find(|(_, timestamp)| window.is_before(*timestamp))
    {
        let ahead = timestamp.distance(window.now).div_ceil(1000);
        let message = format!("another signature of the request has a time {ahead} s after the current time");
        verdict = Verdict { code: VerdictCode::TimestampSkewed, ..verdict }.because(message);
    }
    if verdict.is_valid() && any_recorded(keys, &proved.signatures)? {
        verdict = Verdict { code: VerdictCode::Replayed, ..verdict }.because(VerdictCode::Replayed.meaning());
    }
    if verdict.is_valid()
        && let Some(forgotten) = keys.forgotten_requests()?.filter(|forgotten| proved.earliest() <= *forgotten)
    {
        let until = Time::from_seconds(forgotten.div_euclid(1000));
        let message =
            format!("the request may have been accepted before: signatures from {until} and before are not on record");
        verdict = Verdict { code: VerdictCode::Forgotten, ..verdict }.because(message);
    }
    tell(&verdict);
    let used = KeyUse { key: proved.key.id, last_used: proved.key.lifecycle.last_used };
    let seen = proved.signatures.iter().map(|(digest, timestamp)| RecordedSignature {
        digest: *digest,
        timestamp: timestamp.millis(),
        until: timestamp.second_after(window.skew.saturating_mul(2).max(MEMORY)),
    });
    Ok(verdict.is_valid().then(|| Accepted { used, demand: demand.clone(), seen: seen.collect() }))
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
        for Accepted { used, demand, seen } in accepted {
            let mut first = still_holds(transaction, used.key, demand, now)?;
            for RecordedSignature { digest, timestamp, until } in seen {
                first = first && transaction.record_signature(digest, *timestamp, *until)?;
            }
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
    expires: Option<Timestamp>,
    /// The digest and the time of every correct signature of the request.
    signatures: Vec<([u8; 32], Timestamp)>,
}

impl Proved {
    /// Returns the earliest time of a signature, in milliseconds.
    fn earliest(&self) -> i64 {
        self.signatures.iter().map(|(_, timestamp)| timestamp.millis()).min().unwrap_or_default()
    }
}

/// Returns `true` if the bytes were decoded from base64 that consists of hexadecimal digits.
fn is_hex(decoded: &[u8]) -> bool {
    Base64::encode_string(decoded).bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns `true` if one of the signatures has been recorded.
fn any_recorded(keys: &dyn Keys, signatures: &[([u8; 32], Timestamp)]) -> Result<bool> {
    for (digest, _) in signatures {
        if keys.has_signature(digest)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The reason why a request does not prove possession of a key.
struct Refusal {
    code: VerdictCode,
    message: Option<String>,
    claimed: Option<KeyId>,
}

impl Refusal {
    /// Creates a refusal. If `message` is empty, the verdict has the default message of the code.
    fn new(code: VerdictCode, message: impl Into<Cow<'static, str>>, claimed: Option<KeyId>) -> Self {
        let message = message.into();
        Self { code, message: (!message.is_empty()).then(|| message.into_owned()), claimed }
    }

    fn verdict(&self) -> Verdict<'static> {
        let verdict = Verdict::new(self.code).of(Credential::Signature, self.claimed);
        match &self.message {
            Some(message) => verdict.because(message.clone()),
            None => verdict,
        }
    }
}

/// Looks for a signature in a request that proves possession of a key. If there are several, the first one of a key that
/// meets the demand, and whose time is in the window, is preferred.
fn prove(
    keys: &dyn Keys,
    signing: &Signing,
    presented: &Result<HttpRequest, Mistake>,
    demand: &Demand,
    window: TimestampWindow,
    verifiers: &mut Verifiers,
) -> Result<Result<Proved, Refusal>> {
    let request = match presented {
        Ok(request) => request,
        Err(mistake) => return Ok(Err(Refusal::new(VerdictCode::BadRequest, mistake.clone(), None))),
    };
    let signatures = match signing.presented(request) {
        Ok(signatures) => signatures,
        Err(flaw) => {
            let claimed = flaw.key.and_then(|key| key.parse().ok());
            return Ok(Err(Refusal::new(flaw.kind.into(), flaw.message, claimed)));
        }
    };
    let rank = |judged: &Result<Proved, Refusal>| match judged {
        Ok(proved) => {
            1 + u8::from(judge(&proved.key.view(), demand).is_valid()) + u8::from(window.flaw(proved).is_none())
        }
        Err(_) => 0,
    };
    let mut found: Option<Result<Proved, Refusal>> = None;
    let mut correct = Vec::new();
    for signature in signatures {
        let judged = prove_one(keys, signing, &signature, demand.at, verifiers)?;
        for signature in judged.iter().flat_map(|proved| &proved.signatures) {
            // The same signature can have several labels.
            if !correct.contains(signature) {
                correct.push(*signature);
            }
        }
        if found.as_ref().is_none_or(|known| rank(&judged) > rank(known)) {
            found = Some(judged);
        }
    }
    let found =
        found.unwrap_or_else(|| Err(Refusal::new(VerdictCode::BadRequest, "the request has no signature", None)));
    Ok(found.map(|proved| Proved { signatures: correct, ..proved }))
}

fn prove_one(
    keys: &dyn Keys,
    signing: &Signing,
    presented: &PresentedSignature,
    now: Time,
    verifiers: &mut Verifiers,
) -> Result<Result<Proved, Refusal>> {
    let Some(lookup) = signing.key_named(&presented.key) else {
        let message = match signing.scheme() {
            Scheme::Concatenation(_) => "the key id is not a UUID",
            Scheme::HttpMessageSignatures(_) => "the key id is neither a UUID nor a JWK thumbprint",
        };
        return Ok(Err(Refusal::new(VerdictCode::NotFound, message, None)));
    };
    let Some(key) = keys.find(&lookup, now, 1)?.pop() else {
        return Ok(Err(Refusal::new(VerdictCode::NotFound, "", lookup.id())));
    };
    let id = key.id;
    let refuse = |code, message| Ok(Err(Refusal::new(code, message, Some(id))));
    let Some(verifier) = verifiers.of(&key)? else { return refuse(VerdictCode::WrongType, Cow::Borrowed("")) };
    let signature = &presented.signature;
    if !verifier.could_be(signature) {
        let (length, required) = (signature.len(), verifier.signature_length());
        let message = if length == required {
            "the value of the signature is not less than the key's modulus".to_owned()
        } else {
            let hex =
                if is_hex(signature) { "; its text looks hexadecimal, which the scheme does not expect" } else { "" };
            format!("the signature has {length} bytes, but the key requires {required}{hex}")
        };
        return refuse(VerdictCode::BadSignature, message.into());
    }
    let own = verifier.algorithm();
    let is_tried = |algorithm: &SignatureAlgorithm| {
        verifier.supports(*algorithm) && presented.algorithm.is_none_or(|stated| stated == *algorithm)
    };
    let mut tried = signing.algorithms().into_iter().filter(is_tried).peekable();
    if tried.peek().is_none() {
        let is_restricted = |algorithms: &[SignatureAlgorithm]| algorithms.iter().any(|known| known.of_keys() == own);
        let message = match presented.algorithm {
            Some(stated) if is_restricted(&[stated]) => {
                format!("the key is restricted to other algorithms than {stated}")
            }
            None if is_restricted(&signing.algorithms()) => {
                "the key is restricted to other algorithms than those of the scheme".to_owned()
            }
            Some(stated) => format!("the request states the algorithm {stated}, but the key is for {}", own.name()),
            None => format!("the scheme does not accept signatures of {} keys", own.name()),
        };
        return refuse(VerdictCode::WrongAlgorithm, message.into());
    }
    if !tried.any(|algorithm| verifier.accepts(algorithm, &presented.message, signature)) {
        return refuse(VerdictCode::WrongSignature, Cow::Borrowed(""));
    }
    let digest = Sha256::new().chain_update(key.id.as_bytes()).chain_update(signature).finalize().into();
    let (timestamp, expires) = (presented.timestamp, presented.expires);
    Ok(Ok(Proved { key, timestamp, expires, signatures: vec![(digest, timestamp)] }))
}

impl From<FlawKind> for VerdictCode {
    fn from(kind: FlawKind) -> Self {
        match kind {
            FlawKind::Request => Self::BadRequest,
            FlawKind::Timestamp => Self::BadTimestamp,
            FlawKind::Method => Self::BadMethod,
            FlawKind::Path => Self::BadPath,
            FlawKind::Signature => Self::BadSignature,
            FlawKind::Algorithm => Self::WrongAlgorithm,
            FlawKind::SignatureInput => Self::BadSignatureInput,
            FlawKind::TooMany => Self::TooManySignatures,
            FlawKind::Component => Self::BadComponent,
            FlawKind::NotCovered => Self::ComponentNotCovered,
            FlawKind::Digest => Self::WrongDigest,
            FlawKind::Tag => Self::WrongTag,
        }
    }
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

#[cfg(test)]
mod tests;
