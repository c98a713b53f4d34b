//! The common mistakes of signers: for each part of the message, the texts that may have been signed instead.

use super::{Concatenation, MessagePart, TimestampUnit, present::RequestParts};
use crate::{
    key::contains_secret,
    signing::{Explanation, HttpRequest, request::Method, request::Path},
};

/// The maximum number of leading path segments that are left out as a trial. The omission of a longer prefix is not
/// explained.
const PREFIXES: usize = 12;

/// The maximum length of a part of the request that is not signed, such as the body, in bytes. The message is hashed
/// with each combination of variants, so a longer part is not tried.
const UNSIGNED: usize = 16 * 1024;

/// The maximum number of combinations of variants.
const COMBINATIONS: usize = 256;

/// A path prefix that signers often omit, or add where it does not belong.
const PREFIX: &str = "/trade-api/v2";

/// A variant of one part of the message: the text that may have been signed, and the mistake that leads to it, or
/// `None` for the correct text.
pub type Variant = (Vec<u8>, Option<Explanation>);

/// The variants of each part of the message, with the correct variant first.
pub struct Variants(Vec<Vec<Variant>>);

impl Concatenation {
    /// Returns the explanation of a timestamp in the wrong unit, or `None` if the timestamp is something else.
    #[must_use]
    pub fn explain_timestamp(&self, text: &str) -> Option<Explanation> {
        match self.timestamp {
            TimestampUnit::Milliseconds => TimestampUnit::Seconds.parse(text).ok().map(|_| in_seconds()),
            TimestampUnit::Seconds => TimestampUnit::Milliseconds.parse(text).ok().map(|_| in_milliseconds()),
        }
    }

    /// Returns the variants of a request, or `None` if the timestamp, or the path without its query, is malformed.
    #[must_use]
    pub fn variants(&self, request: &HttpRequest) -> Option<Variants> {
        let sent = self.sent(request).ok()?;
        self.timestamp.parse(&sent.timestamp).ok()?;
        // A query in the path is the only malformed part that the signature can explain.
        let cut = request.path.find(['?', '#']).unwrap_or(request.path.len());
        let (path, query) = request.path.split_at(cut);
        let query = if query.is_empty() { request.query.as_str() } else { query };
        let path: Path = path.parse().ok()?;
        let method = request.method.to_ascii_uppercase();
        let parts =
            RequestParts { key: &sent.key, timestamp: &sent.timestamp, method: &method, path: path.as_str(), query };
        let mut variants = Vec::new();
        for part in self.parts() {
            let right = self.part(part, request, &parts).ok()?.into_owned();
            let mut ways = vec![(right, None)];
            match part {
                MessagePart::Timestamp => ways.extend(self.other_unit(&sent.timestamp)),
                MessagePart::Method => {
                    ways.push((method.to_ascii_lowercase().into_bytes(), Some(lower_case_method(&method))));
                }
                MessagePart::Path => {
                    let origin = request.authority().map(|authority| match &request.origin {
                        Some(origin) => origin.clone(),
                        None => format!("https://{authority}"),
                    });
                    let query = if self.covers_query() { "" } else { query };
                    add_paths(path.as_str(), tried(query), origin.as_deref().map(tried), &mut ways);
                }
                _ => {}
            }
            variants.push(ways);
        }
        let body = request.body.as_deref().unwrap_or_default();
        if !self.covers_body() && !body.is_empty() && body.len() <= UNSIGNED {
            let mistake = Explanation::new("body_signed", "sign the message without the body");
            variants.push(vec![(Vec::new(), None), (body.to_vec(), Some(mistake))]);
        }
        Some(Variants(variants))
    }

    /// Returns the timestamp in the other unit.
    fn other_unit(&self, timestamp: &str) -> Option<Variant> {
        match self.timestamp {
            TimestampUnit::Milliseconds => {
                let (seconds, _) = timestamp.split_at_checked(timestamp.len().checked_sub(3)?)?;
                Some((seconds.as_bytes().to_vec(), Some(in_seconds())))
            }
            TimestampUnit::Seconds => Some((format!("{timestamp}000").into_bytes(), Some(in_milliseconds()))),
        }
    }
}

/// Returns the explanation of a method in lowercase, or `None` if the method is malformed in another way.
#[must_use]
pub fn explain_method(method: &str) -> Option<Explanation> {
    let upper = method.to_ascii_uppercase();
    upper.parse::<Method>().is_ok().then(|| lower_case_method(&upper))
}

impl Variants {
    /// Returns the message that should have been signed.
    #[must_use]
    pub fn right(&self) -> Vec<u8> {
        self.0.iter().filter_map(|ways| ways.first()).flat_map(|(text, _)| text.iter().copied()).collect()
    }

    /// Returns the combinations of variants, starting with those that contain the fewest mistakes. There are at most
    /// 256 of them.
    #[must_use]
    pub fn combinations(&self) -> Vec<Vec<&Variant>> {
        let mut found: Vec<Vec<&Variant>> = vec![Vec::new()];
        for ways in &self.0 {
            let room = COMBINATIONS / found.len().max(1);
            let ways = &ways[..ways.len().min(room.max(1))];
            found = ways
                .iter()
                .flat_map(|way| found.iter().map(move |parts| parts.iter().copied().chain([way]).collect()))
                .collect();
        }
        found.sort_by_key(|parts| parts.iter().filter(|part| part.1.is_some()).count());
        found
    }
}

fn in_seconds() -> Explanation {
    Explanation::new("seconds", "send and sign the timestamp in milliseconds (13 digits)")
}

fn in_milliseconds() -> Explanation {
    Explanation::new("milliseconds", "send and sign the timestamp in seconds (10 digits)")
}

fn lower_case_method(upper: &str) -> Explanation {
    Explanation::new("lower_case_method", format!("send and sign the method in uppercase: {upper}"))
}

/// Returns the text, or an empty text if it is too long to be tried.
fn tried(text: &str) -> &str {
    if text.len() <= UNSIGNED { text } else { "" }
}

/// Adds the texts that may have been signed instead of the path.
fn add_paths(path: &str, query: &str, origin: Option<&str>, ways: &mut Vec<Variant>) {
    let mut add = |signed: String, mistake, hint: String| {
        if ways.iter().all(|(other, _)| *other != signed.as_bytes()) {
            ways.push((signed.into_bytes(), Some(Explanation::new(mistake, hint))));
        }
    };
    if !query.is_empty() {
        add(format!("{path}{query}"), "query_signed", "sign the path without the query".to_owned());
    }
    for (at, _) in path.match_indices('/').skip(1).take(PREFIXES) {
        let (missing, rest) = path.split_at(at);
        let start = if contains_secret(missing) { String::new() } else { format!(", starting with `{missing}`") };
        let hint = format!("sign the whole path from the root of the host{start}");
        add(rest.to_owned(), "path_prefix_missing", hint);
    }
    add(path[1..].to_owned(), "path_slash_missing", "sign the path with its leading slash".to_owned());
    let extra = format!("sign the requested path, without `{PREFIX}` before it");
    add(format!("{PREFIX}{path}"), "path_prefix_extra", extra);
    match path.strip_suffix('/') {
        Some(bare) => add(bare.to_owned(), "path_end", "sign the path with its trailing slash".to_owned()),
        None => add(format!("{path}/"), "path_end", "sign the path without a trailing slash".to_owned()),
    }
    if let Some(origin) = origin.filter(|origin| !origin.is_empty()) {
        let hint = "sign only the path, without the scheme and the host";
        add(format!("{origin}{path}"), "url_signed", hint.to_owned());
        add(format!("{origin}{path}{query}"), "url_signed", hint.to_owned());
    }
}
