//! Removing secrets from messages and errors before they are printed.
//!
//! A secret that is passed where a path, a time or a name belongs would be repeated in the error, and could then reach
//! a log. All errors and messages therefore pass through this module.

use crate::key::{encoded_secrets, has_private_key, private_members, signed_tokens, token};
use std::{
    borrow::Cow,
    collections::HashSet,
    ffi::OsString,
    sync::{OnceLock, PoisonError, RwLock},
};

/// The string that replaces a secret.
const REPLACEMENT: &str = "(a secret)";

/// The minimum length, in bytes, of a part of a secret that is removed. A message may contain any part of an
/// argument: its start, a component of a path, or the part that a parser did not understand.
const SHORTEST: usize = 6;

/// The minimum length, in characters, of a line of base64 that is removed as part of a private key. The last line of a
/// key can be shorter.
const BASE64_LINE: usize = 16;

/// The secret parts of the arguments of this process.
static ARGUMENTS: OnceLock<RwLock<Vec<String>>> = OnceLock::new();

/// Registers the secrets in the arguments of the program, so that messages and errors do not contain them, not even in
/// part.
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

/// Returns the text with its secrets replaced: the registered secrets of the arguments, and all tokens, bearer tokens,
/// `api_secret`s and private keys.
pub(super) fn redacted(text: &str) -> Cow<'_, str> {
    let mut secrets = Vec::new();
    collect(text, &mut secrets);
    if let Some(known) = ARGUMENTS.get() {
        secrets.extend(known.read().unwrap_or_else(PoisonError::into_inner).iter().cloned());
    }
    remove(text, &secrets)
}

/// Replaces each part of the secrets that the text contains.
fn remove<'text>(text: &'text str, secrets: &[String]) -> Cow<'text, str> {
    let parts: HashSet<&[u8]> = secrets.iter().flat_map(|secret| secret.as_bytes().windows(SHORTEST)).collect();
    let mut found =
        text.as_bytes().windows(SHORTEST).enumerate().filter(|(_, window)| parts.contains(window)).peekable();
    if found.peek().is_none() {
        return Cow::Borrowed(text);
    }
    // The secrets consist of ASCII characters, so every start and end of a part lies between two characters of the text.
    let (mut out, mut end) = (String::with_capacity(text.len()), 0);
    for (place, _) in found {
        if place > end || end == 0 {
            out.push_str(&text[end..place]);
            out.push_str(REPLACEMENT);
        }
        end = place + SHORTEST;
    }
    out.push_str(&text[end..]);
    Cow::Owned(out)
}

/// Collects the secret parts of the secrets that `text` contains. The public part of a token may be printed.
fn collect(text: &str, secrets: &mut Vec<String>) {
    secrets.extend(token::secret_parts(text));
    let encoded = encoded_secrets(text);
    secrets.extend(encoded.iter().chain(&private_members(text)).chain(&signed_tokens(text)).map(|s| (*s).to_owned()));
    // A private key can have many lines, of which only the first shows what they are.
    if has_private_key(text) || !encoded.is_empty() {
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
    fn every_part_of_a_secret_is_removed() {
        let token = token();
        let (_, secret) = token.rsplit_once('_').unwrap();
        let secrets = [secret.to_owned()];
        for start in 0..secret.len() - SHORTEST {
            let (rest, part) = (&secret[start..], &secret[start..start + SHORTEST]);
            assert_eq!(remove(&format!("before {rest}"), &secrets), "before (a secret)");
            assert_eq!(remove(&format!("{part}é{part}"), &secrets), "(a secret)é(a secret)");
        }
        assert_eq!(remove(&format!("{}/{}", &secret[..9], &secret[9..]), &secrets), "(a secret)/(a secret)");
    }

    #[test]
    fn a_private_key_is_removed_in_every_form() {
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\nMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu";
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        let der = body.to_owned();
        for text in [
            der.replace('\n', ""),
            der,
            pem.clone(),
            pem.replace('\n', " "),
            pem.replace('\n', "\\n"),
            pem.replace('\n', ""),
        ] {
            let safe = redacted(&text).into_owned();
            assert!(!safe.contains("MIIEvQ") && !safe.contains("MzEfYy"), "{safe}");
        }
    }
}
