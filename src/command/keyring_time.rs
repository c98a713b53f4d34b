//! The keyring time, which a command reads when it opens the keyring.

use crate::{
    error::Result,
    key::Time,
    keyring::{Entry, Keys},
    output::Console,
};
use std::sync::atomic::{AtomicI64, Ordering};

/// The minimum difference, in seconds, between the keyring time and a system clock behind it for which a command warns.
/// The clocks of machines that synchronize their clocks differ by less.
pub(super) const GAP: i64 = 60;

/// The keyring time, once it has been read.
pub(super) struct KeyringTime(AtomicI64);

impl Default for KeyringTime {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }
}

impl Clone for KeyringTime {
    fn clone(&self) -> Self {
        Self(AtomicI64::new(self.0.load(Ordering::Relaxed)))
    }
}

impl KeyringTime {
    /// Reads the keyring time.
    pub(super) fn read(&self, keys: &(impl Keys + ?Sized)) -> Result<()> {
        if let Some(time) = keys.time()? {
            self.0.store(time.seconds(), Ordering::Relaxed);
        }
        Ok(())
    }

    /// Returns the time of the entry or the keyring time, whichever is later. If the time of the entry was set with `--now`,
    /// returns that time.
    pub(super) fn at_least(&self, entry: &Entry) -> Time {
        let floor = self.0.load(Ordering::Relaxed);
        if entry.clock_set || floor < entry.at.seconds() { entry.at } else { Time::from_seconds(floor) }
    }

    /// Warns if the system clock is at least [`GAP`] seconds behind the keyring time.
    pub(super) fn warn_if_ahead(&self, entry: &Entry, console: Console) {
        let (clock, time) = (entry.at, self.at_least(entry));
        if time.seconds() - clock.seconds() >= GAP {
            console.warn(&format!(
                "the system clock says {clock}, but the newest change in the keyring is from {time}; keys are judged as of \
                 {time}. Set the clock, or run `keywright audit accept-clock` if the clock is right"
            ));
        }
    }
}
