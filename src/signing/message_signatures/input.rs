//! The fields `signature-input` and `signature` (RFC 9421, section 4).

use super::super::{FlawKind, PresentedSignature, RequestFlaw, request::Timestamp};
use super::base::{Covered, Message};
use super::component::{Component, shown};
use super::structured::{self, DictionaryMember, Limits, Malformed, Parameters, Value};
use sfv::{BareItem, Key};
use std::borrow::Cow;
use std::collections::HashSet;

/// The maximum number of signatures in a request.
const SIGNATURES: usize = 4;

/// The maximum number of components that a signature covers.
const COMPONENTS: usize = 100;

/// The maximum length of each of the two fields in bytes.
const LONGEST: usize = 64 * 1024;

/// A signature in a request that has not been compared with a configuration.
pub(super) struct SignatureCandidate {
    /// The signature. Its algorithm is not set.
    pub signature: PresentedSignature,
    /// The covered components.
    pub covered: Vec<Covered>,
    /// The parameter `alg`.
    pub algorithm: Option<String>,
    /// The parameter `tag`.
    pub tag: Option<String>,
}

/// Returns the signatures with a label in both fields, in the order of `signature-input`. A flaw in one signature does
/// not concern the others.
///
/// # Errors
/// Returns a flaw if a field is missing, malformed or too long, if there are too many signatures or components, or if
/// no label is in both fields.
pub(super) fn candidates(message: &Message<'_>) -> Result<Vec<Result<SignatureCandidate, RequestFlaw>>, RequestFlaw> {
    let inputs = dictionary(message, "signature-input", FlawKind::SignatureInput)?;
    let signatures = dictionary(message, "signature", FlawKind::Signature)?;
    let found: Vec<_> = inputs
        .iter()
        .filter_map(|(label, input)| {
            let (_, signature) = signatures.iter().find(|(known, _)| known == label)?;
            Some(candidate(message, input, signature))
        })
        .collect();
    if found.is_empty() {
        return Err(RequestFlaw::new(
            FlawKind::Signature,
            "no label is in both of the fields `signature-input` and `signature`",
        ));
    }
    Ok(found)
}

fn dictionary(
    message: &Message<'_>,
    name: &'static str,
    kind: FlawKind,
) -> Result<Vec<(Key, DictionaryMember)>, RequestFlaw> {
    let field =
        message.combined(name).ok_or_else(|| RequestFlaw::new(kind, format!("the field `{name}` is missing")))?;
    if field.len() > LONGEST {
        return Err(RequestFlaw::new(FlawKind::TooMany, format!("the field `{name}` is longer than 64 KiB")));
    }
    let limits = Limits { members: SIGNATURES, items: COMPONENTS };
    structured::parse_dictionary(&field, limits).map_err(|problem| match problem {
        Malformed::TooMany => RequestFlaw::new(
            FlawKind::TooMany,
            format!("the field `{name}` has more than {SIGNATURES} signatures, more than {COMPONENTS} components in one signature, or too many parameters"),
        ),
        _ => RequestFlaw::new(kind, format!("the field `{name}` is malformed: {problem}")),
    })
}

fn candidate(
    message: &Message<'_>,
    input: &DictionaryMember,
    signature: &DictionaryMember,
) -> Result<SignatureCandidate, RequestFlaw> {
    let parameters = SignatureParameters::of(&input.parameters);
    let key = parameters.as_ref().map_or_else(|flaw| flaw.key.clone(), |parameters| Some(parameters.key.clone()));
    let found = parameters.and_then(|parameters| {
        let covered = covered(&input.value)?;
        let base = message.base(&covered, &input.serialize())?;
        let signature = match &signature.value {
            Value::Item(item) => item.as_byte_sequence(),
            Value::List(_) => None,
        };
        let signature = signature
            .ok_or_else(|| RequestFlaw::new(FlawKind::Signature, "the signature is not in base64 between colons"))?;
        let presented = PresentedSignature {
            key: parameters.key,
            algorithm: None,
            timestamp: parameters.created,
            expires: parameters.expires,
            signature: signature.to_vec(),
            message: base,
        };
        Ok(SignatureCandidate { signature: presented, covered, algorithm: parameters.algorithm, tag: parameters.tag })
    });
    found.map_err(|flaw| RequestFlaw { key, ..flaw })
}

/// Converts an inner list to the components that a signature covers.
fn covered(value: &Value) -> Result<Vec<Covered>, RequestFlaw> {
    let Value::List(items) = value else {
        let message = "a signature in the field `signature-input` has no list of components in parentheses";
        return Err(RequestFlaw::new(FlawKind::SignatureInput, message));
    };
    let mut covered: Vec<Covered> = Vec::with_capacity(items.len());
    let mut known = HashSet::with_capacity(items.len());
    for (item, parameters) in items {
        let component = Component::from_item(item, parameters);
        let component = component.map_err(|message| RequestFlaw::new(FlawKind::Component, message))?;
        if !known.insert(component.clone()) {
            let message = format!("the signature covers the component {} twice", shown(component.name()));
            return Err(RequestFlaw::new(FlawKind::Component, message));
        }
        covered.push(Covered { component, identifier: structured::serialize_item(item, parameters) });
    }
    Ok(covered)
}

/// The parameters of a signature (RFC 9421, section 2.3).
struct SignatureParameters {
    key: String,
    created: Timestamp,
    expires: Option<Timestamp>,
    algorithm: Option<String>,
    tag: Option<String>,
}

impl SignatureParameters {
    /// Converts the parameters of an inner list. Unknown parameters are ignored here, but are part of the signature
    /// base.
    fn of(parameters: &Parameters) -> Result<Self, RequestFlaw> {
        let find = |name: &str| parameters.iter().find(|(key, _)| key.as_str() == name).map(|(_, value)| value);
        let text = |name: &'static str, kind| {
            let text = |value: &BareItem| value.as_string().map(|text| text.as_str().to_owned());
            let wrong = || RequestFlaw::new(kind, format!("the parameter `{name}` is not a string in double quotes"));
            find(name).map(|value| text(value).ok_or_else(wrong)).transpose()
        };
        let time = |name: &'static str| {
            let seconds = |value: &BareItem| u64::try_from(value.as_integer()?).ok();
            let wrong = || timestamp(format!("the parameter `{name}` is not a whole number of seconds since 1970"));
            find(name).map(|value| seconds(value).ok_or_else(wrong)).transpose()
        };
        let key = text("keyid", FlawKind::SignatureInput)?
            .ok_or_else(|| RequestFlaw::new(FlawKind::SignatureInput, "the signature has no parameter `keyid`"))?;
        let rest = || {
            let created = time("created")?.ok_or_else(|| timestamp("the signature has no parameter `created`"))?;
            let expires = time("expires")?;
            text("nonce", FlawKind::SignatureInput)?;
            Ok(Self {
                key: key.clone(),
                created: seconds(created),
                expires: expires.map(seconds),
                algorithm: text("alg", FlawKind::Algorithm)?,
                tag: text("tag", FlawKind::Tag)?,
            })
        };
        rest().map_err(|flaw: RequestFlaw| RequestFlaw { key: Some(key.clone()), ..flaw })
    }
}

/// Converts a number of seconds, which has at most 15 digits (RFC 9651, section 3.3.1).
const fn seconds(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds.saturating_mul(1000))
}

fn timestamp(message: impl Into<Cow<'static, str>>) -> RequestFlaw {
    RequestFlaw::new(FlawKind::Timestamp, message)
}
