//! `whoami`: shows the key that a secret belongs to.

use super::Context;
use crate::{
    cli::Whoami,
    contract::Operation,
    error::{Exit, Result},
    input,
    proof::identify,
};
use std::path::Path;

pub(super) fn run(args: &Whoami, context: &Context) -> Result<Exit> {
    let keyring = context.open()?;
    let secret = input::read_secret(args.token_file.as_deref().unwrap_or(Path::new("-")), context.console)?;
    let key = identify(keyring.as_ref(), &secret, context.now())?;
    context.print_one(&key, keyring.as_ref(), Operation::Show)?;
    Ok(Exit::Done)
}
