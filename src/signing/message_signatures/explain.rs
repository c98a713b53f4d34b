//! Finding the mistake in a signature that was refused, by trying the common mistakes of signers. An explanation never
//! makes a request valid.

use super::super::concatenation::explain_method;
use super::super::{FlawKind, HttpRequest, PresentedSignature, RequestFlaw, request_body::RequestBody};
use super::base::Message;
use super::digest;
use super::structured::{self, Limits, Value};
use super::variants::{BaseVariants, Mistake};
use super::{MessageSignatures, input};
use crate::keypair::{RecoveredMessage, RecoveredScheme, SignatureAlgorithm, Verifier};
use sha2::{Digest, Sha256, Sha512};

/// The maximum number of Ed25519 verifications with which the mistake in a signature is searched.
const VERIFICATIONS: usize = 64;

/// The maximum number of messages that are compared with the message recovered from an RSA signature.
const VARIANTS: usize = 256;

/// The minimum time of a signature, in milliseconds, at which `created` must be a number of milliseconds. As a number
/// of seconds, it would be in the year 5138; as a number of milliseconds, it is in 1973.
const FIRST_IN_MILLISECONDS: i64 = 100_000_000_000_000;

/// A refused signature or request.
#[derive(Clone, Copy)]
pub enum Refused<'a> {
    /// A signature that is not valid for the public key, or whose time is not accepted.
    Signature(&'a PresentedSignature, &'a Verifier),
    /// The flaw of a request that has no acceptable signature.
    Flaw(&'a RequestFlaw),
}

impl MessageSignatures {
    /// Returns a stable word for the mistake in a refused request and the steps that fix it, or `None` if no common
    /// mistake explains it. A signature is verified at most 64 times.
    #[must_use]
    pub fn explain(&self, request: &HttpRequest, refused: Refused<'_>) -> Option<(&'static str, String)> {
        let message = Message::new(request).ok();
        match refused {
            Refused::Signature(presented, _) if presented.timestamp.millis() >= FIRST_IN_MILLISECONDS => {
                Some(("milliseconds", "write `created` in seconds since 1970, with 10 digits".to_owned()))
            }
            Refused::Signature(presented, key) => self.signature(&message?, presented, key),
            Refused::Flaw(flaw) => match flaw.kind {
                FlawKind::SignatureInput => syntax(request),
                FlawKind::Timestamp => created(request).or_else(|| syntax(request)),
                FlawKind::Algorithm => unquoted_parameter(request).or_else(|| Some(self.algorithm())),
                FlawKind::Tag => unquoted_parameter(request).or_else(|| {
                    let tag = self.tag.as_deref()?;
                    Some(("wrong_tag", format!("sign with the parameter tag=\"{tag}\"")))
                }),
                FlawKind::Signature => Some(signature_field(request)),
                FlawKind::NotCovered => self.not_covered(&message?, RequestBody::of(request)),
                FlawKind::Digest => other_digest(&message?, RequestBody::of(request)),
                FlawKind::Method => explain_method(&request.method).map(|found| (found.mistake, found.hint)),
                _ => None,
            },
        }
    }

    fn algorithm(&self) -> (&'static str, String) {
        let words: Vec<_> = self.algorithms.iter().map(|algorithm| format!("alg=\"{algorithm}\"")).collect();
        (
            "wrong_algorithm",
            format!("sign with one of these algorithms, or omit the parameter `alg`: {}", words.join(", ")),
        )
    }

    fn not_covered(&self, message: &Message<'_>, body: RequestBody<'_>) -> Option<(&'static str, String)> {
        let required = self.required(body);
        let missing = input::candidates(message).ok()?.into_iter().flatten().find_map(|candidate| {
            let is_missing =
                |required: &&_| !candidate.covered.iter().any(|covered| covered.component.covers(required));
            let missing: Vec<_> = required.iter().filter(is_missing).map(super::Component::identifier).collect();
            (!missing.is_empty()).then_some(missing)
        })?;
        Some(("not_covered", format!("cover these components too: {}", missing.join(" "))))
    }

    /// Returns the mistakes of the signer if the signature is valid for a message or an algorithm with these mistakes.
    fn signature(
        &self,
        message: &Message<'_>,
        presented: &PresentedSignature,
        key: &Verifier,
    ) -> Option<(&'static str, String)> {
        let fitting: Vec<_> = self.algorithms.iter().copied().filter(|algorithm| key.supports(*algorithm)).collect();
        let Some(expected) = presented.algorithm.or(fitting.first().copied()).filter(|found| fitting.contains(found))
        else {
            let words = |algorithms: &[SignatureAlgorithm]| {
                algorithms.iter().map(|algorithm| format!("\"{algorithm}\"")).collect::<Vec<_>>().join(" or ")
            };
            let hint = match &fitting[..] {
                [] => format!("sign with a key for {}", words(&self.algorithms)),
                fitting => format!("use the parameter `alg` that fits the key: {}", words(fitting)),
            };
            return Some(("wrong_algorithm", hint));
        };
        let variants = BaseVariants::of(message, presented)?;
        let recovered = key.recover(&presented.signature);
        let signed = |text: &[u8]| match &recovered {
            Some(recovered) => rsa_algorithm(recovered, text, expected),
            None => key.accepts(expected, text, &presented.signature).then_some(None),
        };
        let right = std::iter::once((Vec::new(), variants.right().to_vec()));
        // With a recovered message, a trial costs no verification.
        let most = if recovered.is_some() { VARIANTS } else { VERIFICATIONS };
        let (mut mistakes, algorithm) = right
            .chain(variants.wrong())
            .take(most)
            .find_map(|(mistakes, text)| signed(&text).map(|algorithm| (mistakes, algorithm)))?;
        mistakes.extend(algorithm);
        let hints: Vec<_> = mistakes.iter().map(|mistake| mistake.hint.as_str()).collect();
        Some((mistakes.first()?.word, hints.join("; ")))
    }
}

/// Returns `None` if the text was not signed, or otherwise the mistake in the choice of the algorithm, if there is one.
#[expect(clippy::option_option, reason = "the two meanings of `None` are documented")]
fn rsa_algorithm(signed: &RecoveredMessage, text: &[u8], expected: SignatureAlgorithm) -> Option<Option<Mistake>> {
    let (algorithm, salt) = match signed.scheme(&Sha256::digest(text).into()) {
        Some(RecoveredScheme::Supported) => (SignatureAlgorithm::RsaPssSha256, None),
        Some(RecoveredScheme::Salt(length)) => (SignatureAlgorithm::RsaPssSha256, Some(length)),
        Some(RecoveredScheme::Pkcs1) => (SignatureAlgorithm::RsaPkcs1Sha256, None),
        None => {
            let length = signed.salt_with_sha512(&Sha512::digest(text).into())?;
            (SignatureAlgorithm::RsaPssSha512, Some(length).filter(|length| *length != 64))
        }
    };
    let how = match expected {
        SignatureAlgorithm::RsaPssSha512 => {
            ": RSASSA-PSS with SHA-512 and a salt of 64 bytes, such as `openssl dgst -sha512 -sign KEY -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:64`"
        }
        SignatureAlgorithm::RsaPkcs1Sha256 => {
            ": RSASSA-PKCS1-v1_5 with SHA-256, such as `openssl dgst -sha256 -sign KEY`"
        }
        SignatureAlgorithm::RsaPssSha256 | SignatureAlgorithm::Ed25519 => "",
    };
    Some(match salt {
        _ if algorithm != expected => {
            Some(Mistake { word: "wrong_algorithm", hint: format!("sign with {expected}, not {algorithm}{how}") })
        }
        Some(length) => {
            let hint = format!(
                "sign with a salt of 64 bytes, not {length}: pass `saltLength: 64` to Node.js, or `-sigopt rsa_pss_saltlen:64` to openssl"
            );
            Some(Mistake { word: "salt_length", hint })
        }
        None => None,
    })
}

/// Returns the combined text of a field, even if its syntax is invalid.
fn raw(request: &HttpRequest, name: &str) -> String {
    request.field_values(name).collect::<Vec<_>>().join(", ")
}

/// Returns the mistake in a malformed field `signature-input`.
fn syntax(request: &HttpRequest) -> Option<(&'static str, String)> {
    let text = raw(request, "signature-input");
    if text.is_empty() {
        let hint = "send the field Signature-Input next to the field Signature (RFC 9421, section 4.1)";
        return Some(("no_signature_input", hint.to_owned()));
    }
    unquoted_parameter(request).or_else(|| {
        let (_, list) = text.split_once('(')?;
        let (list, _) = list.split_once(')')?;
        let list = list.trim();
        if list.contains(',') {
            let hint = "separate the components with spaces, not commas, as in (\"@method\" \"@path\")";
            return Some(("commas_in_components", hint.to_owned()));
        }
        let is_unquoted = list.split(' ').any(|item| !item.is_empty() && !item.starts_with('"'));
        let hint = "write each component in double quotes, as in (\"@method\" \"@path\")";
        is_unquoted.then(|| ("unquoted_component", hint.to_owned()))
    })
}

/// Returns the mistake if a parameter that must be a string has no quotes.
fn unquoted_parameter(request: &HttpRequest) -> Option<(&'static str, String)> {
    let text = raw(request, "signature-input");
    ["keyid", "alg", "nonce", "tag"].into_iter().find_map(|name| {
        let start = format!(";{name}=");
        let is_unquoted = text.replace(' ', "").split(&start).skip(1).any(|value| !value.starts_with('"'));
        let word = if name == "keyid" { "unquoted_keyid" } else { "unquoted_parameter" };
        is_unquoted
            .then(|| (word, format!("write the parameter `{name}` as a string in double quotes: {name}=\"...\"")))
    })
}

/// Returns the mistake in the parameter `created`.
fn created(request: &HttpRequest) -> Option<(&'static str, String)> {
    let text = raw(request, "signature-input");
    let Some((_, value)) = text.split_once(";created=") else {
        return Some(("no_created", "add the parameter `created` with the time in seconds since 1970".to_owned()));
    };
    if value.starts_with('"') {
        return Some(("quoted_created", "write `created` as a number, without quotes".to_owned()));
    }
    let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    value[end..]
        .starts_with('.')
        .then(|| ("fraction_in_created", "write `created` as a whole number of seconds, without a fraction".to_owned()))
}

/// Returns the mistake in a malformed field `signature`.
fn signature_field(request: &HttpRequest) -> (&'static str, String) {
    let text = raw(request, "signature");
    if text.is_empty() {
        let hint = "send the field Signature next to the field Signature-Input (RFC 9421, section 4.2)";
        return ("no_signature", hint.to_owned());
    }
    let labels = |text: &str| {
        let members = structured::parse_dictionary(text, Limits { members: 8, items: 128 }).unwrap_or_default();
        members.into_iter().map(|(label, _)| label).collect::<Vec<_>>()
    };
    let inputs = labels(&raw(request, "signature-input"));
    let signatures = labels(&text);
    if text.contains(':') && !signatures.is_empty() && !signatures.iter().any(|label| inputs.contains(label)) {
        return ("other_label", "use the same label in the fields Signature and Signature-Input".to_owned());
    }
    ("signature_encoding", "write the signature in base64 between colons after the label, as in sig1=:AAAA:".to_owned())
}

/// Returns the mistake in the digest of the body.
fn other_digest(message: &Message<'_>, body: RequestBody<'_>) -> Option<(&'static str, String)> {
    let RequestBody::Known(body) = body else {
        return Some(("unknown_body", "pass the body of the request, so that its digest can be checked".to_owned()));
    };
    let Some(field) = message.combined(digest::FIELD) else {
        let hint = "send the field Content-Digest (RFC 9530), as in sha-256=:AAAA:, before the request is signed";
        return Some(("no_digest", hint.to_owned()));
    };
    let encoding = || {
        let hint = "write the digest in base64 between colons, as in sha-256=:AAAA:";
        Some(("digest_encoding", hint.to_owned()))
    };
    let Ok(members) = structured::parse_dictionary(&field, Limits { members: 16, items: 0 }) else { return encoding() };
    let known = |(key, _): &&(sfv::Key, _)| matches!(key.as_str(), "sha-256" | "sha-512");
    let mut digests = Vec::new();
    for (_, member) in members.iter().filter(known) {
        let Value::Item(item) = &member.value else { return encoding() };
        let Some(bytes) = item.as_byte_sequence() else { return encoding() };
        digests.push(bytes);
    }
    if digests.is_empty() {
        let hint = "add a digest with a known algorithm, as in sha-256=:AAAA:";
        return Some(("unknown_digest", hint.to_owned()));
    }
    if digests.iter().all(|digest| ![32, 64].contains(&digest.len())) {
        return encoding();
    }
    let trimmed = body.trim_ascii_end();
    let with_newline = [body, b"\n"].concat();
    let hashed = |text: &[u8]| {
        digests.iter().any(|digest| **digest == *Sha256::digest(text) || **digest == *Sha512::digest(text))
    };
    let what = if trimmed.len() < body.len() && hashed(trimmed) {
        "; the digest is that of the body without the final newline or spaces"
    } else if hashed(&with_newline) {
        "; the digest is that of the body with a newline at the end"
    } else if !body.is_empty() && hashed(b"") {
        "; the digest is that of an empty body"
    } else {
        ""
    };
    Some(("digest_of_other_body", format!("compute the digest of the body exactly as it is sent{what}")))
}
