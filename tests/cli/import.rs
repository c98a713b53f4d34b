//! Tests of `import`.

mod input;
mod issued;

use super::{
    home::{Ended, Home},
    promises::database,
    tools::{fixture, have},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{io::Write as _, process::Stdio};

fn hash(secret: &str) -> String {
    Sha256::digest(secret).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

fn line(name: &str, secret: &str) -> String {
    format!("{}\n", json!({ "name": name, "secret_sha256": hash(secret) }))
}

fn shown(home: &Home, key: &str) -> Value {
    home.run(&format!("show {key} --format json")).ok().json()
}

/// Imports keys, and returns them. Asserts that a dry run reports the same result, and that a second import changes
/// nothing.
fn import(home: &Home, arguments: &str) -> Vec<Value> {
    let before = home.state();
    let rehearsed = home.run(&format!("import {arguments} --dry-run")).ok();
    assert!(rehearsed.err().contains("dry run: would import ") && rehearsed.out().is_empty(), "{}", rehearsed.err());
    assert_eq!(home.state(), before, "a dry run changes nothing");
    let done = home.run(&format!("import {arguments} --format json")).ok();
    let what = |ended: &Ended| {
        let rest = ended.err().lines().last().unwrap().split_once("import").unwrap().1.to_owned();
        rest.strip_prefix("ed").map_or(rest.clone(), str::to_owned)
    };
    assert_eq!(what(&rehearsed), what(&done), "a dry run reports the result");
    let after = home.state();
    let again = home.run(&format!("import {arguments} --format json")).ok();
    assert!(
        again.err().contains("nothing to do: ") && again.out().trim_end() == "[]",
        "{}{}",
        again.err(),
        again.out()
    );
    assert_eq!(home.state(), after);
    home.run("audit verify").ok();
    done.json().as_array().unwrap().clone()
}

#[test]
fn keys_of_another_keyring_keep_their_ids_and_their_secrets() {
    let old = Home::new();
    old.run("generate --name t --type token --out t --scope s --owner acme --label k=v --note n --rate-limit 5/min")
        .ok();
    old.run("generate --name p --type pair --out p --env live --expires 9y").ok();
    old.run("generate --name r --bits 2048 --out r").ok();
    old.run_args(["create", "--name", "c", "--public-key", &fixture("rsa2048.spki.pem")]).ok();
    old.run("generate --name gone --type token --out gone").ok();
    old.run("revoke gone --reason key-compromise --note leaked --yes").ok();
    old.run("disable r").ok();
    old.crash("crashed", "token");
    old.run("export --format jsonl --all --out keys.jsonl").ok();
    let home = Home::new();
    home.write("keys.jsonl", old.read("keys.jsonl"));
    let imported = import(&home, "keys.jsonl");
    let whole = |home: &Home| {
        let mut keys = home.keys();
        keys.retain(|key| key["status"] != "pending");
        for key in &mut keys {
            key["org_id"] = Value::Null;
        }
        keys
    };
    assert_eq!(whole(&home), whole(&old));
    assert_eq!(imported.len(), 5, "the pending one is left out");
    for file in ["t", "p", "r"] {
        home.run_with("show -", old.read(file)).ok();
    }
    assert!(home.run("show gone").ok().out().contains("leaked"));
    let row = home.run("audit t --format json").ok().json()[0].clone();
    assert_eq!((&row["action"], &row["facts"]["owner"]), (&json!("import"), &json!("acme")));
    let again = home.run("import keys.jsonl").ok();
    assert!(again.err().contains("5 keys already in the keyring, 1 key skipped"), "{}", again.err());
    // A key that was revoked after the export stays revoked, although it is active in the export.
    home.run("revoke t --yes").ok();
    home.run("import keys.jsonl").ok();
    assert_eq!(shown(&home, "t")["status"], "revoked");
}

#[test]
fn a_rotated_key_and_its_successor_keep_their_name() {
    let old = Home::new();
    old.run("generate --name ci --type token --out one").ok();
    old.run("rotate ci --out two").ok();
    old.run("rotate ci --out three").ok();
    old.run("export --format jsonl --out keys.jsonl").ok();
    let home = Home::new();
    home.write("keys.jsonl", old.read("keys.jsonl"));
    assert_eq!(import(&home, "keys.jsonl").len(), 3);
    assert_eq!(shown(&home, "ci")["api_key_id"], shown(&old, "ci")["api_key_id"]);
}

#[test]
fn tokens_of_another_system_keep_working() {
    let home = Home::new();
    let full = json!({
        "name": "full", "secret_sha256": hash("sk_live_1"), "prefix": "sk_live_1…".replace('…', ""), "env": "live", "owner": "zeta",
        "scopes": ["read", "write"], "labels": { "plan": "gold" }, "note": "moved", "rate_limit": "60/min",
        "created_at": "2024-01-02T03:04:05Z", "expires_at": "2099-01-01T00:00:00Z", "last_used_at": "2026-01-01T00:00:00Z",
    });
    let words = json!({ "name": "words", "secret_sha256": hash("b").to_uppercase(), "scopes": "read write" });
    let text = format!("\u{feff}{full}\r\n\n{words}\n{}", line("bare", "c").trim_end());
    home.write("tokens.jsonl", text);
    let imported = import(&home, "tokens.jsonl --owner acme --scope s --label from=old --prefix sk_");
    let names: Vec<_> = imported.iter().map(|key| key["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["full", "words", "bare"]);
    let full = &imported[0];
    assert_eq!((&full["type"], &full["env"], &full["prefix"]), (&json!("token"), &json!("live"), &json!("sk_live_1")));
    assert_eq!((&full["owner"], &full["scopes"]), (&json!("zeta"), &json!(["read", "write"])));
    assert_eq!((&full["created_at"], &full["status"]), (&json!("2024-01-02T03:04:05Z"), &json!("active")));
    assert_eq!(
        (&full["expires_at"], &full["last_used_at"]),
        (&json!("2099-01-01T00:00:00Z"), &json!("2026-01-01T00:00:00Z"))
    );
    assert_eq!((&full["labels"]["plan"], &full["note"]), (&json!("gold"), &json!("moved")));
    assert_eq!(full["rate_limit"]["requests_per_minute"], 60);
    assert_eq!(imported[1]["scopes"], json!(["read", "write"]));
    let bare = &imported[2];
    assert_eq!((&bare["owner"], &bare["scopes"], &bare["prefix"]), (&json!("acme"), &json!(["s"]), &json!("sk_")));
    assert_eq!((&bare["labels"]["from"], &bare["env"]), (&json!("old"), &json!("test")));
    home.run_with("verify --scope read", "sk_live_1").ok();
    assert_eq!(home.run_with("verify", "sk_live_2").code(), 1);
    home.run("revoke bare --yes").ok();
    home.run("import tokens.jsonl").ok();
    assert_eq!(shown(&home, "bare")["status"], "revoked", "an ended key stays ended");
}

#[test]
fn the_table_of_imported_keys_fits_its_content() {
    let home = Home::new();
    home.write("tokens.jsonl", line("a", "1") + &line("a-much-longer-name", "2"));
    let table = home.run("import tokens.jsonl").ok().out();
    assert!(table.contains("\na-much-longer-name  active"), "{table}");
    assert!(table.contains("\na                   active"), "{table}");
}

#[test]
fn public_keys_are_imported_from_files_and_bundles() {
    let home = Home::new();
    let pem = |name: &str| std::fs::read_to_string(fixture(name)).unwrap();
    std::fs::create_dir(home.file("partners")).unwrap();
    home.write("partners/acme.pem", pem("rsa2048.spki.pem"));
    home.write("partners/zeta.pub", pem("rsa3072.spki.pem"));
    home.write("partners/.hidden", "no key");
    std::fs::create_dir(home.file("partners/deeper")).unwrap();
    let imported = import(&home, "partners --owner acme --expires 1y");
    let reported: Vec<_> =
        imported.iter().map(|key| (key["name"].as_str().unwrap(), key["key_bits"].as_u64().unwrap())).collect();
    assert_eq!(reported, [("acme", 2048), ("zeta", 3072)]);
    assert!(imported.iter().all(|key| key["owner"] == "acme" && key["expires_at"].is_string()));
    let other = Home::new();
    let bundle = format!("# the first\n{}\n{}", pem("rsa2048.spki.pem"), pem("rsa3072.spki.pem"));
    other.write("bundle.pem", bundle);
    let imported = import(&other, "bundle.pem --env live");
    let names: Vec<_> =
        imported.iter().map(|key| (key["name"].as_str().unwrap(), key["env"].as_str().unwrap())).collect();
    assert_eq!(names, [("the first", "live"), ("bundle-2", "live")]);
    let exported = other.run("export --format pem --quiet").ok().out();
    let third = Home::new();
    third.write("exported.pem", exported);
    assert_eq!(import(&third, "exported.pem")[0]["name"], "the first");
    third.run("revoke bundle-2 --yes").ok();
    third.run("import exported.pem").ok();
    assert_eq!(third.ids("--status revoked").len(), 1);
}

#[test]
fn every_error_is_reported_with_its_line_and_nothing_is_imported() {
    let home = Home::new();
    home.run("generate --name taken --type token --out taken").ok();
    let before = home.state();
    let secret = "sk_live_this_is_a_secret_that_somebody_pasted";
    let bad: Vec<(String, &str)> = vec![
        ("not json".into(), "import_malformed"),
        ("[1]".into(), "import_malformed"),
        (json!({ "name": "x" }).to_string(), "import_malformed"),
        (json!({ "secret_sha256": hash("1") }).to_string(), "import_malformed"),
        (json!({ "name": "x", "secret_sha256": secret }).to_string(), "import_malformed"),
        (json!({ "name": "x", "secret_sha256": hash("") }).to_string(), "import_malformed"),
        (json!({ "name": "x", "secret_sha256": hash("2"), "token": secret }).to_string(), "import_malformed"),
        (json!({ "name": "x", "secret_sha256": hash("3"), "scopes": 7 }).to_string(), "import_malformed"),
        (json!({ "name": 7, "secret_sha256": hash("3") }).to_string(), "import_malformed"),
        (json!({ "name": "\u{202e}", "secret_sha256": hash("4") }).to_string(), "invalid_name"),
        (json!({ "name": "x", "secret_sha256": hash("5"), "expires_at": "soon" }).to_string(), "invalid_time"),
        (json!({ "name": "x", "secret_sha256": hash("6"), "prefix": "a b" }).to_string(), "invalid_prefix"),
        (json!({ "name": "x", "secret_sha256": hash("7"), "rate_limit": "0/min" }).to_string(), "invalid_rate_limit"),
        (json!({ "name": "x", "secret_sha256": hash("8"), "labels": { "A B": "c" } }).to_string(), "invalid_label"),
        (line("taken", "9").trim_end().into(), "name_taken"),
        (format!("{{\"name\":\"{}\"}}", "x".repeat(70_000)), "input_too_large"),
        (line("good", "good").trim_end().into(), ""),
        (line("again", "good").trim_end().into(), "key_registered"),
        (line("good", "other").trim_end().into(), "name_taken"),
    ];
    let text: Vec<&str> = bad.iter().map(|(line, _)| line.as_str()).collect();
    // The file must begin like a JSON line, or its format would not be recognized.
    home.write("bad.jsonl", format!("{{}}\n{}\n", text.join("\n")));
    for option in ["", "--dry-run"] {
        let refused = home.run(&format!("import bad.jsonl --format json {option}")).refused(2, "import_refused");
        assert_eq!(home.state(), before);
        assert!(!refused.err().contains("sk_live_"), "what stands in a line is not quoted: {}", refused.err());
        let error = refused.error();
        assert!(error["message"].as_str().unwrap().starts_with("19 of 20 "), "{}", error["message"]);
        let details: Vec<_> =
            error["details"].as_array().unwrap().iter().map(|d| (d["loc"][1].clone(), d["type"].clone())).collect();
        let numbered = [(json!("line 1"), json!("import_malformed"))].into_iter().chain(
            bad.iter()
                .zip(2..)
                .filter(|((_, code), _)| !code.is_empty())
                .map(|((_, code), n)| (json!(format!("line {n}")), json!(code))),
        );
        assert_eq!(details, numbered.collect::<Vec<_>>());
    }
    home.write("many.jsonl", "{}\n".repeat(500));
    let many = home.run("import many.jsonl --format json").refused(2, "import_refused").error();
    assert_eq!(many["details"].as_array().unwrap().len(), 21);
    assert_eq!(many["details"][20]["msg"], "and 480 more");
    let fresh = Home::new();
    fresh.write("many.jsonl", "{}\n");
    fresh.run("import many.jsonl").refused(2, "import_refused");
    assert!(!fresh.file(".local").exists(), "a failed import creates no keyring");
}

#[test]
fn an_edited_record_is_refused() {
    let old = Home::new();
    old.run("generate --name t --type token --out t").ok();
    old.run("generate --name p --type pair --out p").ok();
    old.run_args(["create", "--name", "r", "--public-key", &fixture("rsa2048.spki.pem")]).ok();
    let lines: Vec<Value> =
        old.run("export --format jsonl").ok().out().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let home = Home::new();
    home.run("init").ok();
    let before = home.state();
    let weak = std::fs::read_to_string(fixture("rsa3072.spki.pem")).unwrap();
    for (at, field, value) in [
        (0, "api_key_id", json!("4ab2c9c0-5a4e-4c53-9d1c-8f0b6c1d2e3f")),
        (0, "prefix", json!("kw_live_00000000")),
        (0, "secret_hash", Value::Null),
        (0, "type", json!("pair")),
        (0, "created_at", Value::Null),
        (0, "revocation_reason", json!("superseded")),
        (0, "surprise", json!(1)),
        (1, "api_key", json!("other_test_0")),
        (1, "api_key", Value::Null),
        (2, "public_key", json!(weak)),
        (2, "public_key", json!("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")),
    ] {
        let mut line = lines[at].clone();
        line[field] = value;
        home.write("keys.jsonl", format!("{line}\n"));
        home.run("import keys.jsonl").refused(2, "import_refused");
        assert_eq!(home.state(), before, "{field}");
    }
}

#[test]
fn the_contract_applies_to_imported_keys() {
    let home = Home::new();
    home.run("init").ok();
    home.run("policy set scopes.known [\"read\"]").ok();
    home.run("policy set expiry.default 30d").ok();
    home.run("policy set issue_limit 1/day").ok();
    home.write("wrong.jsonl", format!("{}\n", json!({ "name": "a", "secret_sha256": hash("a"), "scopes": ["write"] })));
    let refused = home.run("import wrong.jsonl --format json").refused(2, "import_refused").error();
    assert_eq!(refused["details"][0]["type"], "scope_unknown");
    home.write("right.jsonl", format!("{}{}", line("a", "a"), line("b", "b")));
    let imported = import(&home, "right.jsonl --scope read --owner acme");
    assert!(imported.iter().all(|key| key["expires_at"].is_string()), "{imported:?}");
    assert_eq!(imported.len(), 2, "changing the owner does not issue a key");
    std::fs::create_dir(home.file("keys")).unwrap();
    std::fs::copy(fixture("rsa2048.spki.pem"), home.file("keys/c.pem")).unwrap();
    let counted = home.run("import keys --owner acme --scope read --format json").refused(2, "import_refused").error();
    assert_eq!(counted["details"][0]["type"], "issue_limit_exceeded");
}

#[test]
fn files_without_keys_are_refused_by_name() {
    let home = Home::new();
    home.run("generate --name mine --bits 2048 --out mine.pem").ok();
    std::fs::create_dir(home.file("keys")).unwrap();
    std::fs::copy(home.file("mine.pem"), home.file("keys/private.pem")).unwrap();
    home.write("keys/prose.txt", "hello");
    std::fs::copy(fixture("rsa3072.spki.pem"), home.file("keys/good.pem")).unwrap();
    let before = home.state();
    let refused = home.run("import keys --format json").refused(2, "import_refused").error();
    let details: Vec<_> = refused["details"].as_array().unwrap().iter().map(|d| (&d["loc"][1], &d["type"])).collect();
    assert_eq!(
        details,
        [(&json!("private.pem"), &json!("private_key_given")), (&json!("prose.txt"), &json!("public_key_missing"))]
    );
    assert_eq!(home.state(), before);
    home.run("import none").refused(2, "input_unreadable");
    home.write("keys/x\nerror[internal]: forged\nnext: rm", "prose");
    let reported = home.run("import keys").refused(2, "import_refused").err();
    assert!(
        reported.lines().all(|line| !line.starts_with("error[internal]") && !line.starts_with("next: rm")),
        "{reported}"
    );
    home.write("empty", "");
    home.run("import empty").refused(2, "import_refused");
    if have("mkfifo") {
        assert!(home.program("mkfifo").arg("pipe").status().unwrap().success());
        home.run("import pipe").refused(2, "input_not_regular");
    }
}

#[test]
fn standard_input_is_read_like_a_file() {
    let home = Home::new();
    let lines = format!("\u{feff}{}{}", line("a", "a"), line("b", "b"));
    home.run_with("import - --dry-run", &lines).ok();
    assert_eq!(home.state(), None);
    home.run_with("import - --owner acme", &lines).ok();
    assert_eq!(home.names("--owner acme").len(), 2);
    let keys = ["rsa2048.spki.pem", "rsa3072.spki.pem"].map(|name| std::fs::read_to_string(fixture(name)).unwrap());
    home.run_with("import -", format!("# one\n{}# two\n{}", keys[0], keys[1])).ok();
    assert_eq!(home.names("--type rsa").len(), 2);
    let fresh = Home::new();
    fresh.run_with("import -", format!("# alone\n{}", keys[0])).ok();
    assert_eq!(fresh.names(""), ["alone"]);
    let before = fresh.state();
    let nameless = fresh.run_with("import - --format json", format!("{}{}", keys[0], keys[1]));
    let error = nameless.refused(2, "import_refused").error();
    let reported: Vec<_> = error["details"].as_array().unwrap().iter().map(|d| (&d["type"], &d["loc"][1])).collect();
    assert_eq!(reported[0], (&json!("name_required"), &json!("standard input, line 1")), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("# NAME"), "{error}");
    for nothing in ["", "prose"] {
        fresh.run_with("import -", nothing).refused(2, "import_refused");
    }
    assert_eq!(fresh.state(), before);
}

#[test]
fn an_import_locks_the_keyring_only_after_reading_its_input() {
    let home = Home::new();
    home.run("init").ok();
    let mut running = home.keywright(["import", "-"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = running.stdin.take().unwrap();
    // Write more than fits into a pipe, so that the import has started to read before another key is generated.
    for n in 0..2000 {
        input.write_all(line(&format!("k{n}"), &n.to_string()).as_bytes()).unwrap();
    }
    home.run("generate --name other --type token --out other").ok();
    input.write_all(line("other", "x").as_bytes()).unwrap();
    drop(input);
    let refused = Ended(running.wait_with_output().unwrap()).refused(2, "import_refused");
    assert!(refused.err().contains("line 2001: "), "what others did meanwhile counts: {}", refused.err());
    assert_eq!(home.names(""), ["other"]);
}

#[test]
fn a_dry_run_takes_no_write_lock() {
    let home = Home::new();
    home.run("generate --name here --type token --out here").ok();
    home.write("keys.jsonl", format!("{}{}", line("a", "a"), line("b", "b")));
    home.write("taken.jsonl", format!("{}{}{}", line("a", "a"), line("a", "b"), line("here", "c")));
    let writer = database(&home.keyring());
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let said = home.run("import keys.jsonl --dry-run").ok();
    assert!(said.err().contains("dry run: would import 2 keys"), "{}", said.err());
    let refused = home.run("import taken.jsonl --dry-run --format json").refused(2, "import_refused").error();
    let reported: Vec<_> = refused["details"].as_array().unwrap().iter().map(|d| (&d["type"], &d["loc"][1])).collect();
    let taken = json!("name_taken");
    assert_eq!(reported, [(&taken, &json!("line 2")), (&taken, &json!("line 3"))]);
}

#[test]
fn a_name_from_a_comment_or_a_file_name_contains_no_secret() {
    let home = Home::new();
    home.run("generate --name t --type token --out t").ok();
    let secret = home.generate("--name p --type pair")["api_secret"].as_str().unwrap().to_owned();
    let token = home.read("t").trim().to_owned();
    let public = std::fs::read_to_string(fixture("rsa2048.spki.pem")).unwrap();
    std::fs::create_dir(home.file("d")).unwrap();
    let before = home.state();
    for name in [format!("Bearer {token}"), format!("x_{token}"), format!("app:{secret}"), format!("x T={token}")] {
        let refused = home.run_with("import -", format!("# {name}\n{public}")).refused(2, "import_refused");
        assert!(!refused.err().contains(&token) && !refused.err().contains(&secret), "{}", refused.err());
        assert!(refused.err().contains("contains a secret"), "{}", refused.err());
        let file = format!("d/{name}.pem");
        home.write(&file, &public);
        home.run("import d").refused(2, "import_refused");
        std::fs::remove_file(home.file(&file)).unwrap();
    }
    assert_eq!(home.state(), before);
}
