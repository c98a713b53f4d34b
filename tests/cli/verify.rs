//! Tests of `verify`.

use super::{
    home::{Ended, Home, with_another_end},
    tools::on_terminal,
};
use keywright::{key::token, proof::Verdict};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt as _};

/// Runs `verify`, and returns the verdict. Asserts that the exit status and the fields match the verdict.
#[track_caller]
fn answer(home: &Home, options: &str, presented: impl AsRef<[u8]>) -> Value {
    let ended = home.run_with(&format!("verify --format json {options}"), presented);
    let document = ended.json();
    assert_eq!(ended.code(), i32::from(document["valid"] != true), "{document}");
    assert!(document.as_object().unwrap().keys().eq(Verdict::FIELDS.iter()), "{document}");
    assert_eq!(document["valid"] == true, document["code"] == "valid");
    document
}

#[track_caller]
fn code(home: &Home, options: &str, presented: impl AsRef<[u8]>) -> String {
    answer(home, options, presented)["code"].as_str().unwrap().to_owned()
}

/// Asserts that the verdict reveals nothing about a key except an id that the presented secret contains.
#[track_caller]
fn tells_nothing(document: &Value, id: &Value) {
    for (field, value) in document.as_object().unwrap() {
        match field.as_str() {
            "valid" | "code" | "message" | "credential" => {}
            "api_key_id" => assert_eq!(value, id, "{document}"),
            field => assert_eq!(value, &Value::Null, "{field} of {document}"),
        }
    }
}

fn pair(home: &Home, name: &str) -> (String, String) {
    let made = home.generate(&format!("--name {name} --type pair"));
    (made["api_key"].as_str().unwrap().to_owned(), made["api_secret"].as_str().unwrap().to_owned())
}

/// Changes one character of the random part of a secret, and corrects the checksum.
fn forged(token: &str) -> String {
    let at = token.rfind('_').unwrap() + 5;
    let other = if &token[at..=at] == "A" { "B" } else { "A" };
    let body = format!("{}{other}{}", &token[..at], &token[at + 1..token.len() - 6]);
    let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut check = crc32(body.as_bytes());
    let mut end = [0; 6];
    for place in end.iter_mut().rev() {
        *place = digits[(check % 62) as usize];
        check /= 62;
    }
    body + str::from_utf8(&end).unwrap()
}

/// Computes the CRC-32 checksum of zlib, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[test]
fn a_token_verifies_as_its_key() {
    let home = Home::new();
    let line = "--name web --type token --env live --scope read --scope write --owner acme --label team=core";
    let made = home.generate(&format!("{line} --expires 90d --rate-limit 60/min"));
    let token = made["token"].as_str().unwrap();
    let answer = answer(&home, "", token);
    for field in
        ["api_key_id", "name", "type", "env", "scopes", "owner", "status", "expires_at", "rate_limit", "labels"]
    {
        assert_eq!(answer[field], made[field], "{field}");
    }
    assert_eq!((&answer["credential"], &answer["labels"]), (&json!("token"), &json!({ "team": "core" })));
}

#[test]
fn every_form_of_a_pair_is_read() {
    let home = Home::new();
    for format in ["dotenv", "json"] {
        home.run(&format!("generate --name {format} --type pair --secret-format {format} --out {format}")).ok();
        let answer = answer(&home, "", home.read(format));
        assert_eq!(
            (&answer["code"], &answer["name"], &answer["credential"]),
            (&json!("valid"), &json!(format), &json!("pair"))
        );
    }
    let (api_key, secret) = pair(&home, "web");
    for form in [
        format!("{api_key} {secret}"),
        format!("{api_key}:{secret}\n"),
        format!("\u{feff}{api_key}\r\n{secret}\r\n"),
        format!("{{\"api_secret\":\"{secret}\",\"api_key\":\"{api_key}\",\"other\":[1]}}"),
    ] {
        assert_eq!(answer(&home, "", &form)["name"], "web", "{form}");
    }
    home.write("presented", format!("{api_key} {secret}"));
    home.run("verify --token-file presented --quiet").ok();
    let whole = home.run("generate --name whole --type pair --format json").ok().out();
    assert_eq!(answer(&home, "", &whole)["name"], "whole", "the output of generate itself");
}

#[test]
fn the_halves_of_a_pair_must_belong_together() {
    let home = Home::new();
    let (a, b) = (pair(&home, "a"), pair(&home, "b"));
    let id = home.run("show a --format json").ok().json()["api_key_id"].clone();
    let wrong = answer(&home, "", format!("{} {}", a.0, b.1));
    assert_eq!(wrong["code"], "wrong_secret");
    tells_nothing(&wrong, &id);
    let other_env = answer(&home, "", format!("{} {}", a.0.replace("_test_", "_live_"), a.1));
    assert_eq!(other_env["code"], "not_found", "that api_key was never issued");
    tells_nothing(&other_env, &id);
    home.run("init --contract yativo --keyring y.db").ok();
    let made = home.generate("--name y --keyring y.db");
    let (api_key, secret) = (made["api_key"].as_str().unwrap(), made["api_secret"].as_str().unwrap());
    assert_eq!(code(&home, "--keyring y.db", format!("{api_key} {secret}")), "valid");
    let last = if api_key.ends_with('0') { "1" } else { "0" };
    let altered = format!("{}{last} {secret}", &api_key[..api_key.len() - 1]);
    assert_eq!(code(&home, "--keyring y.db", altered), "not_found", "an api_key counts to its last character");
}

#[test]
fn a_wrong_secret_reveals_nothing_about_the_key() {
    let home = Home::new();
    let made = home.generate("--name web --type token --owner acme --scope read");
    let token = made["token"].as_str().unwrap();
    let forged = forged(token);
    assert!(token::TokenForm::parse(&forged).is_some(), "a complete secret that was never issued");
    let wrong = answer(&home, "", &forged);
    assert_eq!((&wrong["code"], &wrong["credential"]), (&json!("wrong_secret"), &json!("token")));
    tells_nothing(&wrong, &made["api_key_id"]);
    home.run("revoke web --yes").ok();
    let wrong = answer(&home, "--scope x --env live", &forged);
    assert_eq!(wrong["code"], "wrong_secret", "not even that it is revoked");
    tells_nothing(&wrong, &made["api_key_id"]);
    home.run("init --keyring other.db").ok();
    let unknown = answer(&home, "--keyring other.db", token);
    assert_eq!(unknown["code"], "not_found");
    tells_nothing(&unknown, &made["api_key_id"]);
}

#[test]
fn an_incomplete_secret_is_malformed_and_the_mistake_is_named() {
    let home = Home::new();
    let token = home.generate("--name t --type token")["token"].as_str().unwrap().to_owned();
    let (api_key, secret) = pair(&home, "p");
    let before = home.state();
    let utf16: Vec<u8> = token.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (presented, expected) in [
        (token.replace("_test_", "_live_").into_bytes(), "checksum"),
        (with_another_end(&token).into_bytes(), "checksum"),
        (token.as_bytes()[..token.len() - 1].to_vec(), "not a complete"),
        (format!("{token}\0").into_bytes(), "NUL"),
        ([token.as_bytes(), b"\xff"].concat(), "UTF-8"),
        (utf16, "NUL"),
        (b"\xfe\xffk".to_vec(), "UTF-8"),
        (Vec::new(), "is empty"),
        (b" \r\n\t".to_vec(), "is empty"),
        (format!("{token}\n{token}\n").into_bytes(), "more than one"),
        (format!("{secret} {api_key}").into_bytes(), "wrong order"),
        (format!("{secret}:{api_key}").into_bytes(), "wrong order"),
        (api_key.clone().into_bytes(), "an `api_key` without"),
        (secret.clone().into_bytes(), "an `api_secret` without"),
        (format!("{{\"api_key\":\"{api_key}\"}}").into_bytes(), "an `api_key` without"),
        (format!("API_SECRET={secret}\n").into_bytes(), "an `api_secret` without"),
        (format!("{{\"api_key\":\"{api_key}\",").into_bytes(), "JSON"),
        (b"hunter2".to_vec(), "not a complete"),
        (b"correct horse battery".to_vec(), "not a pair"),
        (b"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n".to_vec(), "private key"),
    ] {
        let document = answer(&home, "", &presented);
        assert_eq!(document["code"], "malformed", "{document}");
        assert!(document["message"].as_str().unwrap().contains(expected), "{expected}: {document}");
        tells_nothing(&document, &Value::Null);
    }
    home.run_with("verify", vec![b'k'; 10_000_000]).refused(2, "input_too_large");
    home.run_with("verify", vec![b' '; 64 * 1024 + 1]).refused(2, "input_too_large");
    home.run("verify --token-file nothing").refused(2, "input_unreadable");
    home.run("verify --token-file .").refused(2, "input_not_regular");
    assert_eq!(home.state(), before, "a refusal is not a use");
}

#[test]
fn the_status_wins_over_the_environment_and_the_environment_over_scopes() {
    let home = Home::new();
    let token =
        home.generate("--name a --type token --scope read --expires 2030-01-01")["token"].as_str().unwrap().to_owned();
    let verify = |options: &str| code(&home, &format!("{options} --no-record"), &token);
    assert_eq!(verify("--scope read --env test"), "valid");
    assert_eq!(verify("--scope read --scope write"), "insufficient_scope");
    assert!(answer(&home, "--scope write", &token)["message"].as_str().unwrap().contains("`write`"));
    assert_eq!(verify("--env live --scope write"), "wrong_env");
    assert_eq!(verify("--at 2029-12-31"), "valid");
    home.run_with("verify --at 2020-01-01", &token).refused(2, "invalid_time");
    assert_eq!(verify("--at 2030-01-02 --env live"), "expired");
    home.run("revoke a --at 2028-01-01 --yes").ok();
    assert_eq!((verify("--at 2027-12-31"), verify("--at 2028-01-02")), ("valid".into(), "revoked".into()));
    home.run("disable a").ok();
    assert_eq!(verify("--env live"), "disabled");
    home.run("enable a").ok();
    home.run("revoke a --yes").ok();
    let revoked = answer(&home, "--scope write", &token);
    assert_eq!(
        (&revoked["code"], &revoked["status"], &revoked["name"]),
        (&json!("revoked"), &json!("revoked"), &json!("a"))
    );
    home.crash("b", "token");
    let pending = answer(&home, "--env live", home.read("b"));
    assert_eq!((&pending["code"], &pending["status"]), (&json!("pending"), &json!("pending")));
}

#[test]
fn a_use_is_recorded_once_a_minute_and_a_refusal_is_not() {
    let home = Home::new();
    let token = home.generate("--name a --type token --expires 2030-01-01 --now 2026-01-01T00:00:00Z")["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let last = || home.run("show a --format json").ok().json()["last_used_at"].clone();
    let at =
        |time: &str, options: &str| home.run_with(&format!("verify --now 2026-01-{time}Z {options}"), &token).code();
    for quiet in ["--no-record", "--at 2026-01-03", "--env live", "--scope x", "--now 2031-01-01T00:00:00Z"] {
        let options =
            if quiet.starts_with("--now") { quiet.to_owned() } else { format!("{quiet} --now 2026-01-02T00:00:00Z") };
        home.run_with(&format!("verify {options}"), &token);
        assert_eq!(last(), Value::Null, "{quiet}");
    }
    assert_eq!(at("02T00:00:00", ""), 0);
    assert_eq!(last(), "2026-01-02T00:00:00Z");
    assert_eq!(at("02T00:00:59", ""), 0);
    assert_eq!(last(), "2026-01-02T00:00:00Z", "less than a minute later");
    assert_eq!(at("02T00:01:00", ""), 0);
    assert_eq!(last(), "2026-01-02T00:01:00Z");
    assert_eq!(at("01T12:00:00", ""), 0);
    assert_eq!(last(), "2026-01-02T00:01:00Z", "the time never moves back");
    home.run("update a --note x").ok();
    assert_eq!(last(), "2026-01-02T00:01:00Z", "nor can an administrator");
    let log = home.run("audit --format json").ok().out();
    assert!(!log.contains("\"command\":\"verify\""), "a use is no change of state: {log}");
}

#[test]
fn a_read_only_keyring_verifies() {
    let home = Home::new();
    let token = home.generate("--name a --type token")["token"].as_str().unwrap().to_owned();
    let directory = home.keyring().parent().unwrap().to_owned();
    let mode = |mode| fs::set_permissions(&directory, fs::Permissions::from_mode(mode)).unwrap();
    fs::set_permissions(home.keyring(), fs::Permissions::from_mode(0o400)).unwrap();
    mode(0o500);
    let ended = home.run_with("verify --format json", &token);
    mode(0o700);
    assert_eq!((ended.ok().json()["code"].clone(), true), (json!("valid"), true));
    let other = rusqlite::Connection::open(home.keyring()).unwrap();
    fs::set_permissions(home.keyring(), fs::Permissions::from_mode(0o600)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ended = home.run_with("verify --format json", &token).ok();
    assert_eq!((ended.json()["code"].clone(), ended.err()), (json!("valid"), String::new()), "while another writes");
}

#[test]
fn every_format_has_the_same_verdict() {
    let home = Home::new();
    let made = home.generate("--name a --type token --label k=v");
    let (token, id) = (made["token"].as_str().unwrap(), made["api_key_id"].as_str().unwrap());
    let run = |line: &str| home.run_with(&format!("verify --no-record {line}"), token);
    let sheet = run("").ok();
    assert!(
        sheet.out().starts_with("valid") && sheet.out().contains("true") && sheet.out().contains(id),
        "{}",
        sheet.out()
    );
    assert_eq!(sheet.err(), "");
    assert_eq!(run("--format id").ok().out(), format!("{id}\n"));
    let csv = run("--format csv").ok().out();
    assert!(csv.starts_with("valid,code,message,credential,api_key_id,") && csv.contains(id), "{csv}");
    assert_eq!(run("--format jsonl").ok().out(), run("--format contract").ok().out());
    let Ended(refused) = run("--format id --env live");
    assert_eq!((refused.status.code(), refused.stdout.as_slice()), (Some(1), &b""[..]));
    let refused = run("--env live");
    assert!(refused.code() == 1 && refused.out().contains("wrong_env"), "{}", refused.out());
}

#[test]
fn a_missing_keyring_or_an_invalid_option_is_an_error() {
    let home = Home::new();
    home.run_with("verify", "x").refused(3, "keyring_missing");
    home.run("init").ok();
    for line in [
        "verify --scope a\tb",
        "verify --env prod",
        "verify --at yesterday",
        "verify --batch --scope x",
        "verify --batch --at 2027-01-31",
    ] {
        let code = if line.contains("a\tb") {
            "invalid_scope"
        } else if line.contains("yesterday") {
            "invalid_time"
        } else {
            "usage"
        };
        home.run_args(line.split(' ')).refused(2, code);
    }
    home.run("verify --batch --format csv").refused(2, "usage");
}

#[test]
fn a_tampered_row_is_an_error() {
    let home = Home::new();
    let token = home.generate("--name a --type token --scope read")["token"].as_str().unwrap().to_owned();
    let connection = rusqlite::Connection::open(home.keyring()).unwrap();
    connection.execute("UPDATE key SET scopes = 'admin'", []).unwrap();
    drop(connection);
    home.run_with("verify --scope admin", &token).refused(6, "keyring_corrupt");
}

#[test]
fn the_first_use_of_a_successor_ends_its_predecessor() {
    // Use the library to build the state that `rotate --retire-on-use` leaves.
    let home = Home::new();
    let old = home.generate("--name a --type token --expires 2099-01-01");
    let new = home.generate("--name b --type token");
    let id = |key: &Value| key["api_key_id"].as_str().unwrap().parse::<keywright::key::KeyId>().unwrap();
    let location = keywright::keyring::Location::named_or_default(Some(&home.keyring())).unwrap();
    let mut keyring = location.open().unwrap();
    let at = keywright::clock::now();
    let entry = keywright::keyring::Entry {
        at,
        clock_set: false,
        user: "u".into(),
        host: "h".into(),
        command: "rotate".into(),
    };
    keywright::keyring::transact(keyring.as_mut(), &entry, |t| {
        for (key, from) in [(id(&old), None), (id(&new), Some(id(&old)))] {
            let before = t.key(key, at)?.unwrap();
            let mut after = before.clone();
            after.rotation.from = from;
            after.rotation.retire_on_use = from.is_none();
            t.update(&before, &after, keywright::keyring::Action::Rotate)?;
        }
        Ok(())
    })
    .unwrap();
    drop(keyring);
    let (old, new) = (old["token"].as_str().unwrap(), new["token"].as_str().unwrap());
    assert_eq!((code(&home, "", old), code(&home, "--no-record", new)), ("valid".into(), "valid".into()));
    assert_eq!(code(&home, "", old), "valid", "it has not been used");
    assert_eq!((code(&home, "", new), code(&home, "", old)), ("valid".into(), "expired".into()));
    let log = home.run("audit a --format json").ok().json();
    assert!(log.to_string().contains("\"retire\""), "{log}");
}

#[test]
fn a_file_as_an_argument_leads_to_the_option() {
    let home = Home::new();
    home.run("generate --name t --type token --out t").ok();
    let refused = home.run("verify t").refused(2, "usage");
    assert!(refused.err().contains("--token-file"), "{}", refused.err());
}

#[test]
fn a_terminal_is_told_that_input_is_awaited() {
    let home = Home::new();
    let Some(ended) = on_terminal(&home, 80, "import -", "\u{4}") else { return };
    assert!(ended.out().contains("reading standard input"), "{}", ended.out());
}
