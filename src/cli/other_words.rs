//! Hints for words that are not commands: the words of other programs, and typing errors.

use super::COMMANDS;

/// Words that other programs use, each with the hint that leads to the right command.
const WORDS: &[(&[&str], &str)] = &[
    (
        &["delete", "del", "rm", "remove", "destroy", "kill", "cancel", "expire"],
        "to end a key, run `keywright revoke KEY`; `keywright disable KEY` suspends it",
    ),
    (
        &["new", "add", "make", "gen", "genkey", "keygen", "genpkey", "issue"],
        "to generate a key, run `keywright generate --name NAME --out FILE`; to register a public key, run `keywright create --name NAME --public-key FILE`",
    ),
    (&["register"], "to register a public key, run `keywright create --name NAME --public-key FILE`"),
    (
        &["get", "view", "info", "describe", "inspect", "find", "search", "keys"],
        "run `keywright list` to see the keys, or `keywright show KEY` to see one of them",
    ),
    (&["edit", "modify", "change", "set", "rename", "label", "tag"], "to change a key, run `keywright update KEY`"),
    (&["renew", "replace", "roll", "regenerate", "refresh"], "to replace a key, run `keywright rotate KEY --out FILE`"),
    (&["validate", "authenticate", "auth", "test"], "to verify a secret, run `keywright verify --token-file FILE`"),
    (&["suspend", "block", "pause", "deactivate", "lock"], "to suspend a key, run `keywright disable KEY`"),
    (&["resume", "unblock", "unsuspend", "unlock"], "to end a suspension, run `keywright enable KEY`"),
    (
        &["unrevoke", "undelete", "reinstate", "undo"],
        "an ended key cannot be reinstated; generate a new one with `keywright generate`",
    ),
    (&["log", "logs", "history", "events"], "to print the audit log, run `keywright audit`"),
    (&["doctor", "fsck", "lint", "health"], "to check the keyring, run `keywright check`"),
    (
        &["dump", "save", "copy"],
        "run `keywright backup FILE` to copy the keyring, or `keywright export` to export keys",
    ),
    (&["config", "settings", "rules", "contract"], "to see the rules, run `keywright policy show`"),
    (&["token", "login", "oauth"], "to exchange a pair or an assertion for a bearer token, run `keywright exchange`"),
    (&["whoami", "identify", "who"], "to identify the key of a secret, run `keywright show - < FILE`"),
    (&["version"], "run `keywright --version`"),
];

/// Returns the hint for a word that a command does not expect, or `None` if there is none for the command.
pub(super) fn stray(command: &str) -> Option<&'static str> {
    Some(match command {
        "generate" | "create" => "to name the key, pass `--name NAME`",
        "list" => "to see one key, run `keywright show KEY`; to select keys, pass an option such as `--name GLOB`",
        "show" | "update" => "this command takes one KEY",
        "rotate" => "to rotate several keys, select them with options such as `--name GLOB`, and pass `--out-dir DIR`",
        "verify" | "exchange" => "to read the secret from a file, pass `--token-file FILE`",
        _ => return None,
    })
}

/// The commands that end or delete keys. A hint for a typing error leads only to their help.
const HARMFUL: [&str; 4] = ["revoke", "purge", "disable", "rotate"];

/// The maximum number of typing errors in a word for which another word is suggested.
const ERRORS: usize = 2;

/// Returns the hint for a word that is not a command.
pub(super) fn hint(word: &str) -> String {
    let lower = word.to_lowercase();
    if let Some((_, hint)) = WORDS.iter().find(|(words, _)| words.contains(&lower.as_str())) {
        return (*hint).to_owned();
    }
    match nearest(&lower, COMMANDS.iter().map(|(_, name, _)| *name)) {
        Some(name) if HARMFUL.contains(&name) => format!("did you mean `{name}`? See `keywright help {name}`"),
        Some(name) => format!("did you mean `keywright {name}`?"),
        None => "run `keywright help` to see the commands".to_owned(),
    }
}

/// Returns the candidate that is most similar to a word, or `None` if no candidate can be the word with typing errors.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = ERRORS.min(word.chars().count() / 3);
    let with_distance = candidates.map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate));
    with_distance.filter(|(distance, _)| *distance <= most).min().map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_leads_to_the_command_that_is_meant() {
        for (word, command) in [
            ("delete", "keywright revoke KEY"),
            ("rm", "keywright revoke KEY"),
            ("new", "keywright generate"),
            ("Add", "keywright create"),
            ("get", "keywright show"),
            ("generat", "`keywright generate`"),
            ("lst", "`keywright list`"),
            ("verfiy", "`keywright verify`"),
            ("revok", "`keywright help revoke`"),
            ("qwertz", "`keywright help`"),
            ("", "`keywright help`"),
        ] {
            assert!(hint(word).contains(command), "{word}: {}", hint(word));
        }
        for (words, _) in WORDS {
            assert!(words.iter().all(|word| COMMANDS.iter().all(|(_, name, _)| name != word)), "{words:?}");
        }
    }
}
