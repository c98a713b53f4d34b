//! `generate`: generates keys and delivers their secrets.

mod counted;
mod line;
mod listed;
mod many;
mod plan;
mod summary;
mod wanted;

use super::{
    Context,
    contract::contract_of,
    deliver::deliver,
    describe::Request,
    destination::Outputs,
    existing::{existing, keep},
};
use crate::{
    cli::Generate,
    error::{Code, Exit, Result},
    issuance::{KeySpec, Origin, refuse},
    key::Key,
    keyring::{Keyring, Reads},
};
use wanted::wanted;

pub(super) fn run(args: &Generate, context: &Context) -> Result<Exit> {
    if args.count.is_some() || args.from.is_some() {
        return many::run(args, context);
    }
    let opened = context.open_existing()?;
    let rules = &contract_of(opened.as_deref())?.rules;
    let request = Request::from_options(&args.describe);
    let (name, env) = (request.name(rules), request.env(rules));
    let what = KeySpec::new(args.key_type, env, &args.deliver.choices(), rules);
    args.deliver.refuse_contradictions(what.key_type, context.style.format)?;
    let draft = match request.draft(rules, what.placeholder(), context.now()) {
        // Show an existing key even if it breaks the current rules for new keys.
        Err(error) if args.if_not_exists && error.code().exit() == Exit::Refused => {
            return match opened.as_deref().zip(name) {
                Some((keyring, name)) => match existing(args.if_not_exists, rules, &name, env, context, keyring)? {
                    Some(key) => keep(&key, &wanted(args, &key), context, keyring),
                    None => Err(error),
                },
                None => Err(error),
            };
        }
        draft => draft?,
    };
    if args.dry_run {
        return rehearse(args, &draft, opened.as_deref(), context);
    }
    // Look for an existing key before creating the keyring and checking standard output, because there may be no secret
    // to generate. The check in the transaction that issues the key is authoritative.
    if let Some(keyring) = &opened
        && let Some(key) = existing(
            args.if_not_exists,
            rules,
            &draft.description.name,
            draft.description.env,
            context,
            keyring.as_ref(),
        )?
    {
        return keep(&key, &wanted(args, &key), context, keyring.as_ref());
    }
    let outputs = Outputs::prepare(&args.deliver, context)?;
    let mut keyring = match opened {
        Some(keyring) => keyring.check_writable().map(|()| keyring)?,
        None => context.open_or_create()?,
    };
    let (name, env) = (draft.description.name.clone(), draft.description.env);
    match deliver(&what, draft, None, outputs, keyring.as_mut(), context) {
        // Another process issued the key in the meantime.
        Err(error) if error.code() == Code::NameTaken && args.if_not_exists => {
            let other = existing(args.if_not_exists, rules, &name, env, context, keyring.as_ref())?.ok_or(error)?;
            keep(&other, &wanted(args, &other), context, keyring.as_ref())
        }
        delivered => delivered?.report(None, context, keyring.as_ref()).map(|()| Exit::Done),
    }
}

fn rehearse(args: &Generate, draft: &Key, opened: Option<&dyn Keyring>, context: &Context) -> Result<Exit> {
    if let Some(keyring) = opened {
        let rules = contract_of(opened)?.rules;
        if let Some(key) =
            existing(args.if_not_exists, &rules, &draft.description.name, draft.description.env, context, keyring)?
        {
            return keep(&key, &wanted(args, &key), context, keyring);
        }
        refuse(keyring, &rules, draft, Origin::Generated, context.now())?;
    }
    context.rehearse(draft, opened.map(Reads::org_id), &format!("generate a {}", draft.view().kind()))
}
