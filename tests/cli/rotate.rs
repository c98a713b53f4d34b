//! Tests of `rotate`.

mod broken_off;
mod many;

use super::{
    home::{Ended, Home},
    tools::fixture,
};
use serde_json::{Value, json};

/// The time at which keys are generated and rotated, unless a test says otherwise.
const NOW: &str = "2030-01-01T00:00:00Z";

fn shown(home: &Home, key: &str) -> Value {
    home.run(&format!("show {key} --now {NOW} --format json")).ok().json()
}

fn id(key: &Value) -> &str {
    key["api_key_id"].as_str().unwrap()
}

/// Builds a home with one token, generated at [`NOW`], whose secret is in a file with the name of the key.
fn with(name: &str, options: &str) -> (Home, Value) {
    let home = Home::new();
    let line = format!("generate --name {name} --type token --out {name} --now {NOW} --format json {options}");
    let key = home.run(&line).ok().json();
    (home, key)
}

/// Runs `rotate` at [`NOW`].
fn rotate(home: &Home, line: &str) -> Ended {
    home.run(&format!("rotate {line} --now {NOW}"))
}

/// Returns the actions in the audit log, oldest first.
fn actions(home: &Home) -> Vec<String> {
    let database = rusqlite::Connection::open(home.keyring()).unwrap();
    let mut statement = database.prepare("SELECT action FROM audit ORDER BY seq").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_successor_copies_the_description_and_the_old_key_gets_a_day() {
    let facts = "--env live --owner acme --scope read --scope write --label team=core --note n --rate-limit 60/min \
                 --prefix acme --expires 90d";
    let (home, old) = with("ci", facts);
    let later = "2030-01-31T00:00:00Z";
    let line = format!("rotate ci --out new --now {later} --format json");
    let new = home.run(&line).ok().json();
    let same = ["org_id", "name", "type", "env", "owner", "scopes", "rate_limit", "labels", "note", "status"];
    for field in same {
        assert_eq!(new[field], old[field], "{field}");
    }
    assert_ne!(id(&new), id(&old));
    assert!(new["prefix"].as_str().unwrap().starts_with("acme_live_"));
    assert_eq!(
        (&new["created_at"], &new["expires_at"]),
        (&json!(later), &json!("2030-05-01T00:00:00Z")),
        "90 days again"
    );
    assert_eq!((&new["rotated_from"], &new["rotated_to"]), (&old["api_key_id"], &Value::Null));
    assert_eq!(new["secret_file"], json!(home.file("new").to_str().unwrap()));
    let before = shown(&home, id(&old));
    assert_eq!((&before["rotated_to"], &before["expires_at"]), (&new["api_key_id"], &json!("2030-02-01T00:00:00Z")));
    for (time, status) in [(later, "active"), ("2030-02-01T00:00:00Z", "expired")] {
        assert_eq!(home.run(&format!("show {} --now {time} --format json", id(&old))).ok().json()["status"], status);
    }
    for file in ["ci", "new"] {
        let whose = home.run_with(&format!("show - --now {later} --format id"), home.read(file)).ok();
        assert_eq!(whose.out().trim(), id(if file == "ci" { &old } else { &new }));
    }
    assert_eq!(actions(&home), ["init", "reserve", "activate", "reserve", "rotate", "activate"]);
}

#[test]
fn every_type_keeps_its_parameters() {
    let home = Home::new();
    home.run("generate --name rsa --bits 2048 --out rsa.pem").ok();
    home.run("generate --name token --type token --prefix acme --out token").ok();
    home.run("generate --name pair --type pair --prefix acme --out pair").ok();
    let rsa = home.run("rotate rsa --public-out rsa.pub").ok();
    assert!(rsa.out().starts_with("-----BEGIN PRIVATE KEY-----"), "{}", rsa.out());
    assert!(home.read("rsa.pub").starts_with("-----BEGIN PUBLIC KEY-----"));
    assert_eq!(shown(&home, "rsa")["key_bits"], 2048);
    let larger = home.run("rotate rsa --bits 3072 --pem pkcs1").ok();
    assert!(larger.out().starts_with("-----BEGIN RSA PRIVATE KEY-----"), "{}", larger.out());
    assert_eq!(shown(&home, "rsa")["key_bits"], 3072);
    let token = home.run("rotate token --format json").ok().json();
    assert!(token["token"].as_str().unwrap().starts_with("acme_test_"), "{token}");
    assert!(token["message"].is_string() && token["rotated_from"].is_string());
    let pair = home.run("rotate pair --secret-format dotenv --prefix other").ok().out();
    assert!(pair.contains("API_KEY=other_test_") && pair.contains("API_SECRET="), "{pair}");
    let handed = home.run_args(["rotate", "token", "--", "sh", "-c", "cat > taken"]).ok();
    assert!(handed.err().contains("was passed to sh"), "{}", handed.err());
    assert!(home.read("taken").starts_with("acme_test_"));
    for (line, problem) in
        [("token --bits 3072", "--bits"), ("pair --pem pkcs1", "--pem"), ("rsa --prefix kw", "--prefix")]
    {
        let refused = home.run(&format!("rotate {line}")).refused(2, "usage").err();
        assert!(refused.contains(problem) && refused.contains("`keywright generate --type"), "{refused}");
    }
}

#[test]
fn a_name_means_the_newest_active_key_of_the_chain() {
    let (home, first) = with("ci", "");
    home.generate("--name ci --type token --env live");
    let second = rotate(&home, &format!("{} --out b --format json", id(&first))).ok().json();
    rotate(&home, "ci --out c").refused(4, "ambiguous");
    home.run(&format!("revoke {} --yes", home.ids("--env live").remove(0))).ok();
    assert_eq!(shown(&home, "ci")["api_key_id"], second["api_key_id"]);
    let third = rotate(&home, "ci --out c --format json").ok().json();
    assert_eq!(third["rotated_from"], second["api_key_id"]);
    assert_eq!(shown(&home, "ci")["api_key_id"], third["api_key_id"]);
    assert_eq!(home.run(&format!("list --now {NOW} --format id")).ok().out().lines().count(), 3);
    let taken = home.run("generate --name ci --type token --out d").refused(4, "name_taken");
    assert!(taken.err().contains(id(&third)), "{}", taken.err());
    let kept = home.run("generate --name ci --type token --if-not-exists --format json").ok().json();
    assert_eq!(kept["api_key_id"], third["api_key_id"]);
    // Once the newest key has ended, the name means the key that still works.
    home.run(&format!("revoke {} --yes --now {NOW}", id(&third))).ok();
    assert_eq!(shown(&home, "ci")["api_key_id"], second["api_key_id"]);
}

#[test]
fn the_old_key_ends_as_requested() {
    let end = |options: &str, made: &str| {
        let (home, old) = with("ci", made);
        let said = rotate(&home, &format!("ci --out new {options}")).ok();
        (shown(&home, id(&old)), said.err())
    };
    for (options, made, expires) in [
        ("", "", "2030-01-02T00:00:00Z"),
        ("--overlap 1h", "", "2030-01-01T01:00:00Z"),
        ("--overlap P7D", "--expires 30d", "2030-01-08T00:00:00Z"),
        ("", "--expires 1h", "2030-01-01T01:00:00Z"),
        ("--overlap 7d", "--expires 2d", "2030-01-03T00:00:00Z"),
        ("--overlap 7d --retire-on-use", "", "2030-01-08T00:00:00Z"),
    ] {
        let (old, said) = end(options, made);
        assert_eq!((&old["status"], &old["expires_at"]), (&json!("active"), &json!(expires)), "{options} {made}");
        let warned = said.contains("before the overlap of 7d ends");
        assert_eq!(warned, options == "--overlap 7d" && made == "--expires 2d", "{said}");
        let on_use = said.contains("ends when the new key is first used, or at 2030-01-08T00:00:00Z at the latest");
        assert_eq!(on_use, options.contains("on-use"), "{said}");
    }
    for (options, reason) in [("--overlap 0", "superseded"), ("--overlap 0 --reason key-compromise", "key-compromise")]
    {
        let (old, said) = end(options, "--expires 30d");
        assert_eq!((&old["status"], &old["revoked_at"]), (&json!("revoked"), &json!(NOW)), "{options}");
        assert_eq!((&old["revocation_reason"], &old["expires_at"]), (&json!(reason), &json!("2030-01-31T00:00:00Z")));
        assert!(
            old["rotated_to"].is_string() && said.contains(&format!("is revoked as of {NOW} ({reason})")),
            "{said}"
        );
    }
}

#[test]
fn a_leaked_key_is_replaced_in_one_transaction() {
    let (home, old) = with("ci", "");
    let leaked = home.read("ci");
    let new = home.run_with("rotate - --overlap 0 --reason key-compromise --out new --format json", &leaked).ok();
    assert_eq!(new.json()["rotated_from"], old["api_key_id"]);
    assert!(!new.err().contains(leaked.trim()) && !new.out().contains(leaked.trim()));
    assert_eq!(actions(&home), ["init", "reserve", "activate", "reserve", "rotate", "revoke", "activate"]);
    assert_eq!(home.run_with("show - --format json", &leaked).ok().json()["status"], "revoked");
    home.run_with("rotate - --out again", &leaked).refused(4, "wrong_state");
}

#[test]
fn a_successor_expires_as_requested() {
    for (made, options, expires) in [
        ("--expires 30d", "", json!("2030-01-31T00:00:00Z")),
        ("", "", Value::Null),
        ("--expires 30d", "--expires never", Value::Null),
        ("", "--expires 2030-06-01", json!("2030-06-01T23:59:59Z")),
    ] {
        let (home, _) = with("ci", made);
        assert_eq!(rotate(&home, &format!("ci --out new --format json {options}")).ok().json()["expires_at"], expires);
    }
}

#[test]
fn contradictory_options_are_refused() {
    let (home, _) = with("ci", "");
    home.write("new.pem", std::fs::read(fixture("rsa3072.spki.pem")).unwrap());
    let before = home.state();
    for (line, code) in [
        ("ci --overlap 0d", "invalid_time"),
        ("ci --overlap 0h", "invalid_time"),
        ("ci --overlap -1h", "invalid_time"),
        ("ci --overlap never", "invalid_time"),
        ("ci --overlap 2031-01-01", "invalid_time"),
        ("ci --overlap 9000y", "invalid_time"),
        ("ci --overlap 10d --expires 5d", "invalid_time"),
        ("ci --expires 5h", "invalid_time"),
        ("ci --expires 0", "invalid_time"),
        ("ci --expires 2020-01-01", "invalid_time"),
        ("ci --overlap 0 --retire-on-use", "usage"),
        ("ci --reason key-compromise", "usage"),
        ("ci --overlap 1h --reason key-compromise", "usage"),
        ("ci --overlap 0 --reason lost", "usage"),
        ("", "usage"),
        ("--overlap 1h", "usage"),
        ("ci --expiring-within 14d", "usage"),
        ("ci --owner acme", "usage"),
        ("--owner acme --out-dir d", "usage"),
        ("--out-dir d", "usage"),
        ("ci --expiring-within 14d --out-dir d", "usage"),
        ("--expiring-within 14d", "usage"),
        ("--expiring-within 14d --out-dir d --out x", "usage"),
        ("--expiring-within 14d --out-dir d --public-key new.pem", "usage"),
        ("ci --public-key new.pem --out x", "usage"),
        ("ci --public-key new.pem --secret-format json", "usage"),
        ("ci --public-key new.pem", "usage"),
        ("ci --from-cert", "usage"),
        ("ci other", "usage"),
        ("ci --format csv", "usage"),
    ] {
        rotate(&home, line).refused(2, code);
        assert_eq!(home.state(), before, "{line}");
    }
    rotate(&home, "nobody").refused(3, "not_found");
    assert_eq!((home.state(), home.files()), (before, vec!["ci".to_owned(), "new.pem".to_owned()]));
    Home::new().run("rotate ci").refused(3, "keyring_missing");
}

#[test]
fn ended_and_pending_keys_are_refused_with_the_reason() {
    let (home, _) = with("gone", "--expires 1h");
    home.generate("--name out --type token");
    home.run("revoke out --reason privilege-withdrawn --yes").ok();
    home.crash("half", "token");
    home.generate("--name off --type token");
    home.run("disable off").ok();
    home.generate("--name first --type token");
    let first = shown(&home, "first");
    home.run("rotate first --out second").ok();
    let before = home.state();
    for (key, words) in [
        ("gone --now 2030-01-01T02:00:00Z", "expired at 2030-01-01T01:00:00Z"),
        ("out", "(privilege-withdrawn)"),
        ("half", "is pending"),
        ("off", "is disabled"),
        (id(&first), "was already rotated to key "),
    ] {
        let refused = home.run(&format!("rotate {key} --out new")).refused(4, "wrong_state");
        assert!(refused.err().contains(words), "{}", refused.err());
        home.run(&format!("rotate {key} --dry-run")).refused(4, "wrong_state");
    }
    assert_eq!((home.state(), home.file("new").exists()), (before, false));
}

#[test]
fn a_registered_key_requires_a_new_public_key() {
    let home = Home::new();
    let (first, second) = (fixture("rsa3072.spki.pem"), fixture("rsa4096.spki.pem"));
    home.run(&format!("create --name partner --owner acme --public-key {first}")).ok();
    let old = shown(&home, "partner");
    let before = home.state();
    let refused = home.run("rotate partner --out new.pem").refused(2, "public_key_required");
    assert!(refused.err().contains(&format!("rotate {} --public-key FILE", id(&old))), "{}", refused.err());
    home.run("rotate partner --dry-run").refused(2, "public_key_required");
    let own = home.run(&format!("rotate partner --public-key {first}")).refused(4, "key_registered");
    assert!(own.err().contains(id(&old)), "{}", own.err());
    home.run(&format!("rotate partner --public-key {first} --dry-run")).refused(4, "key_registered");
    home.run(&format!("rotate partner --public-key {}", fixture("weak-e3.pem"))).refused(2, "exponent_too_small");
    home.run("rotate partner --public-key missing").refused(2, "input_unreadable");
    let rehearsed = home.run(&format!("rotate partner --public-key {second} --dry-run --format json")).ok();
    assert_eq!(rehearsed.json()["rotated_from"], old["api_key_id"]);
    assert_eq!(home.state(), before);
    let line = format!("rotate partner --public-key {second} --overlap 2h --now {NOW} --format json");
    let new = home.run(&line).ok().json();
    assert_eq!((&new["status"], &new["owner"], &new["key_bits"]), (&json!("active"), &json!("acme"), &json!(4096)));
    assert_eq!(shown(&home, id(&old))["expires_at"], "2030-01-01T02:00:00Z");
    assert_eq!(actions(&home), ["init", "register", "register", "rotate"]);
    home.run("rotate partner --out new.pem").refused(2, "public_key_required");
    assert_eq!(home.files(), [""; 0]);
}

#[test]
fn a_generated_key_can_be_followed_by_a_registered_one() {
    let home = Home::new();
    home.run("generate --name ci --bits 2048 --out ci.pem").ok();
    home.run(&format!("rotate ci --public-key {} --overlap 0", fixture("rsa3072.spki.pem"))).ok();
    assert_eq!(home.ids("--all").len(), 2);
    home.run("rotate ci --out new.pem").refused(2, "public_key_required");
    // If the contract allows nobody to register a public key, nobody may rotate to one either.
    let home = Home::new();
    home.run("generate --name ci --bits 2048 --out ci.pem").ok();
    home.run("policy set own_public_key nobody").ok();
    let refused = home.run(&format!("rotate ci --public-key {}", fixture("rsa3072.spki.pem")));
    refused.refused(5, "own_key_refused");
}

#[test]
fn a_successor_must_follow_the_rules_for_new_keys() {
    let (home, _) = with("ci", "--scope read");
    home.run("policy set expiry.longest 90d").ok();
    let before = home.state();
    let refused = rotate(&home, "ci --out new").refused(5, "lifetime_too_long");
    assert!(refused.err().contains("the key would live longer than 90d"), "{}", refused.err());
    home.run("policy set scopes.known [\"write\"]").ok();
    let both = rotate(&home, "ci --out new --format json").refused(2, "scope_unknown").error();
    assert_eq!(both["details"].as_array().unwrap().len(), 2, "{both}");
    assert_ne!(home.state(), before);
    home.run("policy set scopes.known null").ok();
    rotate(&home, "ci --out new --expires 90d").ok();
    // A successor does not count toward the issue limit.
    home.run("policy set expiry.longest null").ok();
    home.run("policy set issue_limit 1/day").ok();
    let owned = "--name web --type token --owner acme";
    home.generate(owned);
    for file in ["web-2", "web-3"] {
        home.run(&format!("rotate web --out {file} --expires 1y")).ok();
    }
    home.run("generate --name more --type token --owner acme").refused(5, "issue_limit_exceeded");
    home.run("generate --name other --type token --owner other").ok();
    home.run("rotate other --out other --expires 1y").ok();
}

#[test]
fn a_dry_run_reports_the_rotation_and_changes_nothing() {
    let (home, old) = with("ci", "--expires 30d");
    let before = home.state();
    let said = rotate(&home, "ci --dry-run --out ci --format json").ok();
    let would = said.json();
    assert_eq!((&would["dry_run"], &would["api_key_id"]), (&json!(true), &Value::Null));
    assert_eq!((&would["rotated_from"], &would["expires_at"]), (&old["api_key_id"], &json!("2030-01-31T00:00:00Z")));
    assert!(said.err().contains("would generate a token named `ci`"), "{}", said.err());
    assert!(said.err().contains("which works until 2030-01-02T00:00:00Z"), "{}", said.err());
    let leak = rotate(&home, "ci --dry-run --overlap 0").ok();
    assert!(leak.err().contains("is revoked as of"), "{}", leak.err());
    assert_eq!((home.state(), home.files()), (before, vec!["ci".to_owned()]));
}

#[test]
fn under_a_contract_the_response_is_that_of_generate() {
    let home = Home::new();
    home.run("init --contract imtegrate").ok();
    home.run("generate --name ci --scope deploy --out ci").ok();
    let document = home.run("rotate ci --format contract").ok().json();
    assert!(document["token"].as_str().unwrap().starts_with("ik_test_"), "{document}");
    assert_eq!((&document["name"], document["api_key_id"].is_null()), (&json!("ci"), true));
}
