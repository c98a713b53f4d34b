//! `import`: imports keys from another keyring, another system, or files.

mod report;

use super::{Context, contract::contract_of};
use crate::{
    cli::Import,
    contract::Operation,
    error::{Exit, Problems, Result},
    import::{Candidate, Candidates, Defaults, Imported, import, read, rehearse, rehearse_first},
    key::{Description, Env, Field},
    keyring::{BATCH_PAGE, Keyring, Keys},
    output,
};
use report::report;

pub(super) fn run(args: &Import, context: &Context) -> Result<Exit> {
    let opened = context.open_existing()?;
    let rules = contract_of(opened.as_deref())?.rules;
    let defaults = defaults(args, rules.default_env(), context)?;
    let (found, mut candidates) = read(&args.file, &defaults)?;
    if args.dry_run {
        let imported = dry_run(opened.as_deref(), &mut candidates, context)?;
        report(&imported, found, args, context);
        return Ok(Exit::Done);
    }
    let mut keyring = if let Some(keyring) = opened {
        keyring.check_writable()?;
        keyring
    } else {
        // The keyring is created only if there is a key to import. If the input is so long that it is not read at once, a
        // keyring without keys remains if a later key is refused.
        let first: Vec<Candidate> = candidates.by_ref().take(BATCH_PAGE).collect::<Result<_>>()?;
        if first.len() < BATCH_PAGE {
            let imported = rehearse_first(&first, context.now())?;
            if imported.added.is_empty() {
                report(&imported, found, args, context);
                return Ok(Exit::Done);
            }
        }
        candidates = Box::new(first.into_iter().map(Ok).chain(candidates));
        context.open_or_create()?
    };
    let hint = "run `keywright list` to see the keys; they have been imported";
    let errors = context.template(keyring.as_ref(), Operation::Error)?;
    let farewell = output::interrupted(context.style.format, errors.as_ref(), hint);
    let imported =
        import(keyring.as_mut(), &context.entry, &context.location, &mut candidates, farewell, context.now())?;
    report(&imported, found, args, context);
    context.print_by_id(&imported.added, keyring.as_ref())?;
    Ok(Exit::Done)
}

/// Returns the result that an import would have, without locking the keyring for writing.
fn dry_run(opened: Option<&dyn Keyring>, candidates: &mut Candidates<'_>, context: &Context) -> Result<Imported> {
    let Some(keyring) = opened else { return rehearse(None, candidates, context.now()) };
    let mut imported = Imported::default();
    keyring.consistent_read(&mut |keys| {
        imported = rehearse(Some(keys as &dyn Keys), candidates, context.now())?;
        Ok(())
    })?;
    Ok(imported)
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
