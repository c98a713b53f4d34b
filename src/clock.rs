//! The system clock. Other modules take the time from here or as an argument, so that `--now` and tests can set it.

use crate::key::Time;
use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the current time in whole seconds, rounded down.
#[must_use]
pub fn now() -> Time {
    Time::from_seconds(i64::try_from(milliseconds() / 1000).unwrap_or(i64::MAX))
}

/// Returns the milliseconds since 1970-01-01T00:00:00Z, or 0 if the clock is set to an earlier time.
#[must_use]
pub fn milliseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
