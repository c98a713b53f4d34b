//! Writing a backup of a keyring to a file.

use super::verify::{BackupUse, verify};
use crate::{
    error::{Code, Error, Result},
    files::{Access, NewFile, Undo},
    interrupt,
    keyring::{Location, Snapshot, open_written_backup},
};
use rustix::fs::{Advice, fadvise};
use std::{
    fs::File,
    io::{self, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    thread,
};

/// A backup file that was written and verified.
#[derive(Debug)]
pub struct WrittenBackup {
    /// The absolute path of the backup file.
    pub path: PathBuf,
    /// The state of the keyring that the backup contains.
    pub snapshot: Snapshot,
    /// The size of the file in bytes.
    pub bytes: u64,
}

/// Writes a backup of a keyring to a new file.
///
/// The backup is written, synced to disk, read back and compared before the file gets its name. Then the file is opened,
/// and its content is verified in the same way as before a restore. If a step fails, the file is removed. On a file
/// system without hard links, the file has its name from the start, so a crash can leave an incomplete file.
///
/// # Errors
/// - `backup_failed` if the file cannot be written, or if its content differs from the backup that was written to it
/// - `file_exists` if a file with this name has been created since `file` was prepared
/// - `output_directory` if the file system cannot keep the file private
/// - `keyring_missing` if there is no keyring at the location
/// - `keyring_exposed` if other users can write to or replace the keyring
/// - `keyring_newer` if a newer version of keywright wrote the keyring
/// - `interrupted` if a signal has stopped the backup
/// - `keyring_corrupt` if the keyring is damaged or was altered, so that the backup could not be restored
/// - any other [storage error](crate::keyring#storage-errors) if the keyring or the finished backup cannot be read
pub fn back_up(location: &Location, file: NewFile) -> Result<WrittenBackup> {
    let path = file.path().to_owned();
    let undo = Undo::new();
    let guard = interrupt::guard({
        let undo = undo.clone();
        move || drop(undo.run())
    });
    let mut written = None;
    let path_written = file.write_with(
        &mut |file| {
            written = Some(write(location, file, &path)?);
            Ok(())
        },
        &undo,
    );
    let backup = path_written.and_then(|path| {
        let (snapshot, bytes) = written.ok_or_else(|| differs(&path))?;
        check(&path, &snapshot).inspect_err(|_| drop(undo.run()))?;
        Ok(WrittenBackup { path, snapshot, bytes })
    });
    drop(guard);
    backup
}

fn write(location: &Location, file: &mut File, path: &Path) -> Result<(Snapshot, u64)> {
    let failed = |cause: io::Error| Access::Backup.failed(path, cause);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut length = 0;
    let snapshot = location.back_up(&mut |bytes| {
        pieces.push(Piece::of(length, bytes));
        length += bytes.len() as u64;
        file.write_all(bytes).map_err(failed)
    })?;
    file.sync_all().map_err(failed)?;
    // Drop the cached pages so that the file is read back from the disk.
    let _ = fadvise(&*file, 0, None, Advice::DontNeed);
    if !holds(file, &pieces).map_err(failed)? {
        return Err(differs(path));
    }
    Ok((snapshot, length))
}

/// The position and the checksum of one section of the backup file. A CRC is enough, because it guards against faulty
/// disks and not against attackers. Each section is short enough for its CRC to detect the errors that disks make.
struct Piece {
    offset: u64,
    length: usize,
    crc: u32,
}

impl Piece {
    fn of(offset: u64, bytes: &[u8]) -> Self {
        Self { offset, length: bytes.len(), crc: crc32fast::hash(bytes) }
    }
}

/// The maximum number of threads that read the backup back. A single thread would leave the disk idle between requests.
const READERS: usize = 4;

/// Returns `true` if the file consists of exactly these pieces.
fn holds(file: &File, pieces: &[Piece]) -> io::Result<bool> {
    if file.metadata()?.len() != pieces.last().map_or(0, |last| last.offset + last.length as u64) {
        return Ok(false);
    }
    let all_hold = |pieces: &[Piece]| {
        let mut buffer = Vec::new();
        pieces.iter().try_fold(true, |holds, piece| {
            buffer.resize(piece.length, 0);
            file.read_exact_at(&mut buffer, piece.offset)?;
            Ok::<_, io::Error>(holds && crc32fast::hash(&buffer) == piece.crc)
        })
    };
    thread::scope(|scope| {
        let stretches = pieces.chunks(pieces.len().div_ceil(READERS).max(1));
        let readers: Vec<_> = stretches
            .map(|stretch| (stretch, thread::Builder::new().spawn_scoped(scope, move || all_hold(stretch))))
            .collect();
        readers.into_iter().try_fold(true, |holds, (stretch, reader)| {
            let found = match reader {
                Ok(reader) => reader.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into())),
                // The thread could not be started, so the current thread reads the section.
                Err(_) => all_hold(stretch),
            };
            Ok(holds && found?)
        })
    })
}

/// Checks that the backup contains the given state of the keyring and can be restored.
fn check(path: &Path, snapshot: &Snapshot) -> Result<()> {
    if open_written_backup(path)?.snapshot()? != *snapshot {
        return Err(differs(path));
    }
    verify(path, BackupUse::Written)
}

fn differs(path: &Path) -> Error {
    Error::new(
        Code::BackupFailed,
        format!("the content of {} differs from what was written to it", path.display()),
        "check the disk, and choose another path for the file",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Seek;

    #[test]
    fn any_difference_in_a_file_is_found() {
        let mut file = tempfile::tempfile().unwrap();
        let mut pieces = Vec::new();
        for bytes in [&[7; 5000][..], &[8; 3000], &[9]] {
            pieces.push(Piece::of(file.stream_position().unwrap(), bytes));
            file.write_all(bytes).unwrap();
        }
        assert!(holds(&file, &pieces).unwrap());
        for at in [0, 4999, 5000, 8000] {
            let mut byte = [0];
            file.read_exact_at(&mut byte, at).unwrap();
            file.write_all_at(&[byte[0] ^ 1], at).unwrap();
            assert!(!holds(&file, &pieces).unwrap(), "{at}");
            file.write_all_at(&byte, at).unwrap();
        }
        file.set_len(8002).unwrap();
        assert!(!holds(&file, &pieces).unwrap(), "longer");
        file.set_len(8000).unwrap();
        assert!(!holds(&file, &pieces).unwrap(), "shorter");
        assert_eq!(differs(Path::new("b")).code(), Code::BackupFailed);
    }
}
