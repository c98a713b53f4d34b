//! Tests of `rotate` for all keys that expire soon.

use super::{NOW, broken_off::crash, id, rotate};
use crate::home::Home;
use serde_json::{Value, json};
use std::{collections::BTreeSet, os::unix::fs::PermissionsExt as _};

const MANY: &str = "--expiring-within 14d --out-dir new --expires 90d";

/// Builds a home with a key of each type that expires soon, a key that expires late, and a key that never expires.
fn keys() -> Home {
    let home = Home::new();
    for (name, options) in [
        ("web", "--type token --expires 3d --owner acme"),
        ("app", "--type pair --expires 5d"),
        ("rsa", "--type rsa --bits 2048 --expires 7d --out rsa.pem"),
        ("late", "--type token --expires 1y"),
        ("never", "--type token"),
    ] {
        home.run(&format!("generate --name {name} {options} --now {NOW}")).ok();
    }
    home
}

/// Returns the names of the files in a directory, each with the id of the key whose secret it contains.
fn secrets(home: &Home, directory: &str) -> BTreeSet<(String, String)> {
    let names = home.files().into_iter().filter(|name| name.starts_with(&format!("{directory}/")));
    names
        .map(|name| {
            let whose = home.run_with(&format!("show - --now {NOW} --format id"), home.read(&name)).ok();
            (name, whose.out().trim().to_owned())
        })
        .collect()
}

#[test]
fn each_due_key_is_rotated_once_into_its_own_file() {
    let home = keys();
    let done = rotate(&home, &format!("{MANY} --format json")).ok();
    assert!(done.err().contains("rotated 3 keys"), "{}", done.err());
    let done = done.json();
    let done = done.as_array().unwrap();
    let names: Vec<_> = done.iter().map(|key| key["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["web", "app", "rsa"], "the first to expire first");
    let expected: BTreeSet<(String, String)> = done
        .iter()
        .zip(["token", "secret", "pem"])
        .map(|(key, extension)| {
            let name = format!("new/{}-{}.{extension}", key["name"].as_str().unwrap(), &id(key)[..8]);
            assert_eq!(key["secret_file"], home.file(&name).to_str().unwrap());
            (name, id(key).to_owned())
        })
        .collect();
    assert_eq!(secrets(&home, "new"), expected);
    let mode = |name: &str| home.file(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("new"), 0o700);
    assert!(expected.iter().all(|(name, _)| mode(name) == 0o600));
    for key in done {
        let old = home.run(&format!("show {} --now {NOW} --format json", key["rotated_from"].as_str().unwrap()));
        assert_eq!(old.ok().json()["expires_at"], "2030-01-02T00:00:00Z", "a day");
        assert_eq!(key["expires_at"], "2030-04-01T00:00:00Z");
    }
    let state = home.state();
    let again = rotate(&home, &format!("{MANY} --format json")).ok();
    assert_eq!((again.json(), home.state()), (json!([]), state), "{}", again.err());
}

#[test]
fn a_file_is_not_accepted_as_a_directory() {
    let home = Home::new();
    home.generate("--name a --type token --out file");
    for options in ["", "--dry-run"] {
        rotate(&home, &format!("--expiring-within 14d --out-dir file {options}")).refused(6, "output_directory");
    }
}

#[test]
fn conditions_select_keys() {
    let home = keys();
    let before = home.state();
    let would = rotate(&home, &format!("{MANY} --owner acme --dry-run --format json")).ok();
    assert_eq!(would.json()[0]["name"], "web", "{}", would.err());
    assert_eq!((home.state(), home.file("new").exists()), (before, false));
    let done = rotate(&home, &format!("{MANY} --type pair --type token --overlap 0 --format jsonl")).ok();
    let lines: Vec<Value> = done.out().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().map(|key| key["name"].as_str().unwrap()).collect::<Vec<_>>(), ["web", "app"]);
    assert!(lines.iter().all(|key| key["secret_file"].is_string()));
    assert_eq!(home.run(&format!("list --status revoked --format id --now {NOW}")).ok().out().lines().count(), 2);
    let table = rotate(&home, MANY).ok();
    assert!(table.out().contains("rsa") && table.out().lines().count() == 2, "{}", table.out());
}

#[test]
fn a_key_whose_successor_would_be_due_at_once_is_skipped() {
    let home = keys();
    let before = home.state();
    let said = rotate(&home, "--expiring-within 14d --out-dir new --format json").ok();
    assert_eq!(said.json(), json!([]));
    assert!(said.err().contains("`web` (") && said.err().contains("would rotate it again"), "{}", said.err());
    assert_eq!(home.state(), before);
    let two = rotate(&home, "--expiring-within 8d --out-dir new --expires 2030-01-09T00:00:01Z").ok();
    assert!(two.err().contains("rotated 3 keys"), "{}", two.err());
}

#[test]
fn a_registered_key_is_left_to_its_holder() {
    let home = keys();
    let public = crate::tools::fixture("rsa3072.spki.pem");
    home.run(&format!("create --name partner --public-key {public} --expires 2d --now {NOW}")).ok();
    let said = rotate(&home, MANY).ok();
    assert!(said.err().contains("rotated 3 keys") && said.err().contains("`partner` ("), "{}", said.err());
    assert!(said.err().contains("--public-key FILE"), "{}", said.err());
}

#[test]
fn one_failure_does_not_stop_the_others() {
    let home = keys();
    home.run(&format!("generate --name odd --type token --scope b --expires 4d --now {NOW}")).ok();
    home.run("policy set scopes.known [\"a\"]").ok();
    for line in [format!("{MANY} --dry-run"), MANY.to_owned()] {
        let ended = rotate(&home, &format!("{line} --format json"));
        assert_eq!(ended.code(), 6, "{}", ended.err());
        let error = ended.err().lines().last().map(|line| serde_json::from_str::<Value>(line).unwrap()).unwrap();
        let error = &error["error"];
        assert!(error["code"] == "rotation_incomplete", "{}", ended.err());
        assert!(ended.err().contains("\"type\":\"scope_unknown\"") && ended.err().contains("odd ("), "{}", ended.err());
        assert_eq!(ended.json().as_array().unwrap().len(), 3);
    }
    let odd = home.run(&format!("show odd --now {NOW} --format json")).ok().json();
    assert_eq!((&odd["status"], &odd["rotated_to"]), (&json!("active"), &Value::Null));
    home.run("policy set scopes.known null").ok();
    assert!(rotate(&home, MANY).ok().err().contains("rotated 1 key\n"));
}

#[test]
fn names_become_file_names() {
    let home = Home::new();
    for name in ["a b/c", "..", "-x", "Größe: 5", "鍵"] {
        home.run_args(["generate", &format!("--name={name}"), "--type=token", "--expires=3d", "--now", NOW]).ok();
    }
    rotate(&home, MANY).ok();
    let stems: BTreeSet<String> = home.files().iter().map(|name| name.rsplit_once('-').unwrap().0.to_owned()).collect();
    assert_eq!(stems, ["new/Gr-e-5", "new/a-b-c", "new/key", "new/x"].map(str::to_owned).into());
    assert_eq!(secrets(&home, "new").len(), 5);
}

#[test]
fn an_interrupted_rotation_is_completed_if_its_secret_arrived() {
    for (format, extension) in [("raw", ""), ("dotenv", "env"), ("k8s-secret", "yaml"), ("json", "json")] {
        for (kind, raw) in [("rsa --bits 2048", "pem"), ("token", "token"), ("pair", "secret")] {
            let home = Home::new();
            home.run(&format!("generate --name ci --type {kind} --expires 3d --out ci --now {NOW}")).ok();
            let pending = crash(&home, "ci", &format!("--overlap 2h --secret-format {format} --expires 90d"), "taken");
            let extension = if extension.is_empty() { raw } else { extension };
            let file = format!("new/ci-{}.{extension}", &id(&pending)[..8]);
            std::fs::create_dir(home.file("new")).unwrap();
            std::fs::rename(home.file("taken"), home.file(&file)).unwrap();
            let line = format!("{MANY} --secret-format {format} --format json");
            let done = rotate(&home, &line).ok();
            assert!(done.err().contains("completed the interrupted rotation of `ci`"), "{}", done.err());
            let expected = (pending["api_key_id"].clone(), home.file(&file).to_str().unwrap().to_owned());
            let done = done.json();
            assert_eq!((&done[0]["api_key_id"], &done[0]["secret_file"]), (&expected.0, &json!(expected.1)));
            let old = pending["rotated_from"].as_str().unwrap();
            let old = home.run(&format!("show {old} --now {NOW} --format json")).ok().json();
            assert_eq!(old["expires_at"], "2030-01-01T02:00:00Z", "as requested at the start of the rotation");
            assert_eq!((home.files(), rotate(&home, &line).ok().json()), (vec!["ci".to_owned(), file], json!([])));
        }
    }
}

#[test]
fn an_interrupted_rotation_starts_again_if_its_secret_did_not_arrive() {
    let home = keys();
    let lost = crash(&home, "web", "--expires 90d", "lost");
    // The pending successor of a key that is not due stays unchanged, because whoever has its secret may still activate
    // it.
    let other = crash(&home, "late", "", "kept");
    let file = format!("new/web-{}.token", &id(&lost)[..8]);
    std::fs::create_dir(home.file("new")).unwrap();
    home.write(&file, "not the secret");
    let done = rotate(&home, &format!("{MANY} --format json")).ok();
    assert!(done.err().contains(&format!("discarded the successor {}", id(&lost))), "{}", done.err());
    assert!(done.err().contains("rotated 3 keys"), "{}", done.err());
    assert_eq!(home.read(&file), "not the secret", "an existing file is left unchanged");
    home.run(&format!("activate {} --private-key lost --now {NOW}", id(&lost))).refused(3, "not_found");
    home.run(&format!("activate {} --private-key kept --now {NOW}", id(&other))).ok();
}

#[test]
fn an_unusable_directory_is_refused() {
    let home = keys();
    rotate(&home, "--expiring-within 14d --out-dir no/where --expires 90d").refused(6, "output_directory");
    home.write("file", "");
    let ended = rotate(&home, "--expiring-within 14d --out-dir file --expires 90d --format id");
    assert_eq!(ended.code(), 6, "{}", ended.err());
    assert_eq!(home.run(&format!("list --all --format json --now {NOW}")).ok().json().as_array().unwrap().len(), 5);
}
