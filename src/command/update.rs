//! `update`: changes the description of a key.

mod wildcards;

use super::{Context, change::key_deleted, find::find_target};
use crate::{
    cli::Update,
    contract::Operation,
    error::{Code, Error, Exit, Problems, Result},
    issuance::{contract, refuse_change},
    key::{Amendment, Edit, Field, Key, Scope, Time, When},
    keyring::{Action, Keys, at_least_keyring_time, refuse_earlier, transact},
};
use wildcards::warn_of_wildcards;

pub(super) fn run(args: &Update, context: &Context) -> Result<Exit> {
    let amendment = amendment(args, context.now())?;
    let mut keyring = context.open()?;
    let (key, prepared) = (find_target(keyring.as_ref(), &args.key, args.env, context)?.key, context.now());
    // Reading a secret may have taken a while.
    let context = &context.later(keyring.as_ref())?;
    let absent: Vec<&str> = amendment.description.scopes.remove.iter().map(Scope::as_str).collect();
    for scope in absent.into_iter().filter(|scope| key.description.scopes.iter().all(|has| has != *scope)) {
        context.console.warn(&format!("`{}` does not have the scope `{scope}`", key.description.name));
    }
    if args.dry_run {
        let new = amended(keyring.as_ref(), &amendment, &key, context.now())?;
        warn_of_wildcards(&key, &new, context);
        if new == key {
            report_unchanged(&key, context);
        } else {
            context.console.say(&format!("dry run: would update `{}` ({})", key.description.name, key.id));
        }
        return context.print_one(&new, keyring.as_ref(), Operation::Show).map(|()| Exit::Done);
    }
    keyring.check_writable()?;
    let (old, new) = transact(keyring.as_mut(), &context.entry, |transaction| {
        // Read the key and the clock again, because the key may have changed or ended since it was found.
        let now = at_least_keyring_time(transaction, &context.entry, context.entry.clock())?;
        if amendment.expires != Edit::Keep {
            refuse_earlier(now, prepared)?;
        }
        let old = transaction.key(key.id, now)?.ok_or_else(|| key_deleted(&key))?;
        let new = amended(transaction, &amendment, &old, now)?;
        if new != old {
            transaction.update(&old, &new, Action::Update)?;
        }
        Ok((old, new))
    })?;
    warn_of_wildcards(&old, &new, context);
    if new == old {
        report_unchanged(&old, context);
    } else {
        context.console.done(&format!("updated `{}` ({})", new.description.name, new.id));
    }
    context.print_one(&new, keyring.as_ref(), Operation::Show)?;
    Ok(Exit::Done)
}

fn report_unchanged(key: &Key, context: &Context) {
    let Key { id, description, .. } = key;
    context.console.say(&format!("`{}` ({id}) already has these values; nothing was changed", description.name));
}

fn amended(keys: &(impl Keys + ?Sized), amendment: &Amendment, old: &Key, now: Time) -> Result<Key> {
    let rules = contract(keys)?.rules;
    let mut amendment = amendment.clone();
    amendment.description.scope_wildcards = rules.scopes.wildcards;
    let new = amendment.apply(old, now)?;
    refuse_change(keys, &rules, old, &new, now)?;
    Ok(new)
}

/// Returns the requested changes, or a single error that lists all problems with the options.
fn amendment(args: &Update, now: Time) -> Result<Amendment> {
    let mut problems = Problems::default();
    let description = args.describe.change(&mut problems);
    let when = args.describe.expires.as_ref().and_then(|given| given.read(Field::ExpiresAt, &mut problems));
    let expires = when.map_or(Ok(Edit::Keep), |when| end(when, now));
    let expires = problems.keep(expires.map_err(|error| error.in_field(Field::ExpiresAt.word()))).unwrap_or_default();
    problems.into_result()?;
    let amendment = Amendment { description, expires };
    if amendment == Amendment::default() {
        let hint = "pass an option such as --owner acme; `keywright update --help` lists all options";
        return Err(Error::new(Code::Usage, "no change was requested", hint));
    }
    Ok(amendment)
}

/// Returns the requested change to the expiry. [`Edit::Clear`] removes the expiry.
fn end(when: When, now: Time) -> Result<Edit<Time>> {
    match when {
        When::At(at) if at <= now => Err(Error::new(
            Code::InvalidTime,
            format!("{at} is not in the future"),
            "pass a future time or a duration such as 90d; `keywright revoke` ends a key now",
        )),
        when => Ok(when.resolve(now)?.map_or(Edit::Clear, Edit::Set)),
    }
}
