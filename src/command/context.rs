//! The settings of one run: the keyring, the clock, the audit entry, and the output format.

use crate::{
    cli::Global,
    clock,
    error::{Code, Result},
    key::Time,
    keyring::{Entry, Keyring, Location},
    output::{ColorChoice, Console, Format},
    process,
    proof::{Clock, request::Timestamp},
};

/// The settings of one run of a command.
pub(super) struct Context {
    pub(super) location: Location,
    pub(super) now: Time,
    pub(super) entry: Entry,
    pub(super) format: Format,
    pub(super) color: ColorChoice,
    pub(super) console: Console,
}

impl Context {
    pub(super) fn new(global: &Global, command: &str) -> Result<Self> {
        let location = Location::named_or_default(global.keyring.as_deref())?;
        let now = global.now.unwrap_or_else(clock::now);
        let (user, host) = process::identity();
        Ok(Self {
            location,
            now,
            entry: Entry { at: now, clock_set: global.now.is_some(), user, host, command: command.to_owned() },
            format: global.format.data(),
            color: global.color,
            console: Console { quiet: global.quiet, color: global.color, yes: global.yes },
        })
    }

    /// Returns a copy of the settings with the current time. A command that has waited for input uses the copy, so that
    /// it evaluates keys as of the time after the wait.
    pub(super) fn later(&self) -> Self {
        let Clock { now, .. } = self.clock();
        let entry = Entry { at: now, ..self.entry.clone() };
        Self { now, entry, location: self.location.clone(), ..*self }
    }

    /// Returns the current time, in seconds for keys and in milliseconds for signed requests. A time that was set by an
    /// option does not advance.
    pub(super) fn clock(&self) -> Clock {
        if self.entry.clock_set {
            Clock { now: self.now, timestamp: Timestamp::at(self.now) }
        } else {
            Clock { now: clock::now(), timestamp: Timestamp::from_millis(clock::milliseconds()) }
        }
    }

    pub(super) fn open(&self) -> Result<Box<dyn Keyring>> {
        self.location.open()
    }

    /// Opens the keyring for writing, and creates it if it does not exist. A dry run must not call this method.
    pub(super) fn open_or_create(&self) -> Result<Box<dyn Keyring>> {
        let keyring = self.location.open_or_create(&self.entry)?;
        keyring.check_writable()?;
        Ok(keyring)
    }

    /// Opens the keyring, or returns `None` if it does not exist.
    pub(super) fn open_existing(&self) -> Result<Option<Box<dyn Keyring>>> {
        match self.open() {
            Ok(keyring) => Ok(Some(keyring)),
            Err(error) if error.code() == Code::KeyringMissing => Ok(None),
            Err(error) => Err(error),
        }
    }
}
