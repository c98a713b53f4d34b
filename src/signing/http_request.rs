//! Parsing requests from JSON, or from the head of an HTTP request.

use super::{
    Mistake, authority,
    request::{RequestTarget, is_token},
};
use crate::strict_json::{self, JsonProblem};
use base64ct::{Base64, Encoding};
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

/// A request as it was sent. The parts have not been validated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: String,
    /// The scheme and the authority, such as `https://api.example.com`, or `None` if the target of the request is a path.
    pub origin: Option<String>,
    /// The path. In JSON, the member `path` is not split, so it may contain a query.
    pub path: String,
    /// The query and the fragment, including the leading `?` or `#`. Empty if there are none.
    pub query: String,
    /// The names, in lowercase, and the values of the header fields in the order in which they were sent. Whitespace
    /// around the values has been removed (RFC 9110, section 5.5).
    pub fields: Vec<(String, String)>,
    /// The body, or `None` if it is unknown.
    pub body: Option<Vec<u8>>,
    /// `true` if the request has a body that was not given as text, so that it cannot be compared with anything.
    pub has_unread_body: bool,
    /// The other members of a request in JSON whose values are strings or numbers.
    pub members: Vec<(String, String)>,
}

/// The maximum size of a request without its body, in bytes. Servers have lower limits.
const LONGEST_HEAD: usize = 64 * 1024;
const TOO_LONG: &str = "the request is longer than 64 KiB, not counting the body";
const NOT_A_HEADER: &str = "a line in the head of the request is not a header";

const LONG_BODY: &str = "the body of the request is longer than 1 MiB";

/// The members with the body in the JSON text of a request. The values are not parsed.
#[derive(Default, Deserialize)]
struct BodyMembers<'a> {
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
    #[serde(borrow, default)]
    body_base64: Option<&'a RawValue>,
}

impl HttpRequest {
    /// The maximum size of the body in bytes.
    pub const LONGEST_BODY: usize = 1024 * 1024;

    /// The maximum size of the text of a request with its body, in bytes. The largest body fits in base64.
    pub const LIMIT: usize = 2 * Self::LONGEST_BODY;

    /// Returns `true` if the JSON text of a request is longer than 64 KiB without the body. Parsing such a text could take
    /// much memory. Text that is not JSON counts as too long.
    pub(crate) fn is_long_without_body(json: &[u8]) -> bool {
        let Ok(members) = serde_json::from_slice::<BodyMembers<'_>>(json) else { return true };
        // Only a string takes no more memory than its text.
        let bodies =
            [members.body, members.body_base64].into_iter().flatten().filter(|body| body.get().starts_with('"'));
        json.len() - bodies.map(|body| body.get().len()).sum::<usize>() > LONGEST_HEAD
    }

    /// Creates a request from its method, its path, the id of the key, the timestamp and the signature.
    #[must_use]
    pub fn with_parts(method: &str, path: &str, parts: [&String; 3]) -> Self {
        let members = ["key_id", "timestamp", "signature"].into_iter().map(str::to_owned);
        let members = members.zip(parts.into_iter().cloned()).collect();
        Self { method: method.to_owned(), path: path.to_owned(), members, ..Self::default() }
    }

    /// Parses a request from JSON, or from the head of an HTTP request. Anything after the head is the body.
    ///
    /// # Errors
    /// Returns a description of the mistake if the input has neither format, if a part is missing or repeated, or if
    /// the request without its body is longer than 64 KiB.
    pub fn read(bytes: &[u8]) -> Result<Self, Mistake> {
        match bytes.trim_ascii_start().first() {
            None => Err("the input is empty".into()),
            Some(b'{') if bytes.len() > LONGEST_HEAD && Self::is_long_without_body(bytes) => Err(TOO_LONG.into()),
            Some(b'{') => match strict_json::parse(bytes) {
                Ok(Value::Object(members)) => Self::from_json(&members),
                Ok(_) | Err(JsonProblem::Invalid) => Err("the input starts like JSON but is not valid JSON".into()),
                Err(problem) => Err(problem.describe("the input is not JSON").into()),
            },
            Some(_) => Self::from_http(bytes),
        }
    }

    /// Parses an object with `method`, and `path` or `url`. The members of the object `headers` are header fields; an
    /// array contains the values of a repeated field. `body` is the body as a string, and `body_base64` is the body in
    /// base64. Other members with strings or numbers are kept in [`HttpRequest::members`].
    ///
    /// # Errors
    /// Returns a description of the mistake if a part is missing, repeated, or has another type.
    pub fn from_json(members: &Map<String, Value>) -> Result<Self, Mistake> {
        let mut request = Self { members: Vec::with_capacity(members.len()), ..Self::default() };
        let (mut method, mut path, mut url) = (None, None, None);
        for (name, value) in members {
            let place = match name.as_str() {
                "method" => &mut method,
                "path" => &mut path,
                "url" => &mut url,
                "headers" => {
                    request.add_fields(value)?;
                    continue;
                }
                "body" | "body_base64" => {
                    request.add_body(name, value)?;
                    continue;
                }
                _ => {
                    request.members.extend(text_of(value).map(|text| (name.clone(), text)));
                    continue;
                }
            };
            match value {
                Value::Null => {}
                Value::String(text) => *place = Some(text),
                _ => return Err(format!("the field `{name}` of the request must be a string").into()),
            }
        }
        method.ok_or("the request has no method")?.clone_into(&mut request.method);
        match (path, url) {
            (Some(path), None) => path.clone_into(&mut request.path),
            (None, Some(url)) => request.set_target(url),
            (Some(_), Some(_)) => return Err("the request has both a path and a url; send only one of them".into()),
            (None, None) => return Err("the request has no path".into()),
        }
        Ok(request)
    }

    fn add_fields(&mut self, headers: &Value) -> Result<(), Mistake> {
        let wrong = "the headers of the request must be an object with strings, numbers or arrays of them";
        let headers = match headers {
            Value::Null => return Ok(()),
            Value::Object(headers) => headers,
            _ => return Err(wrong.into()),
        };
        for (name, value) in headers {
            if !is_token(name) {
                return Err("the name of a header of the request is malformed".into());
            }
            let name = name.to_ascii_lowercase();
            let mut add = |value: &Value| match text_of(value) {
                Some(text) => {
                    let text = text.trim_matches([' ', '\t']).to_owned();
                    self.fields.push((name.clone(), text));
                    Ok(())
                }
                None => Err(Mistake::from(wrong)),
            };
            match value {
                Value::Null => {}
                Value::Array(values) => values.iter().try_for_each(add)?,
                value => add(value)?,
            }
        }
        Ok(())
    }

    fn add_body(&mut self, name: &str, value: &Value) -> Result<(), Mistake> {
        if value.is_null() {
            return Ok(());
        }
        if self.body.is_some() || self.has_unread_body {
            return Err("the request has both a body and a body_base64; send only one of them".into());
        }
        let Value::String(text) = value else {
            // Schemes that do not cover the body accept such a request.
            self.has_unread_body = true;
            return Ok(());
        };
        let body = if name == "body" {
            text.clone().into_bytes()
        } else {
            Base64::decode_vec(text).map_err(|_| "the field `body_base64` of the request is not base64")?
        };
        if body.len() > Self::LONGEST_BODY {
            return Err(LONG_BODY.into());
        }
        self.body = Some(body);
        Ok(())
    }

    /// Parses the head of an HTTP/1.1 request (RFC 9112, sections 3 and 5) whose lines end in CRLF or LF.
    ///
    /// # Errors
    /// Returns a description of the mistake if the head is malformed or longer than 64 KiB.
    pub fn from_http(bytes: &[u8]) -> Result<Self, Mistake> {
        let mut request = Self::default();
        let mut lines = HeadLines(bytes);
        let mut start = lines.next().ok_or("the input is empty")?.split(' ');
        match (start.next(), start.next(), start.next(), start.next()) {
            (Some(method), Some(target), Some(version), None)
                if version.starts_with("HTTP/") && version.bytes().all(|b| b.is_ascii_graphic()) =>
            {
                method.clone_into(&mut request.method);
                request.set_target(target);
            }
            _ => return Err("the input is neither JSON nor the head of an HTTP request".into()),
        }
        for line in lines.by_ref().take_while(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').ok_or(NOT_A_HEADER)?;
            if !is_token(name) {
                return Err(NOT_A_HEADER.into());
            }
            // A server may end a line or a text at such a character (RFC 9110, section 5.5, and RFC 9112, section 2.2).
            if value.chars().any(|c| c.is_control() && c != '\t') {
                return Err("a header of the request contains a control character".into());
            }
            request.fields.push((name.to_ascii_lowercase(), value.trim_matches([' ', '\t']).to_owned()));
        }
        request.check_host()?;
        if bytes.len() - lines.0.len() > LONGEST_HEAD {
            return Err(TOO_LONG.into());
        }
        if lines.0.len() > Self::LONGEST_BODY {
            return Err(LONG_BODY.into());
        }
        request.body = Some(lines.0.to_vec());
        Ok(request)
    }

    /// Splits the target of a request (RFC 9112, section 3.2) into the origin, the path and the query. A target that is
    /// neither a path nor a URL becomes the path, so that the mistake is reported when the path is checked.
    fn set_target(&mut self, target: &str) {
        match target.parse::<RequestTarget>() {
            Ok(target) => {
                self.origin = target.origin;
                self.query = target.rest;
                target.path.as_str().clone_into(&mut self.path);
            }
            Err(_) => target.clone_into(&mut self.path),
        }
    }

    /// Checks that the target and the field `host` name the same host, if both do. Servers disagree about which of them they
    /// use, although RFC 9112, section 3.2.2, requires the target.
    fn check_host(&self) -> Result<(), Mistake> {
        let Some((scheme, target)) = self.origin.as_deref().and_then(|origin| origin.split_once("://")) else {
            return Ok(());
        };
        let normalized = |host| authority::normalized(host, Some(scheme));
        if self.field_values("host").any(|host| normalized(host).is_none_or(|host| normalized(target) != Some(host))) {
            return Err("the target of the request and the header Host name different hosts".into());
        }
        Ok(())
    }

    /// Returns an iterator over the values of a header field. `name` is in lowercase.
    pub fn field_values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the authority of the request (RFC 3986, section 3.2): that of the target, or else the value of the field
    /// `host`. Returns `None` if neither exists, or if the field is repeated.
    #[must_use]
    pub fn authority(&self) -> Option<&str> {
        if let Some((_, authority)) = self.origin.as_deref().and_then(|origin| origin.split_once("://")) {
            return Some(authority);
        }
        let mut hosts = self.field_values("host");
        hosts.next().filter(|_| hosts.next().is_none())
    }
}

/// Returns the text of a string or a number.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An iterator over the lines of a request's head, without their line endings. The field contains the bytes that have
/// not been read yet.
struct HeadLines<'a>(&'a [u8]);

impl<'a> Iterator for HeadLines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.0.is_empty() {
            return None;
        }
        let end = self.0.iter().position(|b| *b == b'\n');
        let (line, rest) = match end {
            Some(end) => (&self.0[..end], &self.0[end + 1..]),
            None => (self.0, &[][..]),
        };
        self.0 = rest;
        // A line that is not valid UTF-8 is not a header either, so it is refused.
        Some(str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)).unwrap_or("\u{fffd}"))
    }
}

#[cfg(test)]
mod tests;
