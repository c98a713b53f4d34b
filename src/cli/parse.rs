//! Parses the arguments into a [`Cli`], and converts clap errors into errors with a code and a hint.

use super::{Cli, Command, Global, called, help, known, other_words};
use crate::{
    error::{Code, Error},
    key::{contains_secret, excerpt, token},
    output::{ColorChoice, Format},
};
use clap::{
    ArgMatches,
    error::{ContextKind, ContextValue, ErrorKind},
};
use std::{error::Error as _, ffi::OsString, iter, path::PathBuf};

/// A reason not to run a command.
pub enum Stop {
    /// The user requested help or the version. The field is the text to print to standard output.
    Print(String),
    /// No command was given. The field is the usage text to print to standard error.
    Usage(String),
    /// The command line is invalid.
    Refuse {
        /// The error to report.
        error: Error,
        /// The requested format of error messages.
        format: Format,
        /// The requested use of color.
        color: ColorChoice,
        /// The path of the keyring, or `None` if neither the option nor the environment variable is set. The contract
        /// of the keyring may define the format of error messages.
        keyring: Option<PathBuf>,
    },
}

/// Parses the arguments. The first argument is the name of the program.
///
/// # Errors
/// Returns [`Stop`] if there is no command to run.
pub fn parse(arguments: &[OsString]) -> Result<Cli, Stop> {
    let read = |line: clap::Command| {
        line.try_get_matches_from(arguments)
            .and_then(|matches| Ok((Cli::from_matches(&matches)?, secret_argument(&matches))))
    };
    // Build only the options of the called command at first. Building the options of every command would increase the
    // startup time by a third: 1.42 ms instead of 1.06 ms for `--version` (the fastest of 500 runs each). A service
    // that runs `verify` for every request would notice.
    read(called(arguments))
        .or_else(|refusal| match refusal.kind() {
            ErrorKind::DisplayVersion => Err(refusal),
            _ => read(known(arguments)),
        })
        .map_err(|refusal| match refusal.kind() {
            ErrorKind::DisplayHelp => Stop::Print(help_of(&refusal, arguments)),
            ErrorKind::DisplayVersion => Stop::Print(refusal.render().ansi().to_string()),
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Stop::Usage(refusal.render().to_string()),
            _ => {
                // clap returns no option values together with an error, so the arguments are searched for the options
                // that affect how the error is reported. The words after `--` belong to another command.
                let end = arguments.iter().position(|word| word == "--").unwrap_or(arguments.len());
                let own = &arguments[..end];
                let given = |option: &str| {
                    let mut words = own.iter().filter_map(|word| word.to_str());
                    words
                        .find_map(|word| {
                            let rest = word.strip_prefix(option)?;
                            rest.strip_prefix('=').map(str::to_owned).or(rest.is_empty().then(String::new))
                        })
                        .and_then(|value| {
                            if value.is_empty() {
                                let at = own.iter().position(|word| word == option)?;
                                own.get(at + 1)?.to_str().map(str::to_owned)
                            } else {
                                Some(value)
                            }
                        })
                };
                let format = match given("--format").as_deref() {
                    Some("json") => Format::Json,
                    Some("jsonl") => Format::Jsonl,
                    Some("contract") => Format::Contract,
                    _ => Format::Table,
                };
                let color = match given("--color").as_deref() {
                    Some("never") => ColorChoice::Never,
                    Some("always") => ColorChoice::Always,
                    _ => ColorChoice::Auto,
                };
                Stop::Refuse {
                    error: explain(&refusal, arguments),
                    format,
                    color,
                    keyring: given("--keyring").map(PathBuf::from).or_else(keyring_variable),
                }
            }
        })
        .and_then(|(mut cli, secret)| {
            cli.global.keyring = cli.global.keyring.or_else(keyring_variable);
            cli.command.read_dash_as_stdout();
            refuse_secret_argument(cli, secret, arguments)
        })
        .and_then(|cli| refuse_empty_command(cli, arguments))
}

/// Returns the help that the arguments ask for.
fn help_of(refusal: &clap::Error, arguments: &[OsString]) -> String {
    let text = refusal.render();
    let usage = text.to_string();
    let usage = usage.lines().find_map(|line| line.strip_prefix("Usage: ")).unwrap_or_default();
    // The first word is the name under which the program was called.
    let words: Vec<&str> = usage.split(' ').skip(1).take_while(|word| !word.starts_with(['[', '<', '-'])).collect();
    let is_brief = arguments.iter().any(|argument| argument == "-h");
    let page = if words.is_empty() { None } else { help::page(&words, is_brief) };
    page.unwrap_or_else(|| text.ansi().to_string())
}

/// Returns the id of the first argument of a command whose value contains a secret. The value parsers have already refused
/// references to keys that contain one.
fn secret_argument(matches: &ArgMatches) -> Option<String> {
    let is_secret = |value: &&std::ffi::OsStr| contains_secret(&value.to_string_lossy());
    let own = matches.ids().find(|id| {
        matches.try_get_raw(id.as_str()).ok().flatten().is_some_and(|mut values| values.any(|value| is_secret(&value)))
    });
    own.map(ToString::to_string).or_else(|| secret_argument(matches.subcommand()?.1))
}

/// Returns `secret_in_text` if an argument contains a secret. The arguments of a process are visible to other users, and
/// the shell keeps them in its history.
fn refuse_secret_argument(cli: Cli, secret: Option<String>, arguments: &[OsString]) -> Result<Cli, Stop> {
    let Some(id) = secret else { return Ok(cli) };
    let all = known(arguments);
    let commands = all.get_subcommands().flat_map(|command| iter::once(command).chain(command.get_subcommands()));
    let mut known = iter::once(&all).chain(commands).flat_map(clap::Command::get_arguments);
    let name = known.find(|argument| argument.get_id() == id.as_str()).and_then(clap::Arg::get_long);
    let hint = "remove the secret; commands read secrets from a file or from standard input";
    let error = Error::new(Code::SecretInText, "a secret cannot be given as an argument", hint);
    let error = match name {
        Some(name) => error.in_option(&format!("--{name}")),
        None => error,
    };
    let Global { format, color, keyring, .. } = cli.global;
    Err(Stop::Refuse { error, format: format.data(), color, keyring })
}

/// Returns the path in the environment variable `KEYWRIGHT_KEYRING`, or `None` if the variable is unset or empty.
#[must_use]
pub fn keyring_variable() -> Option<PathBuf> {
    std::env::var_os("KEYWRIGHT_KEYRING").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Returns `usage` if nothing follows `--` in a call of `generate` or `rotate`, because a script in which the variable
/// for the command is empty would otherwise print the secret.
fn refuse_empty_command(cli: Cli, arguments: &[OsString]) -> Result<Cli, Stop> {
    let delivers = matches!(cli.command, Command::Generate(_) | Command::Rotate(_));
    if !delivers || arguments.last().is_none_or(|last| last != "--") {
        return Ok(cli);
    }
    let error =
        Error::new(Code::Usage, "no command follows `--`", "after `--`, add the command that receives the secret");
    let Global { format, color, keyring, .. } = cli.global;
    Err(Stop::Refuse { error, format: format.data(), color, keyring })
}

/// Returns the error for a value that starts with a hyphen and follows an option that takes a value, or `None` if the word
/// before `value` is not such an option.
fn hyphen_value(value: &str, command: Option<&str>, arguments: &[OsString]) -> Option<Error> {
    let at =
        arguments.iter().position(|word| word.to_str().is_some_and(|word| word == value || word.starts_with(value)))?;
    let (before, given) = (arguments.get(at.checked_sub(1)?)?.to_str()?, arguments[at].to_str()?);
    let all = known(arguments);
    let command = all.find_subcommand(command?)?;
    let inner = command.get_subcommands().flat_map(clap::Command::get_arguments);
    let mut options = command.get_arguments().chain(inner).chain(all.get_arguments());
    let names = |option: &clap::Arg| {
        let long = option.get_long().map(|long| format!("--{long}"));
        let short = option.get_short().map(|short| format!("-{short}"));
        option
            .get_action()
            .takes_values()
            .then_some(long.clone())
            .flatten()
            .filter(|_| long.as_deref() == Some(before) || short.as_deref() == Some(before))
    };
    let option = options.find_map(names)?;
    let message = format!("the value of {option} starts with a hyphen");
    let simple = given.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/".contains(c)) && !token::looks_secret(given);
    let hint = if simple { format!("write `{option}={given}`") } else { format!("write the value after `{option}=`") };
    Some(Error::new(Code::Usage, &message, hint).detail(&[&option], message, Code::Usage.word()))
}

fn explain(refusal: &clap::Error, arguments: &[OsString]) -> Error {
    let argument = match refusal.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.split_whitespace().next().map(str::to_owned),
        _ => None,
    };
    if let (Some(ContextValue::Strings(words)), Some(ContextValue::String(argument))) =
        (refusal.get(ContextKind::ValidValue), refusal.get(ContextKind::InvalidArg))
        && !words.is_empty()
    {
        let option = argument.split_whitespace().next().unwrap_or_default();
        let given = match refusal.get(ContextKind::InvalidValue) {
            Some(ContextValue::String(given)) if !given.is_empty() && !contains_secret(given) => {
                format!("`{}`", excerpt(given))
            }
            _ => "the given value".to_owned(),
        };
        let problem = format!("{given} is not a valid value for {option}");
        return Error::new(Code::Usage, &problem, format!("choose one of {}", words.join(", "))).detail(
            &[option],
            problem,
            Code::Usage.word(),
        );
    }
    if let Some(own) = refusal.source().and_then(|source| source.downcast_ref::<Error>()) {
        return own.again().in_option(&argument.unwrap_or_default());
    }
    let command = arguments
        .iter()
        .skip(1)
        .filter_map(|word| word.to_str())
        .find(|word| known(&[]).find_subcommand(word).is_some());
    if refusal.kind() == ErrorKind::UnknownArgument
        && let Some(error) = argument.as_deref().and_then(|value| hyphen_value(value, command, arguments))
    {
        return error;
    }
    if let (ErrorKind::InvalidSubcommand, Some(ContextValue::String(word))) =
        (refusal.kind(), refusal.get(ContextKind::InvalidSubcommand))
        && command.is_none()
    {
        let message = format!("there is no command `{}`", excerpt(word));
        return Error::new(Code::Usage, message, other_words::hint(word));
    }
    let text = refusal.render().to_string();
    let mut message = Vec::new();
    let mut tips = Vec::new();
    let all = known(arguments);
    let in_commands = all.get_subcommands().flat_map(clap::Command::get_arguments);
    let hidden: Vec<String> = all
        .get_arguments()
        .chain(in_commands)
        .filter(|argument| argument.is_hide_set())
        .filter_map(|argument| Some(format!("'--{}'", argument.get_long()?)))
        .collect();
    for line in text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:")) {
        let line = line.strip_prefix("error: ").unwrap_or(line);
        match line.strip_prefix("tip: ") {
            // No command takes values that start with a hyphen, and what follows `--` may be a command to run.
            Some(tip) if tip.contains("'-- ") || hidden.iter().any(|name| tip.contains(name)) => {}
            Some(tip) => tips.push(tip.to_owned()),
            None if line.is_empty() || line.starts_with("For more information") => {}
            None => message.push(line),
        }
    }
    if let (ErrorKind::UnknownArgument, Some(command)) = (refusal.kind(), command)
        && argument.as_deref().is_some_and(|argument| !argument.starts_with('-'))
        && let Some(tip) = other_words::stray(command)
    {
        tips = vec![tip.to_owned()];
    }
    if command == Some("update")
        && refusal.kind() == ErrorKind::UnknownArgument
        && message.concat().contains("'--scope")
    {
        tips = vec!["use --add-scope or --remove-scope".to_owned()];
    }
    let help = command.map_or_else(|| "`keywright --help`".to_owned(), |name| format!("`keywright {name} --help`"));
    tips.push(format!("see {help}"));
    // A secret that was given as an argument is already in the shell history, and must not end up in a log as well.
    let mut message = message.join(" ").trim_end_matches(':').to_owned();
    for word in arguments.iter().filter_map(|word| word.to_str()).filter(|word| token::looks_secret(word)) {
        message = message.replace(word, "(a secret)");
    }
    Error::new(Code::Usage, message, tips.join("; "))
}
