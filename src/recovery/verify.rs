//! Whether a copy can be believed.

use crate::{
    error::{Code, Error, Result},
    keyring::{KeyCursor, Keyring},
};

/// How many contradictions are told one by one.
const TOLD: usize = 20;

/// Refuses a copy whose log is not the one that was written, that has keys which the log contradicts, or rows that do not
/// match their digests.
///
/// # Errors
/// `keyring_corrupt`, and what the store reports.
pub fn verify(saved: &dyn Keyring) -> Result<()> {
    let hint = "take another backup; `keywright audit verify --keyring FILE` on a copy of this one tells more";
    let corrupt =
        |what: String| Error::new(Code::KeyringCorrupt, format!("the backup cannot be believed: {what}"), hint);
    if let Some(broken) = saved.verify_chain(None)?.broken {
        return Err(corrupt(format!("its audit log was changed: {}", broken.describe())));
    }
    let contradictions = saved.contradictions(TOLD)?;
    if let Some(first) = contradictions.first() {
        let error = corrupt(first.describe());
        return Err(contradictions
            .iter()
            .fold(error, |error, found| error.detail(&["FILE"], found.describe(), found.key().to_string())));
    }
    let mut cursor = KeyCursor::default();
    let damaged = |error: Error| if error.code() == Code::KeyringCorrupt { error.with_hint(hint) } else { error };
    while !saved.all_keys(&mut cursor).map_err(damaged)?.is_empty() {}
    Ok(())
}
