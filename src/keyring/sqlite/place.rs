//! The path of a keyring file, and the permissions of the file and its directory.

use super::{
    exposure::{self, Found, OTHERS_WRITE, STICKY},
    stale_journal,
};
use crate::{
    error::{Code, Error, Result, shell_word},
    files::{create_directories, staged_keyring},
    keyring::Exposure,
};
use rustix::{
    fs::{Access, CWD, Mode, OFlags, RenameFlags},
    io::Errno,
};
use std::{
    fmt, fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// The absolute path of a keyring file. SQLite would interpret a relative path that starts with `file:` as a URI, and a
/// keyring at `file:x?mode=memory` would lose every key.
#[derive(Clone, Debug)]
pub struct Place(PathBuf);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

impl Place {
    /// Creates a place from a path. A relative path is resolved against the current directory.
    ///
    /// # Errors
    /// Returns `keyring_failed` if the path ends with `/`, has no file name or cannot be made absolute.
    pub fn new(path: &Path) -> Result<Self> {
        let refused = |problem: &str, hint: &str| {
            let message = format!("{} cannot be the path of a keyring: it {problem}", path.display());
            Error::new(Code::KeyringFailed, message, hint)
        };
        let absolute = std::path::absolute(path)
            .map_err(|e| refused("cannot be made absolute", "pass an absolute path with --keyring").because(e))?;
        if absolute.file_name().is_none() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(refused("names a directory", "pass the path of a file with --keyring"));
        }
        Ok(Self(absolute))
    }

    /// Returns the path of the keyring file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the directory that contains the keyring file.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.0.parent().unwrap_or(Path::new("/"))
    }

    /// Returns the properties of the keyring file, after checking that no other user can write to or replace the file.
    /// Returns `None` if the file does not exist.
    ///
    /// # Errors
    /// - `keyring_exposed` if the permissions let other users write to or replace the file
    /// - `keyring_owner` if another user owns the file or a directory above the file
    /// - `keyring_foreign` if the path is not a regular file, or if the file is empty
    /// - a [storage error](crate::keyring#storage-errors) if the permissions cannot be read, or if the path is a broken
    ///   symbolic link
    pub(super) fn check(&self) -> Result<Option<Found>> {
        let Some(file) = self.find()? else { return Ok(None) };
        match self.exposures(file)?.iter().find(|exposure| exposure.written) {
            Some(exposure) => Err(exposure::refused(exposure, &self.0)),
            None => Ok(Some(file)),
        }
    }

    /// Returns the properties of the keyring file without checking the permissions, or `None` if the file does not
    /// exist.
    ///
    /// # Errors
    /// - `keyring_foreign` if the path is not a regular file, or if the file is empty
    /// - a [storage error](crate::keyring#storage-errors) if the properties cannot be read, or if the path is a broken
    ///   symbolic link
    pub(super) fn find(&self) -> Result<Option<Found>> {
        let named = fs::symlink_metadata(&self.0);
        let link = named.as_ref().is_ok_and(fs::Metadata::is_symlink);
        let file = match if link { fs::metadata(&self.0) } else { named } {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && link => {
                // The target may be on a disk that is not mounted. Creating a new keyring here would hide the real one.
                return Err(Error::new(
                    Code::KeyringFailed,
                    format!("{} is a broken symbolic link", self.0.display()),
                    "restore the file to which it points, or delete the link",
                ));
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(self.unreadable(e)),
        };
        if !file.is_file() {
            return Err(Error::new(
                Code::KeyringForeign,
                format!("{} is not a regular file", self.0.display()),
                "pass the path of a keyring with --keyring",
            ));
        }
        if file.len() == 0 {
            return Err(Error::new(
                Code::KeyringForeign,
                format!("{} is empty, so it is not a keyring", self.0.display()),
                "restore the keyring from a backup, or delete the file if it has never been a keyring",
            ));
        }
        Ok(Some(Found { mode: file.mode(), owner: file.uid(), inode: (file.dev(), file.ino()) }))
    }

    /// Returns an exposure of the keyring file if other users can read or write to the file or another user owns the
    /// file, and an exposure of each directory through which another user can change or replace the file.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the permissions cannot be read.
    pub(super) fn exposures(&self, file: Found) -> Result<Vec<Exposure>> {
        exposure::exposures(&self.0, file).map_err(|e| self.unreadable(e))
    }

    /// Checks that the file has no other name, through which a process would miss the rollback journal. Deletes
    /// temporary names of the file, which a killed process may have left behind.
    ///
    /// # Errors
    /// - `keyring_linked` if the file has another name, or is mounted by itself
    /// - a [storage error](crate::keyring#storage-errors) if the names cannot be determined, or if a temporary name
    ///   cannot be deleted
    pub(super) fn refuse_other_names(&self) -> Result<()> {
        exposure::refuse_other_names(&self.0).map_err(|e| self.unreadable(e))?
    }

    /// Returns a description of another name of the file, or of a mount of the file alone. Returns `None` if there is
    /// neither.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the names cannot be determined.
    pub(super) fn other_name(&self) -> Result<Option<String>> {
        exposure::other_name(&self.0).map_err(|e| self.unreadable(e))
    }

    /// Checks that the file looks like a complete backup, without reading its content, and that other users can neither
    /// write to nor replace the file. Other users may be able to write to its directory if the directory is sticky,
    /// because they can then only add files, which do not affect the backup.
    ///
    /// # Errors
    /// - `input_unreadable` if the properties of the file or of its directory cannot be read
    /// - `input_not_regular` if the path is not a regular file
    /// - `keyring_foreign` if the file is empty
    /// - `keyring_exposed` if other users can write to or replace the file
    /// - `keyring_corrupt` if a journal next to the file shows that the file was copied in the middle of a write
    pub(super) fn inspect_copy(&self) -> Result<()> {
        let shown = self.0.display();
        let unreadable = |cause: std::io::Error| {
            Error::new(Code::InputUnreadable, format!("{shown} cannot be read"), "check the path and its permissions")
                .because(anyhow::Error::from(cause))
        };
        let file = fs::metadata(&self.0).map_err(unreadable)?;
        if !file.is_file() {
            return Err(Error::new(
                Code::InputNotRegular,
                format!("{shown} is not a regular file"),
                "use the path of a backup",
            ));
        }
        if file.len() == 0 {
            return Err(Error::new(
                Code::KeyringForeign,
                format!("{shown} is empty, so it is not a backup"),
                "use another backup",
            ));
        }
        if file.mode() & OTHERS_WRITE != 0 {
            let hint = format!(
                "check that the file is the backup that you saved, then run `chmod go-w {}`",
                shell_word(&self.0)
            );
            return Err(exposed(&self.0, file.mode()).with_hint(hint));
        }
        let real = fs::canonicalize(&self.0).map_err(unreadable)?;
        let directory = real.parent().unwrap_or(Path::new("/"));
        // In a sticky directory, other users can add files but cannot replace this file.
        let mode = fs::metadata(directory).map_err(unreadable)?.mode();
        if mode & STICKY == 0 && mode & OTHERS_WRITE != 0 {
            let hint = "copy the file to a directory that only you can write to, and check that it is the backup that you saved";
            return Err(exposed(directory, mode).with_hint(hint));
        }
        let mut journal = self.0.clone().into_os_string();
        journal.push("-journal");
        if fs::metadata(&journal).is_ok_and(|journal| journal.len() > 0) {
            return Err(Error::new(
                Code::KeyringCorrupt,
                format!("{shown} has a journal next to it, so it was copied in the middle of a write"),
                format!(
                    "take backups with `keywright backup`; to complete this one, run `keywright list --keyring {}`",
                    shell_word(&self.0)
                ),
            ));
        }
        Ok(())
    }

    /// Checks that a path is neither the keyring file nor one of the files next to it that SQLite uses and deletes.
    ///
    /// # Errors
    /// Returns `keyring_file` if the path is one of these files.
    pub fn refuse_own(&self, path: &Path) -> Result<()> {
        let real = fs::canonicalize(&self.0);
        let real = real.as_deref().unwrap_or(&self.0);
        let (Some(own), Some(given)) = (real.file_name(), path.file_name()) else { return Ok(()) };
        // Ignore case, because names that differ only in case are the same file on some file systems.
        let (own, given) = (own.as_encoded_bytes(), given.as_encoded_bytes());
        let Some((start, end)) = given.split_at_checked(own.len()) else { return Ok(()) };
        let is_own = start.eq_ignore_ascii_case(own)
            && ["", "-journal", "-wal", "-shm"].iter().any(|side| end.eq_ignore_ascii_case(side.as_bytes()));
        let directory = |path: &Path| {
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            fs::metadata(parent.unwrap_or(Path::new("."))).map(|directory| (directory.dev(), directory.ino())).ok()
        };
        if !is_own || directory(path).is_none_or(|given| directory(real) != Some(given)) {
            return Ok(());
        }
        let message = format!("{} is one of the keyring's own files", path.display());
        Err(Error::new(Code::KeyringFile, message, "choose another path"))
    }

    /// Checks that the permissions allow writing to the keyring file and creating a journal in its directory, and that
    /// the file has no other name. Deletes temporary names of the file.
    ///
    /// # Errors
    /// - `keyring_read_only` if the file or its directory is not writable
    /// - `keyring_linked` if the file has another name, or is mounted by itself
    /// - `keyring_failed` if the names cannot be determined, or if a temporary name cannot be deleted
    pub(super) fn check_writable(&self) -> Result<()> {
        let ok = rustix::fs::access(&self.0, Access::WRITE_OK)
            .and_then(|()| rustix::fs::access(self.directory(), Access::WRITE_OK | Access::EXEC_OK));
        ok.map_err(|e| {
            Error::new(
                Code::KeyringReadOnly,
                format!("{} or its directory is not writable", self.0.display()),
                "change the permissions of the file and its directory, or pass another path with --keyring",
            )
            .because(anyhow::Error::from(std::io::Error::from(e)))
        })?;
        self.refuse_other_names()
    }

    /// Creates an empty file (mode 0600) with a temporary name in the directory of the keyring, and returns the path of
    /// the file. Before that, creates missing directories (mode 0700), and deletes files that killed processes left
    /// behind. [`Place::settle`] moves the completed file to its final path.
    ///
    /// # Errors
    /// - `keyring_exposed` if the permissions let other users write to or replace the directory
    /// - `keyring_owner` if another user owns the directory or a directory above it
    /// - `keyring_corrupt` if a stale journal would change the new file
    /// - a [storage error](crate::keyring#storage-errors) if the permissions cannot be read, or if the file or a
    ///   directory cannot be created
    pub(super) fn stage(&self) -> Result<PathBuf> {
        let directory = self.directory();
        let failed = |e| self.failed("cannot create the keyring's directory", e);
        // The directories that exist are checked first, so that nothing is created in a directory of another user.
        let there = directory.ancestors().find(|directory| directory.exists()).unwrap_or(Path::new("/"));
        let never = if there == directory { OTHERS_WRITE } else { 0 };
        refuse_exposed(&there.join("keyring"), never)?;
        create_directories(directory).map_err(failed)?;
        refuse_exposed(&fs::canonicalize(directory).map_err(failed)?.join("keyring"), OTHERS_WRITE)?;
        stale_journal::refuse(self.path())?;
        let path = staged_keyring(directory);
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDWR;
        rustix::fs::openat(CWD, &path, flags, Mode::RUSR | Mode::WUSR)
            .map_err(|e| self.failed("cannot create the keyring", e))?;
        Ok(path)
    }

    /// Durably moves a completed keyring from its staged path to its final path and returns `true`. If a file already
    /// exists at the final path, deletes the staged file and returns `false`. The staged file is also deleted if it
    /// cannot be moved.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the file cannot be moved or its directory cannot be
    /// synced.
    pub(super) fn settle(&self, staged: &Path) -> Result<bool> {
        let moved = rename_new(staged, &self.0);
        if !matches!(moved, Ok(true)) {
            let _ = fs::remove_file(staged);
        }
        let moved = moved.map_err(|e| self.failed("cannot move the keyring into place", e))?;
        let synced = fs::File::open(self.directory()).and_then(|directory| directory.sync_all());
        synced.map_err(|e| self.failed("cannot sync the keyring's directory", e))?;
        Ok(moved)
    }

    /// Returns the `keyring_failed` error for a keyring file or directory with properties that cannot be read.
    fn unreadable(&self, cause: std::io::Error) -> Error {
        let hint =
            "check the permissions of the keyring and of all directories above it, or pass another path with --keyring";
        Error::new(Code::KeyringFailed, format!("cannot read {} or its directory", self.0.display()), hint)
            .because(anyhow::Error::from(cause))
    }

    /// Returns the error for a failed operation on the keyring file or its directory. `what` describes the failure, and
    /// `cause` determines the error code.
    pub(super) fn failed(&self, what: &str, cause: impl Into<std::io::Error>) -> Error {
        let cause = cause.into();
        let (code, hint) = match Errno::from_io_error(&cause) {
            Some(Errno::ACCESS | Errno::PERM | Errno::ROFS) => {
                (Code::KeyringReadOnly, "change the permissions, or pass another path with --keyring")
            }
            Some(Errno::NOSPC | Errno::DQUOT) => {
                (Code::KeyringFull, "free some space, or pass another path with --keyring")
            }
            Some(Errno::FBIG) => (Code::KeyringFull, "raise the file size limit (`ulimit -f`)"),
            _ => (Code::KeyringFailed, "check the path and the disk, or pass another path with --keyring"),
        };
        Error::new(code, format!("{what} ({})", self.0.display()), hint).because(anyhow::Error::from(cause))
    }
}

fn exposed(path: &Path, mode: u32) -> Error {
    let exposure = Exposure { path: path.to_owned(), mode: mode & 0o7777, written: true, owner: None };
    exposure::refused(&exposure, path)
}

/// Checks that no other user can replace a file at `path`. If `never` is not 0, the directory that contains the file
/// must not be writable by other users even if the directory is sticky.
fn refuse_exposed(path: &Path, never: u32) -> Result<()> {
    let unseen = |e| {
        let message = format!("cannot read the directories above {}", path.display());
        Error::new(Code::KeyringFailed, message, "check the path and its permissions").because(anyhow::Error::from(e))
    };
    match exposure::directories(path, never).map_err(unseen)?.first() {
        Some(exposure) => Err(exposure::refused(exposure, path)),
        None => Ok(()),
    }
}

/// Renames a file and returns `true`. If a file already exists at the new path, changes nothing and returns `false`.
fn rename_new(from: &Path, to: &Path) -> std::io::Result<bool> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        // The file system cannot rename a file without replacing another one. A hard link cannot replace one either, and if
        // the process is killed before the temporary name is deleted, the next writer deletes it.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => match fs::hard_link(from, to) {
            Ok(()) => fs::remove_file(from).map(|()| true),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
            Err(e) => Err(e),
        },
        Err(e) => Err(e.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_new_keyring_removes_files_left_by_a_killed_run() {
        let directory = tempfile::tempdir().unwrap();
        let left = |name: &str, age: u64| {
            let path = directory.path().join(name);
            let modified = SystemTime::now() - Duration::from_secs(age);
            fs::File::create(&path).unwrap().set_modified(modified).unwrap();
            path
        };
        let old = left(&format!(".keywright-{}.new", "0".repeat(32)), 7200);
        let (young, other) = (left(&format!(".keywright-{}.new", "1".repeat(32)), 60), left("notes.new", 7200));
        let place = Place::new(&directory.path().join("keyring.db")).unwrap();
        let staged = place.stage().unwrap();
        assert!(!old.exists());
        assert!(young.exists() && other.exists() && staged.exists());
    }

    #[test]
    fn a_place_has_an_absolute_path_to_a_file() {
        assert!(Place::new(Path::new("file:x?mode=memory")).unwrap().path().is_absolute());
        for path in ["", "/", "a/", "..", "a/.."] {
            assert_eq!(Place::new(Path::new(path)).unwrap_err().code(), Code::KeyringFailed, "{path:?}");
        }
    }
}
