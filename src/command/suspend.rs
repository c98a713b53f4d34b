//! `disable` and `enable`: suspend keys and enable them again.

use super::{
    Context,
    change::{Change, change_all, mention_related, preview_all, print_after},
    find::{Selected, selected_keys},
};
use crate::{
    cli::Suspend,
    contract::Operation,
    error::{Exit, Result},
    key::Key,
    keyring::Action,
    output::count_keys,
};

pub(super) fn disable(args: Suspend, context: &Context) -> Result<Exit> {
    let verb = Verb { action: Action::Disable, done: "disabled", before: "already disabled" };
    run(args, context, &verb, &|key| key.disabled(context.now()))
}

pub(super) fn enable(args: Suspend, context: &Context) -> Result<Exit> {
    let verb = Verb { action: Action::Enable, done: "enabled", before: "already enabled" };
    run(args, context, &verb, &|key| key.enabled(context.now()))
}

struct Verb {
    action: Action,
    done: &'static str,
    before: &'static str,
}

fn run(args: Suspend, context: &Context, verb: &Verb, change: &Change<'_>) -> Result<Exit> {
    let mut keyring = context.open()?;
    let whole_chains = verb.action == Action::Disable;
    let Selected { keys, related, .. } =
        selected_keys(&args.keys, args.filter, whole_chains, context, keyring.as_ref())?;
    let mut changing: Vec<Key> = Vec::new();
    for key in &keys {
        if change(key)?.is_some() {
            changing.push(key.clone());
        }
    }
    if args.dry_run {
        context.console.say(&format!("dry run: would {} {}", verb.action.word(), count_keys(changing.len())));
        let after = preview_all(&keys, change)?;
        return context.print_list(&after, keyring.as_ref(), Operation::List).map(|()| Exit::Done);
    }
    if !changing.is_empty() {
        keyring.check_writable()?;
        change_all(keyring.as_mut(), &changing, verb.action, change, context)?;
        context.console.done(&format!("{} {}", verb.done, count_keys(changing.len())));
    }
    match keys.len() - changing.len() {
        0 if keys.is_empty() => context.console.say("no key matches the filter; nothing was changed"),
        0 => {}
        1 => context.console.say(&format!("1 key was {}", verb.before)),
        more => context.console.say(&format!("{more} keys were {}", verb.before)),
    }
    mention_related(&related, context);
    print_after(&keys, keyring.as_ref(), Operation::List, context)?;
    Ok(Exit::Done)
}
