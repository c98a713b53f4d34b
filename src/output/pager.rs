//! Long tables on a terminal, which go through a pager as in git.

use super::{Format, style::DataStyle, write};
use crate::{
    error::Result,
    interrupt::{self, KeyboardIgnored},
};
use std::{
    env,
    ffi::OsString,
    io::{IsTerminal, Write as _, stdout},
    process::{Child, Command, Stdio},
};

/// The number of bytes of which a copy is kept until the pager has read them. A pipe holds less, so a pager that takes
/// more is running.
const KEPT: usize = 256 * 1024;

/// Standard output, or a pager once the output is longer than the terminal.
pub(super) struct Paged {
    /// The number of lines that fit on the terminal, or `None` if the output goes to standard output.
    rows: Option<usize>,
    /// The output that is not yet known to have been read.
    held: Vec<u8>,
    /// `true` if `held` is all output so far.
    is_kept: bool,
    pager: Option<Running>,
    /// `true` once the reader has quit the pager and wants no more output.
    is_closed: bool,
}

/// A running pager. A signal from the keyboard is meant for the pager.
struct Running {
    child: Child,
    _ignored: KeyboardIgnored,
}

impl Paged {
    /// Prepares the output of a table. Other formats and output that is not on a terminal never go through a pager.
    pub(super) fn new(style: &DataStyle) -> Self {
        let is_wanted = style.is_paged && style.format == Format::Table && stdout().is_terminal();
        let rows = rustix::termios::tcgetwinsize(stdout()).ok().map(|size| usize::from(size.ws_row));
        let rows = rows.filter(|rows| *rows > 0 && is_wanted && chosen().is_some());
        Self { rows, held: Vec::new(), is_kept: true, pager: None, is_closed: false }
    }

    /// Returns `true` if output may go through a pager, so that it should be written without delay.
    pub(super) const fn is_possible(&self) -> bool {
        self.rows.is_some()
    }

    /// Returns `true` if the reader has quit the pager.
    pub(super) const fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Writes output to the terminal or to the pager.
    ///
    /// # Errors
    /// Returns `output_failed` if standard output cannot be written.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let Some(rows) = self.rows else { return write(bytes) };
        if self.is_closed {
            return Ok(());
        }
        self.is_kept &= self.held.len() + bytes.len() <= KEPT;
        if self.is_kept || self.pager.is_none() {
            self.held.extend_from_slice(bytes);
        }
        let mut new = bytes;
        if self.pager.is_none() {
            // The last line of the terminal has the prompt of the shell.
            if self.held.split(|byte| *byte == b'\n').count() <= rows {
                return Ok(());
            }
            self.pager = start();
            new = &self.held;
        }
        let Some(Running { child, .. }) = &mut self.pager else { return self.write_held() };
        let written = child.stdin.as_mut().map(|pipe| pipe.write_all(new).and_then(|()| pipe.flush()));
        if !self.is_kept {
            self.held.clear();
        }
        if written.is_some_and(|written| written.is_err()) {
            self.is_closed = true;
            return self.wait();
        }
        Ok(())
    }

    /// Writes the output of a short table, or waits until the reader quits the pager.
    ///
    /// # Errors
    /// Returns `output_failed` if standard output cannot be written.
    pub(super) fn finish(&mut self) -> Result<()> {
        if self.pager.is_some() { self.wait() } else { self.write_held() }
    }

    /// Closes the input of the pager and waits until it ends. If it failed, writes the output directly.
    fn wait(&mut self) -> Result<()> {
        let Some(Running { mut child, _ignored }) = self.pager.take() else { return Ok(()) };
        drop(child.stdin.take());
        let status = child.wait();
        // A pager that the reader quits succeeds.
        let has_failed = status.is_ok_and(|status| status.code().is_some_and(|code| code != 0));
        if has_failed && self.is_kept {
            self.is_closed = false;
            return self.write_held();
        }
        Ok(())
    }

    fn write_held(&mut self) -> Result<()> {
        self.rows = None;
        let held = std::mem::take(&mut self.held);
        if held.is_empty() { Ok(()) } else { write(&held) }
    }
}

/// Returns the command of the pager, or `None` if the user wants none: `KEYWRIGHT_PAGER`, or else `PAGER`, or else
/// `less`. An empty value and `cat` turn paging off.
fn chosen() -> Option<OsString> {
    let named = env::var_os("KEYWRIGHT_PAGER").or_else(|| env::var_os("PAGER"));
    named.or_else(|| Some("less".into())).filter(|command| !command.is_empty() && command != "cat")
}

/// Starts the pager, or returns `None` if that is not possible.
fn start() -> Option<Running> {
    let command = chosen()?;
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(&command).stdin(Stdio::piped());
    // Quit if the text fits on one screen, show colors, and leave the text on the terminal; as git does.
    for (name, value) in [("LESS", "FRX"), ("LV", "-c")] {
        if env::var_os(name).is_none() {
            shell.env(name, value);
        }
    }
    // A user who may run only keywright as another user must not run a shell from the pager.
    if ["SUDO_USER", "SUDO_UID", "DOAS_USER"].iter().any(|name| env::var_os(name).is_some()) {
        shell.env("LESSSECURE", "1");
    }
    let ignored = interrupt::ignore_keyboard();
    let child = shell.spawn().ok()?;
    Some(Running { child, _ignored: ignored })
}
