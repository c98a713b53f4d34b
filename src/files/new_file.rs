//! A file that was not there before, whole or not at all.
//!
//! The content is written and synced before it has its name, and getting the name is a `link`, which fails on anything
//! that exists, a dangling symlink included. Nothing is ever overwritten, and there is no flag for it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fchmod, fstat, linkat, openat, statat, unlinkat};
use rustix::io::Errno;

use super::directory::{open_parent, refuse_directory, sync_dir};
use super::undo::{Created, Inode, Undo};
use super::{Stream, taken_back, write_hint};
use crate::error::{Code, Error, Result};

/// Who may read a new file, whatever the umask says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only its owner (0600): a secret.
    Private,
    /// Everybody (0644): a public key.
    Public,
    /// Only its owner (0600): a copy of the keyring.
    Backup,
}

/// Puts the content into an empty file; called again when one way to make the file fails late.
pub type Content<'a> = &'a mut dyn FnMut(&mut File) -> Result<()>;

impl Access {
    pub(crate) fn mode(self) -> Mode {
        match self {
            Self::Private | Self::Backup => Mode::from_raw_mode(0o600),
            Self::Public => Mode::from_raw_mode(0o644),
        }
    }

    /// A write that failed.
    #[must_use]
    pub fn failed(self, path: &Path, cause: io::Error) -> Error {
        let hint = write_hint(&cause, "choose another place for the file");
        Error::new(self.failure(), format!("{} cannot be written", path.display()), hint).because(cause)
    }

    /// The code of a failed write: only a secret can be undelivered.
    fn failure(self) -> Code {
        match self {
            Self::Private => Code::NotDelivered,
            Self::Public => Code::OutputFailed,
            Self::Backup => Code::BackupFailed,
        }
    }
}

/// How content gets to its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    #[cfg(target_os = "linux")]
    /// A file without a name, then `link`. A crash leaves nothing behind.
    Unnamed,
    /// A temporary name in the same directory, then `link`.
    Temporary,
    /// For file systems without hard links (FAT): `O_EXCL` at the final name, the only way left to never overwrite.
    InPlace,
}

/// Each way is tried when the one before it is not supported.
const METHODS: &[Method] = &[
    #[cfg(target_os = "linux")]
    Method::Unnamed,
    Method::Temporary,
    Method::InPlace,
];

/// A checked place for a new file: nothing has been made, and the directory is held open, so that a renamed or
/// replaced parent cannot lead the file elsewhere.
pub struct NewFile {
    path: PathBuf,
    dir: Arc<OwnedFd>,
    name: OsString,
    access: Access,
    methods: &'static [Method],
}

impl NewFile {
    /// Checks that the file could be made; changes nothing.
    ///
    /// # Errors
    /// [`Code::OutputDirectory`] when the directory is missing or not writable, or the name cannot be a file's;
    /// [`Code::FileExists`] when anything at all has the name.
    pub fn prepare(path: &Path, access: Access) -> Result<Self> {
        let (dir, name) = open_parent(path)?;
        match statat(&dir, &name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => {}
            Ok(stat) => return Err(exists(path, Some(FileType::from_raw_mode(stat.st_mode)))),
            Err(e) => {
                return Err(refuse_directory(
                    format!("{} cannot be a file name", name.display()),
                    "choose another name",
                )
                .because(e));
            }
        }
        let path = std::path::absolute(path).map_err(|e| {
            refuse_directory("the working directory is not known".into(), "name the file by its absolute path")
                .because(e)
        })?;
        Ok(Self { path, dir: Arc::new(dir), name, access, methods: METHODS })
    }

    /// Where the file is to be, as an absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the file with exactly these bytes and makes it durable; on failure runs `undo`.
    ///
    /// # Errors
    /// [`Code::FileExists`] when the name was taken meanwhile; [`Code::Interrupted`] when `undo` has run;
    /// otherwise [`Code::NotDelivered`] for a private file and [`Code::OutputFailed`] for a public one.
    pub fn write(self, bytes: &[u8], undo: &Undo) -> Result<PathBuf> {
        let (access, path) = (self.access, self.path.clone());
        self.write_with(&mut |file| file.write_all(bytes).map_err(|e| access.failed(&path, e)), undo)
    }

    /// As [`NewFile::write`], of secrets that are made as they are written.
    ///
    /// # Errors
    /// As [`NewFile::write`].
    pub fn write_stream(self, secrets: Stream<'_>, undo: &Undo) -> Result<PathBuf> {
        match self.make(&mut |file| self.stream(secrets, file), undo) {
            Ok(()) => Ok(self.path),
            Err(error) => Err(taken_back(error, undo)),
        }
    }

    fn stream(&self, secrets: Stream<'_>, file: &mut File) -> Result<()> {
        secrets(&mut |bytes| file.write_all(bytes)).map_err(|e| self.failed(e))
    }

    /// Writes secrets to where nobody can find them, durably: into a file that has no name yet. Whatever ends the process
    /// leaves nothing of it. `None` where the system knows no such files.
    ///
    /// # Errors
    /// As [`NewFile::write`]; nothing is there to be undone then.
    pub(crate) fn stage(&self, secrets: Stream<'_>) -> Result<Option<File>> {
        #[cfg(target_os = "linux")]
        if self.methods.first() == Some(&Method::Unnamed) {
            return self.nameless(&mut |file| self.stream(secrets, file));
        }
        let _ = secrets;
        Ok(None)
    }

    /// Gives what was staged its name; where that is not possible, writes the secrets in another way.
    ///
    /// # Errors
    /// As [`NewFile::write`].
    pub(crate) fn publish(mut self, staged: &File, secrets: Stream<'_>, undo: &Undo) -> Result<PathBuf> {
        #[cfg(target_os = "linux")]
        match self.name(staged, undo).and_then(|named| if named { self.sync_dir().map(|()| true) } else { Ok(false) }) {
            Ok(true) => return Ok(self.path),
            Ok(false) => self.methods = &self.methods[1..],
            Err(error) => return Err(taken_back(error, undo)),
        }
        let _ = staged;
        self.write_stream(secrets, undo)
    }

    /// As [`NewFile::write`], of content that is too large to be held.
    ///
    /// # Errors
    /// What `content` returns, and what [`NewFile::write`] does.
    pub fn write_with(self, content: Content<'_>, undo: &Undo) -> Result<PathBuf> {
        match self.make(content, undo) {
            Ok(()) => Ok(self.path),
            Err(error) => Err(taken_back(error, undo)),
        }
    }

    fn make(&self, content: Content<'_>, undo: &Undo) -> Result<()> {
        for method in self.methods {
            let made = match method {
                #[cfg(target_os = "linux")]
                Method::Unnamed => self.unnamed(content, undo)?,
                Method::Temporary => self.temporary(content, undo)?,
                Method::InPlace => self.in_place(content, undo)?,
            };
            if made {
                return self.sync_dir();
            }
        }
        Err(self.failed(io::ErrorKind::Unsupported.into()))
    }

    /// `Ok(false)`: not supported here. The reasons vary with kernel and file system, and nothing has a name yet, so
    /// any refusal but a taken name sends us on to the next way, which meets again whatever was a real error.
    #[cfg(target_os = "linux")]
    fn unnamed(&self, content: Content<'_>, undo: &Undo) -> Result<bool> {
        match self.nameless(content)? {
            Some(file) => self.name(&file, undo),
            None => Ok(false),
        }
    }

    /// A file that has no name.
    #[cfg(target_os = "linux")]
    fn nameless(&self, content: Content<'_>) -> Result<Option<File>> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        match openat(&self.dir, ".", flags, Access::Private.mode()) {
            Ok(fd) => self.fill(fd, content).map(Some),
            Err(_) => Ok(None),
        }
    }

    /// Gives it its name.
    #[cfg(target_os = "linux")]
    fn name(&self, file: &File, undo: &Undo) -> Result<bool> {
        // `AT_EMPTY_PATH` would do without /proc, but takes a capability.
        let from = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(file));
        match self.link(CWD, from.as_ref(), AtFlags::SYMLINK_FOLLOW, file, undo)? {
            Err(Errno::EXIST) => Err(exists(&self.path, None)),
            linked => Ok(linked.is_ok()),
        }
    }

    /// `Ok(false)`: the file system has no hard links.
    fn temporary(&self, content: Content<'_>, undo: &Undo) -> Result<bool> {
        let name = OsString::from(format!(".keywright-{}.tmp", uuid::Uuid::new_v4().simple()));
        let file = self.fill(self.create(&name, undo)?, content)?;
        let linked = self.link(&self.dir, &name, AtFlags::empty(), &file, undo)?;
        undo.step(|ledger| unlinkat(&self.dir, &name, AtFlags::empty()).map(|()| ledger.forget_name(&name)))?
            .map_err(|e| self.failed(e.into()))?;
        match linked {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Err(exists(&self.path, None)),
            Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::MLINK) => Ok(false),
            Err(e) => Err(self.failed(e.into())),
        }
    }

    fn in_place(&self, content: Content<'_>, undo: &Undo) -> Result<bool> {
        self.fill(self.create(&self.name, undo)?, content)?;
        Ok(true)
    }

    fn create(&self, name: &OsStr, undo: &Undo) -> Result<OwnedFd> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::RDWR | OFlags::CLOEXEC;
        let created = undo.step(|ledger| {
            let fd = openat(&self.dir, name, flags, Access::Private.mode())?;
            let inode = Inode::of(&fstat(&fd)?);
            ledger.record(Created::Name { dir: Arc::clone(&self.dir), name: name.to_owned(), inode });
            Ok(fd)
        })?;
        created.map_err(|e: Errno| if e == Errno::EXIST { exists(&self.path, None) } else { self.failed(e.into()) })
    }

    /// Gives the content its name. The name is on record before a signal's thread can look for it.
    fn link(
        &self,
        dir: impl AsFd,
        from: &OsStr,
        flags: AtFlags,
        file: &File,
        undo: &Undo,
    ) -> Result<Result<(), Errno>> {
        let inode = Inode::of(&fstat(file).map_err(|e| self.failed(e.into()))?);
        undo.step(|ledger| {
            linkat(dir, from, &self.dir, &self.name, flags)?;
            ledger.record(Created::Name { dir: Arc::clone(&self.dir), name: self.name.clone(), inode });
            Ok(())
        })
    }

    /// Sets the mode while the file is still empty, then writes and syncs.
    fn fill(&self, fd: OwnedFd, content: Content<'_>) -> Result<File> {
        // The umask can only have taken bits away, and FAT knows no modes: what counts is what holds afterwards.
        let _ = fchmod(&fd, self.access.mode());
        let mode = fstat(&fd).map_err(|e| self.failed(e.into()))?.st_mode;
        if self.access != Access::Public && mode & 0o077 != 0 {
            return Err(Error::new(
                Code::OutputDirectory,
                format!("the file system of {} lets others read every file", self.path.display()),
                "choose a directory on a file system with permissions",
            ));
        }
        let mut file = File::from(fd);
        content(&mut file)?;
        file.sync_all().map_err(|e| self.failed(e))?;
        Ok(file)
    }

    fn sync_dir(&self) -> Result<()> {
        sync_dir(&self.dir).map_err(|e| self.failed(e))
    }

    fn failed(&self, cause: io::Error) -> Error {
        self.access.failed(&self.path, cause)
    }
}

fn exists(path: &Path, kind: Option<FileType>) -> Error {
    let what = match kind {
        None | Some(FileType::RegularFile) => "",
        Some(FileType::Directory) => " as a directory",
        Some(FileType::Symlink) => " as a symbolic link",
        Some(_) => " as a special file",
    };
    let message = format!("{} exists already{what}", path.display());
    Error::new(Code::FileExists, message, "remove it or choose another name; keywright never overwrites")
}

#[cfg(test)]
mod tests;
