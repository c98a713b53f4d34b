//! The values of components, and the signature base (RFC 9421, sections 2.1, 2.2 and 2.5).

use super::super::{
    FlawKind, HttpRequest, RequestFlaw, authority,
    request::{Method, Path},
};
use super::component::{Component, shown};
use super::field::{HeaderField, Problem};
use super::query::{self, Parameter};
use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

/// The maximum sum of the sizes of the values that all signatures of a request cover, in bytes. A request of 64 KiB
/// needs less unless signatures cover the same long values again and again.
const BUDGET: usize = 1024 * 1024;

/// A component that a signature covers, and its identifier as it was sent.
pub(super) struct Covered {
    /// The component.
    pub component: Component,
    /// The identifier, serialized with the parameters in the order in which they were sent (RFC 9421, section 2).
    pub identifier: String,
}

/// A request whose components can be looked up. Computes the values of at most [`BUDGET`] bytes.
pub(super) struct Message<'a> {
    request: &'a HttpRequest,
    path: Path,
    /// The query with its leading `?`, or `None` if there is no query.
    query: Option<String>,
    fields: HashMap<&'a str, HeaderField<'a>>,
    parameters: OnceCell<HashMap<String, Parameter>>,
    budget: Cell<usize>,
}

impl<'a> Message<'a> {
    /// Checks the method and the target of a request, and collects its header fields.
    ///
    /// # Errors
    /// Returns a flaw if the method, the path or the query is malformed.
    pub(super) fn new(request: &'a HttpRequest) -> Result<Self, RequestFlaw> {
        let method: Result<Method, _> = request.method.parse();
        method.map_err(|error| RequestFlaw::new(FlawKind::Method, error.message()))?;
        let flaw = |message: &'static str| RequestFlaw::new(FlawKind::Path, message);
        let target = [request.path.as_str(), request.query.as_str()].concat();
        if target.contains('#') {
            return Err(flaw("the target of the request has a fragment, which is never sent"));
        }
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target.as_str(), None),
        };
        // An empty path is the same as a single slash (RFC 9421, section 2.2.6).
        let path = if path.is_empty() { "/" } else { path };
        let path: Path =
            path.parse().map_err(|error: crate::error::Error| RequestFlaw::new(FlawKind::Path, error.message()))?;
        if !path.as_str().is_ascii() {
            return Err(flaw("the path has a character that is not ASCII and must be percent-encoded"));
        }
        if query.is_some_and(|query| !query.bytes().all(|b| b.is_ascii_graphic())) {
            return Err(flaw("the query has a character that must be percent-encoded"));
        }
        let query = query.map(|query| format!("?{query}"));
        let mut fields: HashMap<&str, HeaderField<'_>> = HashMap::new();
        for (name, value) in &request.fields {
            fields.entry(name).or_default().add(value);
        }
        Ok(Self { request, path, query, fields, parameters: OnceCell::new(), budget: Cell::new(BUDGET) })
    }

    /// Returns the combined value of a header field (RFC 9110, section 5.2), or `None` if the request does not have the
    /// field.
    pub(super) fn combined(&self, name: &str) -> Option<Cow<'a, str>> {
        self.fields.get(name).map(HeaderField::combined)
    }

    /// Returns the path and the query, including the leading `?`, as they were sent.
    pub(super) fn path_and_query(&self) -> String {
        format!("{}{}", self.path.as_str(), self.query.as_deref().unwrap_or_default())
    }

    /// Returns the method.
    pub(super) fn method(&self) -> &str {
        &self.request.method
    }

    /// Returns the authority as it was sent, or `None` if there is none.
    pub(super) fn sent_authority(&self) -> Option<&str> {
        self.request.authority()
    }

    /// Builds the signature base (RFC 9421, section 2.5). `parameters` is the value of `@signature-params`.
    ///
    /// # Errors
    /// Returns a flaw if the request does not have a component, or if its value cannot be covered.
    pub(super) fn base(&self, covered: &[Covered], parameters: &str) -> Result<Vec<u8>, RequestFlaw> {
        let mut base = String::new();
        for Covered { component, identifier } in covered {
            let value = self.value(component)?;
            base.extend([identifier, ": ", &*value, "\n"]);
        }
        base.extend(["\"@signature-params\": ", parameters]);
        Ok(base.into_bytes())
    }

    /// Returns the value of a component, which consists of printable ASCII characters and tabs.
    ///
    /// # Errors
    /// Returns a flaw if the request does not have the component, or if its value cannot be covered.
    pub(super) fn value(&self, component: &Component) -> Result<Cow<'_, str>, RequestFlaw> {
        let value = if component.name().starts_with('@') { self.derived(component) } else { self.field(component) }?;
        self.spend(value.len())?;
        Ok(value)
    }

    fn spend(&self, bytes: usize) -> Result<(), RequestFlaw> {
        let left = self.budget.get().checked_sub(bytes);
        self.budget.set(left.unwrap_or_default());
        left.map(drop).ok_or_else(|| RequestFlaw::new(FlawKind::TooMany, "the signatures cover more than 1 MiB"))
    }

    fn derived(&self, component: &Component) -> Result<Cow<'_, str>, RequestFlaw> {
        Ok(match component.name() {
            "@method" => Cow::Borrowed(&self.request.method),
            "@authority" => Cow::Owned(self.authority()?),
            "@scheme" => Cow::Owned(self.scheme()?),
            "@path" => Cow::Borrowed(self.path.as_str()),
            "@query" => Cow::Borrowed(self.query.as_deref().unwrap_or("?")),
            "@request-target" => Cow::Owned(self.path_and_query()),
            "@target-uri" => Cow::Owned(format!("{}://{}{}", self.scheme()?, self.authority()?, self.path_and_query())),
            "@query-param" => Cow::Borrowed(self.parameter(component.parameter().unwrap_or_default())?),
            name => return Err(flaw(format!("the derived component {} is unknown", shown(name)))),
        })
    }

    fn scheme(&self) -> Result<String, RequestFlaw> {
        let origin = self.request.origin.as_deref().and_then(|origin| origin.split_once("://"));
        let (scheme, _) = origin.ok_or_else(|| {
            flaw("the scheme of the request, which a component needs, is unknown because the request has no URL")
        })?;
        Ok(scheme.to_ascii_lowercase())
    }

    fn authority(&self) -> Result<String, RequestFlaw> {
        let authority = self.request.authority().ok_or_else(|| {
            flaw("the request has no authority, or more than one field `host`, but a component needs the authority")
        })?;
        authority::normalized(authority, self.scheme().ok().as_deref())
            .ok_or_else(|| flaw("the authority of the request is malformed"))
    }

    fn parameter(&self, name: &str) -> Result<&str, RequestFlaw> {
        let parameters = self.parameters.get_or_init(|| {
            query::parameters(self.query.as_deref().and_then(|query| query.strip_prefix('?')).unwrap_or_default())
        });
        let problem = match parameters.get(name) {
            Some(Parameter::Once(value)) => return Ok(value),
            Some(Parameter::Repeated) => "is repeated, so a signature cannot cover it",
            Some(Parameter::NotUtf8) => "is not UTF-8, so a signature cannot cover it",
            None if !query::is_encoded(name) => "is not percent-encoded in the component `@query-param`",
            None => "is covered by a signature but missing",
        };
        Err(flaw(format!("the query parameter {} {problem}", shown(name))))
    }

    fn field(&self, component: &Component) -> Result<Cow<'_, str>, RequestFlaw> {
        let name = component.name();
        let about = |problem: Problem| flaw(format!("the field {} {problem}", shown(name)));
        let Some(field) = self.fields.get(name) else {
            return Err(about("is covered by a signature but missing".into()));
        };
        match component.key() {
            Some(key) => field.member(key).map(Cow::Owned),
            None if component.is_structured() => field.structured().map(Cow::Borrowed),
            None if component.is_bytes() => field.bytes().map(Cow::Owned),
            None => field.text(),
        }
        .map_err(about)
    }
}

fn flaw(message: impl Into<Cow<'static, str>>) -> RequestFlaw {
    RequestFlaw::new(FlawKind::Component, message)
}
