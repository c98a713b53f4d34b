//! Tests of `backup`.

use super::{
    home::{Ended, Home, KEYWRIGHT},
    promises::database,
    tools::have,
};
use std::{
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    sync::atomic::{AtomicBool, Ordering},
};

fn with_keys() -> Home {
    let home = Home::new();
    home.run("generate --name a --type token --out a").ok();
    home.run("generate --name b --type pair --out b").ok();
    home.run("revoke a --yes").ok();
    home
}

#[test]
fn a_backup_is_complete_and_private() {
    let home = with_keys();
    let before = home.state();
    let document = home.run("backup copy --format json").ok();
    assert!(document.err().contains("backed up 2 keys to "), "{}", document.err());
    let document = document.json();
    let copy = std::fs::read(home.file("copy")).unwrap();
    assert_eq!(Some(&copy), before.as_ref());
    assert_eq!(home.state(), before, "a backup changes nothing");
    assert_eq!(document["bytes"], copy.len());
    assert_eq!((&document["keys"], &document["audit_rows"]), (&2.into(), &6.into()));
    assert_eq!(document["org_id"], home.keys()[0]["org_id"]);
    assert_eq!(document["file"], home.file("copy").canonicalize().unwrap().to_str().unwrap());
    let head = home.run("audit verify --format json").ok().json()["head"].clone();
    assert_eq!(document["head"], head);
    let file = home.file("copy").symlink_metadata().unwrap();
    assert_eq!((file.mode() & 0o7777, file.nlink()), (0o600, 1));
    assert_eq!(home.files(), ["a", "b", "copy"], "nothing else is left");
    let there = home.run("audit verify --format id --keyring copy").ok();
    assert_eq!(head, there.out().trim_end());
}

#[test]
fn every_format_reports_the_backup() {
    let home = with_keys();
    let table = home.run("backup t").ok().out();
    assert!(table.starts_with("FIELD") && table.contains("\naudit rows") && table.contains("\nhead "), "{table}");
    let csv = home.run("backup c --format csv").ok().out();
    assert!(csv.starts_with("file,bytes,org_id,keys,audit_rows,head\n") && csv.lines().count() == 2, "{csv}");
    let path = home.run("backup i --format id").ok().out();
    assert!(path.ends_with("/i\n"), "{path}");
    assert_eq!(home.run("backup q --quiet").ok().err(), "");
}

#[test]
fn a_backup_never_overwrites_a_file() {
    let home = with_keys();
    home.write("file", "mine");
    symlink("nowhere", home.file("link")).unwrap();
    std::fs::create_dir(home.file("directory")).unwrap();
    for name in ["file", "link", "directory"] {
        home.run(&format!("backup {name}")).refused(4, "file_exists");
    }
    assert_eq!(home.read("file"), "mine");
    home.run("backup none/copy").refused(6, "output_directory");
    home.run("backup directory/").refused(6, "output_directory");
    home.run("backup -").refused(2, "usage");
    home.run("backup").refused(2, "usage");
    assert_eq!(home.files(), ["a", "b", "file", "link"]);
    let empty = Home::new();
    empty.run("backup copy").refused(3, "keyring_missing");
    assert_eq!(empty.files(), [""; 0]);
}

#[test]
fn a_backup_that_cannot_be_completed_leaves_no_file() {
    let home = with_keys();
    // The limit is one block, which has 512 or 1024 bytes, depending on the shell.
    let run = home.program("sh").args(["-c", "ulimit -f 1; exec \"$0\" backup copy", KEYWRIGHT]).output().unwrap();
    Ended(run).refused(6, "backup_failed");
    assert_eq!(home.files(), ["a", "b"]);
}

#[test]
fn a_read_only_keyring_can_be_backed_up() {
    let home = with_keys();
    let directory = home.keyring().parent().unwrap().to_owned();
    let set = |mode| std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(mode)).unwrap();
    set(0o500);
    let ended = home.run("backup copy");
    set(0o700);
    ended.ok();
    home.run("audit verify --keyring copy").ok();
}

#[test]
fn a_backup_during_writes_is_intact() {
    let home = Home::new();
    home.run("init").ok();
    let writing = AtomicBool::new(true);
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let (home, writing) = (&home, &writing);
            scope.spawn(move || {
                let mut n = 0;
                while writing.load(Ordering::Relaxed) {
                    home.run(&format!("generate --name k{writer}-{n} --type token --quiet")).ok();
                    n += 1;
                }
            });
        }
        let mut last = 0;
        for n in 0..12 {
            let document = home.run(&format!("backup copy-{n} --format json --quiet")).ok().json();
            let keys = document["keys"].as_u64().unwrap();
            assert!(keys >= last);
            last = keys;
            let copy = format!("--keyring copy-{n}");
            let verified = home.run(&format!("audit verify {copy} --format json --quiet")).ok().json();
            assert_eq!((&verified["head"], &verified["rows"]), (&document["head"], &document["audit_rows"]));
            let listed = home.run(&format!("list --all --format id {copy} --quiet")).ok().out();
            assert_eq!(listed.lines().count() as u64, keys);
        }
        writing.store(false, Ordering::Relaxed);
        assert!(last > 0, "somebody wrote");
    });
    home.run("audit verify").ok();
    if have("sqlite3") {
        let checked = home.program("sqlite3").args(["copy-11", "PRAGMA integrity_check"]).output().unwrap();
        assert_eq!(String::from_utf8(checked.stdout).unwrap(), "ok\n");
    }
}

#[test]
fn a_backup_that_restore_would_refuse_is_not_written() {
    for (edit, problem) in [
        ("UPDATE key SET name = 'x' WHERE name = 'a'", "digest"),
        ("UPDATE audit SET facts = '{}' WHERE seq = 2", "log was changed"),
        ("UPDATE key SET revoked_at = NULL, revocation_reason = NULL", "digest"),
        ("DELETE FROM key WHERE name = 'b'", "is not in the keyring"),
    ] {
        let home = with_keys();
        database(&home.keyring()).execute_batch(edit).unwrap();
        let copied = home.keyring().with_file_name("copied");
        std::fs::copy(home.keyring(), &copied).unwrap();
        std::fs::set_permissions(&copied, std::fs::Permissions::from_mode(0o600)).unwrap();
        let refused = home.run("backup copy").refused(6, "keyring_corrupt");
        assert!(
            refused.err().contains(problem) && refused.err().contains("no backup was written"),
            "{}",
            refused.err()
        );
        assert_eq!(home.files(), ["a", "b"], "{edit}");
        let restored = home.run_args(["restore", copied.to_str().unwrap(), "--dry-run"]);
        restored.refused(6, "keyring_corrupt");
    }
}
