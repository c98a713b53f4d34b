//! Tests that a keyring is refused if another user can change it, and not written to if it has another name.

use super::{trace::inject, *};
use crate::tools::skipped;
use std::os::unix::fs::{MetadataExt as _, chown};

/// A user id that is neither root nor the user who runs the tests.
const STRANGER: u32 = 54_321;

fn used() -> Home {
    let home = Home::new();
    home.run("generate --name a --type token --out a.token").ok();
    home
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs keywright as if `path` belonged to somebody else: as root, gives it to another user; as an ordinary user, makes
/// the process believe that it belongs to another user. Returns `None` if that is not possible.
fn as_a_stranger(home: &Home, path: &Path, line: &str) -> Option<Ended> {
    if is_root() {
        let owner = std::fs::metadata(path).unwrap().uid();
        chown(path, Some(STRANGER), None).unwrap();
        let ended = home.run(line);
        chown(path, Some(owner), None).unwrap();
        return Some(ended);
    }
    as_user(home, STRANGER, line)
}

/// Runs keywright with another effective user id, as far as keywright can see.
fn as_user(home: &Home, uid: u32, line: &str) -> Option<Ended> {
    if !has("strace") {
        skipped("there is no strace to change the user id with");
        return None;
    }
    let mut command = home.program("strace");
    command.args(["-f", "-o", "/dev/null", "-e", "trace=geteuid", "-e", &format!("inject=geteuid:retval={uid}")]);
    command.arg(KEYWRIGHT).args(line.split_whitespace());
    Some(Ended(command.output().unwrap()))
}

#[test]
fn a_keyring_of_another_user_is_refused() {
    let home = used();
    let directory = home.keyring().parent().unwrap().to_owned();
    for path in [home.keyring(), directory.clone(), directory.parent().unwrap().to_owned()] {
        let Some(ended) = as_a_stranger(&home, &path, "list") else { return };
        let ended = ended.refused(6, "keyring_owner");
        assert!(ended.err().contains("belongs to"), "{}", ended.err());
    }
    home.run("list").ok();
    let Some(checked) = as_a_stranger(&home, &home.keyring(), "check --only not-owned --format json") else { return };
    assert_eq!(checked.json()[0]["kind"], "not-owned", "{}", checked.err());
}

#[test]
fn root_is_sent_to_the_owner_of_a_keyring() {
    let home = used();
    if is_root() {
        // The user `daemon` exists on all systems.
        chown(home.keyring(), Some(1), None).unwrap();
        let ended = home.run("generate --name a --type token").refused(6, "keyring_owner");
        assert!(ended.err().contains("sudo -u daemon"), "{}", ended.err());
    } else if let Some(ended) = as_user(&home, 0, "generate --name a --type token") {
        assert!(ended.refused(6, "keyring_owner").err().contains("`sudo -u "));
    }
}

#[test]
fn no_directory_above_a_keyring_may_be_writable_for_others() {
    let home = used();
    let keyring = home.keyring();
    for (distance, directory) in keyring.ancestors().skip(1).take(3).enumerate() {
        let mode = std::fs::metadata(directory).unwrap().mode() & 0o7777;
        for bits in [0o770, 0o707, 0o777] {
            chmod(directory, bits);
            home.run("list").refused(6, "keyring_exposed");
        }
        // In a sticky directory, others cannot rename what belongs to the user, but they could add a journal.
        chmod(directory, 0o1777);
        let ended = home.run("list");
        assert_eq!(ended.code(), if distance == 0 { 6 } else { 0 }, "{}", ended.err());
        chmod(directory, mode);
    }
    home.run("list").ok();
}

#[test]
fn a_keyring_is_not_created_where_others_can_replace_it() {
    let home = Home::new();
    std::fs::create_dir(home.file("shared")).unwrap();
    chmod(&home.file("shared"), 0o777);
    home.run("init --keyring shared/below/k.db").refused(6, "keyring_exposed");
    assert!(!home.file("shared/below").exists(), "nothing was created");
    chmod(&home.file("shared"), 0o1777);
    home.run("init --keyring shared/below/k.db").ok();
    assert_eq!(std::fs::metadata(home.file("shared/below")).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn a_keyring_with_a_hard_link_is_read_but_not_written() {
    let home = used();
    let other = home.file("other.db");
    std::fs::hard_link(home.keyring(), &other).unwrap();
    let before = home.state();
    let writing = ["generate --name b --type token", "revoke a --yes", "update a --note x"];
    for line in writing {
        home.run(line).refused(6, "keyring_linked");
        home.run(&format!("{line} --keyring other.db")).refused(6, "keyring_linked");
    }
    home.run("list").ok();
    assert!(home.state() == before, "nothing was changed");
    let found = home.run("check --only linked --format json").json();
    assert_eq!((&found[0]["kind"], &found[0]["severity"]), (&"linked".into(), &"critical".into()));
    // The hint works when pasted.
    let err = home.run("disable a").refused(6, "keyring_linked").err();
    let cure = err.split('`').nth(1).unwrap().to_owned();
    assert!(cure.starts_with("cp -p "), "{err}");
    sh(&home, &cure).ok();
    home.run("disable a").ok();
    home.run("check --only linked").ok();
}

#[test]
fn a_name_that_a_killed_run_left_to_the_keyring_is_removed() {
    let home = used();
    let left = home.keyring().with_file_name(format!(".keywright-{}.new", "0".repeat(32)));
    std::fs::hard_link(home.keyring(), &left).unwrap();
    home.run("check --only linked").ok();
    assert!(left.exists(), "`check` changes nothing");
    home.run("disable a").ok();
    assert!(!left.exists());
    assert_eq!(std::fs::metadata(home.keyring()).unwrap().nlink(), 1);
}

#[test]
fn a_new_keyring_has_one_name_from_the_start() {
    let home = Home::new();
    if !has("strace") {
        return skipped("there is no strace to kill keywright with");
    }
    let mut command = home.program("strace");
    command.args(inject("renameat2", "error=EINVAL", 1)).arg(KEYWRIGHT).args(["init", "--quiet"]);
    Ended(command.output().unwrap()).ok();
    assert_eq!(std::fs::metadata(home.keyring()).unwrap().nlink(), 1, "without renameat2");
    assert_eq!(beside_keyring(&home), ["keyring.db"]);
}
