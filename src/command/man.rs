//! `man`: prints a manual page as roff.

use crate::{
    cli::{self, Man},
    error::{Code, Error, Exit, Result},
    output,
};

pub(super) fn run(args: &Man) -> Result<Exit> {
    let pages = cli::manual().map_err(|e| Error::internal("could not generate the manual page").because(e))?;
    let wanted = args.command.as_ref().map_or_else(|| "keywright.1".to_owned(), |name| format!("keywright-{name}.1"));
    let page = pages.iter().find(|(name, _)| *name == wanted).ok_or_else(|| {
        let names: Vec<_> =
            pages.iter().filter_map(|(name, _)| name.strip_prefix("keywright-")?.strip_suffix(".1")).collect();
        Error::new(
            Code::Usage,
            "there is no manual page for this command",
            format!("choose one of {}", names.join(", ")),
        )
    })?;
    output::write(&page.1)?;
    Ok(Exit::Done)
}
