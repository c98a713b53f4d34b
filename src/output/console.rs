//! Messages and questions on standard error.

use super::{ColorChoice, harmless, redact::redacted};
use crate::error::{Code, Error, Result};
use rustix::{process::getpgrp, termios::tcgetpgrp};
use std::{
    env, fmt,
    fs::File,
    io::{BufRead, BufReader, IsTerminal, Write, stderr},
};

/// The settings for messages and questions on standard error.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    /// `true` to print only errors and questions.
    pub quiet: bool,
    /// The choice of when to use color.
    pub color: ColorChoice,
    /// `true` to answer every question with yes (`--yes`).
    pub yes: bool,
}

/// Returns a line for standard error, without secrets and without characters that a terminal obeys. A line feed, as in the
/// name of a file, is escaped.
fn one_line(text: &str) -> String {
    harmless(&redacted(text)).replace('\n', "\\n")
}

impl Console {
    /// Prints a line, unless `quiet` is set.
    pub fn say(self, line: &str) {
        if !self.quiet {
            put(&one_line(line));
        }
    }

    /// Prints a line about a completed action, with a check mark, unless `quiet` is set.
    pub fn done(self, line: &str) {
        if !self.quiet {
            put(&format!("{} {}", self.paint("32", "\u{2713}", "\u{2713}"), one_line(line)));
        }
    }

    /// Prints a warning, unless `quiet` is set.
    pub fn warn(self, line: &str) {
        if !self.quiet {
            put(&format!("{} {}", self.paint("33", "warning:", "warning:"), one_line(line)));
        }
    }

    /// Asks for confirmation of an action, unless `yes` is set. The answer is read from the controlling terminal,
    /// because standard input may be a file.
    ///
    /// # Errors
    /// - `confirmation_required` if `yes` is not set and nobody can answer: standard error is not a terminal, there is
    ///   no controlling terminal, the process is in the background, or [`in_ci`] returns `true`
    /// - `declined` if the answer is anything but `y` or `yes`
    pub fn confirm(self, question: &str) -> Result<()> {
        self.confirm_list(&[], question)
    }

    /// Asks for confirmation like [`Console::confirm`], and first shows `items`, one per line.
    ///
    /// # Errors
    /// - `confirmation_required` if `yes` is not set and nobody can answer
    /// - `declined` if the answer is anything but `y` or `yes`
    pub fn confirm_list(self, items: &[String], question: &str) -> Result<()> {
        if self.yes {
            return Ok(());
        }
        let Some(terminal) = answering_terminal() else {
            return Err(Error::new(
                Code::ConfirmationRequired,
                format!("confirmation required: {question}"),
                "pass --yes, or run the command in a terminal; --dry-run shows what it would change",
            ));
        };
        for item in items {
            put(&format!("  {}", harmless(&redacted(item))));
        }
        let mut err = stderr().lock();
        let _ = write!(err, "{} [y/N] ", harmless(&redacted(question)));
        let _ = err.flush();
        let mut answer = String::new();
        let _ = BufReader::new(terminal).read_line(&mut answer);
        match answer.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => Ok(()),
            _ => Err(Error::new(
                Code::Declined,
                "the operation was not confirmed; nothing was changed",
                "to continue, run the command again and answer `y`",
            )),
        }
    }

    /// Shows a prompt without a line feed, so that the answer follows on the same line.
    pub fn prompt(self, text: &str) {
        let mut err = stderr().lock();
        let _ = write!(err, "{}", harmless(&redacted(text)));
        let _ = err.flush();
    }

    fn paint(self, style: &str, text: &str, plain: &str) -> String {
        if self.color.applies(stderr().is_terminal()) {
            format!("\u{1b}[{style}m{text}\u{1b}[0m")
        } else {
            plain.to_owned()
        }
    }
}

/// Returns `true` if the environment variable `CI` has a value other than the empty string, `0` or `false`. In
/// continuous integration, nobody answers, even if there is a terminal.
#[must_use]
pub fn in_ci() -> bool {
    env::var_os("CI").is_some_and(|value| !["", "0", "false"].iter().any(|no| value.eq_ignore_ascii_case(no)))
}

/// Returns the controlling terminal, or `None` if nobody would see a question or answer it.
fn answering_terminal() -> Option<File> {
    if in_ci() || !stderr().is_terminal() {
        return None;
    }
    let terminal = File::open("/dev/tty").ok()?;
    // A process in the background is stopped when it reads from the terminal.
    (tcgetpgrp(&terminal) == Ok(getpgrp())).then_some(terminal)
}

/// Returns a count of keys with the noun in the singular or plural, such as `1 key` or `2 keys`.
#[must_use]
pub fn count_keys<N: Copy + PartialEq + From<u8> + fmt::Display>(keys: N) -> String {
    if keys == N::from(1) { "1 key".to_owned() } else { format!("{keys} keys") }
}

/// Returns a count of rows with the noun in the singular or plural, such as `1 row` or `2 rows`.
#[must_use]
pub fn count_rows(rows: u64) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") }
}

/// Tells a user that the command waits. The line is printed even with `--quiet`, because it is a prompt.
pub fn announce_input(line: &str) {
    put(line);
}

/// Writes a line to standard error. Ignores errors, because a closed standard error must not make a command fail.
fn put(line: &str) {
    let _ = writeln!(stderr().lock(), "{line}");
}
