//! `import`: imports keys from another keyring, another system, or files.

use super::{Context, contract::contract_of};
use crate::{
    cli::Import,
    error::{Code, Error, Exit, Result},
    import::{Candidate, Defaults, Imported, Rehearsal, import, read},
    key::{AllowedIps, Env, Labels, Scopes},
    keyring::{Keyring, Keys, transact},
    output::count_keys,
};

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

/// Returns the result that an import would have, without taking a write lock.
fn rehearse(opened: Option<&dyn Keyring>, candidates: &[Candidate], context: &Context) -> Result<Imported> {
    let Some(keyring) = opened else { return import(&mut Rehearsal::of(None), candidates, context.now) };
    let mut imported = Imported::default();
    keyring.consistent_read(&mut |keys| {
        imported = import(&mut Rehearsal::of(Some(keys as &dyn Keys)), candidates, context.now)?;
        Ok(())
    })?;
    Ok(imported)
}

/// Imports all keys in one transaction, or none if an error occurs.
fn import_all(keyring: &mut dyn Keyring, candidates: &[Candidate], context: &Context) -> Result<Imported> {
    let mut imported = None;
    let done = transact(keyring, &context.entry, |transaction| {
        let found = import(transaction, candidates, context.now)?;
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

fn report(imported: &Imported, args: &Import, context: &Context) {
    let what = summary(imported);
    match (imported.added.is_empty(), args.dry_run) {
        (true, _) => context.console.say(&format!("nothing to do: {what}")),
        (false, true) => context.console.say(&format!("dry run: would import {what}")),
        (false, false) => context.console.done(&format!("imported {what}")),
    }
}

fn defaults(args: &Import, env: Env, context: &Context) -> Result<Defaults> {
    let expires =
        args.expires.map(|when| when.resolve(context.now)).transpose().map_err(|e| e.in_option("--expires"))?;
    Ok(Defaults {
        owner: args.owner.clone(),
        env: args.env.unwrap_or(env),
        scopes: Scopes::new(&args.scopes).map_err(|e| e.in_option("--scope"))?,
        allowed_ips: AllowedIps::new(&args.allowed_ips).map_err(|e| e.in_option("--allow-ip"))?,
        labels: Labels::new(&args.labels).map_err(|e| e.in_option("--label"))?,
        expires: expires.flatten(),
        prefix: args.prefix.clone(),
        now: context.now,
    })
}

fn summary(imported: &Imported) -> String {
    let mut parts = Vec::new();
    if !imported.added.is_empty() {
        parts.push(count_keys(imported.added.len()));
    }
    if imported.there > 0 || imported.added.is_empty() {
        parts.push(format!("{} already in the keyring", count_keys(imported.there)));
    }
    if imported.pending > 0 {
        parts.push(format!("{} skipped: delivery never confirmed", count_keys(imported.pending)));
    }
    parts.join(", ")
}
