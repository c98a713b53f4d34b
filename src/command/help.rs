//! `help`: shows the help of a command, or a page about a topic.

use crate::{
    cli::{self, Help},
    error::{Exit, Result},
    output,
};

pub(super) fn run(args: &Help) -> Result<Exit> {
    output::write(output::for_stdout(&cli::help(args)?).as_bytes())?;
    Ok(Exit::Done)
}
