//! The clock of a random life.

use crate::{home::Home, tools::have};
use keywright::key::Time;
use std::process::Command;

/// The file that has the time for a stepping clock.
const FILE: &str = "clock";

/// How processes learn the time.
pub(super) enum Clock {
    /// From the option `--now`. Such a clock never steps back.
    Option,
    /// From the system clock. The value is the path of the library of `faketime`, which reads the time from a file.
    System(String),
}

impl Clock {
    /// Returns a system clock, or `None` if `faketime` is not installed.
    pub(super) fn stepping() -> Option<Self> {
        if !have("faketime") {
            return None;
        }
        let mut command = Command::new("faketime");
        let shown = command.args(["2026-01-01 00:00:00", "sh", "-c", "echo $LD_PRELOAD"]).output().unwrap();
        Some(Self::System(String::from_utf8(shown.stdout).unwrap().trim().to_owned()))
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
            Self::System(library) => {
                // A running process must not read half of the time.
                home.write("clock.new", time.replace('T', " ").trim_end_matches('Z'));
                std::fs::rename(home.file("clock.new"), home.file(FILE)).unwrap();
                let mut command = home.keywright(words);
                command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", home.file(FILE)).env("TZ", "UTC");
                command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("NO_FAKE_STAT", "1");
                command
            }
        }
    }

    pub(super) fn steps_back(&self) -> bool {
        matches!(self, Self::System(_))
    }
}
