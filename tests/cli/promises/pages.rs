//! Tests of changes by filter that are stopped in the middle. The finished pages stay, each key with its audit row, and
//! running the command again changes the remaining keys.

use super::{
    assert_intact, database, has,
    process::{wait_for_idle, wait_for_polling, wait_for_signal},
    sh, start,
    trace::inject,
    wait_until,
};
use crate::{
    home::{Ended, Home, KEYWRIGHT},
    tools::skipped,
};
use rustix::process::{Pid, Signal, kill_process};
use std::{process::Child, time::Duration};

/// The number of keys, which fill many pages.
const COUNT: i64 = 4000;

/// A command that changes all keys, and the state of the keyring before and after it.
struct Scene {
    line: &'static str,
    /// The command that prepares the keys.
    before: &'static str,
    /// An SQL condition for the keys that have not been changed.
    remaining: &'static str,
    action: &'static str,
    done: &'static str,
}

const REVOKE: Scene = Scene {
    line: "revoke --owner acme --yes",
    before: "",
    remaining: "revoked_at IS NULL",
    action: "revoke",
    done: "revoked",
};

const DISABLE: Scene = Scene {
    line: "disable --owner acme --yes",
    before: "",
    remaining: "disabled_at IS NULL",
    action: "disable",
    done: "disabled",
};

const ENABLE: Scene = Scene {
    line: "enable --owner acme --yes",
    before: "disable --owner acme --yes",
    remaining: "disabled_at IS NOT NULL",
    action: "enable",
    done: "enabled",
};

const PURGE: Scene = Scene {
    line: "purge --ended-before 2040-01-01 --owner acme --yes --now 2050-01-01T00:00:00Z",
    before: "revoke --owner acme --yes --now 2030-01-01T00:00:00Z",
    remaining: "1",
    action: "purge",
    done: "purged",
};

const SCENES: [Scene; 4] = [REVOKE, DISABLE, ENABLE, PURGE];

impl Scene {
    /// Builds a home with the keys.
    fn home(&self) -> Home {
        let home = Home::new();
        home.run(&format!("generate --name k --type token --owner acme --count {COUNT} --out t --format id")).ok();
        home.run("generate --name other --type token --owner other --out other").ok();
        if !self.before.is_empty() {
            home.run(self.before).ok();
        }
        home
    }

    /// Returns the number of keys of the owner that have not been changed.
    fn remaining(&self, home: &Home) -> i64 {
        let sql = format!("SELECT count(*) FROM key WHERE owner = 'acme' AND {}", self.remaining);
        database(&home.keyring()).query_row(&sql, [], |row| row.get(0)).unwrap()
    }

    /// Starts the command and stops the process between two pages, when another writer gets its turn. Returns it with the
    /// number of keys that have been changed by then.
    fn stopped(&self, home: &Home) -> (Child, i64) {
        let child = start(home, self.line.split(' '));
        wait_until("the first page", || self.remaining(home) < COUNT);
        let keyring = database(&home.keyring());
        keyring.busy_timeout(Duration::ZERO).unwrap();
        wait_until("a moment between two pages", || {
            if keyring.execute_batch("BEGIN IMMEDIATE").is_err() {
                return false;
            }
            send(&child, Signal::STOP);
            keyring.execute_batch("COMMIT").unwrap();
            // The process holds no lock if it was stopped while it waited for this one.
            let is_free = keyring.execute_batch("BEGIN EXCLUSIVE; COMMIT").is_ok();
            if !is_free {
                send(&child, Signal::CONT);
            }
            is_free
        });
        let changed = COUNT - self.remaining(home);
        assert!(0 < changed && changed < COUNT, "{changed} keys were changed");
        (child, changed)
    }

    /// Asserts that exactly `changed` keys were changed, each with its audit row, and that the keyring is intact. Then runs
    /// the command again, which changes the remaining keys.
    #[track_caller]
    fn finish(&self, home: &Home, changed: i64) {
        let rows = || -> i64 {
            let sql = "SELECT count(DISTINCT key_id) FROM audit WHERE action = ?1 AND command = ?1";
            database(&home.keyring()).query_row(sql, [self.action], |row| row.get(0)).unwrap()
        };
        assert_eq!((self.remaining(home), rows()), (COUNT - changed, changed));
        assert_intact(&home.keyring());
        home.run("audit verify").ok();
        home.run("check --only contradiction").ok();
        let again = home.run(self.line).ok();
        let done = format!("{} {} keys\n", self.done, COUNT - changed);
        assert!(again.err().contains(&done), "{}", again.err());
        assert_eq!((self.remaining(home), rows()), (0, COUNT));
        home.run("audit verify").ok();
        home.run("check --only contradiction").ok();
        assert_eq!(home.names("--status active --owner other"), ["other"], "other keys are not changed");
    }

    /// Asserts that the command reported how far it came and how to continue, and printed no keys. Returns the number of
    /// keys that it reported.
    #[track_caller]
    fn assert_reported(&self, ended: Ended, exit: i32, code: &str) -> i64 {
        let ended = ended.refused(exit, code);
        let err = ended.err();
        let rest = format!(" of {COUNT} keys were {} before that", self.done);
        let number = err.split(&rest).next().unwrap().rsplit(' ').next().unwrap();
        assert!(err.contains(&format!("run the command again to {} the remaining keys", self.action)), "{err}");
        number.parse().unwrap_or_else(|_| panic!("{err}"))
    }
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[test]
fn a_kill_between_two_pages_keeps_the_finished_pages() {
    for scene in SCENES {
        let home = scene.home();
        let (mut child, changed) = scene.stopped(&home);
        child.kill().unwrap();
        child.wait().unwrap();
        scene.finish(&home, changed);
    }
}

/// Runs [`REVOKE`] with a fault in one system call. Returns `None`, and reports a skipped test, if `strace` does not work.
fn faulty(home: &Home, call: &str, what: &str, number: usize) -> Option<Ended> {
    if !has("strace") {
        skipped("there is no strace to kill and to fail single system calls with");
        return None;
    }
    let mut command = home.program("strace");
    command.args(inject(call, what, number)).arg(KEYWRIGHT).args(REVOKE.line.split(' '));
    let ended = Ended(command.output().unwrap());
    if ended.err().contains("strace: ") {
        skipped(&format!("strace does not work here: {}", ended.err()));
        return None;
    }
    Some(ended)
}

#[test]
fn a_kill_during_a_commit_keeps_the_finished_pages() {
    // Each commit syncs the journal, the keyring and their directory, and deletes the journal.
    for (call, number) in [("fsync", 12), ("fsync", 13), ("fsync", 14), ("fsync", 15), ("unlink", 3), ("pwrite64", 700)]
    {
        let home = REVOKE.home();
        if faulty(&home, call, "signal=KILL", number).is_none() {
            return;
        }
        home.run("show other").ok();
        let changed = COUNT - REVOKE.remaining(&home);
        assert!(0 < changed && changed < COUNT, "{call} #{number}: {changed}");
        REVOKE.finish(&home, changed);
    }
}

#[test]
fn an_error_during_a_commit_reports_how_far_the_command_came() {
    let mut failed = 0;
    for number in 11..=15 {
        let home = REVOKE.home();
        let Some(ended) = faulty(&home, "fsync", "error=EIO", number) else { return };
        if ended.0.status.code() == Some(0) {
            // SQLite ignores an error when it syncs the directory of a new journal.
            assert_eq!(REVOKE.remaining(&home), 0);
            continue;
        }
        failed += 1;
        let (err, reported) = (ended.err(), REVOKE.assert_reported(ended, 6, "keyring_failed"));
        home.run("show other").ok();
        let changed = COUNT - REVOKE.remaining(&home);
        if err.contains("the change was recorded") {
            assert!(0 < reported && reported < changed, "{changed}: {err}");
        } else {
            assert!(0 < reported && reported == changed, "{changed}: {err}");
        }
        REVOKE.finish(&home, changed);
    }
    assert!(failed >= 3, "{failed} of 5 errors had an effect");
}

#[test]
fn a_signal_between_two_pages_reports_how_far_the_command_came() {
    for (scene, format) in SCENES.iter().zip(["table", "json", "csv", "id"]) {
        let home = scene.home();
        let scene = Scene { line: format!("{} --format {format}", scene.line).leak(), ..*scene };
        let (child, changed) = scene.stopped(&home);
        send(&child, Signal::INT);
        send(&child, Signal::CONT);
        let ended = Ended(child.wait_with_output().unwrap());
        // The process may finish another page before it handles the signal.
        let reported = scene.assert_reported(ended, 130, "interrupted");
        assert!(reported >= changed, "{reported} after {changed}");
        scene.finish(&home, reported);
    }
}

#[test]
fn a_signal_during_a_transaction_waits_for_its_commit() {
    let home = REVOKE.home();
    let (child, before) = REVOKE.stopped(&home);
    // A reader delays the commit, so that the signal arrives during the transaction.
    let reader = database(&home.keyring());
    let reading = reader.unchecked_transaction().unwrap();
    let _: i64 = reading.query_row("SELECT count(*) FROM owner", [], |row| row.get(0)).unwrap();
    send(&child, Signal::CONT);
    wait_for_polling(&child);
    send(&child, Signal::TERM);
    wait_for_signal(&child);
    drop(reading);
    let ended = Ended(child.wait_with_output().unwrap());
    let changed = REVOKE.assert_reported(ended, 130, "interrupted");
    assert!(changed > before, "{changed} after {before}");
    REVOKE.finish(&home, changed);
}

#[test]
fn an_error_in_the_middle_reports_how_far_the_command_came() {
    for scene in [REVOKE, DISABLE, ENABLE] {
        let home = scene.home();
        // The file has room for the audit rows of some of the pages. A block has 512 or 1024 bytes.
        let room = home.keyring().metadata().unwrap().len() + 500_000;
        let unit = sh(&home, "ulimit -f 8; head -c 100000 /dev/zero > u 2>/dev/null; stat -c %s u; rm u");
        let unit = unit.out().trim().parse::<u64>().unwrap() / 8;
        let ended = sh(&home, &format!(r#"ulimit -f {}; "$K" {} --format json"#, room / unit, scene.line));
        let changed = scene.assert_reported(ended, 6, "keyring_failed");
        assert!(changed > 0);
        scene.finish(&home, changed);
    }
}

#[test]
fn keys_that_no_longer_match_are_skipped() {
    let home = REVOKE.home();
    let oldest = home.ids("--sort created_at --owner acme --limit 3");
    let (child, _) = REVOKE.stopped(&home);
    home.run(&format!("update {} --owner other", oldest[0])).ok();
    home.run(&format!("revoke {} --reason key-compromise --yes", oldest[1])).ok();
    home.run(&format!("update {} --note kept", oldest[2])).ok();
    send(&child, Signal::CONT);
    let ended = Ended(child.wait_with_output().unwrap()).ok();
    let err = ended.err();
    assert!(err.contains("revoked 3998 keys\n") && err.contains("skipped 2 keys, because another process"), "{err}");
    let show = |id: &str| home.run(&format!("show {id} --format json")).ok().json();
    assert_eq!(show(&oldest[0])["status"], "active", "it has another owner");
    assert_eq!(show(&oldest[1])["revocation_reason"], "key-compromise", "the first reason is kept");
    let third = show(&oldest[2]);
    assert_eq!((&third["status"], &third["note"]), (&"revoked".into(), &"kept".into()));
}

#[test]
fn every_format_prints_all_changed_keys() {
    for format in ["json", "jsonl", "csv", "id", "table"] {
        let home = DISABLE.home();
        let ids = home.ids("--owner acme");
        let out = home.run(&format!("{} --format {format}", DISABLE.line)).ok().out();
        let id = |key: &serde_json::Value| key["api_key_id"].as_str().unwrap().to_owned();
        let found: Vec<String> = match format {
            "json" => {
                let keys: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
                assert!(keys.iter().all(|key| key["status"] == "disabled"), "{out}");
                keys.iter().map(id).collect()
            }
            "jsonl" => out.lines().map(|line| id(&serde_json::from_str(line).unwrap())).collect(),
            "csv" => out.lines().skip(1).map(|line| line[..36].to_owned()).collect(),
            "id" => out.lines().map(str::to_owned).collect(),
            _ => {
                assert!(out.lines().skip(1).all(|line| line.contains(" disabled ")), "{out}");
                assert_eq!(out.lines().count(), ids.len() + 1);
                continue;
            }
        };
        assert_eq!(found, ids, "{format}");
    }
}

/// Returns the peak resident memory of a command in KiB, measured while nothing reads its output, or `None` on systems
/// without `/proc`.
fn peak(home: &Home, line: &str) -> Option<u64> {
    let child = start(home, line.split(' '));
    wait_for_idle(&child);
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok();
    Ended(child.wait_with_output().unwrap()).ok();
    let peak = status?.lines().find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix(" kB")?.trim().parse().ok());
    Some(peak.unwrap())
}

#[test]
fn the_memory_does_not_grow_with_the_number_of_keys() {
    let home = Home::new();
    home.run("generate --name few --type token --owner few --count 500 --out few --format id").ok();
    home.run("generate --name many --type token --owner many --count 20000 --out many --format id").ok();
    for verb in ["disable --dry-run", "disable", "enable", "revoke"] {
        let line = |owner: &str| format!("{verb} --owner {owner} --yes --format json");
        let (Some(few), Some(many)) = (peak(&home, &line("few")), peak(&home, &line("many"))) else {
            return skipped("there is no /proc to measure memory with");
        };
        assert!(many < few + 12_000, "{verb}: {few} KiB for 500 keys, {many} KiB for 20,000");
    }
}
