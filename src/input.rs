//! Reading input from files, from standard input, and from a prompt without echo.

mod line_reader;

pub use line_reader::{InputLine, LineReader};

use crate::{
    error::{Code, Error, Result},
    interrupt,
    output::{Console, announce_input, in_ci},
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{CWD, Mode, OFlags, fcntl_getfl, fcntl_setfl},
    termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr},
};
use std::{
    fs::{File, Metadata},
    io::{IsTerminal, Read, stdin},
    os::{
        fd::AsFd as _,
        unix::fs::{FileTypeExt as _, PermissionsExt as _},
    },
    path::Path,
};
use zeroize::Zeroizing;

/// The maximum size of a key or a secret in bytes. For comparison, a 16384-bit private key takes 13 KB in PEM.
pub const LIMIT: usize = 64 * 1024;

/// Reads a whole file, or standard input if `path` is `-`.
///
/// # Errors
/// - `input_unreadable` if the input cannot be read
/// - `input_not_regular` if the path is neither a regular file nor an open pipe
/// - `input_too_large` if the input has more than [`LIMIT`] bytes
pub fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    read_up_to(path, LIMIT)
}

/// Reads a whole file, or standard input if `path` is `-`, provided that it has at most `limit` bytes.
///
/// # Errors
/// - `input_unreadable` if the input cannot be read
/// - `input_not_regular` if the path is neither a regular file nor an open pipe
/// - `input_too_large` if the input has more than `limit` bytes
pub fn read_up_to(path: &Path, limit: usize) -> Result<Zeroizing<Vec<u8>>> {
    read_if(path, limit, |_| Ok(()))
}

/// Reads a private key from a file, or from standard input if `path` is `-`. Like ssh(1), refuses a file that users
/// other than its owner can access.
///
/// # Errors
/// - `private_key_exposed` if other users can access the file
/// - `input_unreadable` if the input cannot be read
/// - `input_not_regular` if the path is neither a regular file nor an open pipe
/// - `input_too_large` if the input has more than [`LIMIT`] bytes
pub fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    read_if(path, LIMIT, |file| {
        let mode = file.permissions().mode() & 0o777;
        let exposed = Error::new(
            Code::PrivateKeyExposed,
            format!("other users can access {} (mode {mode:04o})", path.display()),
            format!("run `chmod 600 {}`, or pass --insecure-permissions", crate::error::shell_word(path)),
        );
        if mode & 0o077 != 0 { Err(exposed) } else { Ok(()) }
    })
}

/// Reads a whole file of at most `limit` bytes if `check` accepts its metadata, or standard input without this check if
/// `path` is `-`.
fn read_if(path: &Path, limit: usize, check: impl FnOnce(&Metadata) -> Result<()>) -> Result<Zeroizing<Vec<u8>>> {
    if path.as_os_str() == "-" {
        refuse_unattended_terminal()?;
        announce();
        return read_all(&mut Unbuffered, "standard input", 0, limit);
    }
    let mut file = open(path)?;
    let metadata = file.metadata().map_err(|e| unreadable(path, e))?;
    check(&metadata)?;
    read_all(&mut file, &path.display().to_string(), usize::try_from(metadata.len()).unwrap_or(limit), limit)
}

/// Opens a regular file or a pipe, or standard input if `path` is `-`, so that the caller can read it piece by piece.
///
/// # Errors
/// - `input_unreadable` if the file cannot be opened or standard input is closed
/// - `input_not_regular` if the path is neither a regular file nor an open pipe
pub fn source(path: &Path) -> Result<File> {
    if path.as_os_str() != "-" {
        return open(path);
    }
    refuse_unattended_terminal()?;
    announce();
    stdin().as_fd().try_clone_to_owned().map(File::from).map_err(|e| {
        Error::new(Code::InputUnreadable, "standard input is closed", "pipe the input to the command")
            .because(anyhow::Error::from(e))
    })
}

/// Opens a regular file, or a pipe that the process has inherited.
///
/// # Errors
/// - `input_unreadable` if the file cannot be opened
/// - `input_not_regular` if the path is neither a regular file nor an open pipe
pub fn open(path: &Path) -> Result<File> {
    // Without `O_NONBLOCK`, opening a FIFO that has no writer would block before the FIFO can be refused.
    let file = rustix::fs::openat(CWD, path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())
        .map_err(|e| unreadable(path, e.into()))?;
    let file = File::from(file);
    let kind = file.metadata().map_err(|e| unreadable(path, e))?.file_type();
    if kind.is_fifo() && is_descriptor(path) {
        // A read must wait for the writer.
        let flags = fcntl_getfl(&file).map_err(|e| unreadable(path, e.into()))?;
        fcntl_setfl(&file, flags - OFlags::NONBLOCK).map_err(|e| unreadable(path, e.into()))?;
    } else if !kind.is_file() {
        return Err(Error::new(
            Code::InputNotRegular,
            format!("{} is neither a regular file nor an open pipe", path.display()),
            "use a regular file, a pipe such as `<(COMMAND)`, or `-` for standard input",
        ));
    }
    Ok(file)
}

/// Returns `true` if the path names an open descriptor, such as the `/dev/fd/63` that a shell passes for a process
/// substitution.
fn is_descriptor(path: &Path) -> bool {
    let directories = ["/dev/fd", "/proc/self/fd", "/dev/stdin"];
    directories.iter().any(|directory| path.starts_with(directory))
}

/// Returns the `input_unreadable` error for a file that cannot be read.
#[must_use]
pub fn unreadable(path: &Path, cause: std::io::Error) -> Error {
    let message = format!("{} cannot be read", path.display());
    Error::new(Code::InputUnreadable, message, "check the path and its permissions").because(anyhow::Error::from(cause))
}

/// Standard input without the standard library's buffer, which would keep a copy of the secret.
struct Unbuffered;

impl Read for Unbuffered {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        Ok(rustix::io::read(stdin(), into)?)
    }
}

/// Reads `source` to its end. `name` is the name of the source in error messages. `expected` is the expected size in
/// bytes, or 0 if it is unknown. In that case the buffer starts small, because most secrets are short and wiping a
/// large buffer takes time.
///
/// # Errors
/// - `input_unreadable` if the source cannot be read
/// - `input_too_large` if there are more than `limit` bytes
pub fn read_all(source: &mut dyn Read, name: &str, expected: usize, limit: usize) -> Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; expected.max(1023).min(limit) + 1]);
    let mut length = 0;
    while length <= limit {
        if length == bytes.len() {
            // The buffer is grown explicitly, because a `Vec` that grows by itself leaves a copy behind.
            let mut larger = Zeroizing::new(vec![0; (8 * length).min(limit + 1)]);
            larger[..length].copy_from_slice(&bytes);
            bytes = larger;
        }
        match source.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => {
                let hint = "check the source of the input";
                let error = Error::new(Code::InputUnreadable, format!("{name} cannot be read"), hint);
                return Err(error.because(anyhow::Error::from(e)));
            }
        }
    }
    bytes.truncate(length);
    if bytes.len() > limit {
        return Err(Error::new(
            Code::InputTooLarge,
            format!("{name} has more than {limit} bytes"),
            "check that this is the right input, and shorten it",
        ));
    }
    Ok(bytes)
}

/// Reads a secret from a file, from standard input if `path` is `-`, or from a prompt without echo if standard input is
/// a terminal.
///
/// # Errors
/// - `input_unreadable` if the input cannot be read, or if standard input is a terminal in continuous integration,
///   where nobody answers
/// - `input_not_regular` if the path is neither a regular file nor an open pipe
/// - `input_too_large` if the input has more than [`LIMIT`] bytes, or at least 4095 bytes at the prompt
pub fn read_secret(path: &Path, console: Console) -> Result<Zeroizing<Vec<u8>>> {
    if path.as_os_str() == "-" && stdin().is_terminal() {
        return read_hidden(console);
    }
    read(path)
}

/// Checks that standard input is not a terminal at which nobody can enter anything.
fn refuse_unattended_terminal() -> Result<()> {
    if stdin().is_terminal() && in_ci() {
        let message = "standard input is a terminal, but CI is set, so nobody can enter the input";
        return Err(Error::new(Code::InputUnreadable, message, "pass the input through a pipe or in a file"));
    }
    Ok(())
}

/// Tells a user at a terminal that the command waits for input.
fn announce() {
    if stdin().is_terminal() {
        announce_input("reading standard input; end it with Ctrl-D on a line of its own");
    }
}

fn read_hidden(console: Console) -> Result<Zeroizing<Vec<u8>>> {
    refuse_unattended_terminal()?;
    let failed = |e: rustix::io::Errno| {
        Error::new(
            Code::InputUnreadable,
            "cannot turn off echo on the terminal",
            "pass the secret through a pipe instead",
        )
        .because(std::io::Error::from(e))
    };
    let before = tcgetattr(stdin()).map_err(failed)?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    hidden.local_modes.insert(LocalModes::ECHONL);
    let restored = before.clone();
    // If the user presses Ctrl-C, the terminal must echo input again. Input that has not been read is discarded, because
    // the shell would run it and keep it in its history.
    let guard = interrupt::guard(move || {
        let _ = tcsetattr(stdin(), OptionalActions::Flush, &restored);
    });
    tcsetattr(stdin(), OptionalActions::Flush, &hidden).map_err(failed)?;
    console.prompt("secret: ");
    let text = read_pasted();
    let _ = tcsetattr(stdin(), OptionalActions::Flush, &before);
    drop(guard);
    text
}

/// The time for which the next line of pasted text may be missing.
const PASTE: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// Reads a line and all lines that were pasted with it. A private key in PEM is read to its end, however slowly it
/// arrives.
fn read_pasted() -> Result<Zeroizing<Vec<u8>>> {
    // The text never grows beyond its capacity, because growing would leave a copy behind.
    let mut text = Zeroizing::new(Vec::with_capacity(LIMIT + TERMINAL_LINE + 1));
    loop {
        let (line, is_end) = read_line()?;
        text.extend_from_slice(&line);
        if text.len() > LIMIT {
            let hint = "pass the secret through a pipe or in a file";
            return Err(Error::new(Code::InputTooLarge, format!("the input has more than {LIMIT} bytes"), hint));
        }
        if is_end || !(is_open(&text) || is_ready()?) {
            return Ok(text);
        }
        text.push(b'\n');
    }
}

/// Returns `true` if the text contains the beginning of a private key in PEM, but not its end.
fn is_open(text: &[u8]) -> bool {
    let has = |words: &str| memchr::memmem::find(text, words.as_bytes()).is_some();
    has("PRIVATE KEY-----") && !has("-----END ")
}

/// Returns `true` if another line arrives in time.
fn is_ready() -> Result<bool> {
    let stdin = stdin();
    loop {
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&PASTE)) {
            Ok(count) => return Ok(count > 0),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(unreadable_terminal(error)),
        }
    }
}

fn unreadable_terminal(cause: rustix::io::Errno) -> Error {
    Error::new(Code::InputUnreadable, "cannot read the terminal", "pass the secret through a pipe instead")
        .because(std::io::Error::from(cause))
}

/// The maximum number of bytes per line that a terminal passes on (`N_TTY_BUF_SIZE` on Linux, minus the line feed). The
/// terminal silently drops the rest of a longer line.
const TERMINAL_LINE: usize = 4095;

/// Reads one line of standard input byte by byte, because a buffered reader would keep a copy of the secret. Also returns
/// `true` if the input has ended.
fn read_line() -> Result<(Zeroizing<Vec<u8>>, bool)> {
    let mut line = Zeroizing::new(Vec::with_capacity(TERMINAL_LINE));
    let mut byte = [0];
    loop {
        if line.len() >= TERMINAL_LINE {
            return Err(Error::new(
                Code::InputTooLarge,
                format!("the terminal passes at most {TERMINAL_LINE} bytes per line, so the secret may be incomplete"),
                "pass the secret through a pipe or in a file",
            ));
        }
        match rustix::io::read(stdin(), &mut byte) {
            Ok(0) => return Ok((line, true)),
            Ok(_) if byte == *b"\n" => return Ok((line, false)),
            Ok(_) => line.extend_from_slice(&byte),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(unreadable_terminal(error)),
        }
    }
}
