//! Taking a copy of the keyring.

use crate::{
    error::{Code, Error, Result},
    files::{Access, NewFile, Undo},
    interrupt,
    keyring::{Keyring, Snapshot, describe_backup},
};
use rustix::fs::{Advice, fadvise};
use std::{
    fs::File,
    io::{self, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    thread,
};

/// A copy that was taken and checked.
#[derive(Debug)]
pub struct Taken {
    /// Where it is.
    pub path: PathBuf,
    /// Which state of which keyring it is.
    pub snapshot: Snapshot,
    /// How long it is.
    pub bytes: u64,
}

/// Writes a copy of the keyring to a new file, which appears whole or not at all: copied while nobody can commit, made
/// durable, read back, given its name, and opened.
///
/// # Errors
/// As [`NewFile::write`]; `backup_failed` when what is read back is not what was written.
pub fn take(keyring: &dyn Keyring, file: NewFile) -> Result<Taken> {
    let path = file.path().to_owned();
    let undo = Undo::new();
    let guard = interrupt::guard({
        let undo = undo.clone();
        move || drop(undo.run())
    });
    let mut copied = None;
    let written = file.write_with(
        &mut |file| {
            copied = Some(copy(keyring, file, &path)?);
            Ok(())
        },
        &undo,
    );
    let taken = written.and_then(|path| {
        let (snapshot, bytes) = copied.ok_or_else(|| differs(&path))?;
        let found = describe_backup(&path).inspect_err(|_| drop(undo.run()))?;
        if found != snapshot {
            drop(undo.run());
            return Err(differs(&path));
        }
        Ok(Taken { path, snapshot, bytes })
    });
    drop(guard);
    taken
}

fn copy(keyring: &dyn Keyring, file: &mut File, path: &Path) -> Result<(Snapshot, u64)> {
    let failed = |cause: io::Error| Access::Backup.failed(path, cause);
    let mut written: Vec<Piece> = Vec::new();
    let mut length = 0;
    let snapshot = keyring.copy(&mut |bytes| {
        written.push(Piece::of(length, bytes));
        length += bytes.len() as u64;
        file.write_all(bytes).map_err(failed)
    })?;
    file.sync_all().map_err(failed)?;
    // From the disk, as far as the system can be told, and not from its memory.
    let _ = fadvise(&*file, 0, None, Advice::DontNeed);
    if !holds(file, &written).map_err(failed)? {
        return Err(differs(path));
    }
    Ok((snapshot, length))
}

/// What a stretch of the file has to be. A checksum and no hash, for it is a disk that could be wrong, not somebody: and
/// one of each stretch, so that it is over few enough bytes to find what disks do.
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

/// How many read back at a time: a disk that is asked for one thing after the other is idle in between.
const READERS: usize = 4;

/// Whether a file is made of these pieces, and nothing else.
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
                // A thread that cannot be had is not missed.
                Err(_) => all_hold(stretch),
            };
            Ok(holds && found?)
        })
    })
}

fn differs(path: &Path) -> Error {
    Error::new(
        Code::BackupFailed,
        format!("what {} holds is not what was written to it", path.display()),
        "check the disk, and choose another place for the file",
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
