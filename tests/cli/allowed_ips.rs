//! Tests of keys that may be used only from certain networks: `--allow-ip` and `--ip`.

use super::{
    home::{Home, with_another_end},
    tools::fixture,
};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt as _};

fn shown(home: &Home, key: &str) -> Value {
    home.run(&format!("show {key} --format json")).ok().json()
}

/// Verifies a token with the options `more`, and returns the verdict code and the exit status.
fn verified(home: &Home, token: &str, more: &str) -> (String, i32) {
    let ended = home.run_with(&format!("verify --format json {more}"), token);
    (ended.json()["code"].as_str().unwrap().to_owned(), ended.code())
}

fn code(code: &str) -> (String, i32) {
    (code.to_owned(), i32::from(code != "valid"))
}

#[test]
fn networks_are_stored_shown_logged_and_exported() {
    let home = Home::new();
    let key = home.generate("--name web --type token --allow-ip 2001:db8::/32,192.0.2.0/24 --allow-ip ::ffff:10.0.0.1");
    let networks = json!(["10.0.0.1/32", "192.0.2.0/24", "2001:db8::/32"]);
    assert_eq!(key["allowed_ips"], networks);
    assert_eq!(shown(&home, "web")["allowed_ips"], networks);
    assert_eq!(home.keys()[0]["allowed_ips"], networks);
    let text = "10.0.0.1/32 192.0.2.0/24 2001:db8::/32";
    assert!(home.run("list --format csv").ok().out().contains(text));
    assert!(home.run("show web").ok().out().contains("192.0.2.0/24"));
    assert!(home.run("audit --format jsonl").ok().out().contains(r#""allowed_ips":["10.0.0.1/32","#));
    let exported = home.run("export --format jsonl").ok().out();
    assert!(exported.contains(r#""allowed_ips":["10.0.0.1/32","192.0.2.0/24","2001:db8::/32"]"#), "{exported}");
    home.write("exported.jsonl", &exported);
    home.run("import exported.jsonl --keyring other.db").ok();
    let imported = home.run("show web --format json --keyring other.db").ok().json();
    assert_eq!(imported["allowed_ips"], networks);
    assert_eq!(home.generate("--name free --type token")["allowed_ips"], json!([]));
    home.run("check").ok();
    home.run("audit verify").ok();
}

#[test]
fn update_adds_removes_and_clears_networks() {
    let home = Home::new();
    home.generate("--name web --type token");
    for (options, expected) in [
        ("--allow-ip 192.0.2.0/24", json!(["192.0.2.0/24"])),
        ("--allow-ip 10.0.0.0/8,2001:db8::1", json!(["10.0.0.0/8", "192.0.2.0/24", "2001:db8::1/128"])),
        (
            "--remove-ip 192.0.2.0/24 --allow-ip 198.51.100.7",
            json!(["10.0.0.0/8", "198.51.100.7/32", "2001:db8::1/128"]),
        ),
        ("--no-allow-ip", json!([])),
    ] {
        home.run(&format!("update web {options}")).ok();
        assert_eq!(shown(&home, "web")["allowed_ips"], expected, "{options}");
    }
    home.run("update web --allow-ip 10.0.0.0/8").ok();
    home.run("update web --remove-ip 10.0.0.0/8 --format json").refused(2, "invalid_allowed_ip");
    assert!(home.run("update web --allow-ip 10.0.0.0/8").ok().err().contains("nothing was changed"));
    home.run("update web --allow-ip 1.2.3.4 --remove-ip 1.2.3.4 --format json").refused(2, "usage");
    assert_eq!(shown(&home, "web")["allowed_ips"], json!(["10.0.0.0/8"]));
}

#[test]
fn a_network_with_host_bits_is_refused_with_the_network_in_the_hint() {
    let home = Home::new();
    let refused = home.run("generate --name a --type token --allow-ip 192.0.2.7/24 --format json");
    let error = refused.refused(2, "invalid_allowed_ip").error();
    assert!(error["hint"].as_str().unwrap().contains("192.0.2.0/24"), "{error}");
    assert_eq!(error["details"][0]["loc"], json!(["--allow-ip"]));
    assert!(home.state().is_none(), "no keyring was created");
}

#[test]
fn a_successor_keeps_the_networks_unless_others_are_given() {
    let home = Home::new();
    home.generate("--name web --type token --allow-ip 192.0.2.0/24");
    let next = home.run("rotate web --format json").ok().json();
    assert_eq!(next["allowed_ips"], json!(["192.0.2.0/24"]));
    let next =
        home.run(&format!("rotate {} --allow-ip 10.0.0.0/8 --format json", next["api_key_id"].as_str().unwrap()));
    assert_eq!(next.ok().json()["allowed_ips"], json!(["10.0.0.0/8"]));
}

#[test]
fn imported_tokens_take_the_networks_of_the_options_unless_they_have_their_own() {
    let home = Home::new();
    let line = |name: &str, digit: &str, more: &str| {
        format!("{{\"name\":\"{name}\",\"secret_sha256\":\"{}\"{more}}}\n", digit.repeat(64))
    };
    let own = r#","allowed_ips":["2001:db8::/32"]"#;
    home.write("tokens.jsonl", line("a", "1", "") + &line("b", "2", own));
    home.run("import tokens.jsonl --allow-ip 192.0.2.0/24").ok();
    assert_eq!(shown(&home, "a")["allowed_ips"], json!(["192.0.2.0/24"]));
    assert_eq!(shown(&home, "b")["allowed_ips"], json!(["2001:db8::/32"]));
    home.write("bad.jsonl", line("c", "3", r#","allowed_ips":["192.0.2.1/24"]"#));
    let refused = home.run("import bad.jsonl").refused(2, "import_refused");
    assert!(refused.err().contains("invalid_allowed_ip"), "{}", refused.err());
}

#[test]
fn a_restricted_key_is_valid_only_from_its_networks() {
    let home = Home::new();
    let key = home.generate("--name web --type token --scope read --allow-ip 192.0.2.0/24,2001:db8::/32");
    let token = key["token"].as_str().unwrap();
    for (more, expected) in [
        ("--ip 192.0.2.9", "valid"),
        ("--ip ::ffff:192.0.2.9", "valid"),
        ("--ip 2001:db8::9", "valid"),
        ("--ip 192.0.3.1", "ip_not_allowed"),
        ("--ip ::192.0.2.9", "ip_not_allowed"),
        ("", "ip_not_allowed"),
        // The address ranks before the environment and the scopes.
        ("--ip 192.0.3.1 --env live", "ip_not_allowed"),
        ("--ip 192.0.2.9 --env live", "wrong_env"),
        ("--ip 192.0.3.1 --scope write", "ip_not_allowed"),
        ("--ip 192.0.2.9 --scope write", "insufficient_scope"),
    ] {
        assert_eq!(verified(&home, token, more), code(expected), "{more}");
    }
    let wrong = with_another_end(token);
    assert_ne!(verified(&home, &wrong, "--ip 192.0.3.1").0, "ip_not_allowed", "only with the correct secret");
    home.run("verify --ip 192.0.2.0/24").refused(2, "usage");
    // The status of the key ranks before the address.
    home.run("disable web --yes").ok();
    assert_eq!(verified(&home, token, "--ip 192.0.3.1"), code("disabled"));
}

#[test]
fn a_refused_address_is_not_recorded_as_a_use() {
    let home = Home::new();
    let key = home.generate("--name web --type token --allow-ip 192.0.2.0/24");
    let token = key["token"].as_str().unwrap();
    for more in ["", "--ip 192.0.3.1"] {
        assert_eq!(verified(&home, token, more), code("ip_not_allowed"));
        assert_eq!(shown(&home, "web")["last_used_at"], Value::Null);
    }
    assert_eq!(verified(&home, token, "--ip 192.0.2.1"), code("valid"));
    assert_ne!(shown(&home, "web")["last_used_at"], Value::Null);
}

#[test]
fn each_line_of_a_batch_has_its_own_address() {
    let home = Home::new();
    let key = home.generate("--name web --type token --allow-ip 192.0.2.0/24");
    let line = |ip: Value| json!({ "token": key["token"], "ip": ip }).to_string() + "\n";
    let questions = line(json!("192.0.2.1")) + &line(json!("192.0.3.1")) + &line(Value::Null) + &line(json!("x"));
    let answers = home.run_with("verify --batch", questions).ok().out();
    let codes: Vec<String> = answers
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["code"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(codes, ["valid", "ip_not_allowed", "ip_not_allowed", "bad_request"]);
}

#[test]
fn the_networks_of_a_pair_apply_to_its_exchange_and_its_bearer_tokens() {
    let home = Home::new();
    let pair = home.generate("--name app --type pair --allow-ip 192.0.2.0/24");
    let secret = format!("{} {}", pair["api_key"].as_str().unwrap(), pair["api_secret"].as_str().unwrap());
    for more in ["", "--ip 192.0.3.1"] {
        let refused = home.run_with(&format!("exchange --format json {more}"), &secret).refused(1, "invalid_client");
        assert_eq!(refused.error()["details"][0]["type"], "ip_not_allowed");
    }
    assert_eq!(shown(&home, "app")["last_used_at"], Value::Null);
    let bearer = home.run_with("exchange --format json --ip 192.0.2.1", &secret).ok().json();
    let token = bearer["access_token"].as_str().unwrap();
    assert_eq!(verified(&home, token, "--ip 192.0.2.1"), code("valid"));
    assert_eq!(verified(&home, token, "--ip 192.0.3.1"), code("ip_not_allowed"));
    assert_eq!(verified(&home, token, ""), code("ip_not_allowed"));
    // A network that is removed from the key no longer applies to its bearer tokens either.
    home.run("update app --allow-ip 10.0.0.0/8 --remove-ip 192.0.2.0/24").ok();
    assert_eq!(verified(&home, token, "--ip 192.0.2.1"), code("ip_not_allowed"));
    assert_eq!(verified(&home, token, "--ip 10.0.0.1"), code("valid"));
}

#[test]
fn a_signed_request_is_accepted_only_from_the_networks_of_its_key() {
    let home = Home::kalshi();
    let path = home.write("key.pem", fs::read(fixture("rsa2048.private.pkcs8.pem")).unwrap());
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    let create = format!("create --name mine --allow-ip 192.0.2.0/24 --public-key {}", fixture("rsa2048.spki.pem"));
    let id = home.run(&format!("{create} --format id")).ok().out();
    let sign = format!("sign --private-key key.pem --key-id {} --method GET --path /a --format json", id.trim());
    let signed = home.run(&sign).ok().json();
    let part = |name: &str| signed[format!("KALSHI-ACCESS-{name}")].clone();
    let request = json!({
        "key_id": part("KEY"), "timestamp": part("TIMESTAMP"), "method": "GET", "path": "/a", "signature": part("SIGNATURE")
    });
    for (more, expected) in [
        ("", "ip_not_allowed"),
        ("--ip 192.0.3.1", "ip_not_allowed"),
        // The refused attempts were not recorded, so this request is not a replay.
        ("--ip 192.0.2.1", "valid"),
        ("--ip 192.0.2.1", "replayed"),
    ] {
        let answer = home.run_with(&format!("verify-request --format json {more}"), request.to_string()).json();
        assert_eq!(answer["code"], expected, "{more}");
    }
}

#[test]
fn a_contract_can_require_networks_and_limit_their_number() {
    let home = Home::new();
    home.run("init").ok();
    home.run("policy set allowed_ips.required_live true").ok();
    home.run("policy set allowed_ips.most 2").ok();
    let generate = |more: &str| home.run(&format!("generate --type token --format json {more}"));
    let error = generate("--name a --env live").refused(5, "allowed_ips_required").error();
    assert_eq!(error["details"][0]["loc"], json!(["--allow-ip"]));
    generate("--name a --env test").ok();
    generate("--name b --env live --allow-ip 10.0.0.0/8").ok();
    generate("--name c --env live --allow-ip 10.0.0.0/8,192.0.2.1,192.0.2.2").refused(5, "allowed_ips_refused");
    home.run("update b --no-allow-ip --format json").refused(5, "allowed_ips_required");
    home.run("update b --owner acme").ok();
    home.run("policy set allowed_ips.most 0 --format json").refused(2, "contract_invalid");
}

#[test]
fn a_restore_lifts_no_restriction() {
    let home = Home::new();
    let key = home.generate("--name web --type token");
    home.run("backup saved.db").ok();
    home.run("update web --allow-ip 192.0.2.0/24 --owner acme").ok();
    home.run("restore saved.db --yes").ok();
    assert_eq!(shown(&home, "web")["owner"], Value::Null, "the rest of the description comes from the backup");
    assert_eq!(shown(&home, "web")["allowed_ips"], json!(["192.0.2.0/24"]));
    assert_eq!(verified(&home, key["token"].as_str().unwrap(), "--ip 192.0.3.1"), code("ip_not_allowed"));
}

#[test]
fn an_import_restricts_exported_keys_that_have_no_networks() {
    let home = Home::new();
    let key = home.generate("--name web --type token");
    home.generate("--name own --type token --allow-ip 10.0.0.0/8");
    home.write("exported.jsonl", home.run("export --format jsonl").ok().out());
    home.run("import exported.jsonl --allow-ip 192.0.2.0/24 --keyring other.db").ok();
    let networks = |name: &str| {
        home.run(&format!("show {name} --format json --keyring other.db")).ok().json()["allowed_ips"].clone()
    };
    assert_eq!(networks("web"), json!(["192.0.2.0/24"]));
    assert_eq!(networks("own"), json!(["10.0.0.0/8"]));
    let token = key["token"].as_str().unwrap();
    assert_eq!(verified(&home, token, "--ip 192.0.3.1 --keyring other.db"), code("ip_not_allowed"));
}
