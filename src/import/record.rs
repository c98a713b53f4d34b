//! Reading keys from the lines of `export --format jsonl`.

use super::{
    Defaults, Incoming,
    fields::{KNOWN, digest, flag, read_prefix, string},
};
use crate::{
    error::{Problems, Result},
    issuance::material_of,
    key::{
        Description, DescriptionChange, Env, Field, Key, KeyId, KeyType, Lifecycle, Material, Members, Note,
        RevocationReason, Rotation, Scopes, SecretHash, SetEdit, Time, TokenPrefix, refuse_secret, token,
    },
    keypair::PublicKey,
};

pub(super) fn read(members: &mut Members, defaults: &Defaults) -> Result<Incoming> {
    members.set_exported();
    let id = members.text("api_key_id")?;
    let id: KeyId = members.required(id, "api_key_id")?;
    // The organization does not matter, because the key moves to this keyring. Fields that are derived from other
    // fields are ignored.
    members.ignore(&["org_id", "key_bits"]);
    let key_type = members.text("type")?;
    let key_type: KeyType = members.required(key_type, "type")?;
    let mut problems = Problems::default();
    let scopes = problems.keep(Scopes::exported(members)).flatten().map_or_else(SetEdit::default, SetEdit::replace);
    let described = DescriptionChange::from_json(members, &mut problems);
    problems.into_result()?;
    // Before scopes could be wildcards, exported keys did not say how they are read.
    let scope_wildcards = flag(members, Field::ScopeWildcards.word())?;
    let given = DescriptionChange { scopes, scope_wildcards, ..described };
    let env = members.required(given.env, "env")?;
    let name = members.required(given.name.clone(), "name")?;
    let opaque = flag(members, "opaque")?;
    let registered = flag(members, "registered")? && key_type.is_key_pair();
    let retire_on_use = flag(members, "retire_on_use")?;
    let material = material(members, key_type, opaque, id, env)?;
    let lifecycle = lifecycle(members, defaults.now)?;
    let revocation_note = members.text("revocation_note")?.filter(|_| lifecycle.revoked.is_some());
    if let Some(note) = &revocation_note {
        refuse_secret(Note::as_str(note)).map_err(|error| error.in_field("revocation_note"))?;
    }
    let rotation = Rotation {
        from: members.text("rotated_from")?,
        to: members.text("rotated_to")?,
        retire_on_use,
        handover: None,
    };
    members.finish(KNOWN)?;
    // An exported key has a complete description, so the defaults do not apply to it, with one exception: a key without
    // networks may be used from any address, and `--allow-ip` restricts such a key, too.
    let unrestricted = given.allowed_ips.add.is_empty();
    let given = if unrestricted {
        DescriptionChange { allowed_ips: defaults.description.allowed_ips.clone(), ..given }
    } else {
        given
    };
    let mut problems = Problems::default();
    let description = given.apply(&Description::new(name, env), &mut problems);
    problems.into_result()?;
    Ok(Incoming::Moved(Box::new(Key {
        revocation_note,
        rotation,
        registered,
        ..Key::new(id, description, material, lifecycle)
    })))
}

/// Reads the times of a key. A key that had ended or was disabled in its keyring stays so, even if the clock of that keyring
/// ran ahead.
fn lifecycle(members: &mut Members, now: Time) -> Result<Lifecycle> {
    let created = members.text("created_at")?;
    let created: Time = members.required(created, "created_at")?;
    let mut lifecycle = Lifecycle::new(created, members.text("expires_at")?);
    lifecycle.activated = members.text("activated_at")?;
    lifecycle.last_used = members.text("last_used_at")?;
    lifecycle.disabled = members.text("disabled_at")?;
    let revoked: Option<Time> = members.text("revoked_at")?;
    let reason: Option<RevocationReason> = members.text("revocation_reason")?;
    match (revoked, reason) {
        (Some(at), reason) => drop(lifecycle.revoke(at, reason.unwrap_or_default())),
        (None, None) => {}
        (None, Some(_)) => {
            return Err(members.malformed(
                "revocation_reason is given without revoked_at",
                "add revoked_at, or remove revocation_reason",
            ));
        }
    }
    match string(members, "status")?.as_deref() {
        Some("revoked") => lifecycle.revoked = lifecycle.revoked.map(|at| at.min(now)),
        Some("disabled") => lifecycle.disabled = lifecycle.disabled.map(|at| at.min(now)),
        Some("expired") => lifecycle.expires = lifecycle.expires.map(|at| at.min(now)),
        _ => {}
    }
    Ok(lifecycle)
}

fn material(members: &mut Members, key_type: KeyType, opaque: bool, id: KeyId, env: Env) -> Result<Material> {
    let hash = digest(members, "secret_hash")?.map(SecretHash::from_bytes);
    let fingerprint = digest(members, "fingerprint")?;
    let shown = read_prefix(members)?;
    let pem = string(members, "public_key")?;
    let api_key = string(members, "api_key")?;
    if let Some(algorithm) = key_type.algorithm() {
        let public = PublicKey::read(members.required(pem, "public_key")?.as_bytes(), false)?;
        public.judge()?;
        if fingerprint.is_some_and(|given| given != *public.fingerprint().as_bytes()) {
            return Err(members.malformed("fingerprint does not match public_key", "export the key again"));
        }
        if algorithm != public.algorithm() {
            return Err(members.malformed("type does not match public_key", "export the key again"));
        }
        return Ok(material_of(&public));
    }
    match key_type {
        KeyType::Token if opaque => {
            Ok(Material::Opaque { prefix: shown, hash: members.required(hash, "secret_hash")? })
        }
        KeyType::Token => {
            let (prefix, hash) = (members.required(shown, "prefix")?, members.required(hash, "secret_hash")?);
            let begins: Option<TokenPrefix> = prefix.split('_').next().and_then(|start| start.parse().ok());
            if begins.is_none_or(|begins| token::display_prefix(&begins, env, id) != prefix) {
                return Err(members.malformed("prefix does not match a token with this id", "export the key again"));
            }
            Ok(Material::Token { prefix, hash })
        }
        _ => {
            let (prefix, hash) = (members.required(shown, "prefix")?, members.required(hash, "secret_hash")?);
            let api_key = members.required(api_key, "api_key")?;
            if api_key.len() > 100 || !api_key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                let message = "api_key must have at most 100 letters, digits and underscores";
                return Err(members.malformed(message, "export the key again"));
            }
            if !api_key.starts_with(&prefix) {
                let message = "api_key does not start with the value of `prefix`";
                return Err(members.malformed(message, "export the key again"));
            }
            Ok(Material::Pair { prefix, api_key, hash })
        }
    }
}
