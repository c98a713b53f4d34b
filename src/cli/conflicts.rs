//! Conflicts between options that clap cannot see: they depend on the type of a key or on the value of an option.

use crate::error::{Code, Error, Result};

/// Refuses the first contradiction that holds, with the way out of it.
pub(super) fn refuse_first(contradictions: &[(bool, &str, &str)]) -> Result<()> {
    match contradictions.iter().find(|(holds, ..)| *holds) {
        Some((_, problem, hint)) => Err(Error::new(Code::Usage, *problem, *hint)),
        None => Ok(()),
    }
}
