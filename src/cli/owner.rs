//! The options of `owner`.

use crate::key::{Owner, UsageLevel};
use clap::{Args, Subcommand};

/// `owner`.
#[derive(Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "Examples:
  keywright owner set acme --usage-level premier
  keywright owner show acme
  keywright owner list --format json"
)]
pub struct Owners {
    /// What to do.
    #[command(subcommand)]
    pub command: OwnersCommand,
}

/// The subcommands of `owner`.
#[derive(Subcommand)]
pub enum OwnersCommand {
    /// Say what an owner is entitled to
    Set {
        /// The owner, as keys have it
        #[arg(value_name = "NAME")]
        name: Owner,
        /// The usage level, in the service's own words
        #[arg(long, value_name = "LEVEL")]
        usage_level: UsageLevel,
        /// Say what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// List the owners that were set
    List,
    /// Show one owner
    Show {
        /// The owner
        #[arg(value_name = "NAME")]
        name: Owner,
    },
}

impl OwnersCommand {
    /// Its name, as the audit log records it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Set { .. } => "owner set",
            Self::List => "owner list",
            Self::Show { .. } => "owner show",
        }
    }
}
