//! The clock of a random life.

use crate::{
    home::Home,
    tools::{fake_clock, have},
};
use keywright::key::Time;
use std::process::Command;

/// The file that has the time for a stepping clock.
const FILE: &str = "clock";

/// How processes learn the time.
pub(super) enum Clock {
    /// From the option `--now`. Such a clock never steps back.
    Option,
    /// From the system clock, which the library of `faketime` reads from a file.
    System,
}

impl Clock {
    /// Returns a system clock, or `None` if `faketime` is not installed.
    pub(super) fn stepping() -> Option<Self> {
        have("faketime").then_some(Self::System)
    }

    /// Builds a keywright command that runs at `now`. Processes that are already running notice the time as well, if
    /// they read the system clock.
    pub(super) fn command<'a>(&self, home: &Home, now: i64, words: impl Iterator<Item = &'a str>) -> Command {
        let time = Time::from_seconds(now).to_string();
        match self {
            Self::Option => {
                let mut command = home.keywright(["--now", &time]);
                command.args(words);
                command
            }
            Self::System => {
                // A running process must not read half of the time.
                home.write("clock.new", time.replace('T', " ").trim_end_matches('Z'));
                std::fs::rename(home.file("clock.new"), home.file(FILE)).unwrap();
                let mut command = home.keywright(words);
                fake_clock(&mut command, "FAKETIME_TIMESTAMP_FILE", home.file(FILE));
                command
            }
        }
    }

    pub(super) fn steps_back(&self) -> bool {
        matches!(self, Self::System)
    }
}
