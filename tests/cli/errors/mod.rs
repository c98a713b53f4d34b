//! Tests of the error codes. The program ends with each code in a scenario, and each code keeps its exit status.

mod scenarios;

use super::{
    home::{Ended, Home, KEYWRIGHT},
    promises::{bound_by_permissions, chmod, database},
    tools::{have, on_terminal, skipped},
};
use keywright::error::Code;
use scenarios::{PROLOGUE, SCENARIOS};
use std::{collections::BTreeSet, process::Output};

/// The exit statuses, each with its codes. Scripts rely on them: codes can be added here, but a released code is never
/// moved or renamed.
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
            "invalid_allowed_ip",
            "invalid_rate_limit",
            "invalid_time",
            "invalid_reference",
            "secret_in_text",
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
            "point_order",
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
            "wildcard_refused",
            "allowed_ips_required",
            "allowed_ips_refused",
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
            "keyring_owner",
            "keyring_linked",
            "keyring_no_locks",
            "keyring_failed",
            "system_limit",
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
        assert!(written.contains(code), "{code:?} has no exit status here");
    }
    for code in &written {
        assert!(actual.contains(code), "{code:?} was removed");
    }
    assert_eq!(written.len(), actual.len());
}

/// Runs a shell script, preceded by [`PROLOGUE`].
fn script(home: &Home, script: &str) -> Ended {
    let mut shell = home.program("sh");
    shell.args(["-c", &format!("{PROLOGUE}\n{script}")]).env("K", KEYWRIGHT).env("KEYWRIGHT_KEYRING", "keyring.db");
    shell.env("KEYS", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keys"));
    Ended(shell.output().unwrap())
}

/// A scenario that is more than a shell script. Returns `None`, and reports a skipped test, if this machine does not
/// support the scenario.
type Fault = fn(&Home) -> Option<Ended>;

const FAULTS: &[(&str, Fault)] = &[
    ("declined", declined),
    ("keyring_locked", keyring_locked),
    ("keyring_read_only", keyring_read_only),
    ("keyring_full", keyring_full),
    ("keyring_newer", keyring_newer),
    ("keyring_owner", keyring_owner),
    ("system_limit", system_limit),
    ("keyring_no_locks", keyring_no_locks),
];

fn declined(home: &Home) -> Option<Ended> {
    home.run("generate --name a --type token --out a").ok();
    // A terminal merges both output streams.
    let Output { status, stdout, .. } = on_terminal(home, 200, "revoke a --color never", "n\n")?.0;
    Some(Ended(Output { status, stdout: Vec::new(), stderr: stdout }))
}

#[expect(clippy::unnecessary_wraps, reason = "the functions in FAULTS have one type")]
fn keyring_locked(home: &Home) -> Option<Ended> {
    home.run("init").ok();
    let lock = database(&home.keyring());
    lock.execute_batch("BEGIN EXCLUSIVE").unwrap();
    Some(home.run("list"))
}

fn keyring_read_only(home: &Home) -> Option<Ended> {
    home.run("init").ok();
    let directory = home.keyring().parent().unwrap().to_owned();
    let run = bound_by_permissions(home)?;
    chmod(&home.keyring(), 0o400);
    chmod(&directory, 0o500);
    let ended = run("generate --name a --type token --out a");
    chmod(&directory, 0o700);
    Some(ended)
}

fn keyring_full(home: &Home) -> Option<Ended> {
    if !have("unshare") {
        return None;
    }
    let mount = "mkdir disk; mount -t tmpfs -o size=256k,mode=700 none disk || exit 98; cd disk";
    let fill = "q init; cat /dev/zero > filler 2> /dev/null; k generate --name a --type token";
    home.write("script", format!("{PROLOGUE}\n{mount}; {fill}"));
    let ended = script(home, "exec unshare -rm sh script");
    if ended.code() == 98 || ended.err().contains("unshare") {
        skipped("this user may not mount a file system of their own");
        return None;
    }
    Some(ended)
}

fn keyring_owner(home: &Home) -> Option<Ended> {
    home.run("init").ok();
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(home.keyring(), Some(54_321), None).unwrap();
        return Some(home.run("list"));
    }
    // An ordinary user cannot give a file away, so keywright is made to believe that it runs as another user.
    let trace = "strace -f -o /dev/null -e trace=geteuid -e inject=geteuid:retval=54321";
    have("strace").then(|| script(home, &format!(r#"{trace} "$K" list --keyring {}"#, home.keyring().display())))
}

#[expect(clippy::unnecessary_wraps, reason = "the functions in FAULTS have one type")]
fn keyring_newer(home: &Home) -> Option<Ended> {
    home.run("init").ok();
    database(&home.keyring()).pragma_update(None, "user_version", 999).unwrap();
    Some(home.run("list"))
}

fn keyring_no_locks(home: &Home) -> Option<Ended> {
    if !have("strace") {
        return None;
    }
    let init = without_locks(home, r#""$K" init --keyring traced.db"#, r#""$K" init --keyring new.db"#)?;
    assert!(init.err().contains("error[keyring_no_locks]"), "{}", init.err());
    home.run("init").ok();
    let list = format!(r#""$K" list --keyring {}"#, home.keyring().display());
    without_locks(home, &list, &list)
}

/// Runs `traced` to count the system calls before its first lock, and then runs the command as on a file system without
/// locks. Returns `None` if strace does not work.
fn without_locks(home: &Home, traced: &str, command: &str) -> Option<Ended> {
    let traced = script(home, &format!("strace -f -o calls -e trace=fcntl {traced}"));
    let calls = home.read("calls");
    let Some(first) = calls.lines().filter(|line| line.contains("fcntl(")).position(|line| line.contains("F_SETLK"))
    else {
        skipped(&format!("strace does not work here: {}", traced.err()));
        return None;
    };
    let begun = std::time::Instant::now();
    let inject = format!("inject=fcntl:error=ENOLCK:when={}+", first + 1);
    let ended = script(home, &format!("strace -f -o calls -e trace=fcntl -e {inject} {command}"));
    // The usual wait for another process is ten seconds.
    assert!(begun.elapsed().as_secs() < 8, "it waited for a process that does not exist");
    Some(ended)
}

fn system_limit(home: &Home) -> Option<Ended> {
    if !have("strace") {
        return None;
    }
    let trace = "strace -f -o trace -e trace=clone,clone3 -e inject=clone,clone3:error=EAGAIN:when=1+";
    if script(home, &format!(r#"{trace} "$K" --version > /dev/null"#)).code() != 0 {
        skipped("strace does not work here");
        return None;
    }
    Some(script(home, &format!(r#"{trace} "$K" generate --name a --bits 2048 --out a"#)))
}

/// The code that stands for a bug, which no test can provoke.
const BUG: &str = "internal";

/// The codes that occur only in the details of an error, each with the code of that error.
const IN_DETAILS: &[(&str, &str)] = &[("import_malformed", "import_refused")];

fn exit(word: &str) -> i32 {
    EXITS.iter().find(|(_, words)| words.contains(&word)).map(|(exit, _)| *exit).unwrap()
}

#[test]
fn each_scenario_ends_with_its_code() {
    let with_scenario: BTreeSet<&str> =
        SCENARIOS.iter().map(|(word, _)| *word).chain(FAULTS.iter().map(|(word, _)| *word)).collect();
    let codes: BTreeSet<&str> = Code::ALL.iter().map(|code| code.word()).filter(|word| *word != BUG).collect();
    assert_eq!(with_scenario, codes);
    let mut failed = Vec::new();
    for (word, text) in SCENARIOS {
        let ended = script(&Home::new(), text);
        let (text_form, json_form) = (format!("error[{word}]: "), format!("\"code\":\"{word}\""));
        let has = |part: &str| ended.err().contains(part);
        let in_detail = IN_DETAILS.iter().any(|(detail, whole)| detail == word && has(&format!("error[{whole}]: ")));
        let reported = has(&text_form) || has(&json_form) || in_detail && has(&format!("\n  {word} "));
        let next = has("next: ") || has("\"hint\":\"");
        if !reported || !next || ended.code() != exit(word) || !ended.out().is_empty() {
            failed.push(format!("{word}: {text}\n{} {}{}", ended.code(), ended.out(), ended.err()));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn each_fault_ends_with_its_code() {
    for (word, fault) in FAULTS {
        println!("{word}");
        if let Some(ended) = fault(&Home::new()) {
            ended.refused(exit(word), word);
        }
    }
}
