//! Tests of `list`.

mod order;
mod show_as;

use super::home::Home;

/// Builds a home with a key of every status except disabled.
fn every_state() -> Home {
    let home = Home::new();
    home.generate("--name expired --type token --expires 1d --now 2026-01-01T00:00:00Z");
    home.crash("pending", "token");
    home.generate("--name active --type token");
    home.generate("--name revoked --type token");
    home.run("revoke revoked --yes").ok();
    home.generate("--name planned --type token");
    home.run("revoke planned --in 30d --yes").ok();
    home
}

/// The message about a pending key.
const PENDING: &str = "1 key is pending: if its secret arrived, run `keywright activate --private-key FILE`\n";

/// Sets a column of a key with SQLite. `list` shows the new value, but a command that acts on the key would find that
/// the digest does not match.
fn set(home: &Home, column: &str, value: i64, name: &str) {
    let keyring = rusqlite::Connection::open(home.keyring()).unwrap();
    let changed = keyring.execute(&format!("UPDATE key SET {column} = ?1 WHERE name = ?2"), (value, name));
    assert_eq!(changed.unwrap(), 1);
}

#[test]
fn ended_keys_are_hidden_and_counted() {
    let home = every_state();
    assert_eq!(home.names(""), ["planned", "active", "pending"]);
    let listed = home.run("list").ok();
    assert_eq!(listed.err(), format!("{PENDING}2 ended keys are hidden; use --all to include them\n"));
    assert_eq!(home.run("list --quiet").ok().err(), "");
    let one = home.run("list --name revoked").ok();
    assert_eq!((one.out().as_str(), one.err().as_str()), ("", "1 ended key is hidden; use --all to include it\n"));
    assert_eq!(home.run("list --name no*").ok().err(), "no key matches the filter\n");
    for all in ["--all", "-a"] {
        assert_eq!(home.names(all).len(), 5);
        assert_eq!(home.run(&format!("list {all}")).ok().err(), PENDING);
    }
}

#[test]
fn conditions_select_by_status() {
    let home = every_state();
    home.generate("--name disabled --type token");
    set(&home, "disabled_at", 1, "disabled");
    for (status, names) in [
        ("pending", &["pending"][..]),
        ("active", &["planned", "active"]),
        ("disabled", &["disabled"]),
        ("expired", &["expired"]),
        ("revoked", &["revoked"]),
    ] {
        let listed = home.run(&format!("list --status {status} --format json")).ok();
        assert_eq!(home.names(&format!("--status {status}")), names);
        assert!(listed.json().as_array().unwrap().iter().all(|key| key["status"] == status));
        assert_eq!(listed.err(), if status == "pending" { PENDING } else { "" }, "nothing was omitted");
    }
    assert_eq!(home.names("--status expired --status revoked"), ["revoked", "expired"]);
    for (once, twice) in
        [("revoked", "revoked,revoked"), ("active", "active,active,active"), ("expired", "expired,expired")]
    {
        assert_eq!(home.names(&format!("--status {twice}")), home.names(&format!("--status {once}")), "{twice}");
    }
    let five = "disabled,disabled,disabled,disabled,disabled";
    assert_eq!(home.names(&format!("--status {five}")), home.names("--status disabled"));
    let before = home.names("--status active --now 2020-01-01T00:00:00Z");
    assert_eq!(before, ["planned", "revoked", "active", "expired"], "has not ended yet");
    assert_eq!(home.names("--status revoked --now 2099-01-01T00:00:00Z"), ["planned", "revoked"]);
    home.run("list --status active --all").refused(2, "usage");
    home.run("list --status gone").refused(2, "usage");
}

#[test]
fn conditions_select_by_description() {
    let home = Home::new();
    home.generate("--name rsa-a --bits 2048 --owner acme --scope read --scope write --label tier=gold");
    home.generate("--name token-a --type token --env live --owner acme --scope read --label tier=silver --label x=");
    home.generate("--name token-b --type token --owner globex --scope readonly");
    home.generate("--name pair-b --type pair --env live --scope write");
    for (conditions, names) in [
        ("--type rsa", &["rsa-a"][..]),
        ("-t token", &["token-b", "token-a"]),
        ("--type rsa --type pair", &["pair-b", "rsa-a"]),
        ("--env live", &["pair-b", "token-a"]),
        ("-e test -e live", &["pair-b", "token-b", "token-a", "rsa-a"]),
        ("--scope read", &["token-a", "rsa-a"]),
        ("-s read -s write", &["rsa-a"]),
        ("--scope rea", &[]),
        ("--owner acme", &["token-a", "rsa-a"]),
        ("--owner ACME", &[]),
        ("--name token-*", &["token-b", "token-a"]),
        ("-n ?????-b", &["token-b"]),
        ("--name [rp]*", &["pair-b", "rsa-a"]),
        ("--name token", &[]),
        ("--label tier", &["token-a", "rsa-a"]),
        ("--label tier=gold", &["rsa-a"]),
        ("--label x=", &["token-a"]),
        ("--label tier --label x", &["token-a"]),
        ("--label y", &[]),
        ("--env live --owner acme --type token", &["token-a"]),
        ("--env live --owner globex", &[]),
        ("--never-used", &["pair-b", "token-b", "token-a", "rsa-a"]),
    ] {
        assert_eq!(home.names(conditions), names, "{conditions}");
        let ids = home.ids(conditions);
        assert_eq!(ids.len(), names.len(), "{conditions}");
    }
    assert_eq!(home.run("ls --type rsa --format json").ok().json()[0]["name"], "rsa-a");
}

#[test]
fn conditions_select_by_time() {
    let home = Home::new();
    let now = "--now 2026-06-01T00:00:00Z";
    home.generate("--name old --type token --now 2026-01-01T00:00:00Z");
    home.generate("--name used --type token --now 2026-01-01T00:00:00Z");
    home.generate(&format!("--name soon --type token --expires 10d {now}"));
    home.generate(&format!("--name later --type token --expires 90d {now}"));
    home.generate("--name gone --type token --expires 1d --now 2026-01-01T00:00:00Z");
    set(&home, "last_used_at", 1_780_000_000, "used");
    for (conditions, names) in [
        ("--expiring-within 30d", &["soon"][..]),
        ("--expiring-within 10d", &["soon"]),
        ("--expiring-within 9d", &[]),
        ("--expiring-within 1y", &["later", "soon"]),
        ("--expiring-within 30d --all", &["soon"]),
        ("--unused-for 90d", &["old"]),
        ("--unused-for 90d --all", &["gone", "old"]),
        ("--unused-for 1d", &["used", "old"]),
        ("--never-used", &["later", "soon", "old"]),
    ] {
        assert_eq!(home.names(&format!("{conditions} {now}")), names, "{conditions}");
    }
}

#[test]
fn contradictory_conditions_are_refused() {
    let home = Home::new();
    home.run("init").ok();
    for (conditions, code) in [
        ("--expiring-within 0", "invalid_time"),
        ("--expiring-within -1d", "invalid_time"),
        ("--expiring-within never", "invalid_time"),
        ("--unused-for soon", "invalid_time"),
        ("--unused-for 9999y", "invalid_time"),
        ("--scope \u{1b}", "invalid_scope"),
        ("--owner \u{1b}", "invalid_owner"),
        ("--label =x", "invalid_label"),
        ("--type dsa", "usage"),
        ("--env prod", "usage"),
        ("--sort size", "usage"),
        ("--limit 0", "usage"),
        ("--limit many", "usage"),
        ("--after nobody", "not_found"),
        ("--format xml", "usage"),
        ("--color sometimes", "usage"),
        ("everything", "usage"),
    ] {
        let exit = if code == "not_found" { 3 } else { 2 };
        home.run(&format!("list {conditions}")).refused(exit, code);
    }
    // Without a limit of keywright's own, these filters would make SQLite fail.
    for command in ["list", "rotate --out-dir new"] {
        home.run(&format!("{command} --name {}", "x".repeat(60_000))).refused(2, "usage");
        home.run(&format!("{command} {}", "--label a --scope b ".repeat(1000))).refused(2, "usage");
    }
}

#[test]
fn an_empty_keyring_and_a_missing_one_differ() {
    let home = Home::new();
    home.run("list").refused(3, "keyring_missing");
    home.run("init").ok();
    for (format, out) in [("table", ""), ("json", "[]\n"), ("jsonl", ""), ("id", "")] {
        let listed = home.run(&format!("list --format {format}")).ok();
        assert_eq!((listed.out().as_str(), listed.err().as_str()), (out, "no keys\n"), "{format}");
    }
    let csv = home.run("list --format csv").ok().out();
    assert!(csv.starts_with("api_key_id,org_id,name,") && csv.lines().count() == 1, "{csv}");
}

#[test]
fn a_list_changes_nothing() {
    let home = every_state();
    let before = home.state();
    for line in ["list", "list --all --format json", "list --status pending", "show active"] {
        home.run(line).ok();
    }
    assert_eq!(home.state(), before);
}

#[test]
fn a_spreadsheet_runs_no_text_of_a_list_as_a_formula() {
    let home = Home::new();
    home.run_args(["generate", "--name==1+1", "--owner=@SUM(1)", "--note=-2+3", "--type", "token", "--out", "t"]).ok();
    home.run("generate --name rsa --bits 2048 --out rsa").ok();
    let csv = home.run("list --format csv").ok().out();
    for cell in [",'=1+1,", ",'@SUM(1),", ",'-2+3"] {
        assert!(csv.contains(cell), "{cell}: {csv}");
    }
    assert!(csv.contains("\"-----BEGIN PUBLIC KEY-----"), "a field that keywright writes does not change: {csv}");
    let shown = home.run("show rsa --format csv").ok().out();
    assert!(!shown.contains("'-----BEGIN"), "{shown}");
    assert_eq!(home.run("show =1+1 --format json").ok().json()["name"], "=1+1", "other formats are exact");
    let log = home.program(super::home::KEYWRIGHT).args(["audit", "--format", "csv"]).output().unwrap();
    assert!(String::from_utf8(log.stdout).unwrap().contains(",'=1+1,"));
    home.run_args(["owner", "set", "=cmd", "--usage-level", "gold"]).ok();
    assert!(home.run("owner list --format csv").ok().out().contains("'=cmd,"));
}

#[test]
fn a_limited_list_says_how_to_continue() {
    let home = Home::new();
    for name in ["a", "b", "c"] {
        home.generate(&format!("--name {name} --type token"));
    }
    let mut after = String::new();
    for (name, is_more) in [("c", true), ("b", true), ("a", false)] {
        let page = home.run(&format!("list --limit 1 {after} --format json")).ok();
        assert_eq!(page.json()[0]["name"], name);
        let said = page.err();
        assert_eq!(said.contains("more keys follow"), is_more, "{said}");
        after = said.split('`').nth(1).unwrap_or_default().to_owned();
    }
    assert_eq!(home.run("list --limit 1 --quiet").ok().err(), "");
    assert!(!home.run("list --limit 3").ok().err().contains("more keys"));
}
