//! Checking that no other user can change a keyring file, and that the file has no other names.
//!
//! The check for other users examines the permissions and the owners of the file and of every directory above the file.

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
    /// The identity of the file: the device number and the inode number.
    pub(super) inode: (u64, u64),
}

/// The write permission bits of the group and of other users.
pub(super) const OTHERS_WRITE: u32 = 0o022;

/// The sticky bit of a directory. In a directory with this bit, a file can be replaced only by root, by the owner of
/// the file and by the owner of the directory.
pub(super) const STICKY: u32 = 0o1000;

/// The read permission bits of the group and of other users.
const OTHERS_READ: u32 = 0o044;

/// The user id of root.
const ROOT: u32 = 0;

// A sticky directory is not enough, because other users could create a rollback journal for the keyring in it.
pub(super) const PRIVATE: &str = "keep the keyring in a directory that only you can write to (`mkdir -m 700 DIR`)";

/// Returns `true` if the user with this id may own a keyring and the directories above the keyring. These users are the
/// effective user of the process, and root, who can change every file anyway.
fn is_trusted(uid: u32) -> bool {
    static UNMAPPED_ROOT: OnceLock<Option<u32>> = OnceLock::new();
    uid == geteuid().as_raw() || uid == ROOT || *UNMAPPED_ROOT.get_or_init(unmapped_root) == Some(uid)
}

/// Returns the user id that files of the machine's root have in a user namespace that does not map the machine's root,
/// such as a rootless container (`user_namespaces(7)`). Returns `None` outside such a namespace, or if `/proc` cannot
/// be read.
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

/// Returns an exposure of the keyring file if other users can read or write to the file or another user owns the file,
/// and an exposure of each directory through which another user can change or replace the file. If the path contains
/// symbolic links, the directories above the target are examined too.
///
/// # Errors
/// Returns an I/O error if the path cannot be resolved or the permissions cannot be read.
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

/// Returns an exposure of each directory above a path that other users can write to, unless the directory is sticky,
/// and of each directory that another user owns. If `never` is not 0, the sticky bit does not exempt the directory that
/// contains the path.
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

/// Returns the error for a keyring that another user can change: `keyring_owner` if the exposure has an owner, and
/// `keyring_exposed` otherwise.
pub(super) fn refused(exposure: &Exposure, keyring: &Path) -> Error {
    let Exposure { path, mode, owner, .. } = exposure;
    let shown = path.display();
    let Some(owner) = owner else {
        let chmod = format!("run `chmod go-w {}`", shell_word(path));
        let hint = if path == keyring { chmod } else { format!("{chmod}, or {PRIVATE}") };
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
        _ => "use a keyring at a path on which every directory belongs to you or to root".to_owned(),
    };
    Error::new(Code::KeyringOwner, format!("{shown} belongs to {user}"), hint)
}

/// Returns a description of another name of the keyring file, or of a mount of the file alone. Returns `None` if there is
/// neither.
///
/// A process that uses another name does not find the rollback journal, which is next to this name. After a crash, that
/// process would read a half-written keyring, and the journal would later undo the changes of that process. Temporary
/// names that a process leaves behind if it is killed while creating the keyring do not count.
///
/// # Errors
/// Returns an I/O error if the properties of the file or the names in its directory cannot be read.
pub(super) fn other_name(path: &Path) -> io::Result<Option<String>> {
    let real = fs::canonicalize(path)?;
    let directory = real.parent().unwrap_or(Path::new("/"));
    let file = fs::metadata(&real)?;
    let own = (file.dev(), file.ino());
    if file.nlink() > 1 && file.nlink() > 1 + u64::try_from(leftovers(own, directory)?.len()).unwrap_or(0) {
        return Ok(Some(format!("{} has a second hard link", path.display())));
    }
    let mounts = [mount(&real), mount(directory)];
    Ok((mounts[0] != mounts[1]).then(|| format!("{} is mounted as a single file", path.display())))
}

/// Returns the paths of the temporary names of a keyring file. A process leaves such a name behind if it is killed
/// while creating the keyring.
fn leftovers(own: (u64, u64), directory: &Path) -> io::Result<Vec<PathBuf>> {
    let names = fs::read_dir(directory)?.flatten().filter(|entry| {
        is_temporary(&entry.file_name()) && entry.metadata().is_ok_and(|file| (file.dev(), file.ino()) == own)
    });
    Ok(names.map(|entry| entry.path()).collect())
}

/// Checks that the keyring file has no [other name](other_name), and deletes temporary names of the file.
///
/// # Errors
/// - `keyring_linked`, as the inner error, if the file has another name, or is mounted by itself
/// - an I/O error if the names cannot be determined, or if a temporary name cannot be deleted
pub(super) fn refuse_other_names(path: &Path) -> io::Result<Result<()>> {
    if let Some(message) = other_name(path)? {
        let word = shell_word(path);
        let hint = format!(
            "stop all programs that use the keyring, then run `cp -p {word} {word}.copy && mv {word}.copy {word}`"
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
