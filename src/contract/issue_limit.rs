//! The limit on the number of keys per owner.

use crate::{
    error::{Code, Error, Result},
    key::{KeyView, Time},
};
use std::str::FromStr;

/// The maximum number of keys that may be issued to an owner in a time window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssueLimit {
    /// The maximum number of keys.
    pub count: u32,
    /// The length of the time window in seconds.
    pub window: i64,
}

impl IssueLimit {
    /// Returns `true` if the key has an owner and its creation time is in the window of the limit that ends at `now`. A
    /// creation time in the future is in the window too, so that setting the clock back does not lift the limit.
    #[must_use]
    pub fn counts(&self, key: &KeyView<'_>, now: Time) -> bool {
        key.owner.is_some() && key.lifecycle.created.seconds() > now.seconds() - self.window
    }
}

impl FromStr for IssueLimit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parsed = text.split_once('/').and_then(|(count, window)| {
            let digits = count.bytes().all(|b| b.is_ascii_digit());
            let count = count.parse().ok().filter(|count| digits && *count > 0)?;
            let window = match window {
                "minute" | "min" => 60,
                "hour" => 3_600,
                "day" => 86_400,
                "week" => 604_800,
                _ => return None,
            };
            Some(Self { count, window })
        });
        parsed.ok_or_else(|| {
            let hint = "use a count of at least 1 and a window (minute, hour, day or week), for example 1/day";
            Error::new(Code::ContractInvalid, "the issue limit is not valid", hint)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_limit_is_a_count_and_a_window() {
        let limit: IssueLimit = "5/hour".parse().unwrap();
        assert_eq!((limit.count, limit.window), (5, 3_600));
        for text in ["", "1", "/day", "0/day", "-1/day", "+1/day", "1/month", "1/day ", "99999999999/day"] {
            assert_eq!(text.parse::<IssueLimit>().unwrap_err().code(), Code::ContractInvalid, "{text}");
        }
    }
}
