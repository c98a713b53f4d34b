//! Writing commands that a user can paste into a shell.

use std::path::Path;

/// Returns a path as one word of a shell command, in quotes if the path contains special characters. Bytes that are not
/// UTF-8 are replaced.
#[must_use]
pub fn shell_word(path: &Path) -> String {
    let text = path.to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "_-./+@%:,=".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) && !text.starts_with('-') {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_special_characters_is_one_word() {
        let word = |path: &str| shell_word(Path::new(path));
        assert_eq!(word("/home/ada/.local/keyring.db"), "/home/ada/.local/keyring.db");
        assert_eq!(word("/home/ada/Bücher"), "/home/ada/Bücher");
        for path in ["a b", "it's", "$HOME", "a;b", "a\nb", "*", "~", "-x", "", "a\"b", "`x`"] {
            assert_eq!(shlex::split(&word(path)).unwrap(), [path]);
        }
    }
}
