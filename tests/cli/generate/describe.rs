//! Tests of the description of a key. Every option is stored and shown, and every wrong value is refused with its own
//! code and a valid example.

use super::super::home::Home;
use serde_json::json;

const FULL: &str = "--scope orders:read --scope a --scope a --env live --owner acme --expires 2036-01-31 \
                    --rate-limit 60/min,3000/hour,50000/day --label tier=gold --label empty= --note remark";

/// Text that is empty, that begins or ends with a space, or that contains characters that can mislead the reader of a
/// terminal.
const DECEPTIVE: &[&str] = &["", " ci", "ci ", "a\nb", "a\u{1b}[31mb", "a\u{202e}b", "a\u{200b}b", "a\u{9b}b"];

/// An option, the error code, a part of the hint, and wrong values of the option.
type Wrong = (&'static str, &'static str, &'static str, &'static [&'static str]);

const WRONG: &[Wrong] = &[
    ("--name", "invalid_name", "1 to 120 printable", DECEPTIVE),
    (
        "--name",
        "invalid_name",
        "for example `ci-deploy`",
        &[
            "4ab2c9c0-5a4e-4c53-9d1c-8f0b6c1d2e3f",
            "4ab2c9c05a4e4c539d1c8f0b6c1d2e3f",
            "abababababababababababababababababababababababababababababababab",
            "kw_test_2Gx8aiEcMMEtFVyv5AoxAt",
        ],
    ),
    ("--owner", "invalid_owner", "1 to 200 printable", DECEPTIVE),
    ("--note", "invalid_note", "1 to 1000 printable", DECEPTIVE),
    ("--scope", "invalid_scope", "for example `orders:read`", &["", "a b", "a\"b", "a\\b", "sch\u{f6}n", "a\u{1b}b"]),
    ("--label", "invalid_label", "key=value", &["", "novalue", "=v", "a b=v", "k=\u{1b}[1m", "k=\u{202e}"]),
    (
        "--rate-limit",
        "invalid_rate_limit",
        "60/min,3000/hour,50000/day",
        &["", "60", "0/min", "-1/min", "+1/min", "60/week", "60/min,30/min", "many/min", "2147483648/day", "1.5/min"],
    ),
    (
        "--expires",
        "invalid_time",
        "90d",
        &["", "0d", "-1d", "soon", "90", "2027-13-01", "2027-02-30", "2027-01-31T18:00:00", "2020-01-01"],
    ),
    ("--expires", "invalid_time", "`never`", &["0"]),
    ("--expires", "invalid_time", "shorter duration", &["9000y"]),
    ("--env", "usage", "choose one of test, live", &["", "prod", "TEST"]),
];

/// Returns the wrong values of options that `generate` and `create` share. Each item is the option, the value, the
/// error code, and a part of the hint.
pub(crate) fn wrong_values() -> Vec<(&'static str, String, &'static str, &'static str)> {
    let short = WRONG.iter().flat_map(|(option, code, hint, values)| {
        values.iter().map(|value| (*option, (*value).to_owned(), *code, *hint))
    });
    let long = [
        ("--name", 121, "invalid_name", "1 to 120 printable"),
        ("--owner", 201, "invalid_owner", "1 to 200 printable"),
        ("--note", 1001, "invalid_note", "1 to 1000 printable"),
        ("--scope", 129, "invalid_scope", "1 to 128"),
        ("--label", 64, "invalid_label", "1 to 63"),
    ];
    let long = long.into_iter().flat_map(|(option, least, code, hint)| {
        [least, 10_000].map(|length| {
            let value = if option == "--label" { "=v" } else { "" };
            (option, "x".repeat(length) + value, code, hint)
        })
    });
    let value = ("--label", format!("k={}", "x".repeat(256)), "invalid_label", "up to 255");
    short.chain(long).chain([value]).collect()
}

#[test]
fn every_wrong_value_is_refused_and_nothing_is_generated() {
    let home = Home::new();
    let mut wrong = wrong_values();
    for prefix in ["", "Kw", "1a", "a_b", "a-b", "k\u{e4}", "abcdefghijklmnopq"] {
        wrong.push(("--prefix", prefix.to_owned(), "invalid_prefix", "for example `acme`"));
    }
    for (option, value) in
        [("--bits", "1024"), ("--bits", "3000"), ("--type", "ed448"), ("--pem", "der"), ("--secret-format", "xml")]
    {
        wrong.push((option, value.to_owned(), "usage", "choose one of "));
    }
    for (option, value, code, hint) in wrong {
        let mut arguments = vec!["generate", "--format", "json"];
        if option != "--name" {
            arguments.extend(["--name", "x"]);
        }
        if option != "--bits" && option != "--type" && option != "--pem" {
            arguments.extend(["--type", "token"]);
        }
        arguments.extend([option, &value]);
        let refused = home.run_args(arguments).refused(2, code);
        let error = refused.error();
        assert_eq!(error["code"], code);
        assert!(error["hint"].as_str().unwrap().contains(hint), "{option} {value:?}: {error}");
        let says = error.to_string();
        assert!(says.contains(option), "{value:?}: {says}");
        assert!(!says.contains("\\u001b") && says.len() < 1000, "{says}");
        assert!(refused.err().chars().all(|c| c == '\n' || !c.is_control()), "{}", refused.err());
        assert_eq!(home.state(), None, "{option} {value:?}: a refused command makes no keyring");
        assert!(home.files().is_empty(), "{:?}", home.files());
    }
}

#[test]
fn unknown_words_list_the_known_ones() {
    let home = Home::new();
    for (option, value, words) in [
        ("--bits", "1024", "2048, 3072, 4096"),
        ("--type", "ed448", "rsa, ed25519, token, pair"),
        ("--env", "prod", "test, live"),
        ("--secret-format", "xml", "raw, dotenv, k8s-secret, json"),
    ] {
        let refused = home.run_args(["generate", "--name", "x", option, value]).refused(2, "usage");
        assert!(refused.err().contains(words), "{}", refused.err());
    }
}

#[test]
fn the_numbers_of_labels_and_scopes_are_limited() {
    let home = Home::new();
    let twice = home.run("generate --name x --type token --label a=1 --label a=2").refused(2, "invalid_label");
    assert!(twice.err().contains("twice"));
    let labels = (0..65).fold(String::new(), |line, i| line + &format!(" --label k{i}=v"));
    home.run(&format!("generate --name x --type token{labels}")).refused(2, "invalid_label");
    let scopes = (0..101).fold(String::new(), |line, i| line + &format!(" --scope s{i}"));
    home.run(&format!("generate --name x --type token{scopes}")).refused(2, "invalid_scope");
    assert_eq!(home.state(), None);
}

#[test]
fn an_error_in_json_is_one_object_with_details() {
    let home = Home::new();
    for format in ["json", "jsonl"] {
        let refused = home.run_args(["generate", "--name", "", "--format", format]).refused(2, "invalid_name");
        assert_eq!(refused.err().lines().count(), 1, "{}", refused.err());
        assert_eq!(
            refused.error(),
            json!({
                "code": "invalid_name",
                "message": "--name: the name is empty",
                "hint": "use 1 to 120 printable characters",
                "details": [{ "loc": ["--name"], "msg": "the name is empty", "type": "invalid_name" }],
            })
        );
    }
}

#[test]
fn every_description_is_stored_and_shown() {
    let home = Home::new();
    let made = home.generate(&format!("--name web --type token --prefix acme {FULL}"));
    let shown = home.run("show web --format json").ok().json();
    let listed = home.keys().remove(0);
    assert_eq!(shown, listed);
    for (field, value) in [
        ("name", json!("web")),
        ("type", json!("token")),
        ("env", json!("live")),
        ("owner", json!("acme")),
        ("scopes", json!(["a", "orders:read"])),
        ("status", json!("active")),
        ("expires_at", json!("2036-01-31T23:59:59Z")),
        ("rate_limit", json!({ "requests_per_minute": 60, "requests_per_hour": 3000, "requests_per_day": 50000 })),
        ("labels", json!({ "tier": "gold", "empty": "" })),
        ("note", json!("remark")),
        ("revoked_at", json!(null)),
        ("public_key", json!(null)),
    ] {
        assert_eq!((&made[field], &shown[field]), (&value, &value), "{field}");
    }
    let table = home.run("list").ok().out();
    for text in ["web", "active", "token", "live", "acme", "a orders:read", "never"] {
        assert!(table.contains(text), "{text}: {table}");
    }
    let details = home.run("show web").ok().out();
    for text in [
        "web",
        "active",
        "token",
        "live",
        "acme_live_",
        "acme",
        "a orders:read",
        "60/min,3000/hour,50000/day",
        "tier=gold",
        "empty=",
        "remark",
        "2036-01-31T23:59:59Z (in ",
    ] {
        assert!(details.contains(text), "{text}: {details}");
    }
    let csv = home.run("list --format csv").ok();
    let mut reader = csv::Reader::from_reader(csv.0.stdout.as_slice());
    let header = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let cell = |name: &str| &row[header.iter().position(|column| column == name).unwrap()];
    assert_eq!(cell("scopes"), "a orders:read");
    assert_eq!(cell("rate_limit"), "60/min,3000/hour,50000/day");
    assert_eq!(serde_json::from_str::<serde_json::Value>(cell("labels")).unwrap(), made["labels"]);
    for field in ["api_key_id", "name", "type", "env", "prefix", "owner", "status", "created_at", "expires_at", "note"]
    {
        assert_eq!(made[field], cell(field), "{field}");
    }
}

#[test]
fn every_description_has_a_default() {
    let home = Home::new();
    let key = home.generate("--name a --type token");
    assert_eq!((&key["env"], &key["scopes"], &key["labels"]), (&json!("test"), &json!([]), &json!({})));
    let unlimited = json!({ "requests_per_minute": null, "requests_per_hour": null, "requests_per_day": null });
    assert_eq!(key["rate_limit"], unlimited);
    for field in ["owner", "expires_at", "note", "last_used_at", "disabled_at", "revoked_at", "revocation_reason"] {
        assert_eq!(key[field], json!(null), "{field}");
    }
}

#[test]
fn times_and_limits_are_parsed() {
    let home = Home::new();
    for (i, (text, time)) in [
        ("90d", json!("2027-04-01T12:00:00Z")),
        ("12h", json!("2027-01-02T00:00:00Z")),
        ("1y", json!("2028-01-01T12:00:00Z")),
        ("P90D", json!("2027-04-01T12:00:00Z")),
        ("2027-01-31", json!("2027-01-31T23:59:59Z")),
        ("2027-01-31T18:00:00+02:00", json!("2027-01-31T16:00:00Z")),
        ("never", json!(null)),
    ]
    .into_iter()
    .enumerate()
    {
        let key = home.generate(&format!("--name k{i} --type token --now 2027-01-01T12:00:00Z --expires {text}"));
        assert_eq!((&key["expires_at"], &key["created_at"]), (&time, &json!("2027-01-01T12:00:00Z")), "{text}");
    }
    let key = home.generate("--name only --type token --rate-limit 5/hour");
    assert_eq!(key["rate_limit"]["requests_per_hour"], 5);
    assert_eq!(key["rate_limit"]["requests_per_day"], json!(null));
}

#[test]
fn names_in_every_script_are_kept() {
    let home = Home::new();
    for name in ["B\u{fc}ro 3", "\u{9375}", "deploy/eu-1", "a'b\"c\\d", &"x".repeat(120), "-dash", "50%", "a,b;c"] {
        let made = home.run_args(["generate", &format!("--name={name}"), "--type", "token", "--format", "json"]);
        assert_eq!(made.ok().json()["name"], name);
        let shown = home.run_args(["show", "--format", "json", "--", name]).ok().json();
        assert_eq!(shown["name"], name);
    }
    let listed = home.run("list --format csv").ok();
    let mut reader = csv::Reader::from_reader(listed.0.stdout.as_slice());
    assert_eq!(reader.records().filter(|row| &row.as_ref().unwrap()[2] == "a'b\"c\\d").count(), 1);
}
