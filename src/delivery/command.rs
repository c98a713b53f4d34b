//! Delivery of a secret through a command's standard input, never through its arguments, which other users can read, or
//! its environment, which the command's own child processes inherit.

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
    /// Keywright's standard error, for use when keywright's standard output carries a document.
    Stderr,
}

/// A command whose program was found and is executable.
pub(super) struct Pipe {
    argv: Vec<OsString>,
    output: CommandOutput,
}

impl Pipe {
    pub(super) fn prepare(argv: &[OsString], output: CommandOutput) -> Result<Self> {
        let program = argv.first().filter(|program| !program.is_empty()).ok_or_else(|| {
            Error::new(Code::Usage, "no command follows `--`", "add the command that receives the secret after `--`")
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

    /// Runs the command, writes the secret to its standard input, and waits for it to exit. The delivery succeeds only
    /// if the exit status is 0 and no unread bytes are found (see [`feed`]). A command that exits before a background
    /// process has read the secret therefore counts as failed.
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

/// Writes all bytes to the pipe and closes it. If the secret fits into the pipe's buffer, as almost every secret does,
/// `spare` stays open and is returned, so that the caller can count the unread bytes after the command has ended. If
/// the buffer fills up, `spare` is closed and `None` is returned: as long as the pipe has a reader, writing to a
/// command that ended without reading would block forever. Bytes that the command leaves unread in the buffer then go
/// unnoticed.
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

/// Waits for the command in two steps, so that the signal thread never kills another process that has been given the
/// same process id.
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

/// Returns `true` if `exec` will find the program. If `PATH` is not set, the system searches a default path, which is
/// not checked: the result is then `true`.
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
