//! The command line as data: every option, already parsed into the types of the domain. Nothing here does anything.

mod activate;
mod assets;
mod audit;
mod backup;
mod check;
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
mod import;
mod init;
mod key_or_secret;
mod list;
mod man;
mod output_format;
mod owner;
mod parse;
mod policy;
mod purge;
mod restore;
mod revoke;
mod rotate;
mod show;
mod sign;
mod suspend;
mod update;
mod values;
mod verify;
mod verify_request;
mod whoami;
mod words;

pub use activate::Activate;
pub use assets::{completions, manual};
pub use audit::{Audit, AuditCommand};
pub use backup::Backup;
pub use check::Check;
pub use completions::{Completions, Shell};
pub use create::Create;
pub use deliver::Deliver;
pub use describe::Describe;
pub use exchange::Exchange;
pub use export::Export;
pub use filter::Filter;
pub use generate::Generate;
pub use given::Given;
pub use import::Import;
pub use init::Init;
pub use key_or_secret::KeyOrSecret;
pub use list::List;
pub use man::Man;
pub use output_format::OutputFormat;
pub use owner::{Owners, OwnersCommand};
pub use parse::{Stop, parse};
pub use policy::{Policy, PolicyCommand};
pub use purge::Purge;
pub use restore::Restore;
pub use revoke::Revoke;
pub use rotate::Rotate;
pub use show::Show;
pub use sign::Sign;
pub use suspend::{Disable, Enable, Suspend};
pub use update::Update;
pub use values::MOST_KEYS;
pub use verify::Verify;
pub use verify_request::VerifyRequest;
pub use whoami::Whoami;

use crate::{key::Time, output::ColorChoice};
use clap::{ArgMatches, Args, FromArgMatches, ValueHint, error::ErrorKind};
use std::{ffi::OsString, path::PathBuf};
use words::{COLORS, FORMATS, words};

// A paragraph is one line here: clap wraps it to the terminal.
const AFTER: &str = "\
A KEY is a full id, 6 or more of its first characters, an exact name, a fingerprint or 8 or more of its first \
characters, or a prefix as `list` shows it. A fingerprint is SHA-256 over the DER of the SubjectPublicKeyInfo \
(`openssl pkey -pubout -outform DER | sha256sum`), not over the key bits alone.

Exit status: 0 done, 1 the answer is no, 2 wrong usage or input, 3 not found, 4 conflict, 5 refused by policy, \
6 the keyring or the system failed, 130 interrupted.";

/// The command line, parsed.
pub struct Cli {
    /// What holds for every command.
    pub global: Global,
    /// What to do.
    pub command: Command,
}

/// Options of every command.
#[derive(Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// The keyring file [default: keywright/keyring.db in the user's data directory]
    #[arg(long, global = true, env = "KEYWRIGHT_KEYRING", value_name = "PATH", value_hint = ValueHint::FilePath, hide_env_values = true)]
    pub keyring: Option<PathBuf>,
    /// How to print data
    #[arg(long, global = true, value_name = "FORMAT", default_value = "table", value_parser = words(&FORMATS))]
    pub format: OutputFormat,
    /// No talk on standard error but errors; data is printed all the same
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Colour on terminals; `NO_COLOR` is heeded
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", value_parser = words(&COLORS))]
    pub color: ColorChoice,
    /// Answer every question with yes
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Sets the clock, for tests; audit rows tell
    #[arg(long, global = true, value_name = "TIME", hide = true)]
    pub now: Option<Time>,
}

/// The subcommands, each once: the enum, its names, and how much of each is built.
macro_rules! commands {
    ($($(#[doc = $doc:literal])+ $variant:ident($args:ty), $name:literal $(or $alias:literal)? $(with $own:ident)?;)*) => {
        /// The subcommands.
        pub enum Command {
            $($(#[doc = $doc])+ $variant($args),)*
        }

        impl Command {
            /// Its name, as the audit log records it.
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

        /// Adds the subcommands that are wanted, with everything they take, and of the `others` the names.
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
    /// Make the keyring (the first `generate` or `create` does it too)
    Init(Init), "init";
    /// Issue a key; its secret leaves once, to standard output, a new file or a command
    Generate(Box<Generate>), "generate";
    /// Register a public key whose private half somebody else holds
    Create(Box<Create>), "create";
    /// Activate a pending key, by proof that its secret is there
    Activate(Activate), "activate";
    /// List keys; those that are over only with --all or --status
    List(Box<List>), "list" or "ls";
    /// Show one key
    Show(Show), "show";
    /// Say whether a secret is valid; the exit status is 0 or 1
    Verify(Box<Verify>), "verify";
    /// Exchange a pair for a bearer token that lives a while
    Exchange(Exchange), "exchange";
    /// Say which key a secret is of
    Whoami(Whoami), "whoami";
    /// Change what describes a key: name, owner, scopes, expiry, rate limit, labels, note
    Update(Box<Update>), "update";
    /// Suspend keys; `enable` takes it back
    Disable(Box<Disable>), "disable";
    /// Let keys work again that were disabled
    Enable(Box<Enable>), "enable";
    /// Replace a key by a new one with the same facts, and end the old one a while after
    Rotate(Box<Rotate>), "rotate";
    /// Revoke keys, for good
    Revoke(Box<Revoke>), "revoke";
    /// Sign a request with a private key; needs no keyring
    Sign(Box<Sign>), "sign";
    /// Verify a signed request, and say which key signed it and what that may do
    VerifyRequest(Box<VerifyRequest>), "verify-request";
    /// Remove keys that are over; their audit rows stay, and they never come back
    Purge(Box<Purge>), "purge";
    /// Print keys for those who verify elsewhere, or what was revoked
    Export(Box<Export>), "export";
    /// Show and change the rules that new keys come under
    Policy(Policy), "policy" with command;
    /// Say what owners are entitled to
    Owner(Owners), "owner" with command;
    /// Print what was done; `audit verify` checks that nothing of it was changed since
    Audit(Box<Audit>), "audit";
    /// Look for trouble ahead: keys that expire or are unused, damage, file modes
    Check(Check), "check";
    /// Copy the keyring to a new file, while others use it
    Backup(Backup), "backup";
    /// Bring back what a backup has; nothing that ended since comes back with it
    Restore(Restore), "restore";
    /// Take keys over from another keyring, another system, or files
    Import(Box<Import>), "import";
    /// Print the completion script for a shell
    Completions(Completions), "completions";
    /// Print a manual page
    Man(Man), "man";
}

/// The whole command line.
#[must_use]
pub fn whole() -> clap::Command {
    add_commands(top(), &|_| true, true)
}

/// The subcommands that these arguments can be about, and none besides: what they parse into is what the whole command line
/// would make of them, but what is said when they do not parse, or ask for help, is not.
fn called(arguments: &[OsString]) -> clap::Command {
    add_commands(top(), &|name| is_among(name, arguments), false)
}

/// All that a refusal or help can be about: the same, and the names of all others.
fn known(arguments: &[OsString]) -> clap::Command {
    add_commands(top(), &|name| is_among(name, arguments), true)
}

fn is_among(name: &str, arguments: &[OsString]) -> bool {
    arguments.iter().any(|argument| argument == name)
}

fn top() -> clap::Command {
    Global::augment_args(clap::Command::new("keywright"))
        .version(env!("CARGO_PKG_VERSION"))
        .about("An API-key authority: issue, register, rotate, prove and revoke the keys of your service, offline")
        .long_about(None)
        .after_help(AFTER)
        .disable_help_subcommand(true)
        .max_term_width(110)
        .subcommand_required(true)
        .arg_required_else_help(true)
}

impl Cli {
    fn from_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self { global: Global::from_arg_matches(matches)?, command: Command::from_matches(matches)? })
    }
}
