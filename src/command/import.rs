//! `import`: imports keys from another keyring, another system, or files.

mod report;

use super::{Context, contract::contract_of};
use crate::{
    cli::Import,
    error::{Code, Error, Exit, Problems, Result},
    import::{Candidate, Defaults, Imported, Rehearsal, import, read},
    key::{Description, Env, Field},
    keyring::{Keyring, Keys, transact},
};
use report::report;

pub(super) fn run(args: &Import, context: &Context) -> Result<Exit> {
    let opened = context.open_existing()?;
    let rules = contract_of(opened.as_deref())?.rules;
    let candidates = read(&args.file, &defaults(args, rules.default_env(), context)?)?;
    // The keyring is created only if there is a key to import.
    if args.dry_run || opened.is_none() {
        let imported = rehearse(opened.as_deref(), &candidates, context)?;
        if args.dry_run || imported.added.is_empty() {
            report(&imported, args, context);
            return Ok(Exit::Done);
        }
    }
    let mut keyring = match opened {
        Some(keyring) => keyring.check_writable().map(|()| keyring)?,
        None => context.open_or_create()?,
    };
    let imported = import_all(keyring.as_mut(), &candidates, context)?;
    report(&imported, args, context);
    context.print_by_id(&imported.added, keyring.as_ref())?;
    Ok(Exit::Done)
}

/// Returns the result that an import would have, without locking the keyring for writing.
fn rehearse(opened: Option<&dyn Keyring>, candidates: &[Candidate], context: &Context) -> Result<Imported> {
    let Some(keyring) = opened else { return import(&mut Rehearsal::of(None), candidates, context.now()) };
    let mut imported = Imported::default();
    keyring.consistent_read(&mut |keys| {
        imported = import(&mut Rehearsal::of(Some(keys as &dyn Keys)), candidates, context.now())?;
        Ok(())
    })?;
    Ok(imported)
}

/// Imports all keys in one transaction, or none if an error occurs.
fn import_all(keyring: &mut dyn Keyring, candidates: &[Candidate], context: &Context) -> Result<Imported> {
    let mut imported = None;
    let done = transact(keyring, &context.entry, |transaction| {
        let found = import(transaction, candidates, context.now())?;
        let keep = !found.added.is_empty();
        imported = Some(found);
        if keep {
            Ok(())
        } else {
            Err(Error::new(Code::Internal, "the transaction is rolled back", "report it as a bug"))
        }
    });
    match imported {
        Some(imported) if imported.added.is_empty() => Ok(imported),
        imported => done.map(|()| imported.unwrap_or_default()),
    }
}

fn defaults(args: &Import, env: Env, context: &Context) -> Result<Defaults> {
    let mut problems = Problems::default();
    let description = args.describe.change(&mut problems);
    let expires = args.describe.expires.as_ref().and_then(|given| given.read(Field::ExpiresAt, &mut problems));
    let expires = expires.map(|when| when.resolve(context.now())).transpose();
    let expires = problems.keep(expires.map_err(|error| error.in_field(Field::ExpiresAt.word())));
    // Defaults that no key could have are refused even if every key has values of its own.
    let empty = Description::new("unnamed".parse()?, env);
    let _ = description.apply(&empty, &mut problems);
    problems.into_result()?;
    Ok(Defaults {
        description,
        env,
        expires: expires.flatten().flatten(),
        prefix: args.prefix.clone(),
        now: context.now(),
    })
}
