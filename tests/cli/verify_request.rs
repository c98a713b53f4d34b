//! Tests of `verify-request`.

use super::{
    home::{Ended, Home, KEYWRIGHT},
    promises::process::wait_for_polling,
    tools::fixture,
};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt as _};

const PATH: &str = "/trade-api/v2/portfolio/balance";
/// The time of the requests: 1,700,000,000 seconds after 1970-01-01T00:00:00Z.
const NOW: &str = "2023-11-14T22:13:20Z";
const TIMESTAMP: &str = "1700000000000";

/// Builds a home with the registered key `mine`, whose private key is in `key.pem`. Returns the home and the id of the
/// key.
fn home() -> (Home, String) {
    let home = Home::kalshi();
    let path = home.write("key.pem", fs::read(fixture("rsa2048.private.pkcs8.pem")).unwrap());
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    let line = format!("create --name mine --scope read --public-key {} --now 2023-01-01", fixture("rsa2048.spki.pem"));
    let key = home.run(&format!("{line} --format json")).ok().json();
    (home, key["api_key_id"].as_str().unwrap().to_owned())
}

/// Returns the parts of a request that is signed with the key.
fn signed(home: &Home, id: &str, more: &str) -> Value {
    let line = format!("sign --private-key key.pem --key-id {id} --method GET --path {PATH} --timestamp {TIMESTAMP}");
    let headers = home.run(&format!("{line} --format json {more}")).ok().json();
    let part = |name: &str| headers[format!("KALSHI-ACCESS-{name}")].clone();
    json!({ "key_id": part("KEY"), "timestamp": part("TIMESTAMP"), "method": "GET", "path": PATH, "signature": part("SIGNATURE") })
}

fn text<'a>(request: &'a Value, part: &str) -> &'a str {
    request[part].as_str().unwrap()
}

fn head(request: &Value) -> String {
    let part = |name| text(request, name);
    format!(
        "{} {} HTTP/1.1\r\nHost: api.example\r\nkalshi-access-key: {}\r\nKalshi-Access-Timestamp: {}\r\nKALSHI-ACCESS-SIGNATURE: {}\r\n\r\n",
        part("method"),
        part("path"),
        part("key_id"),
        part("timestamp"),
        part("signature")
    )
}

fn verify(home: &Home, input: impl AsRef<[u8]>, more: &str) -> Ended {
    home.run_with(&format!("verify-request --format json --now {NOW} {more}"), input)
}

/// Asserts that a request was refused with the given verdict code.
#[track_caller]
fn no(ended: &Ended, code: &str) {
    assert_eq!(ended.code(), 1, "{}{}", ended.out(), ended.err());
    assert_eq!((&ended.json()["code"], &ended.json()["valid"]), (&code.into(), &false.into()));
    assert_eq!(ended.err(), "");
}

#[test]
fn a_request_is_read_from_options_json_and_http() {
    let (home, id) = home();
    let request = signed(&home, &id, "");
    let mut options = vec!["verify-request", "--no-record", "--format", "json", "--now", NOW];
    let parts = ["key_id", "timestamp", "method", "path", "signature"];
    let names = parts.map(|part| format!("--{}", part.replace('_', "-")));
    for (name, part) in names.iter().zip(parts) {
        options.extend([name.as_str(), text(&request, part)]);
    }
    let whole = home.run_args(&options).ok();
    let answer = whole.json();
    assert_eq!(
        (&answer["valid"], &answer["code"], &answer["credential"]),
        (&true.into(), &"valid".into(), &"signature".into())
    );
    assert_eq!((answer["api_key_id"].as_str(), &answer["scopes"]), (Some(id.as_str()), &json!(["read"])));
    home.write("request.http", head(&request));
    for ended in [
        verify(&home, request.to_string(), "--no-record"),
        verify(&home, head(&request), "--no-record"),
        verify(&home, head(&request).replace("\r\n", "\n"), "--no-record"),
        verify(&home, head(&request).replace(PATH, &format!("{PATH}?limit=5")), "--no-record"),
        verify(&home, "", "--no-record --input request.http"),
        verify(&home, head(&request), "--no-record --input -"),
    ] {
        assert_eq!(ended.ok().json(), answer);
    }
    // The command line is refused if one of the options is missing.
    for missing in 0..5 {
        let mut some = options.clone();
        some.drain(6 + 2 * missing..8 + 2 * missing);
        home.run_args(&some).refused(2, "usage");
    }
    home.run_args(options.iter().chain(&["--input", "request.http"])).refused(2, "usage");
    verify(&home, "", "--input nowhere").refused(2, "input_unreadable");
    verify(&home, vec![b'a'; 2 * 1024 * 1024 + 1], "").refused(2, "input_too_large");
}

#[test]
fn a_request_is_accepted_once() {
    let (home, id) = home();
    let request = signed(&home, &id, "").to_string();
    verify(&home, &request, "--no-record").ok();
    verify(&home, &request, "").ok();
    no(&verify(&home, &request, ""), "replayed");
    no(&verify(&home, &request, "--no-record"), "replayed");
    verify(&home, signed(&home, &id, "").to_string(), "").ok();
    let key = home.run("show mine --format json").ok().json();
    assert_eq!(key["last_used_at"], NOW);
    // A refused request is not recorded, and does not count as a use.
    let late = "verify-request --format json --now 2023-11-14T22:14:00Z";
    let request = signed(&home, &id, "").to_string();
    no(&home.run_with(late, &request), "timestamp_skewed");
    assert_eq!(home.run("show mine --format json").ok().json()["last_used_at"], NOW);
    verify(&home, &request, "").ok();
}

#[test]
fn one_of_many_concurrent_requests_is_accepted() {
    let (home, id) = home();
    let request = signed(&home, &id, "").to_string();
    let codes: Vec<i32> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..8).map(|_| scope.spawn(|| verify(&home, &request, "").code())).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(codes.iter().filter(|code| **code == 0).count(), 1, "{codes:?}");
    assert!(codes.iter().all(|code| [0, 1].contains(code)), "{codes:?}");
}

#[test]
fn a_request_that_cannot_be_recorded_is_not_accepted() {
    let (home, id) = home();
    let request = signed(&home, &id, "").to_string();
    fs::set_permissions(home.keyring(), fs::Permissions::from_mode(0o400)).unwrap();
    if fs::OpenOptions::new().write(true).open(home.keyring()).is_ok() {
        // Root can write to a read-only keyring.
        verify(&home, &request, "--no-record").ok();
        return;
    }
    verify(&home, &request, "").refused(6, "keyring_read_only");
    verify(&home, &request, "--no-record").ok();
    no(&verify(&home, request.replace("GET", "POST"), ""), "wrong_signature");
}

#[test]
fn a_locked_keyring_accepts_nothing() {
    let (home, id) = home();
    let request = signed(&home, &id, "").to_string();
    let location = keywright::keyring::Location::named_or_default(Some(&home.keyring())).unwrap();
    let mut keyring = location.open().unwrap();
    let entry = keywright::keyring::Entry {
        at: keywright::key::Time::from_seconds(0),
        clock_set: true,
        user: "u".into(),
        host: "h".into(),
        command: "test".into(),
    };
    let mut child = None;
    keywright::keyring::transact(keyring.as_mut(), &entry, |_| {
        // Without `--no-record`, the command waits for the transaction to end.
        verify(&home, &request, "--no-record").ok();
        let line = format!("verify-request --now {NOW} --input request.json");
        home.write("request.json", &request);
        let mut started = home.keywright(line.split(' ')).spawn().unwrap();
        wait_for_polling(&started);
        assert!(started.try_wait().unwrap().is_none(), "it must not answer before it could record");
        child = Some(started);
        Ok(())
    })
    .unwrap();
    assert!(child.unwrap().wait().unwrap().success());
}

#[test]
fn scope_environment_status_and_skew_are_checked() {
    let (home, id) = home();
    let request = signed(&home, &id, "").to_string();
    verify(&home, &request, "--no-record --scope read --env test").ok();
    no(&verify(&home, &request, "--scope write"), "insufficient_scope");
    no(&verify(&home, &request, "--env live"), "wrong_env");
    let at = |time: &str, skew: &str| {
        let ended = home.run_with(&format!("verify-request --format json --no-record --now {time} {skew}"), &request);
        (ended.code(), ended.json()["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(at("2023-11-14T22:13:50Z", ""), (0, "valid".into()));
    assert_eq!(at("2023-11-14T22:12:50Z", ""), (0, "valid".into()));
    assert_eq!(at("2023-11-14T22:13:51Z", ""), (1, "timestamp_skewed".into()));
    assert_eq!(at("2023-11-14T22:12:49Z", ""), (1, "timestamp_skewed".into()), "in the future");
    assert_eq!(at("2023-11-14T22:18:20Z", "--max-skew 5min"), (0, "valid".into()));
    assert_eq!(at("2023-11-14T22:13:22Z", "--max-skew 1s"), (1, "timestamp_skewed".into()));
    for skew in ["0", "500ms", "-30s", "soon", "9999y"] {
        home.run_with(&format!("verify-request --max-skew {skew}"), &request).refused(2, "invalid_time");
    }
    home.run("revoke mine --yes --now 2023-11-14T22:13:30Z").ok();
    assert_eq!(at("2023-11-14T22:13:31Z", ""), (1, "revoked".into()));
    assert_eq!(at("2023-11-14T22:13:29Z", ""), (0, "valid".into()), "not yet");
}

#[test]
fn each_bad_input_has_its_code() {
    let (home, id) = home();
    let token = home.generate("--name token --type token")["api_key_id"].as_str().unwrap().to_owned();
    let good = signed(&home, &id, "");
    let signature = text(&good, "signature");
    let url_safe = signature.replace('+', "-").replace('/', "_");
    let long = format!("/{}", "a".repeat(20_000));
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "timestamp",
            "bad_timestamp",
            &[
                "1700000000",
                "170000000000",
                "17000000000000",
                "-1700000000000",
                "-170000000000",
                "",
                "now",
                "1700000000000 ",
            ],
        ),
        ("method", "bad_method", &["get", "", "G T", "GET\n", "GET\u{0}", "G\u{1b}[1m", "M-SEARCH"]),
        (
            "path",
            "bad_path",
            &[
                "",
                "x",
                "trade-api",
                "/a b",
                "/a\nb",
                "/a\u{0}",
                "/a\u{1b}[1m",
                "/a\u{7f}",
                "/a?b",
                "/a#b",
                "https://x/a",
                &long,
            ],
        ),
        (
            "signature",
            "bad_signature",
            &[
                "",
                "x",
                "AAAA",
                &signature[..340],
                &signature[4..],
                &signature[..342],
                "\u{e4}",
                "*",
                &format!("{signature}\n"),
            ],
        ),
        ("key_id", "not_found", &["", "mine", "264dbd8e-7c98-4f11-a859-33b5fe3aa8fd", "\u{1b}[1m"]),
        ("key_id", "wrong_type", &[&token]),
        ("path", "wrong_signature", &["/", "/trade-api/v2/portfolio/balance/"]),
        ("timestamp", "wrong_signature", &["1700000000001", "9999999999999"]),
    ];
    for (part, code, values) in cases {
        for value in *values {
            let mut request = good.clone();
            request[*part] = (*value).into();
            let ended = verify(&home, request.to_string(), "");
            no(&ended, code);
            assert!(!ended.out().contains('\u{1b}'));
            // The verdict reveals nothing about a key that was not proved.
            assert_eq!(ended.json()["name"], Value::Null);
        }
    }
    if url_safe != signature {
        let mut request = good.clone();
        request["signature"] = url_safe.into();
        let ended = verify(&home, request.to_string(), "");
        no(&ended, "bad_signature");
        assert!(text(&ended.json(), "message").contains("URL-safe"));
    }
    let mut request = good.clone();
    request["signature"] = "0a".repeat(256).into();
    let ended = verify(&home, request.to_string(), "");
    no(&ended, "bad_signature");
    assert!(text(&ended.json(), "message").contains("looks hexadecimal"));
    for input in ["", "x", "{}", "[]", "{\"key_id\":1}", "GET / HTTP/1.1\r\n\r\n", "\u{0}\u{0}"] {
        no(&verify(&home, input, ""), "bad_request");
    }
    no(&verify(&home, [0xff, 0xfe, 0x00], ""), "bad_request");
}

#[test]
fn every_format_has_the_same_verdict() {
    let (home, id) = home();
    let request = signed(&home, &id, "").to_string();
    let as_format = |format: &str, input: &str| {
        home.run_with(&format!("verify-request --no-record --now {NOW} --format {format}"), input)
    };
    let table = as_format("table", &request).ok().out();
    assert!(table.contains("valid") && table.contains("mine") && table.contains("signature"), "{table}");
    assert_eq!(as_format("id", &request).ok().out(), format!("{id}\n"));
    let csv = as_format("csv", &request).ok().out();
    assert_eq!(csv.lines().count(), 2, "{csv}");
    let refused = as_format("table", &request.replace("GET", "POST"));
    assert_eq!(refused.code(), 1);
    assert!(refused.out().contains("wrong_signature") && !refused.out().contains("mine"), "{}", refused.out());
}

#[test]
fn a_mistake_is_explained_and_not_accepted() {
    let (home, id) = home();
    // The signature covers a path other than that of the request.
    let mut request = signed(&home, &id, "");
    request["path"] = format!("/gateway{PATH}").into();
    let ended = verify(&home, request.to_string(), "--explain");
    no(&ended, "wrong_signature");
    let answer = ended.json();
    assert_eq!(answer["explanation"]["mistake"], "path_prefix_missing");
    assert!(text(&answer["explanation"], "hint").contains("`/gateway`"));
    let table = home.run_with(&format!("verify-request --explain --now {NOW}"), request.to_string());
    assert!(table.out().contains("path_prefix_missing") && table.out().contains("/gateway"), "{}", table.out());
    assert!(!verify(&home, request.to_string(), "").out().contains("explanation"));

    request["path"] = "/elsewhere".into();
    let ended = verify(&home, request.to_string(), "--explain");
    no(&ended, "wrong_signature");
    assert_eq!(ended.json()["explanation"], Value::Null);

    let request = signed(&home, &id, "");
    let ended = verify(&home, request.to_string().replace(PATH, &format!("{PATH}?limit=5")), "--explain");
    no(&ended, "bad_path");
    assert_eq!(ended.json()["explanation"]["mistake"], "query_presented");
    let ended = verify(&home, request.to_string().replace(TIMESTAMP, "1700000000"), "--explain");
    no(&ended, "bad_timestamp");
    assert_eq!(ended.json()["explanation"]["mistake"], "seconds");
    // A valid request needs no explanation, and is recorded as usual.
    let good = verify(&home, request.to_string(), "--explain").ok().json();
    assert_eq!((&good["code"], &good["explanation"]), (&"valid".into(), &Value::Null));
    no(&verify(&home, request.to_string(), "--explain"), "replayed");
}

#[test]
fn a_mistake_is_explained_for_ed25519() {
    let home = Home::kalshi();
    home.run(&format!("generate --name mine --type ed25519 --out key.pem --now {NOW}")).ok();
    let id = home.run("show mine --format id").ok().out().trim().to_owned();
    let request = signed(&home, &id, "");
    let mut other = request.clone();
    other["path"] = format!("/gateway{PATH}").into();
    for (request, mistake) in [
        (other.to_string(), "path_prefix_missing"),
        (request.to_string().replace(PATH, &format!("{PATH}/")), "path_end"),
        (head(&request).replace(" HTTP", "?a=b HTTP").replace(PATH, &format!("/x{PATH}")), "path_prefix_missing"),
    ] {
        let ended = verify(&home, request, "--explain");
        no(&ended, "wrong_signature");
        assert_eq!(ended.json()["explanation"]["mistake"], mistake);
    }
    let ended = verify(&home, request.to_string().replace("GET", "PUT"), "--explain");
    assert_eq!(ended.json()["explanation"], Value::Null);
}

#[test]
fn a_missing_keyring_is_an_error() {
    let home = Home::new();
    home.run_with("verify-request", "{}").refused(3, "keyring_missing");
}

/// Runs `verify-request --explain` on a request of 1 MiB with a path of 16 KiB, with little memory.
#[test]
fn a_hostile_request_is_explained_with_little_memory() {
    let (home, id) = home();
    let mut request = signed(&home, &id, "");
    request["path"] = "/a".repeat(8 * 1024).into();
    let text = head(&request);
    let text = format!("{text}{}", "b".repeat(1024 * 1024 - text.len()));
    home.write("request", &text);
    // The limit is for all address space of the process, including its code and its stacks.
    let limited = |line: &str| {
        let script = format!("ulimit -v 300000; exec {KEYWRIGHT} verify-request --format json --now {NOW} {line}");
        Ended(home.program("sh").args(["-c", &script]).output().unwrap())
    };
    let ended = limited("--explain --input request");
    no(&ended, "wrong_signature");
    assert_eq!(ended.json()["explanation"], Value::Null);
    let json = format!(r#"{{"key_id":"{id}","more":[{}0]}}"#, "0,".repeat(500_000));
    home.write("request", json);
    let ended = limited("--explain --input request");
    no(&ended, "bad_request");
    assert!(ended.json()["message"].as_str().unwrap().contains("64 KiB"), "{}", ended.out());
}
