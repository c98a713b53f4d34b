//! Tests of commands that write many keys in several transactions: a kill, an error or a signal between two of them
//! leaves all keys or none.

use super::{assert_intact, database, trace::for_each};
use crate::{
    home::{Ended, Home, KEYWRIGHT},
    tools::skipped,
};
use serde_json::{Value, json};
use std::{fmt::Write as _, process::Stdio};

/// The number of keys. It is more than one transaction of an import contains.
const COUNT: usize = 9000;

/// Runs keywright with a fault in the call number `number` with the name `call`, or without a fault if `number` is 0.
/// Returns the result and the number of these calls.
fn run(home: &Home, line: &str, call: &str, what: &str, number: usize) -> (Ended, usize) {
    let log = home.file("calls");
    let mut command = home.program("strace");
    command.args(["-f", "-o"]).arg(&log).args(["-e", &format!("trace={call}")]);
    if number > 0 {
        command.args(["-e", &format!("inject={call}:{what}:when={number}")]);
    }
    let output = command.arg(KEYWRIGHT).args(line.split(' ')).stdin(Stdio::null()).output().unwrap();
    let calls = home.read("calls").lines().filter(|line| line.contains(&format!("{call}("))).count();
    (Ended(output), calls)
}

/// Returns the numbers of about `wanted` of `count` calls, the first and the last among them.
fn sample(count: usize, wanted: usize) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..wanted).map(|n| 1 + n * (count - 1) / (wanted - 1)).collect();
    numbers.dedup();
    numbers
}

fn listed(home: &Home, conditions: &str) -> usize {
    home.run(&format!("list --format id --quiet {conditions}")).ok().out().lines().count()
}

fn number(home: &Home, sql: &str) -> i64 {
    database(&home.keyring()).query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Builds a home with a keyring, and a file of tokens to import.
fn with_tokens() -> Home {
    let home = Home::new();
    home.run("generate --name before --type token --out before").ok();
    let line = |n: usize| format!("{{\"name\":\"k{n}\",\"secret_sha256\":\"{n:064x}\"}}\n");
    home.write("tokens.jsonl", (1..=COUNT).map(line).collect::<String>());
    home
}

/// Asserts that an import that was stopped left all keys or none, and that running it again completes it.
fn check_import(home: &Home, ended: &Ended, what: &str) {
    assert_intact(&home.keyring());
    home.run("audit verify --quiet").ok();
    let keys = listed(home, "--all");
    assert!([1, COUNT + 1].contains(&keys), "{what}: {keys} keys are visible");
    if ended.0.status.code() == Some(0) {
        assert_eq!(keys, COUNT + 1, "{what}");
    }
    let verified = home.run("verify --token-file before");
    assert_eq!(verified.code(), 0, "{what}: {}", verified.err());
    let again = home.run("import tokens.jsonl --quiet");
    assert_eq!(again.code(), 0, "{what}: {}", again.err());
    assert_eq!(listed(home, "--all"), COUNT + 1, "{what}");
    assert_eq!(number(home, "SELECT count(*) FROM batch"), 0, "{what}");
    assert_eq!(number(home, "SELECT count(*) FROM key WHERE batch IS NOT NULL"), 0, "{what}");
    home.run("audit verify --quiet").ok();
}

#[test]
fn an_import_that_is_killed_leaves_all_keys_or_none() {
    if !super::has("strace") {
        return skipped("strace");
    }
    let (ended, syncs) = run(&with_tokens(), "import tokens.jsonl --quiet", "fsync", "", 0);
    assert!(ended.code() == 0 && syncs > 12, "{syncs} {}", ended.err());
    for_each(&sample(syncs, 5), |number| {
        let home = with_tokens();
        let (ended, _) = run(&home, "import tokens.jsonl --quiet", "fsync", "signal=KILL", *number);
        check_import(&home, &ended, &format!("killed at fsync {number} of {syncs}"));
    });
}

#[test]
fn an_import_that_fails_or_is_interrupted_deletes_its_keys() {
    if !super::has("strace") {
        return skipped("strace");
    }
    let (_, syncs) = run(&with_tokens(), "import tokens.jsonl --quiet", "fsync", "", 0);
    let faults: Vec<(usize, &str)> =
        sample(syncs, 3).into_iter().flat_map(|n| [(n, "error=EIO"), (n, "signal=INT")]).collect();
    for_each(&faults, |(call, what)| {
        let home = with_tokens();
        let (ended, _) = run(&home, "import tokens.jsonl --quiet", "fsync", what, *call);
        let what = format!("{what} at fsync {call} of {syncs}: {}", ended.err());
        if ended.0.status.code() == Some(130) {
            // A signal can arrive after the last transaction, and the message then says so.
            let is_imported = ended.err().contains("they have been imported");
            let keys = if is_imported { COUNT + 1 } else { 1 };
            assert_eq!(number(&home, "SELECT count(*) FROM key"), i64::try_from(keys).unwrap(), "{what}");
            assert_eq!(number(&home, "SELECT count(*) FROM batch"), 0, "{what}");
        }
        check_import(&home, &ended, &what);
    });
}

#[test]
fn a_refused_key_on_a_late_page_leaves_nothing() {
    let home = with_tokens();
    let mut text = home.read("tokens.jsonl");
    text.push_str("{\"name\":\"k1\",\"secret_sha256\":\"broken\"}\n{\"name\":\"x\"}\n");
    // The key in the last line is the same as the one in the first line.
    let again = format!("{{\"name\":\"other\",\"secret_sha256\":\"{:064x}\"}}\n", 1);
    home.write("late.jsonl", text + &again);
    let refused = home.run("import late.jsonl").refused(2, "import_refused");
    assert!(refused.err().contains(&format!("3 of {} keys cannot be imported", COUNT + 3)), "{}", refused.err());
    assert!(refused.err().contains("more than once"), "{}", refused.err());
    assert_eq!(number(&home, "SELECT count(*) FROM key"), 1);
    assert_eq!(number(&home, "SELECT count(*) FROM batch"), 0);
    home.run("audit verify --quiet").ok();
    home.run("import tokens.jsonl --quiet").ok();
    assert_eq!(listed(&home, "--all"), COUNT + 1);
}

#[test]
fn the_keys_of_an_import_in_progress_cannot_be_used_or_taken() {
    let home = Home::new();
    home.run("generate --name before --type token --out before").ok();
    let batch = "INSERT INTO batch (number, written_at, process, rows, changed) VALUES (7, 4000000000, '1 on another-host', '[]', 0);";
    let sql = format!("{batch} UPDATE key SET batch = 7");
    database(&home.keyring()).execute_batch(&sql).unwrap();
    assert_eq!(listed(&home, "--all"), 0);
    let verdict = home.run("verify --token-file before --format json");
    assert_eq!((verdict.code(), verdict.json()["code"].as_str()), (1, Some("not_found")));
    let taken = home.run("generate --name before --type token --out x").refused(4, "name_taken");
    assert!(taken.err().contains("another process is importing the test key `before`"), "{}", taken.err());
    // The keys of an import in progress cannot be changed, because the log says that they are active.
    for line in ["revoke before --yes", "disable before", "update before --note x", "rotate before --out x"] {
        home.run(line).refused(3, "not_found");
    }
    home.run_with("revoke - --yes", home.read("before")).refused(3, "not_found");
    home.write("tokens.jsonl", format!("{{\"name\":\"k\",\"secret_sha256\":\"{:064x}\"}}\n", 5));
    let busy = home.run("import tokens.jsonl").refused(6, "keyring_locked");
    assert!(busy.err().contains("another import into this keyring is in progress"), "{}", busy.err());
}

#[test]
fn a_forged_batch_deletes_no_key_that_was_complete() {
    let home = Home::new();
    home.write("tokens.jsonl", format!("{{\"name\":\"k\",\"secret_sha256\":\"{:064x}\"}}\n", 5));
    home.run("import tokens.jsonl").ok();
    for name in ["live", "dead", "off"] {
        home.run(&format!("generate --name {name} --type token --out {name}")).ok();
    }
    home.run("revoke dead --yes").ok();
    home.run("disable off").ok();
    let before = listed(&home, "--all");
    for process in ["NULL", "'gone'"] {
        let batch = format!(
            "INSERT INTO batch (number, written_at, process, first_key, last_key, rows, changed) VALUES (7, 1, {process}, 1, 100, NULL, 0);"
        );
        let names = if process == "NULL" { "'k', 'live', 'dead', 'off'" } else { "'live', 'dead', 'off'" };
        let sql = format!("{batch} UPDATE key SET batch = 7 WHERE name IN ({names})");
        database(&home.keyring()).execute_batch(&sql).unwrap();
        home.run(&format!("generate --name new{} --type token --quiet --out new{}", process.len(), process.len())).ok();
        assert_eq!(number(&home, "SELECT count(*) FROM batch"), 0);
    }
    assert_eq!(listed(&home, "--all"), before + 2);
    home.run("audit verify --quiet").ok();
}

#[test]
fn an_activation_of_many_keys_that_is_killed_activates_all_or_none() {
    if !super::has("strace") {
        return skipped("strace");
    }
    let home = Home::new();
    let delivered = home.crash_many(&format!("--name k --type token --count {COUNT}"), COUNT);
    let saved = std::fs::read(home.keyring()).unwrap();
    let prepare = || {
        let copy = Home::new();
        copy.run("init").ok();
        std::fs::write(copy.keyring(), &saved).unwrap();
        copy.write("f", &delivered);
        copy
    };
    let (ended, syncs) = run(&prepare(), "activate --from f --quiet", "fsync", "", 0);
    assert!(ended.code() == 0 && syncs > 8, "{syncs} {}", ended.err());
    for_each(&sample(syncs, 4), |number| {
        let copy = prepare();
        let (ended, _) = run(&copy, "activate --from f --quiet", "fsync", "signal=KILL", *number);
        let what = format!("killed at fsync {number} of {syncs}");
        assert_intact(&copy.keyring());
        copy.run("audit verify --quiet").ok();
        let active = listed(&copy, "--status active");
        assert!([0, COUNT].contains(&active), "{what}: {active} keys are active");
        assert_eq!(active + listed(&copy, "--status pending"), COUNT, "{what}");
        assert!(ended.0.status.code() != Some(0) || active == COUNT, "{what}");
        copy.run("activate --from f --quiet").ok();
        assert_eq!(listed(&copy, "--status active"), COUNT, "{what}");
        copy.run("audit verify --quiet").ok();
    });
}

#[test]
fn many_keys_that_are_interrupted_while_they_are_reserved_leave_nothing() {
    if !super::has("strace") {
        return skipped("strace");
    }
    let line = "generate --name k --type token --count 70000 --out t --quiet";
    let reserve = |what: &str, number: usize| {
        let home = Home::new();
        home.run("init").ok();
        let (ended, syncs) = run(&home, line, "fsync", what, number);
        (home, ended, syncs)
    };
    let (_, ended, syncs) = reserve("", 0);
    assert!(ended.code() == 0 && syncs > 20, "{syncs}: {}", ended.err());
    for_each(&[(2, "signal=INT"), (7, "signal=INT"), (7, "signal=KILL")], |(call, what)| {
        let (home, ended, _) = reserve(what, *call);
        assert!(!home.file("t").exists());
        assert_eq!(listed(&home, "--status active"), 0);
        home.run("audit verify --quiet").ok();
        if *what == "signal=INT" {
            assert_eq!(ended.code(), 130, "{}", ended.err());
            assert_eq!(number(&home, "SELECT count(*) FROM key"), 0);
        } else {
            // The next command after an hour deletes the pending keys.
            home.run("generate --name k1 --type token --out later --now 2099-01-01T00:00:00Z").ok();
            assert_eq!(number(&home, "SELECT count(*) FROM key"), 1);
        }
        assert_eq!(number(&home, "SELECT count(*) FROM batch"), 0);
        home.run("audit verify --quiet").ok();
    });
}

#[test]
fn a_signal_during_any_sync_leaves_no_key_without_its_secret() {
    if !super::has("strace") {
        return skipped("strace");
    }
    let prepare = || {
        let home = Home::new();
        home.run("generate --name old --type token --out old").ok();
        home
    };
    for line in ["generate --name new --type token --out new", "rotate old --out new"] {
        let (ended, syncs) = run(&prepare(), line, "fsync", "", 0);
        assert!(ended.code() == 0 && syncs > 5, "{line}: {syncs} {}", ended.err());
        let numbers: Vec<usize> = (1..=syncs).collect();
        for_each(&numbers, |number| {
            let home = prepare();
            let (ended, _) = run(&home, line, "fsync", "signal=INT", *number);
            let what = format!("{line}, signal at fsync {number} of {syncs}: {}", ended.err());
            assert_eq!(listed(&home, "--status pending"), 0, "{what}");
            assert_eq!(listed(&home, "") == 2, home.file("new").exists(), "{what}");
            home.run("audit verify --quiet").ok();
            if !home.file("new").exists() {
                assert_eq!(ended.code(), 130, "{what}");
                home.run(line).ok();
            }
        });
    }
}

/// The first command that generates keys deletes keys that have been pending for more than an hour, the newest ones of
/// the keyring among them.
#[test]
fn keys_that_replace_stale_pending_keys_work() {
    for (options, count) in [("--name n --count 3", 3), ("--name n --count 1", 1), ("--from new.jsonl", 2)] {
        let home = Home::new();
        home.run("generate --name first --type token --out first.token").ok();
        home.crash("stale", "token");
        home.write("new.jsonl", "{\"name\":\"n-1\"}\n{\"name\":\"n-2\"}\n");
        let later = "--now 2099-01-01T00:00:00Z";
        home.run(&format!("generate --type token --out secrets.jsonl {options} {later}")).ok();
        assert_eq!(listed(&home, &format!("--name n-* --status active {later}")), count, "{options}");
        assert_eq!(listed(&home, &format!("--all --name stale {later}")), 0);
        assert_eq!(number(&home, "SELECT count(*) FROM key WHERE batch IS NOT NULL"), 0);
        home.run("audit verify").ok();
        let mut claims = String::new();
        for key in home.read("secrets.jsonl").lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
            writeln!(claims, "{}", json!({ "token": key["token"] })).unwrap();
        }
        let answers = home.run_with(&format!("verify --batch {later}"), &claims).ok().out();
        assert!(answers.lines().all(|answer| answer.contains("\"valid\":true")), "{options}: {answers}");
    }
}
