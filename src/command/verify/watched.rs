//! A keyring that stays open while other processes change or replace it.

use crate::{
    command::Context,
    error::{Code, Error, Result},
    keyring::{Action, AuditCursor, AuditQuery, Head, Keyring, RecordedSignature, each_signature},
};

/// A keyring that stays open, together with the newest head of its log that was seen.
pub(super) struct Watched {
    pub(super) keyring: Box<dyn Keyring>,
    seen: Head,
    /// `true` if the file was replaced by one that lacks a record of an accepted signature.
    lacks_record: bool,
    /// A signature whose record may have been deleted while the clock was ahead.
    excused: Option<[u8; 32]>,
}

impl Watched {
    pub(super) fn open(context: &Context) -> Result<Self> {
        let keyring = context.open()?;
        let seen = keyring.head()?;
        Ok(Self { keyring, seen, lacks_record: false, excused: None })
    }

    /// Opens the keyring again if its file has been replaced, moved or deleted since it was opened, because a revocation
    /// in the new file would otherwise not count. Then checks that the log still has every row that was seen, and that the
    /// signature that this process `recorded` last is still known: an older copy of the keyring would make revoked keys valid
    /// again, or accept requests again.
    pub(super) fn refresh(&mut self, context: &Context, recorded: Option<&RecordedSignature>) -> Result<()> {
        if !self.keyring.is_current()? {
            // The replaced file is still open, and has the changes that were made before it was replaced, unless it was
            // itself an older copy.
            if let Ok(head) = self.keyring.head()
                && self.keyring.has_row(&self.seen).unwrap_or(false)
            {
                self.seen = head;
            }
            let keyring = context.open()?;
            self.lacks_record |= lacks_record(keyring.as_ref(), self.keyring.as_ref());
            self.keyring = keyring;
        }
        let head = self.keyring.head()?;
        let is_older = head != self.seen && !self.keyring.has_row(&self.seen)?;
        if is_older || self.lacks_record || !self.knows(recorded)? {
            let message = format!(
                "{} was reset to an older state, or was replaced by another keyring, since it was opened",
                context.location
            );
            let hint = "find out who replaced the file; a new `keywright verify --batch` uses the keyring as it is now";
            return Err(Error::new(Code::KeyringCorrupt, message, hint));
        }
        self.seen = head;
        Ok(())
    }

    /// Returns `true` if the signature is on record, or if its record may have been deleted.
    fn knows(&mut self, recorded: Option<&RecordedSignature>) -> Result<bool> {
        let Some(recorded) = recorded.filter(|recorded| self.excused != Some(recorded.digest)) else { return Ok(true) };
        if !recorded.is_unknown_to(self.keyring.as_ref())? {
            return Ok(true);
        }
        // A correction of the clock forgets which records were deleted while the clock was ahead.
        let (query, mut is_corrected) =
            (AuditQuery { actions: vec![Action::AcceptClock], limit: Some(1), ..AuditQuery::default() }, false);
        self.keyring.audit(&query, &mut AuditCursor::default(), &mut |row| {
            is_corrected = row.seq > self.seen.row();
            Ok(())
        })?;
        self.excused = is_corrected.then_some(recorded.digest);
        Ok(is_corrected)
    }
}

/// Returns `true` if `new` never had a record of an accepted signature that `old` has. A file that cannot be read shows nothing.
fn lacks_record(new: &dyn Keyring, old: &dyn Keyring) -> bool {
    let mut lacks = false;
    // What is read before an error counts.
    let _ = each_signature(old, |of| {
        lacks = lacks || of.is_unknown_to(new)?;
        Ok(())
    });
    lacks
}
