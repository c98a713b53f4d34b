//! Tests of `activate`.

mod many;

use super::{home::Home, tools::fixture};

#[test]
fn proof_completes_an_interrupted_delivery() {
    for key_type in ["rsa", "ed25519", "token", "pair"] {
        let home = Home::new();
        home.crash("ci", key_type);
        let pending = home.keys().remove(0);
        assert_eq!((&pending["status"], &pending["activated_at"]), (&"pending".into(), &serde_json::Value::Null));
        let done = home.run("activate ci --private-key ci --format json").ok();
        assert_eq!(done.json()["status"], "active");
        assert!(done.json()["activated_at"].is_string());
        assert!(done.err().contains("activated `ci`"), "{}", done.err());
        assert_eq!(home.keys(), [done.json()]);
    }
}

#[test]
fn the_secret_is_read_from_standard_input_and_by_the_alias() {
    let home = Home::new();
    for name in ["a", "b", "c"] {
        home.crash(name, "token");
    }
    home.run_with("activate a --private-key -", home.read("a")).ok();
    home.run("activate b --secret b").ok();
    let id = home.ids("--name c").remove(0);
    home.run_with(&format!("activate {} --secret -", &id[..8]), format!("API_TOKEN=\"{}\"\n", home.read("c").trim()))
        .ok();
    assert_eq!(home.ids("--status active").len(), 3);
}

#[test]
fn a_wrong_secret_proves_nothing() {
    let home = Home::new();
    home.crash("rsa", "rsa");
    home.crash("token", "token");
    home.crash("other", "token");
    home.crash("pair", "pair");
    let before = home.state();
    for (key, secret) in [
        ("rsa", fixture("rsa2048.private.pkcs8.pem")),
        ("token", "other".to_owned()),
        ("token", "pair".to_owned()),
        ("pair", "token".to_owned()),
        ("token", "rsa".to_owned()),
    ] {
        let refused = home.run(&format!("activate {key} --private-key {secret}")).refused(4, "proof_failed");
        assert!(refused.err().contains("keywright show -"), "{}", refused.err());
    }
    home.write("nonsense", "nonsense");
    home.write("empty", "");
    home.run("activate rsa --private-key nonsense").refused(2, "invalid_secret");
    home.run("activate rsa --private-key empty").refused(2, "invalid_secret");
    home.run(&format!("activate rsa --private-key {}", fixture("rsa2048.spki.pem"))).refused(2, "invalid_secret");
    home.run("activate token --private-key nonsense").refused(4, "proof_failed");
    home.run("activate token --private-key missing").refused(2, "input_unreadable");
    home.run("activate token --private-key .").refused(2, "input_not_regular");
    home.run("activate nobody --private-key token").refused(3, "not_found");
    home.run("activate token").refused(2, "usage");
    assert_eq!(home.state(), before);
    assert_eq!(home.ids("--status pending").len(), 4);
}

#[test]
fn the_secret_is_not_an_argument_and_not_echoed() {
    let home = Home::new();
    home.crash("ci", "token");
    let token = home.read("ci").trim().to_owned();
    let secret = token.rsplit_once('_').unwrap().1;
    for line in [
        format!("activate {token} --private-key ci"),
        format!("activate ci {token}"),
        format!("activate ci --token {token}"),
    ] {
        let ended = home.run(&line);
        assert_eq!(ended.code(), 2);
        assert!(!ended.err().contains(secret), "{}", ended.err());
    }
}

#[test]
fn an_active_key_is_left_unchanged() {
    let home = Home::new();
    home.run("generate --name ci --type token --out ci").ok();
    let before = home.state();
    let said = home.run("activate ci --private-key ci --format json").ok();
    assert!(said.err().contains("already active"), "{}", said.err());
    assert_eq!((said.json(), home.state()), (home.keys().remove(0), before));
}

#[test]
fn an_ended_key_stays_ended() {
    let home = Home::new();
    home.run("generate --name ci --type token --out ci").ok();
    home.run("revoke ci --yes").ok();
    let refused = home.run("activate ci --private-key ci").refused(4, "wrong_state");
    assert!(refused.err().contains("revoked"), "{}", refused.err());
    home.crash("late", "token");
    home.run("revoke late --yes").ok();
    let before = home.state();
    for options in ["", "--dry-run"] {
        let refused = home.run(&format!("activate late --private-key late {options}")).refused(4, "wrong_state");
        assert!(refused.err().contains("keywright generate"), "{}", refused.err());
    }
    assert_eq!(home.state(), before);
    assert_eq!(home.ids("--status revoked").len(), 2);
}

#[test]
fn a_dry_run_checks_the_proof_and_changes_nothing() {
    let home = Home::new();
    home.crash("ci", "token");
    let before = home.state();
    let said = home.run("activate ci --private-key ci --dry-run").ok();
    assert!(said.err().contains("would activate `ci`"), "{}", said.err());
    home.write("nonsense", "nonsense");
    home.run("activate ci --private-key nonsense --dry-run").refused(4, "proof_failed");
    assert_eq!(home.state(), before);
    assert_eq!(home.ids("--status pending").len(), 1);
}

#[test]
fn a_key_that_is_never_activated_is_deleted() {
    let home = Home::new();
    home.crash("ci", "token");
    home.generate("--name soon --type token");
    assert_eq!(home.ids("--all").len(), 2, "an admin has an hour");
    let later = "2099-01-01T00:00:00Z";
    home.generate(&format!("--name later --type token --now {later}"));
    assert!(!home.names("--all").contains(&"ci".to_owned()));
    home.run("activate ci --private-key ci").refused(3, "not_found");
}

#[test]
fn a_missing_keyring_is_an_error() {
    let home = Home::new();
    home.write("x", "x");
    home.run("activate ci --private-key x").refused(3, "keyring_missing");
    assert_eq!(home.state(), None);
}

#[test]
fn the_secret_alone_names_the_key_to_activate() {
    let home = Home::new();
    home.generate("--name web --type token");
    home.crash("other", "token");
    home.run("activate").refused(2, "usage");
    let done = home.run("activate --private-key other --format json").ok().json();
    assert_eq!((done["name"].as_str(), done["status"].as_str()), (Some("other"), Some("active")));
    let again = home.run("activate --private-key other").ok();
    assert!(again.err().contains("already active"), "{}", again.err());
    home.write("unknown", "kw_test_nothing");
    home.run("activate --private-key unknown").refused(2, "invalid_secret");
}
