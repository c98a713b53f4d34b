//! `create`: registers a public key whose private half somebody else holds.

use super::{Context, Rehearsed};
use crate::{
    cli::Create,
    error::{Error, Exit, Result},
    input,
    issuance::{admit, holder_of, name_taken, new_id, recognise, refuse_registered},
    key::KeyType,
    keypair::PublicKey,
    keyring::{Action, transact},
};

pub(super) fn run(args: Create, context: &Context) -> Result<Exit> {
    args.describe.check(context.now)?;
    let bytes = input::read(&args.public_key)?;
    let file = args.public_key.display().to_string();
    let named = |error: Error| error.in_file(if file == "-" { "standard input" } else { &file });
    let public = PublicKey::read(&bytes, args.from_cert).map_err(named)?;
    public.judge().map_err(named)?;
    let what = format!("{}-bit RSA key", public.bits());
    if args.dry_run {
        let keyring = context.open_if_there()?;
        if let Some(keyring) = &keyring {
            refuse_registered(keyring.as_ref(), &public.modulus_digest(), context.now)?;
            if let Some(other) = holder_of(keyring.as_ref(), &args.describe.name, args.describe.env, context.now)? {
                return Err(name_taken(&other, context.now));
            }
        }
        let made = Rehearsed {
            key_type: KeyType::Rsa,
            bits: Some(public.bits()),
            fingerprint: Some(public.fingerprint()),
        };
        let org_id = keyring.map(|keyring| keyring.org_id());
        return context.rehearse(args.describe, &made, org_id, &format!("register a {what}"));
    }
    let mut key = args.describe.key(new_id()?, recognise(&public), context.now)?;
    // Its holder has the private half already.
    key.lifecycle.activated = Some(context.now);
    let mut keyring = context.open_or_create()?;
    transact(keyring.as_mut(), &context.entry, |transaction| {
        admit(transaction, &key, context.now)?;
        transaction.insert(&key, Action::Register)
    })?;
    context.talk.done(&format!(
        "registered the {what} `{}` ({}), id {}",
        key.name, key.env, key.id
    ));
    context.print_one(&key, &keyring.org_id().to_string())?;
    Ok(Exit::Done)
}
