//! Answering one line of `verify --batch`.
//!
//! Every line, even a malformed one, is answered with exactly one line. A service that keeps the program running relies
//! on this rule.

use super::{
    Accepted, Demand, KeyUse, KeyringScheme, Mistake, PresentedSecret, TimestampWindow, Verdict, VerdictCode,
    Verifiers, credential::Text, verify, verify_request,
};
use crate::{
    error::Error,
    key::{Env, Scope, Time, contains_secret},
    keyring::{Entry, Keys, at_least_keyring_time},
    signing::{HttpRequest, request::Timestamp},
    strict_json::{self, DistinctObject, JsonProblem},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The maximum length in bytes of the name of an unknown field that an answer repeats.
const LONGEST_NAME: usize = 24;

/// The maximum length of a line without the body of a request, in bytes.
const LONGEST_OTHER: usize = 64 * 1024;
const LONG_LINE: &str =
    "the line is longer than 64 KiB, not counting the body of a request, or the body is longer than 1 MiB";

/// A line of input to `verify --batch`, without its line feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchLine<'a> {
    /// The complete line.
    Complete(&'a [u8]),
    /// A line longer than [`BatchLine::LIMIT`], which was discarded.
    TooLong,
}

impl BatchLine<'_> {
    /// The maximum length of a line in bytes: a request with the largest body, and 64 KiB for the other members.
    pub const LIMIT: usize = LONGEST_OTHER + HttpRequest::LIMIT;
}

/// A source of lines to answer. The lines may borrow from the buffer that they were read into.
pub trait BatchLines {
    /// Returns the next line, or `None` if no line has been read completely. Never waits for input.
    fn next_line(&mut self) -> Option<BatchLine<'_>>;
}

/// The fields of a line of input.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    token: Option<Text<'a>>,
    #[serde(borrow, default)]
    api_key: Option<Text<'a>>,
    #[serde(borrow, default)]
    api_secret: Option<Text<'a>>,
    #[serde(default)]
    request: Option<DistinctObject>,
    #[serde(borrow, default)]
    scopes: Option<Vec<Text<'a>>>,
    #[serde(borrow, default)]
    scope: Option<Text<'a>>,
    #[serde(borrow, default)]
    env: Option<Text<'a>>,
    #[serde(borrow, default)]
    ip: Option<Text<'a>>,
}

/// The `id` in a line whose other fields are invalid.
#[derive(Deserialize)]
struct Called<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
}

/// The request in a long line, which is not parsed.
#[derive(Deserialize)]
struct LongLine<'a> {
    #[serde(borrow, default)]
    request: Option<&'a RawValue>,
}

/// The time at which a line is answered.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The time in seconds, for comparison with the times of keys.
    pub now: Time,
    /// The same time in milliseconds, for comparison with the timestamps of requests.
    pub timestamp: Timestamp,
}

impl Clock {
    /// Returns a copy of the clock in which [`Clock::now`] is at least the keyring time. [`Clock::timestamp`] never
    /// changes. If `entry` records that the clock was set with `--now`, [`Clock::now`] does not change either.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the log cannot be read.
    pub fn at_least_keyring_time(self, keys: &(impl Keys + ?Sized), entry: &Entry) -> Result<Self, Error> {
        Ok(Self { now: at_least_keyring_time(keys, entry, self.now)?, ..self })
    }
}

/// The work that remains after a line has been answered.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// No work remains.
    Done,
    /// The use of a key, which has to be recorded if it is due.
    Used(KeyUse),
    /// A request that has to be recorded before its answer is valid.
    Accepted(Accepted),
}

/// Values that are expensive to prepare for each line.
#[derive(Default)]
pub(super) struct Caches {
    pub(super) verifiers: Verifiers,
    pub(super) scheme: KeyringScheme,
}

/// Appends to `out` the answer to a line and a line feed, and returns the work that remains.
///
/// # Errors
/// - `public_key_malformed` if the stored public key is unusable
/// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
///
/// After an error, nothing has been appended.
pub(super) fn answer(
    keys: &dyn Keys,
    line: &BatchLine<'_>,
    clock: Clock,
    caches: &mut Caches,
    out: &mut Vec<u8>,
) -> Result<Outcome, Error> {
    let now = clock.now;
    let (id, question) = read(line, now);
    let mut tell = |verdict: &Verdict<'_>| write(id, verdict, now, out);
    Ok(match question {
        Err(problem) => {
            tell(&Verdict::new(VerdictCode::BadRequest).because(problem));
            Outcome::Done
        }
        Ok((Asked::Secret(claim), demand)) => {
            verify(keys, &claim, &demand, &mut tell)?.map_or(Outcome::Done, Outcome::Used)
        }
        Ok((Asked::Request(presented), demand)) => {
            let signing = caches.scheme.of(keys)?;
            let window = TimestampWindow { now: clock.timestamp, skew: signing.max_skew() };
            let accepted =
                verify_request(keys, signing, &presented, &demand, window, &mut caches.verifiers, &mut tell)?;
            accepted.map_or(Outcome::Done, Outcome::Accepted)
        }
    })
}

/// Appends to `out` an answer with the code `unavailable` and the error's message.
pub(super) fn decline(line: &BatchLine<'_>, error: &Error, now: Time, out: &mut Vec<u8>) {
    let (id, _) = read(line, now);
    write(id, &Verdict::new(VerdictCode::Unavailable).because(error.message()), now, out);
}

/// The proof that a line presents.
enum Asked<'a> {
    Secret(Result<PresentedSecret<'a>, Mistake>),
    Request(Result<HttpRequest, Mistake>),
}

type Question<'a> = (Asked<'a>, Demand);

/// Parses a line. Returns the `id` in the line, or `None` if the line has no readable `id`, and either the question or
/// a description of the mistake in the line.
fn read<'a>(line: &BatchLine<'a>, now: Time) -> (Option<&'a RawValue>, Result<Question<'a>, Mistake>) {
    let BatchLine::Complete(line) = line else {
        return (None, Err(LONG_LINE.into()));
    };
    if line.len() > LONGEST_OTHER {
        let long = serde_json::from_slice::<LongLine<'a>>(line).ok();
        let request = long.as_ref().and_then(|long| long.request).map_or(&[][..], |request| request.get().as_bytes());
        if line.len() - request.len() > LONGEST_OTHER || HttpRequest::is_long_without_body(request) {
            let id = serde_json::from_slice::<Called<'a>>(line).ok().and_then(|called| called.id);
            return (id, Err(LONG_LINE.into()));
        }
    }
    // Without this check, the parser would also accept an array of field values.
    if line.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
        return (None, Err("the line is not a JSON object".into()));
    }
    let fields: Fields<'a> = match serde_json::from_slice(line) {
        Ok(fields) => fields,
        Err(error) => {
            let id = serde_json::from_slice::<Called<'a>>(line).ok().and_then(|called| called.id);
            return (id, Err(problem(line, &error)));
        }
    };
    // Most ids are strings or numbers, which contain no fields.
    let nested = fields.id.filter(|id| id.get().starts_with(['{', '[']));
    if let Some(Err(problem @ JsonProblem::Repeated(_))) = nested.map(|id| strict_json::parse(id.get().as_bytes())) {
        return (fields.id, Err(problem.describe("the id is not JSON").into()));
    }
    (fields.id, question(fields, now).map_err(Cow::Borrowed))
}

/// Returns a description of the mistake in a line that cannot be parsed, without repeating any of the line.
fn problem(line: &[u8], error: &serde_json::Error) -> Mistake {
    if line.trim_ascii().is_empty() {
        return "the line is empty".into();
    }
    if str::from_utf8(line).is_err() {
        return "the line is not UTF-8".into();
    }
    match (strict_json::parse(line), error.classify()) {
        (Err(problem @ JsonProblem::Repeated(_)), _) => problem.describe("the line is not JSON").into(),
        (Ok(_), serde_json::error::Category::Data) => wrong_member(line),
        _ => "the line is not a JSON object".into(),
    }
}

/// Names the member of a line that is unknown or has the wrong type. The name of an unknown member may be a secret, so an
/// unusual name is left out.
fn wrong_member(line: &[u8]) -> Mistake {
    let mut source = serde_json::Deserializer::from_slice(line);
    let Err(error) = serde_path_to_error::deserialize::<_, Fields<'_>>(&mut source) else {
        return "the line is not a JSON object".into();
    };
    let (path, message) = (error.path().to_string(), error.inner().to_string());
    if let Some((name, _)) = message.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) {
        let is_usual = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        if name.len() <= LONGEST_NAME && name.chars().all(is_usual) {
            return format!("the field `{name}` is unknown").into();
        }
        return "the line has an unknown field".into();
    }
    let expected = message.rsplit_once("expected ").map_or("a value of another type", |(_, rest)| {
        rest.split_once(" at line").map_or(rest, |(expected, _)| expected)
    });
    format!("the field `{path}` has the wrong type; it must be {expected}").into()
}

fn question(fields: Fields<'_>, now: Time) -> Result<Question<'_>, &'static str> {
    let Fields { token, api_key, api_secret, request, scopes, scope, env, ip, .. } = fields;
    let [token, api_key, api_secret] = [token, api_key, api_secret].map(|text| text.map(Text::trimmed));
    if scopes.is_some() && scope.is_some() {
        return Err("the line contains both scope and scopes; send only one of them");
    }
    match (&token, &api_key, &api_secret, &request) {
        (Some(_), None, None, None) | (None, Some(_), Some(_), None) | (None, None, None, Some(_)) => {}
        (None, None, None, None) => {
            return Err("the line contains no token, pair or request; send one of them");
        }
        (None, .., None) => {
            return Err("the line contains only half of a pair; send both the api_key and the api_secret");
        }
        _ => return Err("the line contains more than one of token, pair and request; send only one of them"),
    }
    let several = scopes.iter().flatten().flat_map(|scope| scope.as_str().split(','));
    // As in a response of OAuth 2.0 (RFC 6749, section 3.3), one string can name several scopes.
    let one = scope.iter().flat_map(|scope| scope.as_str().split([',', ' '])).filter(|scope| !scope.is_empty());
    let scopes: Result<Vec<Scope>, _> = several.chain(one).map(str::parse).collect();
    let env = match env.as_ref().map(Text::as_str) {
        Some(word) => Some(Env::from_word(word).ok_or("the environment must be test or live")?),
        None => None,
    };
    let ip =
        ip.as_ref().map(|ip| ip.as_str().parse()).transpose().map_err(|_| "the ip must be an IPv4 or IPv6 address")?;
    let scopes = scopes.map_err(|_| "the line has an invalid scope")?;
    // The answer names a scope that the key lacks.
    if scopes.iter().any(|scope| contains_secret(scope.as_str())) {
        return Err("a scope contains a secret");
    }
    let asked = match request {
        Some(DistinctObject(request)) => Asked::Request(HttpRequest::from_json(&request)),
        None => Asked::Secret(PresentedSecret::from_parts(token, None, api_key, api_secret)),
    };
    Ok((asked, Demand { scopes, env, ip, at: now }))
}

fn write(id: Option<&RawValue>, verdict: &Verdict<'_>, now: Time, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"id\":");
    out.extend_from_slice(id.map_or("null", RawValue::get).as_bytes());
    out.push(b',');
    verdict.write_fields(now, out);
    out.extend_from_slice(b"}\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::token;

    fn problem_of(line: &[u8]) -> (Option<String>, Option<Mistake>) {
        let (id, question) = read(&BatchLine::Complete(line), Time::from_seconds(0));
        (id.map(|id| id.get().to_owned()), question.err())
    }

    #[test]
    fn a_line_presents_one_thing() {
        for line in [
            r#"{"token":"x"}"#,
            r#" {"token": "x", "scopes": ["a", "b"], "env": "live", "id": null}  "#,
            r#"{"api_key":"a","api_secret":"b","scopes":[],"env":null}"#,
            r#"{"request":{"method":"GET"},"scopes":["a"]}"#,
            r#"{"token":"x","scope":"a b"}"#,
        ] {
            assert_eq!(problem_of(line.as_bytes()).1, None, "{line}");
        }
    }

    #[test]
    fn an_invalid_line_is_answered_with_what_is_wrong() {
        let secret = token::make_api_secret(&mut [6; 64]);
        let secret = str::from_utf8(secret.expose()).unwrap();
        for (line, expected) in [
            ("", "empty"),
            (" \r", "empty"),
            ("x", "not a JSON object"),
            ("{\"token\":\"x\"", "not a JSON object"),
            ("{\"token\":\"x\"} {}", "not a JSON object"),
            ("[]", "not a JSON object"),
            ("[1, \"x\"]", "not a JSON object"),
            ("\"x\"", "not a JSON object"),
            ("{\"token\":1}", "wrong type"),
            ("{\"token\":\"x\",\"more\":1}", "the field `more` is unknown"),
            ("{\"token\":\"x\",\"scope\":\"a\",\"scopes\":[\"a\"]}", "both scope and scopes"),
            ("{\"token\":\"x\",\"api_key\":1}", "the field `api_key` has the wrong type"),
            (&format!("{{\"token\":\"x\",\"{secret}\":1}}"), "the line has an unknown field"),
            ("{\"token\":\"x\",\"token\":\"x\"}", "the field `token` is repeated"),
            ("{\"request\":{\"a\":{\"b\":1,\"b\":1}}}", "the field `b` is repeated"),
            ("{\"id\":[{\"c\":1,\"c\":1}],\"token\":\"x\"}", "the field `c` is repeated"),
            ("{}", "no token"),
            ("{\"id\":1}", "no token"),
            ("{\"api_key\":\"x\"}", "only half"),
            ("{\"token\":\"x\",\"api_secret\":\"x\"}", "one of them"),
            ("{\"token\":\"x\",\"request\":{}}", "one of them"),
            ("{\"api_key\":\"x\",\"request\":{}}", "one of them"),
            ("{\"request\":\"x\"}", "wrong type"),
            ("{\"token\":\"x\",\"env\":\"prod\"}", "environment"),
            ("{\"token\":\"x\",\"ip\":\"10.0.0.0/8\"}", "address"),
            ("{\"token\":\"x\",\"ip\":\"\"}", "address"),
            ("{\"token\":\"x\",\"ip\":1}", "wrong type"),
            ("{\"token\":\"x\",\"scopes\":[\"a b\"]}", "scope"),
            (&format!("{{\"token\":\"x\",\"scopes\":[\"{secret}\"]}}"), "contains a secret"),
            ("{\"token\":\"x\",\"scopes\":\"a\"}", "wrong type"),
        ] {
            let found = problem_of(line.as_bytes()).1.unwrap_or_else(|| panic!("{line}"));
            assert!(found.contains(expected), "{line}: {found}");
        }
        assert!(problem_of(b"{\"token\":\"\xff\"}").1.unwrap().contains("UTF-8"));
    }

    #[test]
    fn an_answer_has_the_id_of_its_line() {
        for (line, id) in [
            (r#"{"id":"a\"b","token":1}"#, Some(r#""a\"b""#)),
            (r#"{"id":{"n": [1]},"more":2}"#, Some(r#"{"n": [1]}"#)),
            (r#"{"token":1}"#, None),
            (r#"{"id":1"#, None),
        ] {
            assert_eq!(problem_of(line.as_bytes()).0.as_deref(), id, "{line}");
        }
    }
}
