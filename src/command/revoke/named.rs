//! Revokes the keys that are named on the command line, in one transaction.

use super::question;
use crate::{
    command::{
        Context,
        bulk::Verb,
        chain::{mention_related, report_others},
        change::{Change, change_all, key_deleted, preview_all, print_after, shown},
        selected::NamedKeys,
    },
    contract::Operation,
    error::{Exit, Result},
    key::{Key, Status},
    keyring::{Keyring, transact},
    output::count_keys,
};

/// Prints the named keys in their state after the revocation, without writing anything.
pub(super) fn rehearse(
    named: &NamedKeys,
    keyring: &dyn Keyring,
    change: &Change<'_>,
    context: &Context,
) -> Result<Exit> {
    let (changing, _) = split(&named.keys, change, context)?;
    context.console.say(&format!("dry run: would revoke {}", count_keys(changing.len())));
    let after = preview_all(&named.keys, change, context)?;
    context.print_list(&after, keyring, Operation::Revoke).map(|()| Exit::Done)
}

/// Revokes the named keys.
pub(super) fn run(
    named: &NamedKeys,
    keyring: &mut dyn Keyring,
    verb: Verb,
    change: &Change<'_>,
    context: &Context,
) -> Result<Exit> {
    let NamedKeys { keys, related, roots } = named;
    let (changing, standing) = split(keys, change, context)?;
    if !changing.is_empty() {
        keyring.check_writable()?;
        let count = changing.len();
        context.console.confirm_list(&shown(&changing, count), &question(&changing, count, verb))?;
    }
    let context = &context.later(keyring)?;
    if !changing.is_empty() {
        let others = change_all(keyring, (&changing, roots), verb.action, change, context)?;
        context.console.done(&format!("revoked {}{}", count_keys(changing.len()), verb.as_of()));
        report_others(&others, "revoked", context);
    }
    let (over, scheduled): (Vec<Key>, Vec<Key>) =
        standing.into_iter().partition(|key| key.lifecycle.status(context.now()) == Status::Revoked);
    record_ends(&over, keyring, verb, context)?;
    if !over.is_empty() {
        let were = if over.len() == 1 { "was" } else { "were" };
        context
            .console
            .say(&format!("{} {were} already revoked; the original time and reason are kept", count_keys(over.len())));
    }
    for key in scheduled {
        let at = key.lifecycle.revoked.unwrap_or(context.now());
        context.console.say(&format!(
            "`{}` is already scheduled to be revoked at {at}; a later time does not postpone the revocation",
            key.description.name
        ));
    }
    mention_related(related, context);
    print_after(keys, keyring, Operation::Revoke, context)?;
    Ok(Exit::Done)
}

/// Records once more that keys are revoked if their planned revocations are later than the keyring time. Afterwards, a
/// clock that is set back does not revive them.
fn record_ends(over: &[Key], keyring: &mut dyn Keyring, verb: Verb, context: &Context) -> Result<()> {
    let recorded = keyring.time()?;
    let is_recent = |key: &&Key| key.lifecycle.revoked > recorded;
    if context.entry.clock_set || !over.iter().any(|key| is_recent(&key)) {
        return Ok(());
    }
    keyring.check_writable()?;
    transact(keyring, &context.entry, |transaction| {
        for key in over.iter().filter(is_recent) {
            let key = transaction.key(key.id, context.now())?.ok_or_else(|| key_deleted(key))?;
            transaction.update(&key, &key, verb.action)?;
        }
        Ok(())
    })
}

/// Splits keys into those that change and those that do not.
fn split(keys: &[Key], change: &Change<'_>, context: &Context) -> Result<(Vec<Key>, Vec<Key>)> {
    let (mut changing, mut standing) = (Vec::new(), Vec::new());
    for key in keys {
        let part = if change(key, context.now())?.is_some() { &mut changing } else { &mut standing };
        part.push(key.clone());
    }
    Ok((changing, standing))
}
