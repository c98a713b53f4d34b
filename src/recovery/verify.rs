//! Verifying a backup before it is restored.

use crate::{
    error::{Code, Error, Result},
    keyring::{KeyCursor, Reads},
};

/// The number of contradictions that are reported one by one.
const REPORTED: usize = 20;

/// Refuses a backup whose log was tampered with, whose keys disagree with the log, or whose rows do not match their digests.
///
/// # Errors
/// `keyring_corrupt`, and the errors of the engine.
pub fn verify(backup: &dyn Reads) -> Result<()> {
    let hint = "take another backup; `keywright audit verify --keyring FILE` on a copy of this one tells more";
    let corrupt =
        |what: String| Error::new(Code::KeyringCorrupt, format!("the backup cannot be trusted: {what}"), hint);
    if let Some(broken) = backup.verify_chain(None)?.broken {
        return Err(corrupt(format!("its audit log was changed: {}", broken.describe())));
    }
    let contradictions = backup.contradictions(REPORTED)?;
    if let Some(first) = contradictions.first() {
        let error = corrupt(first.describe());
        return Err(contradictions
            .iter()
            .fold(error, |error, found| error.detail(&["FILE"], found.describe(), found.key().to_string())));
    }
    let mut cursor = KeyCursor::default();
    let damaged = |error: Error| if error.code() == Code::KeyringCorrupt { error.with_hint(hint) } else { error };
    while !backup.all_keys(&mut cursor).map_err(damaged)?.is_empty() {}
    Ok(())
}
