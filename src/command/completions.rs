//! `completions`: prints the completion script of a shell.

use crate::{
    cli::{self, Completions},
    error::{Error, Exit, Result},
    output,
};

pub(super) fn run(args: &Completions) -> Result<Exit> {
    let mut script = Vec::new();
    cli::completions(args.shell, &mut script)
        .map_err(|e| Error::internal("could not generate the completion script").because(e))?;
    output::write(&script)?;
    Ok(Exit::Done)
}
