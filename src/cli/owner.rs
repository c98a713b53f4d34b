//! The options of `owner`.

use crate::key::{Owner, UsageLevel};
use clap::{Args, Subcommand};

/// The options of `owner`.
#[derive(Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "Examples:
  keywright owner set acme --usage-level premier
  keywright owner show acme
  keywright owner list --format json"
)]
pub struct Owners {
    /// The subcommand.
    #[command(subcommand)]
    pub command: OwnersCommand,
}

/// The subcommands of `owner`.
#[derive(Subcommand)]
pub enum OwnersCommand {
    /// Set the usage level of an owner
    Set {
        /// Owner, as in the `owner` field of keys
        #[arg(value_name = "NAME")]
        name: Owner,
        /// Usage level, as defined by the service
        #[arg(long, value_name = "LEVEL")]
        usage_level: UsageLevel,
        /// Show what would change, but change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// List the owners that have a usage level
    List,
    /// Show the usage level of an owner
    Show {
        /// Owner to show
        #[arg(value_name = "NAME")]
        name: Owner,
    },
}

impl OwnersCommand {
    /// Returns the name under which the audit log records the command.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Set { .. } => "owner set",
            Self::List => "owner list",
            Self::Show { .. } => "owner show",
        }
    }
}
