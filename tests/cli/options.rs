//! Tests of option values that several commands share, and of what is said about them.

use super::home::Home;
use serde_json::{Value, from_str, json};

#[test]
fn commas_separate_scopes_types_and_statuses() {
    let home = Home::new();
    let key = home.generate("--name a --type token --scope read,write --scope admin");
    assert_eq!(key["scopes"], json!(["admin", "read", "write"]));
    let token = key["token"].as_str().unwrap();
    home.run_with("verify --scope read,write", token).ok();
    assert_eq!(home.run_with("verify --scope read,other --format json", token).json()["code"], "insufficient_scope");
    let line = format!("{{\"token\":\"{token}\",\"scopes\":[\"read,admin\"]}}\n");
    assert_eq!(home.run_with("verify --batch", line).ok().json()["code"], "valid");
    assert_eq!(home.names("--scope admin,read --type rsa,token --status active,pending"), ["a"]);
    let listed =
        home.run_with("generate --from - --type token --format jsonl", "{\"name\":\"b\",\"scopes\":[\"x,y\"]}\n").ok();
    assert_eq!(listed.json()["scopes"], json!(["x", "y"]));
    let imported = format!("{{\"name\":\"c\",\"secret_sha256\":\"{}\",\"scopes\":\"p,q r\"}}\n", "ab".repeat(32));
    home.run_with("import -", imported).ok();
    assert_eq!(home.run("show c --format json").ok().json()["scopes"], json!(["p", "q", "r"]));
    let updated = home.run("update a --add-scope new,newer --remove-scope read,write --format json").ok();
    assert_eq!(updated.json()["scopes"], json!(["admin", "new", "newer"]));
    // An export from before may have a scope with a comma in it, which can be removed.
    let exported = home.run("export --format jsonl").ok().out();
    let line =
        exported.lines().find(|line| line.contains("\"name\":\"b\"")).unwrap().replace("[\"x\",\"y\"]", "[\"x,y\"]");
    let other = Home::new();
    other.run_with("import -", line).ok();
    assert_eq!(other.run("show b --format json").ok().json()["scopes"], json!(["x,y"]));
    other.run("update b --remove-scope x,y").ok();
    assert_eq!(other.run("show b --format json").ok().json()["scopes"], json!([]));
}

#[test]
fn a_value_that_starts_with_a_hyphen_gets_a_hint_that_works() {
    let home = Home::new();
    for (option, value) in [("--note", "-5"), ("--name", "-5x"), ("--owner", "--me")] {
        let line = format!("generate --type token --name x {option} {value}").replace("--name x --name", "--name");
        let refused = home.run(&line).refused(2, "usage");
        assert!(refused.err().contains(&format!("write `{option}={value}`")), "{}", refused.err());
        assert!(!refused.err().contains("-- -"), "{}", refused.err());
    }
    home.run("generate --type token --name x --note=-5").ok();
    let refused = home.run("generate --type token --name y -5").refused(2, "usage");
    assert!(!refused.err().contains("-- -5"), "{}", refused.err());
}

#[test]
fn numbers_addresses_and_uuids_are_refused_in_plain_words() {
    let home = Home::new();
    home.generate("--name a --type token");
    for (line, message) in [
        ("list --limit x", "not a number of at least 1"),
        ("list --limit 0", "not a number of at least 1"),
        ("audit --limit -1", "not a number of at least 1"),
        ("verify --ip 10.0.0", "not an IP address"),
        ("verify --ip 010.0.0.1", "not an IP address"),
        ("exchange --ip x", "not an IP address"),
        ("init --org-id 7", "not a UUID"),
    ] {
        let refused = home.run(line).refused(2, "usage");
        assert!(
            refused.err().contains(message) && !refused.err().contains("invalid digit"),
            "{line}: {}",
            refused.err()
        );
    }
    home.run("generate --name b --type token --allow-ip 010.0.0.0/8").refused(2, "invalid_allowed_ip");
    home.run("generate --name b --type token --allow-ip 10.0.0.0/08").refused(2, "invalid_allowed_ip");
}

#[test]
fn the_last_day_of_9999_is_an_expiry() {
    let home = Home::new();
    for (name, when) in [("a", "9999-12-31"), ("b", "9999-12-31T23:59:59Z")] {
        let key = home.generate(&format!("--name {name} --type token --expires {when}"));
        assert_eq!(key["expires_at"], "9999-12-31T23:59:59Z");
        assert_eq!(home.run_with("verify --format json", key["token"].as_str().unwrap()).ok().json()["code"], "valid");
    }
    let line = format!(
        "{{\"name\":\"c\",\"secret_sha256\":\"{}\",\"expires_at\":\"9999-12-31T23:59:59Z\"}}\n",
        "ab".repeat(32)
    );
    home.run_with("import -", line).ok();
    assert_eq!(home.run("show c --format json").ok().json()["expires_at"], "9999-12-31T23:59:59Z");
    home.run("list --expiring-within 10y").ok();
    home.run("rotate a --overlap 1d --expires 9999-12-31 --out new").ok();
    home.run("check").code();
}

#[test]
fn a_reused_key_that_differs_is_reported() {
    let home = Home::new();
    home.run("generate --name a --type token --scope read --owner acme --out a.token").ok();
    let same = home.run("generate --name a --type token --scope read --owner acme --out a.token --if-not-exists").ok();
    assert!(!same.err().contains("differs") && !same.err().contains("does not exist"), "{}", same.err());
    let other = home
        .run("generate --name a --type pair --scope write --owner acme --expires 2999-01-01 --out b --if-not-exists");
    let other = other.ok();
    assert!(other.err().contains("differs from the options in type, scopes, expires_at"), "{}", other.err());
    assert!(other.err().contains("b does not exist"), "{}", other.err());
    let bits = home.run("generate --name r --bits 2048 --out r.pem").ok();
    assert_eq!(bits.code(), 0);
    let bits = home.run("generate --name r --bits 3072 --out r.pem --if-not-exists").ok();
    assert!(bits.err().contains("differs from the options in key_bits"), "{}", bits.err());
}

#[test]
fn a_reused_key_that_does_not_work_or_was_not_delivered_is_reported() {
    let home = Home::new();
    home.run("generate --name a --type token --out a").ok();
    let again = |more: &str| home.run(&format!("generate --name a --type token --if-not-exists {more}")).ok().err();
    assert!(!again("").contains("warning"), "{}", again(""));
    assert!(again("--expires 1d").contains("differs from the options in expires_at"), "{}", again("--expires 1d"));
    let command = again("-- touch made");
    assert!(command.contains("the command was not run") && !home.file("made").exists(), "{command}");
    home.run("disable a").ok();
    assert!(again("").contains("is disabled; `keywright enable"), "{}", again(""));
    home.run("enable a").ok();
    home.run("revoke a --in 1h --yes").ok();
    assert!(again("").contains("will be revoked at"), "{}", again(""));
}

#[test]
fn a_contract_with_another_description_is_stored() {
    let home = Home::new();
    home.run("init").ok();
    let contract = home.run("policy show --format json").ok().out();
    let mut changed: Value = from_str(&contract).unwrap();
    changed["description"] = "another text".into();
    home.write("contract.json", changed.to_string());
    let loaded = home.run("policy load contract.json").ok();
    assert!(loaded.err().contains("changed description"), "{}", loaded.err());
    assert_eq!(home.run("policy show --format json").ok().json()["description"], "another text");
    assert!(home.run("policy load contract.json").ok().err().contains("nothing was changed"));
    // A contract that is not valid is replaced even if the new one is equal to the default.
    let keyring = rusqlite::Connection::open(home.keyring()).unwrap();
    keyring.execute("UPDATE keyring SET contract = '{}'", []).unwrap();
    drop(keyring);
    let loaded = home.run("policy load default").ok();
    assert!(loaded.err().contains("replaced the stored contract, which is not valid"), "{}", loaded.err());
    home.run("policy show").ok();
}

#[test]
fn a_repeated_field_is_refused_in_contracts_and_rules() {
    let home = Home::new();
    home.run("init").ok();
    let contract = home.run("policy show --format json").ok().out();
    let twice = contract.replacen('{', "{\"documents\":{\"show\":{\"a\":\"{name}\",\"a\":\"{name}\"}},", 1);
    home.write("contract.json", twice);
    let refused = home.run("policy load contract.json").refused(2, "contract_invalid");
    assert!(refused.err().contains("the field `a` is repeated"), "{}", refused.err());
    let rule = ["policy", "set", "scopes.needs", r#"{"a":["b"],"a":["c"]}"#];
    let refused = home.run_args(rule).refused(2, "contract_invalid");
    assert!(refused.err().contains("the field `a` is repeated"), "{}", refused.err());
}
