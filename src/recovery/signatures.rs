//! The records of accepted signatures in a backup.

use crate::{
    error::Result,
    keyring::{Action, AuditCursor, AuditQuery, Reads, Transaction, each_signature},
};
use serde_json::Value;

/// Returns the number of signatures in the backup of which the target never had a record.
///
/// # Errors
/// Returns a [storage error](crate::keyring#storage-errors) if the target or the backup cannot be read.
pub(super) fn count_unknown(target: &dyn Reads, backup: &dyn Reads) -> Result<usize> {
    let mut count = 0;
    each_signature(backup, |of| {
        count += usize::from(of.is_unknown_to(target)?);
        Ok(())
    })?;
    Ok(count)
}

/// Returns `true` if the target was reset to a state before the backup, and the backup has not been restored since. Requests
/// may have been accepted in between.
///
/// # Errors
/// Returns a [storage error](crate::keyring#storage-errors) if the target or the backup cannot be read.
pub(super) fn is_reset(target: &dyn Reads, backup: &dyn Reads) -> Result<bool> {
    let head = backup.head()?;
    if target.has_row(&head)? {
        return Ok(false);
    }
    let head = head.hash().to_string();
    let (query, mut cursor) =
        (AuditQuery { actions: vec![Action::Restore], ..AuditQuery::default() }, AuditCursor::default());
    let mut is_restored = false;
    while target.audit(&query, &mut cursor, &mut |row| {
        is_restored |= serde_json::from_str::<Value>(row.facts).is_ok_and(|facts| facts["head"] == head.as_str());
        Ok(())
    })? {}
    Ok(!is_restored)
}

/// Adds the records in the backup to the target. Returns `true` if the target never had one of them, because the keyring was
/// reset to a state before the backup.
///
/// # Errors
/// Returns a [storage error](crate::keyring#storage-errors) if the backup cannot be read or the target cannot be written.
pub(super) fn restore(target: &mut dyn Transaction, backup: &dyn Reads) -> Result<bool> {
    let mut is_reset = false;
    each_signature(backup, |of| {
        is_reset |= of.is_unknown_to(&*target)?;
        target.restore_signature(of)
    })?;
    Ok(is_reset)
}
