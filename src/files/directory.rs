//! The directories in which files are created.

use crate::{
    error::{Code, Error, Result},
    key::refuse_secret_path,
};
use rustix::{
    fs::{AtFlags, CWD, Mode, OFlags, accessat, openat},
    io::Errno,
};
use std::{
    ffi::{OsStr, OsString},
    fs::{DirBuilder, File},
    io::{self, ErrorKind},
    os::{
        fd::OwnedFd,
        unix::{ffi::OsStrExt as _, fs::DirBuilderExt as _},
    },
    path::{Path, PathBuf},
};

/// Creates a directory that only its owner can access, unless the directory already exists. Returns the absolute path.
/// If `dry_run` is `true`, nothing is created, and the function does not check whether a missing directory could be
/// created.
///
/// # Errors
/// Returns `output_directory` if the directory cannot be created or synced, if its parent directory does not exist, or
/// if the path exists and is not a directory.
pub fn make_directory(directory: &Path, dry_run: bool) -> Result<PathBuf> {
    let parent = parent_of(directory);
    let there = match std::fs::metadata(directory) {
        Ok(found) if !found.is_dir() => Err(ErrorKind::NotADirectory.into()),
        Err(_) if dry_run => Ok(()),
        // Only the directory itself is created: if the one above it is missing, the path is likely to be wrong.
        Err(_) if !parent.is_dir() => {
            let problem = format!("there is no directory {}", parent.display());
            return Err(Error::new(Code::OutputDirectory, problem, "create it first, or choose another directory"));
        }
        _ if dry_run => Ok(()),
        _ => create_directories(directory),
    };
    there.and_then(|()| std::path::absolute(directory)).map_err(|e| {
        let problem = format!("the directory {} cannot be created", directory.display());
        Error::new(Code::OutputDirectory, problem, "choose another directory").because(anyhow::Error::from(e))
    })
}

/// Creates a directory and every missing directory above it, each accessible only by its owner.
///
/// The parent of each new directory is synced. Without the sync, a power failure could remove the directory and its
/// contents. The parent of `directory` is also synced if `directory` already exists, because another process may have
/// just created it. A parent that cannot be opened for reading is not synced.
///
/// # Errors
/// Returns an I/O error if a directory cannot be created or synced, or if the path exists and is not a directory.
pub fn create_directories(directory: &Path) -> io::Result<()> {
    let mut missing: Vec<&Path> = directory.ancestors().take_while(|path| !path.exists()).collect();
    if missing.is_empty() {
        missing.push(directory);
    }
    for path in missing.into_iter().rev().filter(|path| !path.as_os_str().is_empty()) {
        match DirBuilder::new().mode(0o700).create(path) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists && path.is_dir() => {}
            made => made?,
        }
        match openat(CWD, parent_of(path), OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()) {
            Ok(parent) => sync_dir(&parent)?,
            // A directory that may be written but not read cannot be synced.
            Err(Errno::ACCESS) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(())
}

/// Opens the parent directory of a path and checks that it is writable. Returns the directory and the name of the file.
///
/// # Errors
/// - `secret_in_text` if the path contains a secret
/// - `output_directory` if the directory is missing, not readable or not writable, or if the path does not name a file
pub(super) fn open_parent(path: &Path) -> Result<(OwnedFd, OsString)> {
    refuse_secret_path(path)?;
    let (parent, name) = split(path).ok_or_else(|| {
        refuse_directory(format!("{} names a directory, not a file", path.display()), "add a file name to the path")
    })?;
    // Read permission is required too: a directory that cannot be opened cannot be synced.
    let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
    let dir = openat(CWD, parent, flags, Mode::empty()).map_err(|e| {
        let hint = match e {
            Errno::NOENT => "create the directory first",
            Errno::NOTDIR => "choose a path whose parent is a directory",
            _ => "choose a directory that you can read and write to",
        };
        refuse_directory(format!("the directory {} cannot be opened", parent.display()), hint).because(e)
    })?;
    accessat(&dir, ".", rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK, AtFlags::EACCESS).map_err(|e| {
        let what = format!("the directory {} is not writable", parent.display());
        refuse_directory(what, "choose a directory that you can write to").because(e)
    })?;
    Ok((dir, name.to_owned()))
}

fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Returns an `output_directory` error with the given message and hint.
pub(super) fn refuse_directory(what: String, hint: &str) -> Error {
    Error::new(Code::OutputDirectory, what, hint)
}

/// Syncs the entries of a directory. Ignores `EINVAL` and `EOPNOTSUPP`, which some file systems return because they
/// cannot sync directories.
pub(super) fn sync_dir(dir: &OwnedFd) -> io::Result<()> {
    match File::from(dir.try_clone()?).sync_all() {
        Err(e) if matches!(Errno::from_io_error(&e), Some(Errno::INVAL | Errno::OPNOTSUPP)) => Ok(()),
        result => result,
    }
}

/// Splits a path into its directory and its file name, or returns `None` if the path names a directory. The path is
/// split as bytes, because [`Path::file_name`] drops a trailing `/` or `/.` and would turn `dir/` into the file `dir`.
fn split(path: &Path) -> Option<(&Path, &OsStr)> {
    let bytes = path.as_os_str().as_bytes();
    let (parent, name): (&[u8], _) = match bytes.iter().rposition(|b| *b == b'/') {
        None => (b".", bytes),
        Some(0) => (b"/", &bytes[1..]),
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
    };
    let name = OsStr::from_bytes(name);
    (!name.is_empty() && name != "." && name != "..").then(|| (Path::new(OsStr::from_bytes(parent)), name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_new_directory_is_private_and_an_existing_one_is_unchanged() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("renewed");
        assert_eq!(make_directory(&directory, true).unwrap(), directory);
        assert!(!directory.exists(), "a dry run creates nothing");
        let mode = || std::fs::metadata(&directory).unwrap().permissions().mode() & 0o777;
        assert_eq!(make_directory(&directory, false).unwrap(), directory);
        assert_eq!(mode(), 0o700);
        std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o750)).unwrap();
        make_directory(&directory, false).unwrap();
        assert_eq!(mode(), 0o750);
        let refused = make_directory(&directory.join("none").join("below"), false).unwrap_err();
        assert_eq!(refused.code(), Code::OutputDirectory);
        let file = home.path().join("file");
        std::fs::write(&file, "").unwrap();
        for dry_run in [true, false] {
            assert_eq!(make_directory(&file, dry_run).unwrap_err().code(), Code::OutputDirectory);
        }
    }
}
