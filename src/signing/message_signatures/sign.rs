//! Signing requests (RFC 9421, section 3.1).

use super::super::{FlawKind, HttpRequest, RequestFlaw, SignedParts, Signer, random_text, request_body::RequestBody};
use super::base::{Covered, Message};
use super::digest;
use super::{Component, MessageSignatures};
use crate::error::{Code, Error, Result};
use base64ct::{Base64, Encoding};
use sfv::{BareItem, ListSerializer, StringRef, key_ref};

/// The label of the signature (RFC 9421, section 4).
const LABEL: &str = "sig1";

impl MessageSignatures {
    /// Signs a request: returns the header fields `Signature-Input`, `Signature` and, if the request has a body but no
    /// digest, `Content-Digest`. The signature covers the required components.
    ///
    /// Ed25519 is deterministic and `created` has no fractions of a second, so that two requests that differ in nothing
    /// else would have the same signature and the second one would look like a replay. A random nonce makes them
    /// different.
    ///
    /// # Errors
    /// - `invalid_request` if the request is already signed, if a component is missing, if a digest in the request does
    ///   not match the body, or if the id of the key is not printable ASCII
    /// - `invalid_secret` if no allowed algorithm fits the key
    /// - `system_limit` if the operating system provides no random bytes
    /// - the errors of [`KeyPair::sign`](crate::keypair::KeyPair::sign)
    pub fn sign(&self, request: &HttpRequest, signer: &Signer<'_>) -> Result<SignedParts> {
        self.sign_with(request, signer, &random_text()?)
    }

    /// Signs a request like [`MessageSignatures::sign`], with the given nonce.
    pub(super) fn sign_with(&self, request: &HttpRequest, signer: &Signer<'_>, nonce: &str) -> Result<SignedParts> {
        if ["signature", "signature-input"].iter().any(|name| request.field_values(name).next().is_some()) {
            let hint = "remove the fields Signature and Signature-Input from the request";
            return Err(Error::new(Code::InvalidRequest, "the request is already signed", hint));
        }
        let algorithm = signer.algorithm(self.algorithms.iter().copied())?;
        let mut headers = Vec::with_capacity(3);
        let body = RequestBody::of(request);
        let components = self.required(body);
        let covers_digest = components.iter().any(|component| component.name() == digest::FIELD);
        let mut completed = request.clone();
        if covers_digest && request.field_values(digest::FIELD).next().is_none() {
            let RequestBody::Known(body) = body else {
                return Err(refusal(&RequestFlaw::new(FlawKind::Digest, "the body of the request is unknown")));
            };
            let value = digest::of(body);
            completed.fields.push((digest::FIELD.to_owned(), value.clone()));
            headers.push(("Content-Digest".to_owned(), value));
        }
        let has = |names: [&str; 2]| components.iter().any(|component| names.contains(&component.name()));
        let is_path = request.origin.is_none();
        let lacks_authority = request.authority().is_none() && has(["@authority", "@target-uri"]);
        if lacks_authority || (is_path && has(["@scheme", "@target-uri"])) {
            let problem = if lacks_authority { "host" } else { "scheme" };
            return Err(Error::new(
                Code::InvalidRequest,
                format!("the signature must cover the {problem} of the request, which is unknown"),
                "pass the full URL of the request, such as https://api.example.com/orders",
            ));
        }
        let message = Message::new(&completed).map_err(|flaw| refusal(&flaw))?;
        if covers_digest {
            digest::check(&message, body).map_err(|flaw| refusal(&flaw))?;
        }
        let covered = |component: Component| Covered { identifier: component.identifier(), component };
        let covered: Vec<_> = components.into_iter().map(covered).collect();
        let parameters = self.parameters(&covered, signer, algorithm.word(), nonce)?;
        let base = message.base(&covered, &parameters).map_err(|flaw| refusal(&flaw))?;
        let signature = signer.pair.sign(algorithm, &base)?;
        headers.push(("Signature-Input".to_owned(), format!("{LABEL}={parameters}")));
        headers.push(("Signature".to_owned(), format!("{LABEL}=:{}:", Base64::encode_string(&signature))));
        Ok(SignedParts { headers, query: Vec::new() })
    }

    /// Returns the value of `@signature-params` (RFC 9421, section 2.3).
    fn parameters(&self, covered: &[Covered], signer: &Signer<'_>, algorithm: &str, nonce: &str) -> Result<String> {
        let hint = "use an id of printable ASCII characters";
        let key_id = StringRef::from_str(signer.key_id).map_err(|_| {
            Error::new(Code::InvalidRequest, "the id of the key cannot be sent in a header field", hint)
        })?;
        let text = |text| StringRef::from_str(text).map_err(|_| Error::internal("a parameter is not ASCII"));
        let time = |seconds: i64| BareItem::try_from(seconds).map_err(|_| Error::internal("the time is out of range"));
        let created = time(signer.timestamp.millis().div_euclid(1000))?;
        let identifiers: Vec<_> = covered.iter().map(|covered| covered.identifier.as_str()).collect();
        let mut list = ListSerializer::new();
        let parameters = list.inner_list().finish();
        let mut parameters = parameters.parameter(key_ref("created"), &created);
        if let Some(expires) = signer.expires {
            parameters = parameters.parameter(key_ref("expires"), &time(expires.seconds())?);
        }
        let parameters = parameters
            .parameter(key_ref("keyid"), key_id)
            .parameter(key_ref("alg"), text(algorithm)?)
            .parameter(key_ref("nonce"), text(nonce)?);
        _ = match &self.tag {
            Some(tag) => parameters.parameter(key_ref("tag"), text(tag)?),
            None => parameters,
        };
        let parameters = list.finish().unwrap_or_default();
        // The identifiers are already serialized, so they are put between the parentheses of an empty list.
        Ok(parameters.replacen("()", &format!("({})", identifiers.join(" ")), 1))
    }
}

/// Converts a flaw in a request that is to be signed to an error with the next step.
fn refusal(flaw: &RequestFlaw) -> Error {
    let hint = match flaw.kind {
        FlawKind::Method => "use a method such as GET, POST, PUT, PATCH or DELETE",
        FlawKind::Path => "pass the path and the query percent-encoded and without a fragment",
        FlawKind::Digest => "pass the body of the request, and remove the field Content-Digest so that it is computed",
        _ => "add the missing part to the request before it is signed",
    };
    Error::new(Code::InvalidRequest, flaw.message.clone(), hint)
}
