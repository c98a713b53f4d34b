//! Reading tokens from another system, which are given as SHA-256 hashes.

use super::{
    Defaults, Incoming,
    fields::{KNOWN, digest, read_prefix},
};
use crate::{
    error::{Problems, Result},
    key::{DescriptionChange, KeyId, Lifecycle, Material, Members, SecretHash, Time},
};

pub(super) fn read(members: &mut Members, defaults: &Defaults) -> Result<Incoming> {
    let mut problems = Problems::default();
    let given = DescriptionChange::from_json(members, &mut problems);
    let hash = digest(members, "secret_sha256")?;
    let hash = SecretHash::from_bytes(members.required(hash, "secret_sha256")?);
    if hash == SecretHash::of(b"") {
        let hint = "hash the whole token without a line feed: `printf %s \"$TOKEN\" | sha256sum`";
        return Err(members.malformed("secret_sha256 is the hash of an empty string", hint));
    }
    let prefix = read_prefix(members)?.or_else(|| defaults.prefix.clone());
    let created: Option<Time> = members.text("created_at")?;
    let expires: Option<Time> = members.text("expires_at")?;
    let used: Option<Time> = members.text("last_used_at")?;
    problems.keep(members.finish(KNOWN));
    problems.into_result()?;
    let name = members.required(given.name.clone(), "name")?;
    let mut lifecycle = Lifecycle::new(created.unwrap_or(defaults.now), expires.or(defaults.expires));
    // The holder already has the token and uses it.
    lifecycle.activated = Some(lifecycle.created);
    lifecycle.last_used = used;
    let material = Material::Opaque { prefix, hash };
    let key = defaults.describe(given, name, KeyId::from_bytes([0; 16]), material, lifecycle)?;
    Ok(Incoming::Token(Box::new(key)))
}
