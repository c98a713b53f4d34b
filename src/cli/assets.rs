//! What is generated from the command line: completion scripts and manual pages.

use super::{Cli, Shell};
use clap::CommandFactory;
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
    let mut command = Cli::command();
    command.set_bin_name("keywright");
    command.build();
    generator.try_generate(&command, out)
}

/// The manual pages: file name and roff text of keywright itself and of every subcommand.
///
/// # Errors
/// When a page cannot be rendered.
pub fn manual() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = Cli::command();
    command.build();
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let mut pages = Vec::new();
    let mut render = |name: String, command: clap::Command| -> io::Result<()> {
        let mut page = Vec::new();
        clap_mangen::Man::new(command.name(name.clone()))
            .manual("keywright")
            .render(&mut page)?;
        pages.push((format!("{name}.1"), page));
        Ok(())
    };
    render("keywright".to_owned(), command.clone())?;
    for name in names {
        if let Some(sub) = command.find_subcommand(&name) {
            render(
                format!("keywright-{name}"),
                sub.clone().display_name(format!("keywright-{name}")),
            )?;
        }
    }
    Ok(pages)
}
