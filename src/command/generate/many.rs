//! `generate --count` and `generate --from`: issues many keys, all or none, and writes their secrets as JSON, one
//! key per line.

use super::{super::Context, plan::GenerationPlan, summary::summary};
use crate::{
    cli::Generate,
    command::{contract::contract_of, destination::Outputs},
    contract::Operation,
    error::{Exit, Result},
    files::Sink,
    issuance::{GeneratedKeys, IssueMany, generate_many, issue_many, refuse_many},
    key::{Key, KeyDocument},
    keyring::{Keys, NewKeys},
    output::{self, Format, IssuedSecret, SecretLines, with_bar},
};
use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
};

pub(super) fn run(args: &Generate, context: &Context) -> Result<Exit> {
    args.deliver.refuse_many_contradictions(context.style.format)?;
    let opened = context.open_existing()?;
    let rules = contract_of(opened.as_deref())?.rules;
    let judged = opened.as_deref().map(Keys::contract).transpose()?.flatten();
    let plan = match (&args.from, args.count) {
        (Some(path), _) => GenerationPlan::listed(args, path, &rules, context)?,
        (None, count) => GenerationPlan::counted(args, count.unwrap_or(1), &rules, context)?,
    };
    let (count, names) = (plan.count(), plan.names()?);
    let drafts = NewKeys { count, key: &|index| plan.draft(index) };
    if args.dry_run {
        if let Some(keyring) = &opened {
            refuse_many(keyring.as_ref(), &rules, drafts, &names, context.now())?;
        }
        context.console.say(&format!("dry run: would generate {}", summary(&plan, &names)));
        return Ok(Exit::Done);
    }
    let Outputs { delivery, .. } = Outputs::prepare(&args.deliver, context)?;
    let mut keyring = match opened {
        Some(keyring) => keyring.check_writable().map(|()| keyring)?,
        None => context.open_or_create()?,
    };
    // There are three steps for each key: it is generated, reserved and written.
    let issue = |steps: &AtomicU64, made: &GeneratedKeys| {
        let key = |index: usize| {
            steps.fetch_add(1, Ordering::Relaxed);
            let (id, material, _) = made.get(index)?;
            plan.key(index, *id, material.clone())
        };
        let keys = NewKeys { count, key: &key };
        let template = context.template(keyring.as_ref(), Operation::Generate)?;
        let org_id = keyring.org_id().to_string();
        let secrets = |sink: Sink<'_>| {
            let mut lines = SecretLines::new(template.as_ref(), sink);
            for index in 0..count {
                let (_, _, secret) = made.get(index).map_err(io::Error::other)?;
                let key = active(keys.key(index).map_err(io::Error::other)?, context);
                let document = KeyDocument { view: &key.view(), org_id: &org_id, now: context.now() };
                lines.add(&IssuedSecret { document, secret })?;
            }
            lines.finish()
        };
        let hint = "run `keywright list` to see the keys; they are active, and their secrets were delivered";
        let errors = context.template(keyring.as_ref(), Operation::Error)?;
        let file = delivery.destination().file().map(ToOwned::to_owned);
        if delivery.is_terminal() {
            context.console.warn("the secrets follow; they will not be shown again");
        }
        let order = IssueMany {
            keys,
            drafts,
            first: made.id(0),
            names: names.clone(),
            contract: judged.as_deref(),
            secrets: &secrets,
            delivery,
            farewell: output::interrupted(context.style.format, errors.as_ref(), hint),
        };
        issue_many(keyring.as_mut(), &context.entry, &context.location, order)?;
        context.console.done(&format!("generated {}", summary(&plan, &names)));
        let place =
            file.as_ref().map_or("went to standard output".to_owned(), |file| format!("are in {}", file.display()));
        context.console.say(&format!("The secrets {place}. They will not be shown again."));
        if file.is_none() || context.style.format == Format::Table {
            return Ok(Exit::Done);
        }
        let active = (0..count).map(|index| Ok(active(keys.key(index)?, context)));
        context.print_each(active, keyring.as_ref()).map(|()| Exit::Done)
    };
    with_bar(context.console, "issuing", (count, 3), |steps| {
        generate_many(count, plan.is_uniform(), |index| plan.spec(index), steps, |made| issue(steps, made))
    })
}

/// Returns the key in its state after activation.
fn active(mut key: Key, context: &Context) -> Key {
    key.lifecycle.activated = Some(context.now());
    key
}
