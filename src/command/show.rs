//! `show`: shows one key.

use super::{Context, find::find_target};
use crate::{
    cli::Show,
    contract::Operation,
    error::{Exit, Result},
};

pub(super) fn run(args: &Show, context: &Context) -> Result<Exit> {
    let keyring = context.open()?;
    let key = find_target(keyring.as_ref(), &args.key, context)?;
    context.print_one(&key, keyring.as_ref(), Operation::Show)?;
    Ok(Exit::Done)
}
