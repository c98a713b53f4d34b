//! HTTP message signatures (RFC 9421) with digests of the body (RFC 9530).
//!
//! ```text
//! presented ─┬─ input ─┬─────────────────── structured
//!            │         └─ base ─┬─ field ───┘
//! sign ──────┼─ digest          ├─ component
//! explain ───┴─ variants        └─ query
//! ```
//!
//! [`MessageSignatures`] is the part of a service's contract that determines which signatures the service accepts. The
//! module finds no keys, reads no clock and, except to explain a mistake, verifies no signatures.

mod base;
mod component;
mod digest;
mod explain;
mod field;
mod input;
mod query;
mod sign;
mod structured;
mod variants;

#[cfg(test)]
mod tests;

pub use component::Component;
pub use explain::Refused;

use super::{
    FlawKind, HttpRequest, PresentedSignature, RequestFlaw, default_skew, request_body::RequestBody, skew_millis,
};
use crate::{
    key::{Period, Verbatim},
    keypair::SignatureAlgorithm,
};
use base::Message;
use component::shown;
use input::SignatureCandidate;
use serde::{Deserialize, Serialize};

/// The maximum number of components that a configuration can require.
const COMPONENTS: usize = 64;

/// The maximum length of a tag in bytes.
const LONGEST_TAG: usize = 64;

/// The requirements of a service for HTTP message signatures (RFC 9421, section 1.4).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MessageSignatures {
    /// The components that a signature must cover. If the body of a request is not empty, the signature must also cover
    /// `content-digest`.
    pub components: Vec<Component>,
    /// The algorithms that are allowed. A signer uses the first one that its key supports.
    pub algorithms: Vec<SignatureAlgorithm>,
    /// The tag that a signature must have (RFC 9421, section 2.3), or `None` if any tag or none is allowed.
    pub tag: Option<String>,
    /// The maximum difference between the creation time of a signature and the current time.
    pub max_skew: Verbatim<Period>,
}

impl Default for MessageSignatures {
    fn default() -> Self {
        Self {
            components: ["@method", "@authority", "@path", "@query"].map(Component::named).to_vec(),
            algorithms: vec![SignatureAlgorithm::Ed25519, SignatureAlgorithm::RsaPssSha512],
            tag: None,
            max_skew: default_skew(),
        }
    }
}

impl MessageSignatures {
    /// Checks the configuration for empty lists, repeated values and values that no signature can meet.
    ///
    /// # Errors
    /// Returns a description of the first mistake.
    pub fn validate(&self) -> Result<(), String> {
        if self.components.is_empty() {
            return Err("components: the list is empty".to_owned());
        }
        if self.components.len() > COMPONENTS {
            return Err(format!("components: the list has more than {COMPONENTS} components"));
        }
        for (i, component) in self.components.iter().enumerate() {
            component.check_required()?;
            if self.components[..i].contains(component) {
                return Err(format!("components: `{component}` appears twice"));
            }
        }
        if self.algorithms.is_empty() {
            return Err("algorithms: the list is empty".to_owned());
        }
        for (i, algorithm) in self.algorithms.iter().enumerate() {
            if *algorithm == SignatureAlgorithm::RsaPssSha256 {
                return Err(format!(
                    "algorithms: RFC 9421 defines no name for the algorithm `{algorithm}`; use `rsa-pss-sha512`"
                ));
            }
            if self.algorithms[..i].contains(algorithm) {
                return Err(format!("algorithms: `{algorithm}` appears twice"));
            }
        }
        skew_millis(&self.max_skew)?;
        let is_tag = |tag: &str| {
            (1..=LONGEST_TAG).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
        };
        match &self.tag {
            Some(tag) if !is_tag(tag) => {
                Err(format!("tag: the text must consist of 1 to {LONGEST_TAG} printable ASCII characters"))
            }
            _ => Ok(()),
        }
    }

    /// Returns the names of the parts of a request that every signature should cover and that are not required: the method
    /// and the path.
    #[must_use]
    pub fn uncovered(&self) -> Vec<&'static str> {
        let has = |names: &[&str]| self.components.iter().any(|component| names.contains(&component.name()));
        let covered = [("method", has(&["@method"])), ("path", has(&["@path", "@target-uri", "@request-target"]))];
        covered.into_iter().filter(|(_, is_covered)| !is_covered).map(|(name, _)| name).collect()
    }

    /// Returns the signatures in a request that meet the requirements (RFC 9421, section 3.2, steps 1 to 7), with the
    /// signature base of each. The signatures have not been verified, and their times have not been compared with a
    /// clock.
    ///
    /// A request has at most 4 signatures with at most 100 components each. Only header fields of the request are used.
    ///
    /// # Errors
    /// Returns the flaw of the request, which may be that its signatures cover too much, or, if no signature meets the
    /// requirements, the flaw of the first one.
    pub fn presented(&self, request: &HttpRequest) -> Result<Vec<PresentedSignature>, RequestFlaw> {
        let message = Message::new(request)?;
        let mut first = None;
        let mut accepted = Vec::new();
        for candidate in input::candidates(&message)? {
            match candidate.and_then(|candidate| self.judge(&message, RequestBody::of(request), candidate)) {
                Ok(signature) => accepted.push(signature),
                // The other signatures could be accepted later, each on its own.
                Err(flaw) if flaw.kind == FlawKind::TooMany => return Err(flaw),
                Err(flaw) => _ = first.get_or_insert(flaw),
            }
        }
        match first {
            Some(flaw) if accepted.is_empty() => Err(flaw),
            _ => Ok(accepted),
        }
    }

    fn judge(
        &self,
        message: &Message<'_>,
        body: RequestBody<'_>,
        found: SignatureCandidate,
    ) -> Result<PresentedSignature, RequestFlaw> {
        let SignatureCandidate { mut signature, covered, algorithm, tag } = found;
        let mut judge = || {
            if let Some(name) = &algorithm {
                let known = self.algorithms.iter().find(|known| known.word() == name);
                let refused =
                    || RequestFlaw::new(FlawKind::Algorithm, "the algorithm in the parameter `alg` is not allowed");
                signature.algorithm = Some(*known.ok_or_else(refused)?);
            }
            if self.tag.is_some() && self.tag != tag {
                let message = if tag.is_some() { "the signature has another tag" } else { "the signature has no tag" };
                return Err(RequestFlaw::new(FlawKind::Tag, message));
            }
            for required in self.required(body) {
                if !covered.iter().any(|covered| covered.component.covers(&required)) {
                    let message = format!("the signature does not cover the component {}", shown(required.name()));
                    return Err(RequestFlaw::new(FlawKind::NotCovered, message));
                }
            }
            if covered.iter().any(|covered| covered.component.name() == digest::FIELD) {
                digest::check(message, body)?;
            }
            Ok(())
        };
        let judged = judge();
        judged.map_err(|flaw| RequestFlaw { key: Some(signature.key.clone()), ..flaw })?;
        Ok(signature)
    }

    /// Returns the components that the signature of a request with the given body must cover.
    fn required(&self, body: RequestBody<'_>) -> Vec<Component> {
        let mut required = self.components.clone();
        let digest = Component::named(digest::FIELD);
        if body.is_present() && !required.contains(&digest) {
            required.push(digest);
        }
        required
    }
}
