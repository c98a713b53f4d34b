//! Tests of `audit` and `audit verify`.

use super::home::{Ended, Home, changes};
use rusqlite::Connection;
use serde_json::{Value, json};

/// Builds a home with a keyring that two users changed on three days. One of the keys was deleted.
fn eventful() -> Home {
    let home = Home::new();
    home.run("init --now 2030-01-01T10:00:00Z").ok();
    home.run("generate --name ci --type token --out ci --scope read --scope write --now 2030-01-01T10:00:00Z").ok();
    home.run("generate --name gone --type token --now 2030-01-02T10:00:00Z -- false").refused(6, "command_failed");
    let mut revoke = home.keywright("revoke ci --reason key-compromise --note leaked --yes".split(' '));
    let ended = revoke.args(["--now", "2030-01-03T10:00:00Z"]).env("USER", "ada").output().unwrap();
    Ended(ended).ok();
    home
}

fn rows(home: &Home, options: &str) -> Vec<Value> {
    let printed = home.run(&format!("audit {options} --format json --now 2030-01-03T12:00:00Z")).ok().json();
    printed.as_array().unwrap().clone()
}

fn actions(home: &Home, options: &str) -> Vec<String> {
    rows(home, options).iter().map(|row| row["action"].as_str().unwrap().to_owned()).collect()
}

fn database(home: &Home) -> Connection {
    Connection::open(home.keyring()).unwrap()
}

#[test]
fn a_user_name_that_no_system_has_is_not_recorded() {
    let home = Home::new();
    let generate = |name: &str, user: &str, logname: &str| {
        let mut command = home.keywright(["generate", "--name", name, "--type", "token", "--out", name]);
        Ended(command.env("USER", user).env("LOGNAME", logname).output().unwrap()).ok();
        home.run("audit --limit 1 --format json").ok().json()[0]["user"].as_str().unwrap().to_owned()
    };
    assert!(generate("a", "a".repeat(100_000).as_str(), "ada").starts_with("ada (uid "));
    assert!(generate("b", "EXAMPLE\\ada.o-b_1", "").starts_with("EXAMPLE\\ada.o-b_1 (uid "));
    let token = home.read("a").trim().to_owned();
    for user in [&token, &format!("Bearer {token}"), "=1+1", "\u{202e}ada", "a\u{1b}[2K", "a\nb", &format!("x_{token}")]
    {
        let name = format!("k{}", home.names("").len());
        assert!(generate(&name, user, user).starts_with("uid "), "{user:?}");
    }
    let stored = std::fs::read(home.keyring()).unwrap();
    assert!(!stored.windows(token.len()).any(|part| part == token.as_bytes()));
}

#[test]
fn a_row_names_user_time_command_and_change() {
    let home = eventful();
    let rows = rows(&home, "");
    let revoked = &rows[0];
    let id = home.keys()[0]["api_key_id"].clone();
    assert_eq!(
        (&revoked["seq"], &revoked["action"], &revoked["command"]),
        (&json!(6), &json!("revoke"), &json!("revoke"))
    );
    assert_eq!((&revoked["at"], &revoked["clock_set"]), (&json!("2030-01-03T10:00:00Z"), &json!(true)));
    assert!(
        revoked["user"].as_str().unwrap().starts_with("ada (uid ") && !revoked["host"].as_str().unwrap().is_empty()
    );
    assert_eq!((&revoked["api_key_id"], &revoked["name"]), (&id, &json!("ci")));
    assert_eq!(
        changes(revoked["facts"].clone()),
        json!({
            "revoked_at": [null, "2030-01-03T10:00:00Z"],
            "revocation_reason": [null, "key-compromise"],
            "revocation_note": [null, "leaked"],
        })
    );
    assert_eq!(rows[4]["facts"]["scopes"], json!(["read", "write"]), "all fields of an imported key");
    assert_eq!((&rows[5]["action"], &rows[5]["api_key_id"]), (&json!("init"), &Value::Null));
    assert_eq!(rows[1]["name"], Value::Null, "gone");
    assert!(rows.iter().all(|row| row["hash"].as_str().unwrap().len() == 64));
}

#[test]
fn conditions_select_rows() {
    let home = eventful();
    let id = home.keys()[0]["api_key_id"].as_str().unwrap().to_owned();
    let all = ["revoke", "discard", "reserve", "activate", "reserve", "init"];
    for (options, expected) in [
        ("", &all[..]),
        ("ci", &["revoke", "activate", "reserve"]),
        (&id, &["revoke", "activate", "reserve"]),
        ("--since 2030-01-02", &["revoke", "discard", "reserve"]),
        ("--since 2030-01-02T10:00:01Z", &["revoke"]),
        ("--since 3h", &["revoke"]),
        ("--until 1d", &all[1..]),
        ("--until 2030-01-01", &all[3..]),
        ("--since 2030-01-02 --until 2030-01-02", &all[1..3]),
        ("--action reserve --action init", &["reserve", "reserve", "init"]),
        ("--user ada", &["revoke"]),
        ("--user nobody", &[]),
        ("--limit 2", &all[..2]),
        ("ci --action activate --limit 1", &["activate"]),
    ] {
        assert_eq!(actions(&home, options), expected, "{options}");
    }
    let none = home.run("audit --user nobody").ok();
    assert!(none.out().is_empty() && none.err().starts_with("no audit rows match"), "{}", none.err());
}

#[test]
fn deleted_keys_are_found_by_their_id() {
    let home = eventful();
    let gone = rows(&home, "")[1]["api_key_id"].as_str().unwrap().to_owned();
    home.run(&format!("show {gone}")).refused(3, "not_found");
    for key in [&gone, &gone[..6], &gone[..13]] {
        assert_eq!(actions(&home, key), ["discard", "reserve"], "{key}");
    }
    home.run("audit gone").refused(3, "not_found");
    home.run("audit 00000000-0000-4000-8000-000000000000").refused(3, "not_found");
    // Edit the log so that it contains two ids with the same first characters.
    let twin = format!("{}{}", &gone[..34], if gone.ends_with("00") { "11" } else { "00" });
    let sql = format!(
        "INSERT INTO audit (at, clock_set, user, host, command, action, key_id, facts, hash)
         SELECT at, clock_set, user, host, command, action, x'{}', facts, hash FROM audit WHERE action = 'discard'",
        twin.replace('-', "")
    );
    database(&home).execute_batch(&sql).unwrap();
    let refused = home.run(&format!("audit {} --format json", &gone[..8])).refused(4, "ambiguous");
    assert_eq!(refused.error()["details"].as_array().unwrap().len(), 2);
}

#[test]
fn every_format_prints_the_rows() {
    let home = eventful();
    let table = home.run("audit").ok().out();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 7);
    assert!(lines[0].starts_with("WHEN ") && lines[0].ends_with("FACTS"), "{table}");
    let id = home.keys()[0]["api_key_id"].as_str().unwrap().to_owned();
    let key = format!("  ci ({})  ", &id[..8]);
    assert!(lines[1].starts_with("2030-01-03T10:00:00Z  ada (uid ") && lines[1].contains(&key), "{table}");
    assert!(lines[1].contains("clock set with --now; ") && lines[1].contains("revocation_reason: - → key-compromise"));
    assert!(lines[5].contains("scopes: read write"), "{table}");
    assert_eq!(home.run("audit --format id").ok().out(), "6\n5\n4\n3\n2\n1\n");
    let jsonl = home.run("audit --format jsonl").ok().out();
    let seqs: Vec<Value> =
        jsonl.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["seq"].clone()).collect();
    assert_eq!(seqs, [6, 5, 4, 3, 2, 1]);
    let csv = home.run("audit --format csv").ok().out();
    assert!(csv.starts_with("seq,at,clock_set,user,host,command,action,api_key_id,name,facts,hash\n6,"), "{csv}");
    assert_eq!(csv.lines().count(), 7);
    assert_eq!(home.run("audit --user nobody --format json").ok().out(), "[]\n");
    assert_eq!(home.run("audit --user nobody --format csv").ok().out().lines().count(), 1);
}

#[test]
fn control_characters_from_the_environment_are_escaped() {
    let home = Home::new();
    let mut command = home.keywright("generate --name a --type token --out a".split(' '));
    Ended(command.env("USER", "\u{1b}[2Kada\nforged").output().unwrap()).ok();
    let table = home.run("audit").ok().out();
    assert!(!table.contains('\u{1b}') && table.lines().count() == 4, "{table}");
}

#[test]
fn no_row_contains_a_secret() {
    let home = Home::new();
    home.run("generate --name t --type token --out t").ok();
    home.run("generate --name p --type pair --out p").ok();
    home.run("generate --name r --bits 2048 --out r").ok();
    for format in ["table", "json", "csv"] {
        let printed = home.run(&format!("audit --format {format}")).ok().out();
        for file in ["t", "p", "r"] {
            let secret = home.read(file);
            let tail = &secret.trim_end()[secret.len() / 2..];
            assert!(!printed.contains(&tail[..20.min(tail.len())]), "{format} {file}");
        }
    }
}

#[test]
fn impossible_times_are_refused() {
    let home = eventful();
    for option in ["--since soon", "--since 0d", "--until -1h", "--since 2030-13-01", "--until 9999y", "--since never"]
    {
        home.run(&format!("audit {option}")).refused(2, "invalid_time");
    }
    home.run("audit --action rob").refused(2, "usage");
    home.run("audit --limit 0").refused(2, "usage");
    Home::new().run("audit").refused(3, "keyring_missing");
    Home::new().run("audit verify").refused(3, "keyring_missing");
}

#[test]
fn an_intact_log_is_reported_with_its_head() {
    let home = eventful();
    let before = home.state();
    let verified = home.run("audit verify --format json").ok();
    let document = verified.json();
    assert!(verified.err().contains("the log is intact: 6 rows"), "{}", verified.err());
    assert_eq!((&document["holds"], &document["rows"]), (&json!(true), &json!(6)));
    assert_eq!((&document["rows_after_head"], &document["findings"]), (&Value::Null, &json!([])));
    assert_eq!(
        (&document["org_id"], &document["latest_at"]),
        (&home.keys()[0]["org_id"], &json!("2030-01-03T10:00:00Z"))
    );
    let head = document["head"].as_str().unwrap().to_owned();
    assert_eq!(head, rows(&home, "--limit 1")[0]["hash"], "the newest row's");
    assert_eq!(home.run("audit verify --format id --quiet").ok().out(), format!("{head}\n"));
    assert!(home.run("audit verify").ok().out().contains(&head));
    assert_eq!(home.state(), before);
    assert!(home.run(&format!("audit verify --head {head}")).ok().err().contains("is the newest"));
    home.run("generate --name later --type token --out later").ok();
    let later = home.run(&format!("audit verify --head {} --format json", head.to_uppercase())).ok();
    assert_eq!(later.json()["rows_after_head"], 2);
    assert!(later.err().contains("2 rows were added after"), "{}", later.err());
    for hash in ["", "12", &"g".repeat(64), &format!("{head}00")] {
        home.run_args(["audit", "verify", "--head", hash]).refused(2, "usage");
    }
}

/// Runs `audit verify` on an edited keyring, asserts that the exit status is 1, and returns the JSON document.
fn found(home: &Home, options: &str) -> Value {
    let ended = home.run(&format!("audit verify {options} --format json"));
    assert_eq!(ended.code(), 1, "{}{}", ended.out(), ended.err());
    assert!(ended.err().starts_with("warning: "), "{}", ended.err());
    let document = ended.json();
    assert_eq!((&document["holds"], &document["head"]), (&json!(false), &Value::Null), "no head of a broken log");
    document
}

#[test]
fn edits_with_sqlite3_are_found() {
    let home = eventful();
    let whole = std::fs::read(home.keyring()).unwrap();
    let columns = "at, clock_set, user, host, command, action, key_id, facts, hash";
    for (edit, seq, kind) in [
        ("UPDATE audit SET facts = '{}' WHERE seq = 2", 2, "content"),
        ("UPDATE audit SET at = at - 86400 WHERE seq = 6", 6, "content"),
        ("DELETE FROM audit WHERE seq = 3", 4, "missing"),
        ("DELETE FROM audit WHERE seq = 1", 2, "missing"),
        ("DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3", 3, "content"),
        (
            "UPDATE audit SET seq = 9 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 9",
            4,
            "content",
        ),
        (&format!("INSERT INTO audit ({columns}) SELECT {columns} FROM audit WHERE seq = 2"), 7, "content"),
        ("DELETE FROM audit", 1, "empty"),
        ("UPDATE keyring SET org_id = zeroblob(16)", 1, "origin"),
    ] {
        database(&home).execute_batch(edit).unwrap();
        let document = found(&home, "");
        let finding = &document["findings"][0];
        assert_eq!((&finding["kind"], &finding["seq"]), (&json!(kind), &json!(seq)), "{edit}");
        let table = home.run("audit verify");
        assert_eq!(table.code(), 1);
        assert!(table.out().contains(finding["msg"].as_str().unwrap()), "{}", table.out());
        assert_eq!(home.run("audit verify --format id").out(), "");
        std::fs::write(home.keyring(), &whole).unwrap();
    }
    home.run("audit verify").ok();
}

#[test]
fn a_truncated_log_is_found_with_a_noted_head() {
    let home = eventful();
    let head = home.run("audit verify --format id").ok().out();
    database(&home).execute_batch("DELETE FROM audit WHERE seq > 4").unwrap();
    // What the missing rows changed differs from the rest of the log.
    assert_eq!(found(&home, "")["findings"][0]["kind"], "absent");
    let document = found(&home, &format!("--head {head}"));
    assert_eq!(document["findings"][0]["kind"], "head");
    // The warning reaches a script that saves the head with --quiet.
    let quiet = home.run(&format!("audit verify --format id --quiet --head {head}"));
    assert_eq!((quiet.code(), quiet.out().as_str()), (1, ""));
    assert!(quiet.err().contains("the log was altered"), "{}", quiet.err());
    // Later rows do not repair the log.
    home.run("generate --name later --type token --out later").ok();
    found(&home, &format!("--head {head}"));
}

#[test]
fn keys_that_contradict_the_log_are_found() {
    let home = eventful();
    let whole = std::fs::read(home.keyring()).unwrap();
    let id = home.keys()[0]["api_key_id"].clone();
    database(&home).execute_batch("UPDATE key SET revoked_at = NULL, revocation_reason = NULL").unwrap();
    let document = found(&home, "");
    assert_eq!(document["findings"][0]["kind"], "unrevoked");
    assert_eq!(document["findings"][0]["api_key_id"], id);
    std::fs::write(home.keyring(), &whole).unwrap();
    database(&home).execute_batch("UPDATE key SET id = zeroblob(16)").unwrap();
    assert_eq!(found(&home, "")["findings"][0]["kind"], "unlogged");
}

#[test]
fn a_limited_log_says_how_to_continue() {
    let home = Home::new();
    home.generate("--name a --type token");
    let all = home.run("audit --format id").ok().out();
    let mut found = String::new();
    let mut after = String::new();
    for _ in 0..all.lines().count() {
        let page = home.run(&format!("audit --limit 1 --format id {after}")).ok();
        found.push_str(&page.out());
        after = page.err().split('`').nth(1).unwrap_or_default().to_owned();
    }
    assert_eq!((found, after.as_str()), (all, ""), "the last page does not continue");
}
