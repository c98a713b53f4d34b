//! The manual pages, which are generated from the command line.

use super::{
    COMMANDS,
    help::{TOPICS, in_group},
    whole,
};
use clap::{Arg, ArgAction, builder::Resettable};
use std::io;

/// The release date of this version, which is printed in the footer of the manual pages. With the build date, the same
/// source would not always produce the same pages.
const DATE: &str = "2026-11-26";

/// The topics of `help` that are sections of every page, each with the heading of the section.
const EVERYWHERE: [(&str, &str); 2] = [("exit-codes", "EXIT STATUS"), ("environment", "ENVIRONMENT")];

/// The section about files, in the format of a topic of `help`.
const FILES: &str = "\
keywright/keyring.db: the default keyring, in your data directory, which is `~/.local/share` unless XDG_DATA_HOME is set.

KEYRING.schema-N.backup: the copy of a keyring that was made before an upgrade from schema N.";

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

/// Returns the commands that [`manual`] has a page for, such as `policy-set`.
pub fn manual_pages() -> impl Iterator<Item = String> {
    let top = whole();
    let names = |command: &clap::Command| {
        let name = command.get_name();
        let nested = command.get_subcommands().map(|sub| format!("{name}-{}", sub.get_name()));
        std::iter::once(name.to_owned()).chain(nested).collect::<Vec<_>>()
    };
    top.get_subcommands().flat_map(names).collect::<Vec<_>>().into_iter()
}

/// Renders the page of a command and the pages of its subcommands.
fn render(name: &str, command: &clap::Command, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    // The generator would put the text that follows the options into a section named EXTRA, without line breaks.
    let named = command
        .clone()
        .name(name.to_owned())
        .display_name(name)
        .after_help(Resettable::Reset)
        .version(Resettable::Reset)
        // The generator would print such an option without its description.
        .mut_args(|argument| argument.hide_short_help(false));
    let source = concat!("keywright ", env!("CARGO_PKG_VERSION"));
    let man = clap_mangen::Man::new(named).title(name.to_uppercase()).date(DATE).source(source).manual("keywright");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    page.extend(synopsis(command).into_bytes());
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let page = String::from_utf8(page).map_err(io::Error::other)?;
    // The generator separates paragraphs with an empty line between two breaks, which causes a mandoc warning.
    let page = page.replace(".br\n\n.br\n", ".sp\n");
    // Every part that the generator renders begins with the same definition, which one part would need.
    let (definition, rest) = page.split_at(page.find(".TH ").unwrap_or_default());
    let page = format!("{definition}{}", rest.replace(definition, ""));
    let mut page: String = page.lines().flat_map(|line| [line.trim_end(), "\n"]).collect();
    if let Some(text) = command.get_after_help() {
        page += &after_help(&text.to_string());
    }
    let topics = TOPICS.map(|(topic, text)| (topic, text.trim_ascii_end().split_once("\n\n").unwrap_or((text, ""))));
    for (topic, (title, text)) in topics {
        if name == "keywright" && !EVERYWHERE.iter().any(|(other, _)| *other == topic) {
            page += &section(&title.to_uppercase(), text);
        }
    }
    for (wanted, heading) in EVERYWHERE {
        page.extend(topics.iter().filter(|(topic, _)| *topic == wanted).map(|(_, (_, text))| section(heading, text)));
    }
    page += &section("FILES", FILES);
    page += &see_also(name, command);
    pages.push((format!("{name}.1"), page.into_bytes()));
    for sub in command.get_subcommands() {
        render(&format!("{name}-{}", sub.get_name()), sub, pages)?;
    }
    Ok(())
}

/// Returns the SYNOPSIS section: the options and arguments in the order of the help, with their values.
fn synopsis(command: &clap::Command) -> String {
    let is_own = |arg: &&Arg| !arg.is_hide_set() && arg.get_help_heading() != Some("Global options");
    let is_help = |arg: &&Arg| arg.get_id() == "help" || arg.get_id() == "version";
    let own: Vec<&Arg> = command.get_arguments().filter(is_own).filter(|arg| !is_help(arg)).collect();
    let (options, positionals): (Vec<_>, Vec<_>) = own.into_iter().partition(|arg| !arg.is_positional());
    let mut words = vec![bold(command.get_bin_name().unwrap_or("keywright"))];
    words.extend(options.into_iter().map(option));
    words.extend(positionals.into_iter().map(positional));
    if command.has_subcommands() {
        words.push(if command.is_subcommand_required_set() { italic("COMMAND") } else { optional(&italic("COMMAND")) });
    }
    // An option and its value stay on one line.
    let words: Vec<String> = words.into_iter().map(|word| word.replace(' ', "\\ ")).collect();
    format!(".SH SYNOPSIS\n.ad l\n.nh\n{}\n.hy\n.ad b\n", words.join("\n"))
}

/// An ellipsis that roff does not take for the end of a sentence.
const REPEATED: &str = "...\\&";

fn option(arg: &Arg) -> String {
    let name = match (arg.get_short(), arg.get_long()) {
        (Some(short), Some(long)) => format!("{}|{}", bold(&format!("-{short}")), bold(&format!("--{long}"))),
        (_, long) => bold(&format!("--{}", long.unwrap_or_default())),
    };
    let value = if arg.get_action().takes_values() { format!(" {}", value(arg)) } else { String::new() };
    let repeated = if matches!(arg.get_action(), ArgAction::Append) { REPEATED } else { "" };
    let option = format!("{name}{value}");
    if arg.is_required_set() { option + repeated } else { optional(&option) + repeated }
}

fn positional(arg: &Arg) -> String {
    let dashes = if arg.is_last_set() { format!("{} ", bold("--")) } else { String::new() };
    let is_repeated = arg.get_num_args().is_some_and(|number| number.max_values() > 1);
    let repeated = if is_repeated { REPEATED } else { "" };
    let positional = format!("{dashes}{}{repeated}", value(arg));
    if arg.is_required_set() { positional } else { optional(&positional) }
}

fn value(arg: &Arg) -> String {
    let names: Vec<&str> = arg.get_value_names().unwrap_or_default().iter().map(clap::builder::Str::as_str).collect();
    italic(&names.join(" "))
}

fn optional(text: &str) -> String {
    format!("[{text}]")
}

fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", escape(text))
}

fn italic(text: &str) -> String {
    format!("\\fI{}\\fR", escape(text))
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

/// Returns a section of a page. A paragraph that begins with a term and a colon becomes an item of a list.
fn section(heading: &str, text: &str) -> String {
    let paragraph = |paragraph: &str| match paragraph.split_once(": ") {
        Some((term, rest)) if is_list(term) => format!(".TP\n{}\n{}\n", bold(term), escape(rest)),
        _ => format!(".PP\n{}\n", escape(paragraph)),
    };
    let paragraphs: Vec<String> = text.split("\n\n").map(paragraph).collect();
    // A paragraph macro directly after a heading has no effect, and mandoc warns about it.
    let text = paragraphs.concat();
    let text = text.strip_prefix(".PP\n").unwrap_or(&text);
    format!(".SH \"{}\"\n{text}", escape(heading))
}

/// Returns `true` for a single word or for several words that are separated by commas.
fn is_list(term: &str) -> bool {
    term.split(", ").all(|word| !word.contains([' ', '`']))
}

/// Returns the SEE ALSO section: the page of the program, those of the other commands in the group, and those of the
/// subcommands.
fn see_also(name: &str, command: &clap::Command) -> String {
    let first = name.strip_prefix("keywright-").unwrap_or_default();
    let group = COMMANDS.iter().find(|(_, other, _)| first == *other || first.starts_with(&format!("{other}-")));
    let related =
        group.into_iter().flat_map(|(group, ..)| in_group(*group)).map(|(other, _)| format!("keywright-{other}"));
    let subcommands = command.get_subcommands().map(|sub| format!("{name}-{}", sub.get_name()));
    let pages = std::iter::once("keywright".to_owned()).chain(related).chain(subcommands);
    let references: Vec<String> = pages.filter(|page| page != name).map(|page| format!("{}(1)", bold(&page))).collect();
    format!(".SH \"SEE ALSO\"\n{}\n", references.join(",\n"))
}

/// Escapes a line of text for roff.
fn escape(line: &str) -> String {
    let escaped = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    if escaped.starts_with('.') { format!("\\&{escaped}") } else { escaped }
}
