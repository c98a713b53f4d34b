//! Delivery of a secret to standard output. The descriptor is checked first and then written to without a buffer.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{FileType, Mode, OFlags, SeekFrom, Stat, fchmod, fcntl_getfl, fstat, fsync, seek, stat};
use rustix::io::Errno;

use crate::error::{Code, Error, Result};
use crate::files::{Created, Stream, Undo, write_hint};

/// A checked descriptor that can receive a secret.
pub(super) struct Stdout {
    fd: OwnedFd,
    regular: bool,
}

impl Stdout {
    pub(super) fn prepare(fd: BorrowedFd<'_>) -> Result<Self> {
        let closed = |what: &str| Error::new(Code::StdoutClosed, what, "redirect standard output, or pass --out FILE");
        let flags = fcntl_getfl(fd).map_err(|e| closed("standard output is closed").because(e))?;
        if flags & OFlags::RWMODE == OFlags::RDONLY {
            return Err(closed("standard output is not open for writing"));
        }
        let facts = fstat(fd).map_err(|e| closed("standard output cannot be examined").because(e))?;
        let kind = FileType::from_raw_mode(facts.st_mode);
        match kind {
            FileType::RegularFile => inspect_file(fd, flags, &facts)?,
            FileType::CharacterDevice if discards(&facts) => {
                return Err(Error::new(
                    Code::StdoutDiscarded,
                    "standard output is a device that discards all output, so the secret would be lost",
                    "redirect standard output to a file or a pipe, or pass --out FILE",
                ));
            }
            // Everything that is written to the device `full` fails, and that is reported as such.
            FileType::CharacterDevice if rustix::termios::isatty(fd) || is_device(&facts, "/dev/full") => {}
            // A pipe without a name has the mode 0600.
            FileType::Fifo if facts.st_mode & 0o044 == 0 => {}
            FileType::Fifo => {
                let mode = facts.st_mode & 0o777;
                let message = format!("standard output is a FIFO that other users can read (mode {mode:04o})");
                return Err(exposed(message, "create the FIFO with `mkfifo -m 600`, or pass --out FILE"));
            }
            FileType::Socket if is_unnamed(fd) => {}
            FileType::Socket => {
                let message = "standard output is a socket that leads to a service, such as the system log, or to another machine";
                return Err(exposed(message.into(), "pass --out FILE, or redirect standard output to a pipe"));
            }
            _ => {
                return Err(exposed("standard output is a device".into(), "pass --out FILE"));
            }
        }
        // A duplicate keeps referring to the file that was checked, even if the descriptor is reopened.
        let fd = fd.try_clone_to_owned().map_err(|e| {
            closed("standard output cannot be duplicated")
                .with_hint("raise the limit on open files (`ulimit -n`)")
                .because(e)
        })?;
        Ok(Self { fd, regular: kind == FileType::RegularFile })
    }

    pub(super) fn is_terminal(&self) -> bool {
        rustix::termios::isatty(&self.fd)
    }

    /// Writes the whole secret, and then syncs a regular file. No buffer is used, because a buffered writer would keep
    /// a copy of the secret.
    pub(super) fn deliver(&self, secret: Stream<'_>, undo: &Undo) -> Result<()> {
        let failed = |cause: io::Error| {
            let hint = write_hint(&cause, "check where standard output goes, or pass --out FILE");
            Error::new(Code::NotDelivered, "the secret could not be written to standard output", hint).because(cause)
        };
        if !self.regular {
            undo.step(|_| ())?;
            return secret(&mut |bytes| write_all(self.fd.as_fd(), bytes, &mut 0)).map_err(failed);
        }
        // Writing to a file does not block for long, so the whole write is one step: if a signal arrives, either the
        // write is in the record, or the record is closed and nothing is written.
        undo.step(|ledger| {
            let spare = self.fd.try_clone()?;
            let mut written = 0;
            let result = secret(&mut |bytes| write_all(self.fd.as_fd(), bytes, &mut written));
            if written > 0 {
                // The start is computed from the end of the write, because the offset before an appending write is
                // meaningless. If seeking fails, the written bytes must still be recorded.
                let after = seek(&self.fd, SeekFrom::Current(0)).or_else(|_| length(&self.fd))?;
                ledger.record(Created::Tail { file: spare, before: after - written, after });
            }
            result
        })?
        .and_then(|()| match fsync(&self.fd) {
            Err(Errno::INVAL | Errno::OPNOTSUPP) => Ok(()),
            result => Ok(result?),
        })
        .map_err(failed)
    }
}

/// Checks a regular file. Refuses the file if its content would be overwritten, or if other users can read it. First
/// tries to make an empty file that the user owns, as after `> FILE`, private.
///
/// A process that opened the file between the shell's `open` and this check can still read the secret. `--out` does not
/// have this race condition.
fn inspect_file(fd: BorrowedFd<'_>, flags: OFlags, facts: &Stat) -> Result<()> {
    let size = u64::try_from(facts.st_size).unwrap_or(0);
    if !flags.contains(OFlags::APPEND) && seek(fd, SeekFrom::Current(0)).is_ok_and(|at| at < size) {
        return Err(Error::new(
            Code::FileExists,
            "standard output is a file whose content would be overwritten",
            "append to the file with `>>`, or pass --out FILE",
        ));
    }
    if facts.st_mode & 0o044 == 0 {
        return Ok(());
    }
    let ours = facts.st_uid == rustix::process::geteuid().as_raw();
    if size == 0 && ours {
        let _ = fchmod(fd, Mode::from_raw_mode(0o600));
        if fstat(fd).is_ok_and(|now| now.st_mode & 0o044 == 0) {
            return Ok(());
        }
    }
    let mode = facts.st_mode & 0o777;
    Err(exposed(
        format!("standard output is a file that other users can read (mode {mode:04o})"),
        "run `chmod 600` on the file first, or pass --out FILE",
    ))
}

fn length(fd: &OwnedFd) -> Result<u64, Errno> {
    Ok(u64::try_from(fstat(fd)?.st_size).unwrap_or(0))
}

fn exposed(message: String, hint: &str) -> Error {
    Error::new(Code::StdoutExposed, message, hint)
}

/// Returns `true` if the descriptor refers to `/dev/null` or `/dev/zero`.
fn discards(facts: &Stat) -> bool {
    is_device(facts, "/dev/null") || is_device(facts, "/dev/zero")
}

/// Returns `true` if the descriptor refers to the character device at a path.
fn is_device(facts: &Stat, path: &str) -> bool {
    stat(path).is_ok_and(|device| {
        FileType::from_raw_mode(device.st_mode) == FileType::CharacterDevice && device.st_rdev == facts.st_rdev
    })
}

/// Returns `true` if the descriptor is one end of an unnamed pair of Unix sockets, which Node.js uses in place of a
/// pipe. Any other socket leads to a service, such as the journal of systemd, or to another machine.
fn is_unnamed(fd: BorrowedFd<'_>) -> bool {
    // For a socket of another family, `peer_addr` returns an error.
    let peer = fd.try_clone_to_owned().and_then(|fd| UnixStream::from(fd).peer_addr());
    peer.is_ok_and(|peer| peer.is_unnamed())
}

/// Writes all bytes. Retries after a short write or an interruption by a signal, and waits while a non-blocking
/// descriptor is not ready. Adds the number of bytes written to `written`, even on failure.
fn write_all(fd: BorrowedFd<'_>, bytes: &[u8], written: &mut u64) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match rustix::io::write(fd, rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => {
                *written += n as u64;
                rest = &rest[n..];
            }
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => match poll(&mut [PollFd::from_borrowed_fd(fd, PollFlags::OUT)], None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(e) => return Err(e.into()),
            },
            Err(e) => return Err(e.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
