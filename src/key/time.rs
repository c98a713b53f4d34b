//! Points in time, durations, and their text formats.

use super::presented::excerpt;
use crate::error::{Code, Error, Result};
use jiff::{
    Span, Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use std::{fmt, str::FromStr};

/// A point in time with a resolution of one second, counted since 1970-01-01T00:00:00Z (the epoch). The `Display`
/// output is in RFC 3339 format in UTC, with the suffix `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// The latest time that RFC 3339 can represent: 9999-12-31T23:59:59Z.
    pub const LAST: Self = Self(253_402_300_799);

    /// Creates a time from its number of seconds since the epoch. A value outside the years 0 to 9999 is clamped to the
    /// nearest supported time.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        const FIRST: i64 = -62_167_219_200;
        Self(seconds.clamp(FIRST, Self::LAST.0))
    }

    /// Returns the number of seconds since the epoch.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Returns the time as RFC 3339 text, without allocating.
    #[must_use]
    pub fn encode(self) -> [u8; 20] {
        let (days, second) = (self.0.div_euclid(86_400), self.0.rem_euclid(86_400));
        let (year, month, day) = civil_from_days(days);
        let mut text = *b"0000-00-00T00:00:00Z";
        let mut put = |at: usize, width: usize, mut value: i64| {
            for place in (at..at + width).rev() {
                text[place] = b'0' + u8::try_from(value % 10).unwrap_or(0);
                value /= 10;
            }
        };
        put(0, 4, year);
        put(5, 2, month);
        put(8, 2, day);
        put(11, 2, second / 3600);
        put(14, 2, second / 60 % 60);
        put(17, 2, second % 60);
        text
    }

    fn timestamp(self) -> Timestamp {
        // The range of `Timestamp` ends on 9999-12-30, so that it can be represented in every time zone.
        Timestamp::from_second(self.0).unwrap_or(Timestamp::MAX)
    }
}

/// Converts a number of days since the epoch to a date in the proleptic Gregorian calendar, as year, month and day.
///
/// Listing a million keys formats several million `Time` values, and this function is much faster than the date types
/// of the `jiff` crate. A unit test compares the results of both.
///
/// Source: Howard Hinnant, "chrono-compatible low-level date algorithms".
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + (month <= 2) as i64;
    (year, month, doy - (153 * mp + 2) / 5 + 1)
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(str::from_utf8(&self.encode()).unwrap_or_default())
    }
}

/// Returns the error for text that is not a time.
fn unreadable(text: &str) -> Error {
    let hint = "give a date (2027-01-31) or an RFC 3339 time (2027-01-31T18:00:00Z)";
    Error::new(Code::InvalidTime, format!("`{}` is not a valid date or time", excerpt(text)), hint)
}

/// Returns the error for text that is neither a duration nor a time.
fn unreadable_span(text: &str) -> Error {
    let hint = "give a duration (90d, 12h, 1y, P90D), a date (2027-01-31) or an RFC 3339 time (2027-01-31T18:00:00Z)";
    Error::new(Code::InvalidTime, format!("`{}` is not a valid duration, date or time", excerpt(text)), hint)
}

/// Returns the seconds from the epoch to a date and time in UTC, which may be after the range of [`Timestamp`].
fn seconds_of(time: DateTime) -> i64 {
    time.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_secs()
}

/// Parses an offset from UTC, such as `+02:00`, and returns the number of seconds, or `None` if the text is not an
/// offset.
fn offset(text: &str) -> Option<i64> {
    let (sign, digits) = text.split_at_checked(1)?;
    let (hours, minutes) = digits.split_once(':')?;
    let number = |digits: &str, limit: i64| {
        let valid = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse::<i64>().ok().filter(|number| valid && *number < limit)
    };
    let seconds = number(hours, 24)? * 3600 + number(minutes, 60)? * 60;
    match sign {
        "+" => Some(seconds),
        "-" => Some(-seconds),
        _ => None,
    }
}

/// Parses an RFC 3339 time, which may be after the range of [`Timestamp`], and returns the number of seconds since the
/// epoch, or `None` if the text is not such a time.
fn at_offset(text: &str) -> Option<i64> {
    let (time, offset) = match text.strip_suffix(['Z', 'z']) {
        Some(time) => (time, Some(0)),
        None => {
            text.split_at_checked(text.len().checked_sub("+00:00".len())?).map(|(time, text)| (time, offset(text)))?
        }
    };
    let offset = offset?;
    // Fractions of a second do not count, and RFC 3339 allows any number of digits.
    let time = match time.split_once('.') {
        Some((whole, digits)) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => whole,
        _ => time,
    };
    let is_time = time.len() >= "9999-12-31T00:00:00".len() && matches!(time.as_bytes()[10], b'T' | b't' | b' ');
    let time: DateTime = is_time.then(|| time.parse().ok()).flatten()?;
    Some(seconds_of(time) - offset)
}

impl FromStr for Time {
    type Err = Error;

    /// Parses an RFC 3339 time with an offset, or a date, which stands for the last second of that day in UTC. Times
    /// outside the years 1970 to 9999 are not valid.
    fn from_str(text: &str) -> Result<Self> {
        let time = if let Ok(date) = text.parse::<Date>()
            && text.len() == 10
        {
            Some(seconds_of(date.at(23, 59, 59, 0)))
        } else {
            at_offset(text)
        };
        let time = time.ok_or_else(|| unreadable(text))?;
        if !(0..=Self::LAST.0).contains(&time) {
            return Err(unreadable(text));
        }
        Ok(Self(time))
    }
}

/// A duration that is greater than zero, parsed from text such as `90d`, `12h`, `1y` or `P90D`.
///
/// Years and months are calendar units in UTC, so the length of a period in seconds can depend on when it starts.
#[derive(Clone, Copy, Debug)]
pub struct Period(Span);

impl Period {
    /// Returns the period of a number of seconds, which is greater than zero.
    #[must_use]
    pub fn of_seconds(seconds: u32) -> Self {
        Self(Span::new().seconds(seconds))
    }

    /// Returns the time that is one period after `start`.
    ///
    /// # Errors
    /// Returns `invalid_time` if the result is outside the years 1970 to 9999.
    pub fn after(self, start: Time) -> Result<Time> {
        self.moved(start, self.0)
    }

    /// Returns the time that is one period before `end`.
    ///
    /// # Errors
    /// Returns `invalid_time` if the result is outside the years 1970 to 9999.
    pub fn before(self, end: Time) -> Result<Time> {
        self.moved(end, -self.0)
    }

    fn moved(self, from: Time, span: Span) -> Result<Time> {
        let far = || {
            let direction = if span.is_negative() { "before" } else { "after" };
            Error::new(
                Code::InvalidTime,
                format!("the time {self} {direction} {from} is outside the years 1970 to 9999"),
                "use a shorter duration",
            )
        };
        let to = from.timestamp().to_zoned_datetime(TimeZone::UTC).checked_add(span).map_err(|_| far())?;
        let seconds = to.timestamp().as_second();
        if (0..=Time::LAST.0).contains(&seconds) { Ok(Time(seconds)) } else { Err(far()) }
    }
}

impl FromStr for Period {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse = |problem: &str| {
            let hint = "give a duration such as 90d, 12h, 30min, 1y or P90D";
            Err(Error::new(Code::InvalidTime, problem, hint))
        };
        let Ok(span) = text.parse::<Span>() else {
            return refuse(&format!("`{}` is not a valid duration", excerpt(text)));
        };
        if span.is_zero() {
            return refuse("the duration is zero");
        }
        if span.is_negative() {
            return refuse("the duration is negative");
        }
        Ok(Self(span))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

/// A bound of a range of past times: a period before now, a day, or a point in time.
#[derive(Clone, Copy, Debug)]
pub enum Past {
    /// The time that is one period before now.
    Ago(Period),
    /// A day in UTC, represented by its last second.
    Day(Time),
    /// A point in time.
    At(Time),
}

impl Past {
    /// Returns the first second that this value covers, for use as the start of a range.
    ///
    /// # Errors
    /// Returns `invalid_time` if the value is a period that starts before the year 1970.
    pub fn first(self, now: Time) -> Result<Time> {
        match self {
            Self::Day(end) => Ok(Time(end.0 - 86_399)),
            other => other.last(now),
        }
    }

    /// Returns the last second that this value covers, for use as the end of a range.
    ///
    /// # Errors
    /// Returns `invalid_time` if the value is a period that starts before the year 1970.
    pub fn last(self, now: Time) -> Result<Time> {
        match self {
            Self::Ago(period) => period.before(now),
            Self::Day(time) | Self::At(time) => Ok(time),
        }
    }
}

impl FromStr for Past {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.parse::<Time>() {
            Ok(time) if text.len() == 10 => Ok(Self::Day(time)),
            Ok(time) => Ok(Self::At(time)),
            // Text that looks like a duration was probably intended as one, so report the error from parsing it as a
            // duration.
            Err(_) if text.starts_with(['-', 'P', 'p']) || text.parse::<Span>().is_ok() => text.parse().map(Self::Ago),
            Err(_) => Err(unreadable_span(text)),
        }
    }
}

/// The time of a future event, such as the expiry of a key: never, after a period, or at a point in time.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// Never.
    Never,
    /// The time that is one period from now.
    After(Period),
    /// A point in time.
    At(Time),
}

impl When {
    /// Resolves the value to a point in time, counting periods from `now`. Returns `None` for [`When::Never`].
    ///
    /// # Errors
    /// Returns `invalid_time` if the time is not after `now`, or if it is after the year 9999.
    pub fn resolve(self, now: Time) -> Result<Option<Time>> {
        let time = match self {
            Self::Never => return Ok(None),
            Self::After(period) => period.after(now)?,
            Self::At(time) => time,
        };
        if time <= now {
            return Err(Error::new(
                Code::InvalidTime,
                format!("{time} is not in the future"),
                format!("give a time after {now}, or a duration such as 90d"),
            ));
        }
        Ok(Some(time))
    }
}

impl FromStr for When {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text == "never" {
            return Ok(Self::Never);
        }
        if text == "0" {
            return Err(Error::new(
                Code::InvalidTime,
                "0 is not a valid time",
                "give `never` for a key that does not expire, or a duration such as 90d",
            ));
        }
        if let Ok(time) = text.parse() {
            return Ok(Self::At(time));
        }
        match text.parse() {
            Ok(period) => Ok(Self::After(period)),
            // A zero or negative duration is a valid `Span`. The error from `Period` explains why it is not allowed.
            Err(error) if text.parse::<Span>().is_ok() => Err(error),
            Err(_) => Err(unreadable_span(text)),
        }
    }
}

#[cfg(test)]
mod tests;
