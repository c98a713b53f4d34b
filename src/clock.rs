//! The system clock. Most other modules receive the time as an argument, so that `--now` and tests can set the time.

use crate::key::Time;
use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the time of the system clock, rounded down to a whole second and clamped to the years 1970 to 9999.
#[must_use]
pub fn now() -> Time {
    Time::from_seconds(i64::try_from(milliseconds() / 1000).unwrap_or(i64::MAX))
}

/// Returns the number of milliseconds since 1970-01-01T00:00:00Z, or 0 if the system clock is set to an earlier time.
#[must_use]
pub fn milliseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
