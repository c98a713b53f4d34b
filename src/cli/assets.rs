//! What is generated from the command line: completion scripts and manual pages.

use super::{Shell, whole};
use std::io;

/// Writes the completion script of a shell.
///
/// # Errors
/// When it cannot be written.
pub fn completions(shell: Shell, out: &mut dyn io::Write) -> io::Result<()> {
    use clap_complete::{Generator, Shell as Clap};
    let generator = match shell {
        Shell::Bash => Clap::Bash,
        Shell::Zsh => Clap::Zsh,
        Shell::Fish => Clap::Fish,
        Shell::Powershell => Clap::PowerShell,
        Shell::Elvish => Clap::Elvish,
    };
    let mut command = whole();
    command.set_bin_name("keywright");
    command.build();
    generator.try_generate(&command, out)
}

/// The manual pages: file name and roff text of keywright itself and of every subcommand, those below others too.
///
/// # Errors
/// When a page cannot be rendered.
pub fn manual() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = whole();
    command.build();
    let mut pages = Vec::new();
    render("keywright", &command, &mut pages)?;
    Ok(pages)
}

fn render(name: &str, command: &clap::Command, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    let mut page = Vec::new();
    let named = command.clone().name(name.to_owned()).display_name(name);
    clap_mangen::Man::new(named).manual("keywright").render(&mut page)?;
    pages.push((format!("{name}.1"), page));
    for sub in command.get_subcommands() {
        render(&format!("{name}-{}", sub.get_name()), sub, pages)?;
    }
    Ok(())
}
