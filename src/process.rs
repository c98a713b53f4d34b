//! What the process owes its secrets before it makes one: private files, no core dump, no chatty panic.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, Signal, setrlimit, umask};

use crate::error::{Code, Error, Result};

/// All that a panic prints: the payload or a location could carry what the program was working on.
const PANIC: &[u8] = b"keywright: internal error: this is a bug in keywright, please report it with the command \
(and without any secret) that led to it\n";

/// Hardens the process; called once, first thing in `main`, before any thread is started.
///
/// * umask 077. A delivery command inherits it: the file that it saves the secret in is private too.
/// * No core dumps: the limit is 0, and on Linux the process is not dumpable, which also covers a `core_pattern` that
///   pipes (those ignore a limit of 0) and keeps other processes of the same user from attaching. A delivery command
///   inherits the limit, for it holds the secret as well; being dumpable again comes with its `exec`.
/// * `SIGXFSZ` is caught, so that hitting the file size limit is an error of `write`, which removes what it made,
///   instead of a death in the middle. Caught and not ignored: `exec` gives a delivery command the default back.
/// * A panic prints fixed text.
/// * Hash maps have their seed. The standard library draws it with the first map, and panics where that fails: better now than
///   between a secret that has left and the key that waits for it.
///
/// # Errors
/// [`Code::Internal`] when the system refuses one of these, which none is known to do.
pub fn harden() -> Result<()> {
    umask(Mode::RWXG | Mode::RWXO);
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).map_err(|e| failed("core dumps cannot be turned off").because(e))?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .map_err(|e| failed("the process cannot be made undumpable").because(e))?;
    // Nobody reads the flag; registering it is what replaces the fatal default.
    signal_hook::flag::register(Signal::XFSZ.as_raw(), Arc::new(AtomicBool::new(false)))
        .map_err(|e| failed("SIGXFSZ cannot be caught").because(e))?;
    std::panic::set_hook(Box::new(|_| {
        // Straight to the descriptor: `eprintln!` would panic inside the panic when standard error is closed.
        let _ = rustix::io::write(rustix::stdio::stderr(), PANIC);
    }));
    std::panic::catch_unwind(std::hash::RandomState::new)
        .map(drop)
        .map_err(|_| failed("the operating system gives no random numbers"))
}

/// The most characters of a user's name: useradd(8) allows 32, directory services more.
const USER_MAX: usize = 128;

/// The account that runs the process and the machine it runs on, for the audit log: what the environment calls the
/// user, and the number that it cannot change.
#[must_use]
pub fn identity() -> (String, String) {
    let uid = rustix::process::getuid().as_raw();
    let name = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()));
    // The environment may say anything, and every row of the audit log keeps it.
    let user = name.map(|name| name.chars().take(USER_MAX).collect::<String>());
    let user = user.map_or_else(|| format!("uid {uid}"), |name| format!("{name} (uid {uid})"));
    (user, rustix::system::uname().nodename().to_string_lossy().into_owned())
}

/// The name of the account that runs the process, by its number and not by what the environment says: whoever is
/// counted by it cannot choose it.
#[must_use]
pub fn account() -> String {
    let uid = rustix::process::getuid().as_raw().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| format!("uid {uid}"))
}

fn failed(message: &str) -> Error {
    Error::new(Code::Internal, message, "look at the sandbox or container that keywright runs in")
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Stdio};

    use super::*;

    /// Runs `child_entry` in a process of its own, for hardening is for a whole process.
    fn child(act: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "process::tests::child_entry", "--nocapture", "--test-threads=1"]);
        command.env("KEYWRIGHT_TEST_ACT", act);
        command
    }

    #[test]
    fn child_entry() {
        let Ok(act) = std::env::var("KEYWRIGHT_TEST_ACT") else {
            return;
        };
        harden().unwrap();
        match act.as_str() {
            "look" => {
                assert_eq!(umask(Mode::empty()), Mode::RWXG | Mode::RWXO);
                assert_eq!(rustix::process::getrlimit(Resource::Core).maximum, Some(0));
                #[cfg(target_os = "linux")]
                assert_eq!(
                    rustix::process::dumpable_behavior().unwrap(),
                    rustix::process::DumpableBehavior::NotDumpable
                );
            }
            "panic" => panic!("a payload with kw_test_secret"),
            other => unreachable!("{other}"),
        }
    }

    #[test]
    fn files_are_private_and_nothing_dumps() {
        let out = child("look").output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }

    #[test]
    fn a_panic_prints_fixed_text() {
        let out = child("panic").output().unwrap();
        assert!(!out.status.success());
        assert_eq!(out.stderr, PANIC);
    }

    #[test]
    fn a_panic_survives_a_closed_stderr() {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let status = child("panic").stdout(Stdio::null()).stderr(writer).status().unwrap();
        // An exit status, and no signal: the hook did not panic in turn and abort.
        assert_eq!(status.signal(), None);
        assert!(!status.success());
    }
}
