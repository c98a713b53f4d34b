//! The rate limit of a key.

use super::{Edit, Field, Members};
use crate::error::{Code, Error, Result};
use std::{fmt, str::FromStr};

/// The maximum number of requests per time window. keywright only stores rate limits, which the service enforces. A
/// window that is `None` has no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimit {
    /// The maximum number of requests per minute.
    pub minute: Option<u32>,
    /// The maximum number of requests per hour.
    pub hour: Option<u32>,
    /// The maximum number of requests per day.
    pub day: Option<u32>,
}

impl RateLimit {
    /// Returns `true` if no window has a limit.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.minute.is_none() && self.hour.is_none() && self.day.is_none()
    }

    /// Reads the rate limit from a member of a JSON object. The value of the member is either a string in the format of
    /// the command line, or an object in the format of a key's JSON. Returns `None` if the member is missing or null,
    /// or if no window has a limit.
    ///
    /// # Errors
    /// - `invalid_rate_limit` if the rate limit is invalid.
    /// - The error code for malformed objects if the value is neither such a string nor such an object.
    pub(super) fn from_json(members: &mut Members) -> Result<Option<Self>> {
        let expected = "a string such as \"60/min\", or an object with requests_per_minute, requests_per_hour and \
                        requests_per_day";
        let limit: Option<Self> = members.read(Field::RateLimit.word(), expected, |value| {
            if let Some(text) = value.as_str() {
                return Some(text.parse());
            }
            let mut windows = Vec::new();
            for (name, count) in value.as_object()? {
                let window = name.strip_prefix("requests_per_")?;
                if !matches!(window, "minute" | "hour" | "day") {
                    return None;
                }
                if !count.is_null() {
                    windows.push(format!("{}/{window}", count.as_u64()?));
                }
            }
            Some(if windows.is_empty() { Ok(Self::default()) } else { windows.join(",").parse() })
        })?;
        Ok(limit.filter(|limit| !limit.is_empty()))
    }

    /// Returns a copy with a change applied. [`Edit::Set`] changes only the given windows.
    #[must_use]
    pub(super) fn edited(self, edit: Edit<Self>) -> Self {
        match edit {
            Edit::Keep => self,
            Edit::Clear => Self::default(),
            Edit::Set(given) => given.or(self),
        }
    }

    /// Returns a copy in which each window without a limit has the limit from `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { minute: self.minute.or(other.minute), hour: self.hour.or(other.hour), day: self.day.or(other.day) }
    }
}

impl FromStr for RateLimit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse = |problem: &str| {
            let hint = "give COUNT/WINDOW entries separated by commas, for example 60/min,3000/hour,50000/day";
            Err(Error::new(Code::InvalidRateLimit, format!("the rate limit {problem}"), hint))
        };
        let mut limit = Self::default();
        for part in text.split(',') {
            let Some((count, window)) = part.trim().split_once('/') else {
                return refuse("has an entry without a window");
            };
            let slot = match window {
                "min" | "minute" | "m" => &mut limit.minute,
                "hour" | "h" => &mut limit.hour,
                "day" | "d" => &mut limit.day,
                _ => return refuse("has a window other than min, hour or day"),
            };
            // Services declare these counts as 32-bit signed integers in their API documentation.
            let count = match count.parse::<i32>() {
                Ok(count) if count > 0 && !part.starts_with('+') => count.unsigned_abs(),
                _ => return refuse("has a count that is not a whole number from 1 to 2147483647"),
            };
            if slot.replace(count).is_some() {
                return refuse("has two counts for the same window");
            }
        }
        Ok(limit)
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let windows = [(self.minute, "min"), (self.hour, "hour"), (self.day, "day")];
        for (i, (count, window)) in windows.iter().filter_map(|(c, w)| c.map(|c| (c, w))).enumerate() {
            write!(f, "{}{count}/{window}", if i == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_limit_parses_from_its_text() {
        for text in ["60/min,3000/hour,50000/day", "120/min", "1/day", "2147483647/hour"] {
            assert_eq!(text.parse::<RateLimit>().unwrap().to_string(), text);
        }
        assert!(RateLimit::default().is_empty());
    }

    #[test]
    fn the_error_shows_a_valid_example() {
        for text in [
            "",
            "60",
            "60/",
            "/min",
            "0/min",
            "-1/min",
            "+1/min",
            "60/week",
            "60/min,70/min",
            "2147483648/day",
            "6e1/min",
            "60/min,",
        ] {
            let error = text.parse::<RateLimit>().unwrap_err();
            assert_eq!(error.code(), Code::InvalidRateLimit, "{text:?}");
            assert!(error.hint().contains("60/min,3000/hour,50000/day"));
        }
    }
}
