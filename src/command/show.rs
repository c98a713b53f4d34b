//! `show`: shows one key.

use super::{Context, chain::mention_related, find::find_target};
use crate::{
    cli::Show,
    contract::Operation,
    error::{Exit, Result},
    keyring::{Resolved, rotation_chain},
};

pub(super) fn run(args: &Show, context: &Context) -> Result<Exit> {
    let keyring = context.open()?;
    let Resolved { key, by_name } = find_target(keyring.as_ref(), &args.key, args.env, context)?;
    context.print_one(&key, keyring.as_ref(), Operation::Show)?;
    if by_name {
        let mut related = rotation_chain(keyring.as_ref(), &key, context.now())?;
        related.retain(|other| !other.lifecycle.status(context.now()).has_ended());
        mention_related(&related, context);
    }
    Ok(Exit::Done)
}
