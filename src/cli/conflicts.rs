//! Detects conflicts between options that clap cannot detect, because they depend on the type of a key or on the value
//! of an option.

use crate::error::{Code, Error, Result};

/// Checks that none of the given conflicts applies. A conflict consists of a condition, a problem and a hint.
///
/// # Errors
/// Returns `usage` if a condition is `true`, with the problem and the hint of the first such conflict.
pub(super) fn refuse_first(conflicts: &[(bool, &str, &str)]) -> Result<()> {
    match conflicts.iter().find(|(applies, ..)| *applies) {
        Some((_, problem, hint)) => Err(Error::new(Code::Usage, *problem, *hint)),
        None => Ok(()),
    }
}
