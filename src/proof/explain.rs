//! Finding the cause of an invalid signature by trying the common mistakes of signers. The explanation never makes a
//! request valid.

use super::{VerdictCode, verify_request::verifier};
use crate::{
    error::Result,
    key::{Key, KeyId, KeyType, Status, Time},
    keypair::{PublicKey, RecoveredMessage, RecoveredScheme, SignatureAlgorithm, Verifier},
    keyring::{Cursor, Query, Reads, Selection, Sort},
    signing::{
        Concatenation, Explanation, HttpRequest, MessageSignatures, Scheme, Signing,
        concatenation::{Variants, explain_method},
        message_signatures::Refused,
    },
};
use sha2::{Digest, Sha256};

/// The maximum number of keys to read when looking for another key that matches a signature.
const KEYS: u64 = 256;

/// The maximum cost of trying other keys or, for Ed25519, other messages, in verifications with 2048-bit RSA keys or
/// Ed25519 keys. A verification with an RSA key of twice the size costs four times as much.
const VERIFICATIONS: usize = 64;

/// The maximum number of bytes of messages to hash.
const HASHED: usize = 16 << 20;

/// Looks for common mistakes in a request that was refused with the verdict `code`. Returns `None` if none of them
/// explains the verdict.
///
/// # Errors
/// - `public_key_malformed` if the stored public key is unusable
/// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
pub fn explain(
    keyring: &dyn Reads,
    signing: &Signing,
    request: &HttpRequest,
    code: VerdictCode,
    now: Time,
) -> Result<Option<Explanation>> {
    match signing.scheme() {
        Scheme::Concatenation(scheme) => {
            explain_concatenation(keyring, scheme, request, code, &signing.algorithms(), now)
        }
        Scheme::HttpMessageSignatures(scheme) => explain_message(keyring, signing, scheme, request, code, now),
    }
}

fn explain_message(
    keyring: &dyn Reads,
    signing: &Signing,
    scheme: &MessageSignatures,
    request: &HttpRequest,
    code: VerdictCode,
    now: Time,
) -> Result<Option<Explanation>> {
    let algorithms = &signing.algorithms();
    let explained = |refused: Refused<'_>| {
        let found = scheme.explain(request, refused);
        found.map(|(mistake, hint)| Explanation::new(mistake, hint))
    };
    let signatures = match scheme.presented(request) {
        Ok(signatures) => signatures,
        Err(flaw) => return Ok(explained(Refused::Flaw(&flaw))),
    };
    let explainable = [
        VerdictCode::WrongAlgorithm,
        VerdictCode::WrongSignature,
        VerdictCode::BadSignature,
        VerdictCode::TimestampSkewed,
    ];
    if !explainable.contains(&code) {
        return Ok(None);
    }
    for presented in &signatures {
        let Some(lookup) = signing.key_named(&presented.key) else { continue };
        let Some(key) = keyring.find(&lookup, now, 1)?.pop() else { continue };
        let Some(verifier) = verifier(&key)? else { continue };
        if let Some(found) = explained(Refused::Signature(presented, &verifier)) {
            return Ok(Some(found));
        }
        if code != VerdictCode::TimestampSkewed
            && let Some(found) = other_key(keyring, &key, &presented.message, &presented.signature, algorithms, now)?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn explain_concatenation(
    keyring: &dyn Reads,
    scheme: &Concatenation,
    request: &HttpRequest,
    code: VerdictCode,
    algorithms: &[SignatureAlgorithm],
    now: Time,
) -> Result<Option<Explanation>> {
    let Ok(sent) = scheme.sent(request) else { return Ok(None) };
    match code {
        VerdictCode::BadTimestamp => return Ok(scheme.explain_timestamp(&sent.timestamp)),
        VerdictCode::BadMethod => return Ok(explain_method(&request.method)),
        // A signature of the wrong length may have been made with another key.
        VerdictCode::BadPath | VerdictCode::WrongSignature | VerdictCode::BadSignature => {}
        _ => return Ok(None),
    }
    let (Ok(id), Ok(signature)) = (sent.key.parse::<KeyId>(), scheme.encoding.decode(&sent.signature)) else {
        return Ok(None);
    };
    let Some(key) = keyring.key(id, now)? else { return Ok(None) };
    let Some(verifier) = verifier(&key)? else { return Ok(None) };
    let Some(variants) = scheme.variants(request) else { return Ok(None) };
    let found = match verifier.recover(&signature) {
        Some(recovered) => search(&variants, &recovered, algorithms),
        None => try_all(&variants, &verifier, &signature, algorithms),
    };
    if found.is_some() {
        return Ok(found);
    }
    other_key(keyring, &key, &variants.right(), &signature, algorithms, now)
}

/// Returns the explanation of the first combination of variants that was signed, or `None` if none of them was.
fn search(variants: &Variants, signed: &RecoveredMessage, algorithms: &[SignatureAlgorithm]) -> Option<Explanation> {
    let most = HASHED / variants.right().len().max(1);
    variants.combinations().into_iter().take(most.max(1)).find_map(|parts| {
        let digest = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(&part.0)).finalize();
        let scheme = scheme(signed.scheme(&digest.into())?, algorithms);
        let mistakes = scheme.iter().chain(parts.into_iter().filter_map(|part| part.1.as_ref()));
        Some(combined(&mistakes.collect::<Vec<_>>()))
    })
}

/// Like [`search`], for a signature from which no message can be recovered. Each combination takes a verification, so
/// only the first [`VERIFICATIONS`] of them are tried.
fn try_all(
    variants: &Variants,
    verifier: &Verifier,
    signature: &[u8],
    algorithms: &[SignatureAlgorithm],
) -> Option<Explanation> {
    variants.combinations().into_iter().take(VERIFICATIONS).find_map(|parts| {
        let message: Vec<u8> = parts.iter().flat_map(|part| part.0.iter().copied()).collect();
        let is_signed = algorithms.iter().any(|algorithm| verifier.accepts(*algorithm, &message, signature));
        is_signed.then(|| combined(&parts.into_iter().filter_map(|part| part.1.as_ref()).collect::<Vec<_>>()))
    })
}

/// Combines several mistakes into one explanation. If there are no mistakes, the signature is correct, so the mistake was
/// made when the request was presented.
fn combined(mistakes: &[&Explanation]) -> Explanation {
    Explanation::combined(mistakes).unwrap_or_else(|| {
        let hint = "present the path without the query; the signature is correct for that path";
        Explanation::new("query_presented", hint)
    })
}

/// Returns the explanation of a scheme of RSA that none of the accepted algorithms uses, or `None` if it is accepted.
fn scheme(scheme: RecoveredScheme, accepted: &[SignatureAlgorithm]) -> Option<Explanation> {
    match scheme {
        RecoveredScheme::Supported if accepted.contains(&SignatureAlgorithm::RsaPssSha256) => None,
        RecoveredScheme::Supported => {
            Some(Explanation::new("pss", "sign with PKCS#1 v1.5, not RSASSA-PSS: `openssl dgst -sha256 -sign KEY`"))
        }
        RecoveredScheme::Pkcs1 if accepted.contains(&SignatureAlgorithm::RsaPkcs1Sha256) => None,
        RecoveredScheme::Pkcs1 => Some(Explanation::new(
            "pkcs1_v15",
            "sign with RSASSA-PSS, not PKCS#1 v1.5: `openssl dgst -sha256 -sign KEY -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32`",
        )),
        RecoveredScheme::Salt(length) => Some(Explanation::new(
            "salt_length",
            format!(
                "sign with a salt of 32 bytes, not {length}: pass `-sigopt rsa_pss_saltlen:32` to openssl, which by default uses the maximum length in versions before 3.1"
            ),
        )),
    }
}

/// Returns the maximum number of keys to try for a signature of the given length in bytes.
fn tries(length: usize) -> usize {
    let cost = (length * length / (256 * 256)).max(1);
    VERIFICATIONS / cost.min(VERIFICATIONS)
}

/// Looks for another key in the keyring that matches the signature, and returns `None` if no such key is found. Reads
/// the [`KEYS`] newest active key pairs, newest first, and tries at most [`tries`] of those whose signatures have the
/// same length.
fn other_key(
    keyring: &dyn Reads,
    claimed: &Key,
    message: &[u8],
    signature: &[u8],
    algorithms: &[SignatureAlgorithm],
    now: Time,
) -> Result<Option<Explanation>> {
    let selection =
        Selection { types: KeyType::key_pairs().collect(), statuses: vec![Status::Active], ..Selection::all(now) };
    let query = Query { selection, sort: Sort::default(), after: None, limit: Some(KEYS) };
    let mut cursor = Cursor::default();
    let mut found = None;
    let mut left = tries(signature.len());
    while found.is_none()
        && left > 0
        && keyring.page(&query, &mut cursor, &mut |facts| {
            if facts.id == claimed.id || found.is_some() || left == 0 {
                return Ok(());
            }
            let public = facts.spki.and_then(|spki| PublicKey::from_spki(spki).ok());
            let Some(public) = public.filter(|public| public.signature_length() == signature.len()) else {
                return Ok(());
            };
            left -= 1;
            // A damaged row does not prevent the next key from being tried.
            if let Ok(verifier) = public.verifier()
                && algorithms.iter().any(|algorithm| verifier.accepts(*algorithm, message, signature))
            {
                let hint = format!(
                    "send the id of the key that made the signature, `{}` ({}), or sign with the private key of {}",
                    facts.name, facts.id, claimed.id
                );
                found = Some(Explanation::new("wrong_key", hint));
            }
            Ok(())
        })?
    {}
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_keys_are_tried_less_often() {
        assert_eq!([256, 384, 512, 1024, 0, 1 << 20].map(tries), [64, 32, 16, 4, 64, 1]);
    }
}
