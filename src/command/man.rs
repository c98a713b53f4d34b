//! `man`: prints a manual page as roff, or writes all of them.

use crate::{
    cli::{self, Man},
    error::{Code, Error, Exit, Result},
    files::{Access, Replacement, Undo, make_directory},
    output,
};

pub(super) fn run(args: &Man) -> Result<Exit> {
    let pages = cli::manual().map_err(|e| Error::internal("could not generate the manual page").because(e))?;
    if let Some(directory) = &args.out_dir {
        let directory = make_directory(directory, false)?;
        for (name, page) in &pages {
            let mut file = Replacement::begin(&directory.join(name), Access::Public, &Undo::new())?;
            file.write(page)?;
            file.finish()?;
        }
        return Ok(Exit::Done);
    }
    let wanted = args.command.as_ref().map_or_else(|| "keywright.1".to_owned(), |name| format!("keywright-{name}.1"));
    let page = pages.iter().find(|(name, _)| *name == wanted).ok_or_else(|| {
        let names: Vec<String> = cli::manual_pages().collect();
        let hint = format!("choose one of {}", names.join(", "));
        Error::new(Code::Usage, "there is no manual page for this command", hint)
    })?;
    output::write(&page.1)?;
    Ok(Exit::Done)
}
