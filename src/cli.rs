//! The command line as data: every option, already parsed into the types of the domain. Nothing here does anything.

mod assets;
mod change;
mod describe;
mod issue;
mod keep;
mod look;
mod parse;
mod tools;
mod words;

pub use assets::{completions, manual};
pub use change::{Activate, Revoke};
pub use describe::{Describe, Given};
pub use issue::{Create, Generate};
pub use keep::{Owners, OwnersCommand, Policy, PolicyCommand};
pub use look::{Filter, List, Show, Target};
pub use parse::{Stop, parse};
pub use tools::{Completions, Init, Man, Shell};

use crate::{
    key::Time,
    output::{ColorChoice, Format},
};
use clap::{Args, Parser, Subcommand, ValueHint};
use std::path::PathBuf;
use words::{COLORS, FORMATS, words};

// A paragraph is one line here: clap wraps it to the terminal.
const AFTER: &str = "\
A KEY is a full id, 6 or more of its first characters, an exact name, a fingerprint or 8 or more of its first \
characters, or a prefix as `list` shows it. A fingerprint is SHA-256 over the DER of the SubjectPublicKeyInfo \
(`openssl pkey -pubout -outform DER | sha256sum`), not over the key bits alone.

Exit status: 0 done, 1 the answer is no, 2 wrong usage or input, 3 not found, 4 conflict, 5 refused by policy, \
6 the keyring or the system failed, 130 interrupted.";

/// An API-key authority: issue, register, list and revoke the keys of your service, offline.
#[derive(Parser)]
#[command(name = "keywright", version, after_help = AFTER, disable_help_subcommand = true, max_term_width = 110)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
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
    pub format: Format,
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

/// The subcommands.
#[derive(Subcommand)]
pub enum Command {
    /// Make the keyring (the first `generate` or `create` does it too)
    Init(Init),
    /// Issue a key; its secret leaves once, to standard output, a new file or a command
    Generate(Box<Generate>),
    /// Register a public key whose private half somebody else holds
    Create(Box<Create>),
    /// Activate a pending key, by proof that its secret is there
    Activate(Activate),
    /// List keys; those that are over only with --all or --status
    #[command(visible_alias = "ls")]
    List(Box<List>),
    /// Show one key
    Show(Show),
    /// Revoke keys, for good
    Revoke(Box<Revoke>),
    /// Show and change the rules that new keys come under
    Policy(Policy),
    /// Say what owners are entitled to
    Owner(Owners),
    /// Print the completion script for a shell
    Completions(Completions),
    /// Print a manual page
    Man(Man),
}

impl Command {
    /// Its name, as the audit log records it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Init(_) => "init",
            Self::Generate(_) => "generate",
            Self::Create(_) => "create",
            Self::Activate(_) => "activate",
            Self::List(_) => "list",
            Self::Show(_) => "show",
            Self::Revoke(_) => "revoke",
            Self::Policy(policy) => policy.command.name(),
            Self::Owner(owners) => owners.command.name(),
            Self::Completions(_) => "completions",
            Self::Man(_) => "man",
        }
    }
}
