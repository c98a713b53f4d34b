//! The files that are generated from the command line: completion scripts and manual pages.

use super::{Shell, help::TOPICS, whole};
use clap::builder::Resettable;
use std::io;

/// Writes the completion script of a shell to `out`.
///
/// # Errors
/// Returns the error of `out` if the script cannot be written.
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

/// The release date of this version, which is printed in the footer of the manual pages. With the build date, the same
/// source would not always produce the same pages.
const DATE: &str = "2026-11-26";

/// Renders the manual pages of keywright and of every subcommand, including nested ones. Returns the file name and the
/// roff text of each page.
///
/// # Errors
/// Returns an error if a page cannot be rendered.
pub fn manual() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = whole();
    command.build();
    let mut pages = Vec::new();
    render("keywright", &command, &mut pages)?;
    Ok(pages)
}

fn render(name: &str, command: &clap::Command, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    // The generator would put the text that follows the options into a section named EXTRA, without line breaks.
    let named = command
        .clone()
        .name(name.to_owned())
        .display_name(name)
        .after_help(Resettable::Reset)
        .version(Resettable::Reset);
    let source = concat!("keywright ", env!("CARGO_PKG_VERSION"));
    let mut page = Vec::new();
    let man = clap_mangen::Man::new(named).title(name.to_uppercase()).date(DATE).source(source).manual("keywright");
    man.render(&mut page)?;
    let page = String::from_utf8(page).map_err(io::Error::other)?;
    // The generator separates paragraphs with an empty line between two breaks, which causes a mandoc warning.
    let page = page.replace(".br\n\n.br\n", ".sp\n");
    let mut page: String = page.lines().flat_map(|line| [line.trim_end(), "\n"]).collect();
    if let Some(text) = command.get_after_help() {
        page += &after_help(&text.to_string());
    }
    if name == "keywright" {
        page.extend(TOPICS.map(|(_, text)| topic(text)));
    }
    pages.push((format!("{name}.1"), page.into_bytes()));
    for sub in command.get_subcommands() {
        render(&format!("{name}-{}", sub.get_name()), sub, pages)?;
    }
    Ok(())
}

/// Returns the NOTES and EXAMPLES sections of a page, built from the text that follows the options in `--help`.
fn after_help(text: &str) -> String {
    let (mut notes, mut examples) = (Vec::new(), String::new());
    for paragraph in text.split("\n\n") {
        match paragraph.strip_prefix("Examples:\n") {
            Some(lines) => {
                let lines: Vec<String> = lines.lines().map(|line| escape(line.trim_start())).collect();
                examples = format!(".SH EXAMPLES\n.nf\n{}\n.fi\n", lines.join("\n"));
            }
            None => notes.push(escape(paragraph)),
        }
    }
    if notes.is_empty() {
        return examples;
    }
    format!(".SH NOTES\n{}\n{examples}", notes.join("\n.PP\n"))
}

/// Returns the section of a page for a topic of `help`, whose first line is the heading.
fn topic(text: &str) -> String {
    let (heading, rest) = text.trim_ascii_end().split_once("\n\n").unwrap_or((text, ""));
    let paragraphs: Vec<String> = rest.split("\n\n").map(escape).collect();
    format!(".SH \"{}\"\n{}\n", escape(&heading.to_uppercase()), paragraphs.join("\n.PP\n"))
}

/// Escapes a line of text for roff.
fn escape(line: &str) -> String {
    let escaped = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    if escaped.starts_with('.') { format!("\\&{escaped}") } else { escaped }
}
