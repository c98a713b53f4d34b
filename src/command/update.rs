//! `update`: changes the description of a key.

use super::{Context, change::key_deleted, find::find_target, options::OptionReader};
use crate::{
    cli::Update,
    contract::Operation,
    error::{Code, Error, Exit, Result},
    issuance::{contract, refuse_change},
    key::{Amendment, Edit, Field, Key, Scope, Time, When},
    keyring::{Action, Keys, transact},
};

pub(super) fn run(args: &Update, context: &Context) -> Result<Exit> {
    let amendment = amendment(args, context.now)?;
    let mut keyring = context.open()?;
    let key = find_target(keyring.as_ref(), &args.key, context)?;
    let absent: Vec<&str> = amendment.remove_scopes.iter().map(Scope::as_str).collect();
    for scope in absent.into_iter().filter(|scope| key.description.scopes.iter().all(|has| has != *scope)) {
        context.console.warn(&format!("`{}` does not have the scope `{scope}`", key.description.name));
    }
    if args.dry_run {
        let new = amended(keyring.as_ref(), &amendment, &key, context.now)?;
        context.console.say(&format!("dry run: would update `{}` ({})", key.description.name, key.id));
        return context.print_one(&new, keyring.as_ref(), Operation::Show).map(|()| Exit::Done);
    }
    keyring.check_writable()?;
    let new = transact(keyring.as_mut(), &context.entry, |transaction| {
        // Read the key again, because it may have changed since it was found.
        let old = transaction.key(key.id, context.now)?.ok_or_else(|| key_deleted(&key))?;
        let new = amended(transaction, &amendment, &old, context.now)?;
        transaction.update(&old, &new, Action::Update)?;
        Ok(new)
    })?;
    context.console.done(&format!("updated `{}` ({})", new.description.name, new.id));
    context.print_one(&new, keyring.as_ref(), Operation::Show)?;
    Ok(Exit::Done)
}

fn amended(keys: &(impl Keys + ?Sized), amendment: &Amendment, old: &Key, now: Time) -> Result<Key> {
    let new = amendment.apply(old, now)?;
    let rules = contract(keys)?.rules;
    refuse_change(keys, &rules, old, &new, now)?;
    Ok(new)
}

/// Returns the requested changes, or a single error that lists all problems with the options.
fn amendment(args: &Update, now: Time) -> Result<Amendment> {
    if args.is_empty() {
        let hint = "give an option, for example --owner acme; `keywright update --help` lists all of them";
        return Err(Error::new(Code::Usage, "no change was requested", hint));
    }
    let mut options = OptionReader::new("update");
    let amendment = Amendment {
        name: options.value(Field::Name, args.name.as_ref()),
        owner: edit(args.no_owner, options.value(Field::Owner, args.owner.as_ref())),
        add_scopes: options.values(Field::Scopes, &args.add_scopes),
        remove_scopes: options.removed(Field::Scopes, "--remove-scope", &args.remove_scopes),
        expires: args.expires.as_ref().map_or(Edit::Keep, |given| {
            let end = given.value().and_then(|when| end(when, now));
            options.keep(Field::ExpiresAt, end).unwrap_or_default()
        }),
        rate_limit: edit(args.no_rate_limit, options.value(Field::RateLimit, args.rate_limit.as_ref())),
        allow_ips: options.values(Field::AllowedIps, &args.allow_ips),
        remove_ips: options.removed(Field::AllowedIps, "--remove-ip", &args.remove_ips),
        clear_ips: args.no_allow_ip,
        labels: options.values(Field::Labels, &args.labels),
        remove_labels: options.removed(Field::Labels, "--remove-label", &args.remove_labels),
        note: edit(args.no_note, options.value(Field::Note, args.note.as_ref())),
    };
    options.into_result()?;
    Ok(amendment)
}

fn edit<T>(clear: bool, given: Option<T>) -> Edit<T> {
    if clear { Edit::Clear } else { given.map_or(Edit::Keep, Edit::Set) }
}

/// Returns the requested change of the expiry. [`Edit::Clear`] removes the expiry.
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
