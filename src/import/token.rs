//! Reading tokens from another system, which are given as SHA-256 hashes.

use super::{
    Defaults, Incoming,
    fields::{KNOWN, digest, read_prefix},
};
use crate::{
    error::{Problems, Result},
    key::{DescriptionChange, Field, KeyId, Lifecycle, Material, Members, SecretHash, Time},
};

pub(super) fn read(members: &mut Members, defaults: &Defaults) -> Result<Incoming> {
    let mut problems = Problems::default();
    let given = DescriptionChange::from_json(members, &mut problems);
    let hash = problems.keep(digest(members, "secret_sha256"));
    let prefix = problems.keep(read_prefix(members)).flatten().or_else(|| defaults.prefix.clone());
    let created: Option<Time> = problems.keep(members.text("created_at")).flatten();
    let expires: Option<Time> = problems.keep(members.text("expires_at")).flatten();
    let used: Option<Time> = problems.keep(members.text("last_used_at")).flatten();
    problems.keep(members.finish(KNOWN));
    let hash = hash.and_then(|hash| problems.keep(required_hash(members, hash)));
    let name = if problems.concern(Field::Name.word()) {
        None
    } else {
        problems.keep(members.required(given.name.clone(), "name"))
    };
    problems.into_result()?;
    // Without problems, both values are present.
    let (hash, name) = (members.required(hash, "secret_sha256")?, members.required(name, "name")?);
    let mut lifecycle = Lifecycle::new(created.unwrap_or(defaults.now), expires.or(defaults.expires));
    // The holder already has the token and uses it.
    lifecycle.activated = Some(lifecycle.created);
    lifecycle.last_used = used;
    let material = Material::Opaque { prefix, hash };
    let key = defaults.describe(given, name, KeyId::from_bytes([0; 16]), material, lifecycle)?;
    Ok(Incoming::Token(Box::new(key)))
}

/// Returns the hash of a token, and refuses the hash of an empty string, which is the result of a mistake in a shell.
fn required_hash(members: &Members, hash: Option<[u8; 32]>) -> Result<SecretHash> {
    let hash = SecretHash::from_bytes(members.required(hash, "secret_sha256")?);
    if hash == SecretHash::of(b"") {
        let hint = "hash the whole token without a line feed: `printf %s \"$TOKEN\" | sha256sum`";
        return Err(members.malformed("secret_sha256 is the hash of an empty string", hint));
    }
    Ok(hash)
}
