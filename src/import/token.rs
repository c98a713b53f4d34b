//! Reading tokens of another system, which are given as SHA-256 hashes.

use super::{
    Defaults, Incoming,
    fields::{
        allowed_ips, digest, field, labels, malformed, nothing_left, parsed, prefix, rate_limit, required, scopes,
    },
};
use crate::{
    error::Result,
    key::{Description, Env, Key, KeyId, Lifecycle, Material, Name, Note, Owner, RateLimit, SecretHash, Time},
};
use serde_json::{Map, Value};

pub(super) fn read(fields: &mut Map<String, Value>, defaults: &Defaults) -> Result<Incoming> {
    let name: Name = required(parsed(fields, "name")?, "name")?;
    let hash = SecretHash::from_bytes(required(digest(fields, "secret_sha256")?, "secret_sha256")?);
    if hash == SecretHash::of(b"") {
        let hint = "hash the whole token without a line feed: `printf %s \"$TOKEN\" | sha256sum`";
        return Err(malformed("secret_sha256 is the hash of an empty string", hint));
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
    let allowed_ips = field(fields, "allowed_ips", allowed_ips)?;
    let created: Option<Time> = parsed(fields, "created_at")?;
    let expires: Option<Time> = parsed(fields, "expires_at")?;
    let used: Option<Time> = parsed(fields, "last_used_at")?;
    nothing_left(fields)?;
    let mut lifecycle = Lifecycle::new(created.unwrap_or(defaults.now), expires.or(defaults.expires));
    // The holder already has the token and uses it.
    lifecycle.activated = Some(lifecycle.created);
    lifecycle.last_used = used;
    let material = Material::Opaque { prefix, hash };
    let env = env.unwrap_or(defaults.env);
    let description = Description {
        name,
        env,
        owner: owner.or_else(|| defaults.owner.clone()),
        scopes: scopes.unwrap_or_else(|| defaults.scopes.clone()),
        labels: labels.unwrap_or_else(|| defaults.labels.clone()),
        note,
        rate_limit: rate_limit.unwrap_or_default(),
        allowed_ips: allowed_ips.unwrap_or_else(|| defaults.allowed_ips.clone()),
    };
    Ok(Incoming::Token(Box::new(Key::new(KeyId::from_bytes([0; 16]), description, material, lifecycle))))
}
