//! Warns about a backup that does not fit the keyring or the clock.

use crate::{
    command::{Context, keyring_time::GAP},
    error::Result,
    keyring::Reads,
};

/// Warns if the keyring is older than the backup, or if the backup is from the future.
pub(super) fn warn(live: &dyn Reads, saved: &dyn Reads, context: &Context) -> Result<()> {
    if let Some(latest) = saved.time()?.filter(|latest| latest.seconds() - context.now().seconds() > GAP) {
        context.console.warn(&format!(
            "the newest change in the backup is from {latest}, which is in the future; times that were set after now move \
             back. If the system clock is behind, set it first"
        ));
    }
    if !live.has_row(&saved.head()?)? {
        context.console.warn(
            "the log of the keyring lacks the last row of the backup: rows were removed, or the keyring was reset to an older state",
        );
    }
    Ok(())
}
