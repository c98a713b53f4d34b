//! The values of options that accept a fixed set of words, for parsing, help, completions and manual pages.

use super::{Given, OutputFormat};
use crate::{
    key::{Env, KeyType, RevocationReason, Status},
    keypair::{Bits, JwkAlgorithm, PemKind, PrimeSearch},
    output::{ColorChoice, ExportForm, Format, RequestForm, SecretFormat},
};
use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};
use std::{ffi::OsStr, marker::PhantomData};

pub(super) type Words<T, const N: usize> = [(T, &'static str, &'static str); N];

pub(super) const FORMATS: Words<OutputFormat, 6> = [
    (OutputFormat::Data(Format::Table), "table", "a table for people to read"),
    (OutputFormat::Data(Format::Json), "json", "one JSON document"),
    (OutputFormat::Data(Format::Jsonl), "jsonl", "one JSON object per line"),
    (OutputFormat::Data(Format::Csv), "csv", "comma-separated values with a header (RFC 4180)"),
    (OutputFormat::Data(Format::Id), "id", "one id per line"),
    (
        OutputFormat::Data(Format::Contract),
        "contract",
        "the document that the keyring's contract defines, or JSON if the contract defines none",
    ),
];
pub(super) const REQUEST_FORMS: Words<OutputFormat, 3> = [
    (OutputFormat::Request(RequestForm::Headers), "headers", "the headers to add, one per line"),
    (
        OutputFormat::Request(RequestForm::Json),
        "json",
        "one JSON object with the headers to add, and the `url` if it changes",
    ),
    (OutputFormat::Request(RequestForm::Curl), "curl", "a curl command line"),
];
pub(super) const EXPORT_FORMS: Words<OutputFormat, 4> = [
    (OutputFormat::Export(ExportForm::Jwks), "jwks", "a JWK set of the public keys (RFC 7517)"),
    (OutputFormat::Export(ExportForm::Pem), "pem", "the public keys in PEM"),
    (OutputFormat::Export(ExportForm::Jsonl), "jsonl", "one JSON object per key, with the hash of its secret"),
    (OutputFormat::Export(ExportForm::Revocations), "revocations", "a JSON list of the revoked keys"),
];
pub(super) const JWK_ALGORITHMS: Words<JwkAlgorithm, 4> = [
    (JwkAlgorithm::Ps256, "PS256", "for RSA keys: RSASSA-PSS with SHA-256"),
    (JwkAlgorithm::Rs256, "RS256", "for RSA keys: RSASSA-PKCS1-v1_5 with SHA-256"),
    (JwkAlgorithm::EdDsa, "EdDSA", "for Ed25519 keys, as in RFC 8037"),
    (JwkAlgorithm::Ed25519, "Ed25519", "for Ed25519 keys, as in RFC 9864"),
];
pub(super) const COLORS: Words<ColorChoice, 3> = [
    (ColorChoice::Auto, "auto", "use color on a terminal"),
    (ColorChoice::Always, "always", "always use color"),
    (ColorChoice::Never, "never", "never use color"),
];
pub(super) const ENVS: Words<Env, 2> =
    [(Env::Test, "test", "for development and tests"), (Env::Live, "live", "for production")];
/// Returns a key type, its word on the command line, and its meaning for the help text.
const fn type_words(key_type: KeyType) -> (KeyType, &'static str, &'static str) {
    (key_type, key_type.names().word, key_type.names().meaning)
}

pub(super) const TYPES: Words<KeyType, { KeyType::ALL.len() }> = {
    let [first, second, third, fourth] = KeyType::ALL;
    [type_words(first), type_words(second), type_words(third), type_words(fourth)]
};
pub(super) const BITS: Words<Bits, 3> = [
    (Bits::B2048, "2048", "about 112 bits of security"),
    (Bits::B3072, "3072", "about 128 bits of security"),
    (Bits::B4096, "4096", "about 152 bits of security"),
];
pub(super) const PRIME_SEARCHES: Words<PrimeSearch, 2> = [
    (PrimeSearch::Auto, "auto", "the fastest implementation for this processor"),
    (PrimeSearch::Portable, "portable", "the implementation for every processor"),
];
pub(super) const PEMS: Words<PemKind, 2> =
    [(PemKind::Pkcs8, "pkcs8", "BEGIN PRIVATE KEY"), (PemKind::Pkcs1, "pkcs1", "BEGIN RSA PRIVATE KEY")];
pub(super) const SECRET_FORMATS: Words<SecretFormat, 4> = [
    (SecretFormat::Raw, "raw", "only the secret"),
    (SecretFormat::Dotenv, "dotenv", "NAME=value lines"),
    (SecretFormat::K8sSecret, "k8s-secret", "a Kubernetes Secret in YAML"),
    (SecretFormat::Json, "json", "a JSON object"),
];
pub(super) const STATUSES: Words<Status, 5> = [
    (Status::Pending, "pending", "generated, but delivery is not confirmed"),
    (Status::Active, "active", "can authenticate"),
    (Status::Disabled, "disabled", "suspended until it is enabled again"),
    (Status::Expired, "expired", "past its expiry"),
    (Status::Revoked, "revoked", "ended permanently, before its expiry"),
];
pub(super) const REASONS: Words<RevocationReason, 5> = [
    (RevocationReason::Unspecified, "unspecified", "no reason given"),
    (RevocationReason::KeyCompromise, "key-compromise", "somebody else knows, or may know, the secret"),
    (RevocationReason::Superseded, "superseded", "replaced by another key"),
    (RevocationReason::CessationOfOperation, "cessation-of-operation", "no longer needed"),
    (RevocationReason::PrivilegeWithdrawn, "privilege-withdrawn", "the owner may no longer use the key"),
];

/// Returns a parser that accepts only the given words. Help, completions and error messages list the words.
pub(super) fn words<T: Copy + Send + Sync + 'static>(
    words: &'static [(T, &'static str, &'static str)],
) -> impl TypedValueParser<Value = T> + use<T> {
    PossibleValuesParser::new(words.iter().map(|(_, word, help)| PossibleValue::new(*word).help(*help))).try_map(
        |given| {
            let known = words.iter().find(|(_, word, _)| *word == given);
            known.map(|(value, ..)| *value).ok_or(std::fmt::Error)
        },
    )
}

/// Returns a parser that accepts any string, while help and completions list the given words.
pub(super) fn any_word<T: Send + Sync + 'static, const N: usize>(words: &'static Words<T, N>) -> AnyWord<T> {
    let possible = |(_, word, help): &(T, &'static str, &'static str)| PossibleValue::new(*word).help(*help);
    AnyWord { words: words.iter().map(possible).collect(), kind: PhantomData }
}

#[derive(Clone)]
pub(super) struct AnyWord<T> {
    words: Vec<PossibleValue>,
    kind: PhantomData<T>,
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for AnyWord<T> {
    type Value = Given<T>;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value).map(|text| text.as_str().into())
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.words.iter().cloned()))
    }
}
