//! The command line as data: every option, already parsed into the types of the domain. Nothing here does anything.

mod assets;
mod describe;
mod keep;
mod parse;
mod words;

pub use assets::{completions, manual};
pub use describe::{Describe, Given};
pub use keep::{Owners, OwnersCommand, Policy, PolicyCommand};
pub use parse::{Stop, parse};

use crate::{
    key::{
        Env, KeyType, LabelFilter, Note, Owner, Period, Reference, RevocationReason, Scope, Status, Time, TokenPrefix,
    },
    keypair::{Bits, PemKind, PrimeSearch},
    keyring::Sort,
    output::{ColorChoice, Format, SecretFormat},
};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use std::{ffi::OsString, path::PathBuf};
use words::{
    BITS, COLORS, ENVS, FORMATS, PEMS, PRIME_SEARCHES, REASONS, SECRET_FORMATS, STATUSES, TYPES, parse_sort, words,
};

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

/// `init`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright init
  keywright init --keyring ./acme.db --org-id 0b1f7f7e-5d5e-4a52-8b0e-2f6f0e0f4a11
  keywright init --keyring ./kalshi.db --contract kalshi")]
pub struct Init {
    /// What the keys are: default, kalshi, polynode, yativo, imtegrate, or a contract file
    #[arg(long, value_name = "NAME|FILE", value_hint = ValueHint::FilePath)]
    pub contract: Option<PathBuf>,
    /// The organisation's id, where it has one already [default: a new one]
    #[arg(long, value_name = "UUID")]
    pub org_id: Option<uuid::Uuid>,
    /// Say what would be made, and make nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `generate`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright generate --name ci > ci.pem
  keywright generate --name web --type token --env live --expires 90d --out web.token
  keywright generate --name gh --type token --scope deploy -- gh secret set API_TOKEN")]
pub struct Generate {
    /// Who and what.
    #[command(flatten)]
    pub describe: Describe,
    /// The kind of key [default: the contract's first, which is rsa where there is no other contract]
    #[arg(short = 't', long = "type", value_name = "TYPE", value_parser = words(&TYPES), help_heading = "Make")]
    pub key_type: Option<KeyType>,
    /// Size of the RSA modulus [default: 3072, or the contract's least if that is more]
    #[arg(long, value_name = "BITS", value_parser = words(&BITS), help_heading = "Make")]
    pub bits: Option<Bits>,
    /// The arithmetic that searches for RSA primes; for tests of the one that this processor would not take
    #[arg(long, value_name = "WHICH", default_value = "auto", value_parser = words(&PRIME_SEARCHES), hide = true)]
    pub prime_search: PrimeSearch,
    /// What tokens and the public halves of pairs begin with [default: the contract's, or kw]
    #[arg(long, value_name = "PREFIX", help_heading = "Make")]
    pub prefix: Option<TokenPrefix>,
    /// If a key of this name and environment is there, show it and make none
    #[arg(long, help_heading = "Make")]
    pub if_not_exists: bool,
    /// Say what would be made, and make nothing
    #[arg(long, help_heading = "Make")]
    pub dry_run: bool,
    /// Write the secret to a new file with mode 0600; never overwrites
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "command", help_heading = "Deliver the secret")]
    pub out: Option<PathBuf>,
    /// How the secret is written: alone, as a .env file, as a Kubernetes Secret, or as JSON
    #[arg(long, value_name = "FORMAT", default_value = "raw", value_parser = words(&SECRET_FORMATS), help_heading = "Deliver the secret")]
    pub secret_format: SecretFormat,
    /// The PEM of an RSA private key: PKCS#8 (RFC 5958) or PKCS#1 (RFC 8017) [default: the contract's, or pkcs8]
    #[arg(long, value_name = "KIND", value_parser = words(&PEMS), help_heading = "Deliver the secret")]
    pub pem: Option<PemKind>,
    /// Also write the public key to a new file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Deliver the secret")]
    pub public_out: Option<PathBuf>,
    /// Hand the secret to this command on its standard input
    #[arg(last = true, value_name = "COMMAND", help_heading = "Deliver the secret", value_hint = ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
}

/// `create`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright create --name partner --public-key partner.pem
  openssl pkey -in holder.pem -pubout | keywright create --name holder --owner acme --public-key -
  keywright create --name ssh --public-key id_rsa.pub --format id")]
pub struct Create {
    /// Who and what.
    #[command(flatten)]
    pub describe: Describe,
    /// The public key, `-` for standard input: SPKI or PKCS#1 in PEM or DER, an ssh-rsa line, or an RSA JWK
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub public_key: PathBuf,
    /// Take the key out of an X.509 certificate; nothing else in it is looked at
    #[arg(long)]
    pub from_cert: bool,
    /// Say what would be registered, and register nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `activate`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright activate crashed --private-key crashed.pem
  keywright activate gh --private-key - < gh.token")]
pub struct Activate {
    /// The pending key
    #[arg(value_name = "KEY")]
    pub key: Reference,
    /// The file with its secret, whatever its type; `-` for standard input
    #[arg(long, visible_alias = "secret", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub private_key: PathBuf,
    /// Check the proof, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Which keys, for `list` and `revoke`.
#[derive(Args)]
#[command(next_help_heading = "Which keys")]
pub struct Filter {
    /// Of this type; repeat for more
    #[arg(short = 't', long = "type", value_name = "TYPE", value_parser = words(&TYPES))]
    pub types: Vec<KeyType>,
    /// Of this environment; repeat for both
    #[arg(short, long = "env", value_name = "ENV", value_parser = words(&ENVS))]
    pub envs: Vec<Env>,
    /// With this scope; all of them if repeated
    #[arg(short, long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<Scope>,
    /// Held by
    #[arg(long, value_name = "OWNER")]
    pub owner: Option<Owner>,
    /// With a name that matches: * ? [abc]
    #[arg(short, long, value_name = "GLOB")]
    pub name: Option<String>,
    /// With this label; all of them if repeated
    #[arg(long = "label", value_name = "KEY[=VALUE]")]
    pub labels: Vec<LabelFilter>,
    /// That expire within a time from now
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub expiring_within: Option<Period>,
    /// Not used for so long; a key that was never used counts from its making
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub unused_for: Option<Period>,
    /// Never used
    #[arg(long)]
    pub never_used: bool,
}

impl Filter {
    /// Whether no condition is set.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.types.is_empty()
            && self.envs.is_empty()
            && self.scopes.is_empty()
            && self.owner.is_none()
            && self.name.is_none()
            && self.labels.is_empty()
            && self.expiring_within.is_none()
            && self.unused_for.is_none()
            && !self.never_used
    }
}

/// `list`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright list --env live --expiring-within 30d
  keywright list --owner acme --format json
  keywright list --all --sort -expires_at --limit 20")]
pub struct List {
    /// Conditions.
    #[command(flatten)]
    pub filter: Filter,
    /// With this status; repeat for more
    #[arg(long = "status", value_name = "STATUS", value_parser = words(&STATUSES), help_heading = "Which keys")]
    pub statuses: Vec<Status>,
    /// Those that are over too
    #[arg(short, long, conflicts_with = "statuses", help_heading = "Which keys")]
    pub all: bool,
    /// Order by a field; with a minus in front, largest first [default: newest first]
    #[arg(long, value_name = "[-]FIELD", allow_hyphen_values = true, value_parser = parse_sort)]
    pub sort: Option<Sort>,
    /// At most so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
    /// Continue after this key, in the same order
    #[arg(long, value_name = "KEY")]
    pub after: Option<Reference>,
}

/// `show`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright show ci --format json
  keywright show - < found.token")]
pub struct Show {
    /// The key; `-` for a secret on standard input
    #[arg(value_name = "KEY")]
    pub key: Target,
}

/// A KEY, or `-` for the secret of one on standard input.
#[derive(Clone, Debug)]
pub enum Target {
    /// Named.
    Key(Reference),
    /// By its secret.
    Secret,
}

impl std::str::FromStr for Target {
    type Err = crate::error::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "-" {
            Ok(Self::Secret)
        } else {
            text.parse().map(Self::Key)
        }
    }
}

/// `revoke`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright revoke ci --reason superseded
  keywright revoke - --reason key-compromise --yes < leaked.token
  keywright revoke --owner acme --unused-for 90d --dry-run")]
pub struct Revoke {
    /// The keys; `-` for a leaked secret on standard input
    #[arg(value_name = "KEY")]
    pub keys: Vec<Target>,
    /// Conditions, instead of KEYs.
    #[command(flatten)]
    pub filter: Filter,
    /// Why (RFC 5280, section 5.3.1)
    #[arg(long, value_name = "REASON", default_value = "unspecified", value_parser = words(&REASONS), help_heading = "Revocation")]
    pub reason: RevocationReason,
    /// A remark on the revocation
    #[arg(long, value_name = "TEXT", help_heading = "Revocation")]
    pub note: Option<Note>,
    /// From then on: a time from now
    #[arg(
        long = "in",
        value_name = "DURATION",
        conflicts_with = "at",
        allow_hyphen_values = true,
        help_heading = "Revocation"
    )]
    pub delay: Option<Period>,
    /// From then on: a date or an RFC 3339 time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Revocation")]
    pub at: Option<Time>,
    /// Say what would be revoked, and revoke nothing
    #[arg(long, help_heading = "Revocation")]
    pub dry_run: bool,
}

/// `completions`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright completions bash > keywright.bash
  keywright completions zsh > _keywright")]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// The shells that have completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU bash.
    Bash,
    /// Z shell.
    Zsh,
    /// fish.
    Fish,
    /// `PowerShell`.
    Powershell,
    /// Elvish.
    Elvish,
}

/// `man`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright man > keywright.1
  keywright man generate > keywright-generate.1")]
pub struct Man {
    /// The command [default: keywright itself]
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
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
