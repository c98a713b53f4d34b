//! The body of a request, as far as it is known.

use super::HttpRequest;

/// The body of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::signing) enum RequestBody<'a> {
    /// The body, which may be empty.
    Known(&'a [u8]),
    /// A body that may exist, but is not given.
    Unknown,
    /// A body that is not given, in a request that usually has none.
    NotGiven,
}

impl<'a> RequestBody<'a> {
    /// Returns the body of a request. If `content-length` or `transfer-encoding` announces a body and the given body is
    /// empty, only the head of the request was given, so the body is unknown. If no body is given, only GET and HEAD requests
    /// without such a field are assumed to have none: a request of HTTP/2 can have a body without these fields.
    pub(in crate::signing) fn of(request: &'a HttpRequest) -> Self {
        let is_announced = request.field_values("content-length").any(|length| !length.bytes().all(|b| b == b'0'))
            || request.field_values("transfer-encoding").next().is_some();
        match &request.body {
            Some(body) if !body.is_empty() || !is_announced => Self::Known(body),
            None if !is_announced && !request.has_unread_body && matches!(&*request.method, "GET" | "HEAD") => {
                Self::NotGiven
            }
            _ => Self::Unknown,
        }
    }

    /// Returns `true` if the request has a body that is not empty.
    pub(in crate::signing) const fn is_present(self) -> bool {
        match self {
            Self::Known(body) => !body.is_empty(),
            Self::Unknown => true,
            Self::NotGiven => false,
        }
    }
}
