//! Random bytes from the operating system.

use crate::error::{Code, Error, Result};
use rand::{TryRng, rngs::SysRng};

/// Fills a buffer with random bytes.
///
/// # Errors
/// Returns `system_limit` if the operating system provides no random bytes.
pub fn fill(bytes: &mut [u8]) -> Result<()> {
    SysRng.try_fill_bytes(bytes).map_err(|error| {
        let hint = "check the sandbox or container that keywright runs in";
        Error::new(Code::SystemLimit, "could not get random bytes from the operating system", hint)
            .because(anyhow::Error::new(error))
    })
}
