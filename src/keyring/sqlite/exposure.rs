//! The users who can change a keyring file, according to the permissions and the owners of the file and of every directory
//! above it, and the other names of the file.

use crate::{
    error::{Code, Error, Result, shell_word},
    files::is_temporary,
    keyring::Exposure,
};
use rustix::process::geteuid;
use std::{
    fs::{self, Metadata},
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// The properties of an existing keyring file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) mode: u32,
    /// The user id of the owner.
    pub(super) owner: u32,
    /// The identity of the file: the number of its device and its number on that device.
    pub(super) inode: (u64, u64),
}

/// The write permission bits of the group and of other users.
pub(super) const OTHERS_WRITE: u32 = 0o022;

/// The sticky bit of a directory. In a directory with this bit, a file can be replaced only by the owner of the file or
/// of the directory.
pub(super) const STICKY: u32 = 0o1000;

/// The read permission bits of the group and of other users.
const OTHERS_READ: u32 = 0o044;

/// The user id of root.
const ROOT: u32 = 0;

// A sticky directory is not enough, because other users could create a rollback journal for the keyring in it.
pub(super) const PRIVATE: &str = "keep the keyring in a directory that only you can write to (`mkdir -m 700 DIR`)";

/// Returns `true` if the user may own the keyring and the directories above it: the user who runs the process, or root,
/// who can change every file anyway.
fn is_trusted(uid: u32) -> bool {
    static UNMAPPED_ROOT: OnceLock<Option<u32>> = OnceLock::new();
    uid == geteuid().as_raw() || uid == ROOT || *UNMAPPED_ROOT.get_or_init(unmapped_root) == Some(uid)
}

/// Returns the user id that files of the machine's root have in a user namespace without root, such as a rootless
/// container, or `None` outside of such a namespace (`user_namespaces(7)`).
fn unmapped_root() -> Option<u32> {
    let map = fs::read_to_string("/proc/self/uid_map").ok()?;
    let overflow = fs::read_to_string("/proc/sys/fs/overflowuid").ok()?;
    (!maps_root(&map)).then_some(overflow.trim().parse().ok()?)
}

/// Returns `true` if a range in `/proc/self/uid_map` contains the user id 0 of the parent namespace. Each line has the first
/// id in the namespace, the first id in the parent namespace, and the number of ids.
fn maps_root(map: &str) -> bool {
    map.lines().any(|line| line.split_whitespace().nth(1) == Some("0"))
}

/// Returns the keyring file if other users can read or write to it, and each file and directory through which another
/// user can change or replace it. Looks at the path and, if it contains symbolic links, also at the path of the target.
///
/// # Errors
/// Returns an I/O error if the permissions cannot be read.
pub(super) fn exposures(path: &Path, file: Found) -> io::Result<Vec<Exposure>> {
    let mut found = Vec::new();
    if file.mode & (OTHERS_WRITE | OTHERS_READ) != 0 {
        let written = file.mode & OTHERS_WRITE != 0;
        found.push(Exposure { path: path.to_owned(), mode: file.mode & 0o7777, written, owner: None });
    }
    if !is_trusted(file.owner) {
        found.push(owned(path, file.mode, file.owner));
    }
    let real = fs::canonicalize(path)?;
    // Other users must not be able to add files next to the keyring itself.
    found.extend(directories(&real, OTHERS_WRITE)?);
    if real != path {
        found.extend(directories(path, 0)?.into_iter().filter(|exposure| !real.starts_with(&exposure.path)));
    }
    Ok(found)
}

/// Returns each directory above a path in which another user can replace what the path leads through. In the directory that
/// contains the path, `never` are the permission bits that must not be set even if the directory is sticky.
///
/// # Errors
/// Returns an I/O error if the permissions cannot be read.
pub(super) fn directories(path: &Path, never: u32) -> io::Result<Vec<Exposure>> {
    let mut found = Vec::new();
    for (distance, directory) in path.ancestors().skip(1).enumerate() {
        let (named, reached) = (fs::symlink_metadata(directory)?, fs::metadata(directory)?);
        let writable = reached.mode() & OTHERS_WRITE != 0;
        let protected = reached.mode() & STICKY != 0 && (distance > 0 || never == 0);
        if writable && !protected {
            let mode = reached.mode() & 0o7777;
            found.push(Exposure { path: directory.to_owned(), mode, written: true, owner: None });
        }
        let stranger = [named, reached].iter().map(Metadata::uid).find(|uid| !is_trusted(*uid));
        found.extend(stranger.map(|uid| owned(directory, 0, uid)));
    }
    Ok(found)
}

fn owned(path: &Path, mode: u32, owner: u32) -> Exposure {
    Exposure { path: path.to_owned(), mode: mode & 0o7777, written: true, owner: Some(owner) }
}

/// Returns the error for a keyring that another user can change.
pub(super) fn refused(exposure: &Exposure, keyring: &Path) -> Error {
    let Exposure { path, mode, owner, .. } = exposure;
    let shown = path.display();
    let Some(owner) = owner else {
        let hint = if path == keyring { format!("run `chmod go-w {}`", shell_word(path)) } else { PRIVATE.to_owned() };
        let message = format!("other users can write to {shown} (mode {mode:04o})");
        return Error::new(Code::KeyringExposed, message, hint);
    };
    let name = uzers::get_user_by_uid(*owner).map(|user| user.name().to_string_lossy().into_owned());
    let user = name.as_deref().map_or_else(|| format!("the user with uid {owner}"), |name| format!("the user {name}"));
    let hint = match name {
        // A journal that root leaves behind after a crash could not be read by the owner.
        Some(name) if geteuid().is_root() && path == keyring => {
            format!("run the command as the owner, with `sudo -u {name}`")
        }
        _ => {
            "use a keyring in a directory that belongs to you or to root, and so do all directories above it".to_owned()
        }
    };
    Error::new(Code::KeyringOwner, format!("{shown} belongs to {user}"), hint)
}

/// Returns a description of another name of the keyring file, or of a mount of the file alone. Returns `None` if there is
/// neither.
///
/// A process that uses another name does not find the rollback journal, which is next to this name. After a crash it would
/// read a half-written keyring, and the journal would later undo changes that were made through the other name. The
/// temporary names that a killed process left behind when it created the keyring do not count.
///
/// # Errors
/// Returns an I/O error if the file cannot be read.
pub(super) fn other_name(path: &Path) -> io::Result<Option<String>> {
    let real = fs::canonicalize(path)?;
    let directory = real.parent().unwrap_or(Path::new("/"));
    let file = fs::metadata(&real)?;
    let own = (file.dev(), file.ino());
    if file.nlink() > 1 && file.nlink() > 1 + u64::try_from(leftovers(own, directory)?.len()).unwrap_or(0) {
        return Ok(Some(format!("{} has another name (a hard link)", path.display())));
    }
    let mounts = [mount(&real), mount(directory)];
    Ok((mounts[0] != mounts[1]).then(|| format!("{} is mounted as a single file", path.display())))
}

/// Returns the temporary names of a keyring file that an earlier version of keywright left behind if it was killed while it
/// created the keyring.
fn leftovers(own: (u64, u64), directory: &Path) -> io::Result<Vec<PathBuf>> {
    let names = fs::read_dir(directory)?.flatten().filter(|entry| {
        is_temporary(&entry.file_name()) && entry.metadata().is_ok_and(|file| (file.dev(), file.ino()) == own)
    });
    Ok(names.map(|entry| entry.path()).collect())
}

/// Checks that the keyring file has no [other name](other_name), and deletes temporary names of the file.
///
/// # Errors
/// - `keyring_linked` if the file has another name, or is mounted by itself
/// - an I/O error if the file cannot be read
pub(super) fn refuse_other_names(path: &Path) -> io::Result<Result<()>> {
    if let Some(message) = other_name(path)? {
        let word = shell_word(path);
        let hint = format!(
            "stop everything that uses the keyring, then run `cp -p {word} {word}.copy && mv {word}.copy {word}`"
        );
        return Ok(Err(Error::new(Code::KeyringLinked, message, hint)));
    }
    let file = fs::metadata(path)?;
    if file.nlink() > 1 {
        let real = fs::canonicalize(path)?;
        for leftover in leftovers((file.dev(), file.ino()), real.parent().unwrap_or(Path::new("/")))? {
            fs::remove_file(leftover)?;
        }
    }
    Ok(Ok(()))
}

/// Returns the number of the mount that a path is on, or `None` if the system does not report it.
#[cfg(target_os = "linux")]
fn mount(path: &Path) -> Option<u64> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
    let found = statx(CWD, path, AtFlags::empty(), StatxFlags::MNT_ID).ok()?;
    (found.stx_mask & StatxFlags::MNT_ID.bits() != 0).then_some(found.stx_mnt_id)
}

#[cfg(not(target_os = "linux"))]
fn mount(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_mapped_if_a_range_contains_it() {
        assert!(maps_root("         0          0 4294967295\n"));
        assert!(maps_root("1000 1000 1\n5 0 1\n"));
        assert!(!maps_root("0 1000 1\n1 100000 65536\n"));
        assert!(!maps_root("1000 1000 1\n"));
    }
}
