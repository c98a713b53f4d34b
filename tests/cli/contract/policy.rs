//! Tests of `policy` and `owner`.

use super::{audited, under};
use crate::home::Home;
use serde_json::{Value, json};

#[test]
fn the_rules_in_force_are_shown() {
    let home = under("polynode");
    let table = home.run("policy show").ok().out();
    for words in [["RULE", "VALUE"], ["contract", "polynode"], ["issue_limit", "1/day"], ["name.default", "unnamed"]] {
        let shown = table.lines().any(|line| line.split_whitespace().eq(words));
        assert!(shown, "{words:?}: {table}");
    }
    let json = home.run("policy show --format json").ok().json();
    assert_eq!((&json["contract"], &json["rules"]["issue_limit"]), (&json!("polynode"), &json!("1/day")));
    let csv = home.run("policy show --format csv").ok().out();
    assert!(csv.starts_with("RULE,VALUE\n") && csv.contains("\nissue_limit,1/day\n"), "{csv}");
    // A keyring that is created with the output of `policy show` as its contract shows the same output.
    home.write("same.json", json.to_string());
    home.run("init --keyring ./other.db --contract same.json").ok();
    let again = home.run("policy show --keyring ./other.db --format json").ok().json();
    assert_eq!(again, json);
    Home::new().run("policy show").refused(3, "keyring_missing");
}

#[test]
fn changes_are_audited_and_can_be_tried() {
    let home = under("default");
    assert_eq!(audited(&home, "init")[0].1["contract"]["contract"], "default");
    let before = home.state();
    let said = home.run("policy set expiry.longest 90d --dry-run").ok();
    assert!(said.err().contains("would change expiry.longest"), "{}", said.err());
    home.run("policy load kalshi --dry-run").ok();
    home.run("owner set acme --usage-level premier --dry-run").ok();
    home.run("policy set scopes.required false").ok();
    assert_eq!(home.state(), before, "nothing was changed");
    home.run("policy set expiry.longest 90d").ok();
    home.run("policy load kalshi").ok();
    let rows = audited(&home, "policy");
    assert_eq!(rows[0], ("policy set".to_owned(), json!({ "expiry.longest": [null, "90d"] })));
    assert_eq!((rows[1].0.as_str(), &rows[1].1["contract"]), ("policy load", &json!(["default", "kalshi"])));
    assert_eq!(rows[1].1["types"], json!([["rsa", "ed25519", "token", "pair"], ["rsa", "ed25519"]]));
    assert_eq!(rows.len(), 2);
    home.run("policy set expiry.longest null").ok();
    let shown = home.run("policy set rsa.smallest 3072 --format json").ok().json();
    assert_eq!(shown["rules"]["rsa"]["smallest"], 3072);
}

#[test]
fn owners_are_set_listed_and_shown() {
    let home = under("kalshi");
    let none = home.run("owner list").ok();
    assert!(none.out().is_empty() && none.err().contains("no owner has a usage level"));
    assert_eq!(home.run("owner list --format json").ok().json(), json!([]));
    home.run("owner show acme").refused(3, "not_found");
    home.run("owner set acme --usage-level basic --now 2027-01-01T00:00:00Z").ok();
    home.run("owner set acme --usage-level premier --now 2027-01-02T00:00:00Z").ok();
    home.run_args(["owner", "set", "Big & Co.", "--usage-level", "market-maker"]).ok();
    let acme = json!({ "owner": "acme", "usage_level": "premier", "changed_at": "2027-01-02T00:00:00Z" });
    assert_eq!(home.run("owner show acme --format json").ok().json(), acme);
    let listed = home.run("owner list --format json").ok().json();
    assert_eq!((listed.as_array().unwrap().len(), &listed[1]), (2, &acme));
    assert!(home.run("owner list").ok().out().contains("premier"));
    assert_eq!(home.run("owner list --format id").ok().out(), "Big & Co.\nacme\n");
    let rows = audited(&home, "owner");
    assert_eq!(rows[1].1, json!({ "owner": "acme", "usage_level": ["basic", "premier"] }));
    for (line, code) in [("owner set acme --usage-level Premier!", "invalid_usage_level"), ("owner set acme", "usage")]
    {
        home.run(line).refused(2, code);
    }
    home.run_args(["owner", "set", "a\u{1b}", "--usage-level", "x"]).refused(2, "invalid_owner");
}

#[test]
fn existing_keys_survive_a_change() {
    let home = Home::new();
    let old = home.generate("--name Legacy --type pair");
    let rsa = home.generate("--name rsa --bits 2048");
    for contract in ["polynode", "imtegrate", "kalshi", "yativo"] {
        home.run(&format!("policy load {contract}")).ok();
        assert_eq!(home.names(""), ["rsa", "Legacy"]);
        assert_eq!(
            home.run_with("show - --format json", old["api_secret"].as_str().unwrap()).ok().json()["name"],
            "Legacy"
        );
        let listed: Value = home.run("list --format contract").ok().json();
        assert!(listed.to_string().contains("Legacy"), "{listed}");
    }
    home.run("policy load default").ok();
    home.run("policy set name.pattern svc-*").ok();
    let kept = home.run("generate --name Legacy --type pair --if-not-exists --format json").ok();
    assert_eq!(kept.json()["api_key_id"], old["api_key_id"]);
    home.run("generate --name Other --if-not-exists").refused(5, "name_refused");
    home.run("revoke Legacy --yes").ok();
    home.run("policy load default").ok();
    assert_eq!(rsa["status"], "active");
    home.run("generate --name new --type token").ok();
}

#[test]
fn an_error_names_the_unknown_rule() {
    let home = under("default");
    let before = home.state();
    let refused = home.run("policy set scope.required true").refused(2, "contract_invalid");
    assert!(refused.err().contains("scopes.required"), "{}", refused.err());
    for (rule, value, place) in [
        ("rsa.smallest", "1024", "rules.rsa.smallest"),
        ("expiry.longest", "soon", "rules.expiry.longest"),
        ("issue_limit", "0/day", "rules.issue_limit"),
        ("scopes.known", "[]", "rules.scopes.known"),
        ("types", "[\"ed448\"]", "rules.types"),
        ("prefix.live", "Acme", "rules.prefix.live"),
    ] {
        let refused = home.run(&format!("policy set {rule} {value}")).refused(2, "contract_invalid");
        assert!(refused.err().contains(place), "{rule}: {}", refused.err());
    }
    home.run("policy load acme").refused(3, "contract_unknown");
    home.run("policy").refused_or_usage();
    assert_eq!(home.state(), before);
}

impl crate::home::Ended {
    /// Asserts that an incomplete `policy` command printed its usage to standard error.
    #[track_caller]
    fn refused_or_usage(self) {
        assert_eq!((self.code(), self.out().as_str()), (2, ""));
        assert!(self.err().contains("Usage: keywright policy"), "{}", self.err());
    }
}

#[test]
fn an_invalid_contract_can_be_replaced() {
    let home = under("kalshi");
    let database = rusqlite::Connection::open(home.keyring()).unwrap();
    database.execute("UPDATE keyring SET contract = '{}'", []).unwrap();
    home.run("generate --name x --type token").refused(6, "keyring_corrupt");
    home.run("policy show").refused(6, "keyring_corrupt");
    home.run("policy set name.min 3").refused(6, "keyring_corrupt");
    home.run("list").ok();
    home.run("policy load default").ok();
    home.run("generate --name x --type token").ok();
}

#[test]
fn two_concurrent_changes_are_both_kept() {
    let home = under("default");
    std::thread::scope(|scope| {
        for line in ["scopes.required true", "expiry.required_live true", "rsa.smallest 3072", "name.min 3"] {
            let home = &home;
            scope.spawn(move || home.run(&format!("policy set {line}")).ok());
        }
    });
    let rules = home.run("policy show --format json").ok().json()["rules"].clone();
    assert_eq!(
        (
            &rules["scopes"]["required"],
            &rules["expiry"]["required_live"],
            &rules["rsa"]["smallest"],
            &rules["name"]["min"]
        ),
        (&json!(true), &json!(true), &json!(3072), &json!(3))
    );
}

#[test]
fn null_restores_the_default_of_every_rule() {
    let home = Home::new();
    home.run("init").ok();
    let rules = || home.run("policy show --format json").ok().json()["rules"].clone();
    let before = rules();
    for (rule, value) in [
        ("scopes.wildcards", "true"),
        ("name.unique", "false"),
        ("name.max", "30"),
        ("types", "[\"token\"]"),
        ("rsa.smallest", "3072"),
        ("rsa.default", "4096"),
        ("bearer_minutes", "5"),
        ("bearer_audience", "https://api.example.com/token"),
        ("rate_limit.most", "10/min"),
        ("expiry.required_live", "true"),
    ] {
        home.run_args(["policy", "set", rule, value]).ok();
        assert_ne!(rules(), before, "{rule}");
        home.run_args(["policy", "set", rule, "null"]).ok();
        assert_eq!(rules(), before, "{rule}");
    }
}

#[test]
fn null_allows_no_type_that_an_omitted_rule_does_not_allow() {
    let home = Home::new();
    home.write("acme.json", r#"{"contract":"acme"}"#);
    home.run("init --contract acme.json").ok();
    home.run("policy set types null").ok();
    let refused = home.run("generate --name e --type ed25519 --out e.pem").refused(5, "type_refused");
    let hint = r#"keywright policy set types '["rsa","token","pair","ed25519"]'"#;
    assert!(refused.err().contains(hint), "{}", refused.err());
    home.run_args(["policy", "set", "types", r#"["rsa","token","pair","ed25519"]"#]).ok();
    home.run("generate --name e --type ed25519 --out e.pem").ok();
}
