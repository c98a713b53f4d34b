//! Delivery of a secret to standard output, to a new file, or to a command.
//!
//! Call [`Delivery::prepare`] first, then generate and reserve the key, and then call [`Delivery::deliver`]. Before any
//! key exists, `prepare` refuses a destination that is known to fail.
//!
//! A delivery that fails removes everything that it created, which is recorded in an [`Undo`]. Keep a clone of the
//! `Undo` in the closure that you pass to [`crate::interrupt::guard`], so that a signal also removes what was created,
//! even while the delivery is blocked in a write.

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
    /// - `stdout_closed` if standard output is closed or not writable
    /// - `stdout_discarded` if standard output is a device that discards what is written
    /// - `stdout_exposed` if standard output is a block device, or a file that other users can read
    /// - `file_exists` if the file already exists, or if standard output would overwrite the content of a file
    /// - `output_directory` if the file's directory is missing or not writable, or if the path does not name a file
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

    /// Delivers the whole secret. A file is synced, and a command has read the secret, when this method returns. On
    /// failure, runs `undo` to remove what was created.
    ///
    /// # Errors
    /// - `not_delivered` if the secret cannot be written
    /// - `file_exists` if something with this name has been created since the destination was prepared
    /// - `output_directory` if the file system cannot keep the file private
    /// - `command_failed` if the command fails or does not read the whole secret
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

    /// Delivers secrets, generating them while they are written. A file is synced when this method returns. On failure,
    /// runs `undo` to remove what was created.
    ///
    /// # Errors
    /// - `usage` if the destination is a command, which can receive only one secret
    /// - `not_delivered` if the secrets cannot be written
    /// - `file_exists` if something with this name has been created since the destination was prepared
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

    /// Writes the secrets in advance, if the destination is a file and the file system supports files without a name.
    /// The secrets go to such a file, which disappears when the process exits, unless it is delivered. Otherwise,
    /// nothing is written. A failure is reported later, by [`StagedDelivery::deliver`].
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

    /// Returns `true` if the destination is standard output, which then must carry nothing but the secret.
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

/// Secrets that are waiting to be delivered. If the destination is a file and the file system supports it, they are
/// already written to a file without a name.
pub struct StagedDelivery(Stage);

enum Stage {
    Written(NewFile, File),
    /// A destination that cannot be written to in advance.
    Nothing(Delivery),
    Failed(Error),
}

impl StagedDelivery {
    /// Delivers the secrets, writing them first if they have not been written yet. On failure, runs `undo` to remove
    /// what was created.
    ///
    /// # Errors
    /// - `usage` if the destination is a command, which can receive only one secret
    /// - `not_delivered` if the secrets cannot be written
    /// - `file_exists` if something with this name has been created since the destination was prepared
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
