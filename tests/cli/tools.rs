//! Helpers for programs that may not be installed, and for running keywright on a terminal.

use super::home::{Ended, Home, KEYWRIGHT};
use std::{
    ffi::OsStr,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

/// Reports that a test was skipped. In CI, which installs every program, fails the test instead.
pub(crate) fn skipped(reason: &str) {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    assert!(std::env::var_os("KEYWRIGHT_TESTS_MUST_NOT_SKIP").is_none(), "{name} must not be skipped: {reason}");
    report_skipped(reason);
}

/// Reports that a test was skipped, also in CI.
///
/// The report is not written with `eprintln!`, because the test harness discards such output if the test passes.
fn report_skipped(reason: &str) {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    let line = format!("SKIPPED: {name}: {reason}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// Returns the directory into which `.ci/foreign-libraries` has installed the libraries of other authors, and reports a
/// skipped test if there is none.
///
/// `KEYWRIGHT_FOREIGN_LIBRARIES` names the directory. In CI, where the variable is `unreachable` if the package
/// registries could not be reached, a test may be skipped for this reason.
pub(crate) fn foreign_libraries() -> Option<PathBuf> {
    let Some(directory) = std::env::var_os("KEYWRIGHT_FOREIGN_LIBRARIES") else {
        skipped("KEYWRIGHT_FOREIGN_LIBRARIES is not set (see CONTRIBUTING.md)");
        return None;
    };
    if directory == "unreachable" {
        report_skipped("the package registries could not be reached");
        return None;
    }
    let found = Path::new(&directory).canonicalize();
    Some(found.unwrap_or_else(|error| panic!("KEYWRIGHT_FOREIGN_LIBRARIES={}: {error}", directory.display())))
}

/// Returns `true` if a program is installed, and reports a skipped test if it is not.
pub(crate) fn have(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|directory| directory.join(program).is_file());
    if !found {
        skipped(&format!("{program} is not on this machine"));
    }
    found
}

/// Returns `true` if python3 is installed with a module, and reports a skipped test if it is not.
pub(crate) fn have_python(module: &str) -> bool {
    let found = have("python3")
        && Command::new("python3")
            .args(["-c", &format!("import {module}")])
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .success();
    if !found {
        skipped(&format!("python3 has no {module} on this machine"));
    }
    found
}

/// Sets the variables with which the library of `faketime` changes the system clock of a command: `FAKETIME` with a time
/// in UTC, or `FAKETIME_TIMESTAMP_FILE` with a file that has one. The program `faketime` itself is not used to run the
/// command, because it leaves semaphores and shared memory behind.
pub(crate) fn fake_clock(command: &mut Command, variable: &str, value: impl AsRef<OsStr>) {
    static LIBRARY: LazyLock<String> = LazyLock::new(|| {
        let show = "echo $LD_PRELOAD; rm -f /dev/shm/faketime_shm_$PPID /dev/shm/sem.faketime_sem_$PPID";
        // The program fails if the semaphore of an earlier process with the same id is still there.
        (0..20)
            .map(|_| Command::new("faketime").args(["2026-01-01 00:00:00", "sh", "-c", show]).output().unwrap())
            .find(|shown| shown.status.success())
            .map(|shown| String::from_utf8(shown.stdout).unwrap().trim().to_owned())
            .unwrap()
    });
    command.env("LD_PRELOAD", &*LIBRARY).env(variable, value).env("TZ", "UTC");
    let settings = ["FAKETIME_NO_CACHE", "FAKETIME_DISABLE_SHM", "FAKETIME_DONT_FAKE_MONOTONIC", "NO_FAKE_STAT"];
    command.envs(settings.map(|setting| (setting, "1")));
}

/// Removes what the library of `faketime` leaves behind if its process is killed. A later process with the same id would
/// fail.
pub(crate) fn clean_up_fake_clock(process: u32) {
    for name in ["faketime_shm_", "sem.faketime_sem_"] {
        let _ = std::fs::remove_file(format!("/dev/shm/{name}{process}"));
    }
}

/// Returns the path of a file in `tests/data/keys`.
pub(crate) fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/keys").join(name);
    path.to_str().unwrap().to_owned()
}

/// Runs keywright on a terminal with `columns` columns, and types `input`. Both output streams are merged, and lines
/// end as on a terminal. Returns `None`, and reports a skipped test, if script(1) of util-linux is not installed.
pub(crate) fn on_terminal(home: &Home, columns: u16, line: &str, input: &str) -> Option<Ended> {
    on_terminal_with(home, columns, &[], line, input)
}

/// Like [`on_terminal`], with environment variables.
pub(crate) fn on_terminal_with(
    home: &Home,
    columns: u16,
    variables: &[(&str, &str)],
    line: &str,
    input: &str,
) -> Option<Ended> {
    if !have("script") {
        return None;
    }
    let command = format!("stty rows 24 cols {columns}; {KEYWRIGHT} {line}");
    let mut child = home
        .program("timeout")
        // Without the timeout, an unexpected question would wait forever.
        .args(["20", "script", "-qec", &command, "/dev/null"])
        .env("SHELL", "/bin/sh")
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut typed = child.stdin.take().unwrap();
    typed.write_all(input.as_bytes()).unwrap();
    // Keep the input open until the program ends, because end of file would be an answer too.
    let ended = child.wait_with_output().unwrap();
    drop(typed);
    Some(Ended(ended))
}
