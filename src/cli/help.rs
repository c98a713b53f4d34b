//! The options of `help`, the overview of the commands, and the pages about topics.

use super::{COMMANDS, Group, other_words, whole};
use crate::{
    error::{Code, Error, Result},
    output::terminal_width,
};
use clap::{Arg, Args, builder::PossibleValue};

/// The options of `help`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright help rotate
  keywright help exit-codes
  keywright help --all")]
pub struct Help {
    /// Command or topic to explain; omit it for an overview
    #[arg(value_name = "COMMAND|TOPIC")]
    pub words: Vec<String>,
    /// Summarize every command in one line
    #[arg(long, conflicts_with = "words")]
    pub all: bool,
}

/// The topics, each with its page. Each paragraph is one line, which clap wraps to the width of the terminal.
pub(super) const TOPICS: [(&str, &str); 5] = [
    ("environment", include_str!("help/environment.txt")),
    ("exit-codes", include_str!("help/exit-codes.txt")),
    ("formats", include_str!("help/formats.txt")),
    ("key-references", include_str!("help/key-references.txt")),
    ("scripting", include_str!("help/scripting.txt")),
];

/// The options that every command has.
const GLOBAL: &str = "Global: --keyring, --format, --fields, --no-pager, --color, --quiet, --yes";

/// Returns the text with line breaks between words where a line would be wider than the terminal. The text must be ASCII.
/// The lines after the first are indented by `indent` spaces.
fn wrapped(text: &str, indent: usize) -> String {
    wrapped_at(terminal_width().unwrap_or(usize::MAX), text, indent)
}

fn wrapped_at(limit: usize, text: &str, indent: usize) -> String {
    // The spaces before the first word and the columns between words are kept.
    let mut words = text.split(' ');
    let mut out = words.next().unwrap_or_default().to_owned();
    let mut width = out.len();
    for word in words {
        if !word.is_empty() && width > indent && width + 1 + word.len() > limit {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            width = indent;
        } else {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += word.len();
    }
    out
}

/// Returns the template of the help for the whole program: the commands in their groups, on one screen.
pub(super) fn overview() -> String {
    let groups: String = Group::ALL.into_iter().map(line).collect();
    format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}\n\
         First steps:\n  \
           keywright generate --name web --type token --out web.token\n  \
           keywright list\n  \
           keywright verify --token-file web.token\n\n\
         {}\n\n{}\n{}",
        wrapped(GLOBAL, 2),
        wrapped("Run `keywright help COMMAND` to see the options of a command, or", 0)
            + "\n"
            + &wrapped("`keywright help --all` for a summary of every command. Topics of the help:", 0),
        wrapped(&format!("{}.", topics()), 2),
    )
}

/// Returns the line of a group in the overview.
fn line(group: Group) -> String {
    let names: Vec<&str> = in_group(group).map(|(name, _)| name).collect();
    wrapped(&format!("  {:<9}{}", group.heading(), names.join(", ")), 11) + "\n"
}

/// Returns the names of the topics.
fn topics() -> String {
    TOPICS.map(|(topic, _)| topic).join(", ")
}

/// Returns the names and the summaries of the commands in a group.
pub(super) fn in_group(group: Group) -> impl Iterator<Item = (&'static str, &'static str)> {
    COMMANDS.iter().filter(move |(other, ..)| *other == group).map(|(_, name, summary)| (*name, *summary))
}

/// Returns the text that `help` prints.
///
/// # Errors
/// Returns `usage` if there is no such command or topic.
pub fn help(args: &Help) -> Result<String> {
    let [first, rest @ ..] = args.words.as_slice() else {
        return Ok(if args.all { summaries() } else { whole().render_help().ansi().to_string() });
    };
    if let Some((_, page)) = TOPICS.iter().find(|(topic, _)| topic == first && rest.is_empty()) {
        let page = clap::Command::new("help").max_term_width(110).help_template("{about}").about(page.trim_ascii_end());
        return Ok(page.clone().render_help().ansi().to_string() + "\n");
    }
    let words: Vec<&str> = args.words.iter().map(String::as_str).collect();
    page(&words, false).ok_or_else(|| {
        let pages: Vec<String> = help_pages().collect();
        let hint = match other_words::nearest(&words.join(" "), pages.iter().map(String::as_str)) {
            Some(page) => format!("did you mean `keywright help {page}`?"),
            None => format!("run `keywright help` to see the commands; the topics are {}", topics()),
        };
        Error::new(Code::Usage, format!("there is no command or topic `{}`", args.words.join(" ")), hint)
    })
}

/// Returns the help of the command that the words name, or `None` if there is no such command. The brief help leaves out
/// the options that are rarely used.
pub(super) fn page(words: &[&str], is_brief: bool) -> Option<String> {
    let is_global = |argument: &Arg| argument.get_help_heading() == Some("Global options");
    let mut command = whole().mut_args(|argument| if is_global(&argument) { argument.hide(true) } else { argument });
    command.build();
    let mut found = &mut command;
    for word in words {
        found = found.find_subcommand_mut(word)?;
    }
    let is_rare = |argument: &Arg| argument.is_hide_short_help_set() && !argument.is_hide_set();
    let more = if is_brief && found.get_arguments().any(is_rare) {
        wrapped(&format!("Other options: see `keywright {} --help`", words.join(" ")), 2) + "\n"
    } else {
        String::new()
    };
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{{all-args}}\n\n{more}{}{{after-help}}",
        wrapped(GLOBAL, 2)
    );
    let mut shown = found.clone().help_template(template).mut_args(|argument| match argument.get_id().as_str() {
        "help" => argument.hide(true),
        _ if is_brief => argument,
        _ => with_described_values(argument).hide_short_help(false),
    });
    Some(shown.render_help().ansi().to_string())
}

/// Adds the meaning of each possible value to the help of an argument.
fn with_described_values(argument: Arg) -> Arg {
    let described = |value: PossibleValue| Some(format!("{} ({})", value.get_name(), value.get_help()?));
    let values: Vec<String> = argument.get_possible_values().into_iter().filter_map(described).collect();
    match argument.get_help() {
        Some(help) if !values.is_empty() => {
            let help = format!("{help} [possible values: {}]", values.join(", "));
            argument.help(help).hide_possible_values(true)
        }
        _ => argument,
    }
}

/// Returns the names of the commands and topics that `help` explains.
pub fn help_pages() -> impl Iterator<Item = String> {
    let commands = COMMANDS.iter().map(|(_, name, _)| *name);
    commands.chain(TOPICS.map(|(topic, _)| topic)).map(str::to_owned)
}

/// Returns a sentence for each command, in their groups.
fn summaries() -> String {
    let group = |group: Group| {
        let commands = in_group(group).map(|(name, summary)| clap::Command::new(name).about(summary));
        let mut list = clap::Command::new("keywright")
            .disable_help_subcommand(true)
            .max_term_width(110)
            .help_template("{subcommands}")
            .subcommands(commands);
        format!("{}:\n{}\n", group.heading(), list.render_help().ansi())
    };
    Group::ALL.map(group).join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::words::FORMATS, error::Exit};

    /// Returns the words before the colons in a topic.
    fn terms(topic: &str) -> Vec<&'static str> {
        let page = TOPICS.iter().find(|(name, _)| *name == topic).unwrap().1;
        page.lines().filter_map(|line| line.split_once(": ")).map(|(term, _)| term).collect()
    }

    #[test]
    fn a_line_breaks_between_words_and_keeps_its_columns() {
        let line = "  Issue    generate, create, rotate";
        assert_eq!(wrapped_at(usize::MAX, line, 11), line);
        assert_eq!(wrapped_at(35, line, 11), line);
        assert_eq!(wrapped_at(34, line, 11), "  Issue    generate, create,\n           rotate");
        assert_eq!(wrapped_at(5, "a-long-word and", 2), "a-long-word\n  and");
        assert!(overview().contains("\n  Issue    generate, "), "{}", overview());
    }

    #[test]
    fn the_topics_list_every_format_and_every_exit_status() {
        assert_eq!(terms("formats")[..6], FORMATS.map(|(_, word, _)| word));
        assert_eq!(terms("exit-codes"), Exit::ALL.map(|status| (status as u8).to_string()));
    }
}
