//! Tokens of another system, by the SHA-256 of each.

use super::{
    Defaults, Incoming,
    lines::{digest, field, malformed, nothing_left, parsed, required},
};
use crate::{
    error::{Error, Result},
    key::{
        Env, Key, KeyId, Label, Labels, Lifecycle, Material, Name, Note, Owner, RateLimit, Scope, Scopes, SecretHash,
        Time,
    },
};
use serde_json::{Map, Value};

/// The most characters of a prefix that another system shows.
const PREFIX_MAX: usize = 32;

pub(super) fn read(fields: &mut Map<String, Value>, defaults: &Defaults) -> Result<Incoming> {
    let name: Name = required(parsed(fields, "name")?, "name")?;
    let hash = SecretHash::from_bytes(required(digest(fields, "secret_sha256")?, "secret_sha256")?);
    if hash == SecretHash::of(b"") {
        let hint = "hash the whole token, without a line feed: `printf %s \"$TOKEN\" | sha256sum`";
        return Err(malformed("secret_sha256 is the hash of nothing", hint));
    }
    let prefix = match field(fields, "prefix", |value| value.as_str().map(prefix))? {
        None => defaults.prefix.clone(),
        given => given,
    };
    let env: Option<Env> = parsed(fields, "env")?;
    let owner: Option<Owner> = parsed(fields, "owner")?;
    let scopes = field(fields, "scopes", scopes)?;
    let labels = field(fields, "labels", labels)?;
    let note: Option<Note> = parsed(fields, "note")?;
    let rate_limit: Option<RateLimit> = field(fields, "rate_limit", rate_limit)?;
    let created: Option<Time> = parsed(fields, "created_at")?;
    let expires: Option<Time> = parsed(fields, "expires_at")?;
    let used: Option<Time> = parsed(fields, "last_used_at")?;
    nothing_left(fields)?;
    let mut lifecycle = Lifecycle::new(created.unwrap_or(defaults.now), expires.or(defaults.expires));
    // Its holder has it, and has used it so far.
    lifecycle.activated = Some(lifecycle.created);
    lifecycle.last_used = used;
    let material = Material::Opaque { prefix, hash };
    let env = env.unwrap_or(defaults.env);
    Ok(Incoming::Token(Box::new(Key {
        owner: owner.or_else(|| defaults.owner.clone()),
        scopes: scopes.unwrap_or_else(|| defaults.scopes.clone()),
        labels: labels.unwrap_or_else(|| defaults.labels.clone()),
        note,
        rate_limit: rate_limit.unwrap_or_default(),
        ..Key::new(KeyId::from_bytes([0; 16]), name, env, material, lifecycle)
    })))
}

/// The public start of a token of another system, short enough not to be one.
///
/// # Errors
/// `invalid_prefix`.
pub fn prefix(text: &str) -> Result<String> {
    let printable = text.bytes().all(|b| b.is_ascii_graphic());
    if text.is_empty() || text.len() > PREFIX_MAX || !printable {
        let hint = format!("give 1 to {PREFIX_MAX} printable characters, the public start of the token");
        return Err(Error::new(crate::error::Code::InvalidPrefix, "that is not the start of a token", hint));
    }
    Ok(text.to_owned())
}

/// A list of scopes, or words with spaces between (RFC 6749, section 3.3).
pub(super) fn scopes(value: &Value) -> Option<Result<Scopes>> {
    let words: Vec<&str> = match value {
        Value::String(text) => text.split(' ').filter(|word| !word.is_empty()).collect(),
        Value::Array(words) => words.iter().map(Value::as_str).collect::<Option<_>>()?,
        _ => return None,
    };
    Some(words.into_iter().map(str::parse).collect::<Result<Vec<Scope>>>().and_then(|scopes| Scopes::new(&scopes)))
}

/// An object of texts.
pub(super) fn labels(value: &Value) -> Option<Result<Labels>> {
    let pairs = value.as_object()?.iter().map(|(key, value)| Some(format!("{key}={}", value.as_str()?)));
    let pairs: Vec<String> = pairs.collect::<Option<_>>()?;
    let labels = pairs.iter().map(|pair| pair.parse()).collect::<Result<Vec<Label>>>();
    Some(labels.and_then(|labels| Labels::new(&labels)))
}

/// As on the command line, or as in the JSON of a key.
pub(super) fn rate_limit(value: &Value) -> Option<Result<RateLimit>> {
    if let Some(text) = value.as_str() {
        return Some(text.parse());
    }
    let mut parts = Vec::new();
    for (name, count) in value.as_object()? {
        let window = name.strip_prefix("requests_per_")?;
        if !count.is_null() {
            parts.push(format!("{}/{window}", count.as_u64()?));
        }
    }
    if parts.is_empty() { Some(Ok(RateLimit::default())) } else { Some(parts.join(",").parse()) }
}
