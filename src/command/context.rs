//! The settings of one run: the keyring, the clock, the audit entry, and the output format.

use super::{fields::chosen, keyring_time::KeyringTime};
use crate::{
    cli::Global,
    clock,
    error::Result,
    key::{Time, contains_secret},
    keyring::{Entry, Keys, Location},
    output::{Console, DataStyle},
    process,
    proof::Clock,
    signing::request::Timestamp,
};

/// The settings of one run of a command.
pub(super) struct Context {
    pub(super) location: Location,
    pub(super) entry: Entry,
    pub(super) keyring_time: KeyringTime,
    pub(super) style: DataStyle,
    pub(super) console: Console,
}

impl Context {
    pub(super) fn new(global: &Global, command: &str) -> Result<Self> {
        let location = Location::named_or_default(global.keyring.as_deref())?;
        let now = global.now.unwrap_or_else(clock::now);
        let format = global.format.data();
        let (user, host) = process::identity(|name| !contains_secret(name));
        Ok(Self {
            location,
            keyring_time: KeyringTime::default(),
            entry: Entry { at: now, clock_set: global.now.is_some(), user, host, command: command.to_owned() },
            style: DataStyle {
                format,
                color: global.color,
                fields: chosen(&global.fields, command, format)?,
                // These commands print lists that may be long, never a secret, and ask no question.
                is_paged: !global.no_pager && matches!(command, "audit" | "check" | "list"),
            },
            console: Console { quiet: global.quiet, color: global.color, yes: global.yes },
        })
    }

    /// Returns the time at which the command judges and changes keys: the time at which it started or the keyring time,
    /// whichever is later. A time that was set with `--now` is returned unchanged.
    pub(super) fn now(&self) -> Time {
        self.keyring_time.at_least(&self.entry)
    }

    /// Returns a copy of the settings with the current time and the current keyring time. A command that has waited for
    /// input uses the copy, so that it judges keys as of the time after the wait. A command whose answer is final must
    /// read the keyring time and the keys in one consistent read, because a change in between may be later than that time.
    pub(super) fn later(&self, keys: &(impl Keys + ?Sized)) -> Result<Self> {
        let later = self.at_current_time();
        later.keyring_time.read(keys)?;
        Ok(later)
    }

    fn at_current_time(&self) -> Self {
        let at = if self.entry.clock_set { self.entry.at } else { clock::now() };
        Self {
            entry: Entry { at, ..self.entry.clone() },
            location: self.location.clone(),
            keyring_time: self.keyring_time.clone(),
            style: self.style.clone(),
            console: self.console,
        }
    }

    /// Returns the current time of the system clock, in seconds for keys and in milliseconds for signed requests, without
    /// regard to the keyring time, which can change. A time that was set with `--now` does not advance.
    pub(super) fn clock(&self) -> Clock {
        let timestamp = if self.entry.clock_set {
            Timestamp::at(self.entry.at)
        } else {
            Timestamp::from_millis(clock::milliseconds())
        };
        Clock { now: self.entry.clock(), timestamp }
    }
}
