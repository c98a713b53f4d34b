//! Replaces a file in one step: a reader sees either the complete old file or the complete new file.
//!
//! The content is written to a temporary file in the same directory. The file is synced and only then renamed. Use
//! [`Replacement`] only for files that can be generated again at any time. For secrets, use
//! [`NewFile`](super::NewFile).

use super::{
    Access,
    directory::{open_parent, sync_dir},
    leftover::{remove_leftovers, temporary_name},
    undo::{Created, Inode, Undo},
    write_hint,
};
use crate::{
    error::{Code, Error, Result},
    key::{contains_secret, is_private_key},
};
use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, fchmod, fstat, openat, renameat, statat, unlinkat},
    io::Errno,
};
use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{self, Read as _, Write as _},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::Arc,
};
use zeroize::Zeroizing;

/// A temporary file that will replace any existing file with the final name. If the value is dropped or the [`Undo`]
/// runs before [`Replacement::finish`], the temporary file is deleted and the existing file stays unchanged.
pub struct Replacement {
    path: PathBuf,
    dir: Arc<OwnedFd>,
    name: OsString,
    temporary: OsString,
    file: File,
    undo: Undo,
}

impl Replacement {
    /// Creates the temporary file for a replacement of the file at `path`.
    ///
    /// # Errors
    /// - `output_directory` if the directory is missing, not readable or not writable, or if the path does not name a
    ///   file
    /// - `output_failed` if the path exists and is not a regular file, or if the temporary file cannot be created
    /// - `file_exists` if the existing file is an SQLite database, such as a keyring or a backup, or contains a secret
    ///   in its first 16 KiB
    /// - `interrupted` if `undo` has already run
    pub fn begin(path: &Path, access: Access, undo: &Undo) -> Result<Self> {
        let (dir, name) = open_parent(path)?;
        let dir = Arc::new(dir);
        match statat(&dir, &name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile => {
                let what = format!("{} exists and is not a regular file", path.display());
                return Err(Error::new(
                    Code::OutputFailed,
                    what,
                    "choose the path of a regular file, or omit --out and redirect standard output",
                ));
            }
            Ok(_) => refuse_precious(&dir, &name, path)?,
            Err(_) => {}
        }
        let failed = |e: Errno| failed(path, e.into());
        remove_leftovers(&dir);
        let temporary = temporary_name();
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::WRONLY | OFlags::CLOEXEC;
        let fd = undo
            .step(|ledger| {
                let fd = openat(&dir, &temporary, flags, Mode::from_raw_mode(0o600))?;
                let inode = Inode::of(&fstat(&fd)?);
                ledger.record(Created::Name { dir: Arc::clone(&dir), name: temporary.clone(), inode });
                Ok(fd)
            })?
            .map_err(failed)?;
        // Ignore the error of a file system without modes.
        let _ = fchmod(&fd, access.mode());
        Ok(Self { path: path.to_owned(), dir, name, temporary, file: fd.into(), undo: undo.clone() })
    }

    /// Appends bytes to the content.
    ///
    /// # Errors
    /// Returns `output_failed` if the bytes cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|e| failed(&self.path, e))
    }

    /// Syncs the content and renames the file to its final name.
    ///
    /// # Errors
    /// - `output_failed` if the file cannot be synced or renamed, in which case the existing file is unchanged, or if
    ///   the directory cannot be synced, in which case the existing file has been replaced
    /// - `interrupted` if the [`Undo`] has already run, in which case the existing file is unchanged
    pub fn finish(self) -> Result<()> {
        self.file.sync_all().map_err(|e| failed(&self.path, e))?;
        self.undo
            .step(|ledger| {
                renameat(&self.dir, &self.temporary, &self.dir, &self.name)?;
                ledger.forget_name(&self.temporary);
                Ok(())
            })?
            .map_err(|e: Errno| failed(&self.path, e.into()))?;
        sync_dir(&self.dir).map_err(|e| failed(&self.path, e))
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        // After the file was renamed or removed, the temporary name no longer exists.
        let _ = self.undo.step(|ledger| {
            let _ = unlinkat(&self.dir, &self.temporary, AtFlags::empty());
            ledger.forget_name(&self.temporary);
        });
    }
}

/// The number of bytes at the start of an existing file that are searched for secrets.
const HEAD: u64 = 16 * 1024;

/// Returns `file_exists` if the file is a keyring, a backup or a secret, because none of these can be generated again.
/// Every SQLite database counts as a keyring or a backup. A file that cannot be read may be replaced.
fn refuse_precious(dir: &OwnedFd, name: &OsStr, path: &Path) -> Result<()> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    // A file that cannot be read may be replaced: write permission for the directory is enough to replace it.
    let Ok(file) = openat(dir, name, flags, Mode::empty()) else { return Ok(()) };
    let mut head = Zeroizing::new(Vec::new());
    let _ = File::from(file).take(HEAD).read_to_end(&mut head);
    let text = Zeroizing::new(String::from_utf8_lossy(&head).into_owned());
    let what = if head.starts_with(b"SQLite format 3\0") {
        "an SQLite database, such as a keyring or a backup"
    } else if contains_secret(&text) || is_private_key(&head) {
        "a file with a secret"
    } else {
        return Ok(());
    };
    let problem = format!("{} exists and is {what}", path.display());
    Err(Error::new(Code::FileExists, problem, "choose another name"))
}

fn failed(path: &Path, cause: io::Error) -> Error {
    let hint = write_hint(&cause, "choose another location for the file");
    Error::new(Code::OutputFailed, format!("{} cannot be written", path.display()), hint).because(cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt as _};

    fn names(dir: &Path) -> Vec<OsString> {
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn the_old_file_stays_until_the_new_one_is_complete() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.json");
        for (access, mode, content) in [(Access::Public, 0o644, "first"), (Access::Private, 0o600, "second")] {
            let old = fs::read(&path).unwrap_or_default();
            let mut new = Replacement::begin(&path, access, &Undo::new()).unwrap();
            new.write(&content.as_bytes()[..2]).unwrap();
            new.write(&content.as_bytes()[2..]).unwrap();
            assert_eq!(fs::read(&path).unwrap_or_default(), old);
            new.finish().unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        }
        assert_eq!(names(dir.path()), ["keys.json"]);
    }

    #[test]
    fn a_dropped_replacement_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.json");
        fs::write(&path, "old").unwrap();
        let mut given_up = Replacement::begin(&path, Access::Public, &Undo::new()).unwrap();
        given_up.write(b"new").unwrap();
        assert_eq!(names(dir.path()).len(), 2);
        drop(given_up);
        let undo = Undo::new();
        let mut interrupted = Replacement::begin(&path, Access::Public, &undo).unwrap();
        interrupted.write(b"new").unwrap();
        undo.run().unwrap();
        assert_eq!(names(dir.path()), ["keys.json"]);
        assert_eq!(interrupted.finish().unwrap_err().code(), Code::Interrupted);
        assert!(Replacement::begin(&path, Access::Public, &undo).is_err());
        assert_eq!((names(dir.path()).len(), fs::read_to_string(&path).unwrap().as_str()), (1, "old"));
    }

    #[test]
    fn only_a_regular_file_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("directory")).unwrap();
        std::os::unix::fs::symlink("nowhere", dir.path().join("link")).unwrap();
        for (name, code) in [
            ("directory", Code::OutputFailed),
            ("link", Code::OutputFailed),
            ("directory/", Code::OutputDirectory),
            ("missing/keys.json", Code::OutputDirectory),
        ] {
            let refused = Replacement::begin(&dir.path().join(name), Access::Public, &Undo::new()).err().unwrap();
            assert_eq!(refused.code(), code, "{name}");
        }
        let refused = Replacement::begin(Path::new("/dev/null"), Access::Public, &Undo::new()).err().unwrap();
        // Only root can write to `/dev`. For any other user, the directory is refused first.
        let root = rustix::process::geteuid().is_root();
        assert_eq!(refused.code(), if root { Code::OutputFailed } else { Code::OutputDirectory });
        assert_eq!(names(dir.path()).len(), 2);
    }
}
