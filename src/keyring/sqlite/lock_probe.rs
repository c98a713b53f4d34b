//! Finding out whether the file system of a keyring file supports locks.
//!
//! SQLite reports a lock that the system refuses to grant (`ENOLCK`) like one that another process holds, so without a
//! probe, a command would wait for a process that does not exist.

use rustix::io::Errno;
use std::{
    fs::File,
    os::fd::AsRawFd as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// The path and the descriptor of the last probed file, or `None` before the first probe. The descriptor is never
/// closed, because closing any descriptor of a file releases all locks that the process holds on the file (`fcntl(2)`),
/// including the locks of SQLite.
static PROBED: Mutex<Option<(PathBuf, File)>> = Mutex::new(None);

/// The offset of the byte that the probe locks, which is far beyond the bytes that SQLite locks.
const BYTE: i64 = 1 << 60;

/// Returns the system's error if the system refuses locks on a file. `EACCES` counts as a refusal, because Linux and macOS
/// report a lock of another process as `EAGAIN`. Returns `None` if locks work, or if the probe is
/// inconclusive, for example because the file cannot be opened.
pub(super) fn refusal(path: &Path) -> Option<Errno> {
    let mut probed = PROBED.lock().unwrap_or_else(PoisonError::into_inner);
    if probed.as_ref().is_none_or(|(other, _)| other != path) {
        let file = File::open(path).ok()?;
        // A file that was probed before is never closed either.
        std::mem::forget(probed.replace((path.to_owned(), file)));
    }
    let (_, file) = probed.as_ref()?;
    match lock(file) {
        Ok(()) | Err(Errno::AGAIN | Errno::INTR) => None,
        Err(refused) => Some(refused),
    }
}

/// Acquires a shared lock on [`BYTE`] without waiting. The lock conflicts with no lock of SQLite or another probe.
#[expect(unsafe_code, reason = "no crate in use offers fcntl(2) locks on a part of a file")]
#[expect(clippy::cast_possible_truncation, reason = "the constants are small, and their types differ between systems")]
fn lock(file: &File) -> Result<(), Errno> {
    // SAFETY: All zeros is a valid `flock`, which is a plain structure of integers.
    let mut range: libc::flock = unsafe { std::mem::zeroed() };
    range.l_type = libc::F_RDLCK as _;
    range.l_whence = libc::SEEK_SET as _;
    range.l_start = BYTE;
    range.l_len = 1;
    // SAFETY: The descriptor is open, and F_SETLK only reads the third argument, which points to a valid `flock`.
    let status = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLK, &raw const range) };
    if status == -1 {
        let error = std::io::Error::last_os_error();
        return Err(Errno::from_io_error(&error).unwrap_or(Errno::IO));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_work_on_an_ordinary_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(refusal(file.path()), None);
        assert_eq!(refusal(Path::new("/nowhere/at/all")), None);
    }
}
