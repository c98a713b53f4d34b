//! Verifying presented secrets: finding the key of a secret, and checking whether that key may be used.
//!
//! Secrets are compared only by their hashes, so the response time does not reveal how much of a secret was correct.

use super::{Credential, Demand, KeyUse, Mistake, PresentedSecret, Verdict, VerdictCode};
use crate::{
    error::Result,
    key::{KeyId, KeyType, KeyView, Lookup, SecretHash},
    keyring::Keys,
};

/// Judges a presented secret and passes the verdict to `tell`. Returns the use of the key if the verdict is `valid`,
/// and `None` otherwise. The caller records the use if [`KeyUse::is_due`] returns `true`.
///
/// # Errors
/// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
pub fn verify(
    keys: &dyn Keys,
    presented: &Result<PresentedSecret<'_>, Mistake>,
    demand: &Demand,
    tell: &mut dyn FnMut(&Verdict<'_>),
) -> Result<Option<KeyUse>> {
    let claim = match presented {
        Ok(claim) => claim,
        Err(mistake) => {
            tell(&Verdict::new(VerdictCode::Malformed).because(mistake.clone()));
            return Ok(None);
        }
    };
    let hash = SecretHash::of(claim.secret().as_bytes());
    match claim {
        PresentedSecret::Token(id, _) => {
            let own = |key: &KeyView<'_>, stored: Option<&SecretHash>| {
                let right = stored.is_some_and(|stored| *stored == hash);
                if right && key.key_type == KeyType::Token { Ok(()) } else { Err(VerdictCode::WrongSecret) }
            };
            // The token of another keyring may have been imported by its hash.
            let lookups = [(*id).into(), Lookup::Secret(hash)];
            compare(keys, &lookups, (Credential::Token, Some(*id), VerdictCode::NotFound), &own, demand, tell)
        }
        PresentedSecret::Pair { id, api_key, .. } => {
            let own = |key: &KeyView<'_>, stored: Option<&SecretHash>| {
                let right = stored.is_some_and(|stored| *stored == hash);
                match key.api_key == Some(api_key.as_str()) {
                    true if right => Ok(()),
                    true => Err(VerdictCode::WrongSecret),
                    // The `api_key` contains the id of a key but is not that key's `api_key`.
                    false => Err(VerdictCode::NotFound),
                }
            };
            let lookup = id.map_or(Lookup::Secret(hash), Lookup::from);
            compare(keys, &[lookup], (Credential::Pair, *id, VerdictCode::NotFound), &own, demand, tell)
        }
        PresentedSecret::Opaque(_) => {
            // The lookup by hash would also find a pair by its secret half.
            let own = |key: &KeyView<'_>, stored: Option<&SecretHash>| {
                let right = stored.is_some_and(|stored| *stored == hash);
                if right && key.key_type == KeyType::Token { Ok(()) } else { Err(VerdictCode::Malformed) }
            };
            compare(
                keys,
                &[Lookup::Secret(hash)],
                (Credential::Token, None, VerdictCode::Malformed),
                &own,
                demand,
                tell,
            )
        }
        PresentedSecret::Bearer(id, _) => bearer(keys, *id, &hash, demand, tell),
    }
}

impl PresentedSecret<'_> {
    /// Returns the text that is hashed: the `api_secret` of a pair, or the whole token.
    fn secret(&self) -> &str {
        match self {
            Self::Token(_, text) | Self::Bearer(_, text) | Self::Opaque(text) => text.as_str(),
            Self::Pair { api_secret, .. } => api_secret.as_str(),
        }
    }
}

/// A function that compares the presented secret with a key, and returns the code of the verdict if the secret does not
/// belong to the key.
type Own<'a> = &'a dyn Fn(&KeyView<'_>, Option<&SecretHash>) -> Result<(), VerdictCode>;

/// Compares the presented secret with the key that the first successful lookup finds.
fn compare(
    keys: &dyn Keys,
    lookups: &[Lookup],
    (credential, claimed, missing): (Credential, Option<KeyId>, VerdictCode),
    own: Own<'_>,
    demand: &Demand,
    tell: &mut dyn FnMut(&Verdict<'_>),
) -> Result<Option<KeyUse>> {
    let mut used = None;
    for lookup in lookups {
        let is_found = keys.peek(lookup, demand.at, &mut |key, stored| match own(key, stored) {
            Ok(()) => used = judged(credential, key, demand, tell),
            Err(code) => tell(&refusal(code, credential, claimed)),
        })?;
        if is_found {
            return Ok(used);
        }
    }
    tell(&refusal(missing, credential, claimed));
    Ok(None)
}

fn judged(
    credential: Credential,
    key: &KeyView<'_>,
    demand: &Demand,
    tell: &mut dyn FnMut(&Verdict<'_>),
) -> Option<KeyUse> {
    let verdict = Verdict::judged(credential, *key, demand);
    tell(&verdict);
    verdict.is_valid().then_some(KeyUse { key: key.id, last_used: key.lifecycle.last_used })
}

fn refusal(code: VerdictCode, credential: Credential, claimed: Option<KeyId>) -> Verdict<'static> {
    let verdict = Verdict::new(code);
    match code {
        // Text in none of keywright's formats could be anything, so the verdict names no kind of proof.
        VerdictCode::Malformed => {
            verdict.because("the input is not a complete token, bearer token or pair for a key in this keyring")
        }
        _ => verdict.of(credential, claimed),
    }
}

/// Judges a bearer token like the key for which it was issued, but with only the scopes that both the token and the key
/// grant, and with the earlier of their expiry times. The code is `not_found` if the token or the key does not exist.
fn bearer(
    keys: &dyn Keys,
    id: KeyId,
    hash: &SecretHash,
    demand: &Demand,
    tell: &mut dyn FnMut(&Verdict<'_>),
) -> Result<Option<KeyUse>> {
    let mut used = None;
    let mut there = false;
    if let Some(bearer) = keys.bearer(hash)? {
        there = keys.peek(&bearer.key.into(), demand.at, &mut |key, _| {
            let scopes = bearer.scopes.as_set().intersection(&key.scopes);
            let mut key = KeyView { scopes: scopes.as_set(), ..*key };
            let ends = key.lifecycle.expires.map_or(bearer.expires, |expires| expires.min(bearer.expires));
            key.lifecycle.expires = Some(ends);
            used = judged(Credential::Bearer, &key, demand, tell);
        })?;
    }
    if !there {
        tell(&refusal(VerdictCode::NotFound, Credential::Bearer, Some(id)));
    }
    Ok(used)
}
