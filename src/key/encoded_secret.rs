//! Finding secrets that are encoded in base64.

use super::token;
use base64ct::{Base64Unpadded, Encoding as _};
use std::iter;

/// The minimum number of base64 digits that are examined. Every token and every private key has more.
const SHORTEST: usize = 24;

/// The maximum number of base64 digits that are decoded to recognize a secret.
const HEAD: usize = 256;

/// Returns the parts of `text` that are base64 of a private key in DER or PEM, or of text that contains a token, a
/// bearer token or an `api_secret`. If the base64 has several lines, only the first line is returned. Both alphabets of
/// RFC 4648 are recognized, with and without padding. A part includes adjacent characters that can be base64 digits.
pub fn encoded_secrets(text: &str) -> impl Iterator<Item = &str> {
    let is_digit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '=');
    text.split(move |c: char| !is_digit(c)).filter(|run| run.len() >= SHORTEST).filter_map(|run| {
        // A separator before the secret, as in a path or an option, can be a base64 digit, too.
        let separators = run.match_indices(|c: char| !c.is_ascii_alphanumeric()).map(|(at, _)| at + 1);
        iter::once(0).chain(separators).map(|at| &run[at..]).find(|rest| is_secret(rest))
    })
}

fn is_secret(encoded: &str) -> bool {
    if encoded.len() < SHORTEST {
        return false;
    }
    let standard = |c: char| match c {
        '-' => '+',
        '_' => '/',
        c => c,
    };
    let head: String = encoded.chars().take_while(|c| *c != '=').take(HEAD).map(standard).collect();
    let whole = &head[..head.len() / 4 * 4];
    let decoded = Base64Unpadded::decode_vec(&head).or_else(|_| Base64Unpadded::decode_vec(whole)).unwrap_or_default();
    if is_private_key(&decoded) {
        return true;
    }
    let Ok(text) = str::from_utf8(&decoded) else { return false };
    text.contains("PRIVATE KEY") || !token::secret_parts(text).is_empty()
}

/// Returns `true` if the bytes are the start of an unencrypted private key in DER: a `PrivateKeyInfo` (RFC 5958,
/// section 2), an `RSAPrivateKey` (RFC 8017, appendix A.1.2) or an `ECPrivateKey` (RFC 5915, section 3).
#[must_use]
pub fn is_private_key(der: &[u8]) -> bool {
    let ([0x30, 0x81, _, content @ ..] | [0x30, 0x82, _, _, content @ ..] | [0x30, 0..=0x7f, content @ ..]) = der
    else {
        return false;
    };
    matches!(
        content,
        [0x02, 1, 0 | 1, 0x30, _, 0x06, ..] | [0x02, 1, 0, 0x02, 0x81 | 0x82, ..] | [0x02, 1, 1, 0x04, ..]
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Env, KeyId, TokenPrefix};
    use super::*;
    use base64ct::{Base64, Base64Url};

    /// Private keys in base64: RSA (PKCS#1 and PKCS#8), Ed25519 and P-256 (SEC 1 and PKCS#8), cut off after the start.
    const KEYS: [&str; 5] = [
        "MIIEowIBAAKCAQEAtzyoM28DTiir0i3V+ypKYWZFgecdxxxLVovHmkat0XlivcE5",
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj",
        "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
        "MHcCAQEEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4foAoGCCqGSM49",
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAAECAwQFBgcICQoL",
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
            ] {
                // A part of the path before the secret can look like a part of the base64.
                let found: Vec<&str> = encoded_secrets(&text).collect();
                assert!(found.len() == 1 && found[0].ends_with(secret), "{text}: {found:?}");
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
            assert_eq!(encoded_secrets(text).next(), None, "{text}");
        }
    }
}
