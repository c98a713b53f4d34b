//! Files that are written completely or not at all: secrets, public keys, backups and exports. The exception is a crash
//! while [`NewFile`] writes to a file system without hard links.
//!
//! [`NewFile`] never overwrites a file; [`Replacement`] replaces a file in a single step. An [`Undo`] records the files
//! that are created, and removes them after a failure or a signal.

mod directory;
mod leftover;
mod new_file;
mod replacement;
mod undo;

use std::io;

use rustix::io::Errno;

pub use directory::{create_directories, make_directory};
pub use leftover::{is_temporary, staged_keyring, temporary_directory};
pub use new_file::{Access, Content, NewFile};
pub use replacement::Replacement;
pub(crate) use undo::Created;
pub use undo::Undo;

use crate::error::Error;

/// A function that receives the bytes of a [`Stream`], one chunk per call.
pub type Sink<'a> = &'a mut dyn FnMut(&[u8]) -> io::Result<()>;

/// Content that is too large to keep in memory: a function that writes all of it to a [`Sink`]. The function may be
/// called more than once, and from any thread.
pub type Stream<'a> = &'a (dyn Fn(Sink<'_>) -> io::Result<()> + Sync);

/// Runs `undo` after a failure. Returns `error`, with a detail that lists everything that `undo` could not remove.
pub(crate) fn taken_back(error: Error, undo: &Undo) -> Error {
    match undo.run() {
        Ok(()) => error,
        Err(left) => error.detail(&["delivery"], left.message(), "left_behind"),
    }
}

/// Returns the hint for a write that failed with `cause`, or `otherwise` if there is no specific hint for that cause.
pub(crate) fn write_hint(cause: &io::Error, otherwise: &'static str) -> &'static str {
    match Errno::from_io_error(cause) {
        Some(Errno::NOSPC | Errno::DQUOT) => "free some space, or choose another location",
        Some(Errno::FBIG) => "raise the file size limit (`ulimit -f`)",
        Some(Errno::IO) => "check the disk, or choose another location",
        Some(Errno::ROFS) => "choose a location that is not mounted read-only",
        Some(Errno::PIPE) => "keep the program that reads the output running until it has read everything",
        _ => otherwise,
    }
}
