//! The settings of one run: the keyring, the clock, the audit entry, and the output format.

use crate::{
    cli::Global,
    clock,
    error::{Code, Result},
    key::Time,
    keyring::{Entry, Keyring, Keys, Location},
    output::{ColorChoice, Console, Format},
    process,
    proof::{Clock, request::Timestamp},
};
use std::sync::atomic::{AtomicI64, Ordering};

/// The difference in seconds between the keyring time and a system clock that is behind it from which on a command warns.
/// Clocks of different machines differ by less if they are synchronized.
const CLOCK_GAP: i64 = 60;

/// The settings of one run of a command.
pub(super) struct Context {
    pub(super) location: Location,
    pub(super) entry: Entry,
    /// The keyring time in seconds, or `i64::MIN` as long as no keyring has been opened.
    keyring_time: AtomicI64,
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
            keyring_time: AtomicI64::new(i64::MIN),
            entry: Entry { at: now, clock_set: global.now.is_some(), user, host, command: command.to_owned() },
            format: global.format.data(),
            color: global.color,
            console: Console { quiet: global.quiet, color: global.color, yes: global.yes },
        })
    }

    /// Returns the time at which the command judges and changes keys: the time at which it started or the keyring time,
    /// whichever is later. A time that was set with `--now` is used as it is.
    pub(super) fn now(&self) -> Time {
        self.at_least_keyring_time(self.entry.at)
    }

    fn at_least_keyring_time(&self, time: Time) -> Time {
        let floor = self.keyring_time.load(Ordering::Relaxed);
        if self.entry.clock_set || floor < time.seconds() { time } else { Time::from_seconds(floor) }
    }

    /// Reads the keyring time again, which other processes may have advanced.
    pub(super) fn read_keyring_time(&self, keys: &(impl Keys + ?Sized)) -> Result<()> {
        if let Some(time) = keys.time()? {
            self.keyring_time.store(time.seconds(), Ordering::Relaxed);
        }
        Ok(())
    }

    /// Returns a copy of the settings with the current time. A command that has waited for input uses the copy, so that
    /// it evaluates keys as of the time after the wait.
    pub(super) fn later(&self) -> Self {
        let Clock { now, .. } = self.clock();
        let entry = Entry { at: now, ..self.entry.clone() };
        Self {
            entry,
            location: self.location.clone(),
            keyring_time: AtomicI64::new(self.keyring_time.load(Ordering::Relaxed)),
            format: self.format,
            color: self.color,
            console: self.console,
        }
    }

    /// Returns the current time, in seconds for keys and in milliseconds for signed requests. A time that was set by an
    /// option does not advance.
    pub(super) fn clock(&self) -> Clock {
        if self.entry.clock_set {
            Clock { now: self.entry.at, timestamp: Timestamp::at(self.entry.at) }
        } else {
            let now = self.at_least_keyring_time(clock::now());
            Clock { now, timestamp: Timestamp::from_millis(clock::milliseconds()) }
        }
    }

    pub(super) fn open(&self) -> Result<Box<dyn Keyring>> {
        self.opened(self.location.open()?)
    }

    /// Reads the keyring time of a keyring that was just opened.
    fn opened(&self, keyring: Box<dyn Keyring>) -> Result<Box<dyn Keyring>> {
        self.read_keyring_time(keyring.as_ref())?;
        let (clock, time) = (self.entry.at, self.now());
        if time.seconds() - clock.seconds() >= CLOCK_GAP {
            self.console.warn(&format!(
                "the system clock says {clock}, but the newest change in the keyring is from {time}; keys are judged as of \
                 {time}. Set the clock, or run `keywright audit accept-clock` if the clock is right"
            ));
        }
        Ok(keyring)
    }

    /// Opens the keyring for writing, and creates it if it does not exist. A dry run must not call this method.
    pub(super) fn open_or_create(&self) -> Result<Box<dyn Keyring>> {
        let keyring = self.opened(self.location.open_or_create(&self.entry)?)?;
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
