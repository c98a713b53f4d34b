//! Delivery of a secret through the standard input of a command. Other users could read a secret in the arguments of
//! the command, and child processes of the command would inherit a secret in its environment.

use std::ffi::{OsStr, OsString};
use std::io::{self, PipeReader, PipeWriter};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};

use rustix::fs::{AtFlags, CWD, OFlags, accessat, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use crate::error::{Code, Error, Result};
use crate::files::{Created, Undo};

/// The destination of a command's standard output. The command's standard error always goes to keywright's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandOutput {
    /// Keywright's own standard output.
    Inherit,
    /// Keywright's standard error, for use when keywright writes a document to standard output.
    Stderr,
}

/// A command that can receive a secret. The program was executable when the command was prepared, unless `PATH` was not
/// set.
pub(super) struct Pipe {
    argv: Vec<OsString>,
    output: CommandOutput,
}

impl Pipe {
    pub(super) fn prepare(argv: &[OsString], output: CommandOutput) -> Result<Self> {
        let program = argv.first().filter(|program| !program.is_empty()).ok_or_else(|| {
            Error::new(Code::Usage, "no command follows `--`", "after `--`, add the command that receives the secret")
        })?;
        if !can_run(program, std::env::var_os("PATH").as_deref()) {
            return Err(Error::new(
                Code::CommandMissing,
                format!("cannot find or run the command {}", program.display()),
                "check the name and the permissions of the command, and PATH",
            ));
        }
        Ok(Self { argv: argv.to_vec(), output })
    }

    /// Runs the command, writes the secret to its standard input, and waits for the command to exit. The delivery
    /// succeeds only if the exit status is 0 and no unread bytes are found (see [`feed`]). If the command exits before
    /// a background process has read the secret, the delivery therefore fails.
    pub(super) fn deliver(&self, bytes: &[u8], undo: &Undo) -> Result<()> {
        let name = self.argv[0].display();
        let failed = |what: String, hint: &str| Error::new(Code::CommandFailed, what, hint);
        let lost = |e: io::Error| {
            let hint = "check the permissions of the command, and the limits on processes and open files";
            failed(format!("could not run the command {name}"), hint).because(e)
        };

        let (reader, writer) = io::pipe().map_err(lost)?;
        let spare = reader.try_clone().map_err(lost)?;
        let mut child = undo
            .step(|ledger| {
                let child = self.spawn(reader)?;
                ledger.record(Created::Child(Pid::from_child(&child)));
                Ok(child)
            })?
            .map_err(lost)?;
        let fed = feed(writer, spare, bytes);
        let status = wait(&mut child, undo).map_err(lost)?;
        if !status.success() {
            let hint = "run the command without keywright to see what is wrong";
            return Err(failed(format!("the command {name} {}", ending(status)), hint));
        }
        match fed.map(|spare| spare.map_or(Ok(0), rustix::io::ioctl_fionread)) {
            Ok(Ok(0)) => Ok(()),
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(lost(e)),
            _ => Err(failed(
                format!("the command {name} ended without reading the whole secret"),
                "use a command that reads its standard input to the end",
            )),
        }
    }

    fn spawn(&self, stdin: PipeReader) -> io::Result<Child> {
        let mut command = Command::new(&self.argv[0]);
        command.args(&self.argv[1..]).stdin(stdin);
        if self.output == CommandOutput::Stderr {
            command.stdout(io::stderr());
        }
        command.spawn()
    }
}

/// Writes all bytes to the pipe and closes the writing end.
///
/// If the secret fits into the buffer of the pipe, as almost every secret does, returns `spare`, a second reading end.
/// The caller can then count the unread bytes after the command has ended. If the buffer fills up, closes `spare` and
/// returns `None`, because a write to a command that ended without reading would block forever as long as a reading end
/// is open. Bytes that the command leaves unread in the buffer are then not detected.
fn feed(writer: PipeWriter, spare: PipeReader, bytes: &[u8]) -> io::Result<Option<PipeReader>> {
    let mut spare = Some(spare);
    let flags = fcntl_getfl(&writer)?;
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK)?;
    let mut rest = bytes;
    while !rest.is_empty() {
        match rustix::io::write(&writer, rest) {
            Ok(n) => rest = &rest[n..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                spare = None;
                fcntl_setfl(&writer, flags)?;
            }
            Err(e) => return Err(e.into()),
        }
    }
    drop(writer);
    Ok(spare)
}

/// Waits for the command to exit, removes the command from `undo`, and only then frees its process id. The signal
/// thread therefore never kills another process with the same process id.
fn wait(child: &mut Child, undo: &Undo) -> io::Result<ExitStatus> {
    let pid = Pid::from_child(child);
    let leave = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while matches!(waitid(WaitId::Pid(pid), leave), Err(Errno::INTR)) {}
    undo.forget_child(pid);
    child.wait()
}

fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit status {code}"),
        (None, Some(signal)) => format!("was killed by signal {signal}"),
        (None, None) => "ended without an exit status".into(),
    }
}

/// Returns `true` if the program is an executable file or, for a name without a slash, if `PATH` leads to one. If
/// `PATH` is not set, returns `true`, because the default path that the system then searches is unknown.
fn can_run(program: &OsStr, path: Option<&OsStr>) -> bool {
    let runs =
        |file: &Path| file.is_file() && accessat(CWD, file, rustix::fs::Access::EXEC_OK, AtFlags::EACCESS).is_ok();
    if program.as_bytes().contains(&b'/') {
        return runs(Path::new(program));
    }
    path.is_none_or(|path| std::env::split_paths(path).any(|dir| runs(&dir.join(program))))
}

#[cfg(test)]
mod tests;
