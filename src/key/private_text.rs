//! Finding private keys and signed assertions in text, by what surrounds them.

use crate::keypair::PRIVATE_MEMBERS;

/// The minimum length, in characters, of the value of a private member. An Ed25519 key has 43.
const SHORTEST_MEMBER: usize = 32;

/// The minimum length, in characters, of each part of a signed JWT. The signatures of all supported algorithms are longer.
const SHORTEST_PART: usize = 16;

/// The text that begins a private key in a format of its own, and that occurs in no public key: the end of the BEGIN line
/// in PEM, and a header of PuTTY.
const MARKS: [&str; 2] = ["PRIVATE KEY-----", "Private-Lines:"];

/// The first bytes of an OpenSSH private key.
pub(super) const OPENSSH: &[u8] = b"openssh-key-v1\0";

/// Returns `true` if the text contains a private key, or a part of one that shows what it is.
#[must_use]
pub fn has_private_key(text: &str) -> bool {
    MARKS.iter().any(|mark| text.contains(mark)) || !private_members(text).is_empty()
}

/// Returns the values of the private members of the JWKs in the text. The quotation marks may be escaped.
#[must_use]
pub fn private_members(text: &str) -> Vec<&str> {
    if !text.contains("kty") {
        return Vec::new();
    }
    text.match_indices(':').filter_map(|(at, _)| private_value(&text[..at], &text[at + 1..])).collect()
}

/// Returns the value after a colon if it is a string, and the name before the colon is that of a private member.
fn private_value<'t>(before: &str, after: &'t str) -> Option<&'t str> {
    let unquoted = before.trim_end().strip_suffix('"')?.trim_end_matches('\\');
    let (_, name) = unquoted.rsplit_once('"')?;
    let value = after.trim_start().trim_start_matches('\\').strip_prefix('"')?;
    let value = &value[..value.find(|c| !is_url_digit(c)).unwrap_or(value.len())];
    (PRIVATE_MEMBERS.contains(&name) && value.len() >= SHORTEST_MEMBER).then_some(value)
}

/// Returns the signed JWTs in the text (RFC 7515, section 7.1), each of which can be used until it expires.
#[must_use]
pub fn signed_tokens(text: &str) -> Vec<&str> {
    let words = text.split(|c| !is_url_digit(c) && c != '.');
    words.filter_map(|word| Some(&word[word.find("eyJ")?..]).filter(|word| is_signed_token(word))).collect()
}

fn is_signed_token(word: &str) -> bool {
    let mut parts = word.split('.');
    (0..3).all(|_| parts.next().is_some_and(|part| part.len() >= SHORTEST_PART))
}

/// Returns `true` for a digit of base64url (RFC 4648, section 5).
fn is_url_digit(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";

    #[test]
    fn the_private_members_of_a_jwk_are_found() {
        let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}","d" : "{D}"}}"#, "x".repeat(43));
        for text in [jwk.clone(), jwk.replace('"', "\\\""), format!("the key is {jwk}"), jwk.replace(',', ",\n  ")] {
            assert_eq!(private_members(&text), [D], "{text}");
            assert!(has_private_key(&text));
        }
        for text in [jwk.replace("\"d\"", "\"n\""), jwk.replace("kty", "type"), format!(r#"{{"d":"{D}"}}"#)] {
            assert!(!has_private_key(&text), "{text}");
        }
    }

    #[test]
    fn a_signed_token_is_found() {
        let part = "eyJhbGciOiJFZERTQSJ9";
        let token = format!("{part}.{part}.{D}");
        for text in [token.clone(), format!("Bearer {token}\n"), format!("--nope={token}"), format!("\"{token}\"")] {
            assert_eq!(signed_tokens(&text), [token.as_str()], "{text}");
        }
        for text in ["", "eyJ", "eyJhbGciOiJFZERTQSJ9.x.y", "www.example.com", &format!("{part}.{D}")] {
            assert!(signed_tokens(text).is_empty(), "{text}");
        }
    }
}
