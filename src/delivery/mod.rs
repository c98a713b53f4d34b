//! Delivery of a secret to standard output, to a new file, or to a command.
//!
//! Call [`Delivery::prepare`] first, then generate and reserve the key, and then call [`Delivery::deliver`]. `prepare`
//! refuses a destination that is known to fail, before any key exists.
//!
//! An [`Undo`] records everything that a delivery creates, and a delivery that fails runs the `Undo`. Keep a clone of
//! the `Undo` in the closure that you pass to [`crate::interrupt::guard`]. A signal then runs the `Undo` too, even
//! while the delivery is blocked in a write.

mod command;
mod stdout;

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

pub use command::CommandOutput;

use crate::error::{Code, Error, Result};
use crate::files::{Access, NewFile, Stream, Undo, taken_back};
use crate::key::Secret;

/// The destination of a secret.
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
        /// The destination of the command's standard output.
        output: CommandOutput,
    },
}

/// A checked destination that is ready to receive a secret. Nothing has been written to it yet.
pub struct Delivery {
    destination: Destination,
    channel: Channel,
}

/// The open descriptor, path or program that receives the secret.
enum Channel {
    Stdout(stdout::Stdout),
    File(NewFile),
    Command(command::Pipe),
}

impl Delivery {
    /// Checks that a secret can be delivered to `destination`. Changes nothing, with one exception: if standard output
    /// is redirected to an empty file that the user owns and other users can read, the file is made private.
    ///
    /// # Errors
    /// - `stdout_closed` if standard output is closed or not writable, or cannot be examined or duplicated
    /// - `stdout_discarded` if standard output is `/dev/null` or `/dev/zero`
    /// - `stdout_exposed` if standard output is a file or FIFO that other users can read, a socket other than one of an
    ///   unnamed pair, or any other device that is not a terminal
    /// - `file_exists` if the file already exists, or if standard output would overwrite the content of a file
    /// - `output_directory` if the file's directory is missing, not readable or not writable, if the path does not name
    ///   a file, or if the path is relative and the working directory cannot be determined
    /// - `usage` if the command is empty
    /// - `command_missing` if the command's program does not exist or is not executable
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

    /// Delivers the whole secret. When this method returns, a file has been synced, and a command has exited. On
    /// failure, runs `undo`.
    ///
    /// # Errors
    /// - `not_delivered` if the secret cannot be written
    /// - `file_exists` if a file with this name has been created since the destination was prepared
    /// - `output_directory` if the file system cannot keep the file private
    /// - `command_failed` if the command cannot be run, fails, or does not read the whole secret
    /// - `interrupted` if `undo` has already run
    pub fn deliver(self, secret: &Secret, undo: &Undo) -> Result<()> {
        let bytes = secret.expose();
        match self.channel {
            Channel::Stdout(stdout) => stdout.deliver(&|sink| sink(bytes), undo),
            Channel::File(file) => return file.write(bytes, undo).map(drop),
            Channel::Command(pipe) => pipe.deliver(bytes, undo),
        }
        .map_err(|error| taken_back(error, undo))
    }

    /// Delivers secrets that are generated while they are written. When this method returns, a file has been synced. On
    /// failure, runs `undo`.
    ///
    /// # Errors
    /// - `usage` if the destination is a command, which can receive only one secret
    /// - `not_delivered` if the secrets cannot be written
    /// - `file_exists` if a file with this name has been created since the destination was prepared
    /// - `output_directory` if the file system cannot keep the file private
    /// - `interrupted` if `undo` has already run
    pub fn deliver_stream(self, secrets: Stream<'_>, undo: &Undo) -> Result<()> {
        match self.channel {
            Channel::Stdout(stdout) => stdout.deliver(secrets, undo).map_err(|error| taken_back(error, undo)),
            Channel::File(file) => file.write_stream(secrets, undo).map(drop),
            Channel::Command(_) => Err(Error::new(
                Code::Usage,
                "a command can receive only one secret",
                "pass --out FILE, or write the secrets to standard output",
            )),
        }
    }

    /// Writes the secrets in advance to a file without a name, if the destination is a file and the file system
    /// supports files without a name. Otherwise, writes nothing. Unless the secrets are delivered, the file disappears
    /// when the process exits. A failure is reported later, by [`StagedDelivery::deliver`].
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

    /// Returns the destination. The path of a file is absolute.
    #[must_use]
    pub const fn destination(&self) -> &Destination {
        &self.destination
    }

    /// Returns `true` if the secret will be shown on a terminal.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(&self.channel, Channel::Stdout(stdout) if stdout.is_terminal())
    }
}

impl Destination {
    /// Returns the path of the file that receives the secret, or `None` for any other destination.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Stdout | Self::Command { .. } => None,
        }
    }

    /// Returns `true` if the destination is standard output, to which nothing but the secret may then be written.
    #[must_use]
    pub const fn is_stdout(&self) -> bool {
        matches!(self, Self::Stdout)
    }

    /// Returns `true` if the destination is the standard input of a command.
    #[must_use]
    pub const fn is_command(&self) -> bool {
        matches!(self, Self::Command { .. })
    }
}

/// A delivery for which [`Delivery::stage`] may already have written the secrets to a file without a name.
pub struct StagedDelivery(Stage);

enum Stage {
    Written(NewFile, File),
    /// A destination that cannot be written to in advance.
    Nothing(Delivery),
    Failed(Error),
}

impl StagedDelivery {
    /// Delivers the secrets. A staged file gets its name. If no file was staged, or the staged file cannot be linked,
    /// the secrets are written first. On failure, also of [`Delivery::stage`], runs `undo`.
    ///
    /// # Errors
    /// - `usage` if the destination is a command, which can receive only one secret
    /// - `not_delivered` if the secrets cannot be written
    /// - `file_exists` if a file with this name has been created since the destination was prepared
    /// - `output_directory` if the file system cannot keep the file private
    /// - `interrupted` if `undo` has already run
    pub fn deliver(self, secrets: Stream<'_>, undo: &Undo) -> Result<()> {
        match self.0 {
            Stage::Written(file, staged) => file.publish(&staged, secrets, undo).map(drop),
            Stage::Nothing(delivery) => delivery.deliver_stream(secrets, undo),
            Stage::Failed(error) => Err(taken_back(error, undo)),
        }
    }
}
