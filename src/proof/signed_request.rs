//! Parsing signed requests from JSON, or from the head of an HTTP request.

use super::{
    Mistake,
    request::{HEADERS, RequestTarget},
};
use crate::strict_json::{self, JsonProblem};
use serde_json::{Map, Value};

/// A request and its signature as they were sent. The parts have not been validated.
#[derive(Clone, Debug, Default)]
pub struct SignedRequest {
    /// The id of the key that was used to sign, according to the request.
    pub key_id: String,
    /// The signed timestamp.
    pub timestamp: String,
    /// The HTTP method.
    pub method: String,
    /// The path, which contains no query if the request is valid.
    pub path: String,
    /// The signature, in base64.
    pub signature: String,
    /// The parts of the request that are not signed.
    pub unsigned: UnsignedParts,
}

/// The parts of a request that the signature does not cover, but which signers often include by mistake.
#[derive(Clone, Debug, Default)]
pub struct UnsignedParts {
    /// The scheme and the host, such as `https://api.example.com`, or `None` if they are unknown.
    pub origin: Option<String>,
    /// The query and the fragment, including the leading `?` or `#`. Empty if there are none.
    pub query: String,
    /// The body of the request. Empty if the body is unknown or longer than 16 KiB.
    pub body: Vec<u8>,
}

/// The maximum size of a request without its body, in bytes. Servers have lower limits.
const LONGEST_HEAD: usize = 64 * 1024;
/// The maximum size of a body that is kept, in bytes.
const LONGEST_BODY: usize = 16 * 1024;
const TOO_LONG: &str = "the request is longer than 64 KiB, not counting the body";

/// The required parts of a request: two alternative names in JSON, and the header in which the part is sent, if there
/// is one.
const MEMBERS: [(&str, &str, Option<&str>); 5] = [
    ("key_id", "api_key_id", Some(HEADERS[0])),
    ("timestamp", "timestamp", Some(HEADERS[1])),
    ("method", "method", None),
    ("path", "path", None),
    ("signature", "signature", Some(HEADERS[2])),
];

impl SignedRequest {
    /// Parses a request from JSON, or from the head of an HTTP request. Anything after the head is the body.
    ///
    /// # Errors
    /// Returns a description of the mistake if the input has neither format, if a part is missing or repeated, or if
    /// the request without its body is longer than 64 KiB.
    pub fn read(bytes: &[u8]) -> Result<Self, Mistake> {
        match bytes.trim_ascii_start().first() {
            None => Err("the input is empty".into()),
            Some(b'{') if bytes.len() > LONGEST_HEAD => Err(TOO_LONG.into()),
            Some(b'{') => match strict_json::parse(bytes) {
                Ok(Value::Object(members)) => Self::from_json(&members),
                Ok(_) | Err(JsonProblem::Invalid) => Err("the input starts like JSON but is not valid JSON".into()),
                Err(problem) => Err(problem.describe("the input is not JSON").into()),
            },
            Some(_) => Self::from_http(bytes),
        }
    }

    /// Parses an object with `key_id` or `api_key_id`, `timestamp`, `method`, `path` and `signature`. Parts that are
    /// sent in headers may instead have the name of the header, in upper or lower case, either in the object itself or
    /// in its `headers` member. Other members are ignored.
    ///
    /// # Errors
    /// Returns a description of the mistake if a part is missing, repeated, or not a string. The timestamp may also be
    /// a number.
    pub fn from_json(members: &Map<String, Value>) -> Result<Self, Mistake> {
        let headers = members.get("headers").and_then(Value::as_object);
        let [id, timestamp, method, path, signature] =
            MEMBERS.map(|(name, other, header)| -> Result<String, Mistake> {
                let is_header = |given: &str| header.is_some_and(|header| given.eq_ignore_ascii_case(header));
                let outer = members.iter().filter(|(given, _)| *given == name || *given == other || is_header(given));
                let inner = headers.into_iter().flatten().filter(|(given, _)| is_header(given));
                let mut found = outer.chain(inner).map(|(_, value)| value).filter(|value| !value.is_null());
                match (found.next(), found.next()) {
                    (Some(Value::String(text)), None) => Ok(text.clone()),
                    (Some(Value::Number(number)), None) if name == "timestamp" => Ok(number.to_string()),
                    (Some(_), None) => Err(
                        "key_id, method, path and signature must be strings, and timestamp must be a string or a number".into(),
                    ),
                    (Some(_), Some(_)) => Err("a part of the request is repeated".into()),
                    (None, _) => Err(
                        "a part of the request is missing; key_id, timestamp, method, path and signature are required"
                            .into(),
                    ),
                }
            });
        let (key_id, timestamp, method, path, signature) = (id?, timestamp?, method?, path?, signature?);
        Ok(Self { key_id, timestamp, method, path, signature, unsigned: UnsignedParts::default() })
    }

    /// Parses the head of an HTTP/1.1 request (RFC 9112, sections 3 and 5) whose lines end in CRLF or LF.
    ///
    /// # Errors
    /// Returns a description of the mistake if the head is malformed or longer than 64 KiB, or if one of the
    /// [`HEADERS`] is missing or repeated.
    pub fn from_http(bytes: &[u8]) -> Result<Self, Mistake> {
        let mut lines = HeadLines(bytes);
        let mut start = lines.next().ok_or("the input is empty")?.split(' ');
        let (method, target) = match (start.next(), start.next(), start.next(), start.next()) {
            (Some(method), Some(target), Some(version), None) if version.starts_with("HTTP/") => (method, target),
            _ => return Err("the input is neither JSON nor the head of an HTTP request".into()),
        };
        let mut values: [Option<&str>; 3] = [None; 3];
        let mut host = None;
        for line in lines.by_ref().take_while(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').ok_or("a line in the head of the request is not a header")?;
            if name.is_empty() || name.contains(|c: char| !c.is_ascii_graphic()) {
                return Err("a line in the head of the request is not a header".into());
            }
            let value = value.trim_matches([' ', '\t']);
            if name.eq_ignore_ascii_case("host") {
                host = Some(value);
            }
            if let Some(i) = HEADERS.iter().position(|header| name.eq_ignore_ascii_case(header))
                && values[i].replace(value).is_some()
            {
                return Err("a KALSHI-ACCESS header is repeated".into());
            }
        }
        if bytes.len() - lines.0.len() > LONGEST_HEAD {
            return Err(TOO_LONG.into());
        }
        let [Some(key_id), Some(timestamp), Some(signature)] = values else {
            return Err("a header is missing; KALSHI-ACCESS-KEY, KALSHI-ACCESS-TIMESTAMP and KALSHI-ACCESS-SIGNATURE are required".into());
        };
        let mut unsigned =
            UnsignedParts { origin: host.map(|host| format!("https://{host}")), ..UnsignedParts::default() };
        let path = match target.parse::<RequestTarget>() {
            Ok(target) => {
                unsigned.origin = target.origin.or(unsigned.origin);
                unsigned.query = target.rest;
                target.path.as_str().to_owned()
            }
            // The target is not a path. `verify_request` will report the mistake.
            Err(_) => target.to_owned(),
        };
        unsigned.body = if lines.0.len() <= LONGEST_BODY { lines.0.to_vec() } else { Vec::new() };
        let [key_id, timestamp, method, signature] = [key_id, timestamp, method, signature].map(str::to_owned);
        Ok(Self { key_id, timestamp, method, path, signature, unsigned })
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
mod tests {
    use super::*;

    const HEAD: &str = "GET /trade-api/v2/markets?limit=5 HTTP/1.1\r\nHost: api.x.com\r\nkalshi-access-key:  an-id \r\n\
        Kalshi-Access-Timestamp: 1703123456789\r\nKALSHI-ACCESS-SIGNATURE:\tc2ln\r\n\r\nthe body";

    fn parts(presented: &SignedRequest) -> [&str; 5] {
        let SignedRequest { key_id, timestamp, method, path, signature, .. } = presented;
        [key_id, timestamp, method, path, signature]
    }

    #[test]
    fn a_head_is_parsed_in_any_case_and_with_any_line_ends() {
        for head in
            [HEAD.to_owned(), HEAD.replace("\r\n", "\n"), HEAD.to_owned().to_uppercase().replace("AN-ID", "an-id")]
        {
            let read = SignedRequest::read(head.as_bytes()).unwrap();
            let [id, timestamp, method, path, _] = parts(&read);
            assert_eq!([id, timestamp, method], ["an-id", "1703123456789", "GET"]);
            assert!(path.eq_ignore_ascii_case("/trade-api/v2/markets"), "{path}");
            assert!(read.unsigned.query.eq_ignore_ascii_case("?limit=5"));
            assert!(read.unsigned.body.eq_ignore_ascii_case(b"the body"));
            assert!(read.unsigned.origin.unwrap().eq_ignore_ascii_case("https://api.x.com"));
        }
        let bare = HEAD.split("\r\n\r\n").next().unwrap();
        assert_eq!(SignedRequest::read(bare.as_bytes()).unwrap().signature, "c2ln", "cut off after the last header");
        let absolute = HEAD.replace(" /trade", " http://other/trade");
        let read = SignedRequest::read(absolute.as_bytes()).unwrap();
        assert_eq!(
            (read.path.as_str(), read.unsigned.origin.as_deref()),
            ("/trade-api/v2/markets", Some("http://other"))
        );
        let star = HEAD.replace("GET /trade-api/v2/markets?limit=5", "OPTIONS *");
        assert_eq!(SignedRequest::read(star.as_bytes()).unwrap().path, "*", "refused later");
    }

    #[test]
    fn a_long_body_is_not_kept_and_a_long_head_is_refused() {
        let read = |body: usize| SignedRequest::read(format!("{HEAD}{}", "b".repeat(body)).as_bytes()).unwrap();
        assert_eq!(read(LONGEST_BODY - "the body".len()).unsigned.body.len(), LONGEST_BODY);
        assert_eq!(read(LONGEST_BODY).unsigned.body.capacity(), 0);
        let long = "x".repeat(LONGEST_HEAD);
        let json =
            format!(r#"{{"key_id":"a","timestamp":"1","method":"GET","path":"/","signature":"b","more":"{long}"}}"#);
        for text in [HEAD.replace("api.x.com", &long), HEAD.replace("limit", &long), json] {
            assert!(SignedRequest::read(text.as_bytes()).is_err_and(|mistake| mistake == TOO_LONG));
        }
    }

    #[test]
    fn json_has_its_own_names_or_those_of_the_headers() {
        let plain =
            r#"{"key_id":"an-id","timestamp":"1703123456789","method":"GET","path":"/a","signature":"c2ln","more":1}"#;
        let signed = r#" {"method":"GET","path":"/a","KALSHI-ACCESS-KEY":"an-id","KALSHI-ACCESS-TIMESTAMP":"1703123456789",
            "KALSHI-ACCESS-SIGNATURE":"c2ln"}"#;
        let inner = r#"{"method":"GET","path":"/a","headers":{"kalshi-access-key":"an-id","Kalshi-Access-Timestamp":1703123456789,
            "KALSHI-ACCESS-SIGNATURE":"c2ln","Host":"x"}}"#;
        let number = plain.replace("\"1703123456789\"", "1703123456789").replace("\"key_id\"", "\"api_key_id\"");
        for text in [plain, signed, inner, &number] {
            let read = SignedRequest::read(text.as_bytes()).unwrap();
            assert_eq!(parts(&read), ["an-id", "1703123456789", "GET", "/a", "c2ln"], "{text}");
        }
    }

    #[test]
    fn a_repeated_field_is_refused_at_any_depth_and_named() {
        let json =
            r#"{"key_id":"an-id","timestamp":"1","method":"GET","path":"/a","signature":"c2ln","headers":{},"x":[{}]}"#;
        assert!(SignedRequest::read(json.as_bytes()).is_ok());
        for (once, twice, name) in [
            (r#""path":"/a""#, r#""path":"/a","path":"/b""#, "path"),
            (r#""headers":{}"#, r#""headers":{"Host":"a","Host":"b"}"#, "Host"),
            (r#""x":[{}]"#, r#""x":[{"y":1,"y":1}]"#, "y"),
        ] {
            let mistake = SignedRequest::read(json.replace(once, twice).as_bytes()).unwrap_err();
            assert_eq!(mistake, format!("the field `{name}` is repeated"));
        }
    }

    #[test]
    fn anything_but_a_request_is_a_mistake() {
        let json = r#"{"key_id":"an-id","timestamp":"1","method":"GET","path":"/a","signature":"c2ln"}"#;
        for text in [
            "",
            " \n",
            "hello",
            "{",
            "{}",
            "[]",
            "{\"a\":1} x",
            &json.replace("\"GET\"", "7"),
            &json.replace("\"GET\"", "null"),
            &json.replace("\"1\"", "{}"),
            &json.replace('}', ",\"api_key_id\":\"other\"}"),
            &json.replace('}', ",\"headers\":{\"kalshi-access-key\":\"other\"}}"),
            "GET /a\r\n\r\n",
            "GET /a b HTTP/1.1\r\n\r\n",
            "GET /a HTTP/1.1\r\n\r\n",
            &HEAD.replace("Host:", "Host"),
            &HEAD.replace("Host:", " Host:"),
            &HEAD.replace("Host:", "Ho st:"),
            &HEAD.replace("Host:", ":"),
            &HEAD.replace("Host: api", "KALSHI-ACCESS-SIGNATURE: api"),
            &HEAD.replace("kalshi-access-key", "kalshi-access-keys"),
        ] {
            assert!(SignedRequest::read(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(SignedRequest::read(&HEAD.as_bytes().iter().map(|b| b | 0x80).collect::<Vec<_>>()).is_err());
        let mut binary = HEAD.as_bytes().to_vec();
        let host = HEAD.find("api.x").unwrap();
        binary[host] = 0xff;
        assert!(SignedRequest::read(&binary).is_err());
    }
}
