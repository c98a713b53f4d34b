//! Restoring keys that wait for their activation, and backups from the future.

use crate::{
    home::Home,
    tools::{fake_clock, have},
};

/// More keys than a single transaction activates.
const MANY: usize = 4_200;

/// Restores many pending keys into a keyring that lacks them.
fn restored() -> Home {
    let home = Home::new();
    home.run("init").ok();
    home.run("backup empty").ok();
    home.run("restore empty --yes --keyring other.db").ok();
    let delivered = home.crash_many(&format!("--count {MANY} --type token --name n"), MANY);
    home.write("f", delivered);
    home.run("backup pending").ok();
    home.run("restore pending --yes --keyring other.db").ok();
    assert_eq!(home.ids("--status pending --keyring other.db").len(), MANY);
    home
}

#[test]
fn restored_pending_keys_are_activated_together() {
    let home = restored();
    home.run("activate --from f --keyring other.db").ok();
    assert_eq!(home.ids("--status active --keyring other.db").len(), MANY);
    home.run("audit verify --keyring other.db").ok();
    home.run("backup whole --keyring other.db").ok();
}

#[test]
fn restored_pending_keys_are_deleted_in_time() {
    let home = restored();
    home.run("generate --name later --type token --out t --keyring other.db --now 2099-01-01T00:00:00Z").ok();
    assert_eq!(home.ids("--all --keyring other.db").len(), 1);
    home.run("audit verify --keyring other.db").ok();
    home.run("backup whole --keyring other.db").ok();
}

#[test]
fn a_backup_from_the_future_is_restored_with_a_warning() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    let at = |time: &str, line: &str| {
        let mut command = home.keywright(line.split_whitespace());
        fake_clock(&mut command, "FAKETIME", format!("@{time}"));
        crate::home::Ended(command.output().unwrap()).ok().err()
    };
    at("2026-06-01 12:00:00", "generate --name first --type token --out first");
    at("2026-06-01 12:00:00", "backup now");
    at("2026-06-01 12:00:00", "restore now --yes --keyring other.db");
    at("2026-06-11 12:00:00", "generate --name ahead --type token --out ahead");
    at("2026-06-11 12:00:00", "backup ahead.db");
    let warning = "the newest change in the backup is from 2026-06-11T12:00:00Z, which is in the future";
    let said = at("2026-06-01 12:00:00", "restore ahead.db --yes --keyring other.db");
    assert!(said.contains(warning), "{said}");
    let said = at("2026-06-11 12:00:00", "restore now --yes --keyring other.db");
    assert!(!said.contains("in the future"), "{said}");
}
