//! `disable` and `enable`: suspend keys and enable them again.

use super::{
    Context,
    bulk::{BulkChange, Verb},
    chain::{mention_related, report_others},
    change::{Change, change_all, preview_all, print_after},
    find::selected_keys,
    selected::{NamedKeys, Selected},
};
use crate::{
    cli::Suspend,
    contract::Operation,
    error::{Exit, Result},
    key::Key,
    keyring::{Action, Keyring},
    output::count_keys,
};

pub(super) fn disable(args: Suspend, context: &Context) -> Result<Exit> {
    let verb = Verb { action: Action::Disable, doing: "disabling", done: "disabled", planned: None };
    run(args, context, verb, &|key, now| key.disabled(now))
}

pub(super) fn enable(args: Suspend, context: &Context) -> Result<Exit> {
    let verb = Verb { action: Action::Enable, doing: "enabling", done: "enabled", planned: None };
    run(args, context, verb, &|key, now| key.enabled(now))
}

fn run(args: Suspend, context: &Context, verb: Verb, change: &Change<'_>) -> Result<Exit> {
    let mut keyring = context.open()?;
    let whole_chains = verb.action == Action::Disable;
    let selected = selected_keys(&args.keys, args.filter, whole_chains, context, keyring.as_ref())?;
    // Reading a secret may have taken a while.
    let context = &context.later(keyring.as_ref())?;
    match selected {
        Selected::Named(named) => change_named(&named, keyring.as_mut(), verb, change, args.dry_run, context),
        Selected::Filtered(selection) => {
            let bulk = BulkChange { selection: *selection, verb, change, operation: Operation::List, context };
            if args.dry_run {
                return bulk.rehearse(keyring.as_ref());
            }
            // A filter can select more keys than intended, so a change to several of them is confirmed.
            let question =
                |_: &[Key], count| (count > 1).then(|| format!("{} {}?", verb.action.word(), count_keys(count)));
            bulk.run(keyring.as_mut(), &question, &|count| already(count, verb))
        }
    }
}

/// Changes the named keys in one transaction.
fn change_named(
    named: &NamedKeys,
    keyring: &mut dyn Keyring,
    verb: Verb,
    change: &Change<'_>,
    dry_run: bool,
    context: &Context,
) -> Result<Exit> {
    let NamedKeys { keys, related, roots } = named;
    let mut changing: Vec<Key> = Vec::new();
    for key in keys {
        if change(key, context.now())?.is_some() {
            changing.push(key.clone());
        }
    }
    if dry_run {
        context.console.say(&format!("dry run: would {} {}", verb.action.word(), count_keys(changing.len())));
        let after = preview_all(keys, change, context)?;
        return context.print_list(&after, keyring, Operation::List).map(|()| Exit::Done);
    }
    if !changing.is_empty() {
        keyring.check_writable()?;
        let others = change_all(keyring, (&changing, roots), verb.action, change, context)?;
        context.console.done(&format!("{} {}", verb.done, count_keys(changing.len())));
        report_others(&others, verb.done, context);
    }
    match keys.len() - changing.len() {
        0 => {}
        count => context.console.say(&already(count, verb)),
    }
    mention_related(related, context);
    let now = context.now();
    let others = related.iter().filter(|key| matches!(key.enabled(now), Ok(Some(_)))).map(|key| key.id.to_string());
    let others: Vec<String> = others.collect();
    if verb.action == Action::Enable && !others.is_empty() {
        context.console.say(&format!("to enable the others too, run `keywright enable {}`", others.join(" ")));
    }
    print_after(keys, keyring, Operation::List, context)?;
    Ok(Exit::Done)
}

/// Returns the message about keys that need no change.
fn already(count: usize, verb: Verb) -> String {
    format!("{} {} already {}", count_keys(count), if count == 1 { "was" } else { "were" }, verb.done)
}
