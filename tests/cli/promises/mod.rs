//! Tests that attack each promise of the security model from outside.
//!
//! [`assert_nothing_left`] checks what must hold after a failure. Where it matters, the tests read the keyring with
//! SQLite, not with the program under test.

mod altered;
mod audit;
mod batches;
mod chain;
mod clock;
mod clock_ahead;
mod clock_change;
mod concurrency;
mod delivery;
mod interrupt;
mod keyring;
mod kill;
mod limits;
mod lives;
mod many;
mod misplaced;
mod names;
mod owners;
mod pages;
mod power_cut;
pub(crate) mod process;
mod replays;
mod reset;
mod rotate;
mod secrets;
mod stopped_imports;
mod trace;

use super::{
    home::{Ended, Home, KEYWRIGHT},
    tools::skipped,
};
use rusqlite::{Connection, OpenFlags};
use std::{
    ffi::OsStr,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

/// Returns `true` if a program is installed.
pub(super) fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

/// Runs a shell script in a home. In the script, `$K` is the path of keywright.
fn sh(home: &Home, script: &str) -> Ended {
    let output = home.program("sh").args(["-c", script]).env("K", KEYWRIGHT).output().unwrap();
    Ended(output)
}

/// Returns the statuses of all keys, oldest first, or an empty list if there is no keyring.
fn statuses(home: &Home) -> Vec<String> {
    if !home.keyring().exists() {
        return Vec::new();
    }
    let status = |key: &serde_json::Value| key["status"].as_str().unwrap().to_owned();
    home.keys().iter().rev().map(status).collect()
}

/// Returns the sorted names of the files in the directory of the keyring.
fn beside_keyring(home: &Home) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(home.keyring().parent().unwrap()) else {
        return Vec::new();
    };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Asserts that there is no key, no file in the home except `files`, and no file beside the keyring.
#[track_caller]
fn assert_nothing_left(home: &Home, files: &[&str]) {
    assert_eq!(statuses(home), [""; 0]);
    assert_eq!(home.files(), files);
    assert!(beside_keyring(home).iter().all(|name| name == "keyring.db"), "{:?}", beside_keyring(home));
}

/// Opens a keyring directly with SQLite.
pub(crate) fn database(path: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).unwrap();
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    connection
}

/// Asserts that SQLite finds nothing wrong with a keyring.
#[track_caller]
fn assert_intact(path: &Path) {
    let verdict: String = database(path).query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}

/// Returns the permission bits of a file.
fn mode(path: &Path) -> u32 {
    path.symlink_metadata().unwrap().permissions().mode() & 0o7777
}

pub(crate) fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Waits until `done` returns `true`. Panics after 20 seconds, with `what` in the message.
#[track_caller]
fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(20), "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Starts keywright with both output streams captured.
fn start<S: AsRef<OsStr>>(home: &Home, arguments: impl IntoIterator<Item = S>) -> std::process::Child {
    home.keywright(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Returns a function that runs keywright as a user to whom file permissions apply. If the test runs as root, this
/// gives the home to `nobody`, and the function runs keywright as that user. Returns `None`, and reports a skipped
/// test, if this is not possible.
pub(crate) fn bound_by_permissions(home: &Home) -> Option<impl Fn(&str) -> Ended> {
    const NOBODY: u32 = 65534;
    let root = home.path().metadata().unwrap().uid() == 0;
    if root && !has("setpriv") {
        skipped("permissions do not bind root, and there is no setpriv to become somebody else");
        return None;
    }
    // Other users may not have access to the build directory.
    let within_reach = tempfile::Builder::new().prefix("keywright-test-").tempdir().unwrap();
    if root {
        // Let another process copy the file. If this process had the file open for writing while another test forks,
        // running the file could fail with "text file busy".
        assert!(home.program("cp").arg(KEYWRIGHT).arg(within_reach.path()).status().unwrap().success());
        chmod(within_reach.path(), 0o755);
        own(home.path(), NOBODY);
    }
    Some(move |line: &str| {
        let mut command = if root {
            let nobody = NOBODY.to_string();
            let mut command = home.program("setpriv");
            command.args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"]);
            command.arg(within_reach.path().join("keywright"));
            command
        } else {
            home.program(KEYWRIGHT)
        };
        Ended(command.args(line.split_whitespace()).output().unwrap())
    })
}

fn own(path: &Path, user: u32) {
    std::os::unix::fs::lchown(path, Some(user), Some(user)).unwrap();
    if path.symlink_metadata().unwrap().is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            own(&entry.unwrap().path(), user);
        }
    }
}
