//! The records of accepted signatures in a backup.

use crate::{
    error::Result,
    keyring::{Keys, Reads, RecordedSignature, Transaction},
};

/// Returns the number of signatures in the backup of which the target never had a record.
///
/// # Errors
/// Returns a [storage error](crate::keyring#storage-errors) if the target or the backup cannot be read.
pub(super) fn count_unknown(target: &dyn Reads, backup: &dyn Reads) -> Result<usize> {
    let mut count = 0;
    each(backup, |of| {
        count += usize::from(is_unknown(target, of)?);
        Ok(())
    })?;
    Ok(count)
}

/// Adds the records in the backup to the target. Returns `true` if the target never had one of them, because the keyring was
/// reset to a state before the backup. Requests that were accepted after the backup are then unknown, too.
///
/// # Errors
/// Returns a [storage error](crate::keyring#storage-errors) if the backup cannot be read or the target cannot be written.
pub(super) fn restore(target: &mut dyn Transaction, backup: &dyn Reads) -> Result<bool> {
    let mut is_reset = false;
    each(backup, |of| {
        is_reset |= is_unknown(&*target, of)?;
        target.restore_signature(of)
    })?;
    Ok(is_reset)
}

fn each(backup: &dyn Reads, mut see: impl FnMut(&RecordedSignature) -> Result<()>) -> Result<()> {
    let mut after = None;
    loop {
        let page = backup.signatures(after)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.digest);
        page.iter().try_for_each(&mut see)?;
    }
}

/// Returns `true` if the target never had the record of a signature. It knows the newest timestamp in the records that it has
/// deleted.
fn is_unknown(target: &(impl Keys + ?Sized), of: &RecordedSignature) -> Result<bool> {
    Ok(target.forgotten_requests()?.is_none_or(|forgotten| of.timestamp > forgotten)
        && !target.has_signature(&of.digest)?)
}
