//! Conflicts between options that clap cannot see: they depend on the type of a key or on the value of an option.

use crate::error::{Code, Error, Result};

/// Refuses the first conflict that applies. Each is a condition, a problem and a hint.
///
/// # Errors
/// [`Code::Usage`].
pub(super) fn refuse_first(conflicts: &[(bool, &str, &str)]) -> Result<()> {
    match conflicts.iter().find(|(applies, ..)| *applies) {
        Some((_, problem, hint)) => Err(Error::new(Code::Usage, *problem, *hint)),
        None => Ok(()),
    }
}
