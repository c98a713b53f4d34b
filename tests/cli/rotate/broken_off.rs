//! Interrupted and concurrent rotations.

use super::{NOW, actions, id, rotate, shown, with};
use crate::home::{Ended, Home};
use serde_json::{Value, json};
use std::{
    process::Stdio,
    time::{Duration, Instant},
};

/// Interrupts a rotation after the new secret was written to a file: the delivery command kills keywright. Returns the
/// pending successor.
pub(super) fn crash(home: &Home, key: &str, options: &str, file: &str) -> Value {
    let line = format!("rotate {key} --now {NOW} {options} -- sh -c");
    let script = format!("cat > {file}; kill -9 $PPID");
    let ended = home.run_args(line.split_whitespace().chain([script.as_str()]));
    assert_eq!(ended.0.status.code(), None, "{}", ended.err());
    home.keys().into_iter().find(|key| key["status"] == "pending").unwrap()
}

/// Waits until another process has created a file.
fn wait_for(home: &Home, file: &str) {
    let start = Instant::now();
    while !home.file(file).exists() {
        assert!(start.elapsed() < Duration::from_secs(20), "waited too long for {file}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Starts a rotation whose delivery command reads the secret and then waits for the file `go`.
fn slow(home: &Home, key: &str, ready: &str) -> std::process::Child {
    let script = format!("cat > got; touch {ready}; while [ ! -e go ]; do sleep 0.02; done");
    let mut command = home.keywright(["rotate", key, "--", "sh", "-c", &script]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn a_failed_delivery_leaves_the_old_key_unchanged() {
    let (home, _) = with("ci", "--expires 30d");
    let before = home.keys();
    for script in ["exit 1", "exec 0<&-; sleep 0.05; exit 0", "head -c 10 > /dev/null"] {
        home.run_args(["rotate", "ci", "--overlap", "0", "--", "sh", "-c", script]).refused(6, "command_failed");
        assert_eq!(home.keys(), before, "{script}");
    }
    home.run("rotate ci --out ci").refused(4, "file_exists");
    home.run("rotate ci --out no/where").refused(6, "output_directory");
    home.run("rotate ci -- no-such-command").refused(6, "command_missing");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = home.keywright(["rotate", "ci"]);
    Ended(command.stdout(full).stderr(Stdio::piped()).output().unwrap()).refused(6, "not_delivered");
    assert_eq!((home.keys(), home.files()), (before, vec!["ci".to_owned()]));
    assert_eq!(home.run("rotate ci --out new").ok().code(), 0, "nothing is in its way");
}

#[test]
fn a_crash_leaves_the_old_key_and_its_name_unchanged() {
    let (home, old) = with("ci", "--expires 30d");
    let before = shown(&home, id(&old));
    let pending = crash(&home, "ci", "", "new");
    assert_eq!((shown(&home, id(&old)), shown(&home, "ci")), (before.clone(), before));
    assert_eq!(pending["rotated_from"], old["api_key_id"]);
    let refused = rotate(&home, "ci --out other --format json").refused(4, "rotation_in_progress").error();
    assert!(refused["hint"].as_str().unwrap().contains(&format!("activate {}", id(&pending))), "{refused}");
    rotate(&home, "ci --dry-run").refused(4, "rotation_in_progress");
    // The old key keeps its name, and can be revoked: by its id alone, by its name together with its pending successor.
    home.run("generate --name ci --type token").refused(4, "name_taken");
    let by_id = home.run(&format!("revoke {} --yes --dry-run --format id", id(&old))).ok();
    assert_eq!(by_id.out().trim(), id(&old));
    let by_name = home.run("revoke ci --yes --dry-run --format id").ok();
    assert_eq!(by_name.out(), format!("{}\n{}\n", id(&old), id(&pending)));
}

#[test]
fn activation_completes_the_rotation_as_requested() {
    for (options, field, value) in [
        ("", "expires_at", "2030-01-03T00:00:00Z"),
        ("--overlap 7d --retire-on-use", "expires_at", "2030-01-09T00:00:00Z"),
        ("--overlap 0", "revoked_at", "2030-01-02T00:00:00Z"),
        ("--overlap 0 --reason key-compromise", "revocation_reason", "key-compromise"),
    ] {
        let (home, old) = with("ci", "");
        let pending = crash(&home, "ci", options, "new");
        let line = format!("activate {} --private-key new --now 2030-01-02T00:00:00Z --format json", id(&pending));
        assert_eq!(home.run(&line).ok().json()["status"], "active");
        let old = shown(&home, id(&old));
        assert_eq!((&old[field], &old["rotated_to"]), (&json!(value), &pending["api_key_id"]), "{options}");
        assert_eq!(shown(&home, "ci")["api_key_id"], pending["api_key_id"]);
        let on_use: Option<i64> = rusqlite::Connection::open(home.keyring())
            .unwrap()
            .query_row("SELECT retire_on_use FROM key WHERE rotated_to IS NOT NULL AND handover IS NULL", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(on_use.is_some(), options.contains("on-use"));
        assert_eq!(actions(&home).iter().filter(|action| *action == "rotate").count(), 1);
    }
}

#[test]
fn every_secret_format_activates_the_key() {
    for format in ["raw", "dotenv", "k8s-secret", "json"] {
        for kind in ["rsa --bits 2048", "token", "pair"] {
            let home = Home::new();
            home.run(&format!("generate --name ci --type {kind} --out ci")).ok();
            let pending = crash(&home, "ci", &format!("--secret-format {format}"), "new");
            home.run(&format!("activate {} --private-key new --now {NOW}", id(&pending))).ok();
        }
    }
}

#[test]
fn a_pending_successor_can_be_revoked_and_is_deleted_later() {
    let (home, old) = with("ci", "");
    let pending = crash(&home, "ci", "", "lost");
    home.run(&format!("revoke {} --yes --now {NOW}", id(&pending))).ok();
    rotate(&home, "ci --out new").ok();
    assert_eq!(shown(&home, "ci")["rotated_from"], old["api_key_id"]);

    let (home, old) = with("ci", "");
    crash(&home, "ci", "", "lost");
    home.run("rotate ci --out new --now 2030-01-01T00:59:59Z").refused(4, "rotation_in_progress");
    home.run("rotate ci --out new --now 2030-01-01T01:00:01Z").ok();
    assert_eq!(actions(&home).iter().filter(|action| *action == "sweep").count(), 1);
    assert_eq!((shown(&home, "ci")["rotated_from"].clone(), home.keys().len()), (old["api_key_id"].clone(), 2));
}

#[test]
fn changes_to_the_old_key_apply_to_its_pending_successor() {
    let (home, old) = with("ci", "");
    let running = slow(&home, "ci", "ready");
    wait_for(&home, "ready");
    home.run(&format!("revoke {} --reason privilege-withdrawn --yes", id(&old))).ok();
    home.write("go", "");
    let ended = Ended(running.wait_with_output().unwrap()).refused(4, "wrong_state");
    assert!(ended.err().contains("was revoked while the secret of its successor"), "{}", ended.err());
    let keys = home.keys();
    assert_eq!((keys.len(), &keys[0]["status"], &keys[0]["rotated_to"]), (1, &json!("revoked"), &Value::Null));
    // The same holds if another process completes the rotation.
    let (home, old) = with("ci", "");
    let pending = crash(&home, "ci", "", "new");
    home.run(&format!("revoke {} --yes --now {NOW}", id(&old))).ok();
    for options in ["", " --dry-run"] {
        let line = format!("activate {} --private-key new --now {NOW}{options}", id(&pending));
        home.run(&line).refused(4, "wrong_state");
    }
    assert_eq!(shown(&home, id(&pending))["status"], "pending");
}

#[test]
fn one_of_two_concurrent_rotations_wins() {
    let (home, old) = with("ci", "");
    let first = slow(&home, "ci", "ready");
    wait_for(&home, "ready");
    home.run("rotate ci --out second").refused(4, "rotation_in_progress");
    home.write("go", "");
    Ended(first.wait_with_output().unwrap()).ok();
    home.run(&format!("rotate {} --out second", id(&old))).refused(4, "wrong_state");
    assert_eq!((home.keys().len(), home.file("second").exists()), (2, false));

    for _ in 0..5 {
        let (home, old) = with("ci", "");
        let start = |n: usize| {
            let mut command = home.keywright(["rotate", id(&old), "--out", &format!("new-{n}")]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let mut won = 0;
        for child in (0..4).map(start).collect::<Vec<_>>() {
            let ended = Ended(child.wait_with_output().unwrap());
            match ended.code() {
                0 => won += 1,
                _ => assert!(
                    ended.code() == 4
                        && (ended.err().contains("rotation_in_progress") || ended.err().contains("wrong_state")),
                    "{}",
                    ended.err()
                ),
            }
        }
        assert_eq!((won, home.keys().len(), home.files().len()), (1, 2, 2));
    }
}

#[test]
fn a_rotation_of_many_waits_for_a_running_rotation() {
    let (home, old) = with("ci", "");
    home.generate("--name web --type token --expires 5d");
    home.run("generate --name soon --type token --expires 5d --out soon").ok();
    let single = slow(&home, "soon", "ready");
    wait_for(&home, "ready");
    let line = "rotate --expiring-within 14d --out-dir new --expires 90d --format json";
    let many = home.keywright(line.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for(&home, "new");
    home.write("go", "");
    Ended(single.wait_with_output().unwrap()).ok();
    let many = Ended(many.wait_with_output().unwrap()).ok();
    let names: Vec<_> = many.json().as_array().unwrap().iter().map(|key| key["name"].clone()).collect();
    assert_eq!(names, ["web"], "the other one was being rotated already: {}", many.err());
    assert_eq!(home.keys().iter().filter(|key| key["name"] == "soon").count(), 2);
    assert_eq!(shown(&home, id(&old))["rotated_to"], Value::Null);
}

#[test]
fn a_key_that_is_being_rotated_cannot_be_changed() {
    let home = Home::new();
    home.run("generate --name web --type token --scope admin --scope b --out web").ok();
    let pending = crash(&home, "web", "--overlap 1h", "new");
    let refused = home.run("update web --remove-scope admin").refused(4, "rotation_in_progress");
    let id = pending["api_key_id"].as_str().unwrap();
    assert!(refused.err().contains(id), "{}", refused.err());
    home.run(&format!("revoke {id} --yes")).ok();
    home.run("update web --remove-scope admin").ok();
}

#[test]
fn a_change_while_the_successor_is_generated_is_not_lost() {
    let home = Home::new();
    home.run("generate --name web --bits 2048 --scope read --scope admin --out old.pem").ok();
    let mut rotation = home
        .keywright("rotate web --bits 4096 --out new.pem".split(' '))
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let updated = home.run("update web --remove-scope admin");
    let code = rotation.wait().unwrap().code();
    // The update comes first, in between, or after the rotation.
    let active = home.run("list --name web --format jsonl").ok().out();
    let newest: Value = serde_json::from_str(active.lines().next().unwrap()).unwrap();
    let lost = updated.code() == 0 && code == Some(0) && newest["scopes"].to_string().contains("admin");
    let old_was_updated = active.lines().count() == 1 || !active.lines().nth(1).unwrap().contains("admin");
    assert!(!(lost && old_was_updated), "{active}");
}
