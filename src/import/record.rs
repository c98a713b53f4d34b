//! Reading keys from the lines of `export --format jsonl`.

use super::{
    Defaults, Incoming,
    fields::{
        allowed_ips, digest, field, labels, malformed, nothing_left, parsed, prefix, rate_limit, required, scopes,
    },
};
use crate::{
    error::Result,
    issuance::recognise,
    key::{
        Description, Env, Key, KeyId, KeyType, Lifecycle, Material, Name, Note, Owner, RevocationReason, Rotation,
        SecretHash, Time, TokenPrefix, token,
    },
    keypair::PublicKey,
};
use serde_json::{Map, Value};

pub(super) fn read(fields: &mut Map<String, Value>, defaults: &Defaults) -> Result<Incoming> {
    let id: KeyId = required(parsed(fields, "api_key_id")?, "api_key_id")?;
    // The organization does not matter, because the key moves to this keyring. Fields that are derived from other
    // fields are ignored.
    for derived in ["org_id", "status", "key_bits"] {
        fields.remove(derived);
    }
    let key_type: KeyType = required(parsed(fields, "type")?, "type")?;
    let env: Env = required(parsed(fields, "env")?, "env")?;
    let name: Name = required(parsed(fields, "name")?, "name")?;
    let flag = |fields: &mut Map<String, Value>, name: &str| field(fields, name, |value| value.as_bool().map(Ok));
    let opaque = flag(fields, "opaque")?.unwrap_or_default();
    let registered = flag(fields, "registered")?.unwrap_or_default() && key_type.is_key_pair();
    let retire_on_use = flag(fields, "retire_on_use")?.unwrap_or_default();
    let material = material(fields, key_type, opaque, id, env)?;
    let created: Time = required(parsed(fields, "created_at")?, "created_at")?;
    let mut lifecycle = Lifecycle::new(created, parsed(fields, "expires_at")?);
    lifecycle.activated = parsed(fields, "activated_at")?;
    lifecycle.last_used = parsed(fields, "last_used_at")?;
    lifecycle.disabled = parsed(fields, "disabled_at")?;
    let revoked: Option<Time> = parsed(fields, "revoked_at")?;
    let reason: Option<RevocationReason> = parsed(fields, "revocation_reason")?;
    match (revoked, reason) {
        (Some(at), reason) => drop(lifecycle.revoke(at, reason.unwrap_or_default())),
        (None, None) => {}
        (None, Some(_)) => {
            return Err(malformed("revocation_reason is given without revoked_at", "give both or neither"));
        }
    }
    let description = Description {
        name,
        env,
        owner: parsed::<Owner>(fields, "owner")?,
        scopes: field(fields, "scopes", scopes)?.unwrap_or_default(),
        labels: field(fields, "labels", labels)?.unwrap_or_default(),
        note: parsed::<Note>(fields, "note")?,
        rate_limit: field(fields, "rate_limit", rate_limit)?.unwrap_or_default(),
        allowed_ips: field(fields, "allowed_ips", allowed_ips)?
            .filter(|networks| !networks.is_empty())
            .unwrap_or_else(|| defaults.allowed_ips.clone()),
    };
    let key = Key {
        revocation_note: parsed::<Note>(fields, "revocation_note")?.filter(|_| revoked.is_some()),
        rotation: Rotation {
            from: parsed(fields, "rotated_from")?,
            to: parsed(fields, "rotated_to")?,
            retire_on_use,
            handover: None,
        },
        registered,
        ..Key::new(id, description, material, lifecycle)
    };
    nothing_left(fields)?;
    Ok(Incoming::Moved(Box::new(key)))
}

fn material(fields: &mut Map<String, Value>, key_type: KeyType, opaque: bool, id: KeyId, env: Env) -> Result<Material> {
    let hash = digest(fields, "secret_hash")?.map(SecretHash::from_bytes);
    let fingerprint = digest(fields, "fingerprint")?;
    let shown = field(fields, "prefix", |value| value.as_str().map(prefix))?;
    let pem = field(fields, "public_key", |value| value.as_str().map(|text| Ok(text.to_owned())))?;
    let api_key = field(fields, "api_key", |value| value.as_str().map(|text| Ok(text.to_owned())))?;
    match key_type {
        KeyType::Rsa => {
            let public = PublicKey::read(required(pem, "public_key")?.as_bytes(), false)?;
            public.judge()?;
            if fingerprint.is_some_and(|given| given != *public.fingerprint().as_bytes()) {
                return Err(malformed("fingerprint does not match public_key", "export the key again"));
            }
            Ok(recognise(&public))
        }
        KeyType::Token if opaque => Ok(Material::Opaque { prefix: shown, hash: required(hash, "secret_hash")? }),
        KeyType::Token => {
            let (prefix, hash) = (required(shown, "prefix")?, required(hash, "secret_hash")?);
            let begins: Option<TokenPrefix> = prefix.split('_').next().and_then(|start| start.parse().ok());
            if begins.is_none_or(|begins| token::display_prefix(&begins, env, id) != prefix) {
                return Err(malformed("prefix does not match a token with this id", "export the key again"));
            }
            Ok(Material::Token { prefix, hash })
        }
        KeyType::Pair => {
            let (prefix, hash) = (required(shown, "prefix")?, required(hash, "secret_hash")?);
            let api_key = required(api_key, "api_key")?;
            let plain = api_key.len() <= 100 && api_key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !plain || !api_key.starts_with(&prefix) {
                return Err(malformed("api_key does not start with prefix", "export the key again"));
            }
            Ok(Material::Pair { prefix, api_key, hash })
        }
    }
}
