//! Detection of secrets in text that is presented for verification, or that would be stored.

use crate::error::{Code, Error, Result};
use std::path::Path;

use super::{
    BearerForm, Lookup, SecretHash, TokenForm, encoded_secrets, has_private_key, signed_tokens, token,
    unicode::is_deceptive,
};

/// A secret that was found in text.
pub struct Presented {
    /// The lookup that finds the key that the secret may authenticate.
    pub lookup: Lookup,
    /// The hash of the presented secret, which must equal the hash that is stored with the key. For a bearer token, the
    /// lookup already compares the hashes.
    pub hash: SecretHash,
}

/// Returns the tokens, bearer tokens and `api_secret`s that the text contains, without duplicates. A secret may stand
/// alone, in quotes, in a dotenv line, in a JSON document, or next to its `api_key`. A secret that is incomplete or has
/// a wrong checksum is not found; neither is a private key or a token from another system.
#[must_use]
pub fn find_secrets(text: &str) -> Vec<Presented> {
    let mut found: Vec<Presented> = Vec::new();
    for word in token::words(text) {
        let lookup = if let Some(form) = TokenForm::parse(word) {
            Lookup::Ids(form.id, form.id)
        } else if token::is_api_secret(word) {
            Lookup::Secret(SecretHash::of(word.as_bytes()))
        } else if BearerForm::parse(word).is_some() {
            Lookup::Bearer(SecretHash::of(word.as_bytes()))
        } else {
            continue;
        };
        let hash = SecretHash::of(word.as_bytes());
        if found.iter().all(|other| other.hash != hash) {
            found.push(Presented { lookup, hash });
        }
    }
    found
}

/// Returns `true` if the text contains a secret: a token, a bearer token or an `api_secret`, a part of a token that
/// includes a part of its secret, a private key, any of these in base64, or a signed JWT.
#[must_use]
pub fn contains_secret(text: &str) -> bool {
    has_private_key(text)
        || !signed_tokens(text).is_empty()
        || !token::secret_parts(text).is_empty()
        || !encoded_secrets(text).is_empty()
}

/// Checks that text that is to be stored [contains no secret](contains_secret).
///
/// # Errors
/// Returns `secret_in_text` if the text contains a secret. The text is not repeated in the message.
pub fn refuse_secret(text: &str) -> Result<()> {
    if !contains_secret(text) {
        return Ok(());
    }
    let hint = "remove the secret; to refer to a key, use its id, or the public part of its token before the last `_`";
    Err(Error::new(Code::SecretInText, "the text contains a secret, which would be stored", hint))
}

/// Checks that the path of a file that may be created contains no secret. The names of files are visible to other users
/// and programs.
///
/// # Errors
/// Returns `secret_in_text` if the path contains a secret. The path is not repeated in the message.
pub fn refuse_secret_path(path: &Path) -> Result<()> {
    refuse_secret(&path.to_string_lossy()).map_err(|_| {
        let hint = "pass a path without the secret; a secret is passed in a file or on standard input, never as a path";
        Error::new(Code::SecretInText, "the path contains a secret, which the name of a file would show", hint)
    })
}

/// Returns at most 40 characters of untrusted text, without deceptive characters, for use in an error message. Returns
/// `(a secret)` if the text contains a secret, because a secret that is cut off might no longer be recognized as one.
#[must_use]
pub fn excerpt(text: &str) -> String {
    if contains_secret(text) {
        return "(a secret)".to_owned();
    }
    text.chars().filter(|c| !is_deceptive(*c)).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Env, KeyId, TokenPrefix};
    use super::*;

    #[test]
    fn text_before_a_secret_and_escapes_do_not_hide_it() {
        let id = KeyId::from_random([3; 16]);
        let token = token::make_token(&TokenPrefix::default(), Env::Live, id, &mut [5; 32]);
        let bearer = token::make_bearer(&TokenPrefix::default(), id, &mut [7; 32]);
        let secret = token::make_api_secret(&mut [6; 64]);
        let [token, bearer, secret] = [&token, &bearer, &secret].map(|secret| str::from_utf8(secret.expose()).unwrap());
        for found in [token, bearer, secret] {
            for before in ["", "a_", "_", "X", "9", "3D", "token%3D", "x=X", "\\n", "\\u0022", "abc"] {
                assert!(refuse_secret(&format!("{before}{found}")).is_err(), "{before}{found}");
                assert!(refuse_secret(&format!("{before}{found}after")).is_err(), "{before}{found}after");
                assert_eq!(excerpt(&format!("{before}{found}")), "(a secret)");
            }
        }
        for escaped in ["%5F", "\\u005f", "\\_", "&#95;"] {
            assert!(refuse_secret(&token.replace('_', escaped)).is_err(), "{escaped}");
        }
        let public = token.rsplit_once('_').unwrap().0;
        for text in
            [public, "kw_live_backup", "web_test_key_of_the_team", &"a".repeat(64), &"0123456789abcdef".repeat(4)]
        {
            refuse_secret(text).unwrap();
        }
        assert_eq!(excerpt(&"long ".repeat(20)).len(), 40);
    }

    #[test]
    fn secrets_are_found_in_common_surroundings() {
        let id = KeyId::from_random([3; 16]);
        let token = token::make_token(&TokenPrefix::default(), Env::Live, id, &mut [5; 32]);
        let token = str::from_utf8(token.expose()).unwrap();
        let secret = token::make_api_secret(&mut [6; 64]);
        let secret = str::from_utf8(secret.expose()).unwrap();
        for text in [
            token.to_owned(),
            format!("  {token}\r\n"),
            format!("export API_TOKEN=\"{token}\"\n"),
            format!("Authorization: Bearer {token}"),
            format!("{token}\n{token}\n"),
        ] {
            let found = find_secrets(&text);
            assert!(
                matches!(found.as_slice(), [Presented { lookup: Lookup::Ids(low, high), .. }] if *low == id && *high == id),
                "{text}"
            );
        }
        let bearer = token::make_bearer(&TokenPrefix::default(), id, &mut [7; 32]);
        let bearer = find_secrets(str::from_utf8(bearer.expose()).unwrap());
        assert!(matches!(bearer.as_slice(), [Presented { lookup: Lookup::Bearer(_), .. }]));
        let pair = find_secrets(&format!("{{\"api_key\":\"kw_test_x\",\"api_secret\":\"{secret}\"}}"));
        assert!(matches!(pair.as_slice(), [Presented { lookup: Lookup::Secret(_), .. }]));
        assert_eq!(find_secrets(&format!("{token} {secret}")).len(), 2);
        assert!(find_secrets(&token[1..]).is_empty());
        assert!(find_secrets("").is_empty());
    }
}
