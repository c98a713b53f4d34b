//! Tests of the contract rule `scopes.wildcards`.

use super::home::Home;
use serde_json::{Value, json};

fn shown(home: &Home, key: &str) -> Value {
    home.run(&format!("show {key} --format json")).ok().json()
}

/// Verifies a secret with a required scope, and returns the verdict code.
fn verdict(home: &Home, secret: &str, scope: &str) -> String {
    let ended = home.run_with(&format!("verify --format json --scope {scope}"), secret);
    ended.json()["code"].as_str().unwrap().to_owned()
}

#[track_caller]
fn grants(home: &Home, secret: &str, yes: &[&str], no: &[&str]) {
    for scope in yes {
        assert_eq!(verdict(home, secret, scope), "valid", "{scope}");
    }
    for scope in no {
        assert_eq!(verdict(home, secret, scope), "insufficient_scope", "{scope}");
    }
}

/// Returns the names and messages of the findings of the kind `star-scope`.
fn found(home: &Home) -> Vec<(String, String)> {
    let findings = home.run("check --only star-scope --format jsonl").out();
    let text = |finding: &Value, member: &str| finding[member].as_str().unwrap().to_owned();
    findings
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|f| (text(&f, "name"), text(&f, "msg")))
        .collect()
}

fn token(key: &Value) -> &str {
    key["token"].as_str().unwrap()
}

#[test]
fn a_wildcard_grants_the_scopes_below_it() {
    let home = Home::new();
    home.run("init").ok();
    home.run("policy set scopes.wildcards true").ok();
    let key = home.generate("--name web --type token --scope orders:*,*:audit,users:*:read,plain");
    assert_eq!(
        (&key["scope_wildcards"], &key["scopes"]),
        (&json!(true), &json!(["*:audit", "orders:*", "plain", "users:*:read"]))
    );
    grants(
        &home,
        token(&key),
        &["orders:read", "orders:read:all", "orders:*", "billing:audit", "users:7:read", "plain"],
        &["orders", "orders:", "Orders:read", "a:b:audit", "audit", "users:read", "users:7:8:read", "plain:x", "*"],
    );
    // The scope that a line of a batch asks for is literal, too.
    let line = json!({ "token": token(&key), "scopes": ["orders:?", "*:audit", "billing:au*"] }).to_string();
    let answer = home.run_with("verify --batch", &line).ok().json();
    assert_eq!(answer["message"], "the key lacks the scope `billing:au*`");
    assert!(home.run("list --format csv").ok().out().contains("scope_wildcards"));
    assert!(home.run("audit --format jsonl").ok().out().contains(r#""scope_wildcards":true"#));
    let plain = home.generate("--name plain --type token --scope orders:read");
    assert_eq!(plain["scope_wildcards"], Value::Null, "it has no wildcard");
    home.run("audit verify").ok();
    home.run("check").ok();
}

#[test]
fn existing_keys_stay_literal_until_their_scopes_are_updated() {
    let home = Home::new();
    let key = home.generate("--name old --type token --scope orders:*,read");
    home.run("policy set scopes.wildcards true").ok();
    grants(&home, token(&key), &["orders:*", "read"], &["orders:read"]);
    let literal = "the scope `orders:*` is literal, but the contract allows wildcards (rule scopes.wildcards)";
    assert_eq!(found(&home), [("old".to_owned(), literal.to_owned())]);
    for change in ["--note x", "--remove-scope read"] {
        home.run(&format!("update old {change}")).ok();
        grants(&home, token(&key), &["orders:*"], &["orders:read"]);
    }
    let successor = home.run("rotate old --overlap 1d --format json").ok().json();
    grants(&home, token(&successor), &["orders:*"], &["orders:read"]);
    let id = successor["api_key_id"].as_str().unwrap();
    for dry_run in [" --dry-run", ""] {
        let updated = home.run(&format!("update {id} --add-scope orders:*{dry_run}")).ok();
        let warning = "the scope `orders:*` was literal and is now a wildcard (rule scopes.wildcards)";
        assert!(updated.err().contains(warning), "{}", updated.err());
    }
    grants(&home, token(&successor), &["orders:*", "orders:read"], &["read"]);
    grants(&home, token(&key), &["orders:*"], &["orders:read"]);
    let again = home.run(&format!("update {id} --add-scope orders:*")).ok();
    assert!(again.err().contains("nothing was changed"), "{}", again.err());
    // The other way around.
    home.run("policy set scopes.wildcards false").ok();
    grants(&home, token(&successor), &["orders:read"], &[]);
    let found = found(&home);
    assert!(found[0].1.contains("is a wildcard, which the contract does not allow"), "{found:?}");
    let back = home.run(&format!("update {id} --add-scope orders:*")).ok();
    assert!(back.err().contains("was a wildcard and is now literal"), "{}", back.err());
    grants(&home, token(&successor), &["orders:*"], &["orders:read"]);
    home.run("audit verify").ok();
}

#[test]
fn a_wildcard_must_be_known_as_a_whole() {
    let home = Home::new();
    home.run("init").ok();
    home.run(r#"policy set scopes.known ["orders:*","billing:?","admin"]"#).ok();
    home.run("policy set scopes.wildcards true").ok();
    home.generate("--name a --type token --scope orders:*:read");
    for scope in ["*", "billing:*", "*:read", "users:*"] {
        home.run(&format!("generate --name b --type token --scope {scope} --format json")).refused(2, "scope_unknown");
    }
    home.run(r#"policy set scopes.needs {"orders:write":["admin"]}"#).ok();
    let refused = home.run("generate --name b --type token --scope orders:* --format json");
    refused.refused(2, "scope_needs");
    home.generate("--name b --type token --scope orders:*,admin");
    let over = home.run("check --only over-scoped --format jsonl").out();
    assert!(!over.contains("orders"), "`billing:?` is missing: {over}");
}

#[test]
fn a_bearer_token_grants_what_it_and_its_key_grant() {
    let home = Home::new();
    home.run("init").ok();
    home.run("policy set scopes.wildcards true").ok();
    home.run("generate --name shop --type pair --scope orders:*,read --secret-format dotenv --out shop").ok();
    let exchange = |scopes: &str| {
        let answer = home.run(&format!("exchange --token-file shop {scopes}")).ok().json();
        (answer["access_token"].as_str().unwrap().to_owned(), answer["scope"].as_str().unwrap().to_owned())
    };
    let (all, scope) = exchange("");
    assert_eq!(scope, "orders:* read");
    let (narrow, scope) = exchange("--scope orders:read:all,orders:*:own");
    assert_eq!(scope, "orders:*:own orders:read:all");
    home.run("exchange --token-file shop --scope users:read --format json").refused(5, "scope_exceeded");
    home.run("exchange --token-file shop --scope * --format json").refused(5, "scope_exceeded");
    grants(&home, &all, &["orders:read", "read"], &["users:read"]);
    grants(&home, &narrow, &["orders:read:all", "orders:7:own"], &["orders:read", "read", "orders:7:8:own"]);
    home.run("update shop --add-scope orders:read:* --remove-scope orders:*").ok();
    grants(&home, &all, &["orders:read:all", "read"], &["orders:read", "orders:7:own"]);
    grants(&home, &narrow, &["orders:read:all", "orders:read:own"], &["orders:7:own", "read"]);
    home.run("audit verify").ok();
}

#[test]
fn a_literal_bearer_token_stays_literal() {
    let home = Home::new();
    home.run("generate --name shop --type pair --scope orders:* --secret-format dotenv --out shop").ok();
    let bearer = home.run("exchange --token-file shop").ok().json()["access_token"].as_str().unwrap().to_owned();
    home.run("policy set scopes.wildcards true").ok();
    home.run("update shop --add-scope orders:*").ok();
    let shop = home.read("shop");
    grants(&home, &shop, &["orders:read"], &[]);
    grants(&home, &bearer, &["orders:*"], &["orders:read"]);
}

#[test]
fn exports_and_backups_keep_how_scopes_are_read() {
    let home = Home::new();
    let old = home.generate("--name old --type token --scope orders:*");
    home.run("policy set scopes.wildcards true").ok();
    let new = home.generate("--name new --type token --scope orders:*");
    home.run("export --format jsonl --out keys.jsonl").ok();
    home.run("backup saved.db").ok();
    home.run("import keys.jsonl --keyring strict.db --format json").refused(2, "import_refused");
    home.run("init --keyring copy.db").ok();
    home.run("policy set scopes.wildcards true --keyring copy.db").ok();
    home.run("import keys.jsonl --keyring copy.db").ok();
    home.run("restore saved.db --keyring other.db").ok();
    for keyring in ["copy.db", "other.db"] {
        for (key, code) in [(&old, "insufficient_scope"), (&new, "valid")] {
            let ended =
                home.run_with(&format!("verify --scope orders:read --format json --keyring {keyring}"), token(key));
            assert_eq!(ended.json()["code"], code, "{keyring}");
        }
    }
    let line = json!({ "name": "mine", "secret_sha256": "ab".repeat(32), "scopes": ["orders:*"] }).to_string();
    home.write("mine.jsonl", line);
    home.run("import mine.jsonl").ok();
    assert_eq!(shown(&home, "mine")["scope_wildcards"], true, "the contract applies to tokens of another system");
}
