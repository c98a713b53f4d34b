//! Delivery of a secret to standard output, to a new file, or to a command.
//!
//! The order is [`Delivery::prepare`], then generate and reserve the key, then [`Delivery::deliver`]. Preparing refuses a
//! destination that is known to fail before there is a key. A delivery that fails removes what it created. Everything it
//! creates is recorded in an [`Undo`], a clone of which belongs in the closure given to [`crate::interrupt::guard`], so that
//! a signal removes it too, even while the delivery hangs in a write.

mod command;
mod stdout;

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

pub use command::CommandOutput;

use crate::error::{Code, Error, Result};
use crate::files::{Access, NewFile, Stream, Undo, taken_back};
use crate::key::Secret;

/// The place that a secret goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Standard output.
    Stdout,
    /// A new file that only its owner can read.
    File(PathBuf),
    /// The standard input of a command.
    Command {
        /// The program and its arguments.
        argv: Vec<OsString>,
        /// The destination of the command's own standard output.
        output: CommandOutput,
    },
}

/// A checked destination, ready to take a secret. Nothing has been written to it.
pub struct Delivery {
    destination: Destination,
    channel: Channel,
}

/// The open descriptor, path or program that takes the secret.
enum Channel {
    Stdout(stdout::Stdout),
    File(NewFile),
    Command(command::Pipe),
}

impl Delivery {
    /// Checks that a secret can be delivered to a destination. Changes nothing, except that an empty file of the user's
    /// behind standard output is made private.
    ///
    /// # Errors
    /// * Standard output: [`Code::StdoutClosed`], [`Code::StdoutDiscarded`], [`Code::StdoutExposed`], or
    ///   [`Code::FileExists`] if it is a file opened for overwriting.
    /// * A file: as [`NewFile::prepare`].
    /// * A command: [`Code::CommandMissing`] if there is no such program that can be run.
    pub fn prepare(destination: Destination) -> Result<Self> {
        let channel = match &destination {
            Destination::Stdout => Channel::Stdout(stdout::Stdout::prepare(rustix::stdio::stdout())?),
            Destination::File(path) => Channel::File(NewFile::prepare(path, Access::Private)?),
            Destination::Command { argv, output } => Channel::Command(command::Pipe::prepare(argv, *output)?),
        };
        let destination = match &channel {
            Channel::File(file) => Destination::File(file.path().to_owned()),
            Channel::Stdout(_) | Channel::Command(_) => destination,
        };
        Ok(Self { destination, channel })
    }

    /// Delivers the whole secret durably, or removes what was created by running `undo`.
    ///
    /// # Errors
    /// [`Code::NotDelivered`], [`Code::FileExists`] or [`Code::CommandFailed`]; [`Code::Interrupted`] if `undo` has run
    /// in the meantime.
    pub fn deliver(self, secret: &Secret, undo: &Undo) -> Result<()> {
        let bytes = secret.expose();
        match self.channel {
            Channel::Stdout(stdout) => stdout.deliver(&|sink| sink(bytes), undo),
            Channel::File(file) => return file.write(bytes, undo).map(drop),
            Channel::Command(pipe) => pipe.deliver(bytes, undo),
        }
        .map_err(|error| taken_back(error, undo))
    }

    /// Delivers secrets that are generated while they are written, like [`Delivery::deliver`].
    ///
    /// # Errors
    /// The errors of [`Delivery::deliver`]; [`Code::Usage`] for a command, which takes one secret.
    pub fn deliver_stream(self, secrets: Stream<'_>, undo: &Undo) -> Result<()> {
        match self.channel {
            Channel::Stdout(stdout) => stdout.deliver(secrets, undo).map_err(|error| taken_back(error, undo)),
            Channel::File(file) => file.write_stream(secrets, undo).map(drop),
            Channel::Command(_) => Err(Error::new(
                Code::Usage,
                "a command takes one secret",
                "write them to a file with --out, or to standard output",
            )),
        }
    }

    /// Does the part of [`Delivery::deliver_stream`] that can be done before the secrets may leave: writes them to a file
    /// that has no name yet, which disappears with the process. A failure is reported by [`StagedDelivery::deliver`].
    #[must_use]
    pub fn stage(self, secrets: Stream<'_>) -> StagedDelivery {
        let Self { destination, channel } = self;
        let stage = match channel {
            Channel::File(file) => match file.stage(secrets) {
                Ok(Some(staged)) => Stage::Written(file, staged),
                Ok(None) => Stage::Nothing(Self { destination, channel: Channel::File(file) }),
                Err(error) => Stage::Failed(error),
            },
            channel => Stage::Nothing(Self { destination, channel }),
        };
        StagedDelivery(stage)
    }

    /// Returns the destination; a file has its absolute path.
    #[must_use]
    pub const fn destination(&self) -> &Destination {
        &self.destination
    }

    /// Returns `true` if the secret is going to show on a terminal.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(&self.channel, Channel::Stdout(stdout) if stdout.is_terminal())
    }
}

impl Destination {
    /// Returns the file that takes the secret, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Stdout | Self::Command { .. } => None,
        }
    }

    /// Returns `true` for standard output, which then can carry nothing but the secret.
    #[must_use]
    pub const fn is_stdout(&self) -> bool {
        matches!(self, Self::Stdout)
    }
}

/// Secrets that wait for their delivery, written to a file that has no name if the destination is a file.
pub struct StagedDelivery(Stage);

enum Stage {
    Written(NewFile, File),
    /// The destination cannot be written ahead.
    Nothing(Delivery),
    Failed(Error),
}

impl StagedDelivery {
    /// Delivers the secrets, like [`Delivery::deliver_stream`].
    ///
    /// # Errors
    /// The errors of [`Delivery::deliver_stream`].
    pub fn deliver(self, secrets: Stream<'_>, undo: &Undo) -> Result<()> {
        match self.0 {
            Stage::Written(file, staged) => file.publish(&staged, secrets, undo).map(drop),
            Stage::Nothing(delivery) => delivery.deliver_stream(secrets, undo),
            Stage::Failed(error) => Err(taken_back(error, undo)),
        }
    }
}
