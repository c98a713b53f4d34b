//! Tests of `check`.

mod beside;

use super::{
    earlier_schemas::to_first_schema,
    home::{Ended, Home},
    promises::{chmod, database},
    tools::{fake_clock, have},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const NOW: &str = "--now 2030-01-01T00:00:00Z";

fn findings(ended: &Ended) -> Vec<Value> {
    ended.json().as_array().unwrap().clone()
}

/// Runs `check`, and returns the findings. Asserts that the keyring is unchanged, and that the exit status is 1 if
/// there are findings.
#[track_caller]
fn check(home: &Home, options: &str) -> Vec<Value> {
    let before = home.state();
    let ended = home.run(&format!("check --format json {options}"));
    let found = findings(&ended);
    assert_eq!(ended.code(), i32::from(!found.is_empty()), "{}{}", ended.out(), ended.err());
    assert_eq!(home.state(), before, "it writes nothing");
    found
}

#[test]
fn columns_are_as_wide_as_their_widest_cell() {
    let home = Home::new();
    home.generate("--name a --type token --now 2029-01-01T00:00:00Z --expires 1d");
    home.generate("--name a-name-of-many-letters --type token --now 2029-01-01T00:00:00Z");
    let table = home.run(&format!("check {NOW}")).out();
    let column = table.find("NEXT").unwrap();
    let starts = |line: &str| line.is_char_boundary(column) && &line[column - 2..column] == "  ";
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(
        table.lines().all(|line| starts(line) && line[column..].trim_start().len() == line[column..].len()),
        "{table}"
    );
}

#[track_caller]
fn kinds(home: &Home, options: &str) -> BTreeSet<String> {
    check(home, options).iter().map(|finding| finding["kind"].as_str().unwrap().to_owned()).collect()
}

fn set(kinds: &[&str]) -> BTreeSet<String> {
    kinds.iter().map(ToString::to_string).collect()
}

fn fresh() -> Home {
    let home = Home::new();
    home.generate(&format!("--name ci --type token --scope read {NOW}"));
    home
}

fn edit(home: &Home, sql: &str) {
    database(&home.keyring()).execute_batch(sql).unwrap();
}

#[test]
fn a_healthy_keyring_has_no_findings() {
    let home = fresh();
    let before = home.state();
    let table = home.run(&format!("check {NOW}")).ok();
    assert_eq!(table.out(), "");
    assert!(table.err().contains("no findings in 1 key and 3 rows of the log"), "{}", table.err());
    let quiet = home.run(&format!("check --quiet {NOW}")).ok();
    assert_eq!((quiet.out(), quiet.err()), (String::new(), String::new()), "cron gets no output to mail");
    assert_eq!(home.run(&format!("check --format json {NOW}")).ok().out(), "[]\n");
    assert_eq!(home.run(&format!("check --format jsonl {NOW}")).ok().out(), "");
    assert_eq!(
        home.run(&format!("check --format csv {NOW}")).ok().out(),
        "api_key_id,name,kind,severity,count,place,msg,next\n"
    );
    assert_eq!(home.state(), before);
}

#[test]
fn expiring_expired_unused_and_over_scoped_keys_are_found() {
    let home = Home::new();
    let make = |line: &str| home.generate(&format!("{line} --type token --now 2029-06-01T00:00:00Z"));
    make("--name ends-soon --expires 2030-01-20");
    make("--name ends-later --expires 2030-02-20");
    make("--name ended --expires 2029-12-01");
    make("--name gone --expires 2029-12-01");
    home.run("revoke gone --yes --now 2029-06-01T00:00:00Z").ok();
    make("--name off --expires 2030-01-20");
    home.run("disable off --now 2029-06-01T00:00:00Z").ok();
    home.generate("--name young --type token --now 2029-12-01T00:00:00Z");
    home.generate("--name literal --type token --scope read,* --now 2029-12-01T00:00:00Z");
    home.run("policy set scopes.wildcards true").ok();
    home.generate("--name all --type token --scope * --now 2029-12-01T00:00:00Z");
    let found = check(&home, NOW);
    let reported: BTreeSet<(&str, &str)> =
        found.iter().map(|f| (f["kind"].as_str().unwrap(), f["name"].as_str().unwrap())).collect();
    let expected = [
        ("expired", "ended"),
        ("expiring", "ends-soon"),
        ("never-used", "ends-later"),
        ("never-used", "ends-soon"),
        ("over-scoped", "all"),
        ("star-scope", "literal"),
    ];
    assert_eq!(reported, expected.into_iter().collect());
    let soon = found.iter().find(|f| f["kind"] == "expiring" && f["name"] == "ends-soon").unwrap();
    let id = home.ids("--name ends-soon").remove(0);
    assert_eq!(
        *soon,
        json!({
            "api_key_id": id, "name": "ends-soon", "kind": "expiring", "severity": "warning", "count": 1, "place": null,
            "msg": "expires at 2030-01-20T23:59:59Z",
            "next": format!("run `keywright rotate {id} --expires 90d --out FILE`, or `keywright update {id} --expires 90d`"),
        })
    );
    assert_eq!(kinds(&home, &format!("--only expiring --expiring-within 10d {NOW}")), set(&[]));
    assert_eq!(check(&home, &format!("--only expiring --expiring-within 60d {NOW}")).len(), 2);
    assert_eq!(check(&home, &format!("--only never-used --unused-for 10d {NOW}")).len(), 5);
    let without = format!("--skip expired --skip never-used --skip over-scoped --skip star-scope {NOW}");
    assert_eq!(kinds(&home, &without), set(&["expiring"]));
    let ids = home.run(&format!("check --only expired --format id {NOW}"));
    assert_eq!((ids.code(), ids.out().trim()), (1, home.ids("--all --name ended")[0].as_str()));
    let table = home.run(&format!("check {NOW}"));
    assert_eq!(table.code(), 1);
    assert!(table.out().starts_with("SEVERITY") && table.out().contains("expires at 2030-01-20"), "{}", table.out());
    assert!(table.err().contains("6 findings in 8 keys"), "{}", table.err());
    let lines = home.run(&format!("check --format jsonl {NOW}"));
    assert!(lines.out().lines().all(|line| serde_json::from_str::<Value>(line).unwrap()["kind"].is_string()));
    assert_eq!(lines.out().lines().count(), 6);
}

#[test]
fn the_most_severe_finding_comes_first() {
    let home = fresh();
    edit(&home, "UPDATE key SET owner = 'mallory'");
    home.generate(&format!("--name soon --type token --expires 1d {NOW}"));
    chmod(&home.keyring(), 0o644);
    let reported: Vec<String> =
        check(&home, NOW).iter().map(|finding| finding["severity"].as_str().unwrap().to_owned()).collect();
    assert_eq!(reported, ["critical", "warning", "warning"]);
}

#[test]
fn unused_keys_are_found() {
    let home = Home::new();
    home.run("generate --name ci --type token --out ci --now 2029-06-01T00:00:00Z").ok();
    assert_eq!(kinds(&home, NOW), set(&["never-used"]));
    // Edit the row so that it looks as it does after a verification, except for the digest.
    edit(&home, "UPDATE key SET last_used_at = unixepoch('2029-09-01')");
    let found = kinds(&home, NOW);
    assert_eq!(found, set(&["damaged-key"]), "a row with a wrong digest gives no verdict");
}

#[test]
fn long_pending_keys_are_found() {
    let home = Home::new();
    home.crash("ci", "token");
    assert_eq!(kinds(&home, ""), set(&[]));
    let found = check(&home, "--pending-for 1h --now 2099-01-01T00:00:00Z");
    assert_eq!((found.len(), &found[0]["kind"]), (1, &json!("pending")));
    let next = found[0]["next"].as_str().unwrap();
    assert!(next.contains("--private-key FILE") && next.contains("keywright activate --from FILE"), "{next}");
    assert_eq!(kinds(&home, "--pending-for 100y --now 2099-01-01T00:00:00Z"), set(&[]));
}

#[test]
fn keys_that_break_the_contract_are_found() {
    let home = Home::new();
    home.generate(&format!("--name rsa --bits 2048 {NOW}"));
    home.generate(&format!("--name all --type token --scope read --scope write {NOW}"));
    assert_eq!(kinds(&home, NOW), set(&[]));
    home.run_args(["policy", "set", "scopes.known", "[\"read\",\"write\"]"]).ok();
    home.run("policy set rsa.smallest 3072").ok();
    let found = check(&home, NOW);
    let reported: BTreeSet<(&str, &str)> =
        found.iter().map(|f| (f["kind"].as_str().unwrap(), f["name"].as_str().unwrap())).collect();
    assert_eq!(reported, [("over-scoped", "all"), ("weak-rsa", "rsa")].into_iter().collect());
}

#[test]
fn wrong_modes_are_found_and_do_not_hide_other_findings() {
    let home = fresh();
    home.generate(&format!("--name soon --type token --expires 1d {NOW}"));
    let directory = home.keyring().parent().unwrap().to_owned();
    for (file, around, kind) in [
        (0o620, 0o700, "exposed"),
        (0o666, 0o700, "exposed"),
        (0o600, 0o770, "exposed"),
        (0o600, 0o1777, "exposed"),
        (0o640, 0o700, "readable"),
        (0o604, 0o755, "readable"),
    ] {
        chmod(&home.keyring(), file);
        chmod(&directory, around);
        let found = check(&home, NOW);
        let reported: Vec<&str> = found.iter().map(|finding| finding["kind"].as_str().unwrap()).collect();
        assert_eq!(reported, [kind, "expiring"], "{file:o} {around:o}");
        let place = if around & 0o022 == 0 { home.keyring() } else { directory.clone() };
        assert_eq!(found[0]["place"].as_str().unwrap(), place.to_str().unwrap());
        assert!(found[0]["next"].as_str().unwrap().contains("chmod"), "{}", found[0]);
        if kind == "exposed" {
            home.run("list").refused(6, "keyring_exposed");
        }
    }
    chmod(&home.keyring(), 0o600);
    chmod(&directory, 0o755);
    assert_eq!(kinds(&home, &format!("--only exposed --only readable {NOW}")), set(&[]));
}

#[test]
fn an_edited_row_is_found_and_the_others_are_checked() {
    for change in [
        "name = 'x'",
        "env = 'live'",
        "scopes = 'admin'",
        "expires_at = 9999999999",
        "activated_at = NULL",
        "secret_hash = zeroblob(32)",
        "digest = zeroblob(32)",
        "id = x'00000000000000000000000000000000'",
    ] {
        let home = fresh();
        let id = home.ids("").remove(0);
        home.generate(&format!("--name soon --type token --expires 1d {NOW}"));
        edit(&home, &format!("UPDATE key SET {change} WHERE name = 'ci'"));
        let found = check(&home, &format!("--skip contradiction {NOW}"));
        assert_eq!(found.len(), 2, "{change}: {found:?}");
        assert_eq!((&found[0]["kind"], &found[0]["place"]), (&json!("damaged-key"), &json!("row 1")), "{change}");
        if !change.starts_with("id") {
            assert_eq!(found[0]["api_key_id"], Value::String(id));
        }
        assert_eq!((&found[1]["kind"], &found[1]["name"]), (&json!("expiring"), &json!("soon")));
    }
}

#[test]
fn an_edited_log_is_found() {
    for sql in [
        "UPDATE audit SET user = 'nobody' WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 2",
        "UPDATE audit SET facts = '{}' WHERE seq = 3",
        "DELETE FROM audit",
    ] {
        let home = fresh();
        edit(&home, sql);
        let found = check(&home, &format!("--only damaged-log {NOW}"));
        assert_eq!(found.len(), 1, "{sql}: {found:?}");
        assert!(found[0]["next"].as_str().unwrap().contains("audit verify"), "{}", found[0]);
    }
}

#[test]
fn a_deleted_revocation_is_found() {
    let home = fresh();
    home.run(&format!("revoke ci --yes {NOW}")).ok();
    assert_eq!(kinds(&home, NOW), set(&[]));
    edit(&home, "UPDATE key SET revoked_at = NULL, revocation_reason = NULL");
    assert_eq!(kinds(&home, NOW), set(&["damaged-key", "contradiction"]));
    edit(&home, "DELETE FROM audit WHERE key_id IS NOT NULL");
    let found = check(&home, &format!("--only contradiction {NOW}"));
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn a_damaged_file_is_a_finding_and_not_an_error() {
    let home = fresh();
    for n in 0..30 {
        home.generate(&format!("--name key-{n} --type token {NOW}"));
    }
    let whole = home.state().unwrap();
    let page = 4096;
    let mut found_somewhere = BTreeSet::new();
    for start in (page..whole.len()).step_by(page) {
        let mut damaged = whole.clone();
        damaged[start..start + page].fill(0xA5);
        std::fs::write(home.keyring(), &damaged).unwrap();
        let found = kinds(&home, NOW);
        // A page that SQLite does not use may contain anything.
        let unused = found.is_empty();
        assert!(unused || found.contains("damaged-file"), "page {}: {found:?}", start / page);
        found_somewhere.extend(found);
    }
    assert!(found_somewhere.contains("damaged-file"));
    for length in [whole.len() - 1, whole.len() - page, whole.len() / 2, 3 * page] {
        std::fs::write(home.keyring(), &whole[..length]).unwrap();
        assert!(kinds(&home, NOW).contains("damaged-file"), "{length} bytes");
        let asked_otherwise = kinds(&home, &format!("--only damaged-key --only damaged-log {NOW}"));
        assert!(
            length > whole.len() / 2 || !asked_otherwise.is_empty(),
            "a keyring that cannot be checked is not healthy"
        );
    }
    std::fs::write(home.keyring(), &whole).unwrap();
    assert_eq!(kinds(&home, NOW), set(&[]));
}

#[test]
fn a_flipped_bit_in_a_row_is_found() {
    let home = fresh();
    let whole = home.state().unwrap();
    let hash: Vec<u8> =
        database(&home.keyring()).query_row("SELECT secret_hash FROM key", [], |row| row.get(0)).unwrap();
    let at = whole.windows(32).position(|bytes| bytes == hash).unwrap();
    for bit in [0, 77, 255] {
        let mut flipped = whole.clone();
        flipped[at + bit / 8] ^= 1 << (bit % 8);
        std::fs::write(home.keyring(), &flipped).unwrap();
        assert_eq!(kinds(&home, NOW), set(&["damaged-key"]), "bit {bit}");
    }
}

#[test]
fn an_invalid_contract_is_a_finding() {
    let home = fresh();
    home.generate(&format!("--name soon --type token --expires 1d {NOW}"));
    edit(&home, "UPDATE keyring SET contract = '{'");
    assert_eq!(kinds(&home, NOW), set(&["contradiction", "damaged-contract", "expiring"]));
    assert_eq!(kinds(&home, &format!("--only damaged-contract {NOW}")), set(&["damaged-contract"]));
}

#[test]
fn a_clock_behind_the_log_is_found() {
    if !have("faketime") {
        return;
    }
    let home = fresh();
    assert!(check(&home, "--now 2029-12-31T00:00:00Z").is_empty(), "--now does not set the keyring time");
    let mut command = home.keywright(["policy", "set", "name.max", "60"]);
    fake_clock(&mut command, "FAKETIME", "@2030-01-01 00:00:00");
    assert!(command.output().unwrap().status.success());
    let found = check(&home, "--now 2029-12-31T00:00:00Z");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0]["kind"], &found[0]["severity"]), (&json!("clock-behind"), &json!("warning")));
    assert!(found[0]["msg"].as_str().unwrap().contains("2030-01-01T00:00:00Z"));
}

#[test]
fn an_older_schema_is_left_unchanged() {
    let home = fresh();
    home.generate(&format!("--name soon --type token --expires 1d {NOW}"));
    to_first_schema(&home.keyring());
    // The first schema did not record states, which the log of this keyring does.
    assert_eq!(kinds(&home, NOW), set(&["contradiction", "expiring"]));
    edit(&home, "UPDATE key SET note = 'x' WHERE name = 'ci'");
    assert_eq!(kinds(&home, NOW), set(&["contradiction", "damaged-key", "expiring"]));
}

#[test]
fn findings_over_the_limit_are_counted() {
    let home = fresh();
    edit(
        &home,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
         INSERT INTO key (id, name, type, env, scopes, labels, created_at, prefix, secret_hash, digest)
         SELECT randomblob(16), 'k' || i, 'token', 'test', '', '{}', 0, 'kw_test_x', randomblob(32), zeroblob(32) FROM n",
    );
    let found = check(&home, &format!("--only damaged-key {NOW}"));
    assert_eq!(found.len(), 1001);
    let last = found.last().unwrap();
    assert_eq!((&last["count"], &last["api_key_id"]), (&json!(500), &Value::Null));
    let table = home.run(&format!("check --only damaged-key {NOW}"));
    assert!(table.err().contains("1500 findings in 1501 keys"), "{}", table.err());
    let both = check(&home, NOW);
    assert_eq!(both.iter().filter(|finding| finding["kind"] == "contradiction").count(), 1000);
}

#[test]
fn an_unreadable_keyring_is_an_error() {
    let home = Home::new();
    home.run("check").refused(3, "keyring_missing");
    assert_eq!(home.state(), None, "a read creates nothing");
    let home = fresh();
    edit(&home, "PRAGMA user_version = 999");
    home.run("check").refused(6, "keyring_newer");
    let home = fresh();
    for content in [&b"just a text file, and long enough to be no mistake\n"[..], b""] {
        std::fs::write(home.keyring(), content).unwrap();
        home.run("check").refused(6, "keyring_foreign");
    }
    for line in ["--only nothing", "--only expired --skip expired"] {
        home.run(&format!("check {line}")).refused(2, "usage");
    }
    for line in ["--expiring-within 0d", "--unused-for -1d", "--pending-for never", "--unused-for 9999y"] {
        home.run(&format!("check {line}")).refused(2, "invalid_time");
    }
}
