//! Names for the files and the Kubernetes Secrets that contain a secret.
//!
//! A name consists of the allowed characters of the key's name and the first 8 characters of the key's id, so that the
//! secrets of keys with the same name usually get different names.

use super::SecretFormat;
use crate::key::{KeyId, KeyType, KeyView};

impl SecretFormat {
    /// Returns a file name for the secret of a key. The extension indicates the format.
    #[must_use]
    pub fn file_name(self, name: &str, id: KeyId, key_type: KeyType) -> String {
        let extension = match self {
            Self::Raw => key_type.names().extension,
            Self::Dotenv => "env",
            Self::K8sSecret => "yaml",
            Self::Json => "json",
        };
        format!("{}.{extension}", called(name, "_.-", 64, id))
    }
}

/// Returns a name for a Kubernetes Secret (an RFC 1123 label).
pub(super) fn dns_label(facts: &KeyView<'_>) -> String {
    called(&facts.name.to_ascii_lowercase(), "", 40, facts.id)
}

/// Returns `START-ID`, where ID is the first 8 characters of the key's id, and START is derived from its name and has
/// at most `most` characters. START keeps ASCII letters and digits and the characters in `also`, with a hyphen in place
/// of each run of other characters. START begins with a letter or a digit, and does not end with a hyphen or a period.
/// If START would be empty, it is `key`.
fn called(name: &str, also: &str, most: usize, id: KeyId) -> String {
    let mut start = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || also.contains(c) && !start.is_empty() {
            start.push(c);
        } else if !start.is_empty() && !start.ends_with('-') {
            start.push('-');
        }
    }
    start.truncate(most);
    let start = start.trim_end_matches(['-', '.']);
    let start = if start.is_empty() { "key" } else { start };
    format!("{start}-{}", &id.to_string()[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_key_and_its_format() {
        let id = KeyId::from_random([7; 16]);
        let file = |name: &str| SecretFormat::Raw.file_name(name, id, KeyType::Token);
        for (name, called) in [
            ("web", "web-07070707.token"),
            ("Production Backend", "Production-Backend-07070707.token"),
            ("a_b.c-d", "a_b.c-d-07070707.token"),
            ("../../etc/passwd", "etc-passwd-07070707.token"),
            (".hidden", "hidden-07070707.token"),
            ("-o", "o-07070707.token"),
            ("a...", "a-07070707.token"),
            ("鍵", "key-07070707.token"),
            ("a/鍵 / b", "a-b-07070707.token"),
        ] {
            assert_eq!(file(name), called, "{name}");
        }
        assert_eq!(file(&"x".repeat(100)).len(), 64 + "-07070707.token".len());
        assert_eq!(SecretFormat::Raw.file_name("a", id, KeyType::Rsa), "a-07070707.pem");
        assert_eq!(SecretFormat::Raw.file_name("a", id, KeyType::Pair), "a-07070707.secret");
        assert_eq!(SecretFormat::Dotenv.file_name("a", id, KeyType::Rsa), "a-07070707.env");
        assert_eq!(SecretFormat::K8sSecret.file_name("a", id, KeyType::Rsa), "a-07070707.yaml");
        assert_eq!(SecretFormat::Json.file_name("a", id, KeyType::Rsa), "a-07070707.json");
    }
}
