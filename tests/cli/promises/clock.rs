//! Clocks that step: a recorded end is final, whatever the system clock says afterwards.

use crate::{
    home::{Ended, Home},
    tools::{fake_clock, have},
};

/// Runs keywright with the system clock at a time of 2026-06-01, such as `12:00:05`, or at a whole date and time.
fn at(home: &Home, time: &str, line: &str) -> Ended {
    let time = if time.contains(' ') { time.to_owned() } else { format!("2026-06-01 {time}") };
    let mut command = home.keywright(line.split_whitespace());
    fake_clock(&mut command, "FAKETIME", format!("@{time}"));
    Ended(command.output().unwrap())
}

fn verdict(home: &Home, time: &str, file: &str) -> String {
    let answer = at(home, time, &format!("verify --no-record --token-file {file} --format json")).json();
    answer["code"].as_str().unwrap().to_owned()
}

#[test]
fn a_planned_revocation_that_was_acknowledged_stays_when_the_clock_steps_back() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, "12:00:00", "generate --name a --type token --out a").ok();
    at(&home, "12:00:01", "revoke a --in 10s --yes").ok();
    let again = at(&home, "12:01:00", "revoke a --yes").ok();
    assert!(again.err().contains("was already revoked"), "{}", again.err());
    assert_eq!(verdict(&home, "12:00:02", "a"), "revoked");
    at(&home, "12:00:02", "rotate a --out b").refused(4, "wrong_state");
    let rows = || home.run("audit --format id").ok().out();
    let before = rows();
    at(&home, "12:02:00", "revoke a --yes").ok();
    assert_eq!(rows(), before, "nothing is left to record");
    home.run("audit verify --quiet").ok();
}

#[test]
fn a_revocation_stays_when_the_clock_steps_back() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, "12:00:00", "generate --name a --type token --out a").ok();
    at(&home, "12:00:05", "revoke a --reason key-compromise --yes").ok();
    for time in ["12:00:06", "12:00:04", "11:59:00", "2026-01-01 00:00:00", "1999-01-01 00:00:00"] {
        assert_eq!(verdict(&home, time, "a"), "revoked", "{time}");
        let listed = at(&home, time, "list --all --format json").ok().json();
        assert_eq!(listed[0]["status"], "revoked", "{time}");
        let list = at(&home, time, "export --format revocations").ok().json();
        assert_eq!(list["revocations"].as_array().map(Vec::len), Some(1), "{time}: {list}");
        at(&home, time, "rotate a").refused(4, "wrong_state");
    }
}

#[test]
fn an_expiry_and_a_planned_revocation_that_were_recorded_as_past_stay_past() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, "12:00:00", "generate --name a --type token --expires 1h --out a").ok();
    at(&home, "12:00:00", "generate --name b --type token --out b").ok();
    at(&home, "12:00:00", "revoke b --in 1h --yes").ok();
    assert_eq!((verdict(&home, "12:59:00", "a"), verdict(&home, "12:59:00", "b")), ("valid".into(), "valid".into()));
    // A change at 13:30 is recorded. From then on the keyring knows that it is at least 13:30.
    at(&home, "13:30:00", "generate --name c --type token --out c").ok();
    for time in ["13:30:01", "12:30:00", "2020-01-01 00:00:00"] {
        assert_eq!(
            (verdict(&home, time, "a"), verdict(&home, time, "b")),
            ("expired".into(), "revoked".into()),
            "{time}"
        );
        assert_eq!(verdict(&home, time, "c"), "valid", "{time}");
    }
}

#[test]
fn a_retirement_by_the_first_use_of_the_successor_stays() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, "12:00:00", "generate --name a --type token --out old").ok();
    at(&home, "12:00:10", "rotate a --retire-on-use --out new").ok();
    at(&home, "12:00:20", "verify --token-file new").ok();
    for time in ["12:00:21", "12:00:11", "11:00:00"] {
        assert_eq!(
            (verdict(&home, time, "old"), verdict(&home, time, "new")),
            ("expired".into(), "valid".into()),
            "{time}"
        );
    }
}

#[test]
fn new_keys_and_times_to_live_count_from_the_keyring_time() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, "12:00:00", "generate --name a --type pair --secret-format dotenv --out a").ok();
    let behind = at(&home, "10:00:00", "generate --name b --type token --expires 1h --out b --format json").ok().json();
    assert_eq!(
        (&behind["created_at"], &behind["expires_at"]),
        (&"2026-06-01T12:00:00Z".into(), &"2026-06-01T13:00:00Z".into())
    );
    let token = at(&home, "10:00:00", "exchange --ttl 10m --token-file a --format json").ok().json();
    assert_eq!(token["expires_in"], 600);
    home.write("bearer", token["access_token"].as_str().unwrap());
    assert_eq!(verdict(&home, "12:09:00", "bearer"), "valid", "{token}");
    assert_eq!(verdict(&home, "12:11:00", "bearer"), "expired");
    // Rows of the audit log are never earlier than the rows before them.
    let rows = at(&home, "10:00:01", "audit --format json").ok().json();
    let times: Vec<&str> = rows.as_array().unwrap().iter().rev().map(|row| row["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    at(&home, "10:00:00", "audit verify").ok();
}

#[test]
fn an_overlap_counts_from_the_keyring_time() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, "2026-06-05 12:00:00", "generate --name a --type token --out a").ok();
    at(&home, "12:00:00", "rotate a --overlap 24h --out b").ok();
    assert_eq!((verdict(&home, "12:00:01", "a"), verdict(&home, "12:00:01", "b")), ("valid".into(), "valid".into()));
    let key = at(&home, "12:00:02", "show a --format json").ok().json();
    assert_eq!(key["activated_at"], "2026-06-05T12:00:00Z");
    let old = at(&home, "12:00:02", &format!("show {} --format json", key["rotated_from"].as_str().unwrap())).ok();
    assert_eq!(old.json()["expires_at"], "2026-06-06T12:00:00Z");
}

#[test]
fn a_time_that_an_option_sets_is_no_keyring_time() {
    let home = Home::new();
    home.run("generate --name a --type token --expires 1h --out a").ok();
    home.run("update a --owner x --now 2099-01-01T00:00:00Z").refused(4, "wrong_state");
    home.run("generate --name b --type token --out b --now 2099-01-01T00:00:00Z").ok();
    home.run("verify --token-file a").ok();
    assert_eq!(home.run("verify --token-file a --now 2099-01-01T00:00:00Z").code(), 1);
    home.run("verify --token-file a").ok();
}

#[test]
fn accepting_the_clock_ends_what_had_ended_and_frees_the_rest() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    for key in ["revoked", "disabled", "retired", "rotated", "planned"] {
        at(&home, "12:00:00", &format!("generate --name {key} --type token --out {key}")).ok();
    }
    at(&home, "12:00:00", "generate --name expiring --type token --expires 30d --out expiring").ok();
    at(&home, "12:00:00", "revoke planned --in 7d --yes").ok();
    // The clock runs ahead by four years.
    let ahead = "2030-06-01 12:00:00";
    at(&home, ahead, "revoke revoked --reason key-compromise --yes").ok();
    at(&home, ahead, "disable disabled").ok();
    at(&home, ahead, "rotate retired --retire-on-use --out retired2").ok();
    at(&home, ahead, "verify --token-file retired2").ok();
    at(&home, ahead, "rotate rotated --overlap 1h --out rotated2").ok();
    // The clock is right again.
    assert_eq!(verdict(&home, "13:00:00", "expiring"), "expired");
    let warned = at(&home, "13:00:00", "verify --no-record --token-file expiring");
    assert!(warned.err().contains("accept-clock"), "{}", warned.err());
    let found = at(&home, "13:00:00", "check --format json").json();
    assert!(found.to_string().contains("clock-behind"), "{found}");
    at(&home, "13:00:00", "audit accept-clock").refused(2, "confirmation_required");
    let before = home.state();
    at(&home, "13:00:00", "audit accept-clock --dry-run").ok();
    assert_eq!(home.state(), before);
    at(&home, "13:00:00", "audit accept-clock --yes").ok();
    let verdicts = |time: &str| {
        let files = ["revoked", "disabled", "retired", "retired2", "rotated", "rotated2", "expiring", "planned"];
        files.map(|file| verdict(&home, time, file))
    };
    // A revocation is final, whether or not it was planned. An expiry is not.
    let now = ["revoked", "disabled", "expired", "valid", "valid", "valid", "valid", "revoked"];
    assert_eq!(verdicts("13:00:01"), now);
    let later = ["revoked", "disabled", "expired", "valid", "expired", "valid", "valid", "revoked"];
    assert_eq!(verdicts("14:00:01"), later, "the overlap counts from the accepted clock");
    assert_eq!(verdict(&home, "2026-07-02 00:00:00", "expiring"), "expired");
    at(&home, "14:00:02", "audit verify").ok();
    let nothing = at(&home, "14:00:02", "audit accept-clock --yes").ok();
    assert!(nothing.err().contains("nothing to do"), "{}", nothing.err());
}

#[test]
fn a_request_is_accepted_once_although_the_keyring_time_is_ahead() {
    if !have("faketime") {
        return;
    }
    let home = Home::kalshi();
    at(&home, "12:00:00", "generate --name a --bits 2048 --out a.pem").ok();
    let id = at(&home, "12:00:00", "show a --format json").ok().json()["api_key_id"].as_str().unwrap().to_owned();
    // The clock runs ahead for one change.
    at(&home, "2030-06-01 12:00:00", "update a --note x").ok();
    let line = format!(
        "sign --key-id {id} --private-key a.pem --format json --method GET --path /trade-api/v2/portfolio/balance"
    );
    let signed = at(&home, "12:00:10", &line).ok().json();
    let request: serde_json::Map<String, serde_json::Value> = [
        ("key_id", "KALSHI-ACCESS-KEY"),
        ("timestamp", "KALSHI-ACCESS-TIMESTAMP"),
        ("signature", "KALSHI-ACCESS-SIGNATURE"),
    ]
    .into_iter()
    .map(|(name, header)| (name.to_owned(), signed[header].clone()))
    .chain([("method".to_owned(), "GET".into()), ("path".to_owned(), "/trade-api/v2/portfolio/balance".into())])
    .collect();
    let line = serde_json::json!({ "request": request }).to_string();
    home.write("batch", format!("{line}\n"));
    home.write("request.json", serde_json::Value::Object(request).to_string());
    let batch = |time: &str| {
        let mut command = home.keywright(["verify", "--batch"]);
        fake_clock(&mut command, "FAKETIME", format!("@2026-06-01 {time}"));
        command.stdin(std::fs::File::open(home.file("batch")).unwrap());
        Ended(command.output().unwrap()).json()["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(batch("12:00:11"), "valid");
    assert_eq!(batch("12:00:12"), "replayed");
    let single = at(&home, "12:00:13", "verify-request --input request.json --format json").json();
    assert_eq!(single["code"], "replayed");
}

#[test]
fn accept_clock_revives_no_key_that_a_successor_retired_and_no_bearer_token() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, "12:00:00", "generate --name a --type token --out a1").ok();
    at(&home, "12:00:00", "generate --name b --type token --out b1").ok();
    at(&home, "12:00:00", "generate --name p --type pair --secret-format dotenv --out p").ok();
    for line in ["a --out a2", "a --out a3", "b --out b2"] {
        at(&home, "12:00:00", &format!("rotate {line} --overlap 30d --retire-on-use")).ok();
    }
    let ahead = "2026-06-20 12:00:00";
    // The successor in between was never used, and the other successor is purged after its first use.
    at(&home, ahead, "verify --token-file a3").ok();
    at(&home, ahead, "verify --token-file b2").ok();
    let used = at(&home, ahead, "verify --no-record --token-file b2 --format json").json()["api_key_id"].clone();
    at(&home, ahead, &format!("update {} --label old=yes", used.as_str().unwrap())).ok();
    at(&home, ahead, &format!("revoke {} --yes", used.as_str().unwrap())).ok();
    at(&home, "2026-06-22 12:00:00", "purge --ended-before 1d --label old=yes --yes").ok();
    assert_eq!(verdict(&home, "13:00:00", "b2"), "not_found");
    at(&home, "2026-06-22 12:00:00", "exchange --token-file p --out bearer").ok();
    let before = ["a1", "a2", "b1"].map(|file| verdict(&home, "13:00:00", file));
    assert!(before.iter().all(|verdict| verdict != "valid"), "{before:?}");
    at(&home, "13:00:00", "audit accept-clock --yes").ok();
    let after = ["a1", "a2", "b1"].map(|file| verdict(&home, "13:00:01", file));
    assert!(after.iter().all(|verdict| verdict != "valid"), "{after:?}");
    assert_ne!(verdict(&home, "13:00:01", "bearer"), "valid", "issued in what is now the future");
    assert_eq!(verdict(&home, "13:00:01", "a3"), "valid");
    at(&home, "13:00:02", "audit verify").ok();
}

#[test]
fn ends_of_a_clock_that_ran_ahead_reach_other_keyrings() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    for name in ["revoked", "disabled"] {
        at(&home, "12:00:00", &format!("generate --name {name} --type token --out {name}")).ok();
    }
    let older = home.keyring().with_file_name("older.db");
    std::fs::copy(home.keyring(), &older).unwrap();
    std::fs::set_permissions(&older, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    at(&home, "2027-06-01 12:00:00", "revoke revoked --yes").ok();
    at(&home, "2027-06-01 12:00:00", "disable disabled").ok();
    at(&home, "13:00:00", "export --format jsonl --all --out keys").ok();
    at(&home, "13:00:00", "backup backup").ok();
    at(&home, "13:00:00", "import keys --keyring imported.db").ok();
    at(&home, "13:00:00", &format!("restore backup --yes --keyring {}", older.display())).ok();
    for keyring in ["imported.db", older.to_str().unwrap()] {
        for name in ["revoked", "disabled"] {
            let line = format!("verify --no-record --token-file {name} --format json --keyring {keyring}");
            assert_eq!(at(&home, "13:00:01", &line).json()["code"], name, "{keyring}");
        }
    }
}

#[test]
fn a_restore_keeps_what_a_clock_ahead_had_ended() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    let at_noon = |line: &str| at(&home, "12:00:00", line).ok();
    for name in ["purged", "retired", "other"] {
        at_noon(&format!("generate --name {name} --type token --out {name}"));
    }
    let older = home.keyring().with_file_name("older.db");
    std::fs::copy(home.keyring(), &older).unwrap();
    std::fs::set_permissions(&older, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let ahead = |day: u8, line: &str| at(&home, &format!("2027-06-{day:02} 12:00:00"), line).ok();
    ahead(1, "revoke purged --yes");
    ahead(1, "rotate retired --overlap 7d --retire-on-use --out successor");
    ahead(1, "verify --token-file successor");
    ahead(3, "purge --ended-before 1d --name purged --yes");
    at(&home, "13:00:00", "backup backup").ok();
    at(&home, "13:00:00", &format!("restore backup --yes --keyring {}", older.display())).ok();
    for name in ["purged", "retired"] {
        let line = format!("verify --no-record --token-file {name} --format json --keyring {}", older.display());
        let answer = at(&home, "13:00:01", &line).json();
        assert_ne!(answer["code"], "valid", "{name}: {answer}");
    }
}

#[test]
fn a_name_means_keys_that_a_clock_ahead_purged_apart() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, "12:00:00", "generate --name web --type token --out k1").ok();
    for successor in ["k2", "k3", "k4"] {
        at(&home, "12:00:00", &format!("rotate web --overlap 30d --out {successor}")).ok();
    }
    let third = at(&home, "12:00:00", "verify --no-record --token-file k3 --format json").json()["api_key_id"].clone();
    at(&home, "12:00:00", &format!("revoke {} --yes", third.as_str().unwrap())).ok();
    at(&home, "2026-07-11 12:00:00", "purge --ended-before 20d --yes").ok();
    at(&home, "13:00:00", "audit accept-clock --yes").ok();
    at(&home, "13:00:01", "revoke web --yes").ok();
    for file in ["k1", "k2", "k4"] {
        assert_ne!(verdict(&home, "13:00:02", file), "valid", "{file}");
    }
}
