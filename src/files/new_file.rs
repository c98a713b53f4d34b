//! Creates a new file without overwriting an existing file. No command-line flag allows overwriting.
//!
//! The content is written and synced before `link` gives the file its name. `link` fails if that name exists, even as a
//! dangling symlink. On a file system without hard links, the file is created under its final name with `O_EXCL`, which
//! fails in the same cases, but a crash can leave an incomplete file behind.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fchmod, fstat, linkat, openat, statat, unlinkat};
use rustix::io::Errno;

use super::directory::{open_parent, refuse_directory, sync_dir};
use super::leftover::{remove_leftovers, temporary_name};
use super::undo::{Created, Inode, Undo};
use super::{Stream, taken_back, write_hint};
use crate::error::{Code, Error, Result};

/// The purpose of a file, which determines its mode, regardless of the umask, and the error code for a failed write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A secret or an export with hashes of secrets, readable only by its owner (0600).
    Private,
    /// A public key or an export without hashes of secrets, readable by everyone (0644).
    Public,
    /// A copy of the keyring, readable only by its owner (0600).
    Backup,
}

/// A function that writes the content to an empty file. The function is called again if a method of creating the file
/// fails after the content was written.
pub type Content<'a> = &'a mut dyn FnMut(&mut File) -> Result<()>;

impl Access {
    pub(crate) fn mode(self) -> Mode {
        match self {
            Self::Private | Self::Backup => Mode::from_raw_mode(0o600),
            Self::Public => Mode::from_raw_mode(0o644),
        }
    }

    /// Returns the error for a failed write to the file at `path`.
    #[must_use]
    pub fn failed(self, path: &Path, cause: io::Error) -> Error {
        let hint = write_hint(&cause, "choose another location for the file");
        Error::new(self.failure(), format!("{} cannot be written", path.display()), hint).because(cause)
    }

    /// Returns the error code for a failed write. Only a failure to write a secret is [`Code::NotDelivered`].
    fn failure(self) -> Code {
        match self {
            Self::Private => Code::NotDelivered,
            Self::Public => Code::OutputFailed,
            Self::Backup => Code::BackupFailed,
        }
    }
}

/// A method of creating a file without overwriting another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WriteMethod {
    /// Creates a file without a name (`O_TMPFILE`), then links it to its final name. A crash before the link is created
    /// leaves nothing behind.
    #[cfg(target_os = "linux")]
    Unnamed,
    /// Creates a file with a temporary name in the same directory, then links it to its final name. A crash can leave
    /// the temporary file behind.
    Temporary,
    /// Creates the file under its final name with `O_EXCL`, for file systems without hard links, such as FAT. A crash
    /// can leave an incomplete file behind.
    InPlace,
}

/// The methods in the order in which they are tried. The next method is tried if the previous one is not supported.
const METHODS: &[WriteMethod] = &[
    #[cfg(target_os = "linux")]
    WriteMethod::Unnamed,
    WriteMethod::Temporary,
    WriteMethod::InPlace,
];

/// A checked path for a new file, which does not exist yet. The directory is kept open, and the file is created in that
/// directory even if the directory is renamed or replaced.
pub struct NewFile {
    path: PathBuf,
    dir: Arc<OwnedFd>,
    name: OsString,
    access: Access,
    methods: &'static [WriteMethod],
}

impl NewFile {
    /// Checks that the file can be created, without changing anything.
    ///
    /// # Errors
    /// - `output_directory` if the directory is missing, not readable or not writable, if the path does not name a
    ///   file, or if the path is relative and the working directory cannot be determined
    /// - `file_exists` if anything with that name exists
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
            refuse_directory("cannot determine the working directory".into(), "use an absolute path for the file")
                .because(e)
        })?;
        Ok(Self { path, dir: Arc::new(dir), name, access, methods: METHODS })
    }

    /// Returns the absolute path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Creates the file with the given bytes, syncs it, and returns its absolute path. On failure, runs `undo`.
    ///
    /// # Errors
    /// - `file_exists` if anything with that name has been created since [`NewFile::prepare`]
    /// - `interrupted` if `undo` has already run
    /// - `output_directory` if the file system cannot keep the file private
    /// - `not_delivered`, `output_failed` or `backup_failed`, depending on the [`Access`], if the file cannot be
    ///   written
    pub fn write(self, bytes: &[u8], undo: &Undo) -> Result<PathBuf> {
        let (access, path) = (self.access, self.path.clone());
        self.write_with(&mut |file| file.write_all(bytes).map_err(|e| access.failed(&path, e)), undo)
    }

    /// Creates the file like [`NewFile::write`], with secrets that are generated while they are written.
    ///
    /// # Errors
    /// - `file_exists` if anything with that name has been created since [`NewFile::prepare`]
    /// - `interrupted` if `undo` has already run
    /// - `output_directory` if the file system cannot keep the file private
    /// - `not_delivered`, `output_failed` or `backup_failed`, depending on the [`Access`], if the file cannot be
    ///   written
    pub fn write_stream(self, secrets: Stream<'_>, undo: &Undo) -> Result<PathBuf> {
        match self.make(&mut |file| self.stream(secrets, file), undo) {
            Ok(()) => Ok(self.path),
            Err(error) => Err(taken_back(error, undo)),
        }
    }

    fn stream(&self, secrets: Stream<'_>, file: &mut File) -> Result<()> {
        secrets(&mut |bytes| file.write_all(bytes)).map_err(|e| self.failed(e))
    }

    /// Writes secrets to a file without a name and syncs the file. Unless the file is published, it disappears when the
    /// process exits. Returns `None` if a file without a name cannot be created.
    ///
    /// # Errors
    /// - `output_directory` if the file system cannot keep the file private
    /// - `not_delivered`, `output_failed` or `backup_failed`, depending on the [`Access`], if the file cannot be
    ///   written
    ///
    /// After an error, there is nothing to undo.
    pub(crate) fn stage(&self, secrets: Stream<'_>) -> Result<Option<File>> {
        #[cfg(target_os = "linux")]
        if self.methods.first() == Some(&WriteMethod::Unnamed) {
            return self.nameless(&mut |file| self.stream(secrets, file));
        }
        let _ = secrets;
        Ok(None)
    }

    /// Gives a staged file its name and returns its absolute path. If the file cannot be linked, writes the secrets
    /// again with another method. On failure, runs `undo`.
    ///
    /// # Errors
    /// - `file_exists` if anything with that name has been created since [`NewFile::prepare`]
    /// - `interrupted` if `undo` has already run
    /// - `output_directory` if the file system cannot keep the file private
    /// - `not_delivered`, `output_failed` or `backup_failed`, depending on the [`Access`], if the file cannot be
    ///   written
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

    /// Creates the file like [`NewFile::write`], with the content that `content` writes.
    ///
    /// # Errors
    /// - `file_exists` if anything with that name has been created since [`NewFile::prepare`]
    /// - `interrupted` if `undo` has already run
    /// - `output_directory` if the file system cannot keep the file private
    /// - `not_delivered`, `output_failed` or `backup_failed`, depending on the [`Access`], if the file cannot be
    ///   written
    /// - any error of `content`
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
                WriteMethod::Unnamed => self.unnamed(content, undo)?,
                WriteMethod::Temporary => self.temporary(content, undo)?,
                WriteMethod::InPlace => self.in_place(content, undo)?,
            };
            if made {
                return self.sync_dir();
            }
        }
        Err(self.failed(io::ErrorKind::Unsupported.into()))
    }

    /// Creates the file with [`WriteMethod::Unnamed`]. Returns `Ok(false)` if the file cannot be created or linked,
    /// unless the name is taken, which is an error.
    ///
    /// The errors for an unsupported method vary with the kernel and the file system, so every other error counts as an
    /// unsupported method. If the error has another cause, the next method fails too.
    #[cfg(target_os = "linux")]
    fn unnamed(&self, content: Content<'_>, undo: &Undo) -> Result<bool> {
        match self.nameless(content)? {
            Some(file) => self.name(&file, undo),
            None => Ok(false),
        }
    }

    /// Creates and fills a file without a name, or returns `None` if such a file cannot be created.
    #[cfg(target_os = "linux")]
    fn nameless(&self, content: Content<'_>) -> Result<Option<File>> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        match openat(&self.dir, ".", flags, Access::Private.mode()) {
            Ok(fd) => self.fill(fd, content).map(Some),
            Err(_) => Ok(None),
        }
    }

    /// Links a file without a name to its final name. Returns `Ok(false)` if linking fails, unless the name is taken,
    /// which is an error.
    #[cfg(target_os = "linux")]
    fn name(&self, file: &File, undo: &Undo) -> Result<bool> {
        // `AT_EMPTY_PATH` would work without /proc, but requires a capability.
        let from = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(file));
        match self.link(CWD, from.as_ref(), AtFlags::SYMLINK_FOLLOW, file, undo)? {
            Err(Errno::EXIST) => Err(exists(&self.path, None)),
            linked => Ok(linked.is_ok()),
        }
    }

    /// Creates the file with [`WriteMethod::Temporary`]. Returns `Ok(false)` if the file system does not allow the hard
    /// link.
    fn temporary(&self, content: Content<'_>, undo: &Undo) -> Result<bool> {
        remove_leftovers(&self.dir);
        let name = temporary_name();
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

    /// Links a file to its final name, and records the name in `undo` before the signal thread can read the record. The
    /// inner result is that of `linkat`.
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

    /// Sets the mode while the file is still empty, then writes and syncs the content. Fails before the content is
    /// written if other users could access a file that is not [`Access::Public`].
    fn fill(&self, fd: OwnedFd, content: Content<'_>) -> Result<File> {
        // Setting the mode can fail, and FAT has no modes, so check the mode that the file actually has.
        let _ = fchmod(&fd, self.access.mode());
        let mode = fstat(&fd).map_err(|e| self.failed(e.into()))?.st_mode;
        if self.access != Access::Public && mode & 0o077 != 0 {
            return Err(Error::new(
                Code::OutputDirectory,
                format!(
                    "other users could access {}, because its file system ignores permissions",
                    self.path.display()
                ),
                "choose a directory on a file system that supports permissions",
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
    let (what, hint) = match kind {
        None | Some(FileType::RegularFile) => {
            ("", "choose another name; if nobody needs the content of the file, you can also remove it first")
        }
        Some(FileType::Directory) => (" as a directory", "add a file name to the path"),
        Some(FileType::Symlink) => (" as a symbolic link", "choose another name, or remove the link"),
        Some(_) => (" as a special file", "choose the name of a new file"),
    };
    let message = format!("{} already exists{what}", path.display());
    Error::new(Code::FileExists, message, hint)
}

#[cfg(test)]
mod tests;
