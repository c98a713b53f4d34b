//! Verifying assertions. The checks run in the order of [`verify_request`](crate::proof::verify_request): the format, the
//! key, the signature, the status and restrictions of the key, the audience and the times, and whether the assertion has
//! been accepted before. Although the audience and the times depend on nothing secret, they are checked after the signature,
//! so that callers without the private key learn neither the expected audience nor the clock.

use super::{AssertionFlaw, PresentedAssertion, compact::Assertion};
use crate::{
    error::Result,
    key::{Audience, Key, KeyId, Time, excerpt},
    keypair::{JwkThumbprint, StoredPublicKey},
    keyring::{ASSERTION_SKEW, Keys, LONGEST_ASSERTION, Transaction},
    proof::{Credential, Demand, KeyUse, Verdict, VerdictCode, max_skew, verify_request::verifier},
    signing::request::Timestamp,
};
use sha2::{Digest, Sha256};

/// The minimum time for which an accepted assertion is kept on record after its expiry, in seconds. A record that is deleted
/// refuses all signed requests up to its timestamp, so its timestamp must be older than the window of requests by then. If
/// the contract has a larger window, the record is kept for that time.
const MEMORY: i64 = 60;

/// The text that begins every digest of a `jti`, so that the digest differs from those of signed requests.
const DOMAIN: &[u8] = b"keywright assertion\0";

/// The audience and the time for which an assertion must be valid.
#[derive(Clone, Copy, Debug)]
pub struct ExpectedAssertion<'a> {
    /// The only accepted audience.
    pub audience: &'a Audience,
    /// The current time of the system clock.
    pub now: Timestamp,
}

/// A valid assertion, which has to be recorded in the transaction that issues what it is exchanged for.
#[derive(Clone, Copy, Debug)]
pub struct AcceptedAssertion {
    /// The use of the key.
    pub used: KeyUse,
    /// The use of the assertion.
    pub spent: AssertionUse,
}

/// The use of an assertion, which can be recorded once.
#[derive(Clone, Copy, Debug)]
pub struct AssertionUse {
    /// The SHA-256 digest of the key's id and the `jti`.
    pub(super) seen: [u8; 32],
    /// The claim `iat` in seconds since 1970.
    issued: i64,
    /// The claim `exp` in seconds since 1970.
    expires: i64,
}

impl AssertionUse {
    /// Returns the message for a code that [`AssertionUse::record`] returns.
    #[must_use]
    pub const fn message(code: VerdictCode) -> &'static str {
        match code {
            VerdictCode::Replayed => "an assertion of this key with the same `jti` was accepted before",
            VerdictCode::Forgotten => {
                "the assertion may have been accepted before, because assertions of its time are not on record"
            }
            code => code.meaning(),
        }
    }

    /// Records the use, so that the assertion is not accepted again. Returns `Some` with the reason if nothing was recorded:
    /// [`VerdictCode::Replayed`] if the use was recorded before, or [`VerdictCode::Forgotten`] if that is not known.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the use cannot be recorded.
    pub fn record(&self, transaction: &mut dyn Transaction) -> Result<Option<VerdictCode>> {
        if let Some(code) = self.recorded(transaction)? {
            return Ok(Some(code));
        }
        // The timestamp is the expiry, so that deleting a record never refuses an assertion that has not expired.
        let window = i64::try_from(max_skew(&*transaction)? / 1000).unwrap_or(MEMORY);
        let until = Time::from_seconds(self.expires.saturating_add(window.max(MEMORY)));
        let is_first = transaction.record_signature(&self.seen, self.expires.saturating_mul(1000), until)?;
        Ok((!is_first).then_some(VerdictCode::Forgotten))
    }

    /// Returns the reason why the use can no longer be recorded, or `None` if it can.
    fn recorded(&self, keys: &(impl Keys + ?Sized)) -> Result<Option<VerdictCode>> {
        if keys.has_signature(&self.seen)? {
            return Ok(Some(VerdictCode::Replayed));
        }
        let is_forgotten = |seconds: i64, newest: Option<i64>| newest.is_some_and(|newest| seconds * 1000 <= newest);
        let forgotten = is_forgotten(self.expires, keys.forgotten_requests()?)
            || is_forgotten(self.issued, keys.forgotten_assertions()?);
        Ok(forgotten.then_some(VerdictCode::Forgotten))
    }
}

/// Judges an assertion and passes the verdict to `tell`, like [`verify`](crate::proof::verify) does for secrets. Returns the
/// assertion to record if the verdict is `valid`, and `None` otherwise.
///
/// This function records nothing. If the same assertion arrives twice at the same time, [`AssertionUse::record`] accepts only
/// one of the two.
///
/// # Errors
/// - `public_key_malformed` if the stored public key is unusable
/// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
pub fn verify_assertion(
    keys: &dyn Keys,
    presented: &PresentedAssertion,
    expected: ExpectedAssertion<'_>,
    demand: &Demand,
    tell: &mut dyn FnMut(&Verdict<'_>),
) -> Result<Option<AcceptedAssertion>> {
    let mut claimed = None;
    let (key, assertion) = match prove(keys, presented, demand.at, &mut claimed)? {
        Ok(proved) => proved,
        Err(AssertionFlaw { code, message }) => {
            tell(&Verdict::new(code).of(Credential::Assertion, claimed).because(message));
            return Ok(None);
        }
    };
    let claims = &assertion.claims;
    let digest = Sha256::new().chain_update(DOMAIN).chain_update(key.id.as_bytes()).chain_update(&claims.id).finalize();
    let spent = AssertionUse { seen: digest.into(), issued: claims.issued, expires: claims.expires };
    let mut verdict = Verdict::judged(Credential::Assertion, key.view(), demand);
    if verdict.is_valid()
        && let Some(AssertionFlaw { code, message }) = misdirected(&assertion, expected)
    {
        verdict = Verdict { code, ..verdict }.because(message);
    }
    if verdict.is_valid()
        && let Some(code) = spent.recorded(keys)?
    {
        verdict = Verdict { code, ..verdict }.because(AssertionUse::message(code));
    }
    tell(&verdict);
    let used = KeyUse { key: key.id, last_used: key.lifecycle.last_used };
    Ok(verdict.is_valid().then_some(AcceptedAssertion { used, spent }))
}

/// Parses the assertion, finds its key, and verifies its signature. Sets `claimed` to the id that the assertion claims.
fn prove<'a>(
    keys: &dyn Keys,
    presented: &'a PresentedAssertion,
    now: Time,
    claimed: &mut Option<KeyId>,
) -> Result<Result<(Key, Assertion<'a>), AssertionFlaw>> {
    let refuse = |code, message: &str| Ok(Err(AssertionFlaw::new(code, message.to_owned())));
    let assertion = match Assertion::parse(&presented.text) {
        Ok(assertion) => assertion,
        Err(flaw) => return Ok(Err(flaw)),
    };
    if !presented.is_of(&assertion.claims.client) {
        return refuse(VerdictCode::BadRequest, "the `client_id` of the request is not the `iss` of the assertion");
    }
    *claimed = assertion.claims.client.parse().ok();
    let Some(id) = *claimed else {
        return refuse(VerdictCode::NotFound, "the `iss` of the assertion is not a key id");
    };
    let Some(key) = keys.key(id, now)? else {
        return refuse(VerdictCode::NotFound, VerdictCode::NotFound.meaning());
    };
    let (Some(public), Some(verifier)) = (key.material.public_key(), verifier(&key)?) else {
        return refuse(VerdictCode::WrongType, "the key is not a key pair, so it cannot sign assertions");
    };
    if let Some(kid) = &assertion.header.kid
        && !names(kid, id, public)?
    {
        return refuse(VerdictCode::WrongKid, VerdictCode::WrongKid.meaning());
    }
    let algorithm = assertion.header.algorithm;
    if !verifier.supports(algorithm.signatures()) {
        let message = format!("the key cannot sign with {}", algorithm.word());
        return refuse(VerdictCode::AssertionAlgorithm, &message);
    }
    if !verifier.could_be(&assertion.signature) {
        let message = "the length or the value of the signature is out of range for the key";
        return refuse(VerdictCode::BadSignature, message);
    }
    if !verifier.accepts(algorithm.signatures(), assertion.signed.as_bytes(), &assertion.signature) {
        return refuse(VerdictCode::WrongSignature, "the signature does not match the key and the assertion");
    }
    Ok(Ok((key, assertion)))
}

/// Returns `true` if the `kid` is the id of the key or its JWK thumbprint (RFC 7638).
fn names(kid: &str, id: KeyId, public: &StoredPublicKey) -> Result<bool> {
    Ok(kid.parse().ok() == Some(id) || kid.parse().ok() == Some(JwkThumbprint::of_spki(public.spki())?))
}

/// Returns the reason why the assertion is not for the expected audience and the current time, or `None` if it is.
fn misdirected(assertion: &Assertion<'_>, expected: ExpectedAssertion<'_>) -> Option<AssertionFlaw> {
    let claims = &assertion.claims;
    if claims.audience != expected.audience.as_str() {
        let message = format!(
            "the assertion is for the audience `{}`; the expected audience is `{}`",
            excerpt(&claims.audience),
            expected.audience
        );
        return Some(AssertionFlaw::new(VerdictCode::WrongAudience, message));
    }
    let lifetime = claims.expires - claims.issued;
    if lifetime > LONGEST_ASSERTION {
        let message =
            format!("the lifetime of the assertion is {lifetime} s; at most {LONGEST_ASSERTION} s are allowed");
        return Some(AssertionFlaw::new(VerdictCode::AssertionTooLong, message));
    }
    let now = expected.now.millis();
    for (claim, time) in [("iat", Some(claims.issued)), ("nbf", claims.not_before)] {
        let ahead = time.map_or(0, |time| time.saturating_mul(1000).saturating_sub(now));
        if ahead > ASSERTION_SKEW * 1000 {
            let seconds = ahead.saturating_add(999) / 1000;
            let message =
                format!("the `{claim}` of the assertion is {seconds} s ahead; at most {ASSERTION_SKEW} s are allowed");
            return Some(AssertionFlaw::new(VerdictCode::AssertionNotYetValid, message));
        }
    }
    (now >= claims.expires * 1000).then(|| {
        let ago = (now - claims.expires * 1000) / 1000;
        AssertionFlaw::new(VerdictCode::AssertionExpired, format!("the assertion expired {ago} s ago; sign a new one"))
    })
}
