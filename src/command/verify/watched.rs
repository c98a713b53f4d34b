//! A keyring that stays open while other processes change or replace it.

use crate::{
    command::Context,
    error::{Code, Error, Result},
    keyring::{Head, Keyring, RecordedSignature},
};

/// A keyring that stays open, together with the newest head of its log that was seen.
pub(super) struct Watched {
    pub(super) keyring: Box<dyn Keyring>,
    seen: Head,
}

impl Watched {
    pub(super) fn open(context: &Context) -> Result<Self> {
        let keyring = context.open()?;
        let seen = keyring.head()?;
        Ok(Self { keyring, seen })
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
            self.keyring = context.open()?;
        }
        let head = self.keyring.head()?;
        if (head != self.seen && !self.keyring.has_row(&self.seen)?) || !self.knows(recorded)? {
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
    fn knows(&self, recorded: Option<&RecordedSignature>) -> Result<bool> {
        let Some(RecordedSignature { digest, timestamp, .. }) = recorded else { return Ok(true) };
        Ok(self.keyring.has_signature(digest)?
            || self.keyring.forgotten_requests()?.is_some_and(|forgotten| *timestamp <= forgotten))
    }
}
