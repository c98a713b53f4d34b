//! A key as a line of a file describes it, in JSON; the options stand in for what a line leaves out.

use crate::{
    cli::{Describe, Given},
    command::options::in_options,
    error::{Code, Error, Result},
    key::{Field, KeyType},
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A line, read but not yet judged: its values are parsed where everything that is wrong is told together.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    name: Option<String>,
    #[serde(rename = "type")]
    key_type: Option<String>,
    env: Option<String>,
    owner: Option<String>,
    scopes: Option<Vec<String>>,
    expires: Option<String>,
    rate_limit: Option<Rates>,
    labels: Option<BTreeMap<String, String>>,
    note: Option<String>,
}

/// As an option has it, or as the JSON of a key does.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "say \"60/min\", or an object with requests_per_minute, requests_per_hour, requests_per_day"
)]
enum Rates {
    Text(String),
    Windows(Windows),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Windows {
    #[serde(rename = "requests_per_minute")]
    minute: Option<u32>,
    #[serde(rename = "requests_per_hour")]
    hour: Option<u32>,
    #[serde(rename = "requests_per_day")]
    day: Option<u32>,
}

impl Rates {
    fn text(self) -> Option<String> {
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

impl Line {
    pub(super) fn read(line: &[u8]) -> Result<Self> {
        let refused = |problem: &str| {
            let fields = "name, type, env, owner, scopes, expires, rate_limit, labels, note";
            Error::new(Code::InvalidLine, problem, format!("give one JSON object a line, with any of {fields}"))
        };
        // What reads fields by name would take them from an array too.
        if !line.starts_with(b"{") {
            return Err(refused("that is not a JSON object"));
        }
        // Where in the line it is, is not where in the file.
        serde_json::from_slice(line).map_err(|e| refused(e.to_string().split(" at line ").next().unwrap_or_default()))
    }

    /// The type that it says.
    pub(super) fn key_type(&self) -> Result<Option<KeyType>> {
        self.key_type
            .as_deref()
            .map(|word| word.parse().map_err(|e: Error| in_options(e.in_field(Field::Type.word()), "generate")))
            .transpose()
    }

    /// The description that it is, with the options' where it leaves something out.
    pub(super) fn describe(self, options: Describe) -> Describe {
        let labels = self
            .labels
            .map(|labels| labels.iter().map(|(key, value)| Given::from(format!("{key}={value}").as_str())).collect());
        Describe {
            name: self.name.as_deref().map(Given::from).or(options.name),
            env: self.env.as_deref().map(Given::from).or(options.env),
            owner: self.owner.as_deref().map(Given::from).or(options.owner),
            scopes: self
                .scopes
                .map_or(options.scopes, |scopes| scopes.iter().map(|scope| Given::from(scope.as_str())).collect()),
            expires: self.expires.as_deref().map(Given::from).or(options.expires),
            rate_limit: self.rate_limit.and_then(Rates::text).as_deref().map(Given::from).or(options.rate_limit),
            labels: labels.unwrap_or(options.labels),
            note: self.note.as_deref().map(Given::from).or(options.note),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Describe {
        Describe {
            name: Some("from-options".into()),
            env: None,
            owner: Some("acme".into()),
            scopes: vec!["read".into()],
            expires: None,
            rate_limit: None,
            labels: vec!["team=x".into()],
            note: None,
        }
    }

    fn described(line: &str) -> Describe {
        Line::read(line.as_bytes()).unwrap().describe(options())
    }

    #[test]
    fn the_options_stand_in_for_what_a_line_leaves_out() {
        let own = described(r#"{"name":"own","scopes":[],"labels":{}}"#);
        assert_eq!(own.name.unwrap().value().unwrap().as_str(), "own");
        assert_eq!(own.owner.unwrap().value().unwrap().as_str(), "acme");
        assert_eq!((own.scopes.len(), own.labels.len()), (0, 0), "none is not left out");
        let left_out = described("{}");
        assert_eq!(left_out.name.unwrap().value().unwrap().as_str(), "from-options");
        assert_eq!((left_out.scopes.len(), left_out.labels.len()), (1, 1));
    }

    #[test]
    fn a_rate_limit_is_as_an_option_has_it_or_as_the_json_of_a_key_does() {
        let limit = |line: &str| described(line).rate_limit.map(|given| given.value().unwrap());
        let text = limit(r#"{"rate_limit":"60/min,500/day"}"#);
        assert!(text.is_some());
        assert_eq!(limit(r#"{"rate_limit":{"requests_per_minute":60,"requests_per_day":500}}"#), text);
        assert_eq!(limit(r#"{"rate_limit":{"requests_per_minute":null}}"#), None, "as an unset one is printed");
    }

    #[test]
    fn what_is_wrong_with_a_line_is_told_without_a_place_in_it() {
        for line in [
            "",
            r#"["web",null,null,null,null,null,null,null,null]"#,
            "{\"name\":1}",
            "{\"nmae\":\"x\"}",
            "{\"rate_limit\":{\"per_minute\":1}}",
        ] {
            let error = Line::read(line.as_bytes()).err().unwrap();
            assert_eq!(error.code(), Code::InvalidLine, "{line}");
            assert!(!error.message().contains("column"), "{error}");
        }
        let wrong = Line::read(br#"{"type":"dsa"}"#).unwrap().key_type().unwrap_err();
        assert!(wrong.message().starts_with("--type: "), "{wrong}");
    }
}
