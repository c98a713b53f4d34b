//! Process-wide protection of secrets (private files, no core dumps, no panic messages) and the identity of the user.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, Signal, setrlimit, umask};

use crate::error::{Code, Error, Result};

/// The whole message of a panic. The payload and the location are left out because they could contain a secret.
const PANIC: &[u8] =
    b"keywright: internal error: this is a bug in keywright; please report it with the command that led \
to it, but without any secrets\n";

/// Hardens the process. Call this function once, before any thread is started.
///
/// - Sets the umask to 077. Delivery commands inherit the umask, so the files in which they save secrets are private
///   too.
/// - Turns off core dumps by setting their size limit to 0. On Linux, also marks the process as not dumpable, because a
///   `core_pattern` that starts with a pipe ignores a limit of 0, and because other processes of the same user then
///   cannot attach. Delivery commands handle the secret as well and inherit the limit; `exec` makes them dumpable
///   again.
/// - Installs a handler for `SIGXFSZ`, so that reaching the file size limit makes `write` fail instead of killing the
///   process, and the caller can remove the partial file. The signal is not ignored, because `exec` resets a handler
///   but not an ignored signal: delivery commands get the default action.
/// - Makes a panic print a fixed message.
/// - Generates the seed of hash maps. Otherwise, the standard library would generate the seed for the first map, and
///   could panic between the delivery of a secret and the activation of its key.
///
/// # Errors
/// Returns `system_limit` if the operating system refuses one of these steps. No system is known to do so.
pub fn harden() -> Result<()> {
    umask(Mode::RWXG | Mode::RWXO);
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).map_err(|e| failed("could not turn off core dumps").because(e))?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .map_err(|e| failed("could not protect the memory of the process from being dumped").because(e))?;
    // The flag is never read. Registering it installs the handler that replaces the fatal default action.
    signal_hook::flag::register(Signal::XFSZ.as_raw(), Arc::new(AtomicBool::new(false)))
        .map_err(|e| failed("could not install a handler for SIGXFSZ").because(e))?;
    // The standard library panics if it cannot get random bytes for its hash tables. That is reported as an error here,
    // and not as a bug.
    std::panic::set_hook(Box::new(|_| ()));
    std::panic::catch_unwind(std::hash::RandomState::new)
        .map_err(|_| failed("could not get random bytes from the operating system"))?;
    std::panic::set_hook(Box::new(|_| {
        // `eprintln!` would panic inside the panic if standard error is closed.
        let _ = rustix::io::write(rustix::stdio::stderr(), PANIC);
    }));
    Ok(())
}

/// `true` if standard output was closed when the process started.
static STDOUT_CLOSED: AtomicBool = AtomicBool::new(false);

/// The function that sets [`STDOUT_CLOSED`] before the Rust runtime starts. The runtime opens the null device in place
/// of a closed standard stream, so a closed standard output then looks like one that the user discards on purpose.
#[used]
#[allow(unsafe_code, reason = "there is no safe way to run code before the Rust runtime")]
// SAFETY: The section is an array of such functions, which the C runtime calls once before `main`, in a single thread.
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
static BEFORE_MAIN: extern "C" fn() = {
    extern "C" fn look_at_stdout() {
        // SAFETY: `fcntl` accepts any number as a descriptor, and F_GETFD only reads the flags of the descriptor.
        let flags = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) };
        STDOUT_CLOSED.store(flags == -1, Ordering::Relaxed);
    }
    look_at_stdout
};

/// Checks that standard output was open when the process started.
///
/// A command with a closed standard output could not print its result. A delivery command would inherit the null device
/// as its standard output, and could write the secret to the null device without an error.
///
/// # Errors
/// Returns `stdout_closed` if standard output was closed.
pub fn refuse_closed_stdout() -> Result<()> {
    if STDOUT_CLOSED.load(Ordering::Relaxed) {
        let hint = "redirect standard output to a file or a pipe";
        return Err(Error::new(Code::StdoutClosed, "standard output is closed", hint));
    }
    Ok(())
}

/// The maximum length of a user name in the audit log, in characters. useradd(8) allows 32, directory services more.
const USER_MAX: usize = 128;

/// Returns the user and the host name for the audit log.
///
/// The user is the name in `USER` or `LOGNAME`, followed by the user id, which the environment cannot change. A name is
/// ignored if `is_storable` returns `false` for it, if it has more than 128 characters, or if it contains a character
/// that no user name has. If neither variable contains a name, the user is only the user id. A host name for which
/// `is_storable` returns `false` is replaced by `(unknown)`.
///
/// If sudo or doas has started the process, the user ends with the name of its caller, which is only a claim, because
/// anybody can set the variables.
#[must_use]
pub fn identity(is_storable: impl Fn(&str) -> bool) -> (String, String) {
    let uid = rustix::process::getuid().as_raw();
    // Every row of the audit log stores the name forever, and the environment may contain anything.
    let is_name = |name: &String| {
        let is_usual = |c: char| c.is_alphanumeric() || "._-@+$\\ ".contains(c);
        name.starts_with(char::is_alphanumeric)
            && name.chars().take(USER_MAX + 1).count() <= USER_MAX
            && name.chars().all(is_usual)
            && is_storable(name)
    };
    let name = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(is_name));
    let user = name.map_or_else(|| format!("uid {uid}"), |name| format!("{name} (uid {uid})"));
    let caller = [("SUDO_USER", "sudo"), ("DOAS_USER", "doas")]
        .iter()
        .find_map(|(variable, program)| Some((std::env::var(variable).ok().filter(is_name)?, program)));
    let user = caller.map_or(user.clone(), |(caller, program)| format!("{user}, {program} by {caller}"));
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    (user, if is_storable(&host) { host } else { "(unknown)".to_owned() })
}

/// Returns the account name of the user who runs the process, or `uid N` if the user id has no account with a name in
/// UTF-8.
///
/// The name comes from the user database (getpwuid(3)), which includes directory services, and not from the
/// environment. The limit of keys per owner depends on the name, so a user must not be able to choose it.
#[must_use]
pub fn account() -> String {
    let uid = rustix::process::getuid().as_raw();
    let user = uzers::get_user_by_uid(uid);
    let name = user.as_ref().and_then(|user| user.name().to_str()).filter(|name| !name.is_empty());
    name.map_or_else(|| format!("uid {uid}"), str::to_owned)
}

fn failed(message: &str) -> Error {
    Error::new(Code::SystemLimit, message, "check the sandbox or container that keywright runs in")
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Stdio};

    use super::*;

    /// Returns a command that runs `child_entry` with the given act in a new process, because hardening affects the
    /// whole process.
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
            "check" => {
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
    fn files_are_private_and_core_dumps_are_off() {
        let out = child("check").output().unwrap();
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
        // An exit status instead of a signal shows that the hook did not panic in turn and abort.
        assert_eq!(status.signal(), None);
        assert!(!status.success());
    }

    #[test]
    fn the_account_is_the_one_that_the_user_database_names() {
        let out = Command::new("id").arg("-un").output().unwrap();
        let name = String::from_utf8(out.stdout).unwrap();
        let uid = rustix::process::getuid().as_raw();
        let expected = if out.status.success() { name.trim().to_owned() } else { format!("uid {uid}") };
        assert_eq!(account(), expected);
    }
}
