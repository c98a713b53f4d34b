//! Tests of keyrings that are damaged, foreign, exposed, locked or read-only. Nothing is changed, and the error names
//! the reason.

use super::{
    assert_intact, assert_nothing_left, beside_keyring, bound_by_permissions, chmod, database, mode,
    process::wait_for_polling, statuses,
};
use crate::home::{Ended, Home};
use std::{
    fs,
    os::unix::fs::symlink,
    time::{Duration, Instant},
};

/// The commands that only read the keyring. [`WRITES`] contains the commands that write to it.
const READS: [&str; 2] = ["list --all", "show a"];
const WRITES: [&str; 3] =
    ["generate --name new --type token --out new", "revoke a --yes", "create --name new --public-key public.pem"];

/// Builds a home with two keys: `a`, whose token is in a file, and an RSA key, whose public key is in a file.
fn used() -> Home {
    let home = Home::new();
    home.run("generate --name a --type token --out a.token").ok();
    let rsa = "generate --name r --bits 2048 --out r.pem --public-out public.pem --keyring elsewhere.db";
    home.run(rsa).ok();
    home
}

const FILES: [&str; 4] = ["a.token", "elsewhere.db", "public.pem", "r.pem"];

#[track_caller]
fn all_refused(home: &Home, lines: &[&str], exit: i32, code: &str) {
    let before = std::fs::read(home.keyring()).unwrap();
    for line in lines {
        home.run(line).refused(exit, code);
        home.run(&format!("{line} --format json")).refused(exit, code);
        assert_eq!(std::fs::read(home.keyring()).unwrap(), before, "{line} changed the file");
        assert_eq!(home.files(), FILES, "{line}");
        assert_eq!(beside_keyring(home), ["keyring.db"], "{line}");
    }
}

fn everything() -> Vec<&'static str> {
    READS.into_iter().chain(WRITES).collect()
}

#[test]
fn a_keyring_in_a_read_only_directory_can_be_read() {
    let home = used();
    let Some(run) = bound_by_permissions(&home) else { return };
    let directory = home.keyring().parent().unwrap().to_owned();
    for (file, around) in [(0o600, 0o500), (0o400, 0o700), (0o400, 0o500)] {
        chmod(&home.keyring(), file);
        chmod(&directory, around);
        for line in READS {
            run(line).ok();
        }
        for line in WRITES {
            run(line).refused(6, "keyring_read_only");
        }
        run("generate --name dry --type token --dry-run").ok();
        run("generate --name a --type token --if-not-exists").ok();
    }
    // A keyring cannot be created in such a directory.
    chmod(&directory, 0o500);
    let elsewhere = format!("--keyring {}", directory.join("other.db").display());
    run(&format!("generate --name new --type token {elsewhere}")).refused(6, "keyring_read_only");
    run(&format!("init {elsewhere}")).refused(6, "keyring_read_only");
    chmod(&directory, 0o700);
    assert_eq!((home.files(), beside_keyring(&home)), (FILES.map(String::from).to_vec(), vec!["keyring.db".into()]));
    chmod(&home.keyring(), 0o600);
    assert_eq!(run("list --format id").ok().out().lines().count(), 1);
}

#[test]
fn a_keyring_that_others_can_write_is_refused() {
    let home = used();
    let directory = home.keyring().parent().unwrap().to_owned();
    for bits in [0o620, 0o602, 0o666] {
        chmod(&home.keyring(), bits);
        all_refused(&home, &everything(), 6, "keyring_exposed");
    }
    chmod(&home.keyring(), 0o600);
    for bits in [0o720, 0o702, 0o777, 0o1777] {
        chmod(&directory, bits);
        all_refused(&home, &everything(), 6, "keyring_exposed");
    }
    chmod(&directory, 0o700);
    // A new keyring is not created in such a directory either.
    std::fs::create_dir(home.file("shared")).unwrap();
    chmod(&home.file("shared"), 0o1777);
    for line in ["init", "generate --name a --type token", "create --name a --public-key public.pem"] {
        home.run(&format!("{line} --keyring shared/k.db")).refused(6, "keyring_exposed");
    }
    assert_eq!(std::fs::read_dir(home.file("shared")).unwrap().count(), 0);
    // A symbolic link in a private directory does not help.
    std::fs::copy(home.keyring(), home.file("shared/k.db")).unwrap();
    chmod(&home.file("shared/k.db"), 0o600);
    std::fs::create_dir(home.file("private")).unwrap();
    chmod(&home.file("private"), 0o700);
    symlink("../shared/k.db", home.file("private/k.db")).unwrap();
    home.run("list --keyring private/k.db").refused(6, "keyring_exposed");
}

#[test]
fn another_user_can_read_a_keyring_that_they_cannot_write() {
    let home = used();
    chmod(&home.keyring(), 0o644);
    chmod(home.keyring().parent().unwrap(), 0o755);
    home.run("list").ok();
    home.run("generate --name b --type token").ok();
}

#[test]
fn a_foreign_file_is_left_unchanged() {
    let foreign = |content: &[u8]| {
        let home = used();
        std::fs::write(home.keyring(), content).unwrap();
        all_refused(&home, &everything(), 6, "keyring_foreign");
        home.run("init").refused(6, "keyring_foreign");
        assert_eq!(std::fs::read(home.keyring()).unwrap(), content);
    };
    foreign(b"just a text file, and long enough to be no mistake\n");
    foreign(&[0xA5; 9000]);
    foreign(b"SQLite format 3");

    let home = used();
    std::fs::remove_file(home.keyring()).unwrap();
    std::fs::write(home.keyring(), b"").unwrap();
    chmod(&home.keyring(), 0o600);
    all_refused(&home, &everything(), 6, "keyring_foreign");
    std::fs::remove_file(home.keyring()).unwrap();
    std::fs::write(home.keyring(), b"").unwrap();
    chmod(&home.keyring(), 0o600);
    let other = database(&home.keyring());
    other
        .execute_batch("CREATE TABLE key (seq INTEGER PRIMARY KEY, name TEXT); INSERT INTO key VALUES (1, 'a');")
        .unwrap();
    drop(other);
    all_refused(&home, &everything(), 6, "keyring_foreign");

    for line in READS.into_iter().chain(WRITES) {
        home.run(&format!("{line} --keyring .")).refused(6, "keyring_foreign");
        home.run(&format!("{line} --keyring ./")).refused(6, "keyring_failed");
        home.run(&format!("{line} --keyring /dev/null")).refused(6, "keyring_foreign");
    }
}

#[test]
fn a_newer_keyring_is_left_unchanged() {
    let home = used();
    database(&home.keyring()).execute_batch("PRAGMA user_version = 999; CREATE TABLE of_the_future (x)").unwrap();
    all_refused(&home, &everything(), 6, "keyring_newer");
}

#[test]
fn a_schema_version_that_somebody_edited_is_damage_and_not_a_text_in_sql() {
    for earlier in [false, true] {
        let home = used();
        if earlier {
            let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/schema-3/keyring.db");
            std::fs::copy(file, home.keyring()).unwrap();
            chmod(&home.keyring(), 0o600);
        }
        let newest: i64 =
            database(&used().keyring()).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        let version = if earlier { newest } else { 4 };
        database(&home.keyring()).pragma_update(None, "user_version", version).unwrap();
        let mut refused = 0;
        for line in everything() {
            let ended = home.run(line);
            let err = ended.err();
            assert!(!["SELECT", "ALTER", "CREATE", "column"].iter().any(|word| err.contains(word)), "{line}: {err}");
            refused += u32::from(err.contains("keyring_corrupt"));
        }
        assert!(refused > 2, "{refused}");
    }
}

#[test]
fn a_truncated_keyring_is_damaged() {
    let whole = {
        let home = used();
        std::fs::read(home.keyring()).unwrap()
    };
    for length in [50, 100, 512, 4096, whole.len() / 2, whole.len() - 4096, whole.len() - 1] {
        let home = used();
        std::fs::write(home.keyring(), &whole[..length]).unwrap();
        for line in WRITES {
            let ended = home.run(line);
            assert_eq!(ended.code(), 6, "{length} bytes, {line}: {}", ended.err());
            let err = ended.err();
            assert!(
                err.contains("[keyring_corrupt]") || length < 512 && err.contains("[keyring_foreign]"),
                "{length} bytes: {err}"
            );
            assert_eq!(home.files(), FILES);
            assert_eq!(std::fs::read(home.keyring()).unwrap(), &whole[..length], "{length} bytes, {line}");
        }
    }
}

#[test]
fn an_edited_row_is_found() {
    let home = used();
    let edit = |sql: &str| {
        assert_eq!(database(&home.keyring()).execute(sql, []).unwrap(), 1, "{sql}");
    };
    for (column, value) in [
        ("name", "'x'"),
        ("env", "'live'"),
        ("scopes", "'admin'"),
        ("owner", "'mallory'"),
        ("expires_at", "9999999999"),
        ("activated_at", "NULL"),
        ("created_at", "created_at - 1"),
        ("secret_hash", "zeroblob(32)"),
        ("digest", "zeroblob(32)"),
    ] {
        let id = home.run("list --all --format id").ok().out().trim().to_owned();
        let before = std::fs::read(home.keyring()).unwrap();
        edit(&format!("UPDATE key SET {column} = {value}"));
        home.run(&format!("show {id}")).refused(6, "keyring_corrupt");
        let edited = std::fs::read(home.keyring()).unwrap();
        home.run(&format!("revoke {id} --yes")).refused(6, "keyring_corrupt");
        home.run(&format!("activate {id} --private-key a.token")).refused(6, "keyring_corrupt");
        assert_eq!(std::fs::read(home.keyring()).unwrap(), edited, "{column}");
        std::fs::write(home.keyring(), before).unwrap();
        home.run("show a").ok();
    }
}

#[test]
fn a_revocation_cannot_be_edited_away() {
    let home = used();
    home.run("revoke a --yes").ok();
    database(&home.keyring()).execute("UPDATE key SET revoked_at = NULL, revocation_reason = NULL", []).unwrap();
    home.run("show a").refused(6, "keyring_corrupt");
}

#[test]
fn a_locked_keyring_is_waited_for_but_not_forever() {
    let home = used();
    let lock = database(&home.keyring());
    lock.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let start = Instant::now();
    // Run the commands in parallel, because each of them waits.
    let waiting: Vec<_> = ["list --all", WRITES[0], "generate --name s --type token"]
        .map(|line| super::start(&home, line.split(' ')))
        .into();
    for child in waiting {
        Ended(child.wait_with_output().unwrap()).refused(6, "keyring_locked");
    }
    let waited = start.elapsed();
    assert!(waited > Duration::from_secs(9) && waited < Duration::from_secs(25), "{waited:?}");
    assert_eq!(home.files(), FILES);

    let waiting: Vec<_> = ["list --all", WRITES[0], "create --name c --public-key public.pem"]
        .map(|line| super::start(&home, line.split(' ')))
        .into();
    waiting.iter().for_each(wait_for_polling);
    lock.execute_batch("COMMIT").unwrap();
    for child in waiting {
        Ended(child.wait_with_output().unwrap()).ok();
    }
    assert_eq!(statuses(&home), ["active", "active", "active"]);
}

#[test]
fn a_path_is_never_a_uri() {
    for name in ["file:x?mode=memory", "file::memory:", ":memory:", "file:x?vfs=memdb", "x?mode=memory#y"] {
        let home = Home::new();
        let run = |words: &[&str]| {
            let line: Vec<&str> = words.iter().chain(&["--keyring", name]).copied().collect();
            home.run_args(line)
        };
        run(&["generate", "--name", "a", "--type", "token"]).ok();
        assert_eq!(home.files(), [name]);
        assert_eq!(mode(&home.file(name)), 0o600);
        assert_eq!(run(&["list", "--format", "id"]).ok().out().lines().count(), 1);
        run(&["generate", "--name", "b", "--type", "token"]).ok();
        assert_eq!(run(&["list", "--format", "id"]).ok().out().lines().count(), 2);
        assert_intact(&home.file(name));
    }
}

#[test]
fn a_read_creates_nothing() {
    let home = Home::new();
    for line in READS.into_iter().chain(["revoke a --yes", "list --keyring sub/k.db"]) {
        home.run(line).refused(3, "keyring_missing");
    }
    home.run("generate --name a --type token --dry-run").ok();
    assert!(!home.file(".local").exists() && !home.file("sub").exists());
    assert_nothing_left(&home, &[]);
}

#[test]
fn created_directories_are_private() {
    let home = Home::new();
    home.run("generate --name a --type token --keyring p/q/r/k.db --out t").ok();
    for directory in ["p", "p/q", "p/q/r"] {
        assert_eq!(mode(&home.file(directory)), 0o700);
    }
}

/// Changes one byte of the name of a key in the index of names, so that the index does not lead to the key any more.
fn damage_index(home: &Home, index: &str, value: &[u8]) {
    let root: i64 = database(&home.keyring())
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [index], |row| row.get(0))
        .unwrap();
    let mut file = fs::read(home.keyring()).unwrap();
    let start = (usize::try_from(root).unwrap() - 1) * 4096;
    let page = &mut file[start..start + 4096];
    let at = page.windows(value.len()).position(|bytes| bytes == value).unwrap();
    page[at] ^= 1;
    fs::write(home.keyring(), file).unwrap();
}

#[test]
fn a_key_that_a_damaged_index_does_not_lead_to_is_not_called_missing() {
    let home = Home::new();
    let key = home.generate("--name leaked --type token --out t");
    home.run("generate --name other --type token --out o").ok();
    let id = key["api_key_id"].as_str().unwrap().to_owned();
    let bytes = uuid::Uuid::parse_str(&id).unwrap();
    for (index, value, commands) in [
        ("key_by_name", &b"leaked"[..], &["revoke leaked --yes", "disable leaked", "rotate leaked --out n"][..]),
        ("key_by_id", bytes.as_bytes(), &[]),
    ] {
        let whole = fs::read(home.keyring()).unwrap();
        damage_index(&home, index, value);
        for command in commands {
            home.run(command).refused(6, "keyring_corrupt");
        }
        if index == "key_by_id" {
            home.run(&format!("revoke {id} --yes")).refused(6, "keyring_corrupt");
            home.run_with("revoke - --yes", home.read("t")).refused(6, "keyring_corrupt");
            assert_eq!(home.run("verify --token-file t").code(), 1, "a key that is not found is not valid");
        }
        let checked = home.run("check --format json");
        assert_eq!(checked.code(), 1);
        assert!(checked.out().contains("damaged-file") && checked.out().contains(index), "{}", checked.out());
        home.run("backup saved").refused(6, "keyring_corrupt");
        assert!(!home.file("saved").exists());
        fs::write(home.keyring(), whole).unwrap();
    }
    home.run("revoke nobody --yes").refused(3, "not_found");
    home.run("check --skip unused --skip never-used").ok();
}
