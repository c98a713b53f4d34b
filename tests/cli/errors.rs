//! Error codes: each has a test, and each keeps its exit status.

use keywright::error::Code;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What scripts rely on. A code may be added here; one that was released is neither moved nor renamed.
const EXITS: &[(i32, &[&str])] = &[
    (1, &["declined", "invalid_client"]),
    (
        2,
        &[
            "usage",
            "confirmation_required",
            "invalid_name",
            "name_required",
            "public_key_required",
            "scope_unknown",
            "scope_needs",
            "invalid_usage_level",
            "contract_invalid",
            "invalid_owner",
            "invalid_note",
            "invalid_label",
            "invalid_scope",
            "invalid_prefix",
            "invalid_rate_limit",
            "invalid_time",
            "invalid_reference",
            "invalid_secret",
            "invalid_request",
            "invalid_line",
            "input_unreadable",
            "input_too_large",
            "input_not_regular",
            "import_malformed",
            "import_refused",
            "private_key_given",
            "private_key_exposed",
            "certificate_given",
            "public_key_missing",
            "public_key_malformed",
            "multiple_keys",
            "trailing_data",
            "unsupported_algorithm",
            "unsupported_parameters",
            "key_too_small",
            "key_too_large",
            "key_size_uneven",
            "exponent_even",
            "exponent_too_small",
            "exponent_too_large",
            "modulus_small_factor",
            "modulus_prime",
            "modulus_square",
            "modulus_close_primes",
            "modulus_roca",
            "modulus_pattern",
        ],
    ),
    (3, &["not_found", "contract_unknown", "keyring_missing"]),
    (
        4,
        &[
            "name_taken",
            "key_registered",
            "ambiguous",
            "wrong_state",
            "nothing_to_change",
            "rotation_in_progress",
            "proof_failed",
            "keyring_exists",
            "organization_mismatch",
            "restore_conflict",
            "file_exists",
            "keyring_file",
        ],
    ),
    (
        5,
        &[
            "type_refused",
            "env_refused",
            "prefix_refused",
            "name_refused",
            "scope_exceeded",
            "scope_required",
            "lifetime_too_long",
            "owner_required",
            "expiry_required",
            "rate_limit_refused",
            "key_size_refused",
            "own_key_refused",
            "usage_level_insufficient",
            "issue_limit_exceeded",
        ],
    ),
    (
        6,
        &[
            "keyring_locked",
            "keyring_read_only",
            "keyring_full",
            "keyring_corrupt",
            "keyring_newer",
            "keyring_foreign",
            "keyring_exposed",
            "keyring_failed",
            "output_directory",
            "stdout_closed",
            "stdout_discarded",
            "stdout_exposed",
            "not_delivered",
            "command_missing",
            "command_failed",
            "rotation_incomplete",
            "activation_unknown",
            "backup_failed",
            "output_failed",
            "internal",
        ],
    ),
    (130, &["interrupted"]),
];

#[test]
fn every_code_keeps_its_exit_status() {
    let written: Vec<(&str, i32)> =
        EXITS.iter().flat_map(|(exit, words)| words.iter().map(|word| (*word, *exit))).collect();
    let actual: Vec<(&str, i32)> = Code::ALL.iter().map(|code| (code.word(), code.exit() as i32)).collect();
    for code in &actual {
        assert!(written.contains(code), "{code:?} is not what is written down here");
    }
    for code in &written {
        assert!(actual.contains(code), "{code:?} is gone");
    }
    assert_eq!(written.len(), actual.len());
}

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The text of every test: `tests/` but this file, and in `src/` what is only there for tests.
fn tests() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("tests"), &mut files);
    files.retain(|path| !path.ends_with("cli/errors.rs"));
    let mut text: String = files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    for path in files {
        let source = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let whole = ["tests.rs", "suite.rs", "mutilation.rs"].contains(&name);
        text += if whole { &source } else { source.split_once("#[cfg(test)]").map_or("", |(_, tests)| tests) };
    }
    text
}

#[test]
fn every_code_has_a_test() {
    let tests = tests();
    let has_a_test = |code: Code| {
        let variant = format!("Code::{code:?}");
        let named = tests
            .match_indices(&variant)
            .any(|(at, _)| !tests[at + variant.len()..].starts_with(|c: char| c.is_ascii_alphanumeric()));
        let word = code.word();
        named || tests.contains(&format!("\"{word}\"")) || tests.contains(&format!("error[{word}]"))
    };
    let missing: Vec<&str> = Code::ALL.iter().filter(|code| !has_a_test(**code)).map(|code| code.word()).collect();
    assert!(missing.is_empty(), "no test provokes {missing:?}");
}
