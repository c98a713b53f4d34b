//! Names of temporary files and directories, and deletion of those that killed processes left behind.
//!
//! The name of a temporary file consists of `.keywright-`, 32 hexadecimal digits, and `.tmp` or `.new`. Temporary
//! directories are in the system's directory for temporary files, and have names that consist of `keywright-` and 32
//! hexadecimal digits. Before a command creates a temporary file or directory, it deletes those in the same parent
//! directory that belong to the same user and are more than an hour old.

use rustix::{
    fs::{AtFlags, Dir, FileType, statat, unlinkat},
    process::geteuid,
};
use std::{
    ffi::{OsStr, OsString},
    fs,
    os::{
        fd::AsFd,
        unix::{ffi::OsStrExt as _, fs::MetadataExt as _},
    },
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The prefix of the name of a temporary file.
const FILE: &str = ".keywright-";
/// The prefix of the name of a temporary directory.
const DIRECTORY: &str = "keywright-";
/// The suffixes of the names of temporary files: `.new` for a keyring that is being created, `.tmp` for any other file.
const ENDS: [&str; 2] = [".tmp", ".new"];

/// The time after the last modification during which a temporary file or directory may still be in use.
const IN_USE: Duration = Duration::from_secs(3600);

/// Returns a new unique name for a temporary file.
pub(super) fn temporary_name() -> OsString {
    format!("{FILE}{}{}", uuid::Uuid::new_v4().simple(), ENDS[0]).into()
}

/// Returns a new unique path in `directory` for a keyring that is being created. First deletes the temporary files of
/// this user in `directory` that were last modified more than an hour ago.
#[must_use]
pub fn staged_keyring(directory: &Path) -> PathBuf {
    if let Ok(dir) = fs::File::open(directory) {
        remove_leftovers(&dir);
    }
    directory.join(format!("{FILE}{}{}", uuid::Uuid::new_v4().simple(), ENDS[1]))
}

/// Returns `true` if a file name has the format of a temporary file, such as a name from [`staged_keyring`].
#[must_use]
pub fn is_temporary(name: &OsStr) -> bool {
    ENDS.iter().any(|end| is_name(name, FILE, end))
}

/// Returns a new unique path for a temporary directory in the system's directory for temporary files. First deletes the
/// temporary directories of this user that were last modified more than an hour ago.
#[must_use]
pub fn temporary_directory() -> PathBuf {
    let variable = std::env::temp_dir();
    // If `TMPDIR` is empty, the standard library returns an empty path, and not the default.
    let parent = if variable.as_os_str().is_empty() { Path::new("/tmp").to_owned() } else { variable };
    for entry in fs::read_dir(&parent).into_iter().flatten().flatten() {
        // `metadata` does not follow symbolic links.
        if is_name(&entry.file_name(), DIRECTORY, "")
            && let Ok(found) = entry.metadata()
            && found.is_dir()
            && found.uid() == geteuid().as_raw()
            && is_old(found.mtime())
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    parent.join(format!("{DIRECTORY}{}", uuid::Uuid::new_v4().simple()))
}

/// Deletes the temporary files of this user in a directory that were last modified more than an hour ago. Errors are
/// ignored, because they do not affect the command.
pub(super) fn remove_leftovers(dir: impl AsFd) {
    let dir = dir.as_fd();
    for entry in Dir::read_from(dir).into_iter().flatten().flatten() {
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if is_temporary(name)
            && let Ok(found) = statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)
            && FileType::from_raw_mode(found.st_mode) == FileType::RegularFile
            && found.st_uid == geteuid().as_raw()
            && is_old(found.st_mtime)
        {
            let _ = unlinkat(dir, name, AtFlags::empty());
        }
    }
}

fn is_name(name: &OsStr, start: &str, end: &str) -> bool {
    let digits = name.as_bytes().strip_prefix(start.as_bytes()).and_then(|rest| rest.strip_suffix(end.as_bytes()));
    digits.is_some_and(|digits| digits.len() == 32 && digits.iter().all(u8::is_ascii_hexdigit))
}

/// Returns `true` if a time, in seconds since the Unix epoch, is more than an hour ago.
fn is_old(modified: i64) -> bool {
    let modified = u64::try_from(modified).unwrap_or(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_secs().checked_sub(modified).is_some_and(|age| age > IN_USE.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_old_temporary_files_are_removed() {
        let directory = tempfile::tempdir().unwrap();
        let digits = "0123456789abcdef0123456789abcdef";
        let left = |name: &str, age: u64| {
            let path = directory.path().join(name);
            fs::File::create(&path).unwrap().set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
            path
        };
        let gone = [left(&format!(".keywright-{digits}.tmp"), 3700), left(&format!(".keywright-{digits}.new"), 9999)];
        let upper = digits.to_uppercase();
        let kept = [
            left(&format!(".keywright-{upper}.tmp"), 3500),
            left("notes.tmp", 9999),
            left(".keywright-notes.tmp", 9999),
            left(&format!(".keywright-{digits}"), 9999),
            left(&format!(".keywright-{digits}0.tmp"), 9999),
            left(&format!("keywright-{digits}.tmp"), 9999),
        ];
        let link = directory.path().join(format!(".keywright-{}.tmp", "f".repeat(32)));
        symlink(&kept[1], &link).unwrap();
        let below = directory.path().join(format!(".keywright-{}.tmp", "e".repeat(32)));
        fs::create_dir(&below).unwrap();
        remove_leftovers(fs::File::open(directory.path()).unwrap());
        assert!(gone.iter().all(|path| !path.exists()));
        assert!(kept.iter().all(|path| path.exists()) && link.is_symlink() && below.is_dir());
        assert!(is_temporary(&temporary_name()) && is_temporary(staged_keyring(directory.path()).file_name().unwrap()));
    }
}
