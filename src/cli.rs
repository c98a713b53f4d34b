//! The definition of the command line, its parser, and the generated completion scripts and manual pages.
//!
//! The options of each command are in a file with the same name as the module in [`command`](crate::command) that runs
//! the command. Options that several commands share are in separate files.

mod activate;
mod audit;
mod backup;
mod check;
mod complete;
mod completions;
mod conflicts;
mod create;
mod deliver;
mod describe;
mod exchange;
mod export;
mod filter;
mod generate;
mod given;
mod help;
mod import;
mod init;
mod key_or_secret;
mod list;
mod man;
mod manual;
mod other_words;
mod output_format;
mod owner;
mod parse;
mod policy;
mod purge;
mod require;
mod restore;
mod revoke;
mod rotate;
mod show;
mod sign;
mod status;
mod suspend;
mod update;
mod values;
mod verify;
mod verify_request;
mod words;

pub use activate::Activate;
pub use audit::{Audit, AuditCommand};
pub use backup::Backup;
pub use check::Check;
pub use complete::{Completes, Values, complete};
pub use completions::{Completions, Shell};
pub use create::Create;
pub use deliver::Deliver;
pub use describe::{Describe, DescribeChange, DescribeImported, DescribeSuccessor};
pub use exchange::Exchange;
pub use export::Export;
pub use filter::Filter;
pub use generate::Generate;
pub use given::Given;
pub use help::{Help, help, help_pages};
pub use import::Import;
pub use init::Init;
pub use key_or_secret::KeyOrSecret;
pub use list::List;
pub use man::Man;
pub use manual::{manual, manual_pages};
pub use other_words::nearest;
pub use output_format::OutputFormat;
pub use owner::{Owners, OwnersCommand};
pub use parse::{Stop, keyring_variable, parse};
pub use policy::{Policy, PolicyCommand};
pub use purge::Purge;
pub use require::Require;
pub use restore::Restore;
pub use revoke::Revoke;
pub use rotate::Rotate;
pub use show::Show;
pub use sign::Sign;
pub use status::ShowStatus;
pub use suspend::{Disable, Enable, Suspend};
pub use update::Update;
pub use values::{MOST_KEYS, field_of_heading};
pub use verify::Verify;
pub use verify_request::VerifyRequest;

use crate::{
    key::{Field, Time},
    output::ColorChoice,
};
use clap::{ArgMatches, Args, FromArgMatches, ValueHint, error::ErrorKind};
use std::{ffi::OsString, path::PathBuf};
use words::{COLORS, FORMATS, words};

/// A group of subcommands in the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Issue,
    Inspect,
    Verify,
    Change,
    Manage,
}

impl Group {
    const ALL: [Self; 5] = [Self::Issue, Self::Inspect, Self::Verify, Self::Change, Self::Manage];

    /// Returns the heading of the group.
    const fn heading(self) -> &'static str {
        match self {
            Self::Issue => "Issue",
            Self::Inspect => "Inspect",
            Self::Verify => "Verify",
            Self::Change => "Change",
            Self::Manage => "Manage",
        }
    }
}

/// The parsed command line.
pub struct Cli {
    /// The options that all commands share.
    pub global: Global,
    /// The command and its own options.
    pub command: Command,
}

/// The options that all commands share.
#[derive(Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user's data directory]
    #[arg(long, global = true, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub keyring: Option<PathBuf>,
    /// Output format
    #[arg(long, global = true, value_name = "FORMAT", default_value = "table", value_parser = words(&FORMATS))]
    pub format: OutputFormat,
    /// Print only these fields, in this order; an unknown field is refused with a list of the fields
    #[arg(long, global = true, value_name = "NAME,NAME", value_delimiter = ',')]
    pub fields: Vec<String>,
    /// Do not show long tables in a pager
    #[arg(long, global = true)]
    pub no_pager: bool,
    /// Print only errors and prompts to standard error
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Control when color is used; `NO_COLOR` disables color unless WHEN is `always`
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", value_parser = words(&COLORS))]
    pub color: ColorChoice,
    /// Answer yes to all confirmation prompts
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Use TIME as the current time, for tests; the audit log records that the clock was set
    #[arg(long, global = true, value_name = "TIME", hide = true)]
    pub now: Option<Time>,
}

/// Generates the enum of the subcommands, a method that returns their names, and the functions that build and parse
/// them.
macro_rules! commands {
    ($($(#[doc = $doc:literal])+ $variant:ident($args:ty), $name:literal $(or $alias:literal)? in $group:ident $(with $own:ident)?;)*) => {
        /// A subcommand with its options.
        pub enum Command {
            $($(#[doc = $doc])+ $variant($args),)*
        }

        impl Command {
            /// Returns the name of the command, as the audit log records it.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(commands!(@pattern $variant args $($own)?) => commands!(@name $name args $($own)?),)*
                }
            }

            fn from_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
                match matches.subcommand() {
                    $(Some(($name, matches)) => <$args>::from_arg_matches(matches).map(Self::$variant),)*
                    _ => Err(clap::Error::new(ErrorKind::MissingSubcommand)),
                }
            }
        }

        /// The subcommands in the order of the help: the group, the name and the summary of each.
        const COMMANDS: &[(Group, &str, &str)] = &[$((Group::$group, $name, concat!($($doc),+).trim_ascii_start())),*];

        /// Adds the subcommands for which `wanted` returns `true`, with all their options. If `others` is `true`, also
        /// adds the remaining subcommands, without their options.
        fn add_commands(mut whole: clap::Command, wanted: &dyn Fn(&str) -> bool, others: bool) -> clap::Command {
            $(
                let named = wanted($name) $(|| wanted($alias))?;
                if named || others {
                    let mut command = clap::Command::new($name);
                    if named {
                        command = <$args>::augment_args(command);
                    }
                    whole = whole.subcommand(
                        command.about(concat!($($doc),+).trim_start()).long_about(None)$(.visible_alias($alias))?,
                    );
                }
            )*
            whole
        }
    };
    (@pattern $variant:ident $args:ident) => { Self::$variant(_) };
    (@pattern $variant:ident $args:ident $own:ident) => { Self::$variant($args) };
    (@name $name:literal $args:ident) => { $name };
    (@name $name:literal $args:ident $own:ident) => { $args.$own.name() };
}

commands! {
    /// Generate keys and deliver the secrets to standard output, a file or a command
    Generate(Box<Generate>), "generate" in Issue;
    /// Register a public key whose private key stays with its holder
    Create(Box<Create>), "create" in Issue;
    /// Replace keys with new ones that have the same description, and end the old keys
    Rotate(Box<Rotate>), "rotate" in Issue;
    /// Activate pending keys, given their secrets
    Activate(Activate), "activate" in Issue;
    /// Exchange a pair or an assertion for a short-lived bearer token
    Exchange(Exchange), "exchange" in Issue;
    /// List keys; use --all to include ended keys
    List(Box<List>), "list" or "ls" in Inspect;
    /// Show one key; `show -` shows the key that a secret belongs to
    Show(Show), "show" in Inspect;
    /// Show which keyring is in use, and what is in it
    Status(ShowStatus), "status" in Inspect;
    /// Print the audit log, or verify that it was not altered
    Audit(Box<Audit>), "audit" in Inspect;
    /// Report expiring and unused keys, damage, and unsafe file modes
    Check(Check), "check" in Inspect;
    /// Verify a secret; the exit status is 0 if it is valid and 1 if not
    Verify(Box<Verify>), "verify" in Verify;
    /// Verify a signed request, and show the key that signed it
    VerifyRequest(Box<VerifyRequest>), "verify-request" in Verify;
    /// Sign a request with a private key; no keyring is needed
    Sign(Box<Sign>), "sign" in Verify;
    /// Export keys or a revocation list for verification elsewhere
    Export(Box<Export>), "export" in Verify;
    /// Change the fields of a key, such as its name, owner or scopes
    Update(Box<Update>), "update" in Change;
    /// Suspend keys until they are enabled again
    Disable(Box<Disable>), "disable" in Change;
    /// Enable disabled keys
    Enable(Box<Enable>), "enable" in Change;
    /// Revoke keys permanently
    Revoke(Box<Revoke>), "revoke" in Change;
    /// Delete ended keys; their audit rows remain
    Purge(Box<Purge>), "purge" in Change;
    /// Create a keyring (`generate`, `create` and `import` create one if needed)
    Init(Init), "init" in Manage;
    /// Show or change the rules for new keys
    Policy(Policy), "policy" in Manage with command;
    /// Show or set the usage levels of owners
    Owner(Owners), "owner" in Manage with command;
    /// Back up the keyring to a new file, even while the keyring is in use
    Backup(Backup), "backup" in Manage;
    /// Restore a backup; in an existing keyring, keys that have ended since stay ended
    Restore(Restore), "restore" in Manage;
    /// Import keys from another keyring, another system, or files
    Import(Box<Import>), "import" in Manage;
    /// Print the completion script for a shell
    Completions(Completions), "completions" in Manage;
    /// Print a manual page
    Man(Man), "man" in Manage;
    /// Show the help of a command, or a page about a topic
    Help(Help), "help" in Manage;
}

/// Returns the definition of the command line with all subcommands and all their options.
#[must_use]
pub fn whole() -> clap::Command {
    add_commands(top(), &|_| true, true)
}

/// Returns the option with which a command sets a field, such as `--scope`, or `None` if there is no such command or
/// option.
#[must_use]
pub fn option_of(command: &str, field: Field) -> Option<String> {
    let line = known(&[command.into()]);
    let argument = line.find_subcommand(command)?.get_arguments().find(|argument| argument.get_id() == field.word())?;
    argument.get_long().map(|name| format!("--{name}"))
}

/// Returns the definition of the command line with only the subcommands whose names are among the arguments.
///
/// The result parses valid arguments like the complete command line, but its errors and its help are incomplete.
fn called(arguments: &[OsString]) -> clap::Command {
    add_commands(top(), &|name| is_among(name, arguments), false)
}

/// Returns the definition of the command line with all subcommands, but with options only for those whose names are
/// among the arguments.
///
/// The result produces the same errors and the same help as the complete command line.
fn known(arguments: &[OsString]) -> clap::Command {
    add_commands(top(), &|name| is_among(name, arguments), true)
}

fn is_among(name: &str, arguments: &[OsString]) -> bool {
    arguments.iter().any(|argument| argument == name)
}

fn top() -> clap::Command {
    Global::augment_args(clap::Command::new("keywright"))
        .version(env!("CARGO_PKG_VERSION"))
        .about("An API-key authority: issue, register, rotate, verify and revoke the keys of your service, offline")
        .long_about(None)
        .help_template(help::overview())
        .disable_help_subcommand(true)
        .max_term_width(110)
        .subcommand_required(true)
        .arg_required_else_help(true)
}

impl Command {
    /// Removes `--out -`, which means standard output as in other programs.
    fn read_dash_as_stdout(&mut self) {
        let out = match self {
            Self::Generate(args) => &mut args.deliver.out,
            Self::Rotate(args) => &mut args.deliver.out,
            Self::Exchange(args) => &mut args.out,
            Self::Export(args) => &mut args.out,
            _ => return,
        };
        out.take_if(|path| path.as_os_str() == "-");
    }
}

impl Cli {
    fn from_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self { global: Global::from_arg_matches(matches)?, command: Command::from_matches(matches)? })
    }
}
