//! Finding the cause of an invalid signature by trying the common mistakes of signers. The explanation never makes a
//! request valid.

use super::{
    SignedRequest, VerdictCode,
    request::{Method, Path, Timestamp, algorithm},
    verify_request::{decode, verifier},
};
use crate::{
    error::Result,
    key::{Key, KeyId, KeyType, Status, Time, contains_secret},
    keypair::{PublicKey, RecoveredMessage, RecoveredScheme, Verifier},
    keyring::{Cursor, Query, Reads, Selection, Sort},
};
use sha2::{Digest, Sha256};

/// The maximum number of keys to read when looking for another key that matches a signature.
const KEYS: u64 = 256;

/// The maximum cost of trying other keys or, for Ed25519, other messages, in verifications with 2048-bit RSA keys or
/// Ed25519 keys. A verification with an RSA key of twice the size costs four times as much.
const VERIFICATIONS: usize = 64;

/// The maximum number of leading path segments that are left out as a trial. The omission of a longer prefix is not
/// explained.
const PREFIXES: usize = 12;

/// The maximum length of a part of the request that is not signed, such as the body, in bytes. The message is hashed
/// with each combination of variants, so a longer part is not tried.
const UNSIGNED: usize = 16 * 1024;

/// A path prefix that signers often omit, or add where it does not belong.
const PREFIX: &str = "/trade-api/v2";

/// An explanation of the mistakes in a signed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// A stable word that identifies the mistake or, if there are several, the first one.
    pub mistake: &'static str,
    /// The steps that fix the mistakes, separated by semicolons.
    pub hint: String,
}

impl Explanation {
    fn new(mistake: &'static str, hint: impl Into<String>) -> Self {
        Self { mistake, hint: hint.into() }
    }
}

/// Looks for common mistakes in a request that was refused with the verdict `code`. Returns `None` if none of them
/// explains the verdict.
///
/// # Errors
/// - `public_key_malformed` if the stored public key is unusable
/// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
pub fn explain(
    keyring: &dyn Reads,
    presented: &SignedRequest,
    code: VerdictCode,
    now: Time,
) -> Result<Option<Explanation>> {
    match code {
        VerdictCode::BadTimestamp if is_seconds(&presented.timestamp) => return Ok(Some(seconds())),
        VerdictCode::BadMethod if !presented.method.is_empty() => {
            let upper = presented.method.to_ascii_uppercase();
            return Ok(upper.parse::<Method>().is_ok().then(|| lower_case(&upper)));
        }
        // A signature of the wrong length may have been made with another key.
        VerdictCode::BadPath | VerdictCode::WrongSignature | VerdictCode::BadSignature => {}
        _ => return Ok(None),
    }
    let (Ok(id), Ok(signature)) = (presented.key_id.parse::<KeyId>(), decode(&presented.signature)) else {
        return Ok(None);
    };
    let Some(key) = keyring.key(id, now)? else { return Ok(None) };
    let Some(verifier) = verifier(&key)? else { return Ok(None) };
    let Some(variants) = Variants::of(presented) else { return Ok(None) };
    let found = match verifier.recover(&signature) {
        Some(recovered) => variants.search(&recovered),
        None => variants.try_all(&verifier, &signature),
    };
    if found.is_some() {
        return Ok(found);
    }
    other_key(keyring, &key, &variants.right(), &signature, now)
}

fn is_seconds(timestamp: &str) -> bool {
    timestamp.len() == 10 && timestamp.bytes().all(|b| b.is_ascii_digit())
}

fn seconds() -> Explanation {
    Explanation::new("seconds", "send and sign the timestamp in milliseconds (13 digits)")
}

fn lower_case(upper: &str) -> Explanation {
    Explanation::new("lower_case_method", format!("send and sign the method in uppercase: {upper}"))
}

/// A variant of one part of the message: the text that may have been signed, and the mistake that leads to it, or
/// `None` for the correct text.
type Variant = (String, Option<Explanation>);

/// The variants of each part of the message, with the correct variant first.
struct Variants {
    timestamps: Vec<Variant>,
    methods: Vec<Variant>,
    paths: Vec<Variant>,
    ends: Vec<Variant>,
}

impl Variants {
    /// Returns the variants of a presented request, or `None` if the timestamp, or the path without its query, is
    /// malformed.
    fn of(presented: &SignedRequest) -> Option<Self> {
        // A query in the path is the only malformed part that the signature can explain.
        let cut = presented.path.find(['?', '#']).unwrap_or(presented.path.len());
        let (path, query) = presented.path.split_at(cut);
        let query = if query.is_empty() { presented.unsigned.query.as_str() } else { query };
        let path: Path = path.parse().ok()?;
        let timestamp: Timestamp = presented.timestamp.parse().ok()?;
        let (timestamp, path, method) = (timestamp.to_string(), path.as_str(), presented.method.to_ascii_uppercase());
        let lower = lower_case(&method);
        let body = Explanation::new("body_signed", "sign the message without the body");
        let body_text = std::str::from_utf8(&presented.unsigned.body).unwrap_or_default();
        let tried = |text: &&str| !text.is_empty() && text.len() <= UNSIGNED;
        let query = Some(query).filter(tried).unwrap_or_default();
        let origin = presented.unsigned.origin.as_deref().filter(tried);
        let mut ends = vec![(String::new(), None)];
        if tried(&body_text) {
            ends.push((body_text.to_owned(), Some(body)));
        }
        Some(Self {
            timestamps: vec![(timestamp.clone(), None), (timestamp[..timestamp.len() - 3].to_owned(), Some(seconds()))],
            methods: vec![(method.clone(), None), (method.to_ascii_lowercase(), Some(lower))],
            paths: paths(path, query, origin),
            ends,
        })
    }

    /// Returns the message that should have been signed.
    fn right(&self) -> Vec<u8> {
        [&self.timestamps[0].0, &self.methods[0].0, &self.paths[0].0].map(String::as_str).concat().into_bytes()
    }

    /// Returns every combination of variants, starting with those that contain the fewest mistakes.
    fn combinations(&self) -> Vec<[&Variant; 4]> {
        let mut found = Vec::new();
        for end in &self.ends {
            for path in &self.paths {
                for method in &self.methods {
                    for timestamp in &self.timestamps {
                        found.push([timestamp, method, path, end]);
                    }
                }
            }
        }
        found.sort_by_key(|parts| parts.iter().filter(|part| part.1.is_some()).count());
        found
    }

    /// Returns the explanation of the first combination of variants that was signed, or `None` if none of them was.
    fn search(&self, signed: &RecoveredMessage) -> Option<Explanation> {
        self.combinations().into_iter().find_map(|parts| {
            let digest = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(&part.0)).finalize();
            let scheme = scheme(signed.scheme(&digest.into())?);
            let mistakes = parts.into_iter().filter_map(|part| part.1.as_ref());
            Some(combined(&scheme.iter().chain(mistakes).collect::<Vec<_>>()))
        })
    }

    /// Like [`Variants::search`], for a signature from which no message can be recovered. Each combination takes a
    /// verification, so only the first [`VERIFICATIONS`] of them are tried.
    fn try_all(&self, verifier: &Verifier, signature: &[u8]) -> Option<Explanation> {
        self.combinations().into_iter().take(VERIFICATIONS).find_map(|parts| {
            let message = parts.map(|part| part.0.as_str()).concat();
            let mistakes = || parts.iter().filter_map(|part| part.1.as_ref()).collect::<Vec<_>>();
            verifier
                .accepts(algorithm(verifier.algorithm()), message.as_bytes(), signature)
                .then(|| combined(&mistakes()))
        })
    }
}

/// Combines several mistakes into one explanation: the first mistake provides the word, and all of them provide hints.
/// If there are no mistakes, the signature is correct, so the mistake was made when the request was presented.
fn combined(mistakes: &[&Explanation]) -> Explanation {
    let Some(first) = mistakes.first() else {
        let hint = "present the path without the query; the signature is correct for that path";
        return Explanation::new("query_presented", hint);
    };
    let hints: Vec<&str> = mistakes.iter().map(|mistake| mistake.hint.as_str()).collect();
    Explanation::new(first.mistake, hints.join("; "))
}

/// Returns the explanation of an unsupported scheme, or `None` if the scheme is supported.
fn scheme(scheme: RecoveredScheme) -> Option<Explanation> {
    match scheme {
        RecoveredScheme::Supported => None,
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

fn paths(path: &str, query: &str, origin: Option<&str>) -> Vec<Variant> {
    let mut ways = vec![(path.to_owned(), None)];
    let mut add = |signed: String, mistake, hint: String| {
        if ways.iter().all(|(other, _)| *other != signed) {
            ways.push((signed, Some(Explanation::new(mistake, hint))));
        }
    };
    if !query.is_empty() {
        add(format!("{path}{query}"), "query_signed", "sign the path without the query".to_owned());
    }
    for (at, _) in path.match_indices('/').skip(1).take(PREFIXES) {
        let (missing, rest) = path.split_at(at);
        let start = if contains_secret(missing) { String::new() } else { format!(", starting with `{missing}`") };
        let hint = format!("sign the whole path from the root of the host{start}");
        add(rest.to_owned(), "path_prefix_missing", hint);
    }
    add(path[1..].to_owned(), "path_slash_missing", "sign the path with its leading slash".to_owned());
    let extra = format!("sign the requested path, without `{PREFIX}` before it");
    add(format!("{PREFIX}{path}"), "path_prefix_extra", extra);
    match path.strip_suffix('/') {
        Some(bare) => add(bare.to_owned(), "path_end", "sign the path with its trailing slash".to_owned()),
        None => add(format!("{path}/"), "path_end", "sign the path without a trailing slash".to_owned()),
    }
    if let Some(origin) = origin {
        let hint = "sign only the path, without the scheme and the host";
        add(format!("{origin}{path}"), "url_signed", hint.to_owned());
        add(format!("{origin}{path}{query}"), "url_signed", hint.to_owned());
    }
    ways
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
                && verifier.accepts(algorithm(verifier.algorithm()), message, signature)
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
    use crate::proof::UnsignedParts;

    fn variants(path: &str, query: &str, origin: &str, body: &[u8]) -> Variants {
        let unsigned = UnsignedParts { origin: Some(origin.into()), query: query.into(), body: body.to_vec() };
        let (timestamp, method, path) = ("1700000000000".into(), "GET".into(), path.into());
        Variants::of(&SignedRequest { timestamp, method, path, unsigned, ..SignedRequest::default() }).unwrap()
    }

    #[test]
    fn the_work_for_one_signature_is_bounded() {
        let work = |variants: &Variants| -> (usize, usize) {
            let tried = variants.combinations();
            let bytes = tried.iter().flatten().map(|part| part.0.len()).sum();
            (tried.len(), bytes)
        };
        let slashes = "/a".repeat(8 * 1024);
        let long = "b".repeat(UNSIGNED);
        for (path, query, origin, body) in [
            (&*slashes, "", "https://x", &b""[..]),
            (&slashes, &long, &long, long.as_bytes()),
            ("/", &long, &long, long.as_bytes()),
            (&slashes, &"c".repeat(1 << 20), &"d".repeat(1 << 20), "e".repeat(1 << 20).as_bytes()),
        ] {
            let (combinations, bytes) = work(&variants(path, query, origin, body));
            assert!(combinations <= 160 && bytes <= 6 << 20, "{combinations} combinations, {bytes} bytes");
        }
        let usual = variants("/trade-api/v2/a/b", "?c", "https://x", b"body");
        assert!(usual.paths.len() == 10 && usual.ends.len() == 2, "a usual request is tried in full");
        assert_eq!(usual.combinations()[0].map(|part| &*part.0).concat(), "1700000000000GET/trade-api/v2/a/b");
    }

    #[test]
    fn large_keys_are_tried_less_often() {
        assert_eq!([256, 384, 512, 1024, 0, 1 << 20].map(tries), [64, 32, 16, 4, 64, 1]);
    }
}
