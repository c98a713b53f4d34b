//! Reads the rate limit from a JSON line that describes a key.

use serde::Deserialize;

/// A rate limit, either as the text that the option accepts or as the object that the JSON document of a key contains.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected \"60/min\", or an object with requests_per_minute, requests_per_hour, requests_per_day"
)]
pub(super) enum Rates {
    Text(String),
    Windows(Windows),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Windows {
    #[serde(rename = "requests_per_minute")]
    minute: Option<u32>,
    #[serde(rename = "requests_per_hour")]
    hour: Option<u32>,
    #[serde(rename = "requests_per_day")]
    day: Option<u32>,
}

impl Rates {
    /// Returns the rate limit as the text that the option accepts, or `None` if no window is set.
    pub(super) fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Windows(windows) => {
                let windows = [(windows.minute, "min"), (windows.hour, "hour"), (windows.day, "day")];
                let set: Vec<String> = windows
                    .iter()
                    .filter_map(|(count, window)| count.map(|count| format!("{count}/{window}")))
                    .collect();
                (!set.is_empty()).then(|| set.join(","))
            }
        }
    }
}
