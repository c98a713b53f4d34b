//! Finding secrets that are encoded in base64.

use super::{has_private_key, private_text::OPENSSH, token};
use base64ct::{Base64Unpadded, Encoding as _};
use std::{iter, ops::Range};

/// The minimum number of base64 digits that are examined. Every token and every private key has more.
const SHORTEST: usize = 24;

/// The maximum number of base64 digits that are decoded to recognize a private key in DER.
const HEAD: usize = 256;

/// Returns the parts of `text` that are base64 of a private key in DER or PEM, or of text that contains a token, a
/// bearer token or an `api_secret`.
///
/// The base64 may have several lines, other text may precede the secret inside or outside the base64, and not all of the
/// decoded text has to be UTF-8. Both alphabets of RFC 4648 are recognized, with and without padding. A part may include
/// adjacent characters that can be base64 digits.
#[must_use]
pub fn encoded_secrets(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for block in blocks(text) {
        let before = found.len();
        found.extend(block.iter().filter_map(|run| secret_in_run(&text[run.clone()])));
        // Only the lines together may contain the whole secret.
        if found.len() == before && block.len() > 1 && is_encoded(text, &block) {
            // The secret is in the lines from the last possible start to the first possible end.
            let starts: Vec<usize> = (0..block.len()).collect();
            let first = starts.partition_point(|start| is_encoded(text, &block[*start..])).saturating_sub(1);
            let last = starts[first..].partition_point(|end| !is_encoded(text, &block[first..=*end])) + first;
            found.push(&text[block[first].start..block[last.min(block.len() - 1)].end]);
        }
    }
    found
}

/// The escapes for white space in JSON, in shells, in URLs and in HTML.
const SPACES: [&str; 15] = [
    "\\\\n", "\\\\r", "\\\\t", "\\n", "\\r", "\\t", "\\u000a", "\\u000d", "\\u0020", "\\ ", "%0A", "%0a", "%0D", "%0d",
    "%20",
];

/// Returns the runs of base64 digits in a text. Runs that are separated only by white space, also if it is
/// [escaped](SPACES), are in the same block. Blocks that are too short for a secret are left out.
fn blocks(text: &str) -> Vec<Vec<Range<usize>>> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes[at].is_ascii_alphanumeric() || b"+/-_".contains(&bytes[at]);
    let mut blocks: Vec<Vec<Range<usize>>> = vec![Vec::new()];
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && is_digit(at) {
            at += 1;
        }
        if at > start {
            if let Some(block) = blocks.last_mut() {
                block.push(start..at);
            }
            continue;
        }
        let next = text[at..].chars().next().filter(|c| c.is_whitespace()).map(char::len_utf8);
        let space =
            next.or_else(|| SPACES.iter().find(|space| text[at..].starts_with(**space)).map(|space| space.len()));
        if let Some(length) = space {
            at += length;
        } else {
            blocks.push(Vec::new());
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    blocks.retain(|block| block.iter().map(ExactSizeIterator::len).sum::<usize>() >= SHORTEST);
    blocks
}

/// Returns the part of a run of base64 digits that encodes a secret, from the start of the run, of a private key or of the
/// text after a separator on.
fn secret_in_run(run: &str) -> Option<&str> {
    if run.len() < SHORTEST {
        return None;
    }
    // A separator before the secret, as in a path or an option, can be a base64 digit, too.
    let separators = run.match_indices(|c: char| !c.is_ascii_alphanumeric()).map(|(at, _)| at + 1);
    let starts = || iter::once(0).chain(separators.clone()).map(|at| &run[at..]).filter(|rest| rest.len() >= SHORTEST);
    let is_key = |rest: &&str| is_private_key(&decoded(&rest[..rest.len().min(HEAD)]));
    // Letters may precede a private key without a separator. DER begins with 0x30, which `M` encodes, and a length.
    let begins = |(at, _): (usize, &str)| {
        let rest = &run[at..];
        (rest.len() >= SHORTEST && rest.as_bytes()[1].is_ascii_uppercase()).then_some(rest)
    };
    if let Some(key) = starts().find(is_key).or_else(|| run.match_indices('M').filter_map(begins).find(is_key)) {
        return Some(key);
    }
    has_secret(run).then(|| starts().rfind(|rest| has_secret(rest)).unwrap_or(run))
}

/// Returns `true` if the runs together encode a secret.
fn is_encoded(text: &str, runs: &[Range<usize>]) -> bool {
    let digits: String = runs.iter().map(|run| &text[run.clone()]).collect();
    digits.len() >= SHORTEST && (is_private_key(&decoded(&digits[..digits.len().min(HEAD)])) || has_secret(&digits))
}

/// Returns `true` if base64 digits encode text with a secret. The text is decoded from each of the first four digits on,
/// because letters before the base64 shift its digits.
fn has_secret(digits: &str) -> bool {
    (0..4).filter_map(|shift| digits.get(shift..)).any(|digits| {
        let decoded = decoded(digits);
        let text = String::from_utf8_lossy(&decoded);
        has_private_key(&text) || !token::secret_parts(&text).is_empty() || has_openssh_key(&decoded)
    })
}

/// Decodes base64 digits without padding. Leaves out the last digits if they do not form a whole byte.
fn decoded(digits: &str) -> Vec<u8> {
    let standard = |c: char| match c {
        '-' => '+',
        '_' => '/',
        c => c,
    };
    let digits: String = digits.chars().map(standard).collect();
    let whole = &digits[..digits.len() / 4 * 4];
    Base64Unpadded::decode_vec(&digits).or_else(|_| Base64Unpadded::decode_vec(whole)).unwrap_or_default()
}

fn has_openssh_key(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, OPENSSH).is_some()
}

/// Returns `true` if the bytes are the start of an unencrypted private key in DER or BER: a `PrivateKeyInfo` (RFC 5958,
/// section 2), an `RSAPrivateKey` (RFC 8017, appendix A.1.2) or an `ECPrivateKey` (RFC 5915, section 3).
#[must_use]
pub fn is_private_key(der: &[u8]) -> bool {
    match sequence(der) {
        Some([0x02, 1, 0 | 1, rest @ ..]) if sequence(rest).is_some_and(|inner| inner.starts_with(&[0x06])) => true,
        content => matches!(content, Some([0x02, 1, 0, 0x02, 0x81 | 0x82, ..] | [0x02, 1, 1, 0x04, ..])),
    }
}

/// Returns the bytes after the header of a SEQUENCE, whose length may have any form, or `None` if there is no such header.
fn sequence(bytes: &[u8]) -> Option<&[u8]> {
    match bytes {
        [0x30, 0..0x80, rest @ ..] => Some(rest),
        [0x30, form @ 0x80..=0x84, rest @ ..] => rest.get(usize::from(form & 0x7f)..),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Env, KeyId, TokenPrefix};
    use super::*;
    use base64ct::{Base64, Base64Url};

    /// Private keys in base64: RSA (PKCS#1 and PKCS#8), Ed25519 and P-256 (SEC 1 and PKCS#8), Ed25519 with unusual forms of
    /// lengths, and an OpenSSH key, cut off after the start.
    const KEYS: [&str; 8] = [
        "MIIEowIBAAKCAQEAtzyoM28DTiir0i3V+ypKYWZFgecdxxxLVovHmkat0XlivcE5",
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj",
        "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
        "MHcCAQEEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4foAoGCCqGSM49",
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAAECAwQFBgcICQoL",
        "MIQAAAAuAgEAMAUGAytlcAQiBCAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRob",
        "MIACAQAwgQUGAytlcAQiBCAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0e",
        "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz",
    ];

    #[test]
    fn secrets_in_base64_are_found_in_common_surroundings() {
        let token = token::make_token(&TokenPrefix::default(), Env::Live, KeyId::from_random([3; 16]), &mut [5; 32]);
        let pem = format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n", KEYS[0]);
        let mut secrets = KEYS.map(str::to_owned).to_vec();
        for bytes in [token.expose(), pem.as_bytes(), token::make_api_secret(&mut [6; 64]).expose()] {
            secrets.extend([Base64::encode_string(bytes), Base64Url::encode_string(bytes)]);
        }
        for secret in &secrets {
            for text in [
                secret.clone(),
                format!("the file /home/ada/{secret} is missing"),
                format!("--out={secret}"),
                format!("\"{secret}\"\n"),
                format!("key-{secret}"),
                format!("--nope{secret}"),
            ] {
                // A part of the path before the secret can look like a part of the base64.
                let found = encoded_secrets(&text);
                assert!(found.len() == 1 && found[0].ends_with(secret.trim_end_matches('=')), "{text}: {found:?}");
            }
        }
    }

    #[test]
    fn lines_other_text_and_other_bytes_do_not_hide_a_secret() {
        let token = token::make_token(&TokenPrefix::default(), Env::Live, KeyId::from_random([3; 16]), &mut [5; 32]);
        let secret = token::make_api_secret(&mut [6; 64]);
        for secret in [token.expose(), secret.expose()] {
            let long = [&[b' '; 500][..], secret].concat();
            let json = [b"{\"token\":\"", secret, "\",\"note\":\"\u{e9}\u{e9}\"}".as_bytes(), b"\xff\n"].concat();
            for bytes in [secret.to_vec(), long, json, [b"\xe9", secret, b"\xff"].concat()] {
                let encoded = Base64::encode_string(&bytes);
                for (width, separator) in
                    [(76, "\n"), (64, " "), (40, "\\n"), (20, "\r\n"), (44, "\u{a0}"), (44, "%0A")]
                {
                    let lines: Vec<&str> =
                        encoded.as_bytes().chunks(width).map(|l| str::from_utf8(l).unwrap()).collect();
                    let text = format!("see the notes\n{} and more", lines.join(separator));
                    assert_eq!(encoded_secrets(&text).len(), 1, "{text}");
                    assert_eq!(encoded_secrets(&format!("x{encoded}")).len(), 1, "{encoded}");
                }
            }
        }
    }

    #[test]
    fn public_text_is_not_a_secret() {
        for text in [
            "",
            // A public key, the start of a certificate, a signature, and a bare RSA public key.
            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo",
            "MIIDazCCAlOgAwIBAgIUQ5wF0RkGq0cRtzyoM28DTiir0i3VMA0GCSqGSIb3DQEB",
            "MEUCIQDKYWZFgecdxxxLVovHmkat0XlivcE5usjZJtDYZzuJSAIgFjxgni5dtFCC",
            "MIIBCgKCAQEAu1SU1LfVLPHCozMxH2MoyOJYDhHj8zZtLUYHi3s1en3wLdILp1Uy",
            "a-name-with-many-parts/and/a/long/path/to/a/file.jsonl",
            "4ab2c9c0-5a4e-4c53-9d1c-8f0b6c1d2e3f kw_live_2Gx8aiEcMMEtFVyv5AoxAt",
        ] {
            assert_eq!(encoded_secrets(text), Vec::<&str>::new(), "{text}");
        }
    }
}
