//! Detecting the journal of a keyring file that no longer exists.

use crate::error::{Code, Error, Result, shell_word};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Checks that a keyring file that no longer exists has left no rollback journal or write-ahead log behind, which
/// SQLite would apply to a new file with the same name.
///
/// # Errors
/// Returns `keyring_corrupt` if the keyring file does not exist, but its journal or log does and is not empty.
pub(super) fn refuse(keyring: &Path) -> Result<()> {
    for side in ["-journal", "-wal"] {
        let mut journal = keyring.to_owned().into_os_string();
        journal.push(side);
        let journal = PathBuf::from(journal);
        // The keyring is looked for last, because another process may have just created it and may be writing to it.
        let has_content = fs::metadata(&journal).is_ok_and(|journal| journal.len() > 0);
        let is_gone = || fs::metadata(keyring).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        if !has_content || !is_gone() {
            continue;
        }
        let word = shell_word(&journal);
        return Err(Error::new(
            Code::KeyringCorrupt,
            format!(
                "{} is the journal of a file that no longer exists, and would change a new file",
                journal.display()
            ),
            format!("move it next to the file that it belongs to, or run `mv {word} {word}.old`"),
        ));
    }
    Ok(())
}
