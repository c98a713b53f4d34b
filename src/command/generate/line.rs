//! Reads the description of a key from a line of JSON. The options supply the fields that the line omits.

use super::rates::Rates;
use crate::{
    cli::{Describe, Given},
    command::options::in_options,
    error::{Code, Error, Result},
    key::{Field, KeyType},
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A line whose values have not been parsed yet. They are parsed together, so that a single error reports all problems.
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
    allowed_ips: Option<Vec<String>>,
    labels: Option<BTreeMap<String, String>>,
    note: Option<String>,
}

impl Line {
    pub(super) fn read(line: &[u8]) -> Result<Self> {
        let refused = |problem: &str| {
            let fields = "name, type, env, owner, scopes, expires, rate_limit, allowed_ips, labels, note";
            Error::new(Code::InvalidLine, problem, format!("give one JSON object per line, with any of {fields}"))
        };
        // `serde` would also accept an array and read the fields by position.
        if !line.starts_with(b"{") {
            return Err(refused("the line is not a JSON object"));
        }
        // Remove the position from the message, because it is relative to the line and not to the file.
        serde_json::from_slice(line).map_err(|e| refused(e.to_string().split(" at line ").next().unwrap_or_default()))
    }

    /// Returns the key type, or `None` if the line does not contain one.
    pub(super) fn key_type(&self) -> Result<Option<KeyType>> {
        self.key_type
            .as_deref()
            .map(|word| word.parse().map_err(|e: Error| in_options(e.in_field(Field::Type.word()), "generate")))
            .transpose()
    }

    /// Returns the description, with the options as defaults for the fields that the line omits.
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
            allowed_ips: self.allowed_ips.map_or(options.allowed_ips, |networks| {
                networks.iter().map(|network| Given::from(network.as_str())).collect()
            }),
            labels: labels.unwrap_or(options.labels),
            note: self.note.as_deref().map(Given::from).or(options.note),
        }
    }
}

#[cfg(test)]
mod tests;
