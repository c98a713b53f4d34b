//! Warns about a backup that does not fit the keyring or the clock, and says what a restore makes the keyring refuse.

use crate::{
    command::{Context, keyring_time::GAP},
    error::Result,
    key::Time,
    keyring::{Keyring, Reads},
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

/// Says that a keyring that is created from the backup does not know of later changes.
pub(super) fn say_unknown(saved: &dyn Reads, context: &Context) -> Result<()> {
    if let Some(latest) = saved.time()? {
        context.console.warn(&format!(
            "changes after {latest} are not in the backup: keys that were revoked since are active again; revoke them again"
        ));
    }
    Ok(())
}

/// Says up to which time the keyring refuses signed requests, unless that time is the same as `before` the restore, in
/// milliseconds since 1970.
pub(super) fn say_refused(keyring: &dyn Keyring, before: Option<i64>, context: &Context) -> Result<()> {
    if let Some(until) = keyring.forgotten_requests()?.filter(|until| Some(*until) != before) {
        let until = Time::from_seconds(until.div_euclid(1000));
        let reason = "and so are earlier assertions, because those that were accepted since the backup are unknown";
        context.console.say(&format!("signed requests with timestamps up to {until} are refused, {reason}"));
    }
    Ok(())
}
