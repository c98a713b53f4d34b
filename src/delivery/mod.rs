//! How a secret leaves the program: to standard output, to a new file, or into a command.
//!
//! The order is preflight ([`prepare`]), make and reserve the key, then [`Prepared::deliver`]. Preflight refuses what can
//! be known to fail, before there is a key; a delivery that fails takes back what it made. Everything that it makes is
//! recorded in an [`Undo`], a clone of which belongs in the closure given to [`crate::interrupt::guard`], so that a signal
//! takes it back too, even while the delivery hangs in a write.

mod command;
mod stdout;

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

pub use command::Output;

use crate::error::{Code, Error, Result};
use crate::files::{Access, NewFile, Stream, Undo, taken_back};
use crate::key::Secret;

/// Where a secret is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Standard output.
    Stdout,
    /// A new file, readable by its owner only.
    File(PathBuf),
    /// The standard input of a program with these arguments.
    Command {
        /// The program and its arguments.
        argv: Vec<OsString>,
        /// Where its own output goes.
        output: Output,
    },
}

/// A checked way out: nothing has been written yet.
pub struct Prepared(Way);

enum Way {
    Stdout(stdout::Stdout),
    File(NewFile),
    Command(command::Pipe),
}

/// Checks that the secret could be delivered. Changes nothing, except that an empty file of ours behind standard output
/// is made private.
///
/// # Errors
/// * Standard output: [`Code::StdoutClosed`], [`Code::StdoutDiscarded`], [`Code::StdoutExposed`], and
///   [`Code::FileExists`] when it is a file opened for overwriting.
/// * A file: as [`NewFile::prepare`].
/// * A command: [`Code::CommandMissing`] when no such program can be run.
///
/// [`Code::StdoutClosed`]: crate::error::Code::StdoutClosed
/// [`Code::StdoutDiscarded`]: crate::error::Code::StdoutDiscarded
/// [`Code::StdoutExposed`]: crate::error::Code::StdoutExposed
/// [`Code::FileExists`]: crate::error::Code::FileExists
/// [`Code::CommandMissing`]: crate::error::Code::CommandMissing
pub fn prepare(target: &Target) -> Result<Prepared> {
    Ok(Prepared(match target {
        Target::Stdout => Way::Stdout(stdout::Stdout::prepare(rustix::stdio::stdout())?),
        Target::File(path) => Way::File(NewFile::prepare(path, Access::Private)?),
        Target::Command { argv, output } => Way::Command(command::Pipe::prepare(argv, *output)?),
    }))
}

impl Prepared {
    /// Delivers the secret, all of it and durably, or takes back what was made by running `undo`.
    ///
    /// # Errors
    /// [`Code::NotDelivered`], [`Code::FileExists`] or [`Code::CommandFailed`]; [`Code::Interrupted`] when `undo` has
    /// run meanwhile.
    ///
    /// [`Code::NotDelivered`]: crate::error::Code::NotDelivered
    /// [`Code::FileExists`]: crate::error::Code::FileExists
    /// [`Code::CommandFailed`]: crate::error::Code::CommandFailed
    /// [`Code::Interrupted`]: crate::error::Code::Interrupted
    pub fn deliver(self, secret: &Secret, undo: &Undo) -> Result<()> {
        let bytes = secret.expose();
        match self.0 {
            Way::Stdout(stdout) => stdout.deliver(&|sink| sink(bytes), undo),
            Way::File(file) => return file.write(bytes, undo).map(drop),
            Way::Command(pipe) => pipe.deliver(bytes, undo),
        }
        .map_err(|error| taken_back(error, undo))
    }

    /// [`Prepared::deliver`] for secrets that are made as they are written.
    ///
    /// # Errors
    /// As [`Prepared::deliver`]; [`Code::Usage`] for a command, which takes one secret.
    ///
    /// [`Code::Usage`]: crate::error::Code::Usage
    pub fn deliver_stream(self, secrets: Stream<'_>, undo: &Undo) -> Result<()> {
        match self.0 {
            Way::Stdout(stdout) => stdout.deliver(secrets, undo).map_err(|error| taken_back(error, undo)),
            Way::File(file) => file.write_stream(secrets, undo).map(drop),
            Way::Command(_) => Err(Error::new(
                Code::Usage,
                "many secrets do not go into a command",
                "write them to a file with --out, or to standard output",
            )),
        }
    }

    /// Does as much of [`Prepared::deliver_stream`] as can be done before the secrets may leave: writes them into a file that
    /// has no name, so that nothing of it is left whatever ends the process. What fails is told by [`Staged::deliver`].
    #[must_use]
    pub fn stage(self, secrets: Stream<'_>) -> Staged {
        match self.0 {
            Way::File(file) => match file.stage(secrets) {
                Ok(Some(staged)) => Staged(Stage::Written(file, staged)),
                Ok(None) => Staged(Stage::Nowhere(Self(Way::File(file)))),
                Err(error) => Staged(Stage::Failed(error)),
            },
            way => Staged(Stage::Nowhere(Self(way))),
        }
    }

    /// The absolute path of the file that is to hold the secret.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.0 {
            Way::File(file) => Some(file.path()),
            _ => None,
        }
    }

    /// Whether the secret takes standard output, which then can carry nothing else.
    #[must_use]
    pub fn is_stdout(&self) -> bool {
        matches!(&self.0, Way::Stdout(_))
    }

    /// Whether the secret is going to show on a terminal.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(&self.0, Way::Stdout(stdout) if stdout.is_terminal())
    }
}

/// Secrets that wait until they may leave, written down where nobody can find them.
pub struct Staged(Stage);

enum Stage {
    Written(NewFile, File),
    /// There is no such place on this way.
    Nowhere(Prepared),
    Failed(Error),
}

impl Staged {
    /// Delivers them, as [`Prepared::deliver_stream`].
    ///
    /// # Errors
    /// As [`Prepared::deliver_stream`].
    pub fn deliver(self, secrets: Stream<'_>, undo: &Undo) -> Result<()> {
        match self.0 {
            Stage::Written(file, staged) => file.publish(&staged, secrets, undo).map(drop),
            Stage::Nowhere(prepared) => prepared.deliver_stream(secrets, undo),
            Stage::Failed(error) => Err(taken_back(error, undo)),
        }
    }
}
