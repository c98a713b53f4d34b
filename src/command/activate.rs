//! `activate`: activates keys that were left pending by a crash, given their secrets.

mod line;
mod many;

use super::{
    Context,
    private_key::{PRIVATE_KEY_HINT, private_key},
};
use crate::{
    cli::Activate,
    contract::Operation,
    error::{Code, Error, Exit, Result},
    input,
    issuance::{activate, is_complete},
    key::{Key, Material, Reference, SecretInput, find_secrets},
    keyring::resolve,
    proof::identify,
};
use std::path::Path;

pub(super) fn run(args: &Activate, context: &Context) -> Result<Exit> {
    match (&args.from, &args.key, &args.private_key) {
        (Some(path), ..) => many::run(path, args.dry_run, context),
        (None, key, Some(secret)) => one(key.as_ref(), secret, args.dry_run, context),
        (None, _, None) => Err(Error::new(
            Code::Usage,
            "the secret of the key is required",
            "pass --private-key FILE with the secret of one key, or --from FILE with the secrets of many",
        )),
    }
}

fn one(reference: Option<&Reference>, secret: &Path, dry_run: bool, context: &Context) -> Result<Exit> {
    let mut keyring = context.open()?;
    let named = reference.map(|reference| resolve(keyring.as_ref(), reference, None, context.now())).transpose()?;
    let secret = input::read_secret(secret, context.console)?;
    let key = match named {
        Some(named) => named.key,
        None => identify(keyring.as_ref(), &secret, context.now())?,
    };
    // Read the keyring time after the key, so that no recorded end of the key is later than that time.
    context.keyring_time.read(keyring.as_ref())?;
    prove(&key, &secret)?;
    if is_complete(keyring.as_ref(), &key, context.now())? {
        let status = key.lifecycle.status(context.now());
        context.console.say(&format!("`{}` is already {status}; the secret is correct", key.description.name));
        return context.print_one(&key, keyring.as_ref(), Operation::Show).map(|()| Exit::Done);
    }
    if dry_run {
        context.console.say(&format!("dry run: would activate `{}`; the secret is correct", key.description.name));
        return context.print_one(&key, keyring.as_ref(), Operation::Show).map(|()| Exit::Done);
    }
    keyring.check_writable()?;
    let key = activate(keyring.as_mut(), &context.entry, &key)?;
    context.console.done(&format!("activated `{}` ({})", key.description.name, key.id));
    context.print_one(&key, keyring.as_ref(), Operation::Show)?;
    Ok(Exit::Done)
}

/// Checks that a secret belongs to a key.
///
/// # Errors
/// - `proof_failed` if the secret does not belong to the key.
/// - `invalid_secret` or `input_too_large` if the key is a key pair and the secret cannot be read as an RSA private
///   key.
pub(super) fn prove(key: &Key, secret: &[u8]) -> Result<()> {
    let input = SecretInput::read(secret);
    let texts: Vec<&str> = input.as_ref().map(|input| input.texts().collect()).unwrap_or_default();
    let holds = match &key.material {
        Material::KeyPair(public) => {
            private_key(input.map_err(|mistake| Error::new(Code::InvalidSecret, mistake, PRIVATE_KEY_HINT))?)?
                .public()?
                .identity()
                == *public.identity()
        }
        // The format of a token from another system is unknown, so it may be the whole trimmed input.
        Material::Opaque { hash, .. } => {
            hash.matches(secret.trim_ascii()) || texts.iter().any(|text| hash.matches(text.as_bytes()))
        }
        Material::Token { hash, .. } | Material::Pair { hash, .. } => {
            let whole = str::from_utf8(secret).unwrap_or_default();
            texts.iter().copied().chain([whole]).flat_map(find_secrets).any(|presented| presented.hash == *hash)
        }
    };
    if holds {
        return Ok(());
    }
    Err(Error::new(
        Code::ProofFailed,
        format!("the secret does not belong to `{}` ({})", key.description.name, key.id),
        "omit KEY to activate the key that the secret belongs to; `keywright show - < FILE` shows which key that is",
    ))
}
