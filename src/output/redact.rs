//! Removing secrets from what is printed for people and in errors.
//!
//! A secret that is passed where a path, a time or a name belongs would be repeated in the error, and from there it would
//! reach logs. All errors and messages therefore pass through this module.

use crate::key::token;
use std::{
    borrow::Cow,
    ffi::OsString,
    sync::{OnceLock, PoisonError, RwLock},
};

/// The text that takes the place of a secret.
const REPLACEMENT: &str = "(a secret)";

/// The minimum number of characters of a secret whose repetition is noticed. A message may contain only the start of an
/// argument.
const SHORTEST: usize = 6;

/// The minimum length of a line of base64 in a private key. The last line of a key can be shorter.
const BASE64_LINE: usize = 16;

/// The secret parts of the arguments of this process.
static ARGUMENTS: OnceLock<RwLock<Vec<String>>> = OnceLock::new();

/// Registers the secrets among the arguments of the program, so that nothing that is printed contains them, not even in part.
pub fn conceal(arguments: &[OsString]) {
    let mut secrets = Vec::new();
    for argument in arguments {
        collect(&argument.to_string_lossy(), &mut secrets);
    }
    if !secrets.is_empty() {
        let known = ARGUMENTS.get_or_init(RwLock::default);
        known.write().unwrap_or_else(PoisonError::into_inner).append(&mut secrets);
    }
}

/// Returns the text without secrets: without those of the arguments, and without tokens, bearer tokens, `api_secret`s and
/// private keys from anywhere else.
pub(super) fn redacted(text: &str) -> Cow<'_, str> {
    let mut secrets = Vec::new();
    collect(text, &mut secrets);
    if let Some(known) = ARGUMENTS.get() {
        secrets.extend(known.read().unwrap_or_else(PoisonError::into_inner).iter().cloned());
    }
    let mut text = Cow::Borrowed(text);
    for secret in &secrets {
        if let Some(without) = remove(&text, secret) {
            text = Cow::Owned(without);
        }
    }
    text
}

/// Replaces each start of the secret that the text contains. Returns `None` if it contains none.
fn remove(text: &str, secret: &str) -> Option<String> {
    let start = secret.get(..SHORTEST.min(secret.len()))?;
    let mut places = text.match_indices(start).map(|(place, _)| place).peekable();
    places.peek()?;
    let (mut out, mut end) = (String::with_capacity(text.len()), 0);
    for place in places.filter(|place| text.is_char_boundary(*place)) {
        if place < end {
            continue;
        }
        out.push_str(&text[end..place]);
        out.push_str(REPLACEMENT);
        let same = text[place..].bytes().zip(secret.bytes()).take_while(|(one, other)| one == other).count();
        end = place + same;
    }
    out.push_str(&text[end..]);
    Some(out)
}

/// Collects the secret parts of the secrets that a text contains. The public part of a token may be printed.
fn collect(text: &str, secrets: &mut Vec<String>) {
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
        if token::looks_secret(word) || token::is_cut_off(word) {
            let secret = word.rsplit_once('_').map_or(word, |(_, secret)| secret);
            secrets.push(secret.to_owned());
        }
    }
    if text.contains("PRIVATE KEY") {
        // An escaped line feed leaves an `n` before the line.
        let lines = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')));
        for line in lines.filter(|line| line.len() >= BASE64_LINE) {
            secrets.extend(line.strip_prefix('n').filter(|line| line.len() >= BASE64_LINE).map(str::to_owned));
            secrets.push(line.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Env, KeyId, TokenPrefix};

    fn token() -> String {
        let id = KeyId::from_random([3; 16]);
        let token = token::make_token(&TokenPrefix::default(), Env::Live, id, &mut [5; 32]);
        String::from_utf8(token.expose().to_vec()).unwrap()
    }

    #[test]
    fn secrets_are_removed_and_public_parts_stay() {
        let token = token();
        let (public, secret) = token.rsplit_once('_').unwrap();
        let text = redacted(&format!("`{token}` cannot be read")).into_owned();
        assert_eq!(text, format!("`{public}_(a secret)` cannot be read"));
        assert!(!redacted(&format!("{}…", &token[..token.len() - 10])).contains(&secret[..10]), "cut off");
        let api_secret = token::make_api_secret(&mut [6; 64]);
        let api_secret = str::from_utf8(api_secret.expose()).unwrap();
        assert_eq!(redacted(&format!("x {api_secret} y")), "x (a secret) y");
        for text in ["", "no secret", public, "4ab2c9c0-5a4e-4c53-9d1c-8f0b6c1d2e3f", &"ab".repeat(32)] {
            assert_eq!(redacted(text), text);
        }
    }

    #[test]
    fn a_private_key_is_removed_in_every_form() {
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\nMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu";
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        for text in [pem.clone(), pem.replace('\n', " "), pem.replace('\n', "\\n"), pem.replace('\n', "")] {
            let safe = redacted(&text).into_owned();
            assert!(!safe.contains("MIIEvQ") && !safe.contains("MzEfYy"), "{safe}");
        }
    }
}
