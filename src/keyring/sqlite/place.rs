//! Where a keyring lies, and who else could touch it.

use crate::{
    error::{Code, Error, Result},
    keyring::Exposure,
};
use rustix::{
    fs::{Access, CWD, Mode, OFlags},
    io::Errno,
};
use std::{
    fmt, fs,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

/// The write bits of group and others.
const OTHERS_WRITE: u32 = 0o022;

/// The bit of a directory in which only its owner can replace a file.
const STICKY: u32 = 0o1000;

/// The read bits of group and others.
const OTHERS_READ: u32 = 0o044;

// A sticky directory is no better than any other: others could leave a rollback journal beside the keyring.
const PRIVATE: &str = "keep the keyring in a directory that only you can write (mkdir -m 700 DIR)";

/// A keyring file as it was seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    mode: u32,
    /// The place names it by a symbolic link.
    link: bool,
}

/// How the name of a keyring in the making begins.
const STAGED: &str = ".keywright-";

/// The path of a keyring file, absolute: SQLite would read a relative `file:…` as a URI, and lose every key in
/// `file:x?mode=memory`.
#[derive(Clone, Debug)]
pub struct Place(PathBuf);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

impl Place {
    /// The place that a path names, from the current directory.
    ///
    /// # Errors
    /// `keyring_failed` when there is no current directory, or the path names no file.
    pub fn new(path: &Path) -> Result<Self> {
        let refused = |problem: &str| {
            Error::new(
                Code::KeyringFailed,
                format!("{} cannot be the path of a keyring", path.display()),
                format!("{problem}; give the path of a file with --keyring"),
            )
        };
        let absolute = std::path::absolute(path)
            .map_err(|e| refused("it has no absolute form").because(anyhow::Error::from(e)))?;
        if absolute.file_name().is_none() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(refused("it names a directory"));
        }
        Ok(Self(absolute))
    }

    /// The place that is named, or, if none is, the usual one among the user's data.
    ///
    /// # Errors
    /// As [`Place::new`]; `keyring_missing` when none is named and there is no home directory.
    pub fn named_or_default(named: Option<&Path>) -> Result<Self> {
        let usual = || dirs::data_dir().map(|data| data.join("keywright").join("keyring.db"));
        match named.map(Path::to_owned).or_else(usual) {
            Some(path) => Self::new(&path),
            None => Err(Error::new(
                Code::KeyringMissing,
                "there is no home directory to look for a keyring in",
                "name one with --keyring",
            )),
        }
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The directory that it lies in.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.0.parent().unwrap_or(Path::new("/"))
    }

    /// Returns `true` if there is a keyring file, after checking that only its owner can write or replace it.
    ///
    /// # Errors
    /// `keyring_exposed` when others can, and as [`Place::find`].
    pub(super) fn check(&self) -> Result<bool> {
        let Some(file) = self.find()? else { return Ok(false) };
        match self.exposures(file)?.into_iter().find(|exposure| exposure.written) {
            Some(Exposure { path, mode, .. }) if path == self.0 => {
                Err(exposed(&path, mode, format!("chmod go-w {}", path.display())))
            }
            Some(Exposure { path, mode, .. }) => Err(exposed(&path, mode, PRIVATE.to_owned())),
            None => Ok(true),
        }
    }

    /// The keyring file, whoever else can touch it; `None` where there is none.
    ///
    /// # Errors
    /// `keyring_foreign` when it is no file, `keyring_failed` when it cannot be seen or is a link that leads nowhere.
    pub(super) fn find(&self) -> Result<Option<Found>> {
        let named = fs::symlink_metadata(&self.0);
        let link = named.as_ref().is_ok_and(fs::Metadata::is_symlink);
        let file = match if link { fs::metadata(&self.0) } else { named } {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && link => {
                // As of a disk that is not mounted: a new keyring in its place would be the wrong one.
                return Err(Error::new(
                    Code::KeyringFailed,
                    format!("{} is a symbolic link that leads nowhere", self.0.display()),
                    "bring back what it leads to, or remove it",
                ));
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(self.failed("the keyring cannot be seen", e)),
        };
        if !file.is_file() {
            return Err(Error::new(
                Code::KeyringForeign,
                format!("{} is not a file", self.0.display()),
                "give the path of a keyring with --keyring",
            ));
        }
        if file.len() == 0 {
            return Err(Error::new(
                Code::KeyringForeign,
                format!("{} is empty, so it is not a keyring", self.0.display()),
                "restore it from a backup; or, if it never was a keyring, remove it and a new one will be made",
            ));
        }
        Ok(Some(Found { mode: file.mode(), link }))
    }

    /// What others can do with the keyring that was found: write its file or the directory that it really lies in, or read
    /// the file.
    ///
    /// # Errors
    /// `keyring_failed` when they cannot be seen.
    pub(super) fn exposures(&self, file: Found) -> Result<Vec<Exposure>> {
        let unseen = |e| self.failed("the keyring cannot be seen", e);
        let mut found = Vec::new();
        if file.mode & (OTHERS_WRITE | OTHERS_READ) != 0 {
            let written = file.mode & OTHERS_WRITE != 0;
            found.push(Exposure { path: self.0.clone(), mode: file.mode & 0o7777, written });
        }
        // What counts is the directory that the file really lies in.
        let real = if file.link { &fs::canonicalize(&self.0).map_err(unseen)? } else { &self.0 };
        let directory = real.parent().unwrap_or(Path::new("/"));
        let mode = fs::metadata(directory).map_err(unseen)?.mode();
        if mode & OTHERS_WRITE != 0 {
            found.push(Exposure { path: directory.to_owned(), mode: mode & 0o7777, written: true });
        }
        Ok(found)
    }

    /// Checks that this is a file which may be read as a keyring, and that nobody else can write it. It is not opened where
    /// it lies, so what else lies there does not matter, as long as nobody can put another in its place.
    ///
    /// # Errors
    /// `input_unreadable`, `input_not_regular`, `keyring_foreign`, `keyring_exposed`, or `keyring_corrupt` when it was copied
    /// in the middle of a write.
    pub(super) fn inspect_copy(&self) -> Result<()> {
        let shown = self.0.display();
        let unreadable = |cause: std::io::Error| {
            Error::new(Code::InputUnreadable, format!("{shown} cannot be read"), "check the path and its permissions")
                .because(anyhow::Error::from(cause))
        };
        let file = fs::metadata(&self.0).map_err(unreadable)?;
        if !file.is_file() {
            return Err(Error::new(Code::InputNotRegular, format!("{shown} is not a regular file"), "name a backup"));
        }
        if file.len() == 0 {
            return Err(Error::new(
                Code::KeyringForeign,
                format!("{shown} is empty, so it is no backup"),
                "name another",
            ));
        }
        if file.mode() & OTHERS_WRITE != 0 {
            let hint = format!("look whether it is what you saved, then chmod go-w {shown}");
            return Err(exposed(&self.0, file.mode(), hint));
        }
        let real = fs::canonicalize(&self.0).map_err(unreadable)?;
        let directory = real.parent().unwrap_or(Path::new("/"));
        // In a sticky one others can add files, but not replace this.
        if fs::metadata(directory).map_err(unreadable)?.mode() & STICKY == 0 {
            let hint = "copy it to a directory that only you can write, and look whether it is what you saved";
            refuse_exposed_directory(directory).map_err(|error| error.with_hint(hint))?;
        }
        let mut journal = self.0.clone().into_os_string();
        journal.push("-journal");
        if fs::metadata(&journal).is_ok_and(|journal| journal.len() > 0) {
            return Err(Error::new(
                Code::KeyringCorrupt,
                format!("{shown} has a journal beside it: it was copied in the middle of a write"),
                "take backups with `keywright backup`; `keywright list --keyring FILE` completes this one",
            ));
        }
        Ok(())
    }

    /// Refuses a path that is one of the keyring's own: the file, which something else would replace, or a name beside it that
    /// SQLite takes for its own, and removes what is there.
    ///
    /// # Errors
    /// `keyring_file`.
    pub fn refuse_own(&self, path: &Path) -> Result<()> {
        let real = fs::canonicalize(&self.0);
        let real = real.as_deref().unwrap_or(&self.0);
        let (Some(own), Some(given)) = (real.file_name(), path.file_name()) else { return Ok(()) };
        // Where names are the same in any case, so are these.
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
        let message = format!("{} is the keyring's own", path.display());
        Err(Error::new(Code::KeyringFile, message, "choose another name, in another directory"))
    }

    /// Whether the side files that a write needs can be made.
    ///
    /// # Errors
    /// `keyring_read_only` when they cannot.
    pub(super) fn check_writable(&self) -> Result<()> {
        let ok = rustix::fs::access(&self.0, Access::WRITE_OK)
            .and_then(|()| rustix::fs::access(self.directory(), Access::WRITE_OK | Access::EXEC_OK));
        ok.map_err(|e| {
            Error::new(
                Code::KeyringReadOnly,
                format!("{} or its directory cannot be written", self.0.display()),
                "change its permissions, or work on a keyring of your own with --keyring",
            )
            .because(anyhow::Error::from(std::io::Error::from(e)))
        })
    }

    /// Makes the directory (0700) where there is none, and an empty file (0600) beside the place for a new keyring,
    /// to be filled and then put in its place by [`Place::settle`].
    ///
    /// # Errors
    /// `keyring_exposed`, `keyring_read_only`, `keyring_full` or `keyring_failed`.
    pub(super) fn stage(&self) -> Result<PathBuf> {
        let directory = self.directory();
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(|e| self.failed("the keyring's directory cannot be made", e))?;
        refuse_exposed_directory(directory)?;
        remove_abandoned(directory);
        let path = directory.join(format!("{STAGED}{}.new", uuid::Uuid::new_v4().simple()));
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDWR;
        rustix::fs::openat(CWD, &path, flags, Mode::RUSR | Mode::WUSR)
            .map_err(|e| self.failed("the keyring cannot be made", e))?;
        Ok(path)
    }

    /// Puts a finished keyring in its place, durably, unless there is one by now. Returns whether it did; the staged
    /// name is gone either way.
    ///
    /// # Errors
    /// `keyring_failed` and its kin.
    pub(super) fn settle(&self, staged: &Path) -> Result<bool> {
        let linked = match fs::hard_link(staged, &self.0) {
            Ok(()) => true,
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => false,
            Err(e) => {
                let _ = fs::remove_file(staged);
                return Err(self.failed("the keyring cannot be put in its place", e));
            }
        };
        fs::remove_file(staged).map_err(|e| self.failed("the keyring's temporary name cannot be removed", e))?;
        let synced = fs::File::open(self.directory()).and_then(|directory| directory.sync_all());
        synced.map_err(|e| self.failed("the keyring's directory cannot be made durable", e))?;
        Ok(linked)
    }

    /// Returns the error for an operation on the file or its directory that failed. `what` says what could not be done.
    pub(super) fn failed(&self, what: &str, cause: impl Into<std::io::Error>) -> Error {
        let cause = cause.into();
        let (code, hint) = match Errno::from_io_error(&cause) {
            Some(Errno::ACCESS | Errno::PERM | Errno::ROFS) => {
                (Code::KeyringReadOnly, "change the permissions, or choose another place with --keyring")
            }
            Some(Errno::NOSPC | Errno::DQUOT | Errno::FBIG) => {
                (Code::KeyringFull, "make room, or choose another place with --keyring")
            }
            _ => (Code::KeyringFailed, "choose another place with --keyring"),
        };
        Error::new(code, format!("{what} ({})", self.0.display()), hint).because(anyhow::Error::from(cause))
    }
}

/// Removes what a run left that was killed while it made a keyring. Only what is an hour old: younger ones may be at work.
fn remove_abandoned(directory: &Path) {
    let names = fs::read_dir(directory).into_iter().flatten().flatten();
    for entry in names.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(STAGED.as_bytes())) {
        let age = entry.metadata().and_then(|file| file.modified()).ok().and_then(|made| made.elapsed().ok());
        if age.is_some_and(|age| age.as_secs() > 3600) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn exposed(path: &Path, mode: u32, hint: String) -> Error {
    let message = format!("others can write {} (mode {:04o})", path.display(), mode & 0o7777);
    Error::new(Code::KeyringExposed, message, hint)
}

fn refuse_exposed_directory(directory: &Path) -> Result<()> {
    let mode = fs::metadata(directory)
        .map_err(|e| {
            Error::new(Code::KeyringFailed, format!("{} cannot be seen", directory.display()), "check the path")
                .because(anyhow::Error::from(e))
        })?
        .mode();
    if mode & OTHERS_WRITE == 0 { Ok(()) } else { Err(exposed(directory, mode, PRIVATE.to_owned())) }
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
        let old = left(".keywright-0123.new", 7200);
        let (young, other) = (left(".keywright-4567.new", 60), left("notes.new", 7200));
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
