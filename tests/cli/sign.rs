//! Tests of `sign`.

use super::{
    home::{Ended, Home},
    tools::fixture,
};
use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use keywright::keypair::{PublicKey, SignatureAlgorithm};
use std::{fs, os::unix::fs::PermissionsExt as _, time::SystemTime};

const ID: &str = "264dbd8e-7c98-4f11-a859-33b5fe3aa8fd";
const PATH: &str = "/trade-api/v2/portfolio/balance";

/// Builds a home with a private key in `key.pem` that only its owner can read.
fn home() -> Home {
    let home = Home::new();
    keep(&home, "rsa2048.private.pkcs8.pem", "key.pem", 0o600);
    home
}

fn keep(home: &Home, fixed: &str, name: &str, mode: u32) {
    let path = home.write(name, fs::read(fixture(fixed)).unwrap());
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn sign(home: &Home, more: &str) -> Ended {
    home.run(&format!("sign --key-id {ID} --method GET {more}"))
}

/// Returns `true` if a base64 signature over a text verifies with the test key.
fn is_over(text: &str, signature: &str) -> bool {
    let key = PublicKey::read(&fs::read(fixture("rsa2048.spki.pem")).unwrap(), false).unwrap();
    key.verifier().unwrap().accepts(
        SignatureAlgorithm::RsaPssSha256,
        text.as_bytes(),
        &Base64::decode_vec(signature).unwrap(),
    )
}

fn value<'a>(lines: &'a str, header: &str) -> &'a str {
    let line = lines.lines().find_map(|line| line.strip_prefix(header)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("{header}: {lines}"))
}

#[test]
fn the_three_headers_verify() {
    let home = home();
    let signed = sign(&home, &format!("--private-key key.pem --path {PATH} --timestamp 1703123456789")).ok();
    assert_eq!((signed.err().as_str(), signed.out().lines().count()), ("", 3));
    assert_eq!(value(&signed.out(), "KALSHI-ACCESS-KEY"), ID);
    assert_eq!(value(&signed.out(), "KALSHI-ACCESS-TIMESTAMP"), "1703123456789");
    assert!(is_over(&format!("1703123456789GET{PATH}"), value(&signed.out(), "KALSHI-ACCESS-SIGNATURE")));
    let again = sign(&home, &format!("--private-key key.pem --path {PATH} --timestamp 1703123456789")).ok();
    assert_ne!(again.out(), signed.out(), "a fresh salt");
    assert!(!home.file(".local").exists(), "this needs no keyring");
}

#[test]
fn the_default_timestamp_is_now() {
    let home = home();
    let millis = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    let before = millis();
    let out = sign(&home, &format!("--private-key key.pem --path {PATH}")).ok().out();
    let timestamp = value(&out, "KALSHI-ACCESS-TIMESTAMP").to_owned();
    assert!((before..=millis()).contains(&timestamp.parse().unwrap()) && timestamp.len() == 13, "{timestamp}");
    let out = sign(&home, &format!("--private-key key.pem --path {PATH} --now 2023-11-14T22:13:20Z")).ok().out();
    assert_eq!(value(&out, "KALSHI-ACCESS-TIMESTAMP"), "1700000000000");
    // Without a home directory there is no keyring, but `sign` needs none.
    let mut command =
        home.keywright(format!("sign --key-id {ID} --method GET --path / --private-key key.pem").split(' '));
    Ended(command.env_remove("HOME").output().unwrap()).ok();
}

#[test]
fn every_format_is_accepted_before_and_after_the_command() {
    let home = home();
    let common =
        format!("sign --private-key key.pem --key-id {ID} --method GET --path {PATH} --timestamp 1703123456789");
    for line in [format!("{common} --format json"), format!("--format json {common}")] {
        let json = home.run(&line).ok().json();
        let names: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(names, ["KALSHI-ACCESS-KEY", "KALSHI-ACCESS-TIMESTAMP", "KALSHI-ACCESS-SIGNATURE"]);
        assert!(is_over(&format!("1703123456789GET{PATH}"), json[names[2]].as_str().unwrap()));
    }
    assert!(home.run(&format!("{common} --format headers")).ok().out().starts_with("KALSHI-ACCESS-KEY: "));
    for (line, hint) in [
        (format!("{common} --format csv"), "headers, json, curl"),
        (format!("--format csv {common}"), "headers, json, curl"),
        (format!("--format jsonl {common}"), "headers, json, curl"),
        ("--format headers list".to_owned(), "table, json"),
        ("list --format curl".to_owned(), "table, json"),
    ] {
        let refused = home.run(&line).refused(2, "usage");
        assert!(refused.err().contains(hint), "{line}: {}", refused.err());
    }
    // With `--format json`, errors are JSON.
    for line in [format!("{common} --format json --method G1"), format!("--format json {common} --timestamp x")] {
        assert_eq!(home.run(&line).refused(2, "usage").error()["code"], "usage", "given twice");
    }
    let line = format!("--format json sign --private-key none.pem --key-id {ID} --method GET --path {PATH}");
    assert_eq!(home.run(&line).refused(2, "input_unreadable").error()["code"], "input_unreadable");
    let line = format!("sign --format json --private-key key.pem --key-id {ID} --method GET --path here");
    assert_eq!(home.run(&line).refused(2, "invalid_request").error()["details"][0]["loc"][0], "--path");
    let help = home.run("sign --help").ok().out().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("the headers to add, one per line"), "{help}");
    assert!(
        home.run("list --format csv").refused(3, "keyring_missing").out().is_empty(),
        "the global option is unchanged"
    );
}

#[test]
fn the_path_of_a_url_is_signed_and_curl_gets_the_whole_url() {
    let home = home();
    let url = format!("https://demo-api.kalshi.co{PATH}?limit=5&cursor=a'b");
    let arguments =
        ["sign", "--private-key", "key.pem", "--key-id", ID, "--method", "GET", "--format", "curl", "--path"];
    let signed = home.run_args(arguments.iter().chain([&url.as_str()])).ok();
    assert!(signed.err().contains(&format!("signed the path {PATH}")), "{}", signed.err());
    let words = shlex::split(&signed.out()).unwrap();
    assert_eq!(words.len(), 10, "{words:?}");
    assert_eq!((&words[..4], &words[9]), (&["curl", "-X", "GET", "-H"].map(str::to_owned)[..], &url));
    let headers = format!("{}\n{}\n{}\n", words[4], words[6], words[8]);
    let timestamp = value(&headers, "KALSHI-ACCESS-TIMESTAMP");
    assert!(is_over(&format!("{timestamp}GET{PATH}"), value(&headers, "KALSHI-ACCESS-SIGNATURE")));

    let signed = home.run_args(arguments.iter().chain([&"/a?b=c"])).ok();
    assert!(signed.out().ends_with(" 'https://api.elections.kalshi.com/a?b=c'\n"), "{}", signed.out());
    assert!(signed.err().contains("another"), "{}", signed.err());
    assert_eq!(home.run_args(arguments.iter().chain([&"/a?b=c", &"--quiet"])).ok().err(), "");
    let root = home.run_args(arguments.iter().chain([&"https://x.example"])).ok();
    assert!(root.out().ends_with(" 'https://x.example/'\n"), "{}", root.out());
}

#[test]
fn a_lower_case_method_is_corrected_with_a_note() {
    let home = home();
    let line =
        format!("sign --private-key key.pem --key-id {ID} --method delete --path {PATH} --timestamp 1703123456789");
    let signed = home.run(&line).ok();
    assert!(signed.err().contains("DELETE"), "{}", signed.err());
    assert!(is_over(&format!("1703123456789DELETE{PATH}"), value(&signed.out(), "KALSHI-ACCESS-SIGNATURE")));
}

#[test]
fn every_rsa_private_key_signs() {
    let home = home();
    for (name, path) in
        [("rsa2048.private.pkcs1.pem", "1"), ("rsa2048.private.pkcs8.der", "2"), ("rsa2048.private.pkcs1.der", "3")]
    {
        keep(&home, name, path, 0o400);
        let out = sign(&home, &format!("--private-key {path} --path / --timestamp 1703123456789")).ok().out();
        assert!(is_over("1703123456789GET/", value(&out, "KALSHI-ACCESS-SIGNATURE")), "{name}");
    }
    let pem = fs::read(fixture("rsa2048.private.pkcs8.pem")).unwrap();
    let out = home
        .run_with(&format!("sign --key-id {ID} --method GET --path / --timestamp 1703123456789 --private-key -"), pem);
    assert!(is_over("1703123456789GET/", value(&out.ok().out(), "KALSHI-ACCESS-SIGNATURE")));
    for name in ["ec.private.pem", "rsa2048.spki.pem", "rsa2048.private.encrypted.pem", "rsa2048.openssh"] {
        keep(&home, name, "other", 0o600);
        sign(&home, "--private-key other --path /").refused(2, "invalid_secret");
    }
    sign(&home, "--private-key nowhere --path /").refused(2, "input_unreadable");
    sign(&home, "--private-key . --path /").refused(2, "input_not_regular");
}

#[test]
fn a_private_key_that_others_can_read_is_refused() {
    let home = home();
    for mode in [0o644, 0o640, 0o604, 0o620, 0o601, 0o660] {
        keep(&home, "rsa2048.private.pkcs8.pem", "open.pem", mode);
        let refused = sign(&home, "--private-key open.pem --path /").refused(2, "private_key_exposed");
        assert!(
            refused.err().contains("chmod 600") && refused.err().contains(&format!("{mode:04o}")),
            "{}",
            refused.err()
        );
        sign(&home, "--private-key open.pem --path / --insecure-permissions").ok();
    }
    // The mode of the file counts, not that of a symbolic link to the file.
    std::os::unix::fs::symlink("open.pem", home.file("link.pem")).unwrap();
    sign(&home, "--private-key link.pem --path /").refused(2, "private_key_exposed");
}

#[test]
fn requests_outside_the_scheme_are_refused() {
    let home = home();
    for (option, values) in [
        (
            "--timestamp",
            &["1703123456", "170312345678", "17031234567890", "-1703123456789", "", "now", "1.70312345678"][..],
        ),
        ("--path", &["", "trade-api/v2", "/a b", "/a\nb", "/a\u{1}", "/a\u{1b}[1m", "https:///x", "?a=b"]),
    ] {
        for value in values {
            let mut arguments = vec!["sign", "--private-key", "key.pem", "--key-id", ID, "--method", "GET"];
            if option != "--path" {
                arguments.extend(["--path", "/"]);
            }
            let refused = home.run_args(arguments.into_iter().chain([option, value])).refused(2, "invalid_request");
            assert!(refused.err().contains(option) && !refused.err().contains('\u{1b}'), "{}", refused.err());
        }
    }
    for method in ["", "G1", "GET /", "GET\n", "G\u{1b}", "ＧＥＴ"] {
        let arguments = ["sign", "--private-key", "key.pem", "--key-id", ID, "--path", "/", "--method", method];
        home.run_args(arguments).refused(2, "invalid_request");
    }
    home.run("sign --private-key key.pem --key-id ci --method GET --path /").refused(2, "invalid_reference");
    home.run("sign").refused(2, "usage");
}

#[test]
fn a_jwt_is_signed_and_exchanged() {
    let home = home();
    keep(&home, "ed25519.private.pem", "ed25519.pem", 0o600);
    home.run("init").ok();
    home.run("policy set bearer_audience https://api.example.com/token").ok();
    for (key, public, alg) in [("key.pem", "rsa2048", "PS256"), ("ed25519.pem", "ed25519", "EdDSA")] {
        let line =
            format!("create --name {public} --public-key {} --format id", fixture(&format!("{public}.spki.pem")));
        let id = home.run(&line).ok().out().trim().to_owned();
        let common =
            format!("sign --private-key {key} --key-id {id} --scheme jwt --audience https://api.example.com/token");
        let jwt = home.run(&common).ok();
        assert_eq!((jwt.err().as_str(), jwt.out().lines().count()), ("", 1));
        let header = Base64UrlUnpadded::decode_vec(jwt.out().split('.').next().unwrap()).unwrap();
        let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
        let set = home.run(&format!("export --name {public} --format jwks")).ok().json();
        assert_eq!(header, serde_json::json!({ "alg": alg, "typ": "JWT", "kid": set["keys"][0]["kid"] }));
        let answer = home.run_with("exchange --format json", jwt.out()).ok().json();
        assert_eq!(answer["token_type"], "Bearer");
        home.run_with("verify", answer["access_token"].as_str().unwrap()).ok();
        home.run_with("exchange", jwt.out()).refused(1, "invalid_client");
        let request = home.run(&format!("{common} --format json")).ok();
        assert_eq!(request.json()["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        home.run_with("exchange", request.out()).ok();
        let long = home.run(&format!("{common} --ttl 6m")).ok().out();
        let refused = home.run_with("exchange --format json", long).refused(1, "invalid_client");
        assert!(refused.err().contains("assertion_too_long"), "{}", refused.err());
    }
    let id = "264dbd8e-7c98-4f11-a859-33b5fe3aa8fd";
    let jwt = format!("sign --private-key key.pem --key-id {id} --scheme jwt");
    for (more, code) in [
        ("", "usage"),
        ("--audience https://x --method GET", "usage"),
        ("--audience https://x --format curl", "usage"),
        ("--audience https://x --alg EdDSA", "invalid_secret"),
        ("--audience https://x --ttl 0s", "invalid_time"),
        ("--method GET --path /", "usage"),
    ] {
        home.run(&format!("{jwt} {more}")).refused(2, code);
    }
    home.run(&format!("sign --private-key key.pem --key-id {id} --scheme kalshi --audience x")).refused(2, "usage");
}

#[test]
fn standard_input_is_read_for_one_thing() {
    let home = home();
    let line = format!("sign --private-key - --body - --key-id {ID} --method POST --path {PATH}");
    home.run_with(&line, "x").refused(2, "usage");
}

#[test]
fn options_of_another_scheme_are_refused_and_a_public_key_is_named() {
    let home = Home::new();
    home.run("generate --type ed25519 --name a --out a.pem").ok();
    home.run("init --if-not-exists").ok();
    let request = "sign --private-key a.pem --method GET --path https://x/";
    for (line, option) in [
        (format!("{request} --alg EdDSA --scheme http-message-signatures"), "--alg"),
        (format!("{request} --audience https://x/token --scheme http-message-signatures"), "--audience"),
        (format!("{request} --scheme jwt --audience https://x/token --key-id 0a"), "--method"),
        ("sign --private-key a.pem --scheme jwt --key-id 0a".to_owned(), "--audience"),
    ] {
        let refused = home.run(&line).refused(2, "usage");
        assert!(refused.err().contains(option), "{line}: {}", refused.err());
    }
    let id = home.ids("--name a").remove(0);
    let jwt = format!("sign --private-key a.pem --scheme jwt --audience https://x/token --key-id {id} --alg PS256");
    let refused = home.run(&jwt).refused(2, "invalid_secret");
    assert!(refused.err().contains("PS256") && refused.err().contains("EdDSA"), "{}", refused.err());
    let public = home.run("show a --format json").ok().json()["public_key"].clone();
    fs::set_permissions(home.write("a.pub", public.as_str().unwrap()), fs::Permissions::from_mode(0o644)).unwrap();
    let refused = home.run(&request.replace("a.pem", "a.pub")).refused(2, "invalid_secret");
    assert!(refused.err().contains("public key") && !refused.err().contains("chmod"), "{}", refused.err());
}

#[test]
fn a_scheme_is_read_from_a_file_with_or_without_a_contract() {
    let home = Home::new();
    home.run("generate --type ed25519 --name a --out a.pem").ok();
    let scheme = r#"{"scheme":"http-message-signatures","components":["@method","@authority"],"tag":"t"}"#;
    home.write("scheme.json", scheme);
    home.write("contract.json", format!(r#"{{"contract":"x","signing":{scheme}}}"#));
    let line = "sign --private-key a.pem --method GET --path https://x/ --scheme";
    for file in ["scheme.json", "contract.json"] {
        let signed = home.run(&format!("{line} {file}")).ok().out();
        assert!(signed.contains(r#"("@method" "@authority");"#) && signed.contains(r#"tag="t""#), "{signed}");
    }
    home.write("wrong.json", scheme.replace("components", "component"));
    home.run(&format!("{line} wrong.json")).refused(2, "contract_invalid");
    let refused = home.run(&format!("{line} missing.json")).refused(3, "contract_unknown");
    assert!(refused.err().contains("http-message-signatures"), "{}", refused.err());
    let refused = home.run_args(["policy", "set", "signing", "{'scheme':'kalshi'}"]).refused(2, "contract_invalid");
    assert!(refused.err().contains("not valid JSON"), "{}", refused.err());
}
