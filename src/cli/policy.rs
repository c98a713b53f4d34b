//! The options of `policy`.

use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

/// The options of `policy`.
#[derive(Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "Examples:
  keywright policy set expiry.longest 90d
  keywright policy load polynode
  keywright policy show --format json"
)]
pub struct Policy {
    /// The subcommand.
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// The subcommands of `policy`.
#[derive(Subcommand)]
pub enum PolicyCommand {
    /// Print the rules in force; with --format json, print the complete contract
    Show,
    /// Change one rule; existing keys do not change
    Set {
        /// Name of the rule, as `policy show` prints it
        #[arg(value_name = "RULE")]
        rule: String,
        /// New value: a word or JSON; null restores the default
        #[arg(value_name = "VALUE", allow_hyphen_values = true)]
        value: String,
        /// Show what would change, but change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Replace the contract of the keyring; existing keys do not change
    Load {
        /// Built-in contract (default, kalshi, polynode, yativo, imtegrate) or contract file
        #[arg(value_name = "NAME|FILE", value_hint = ValueHint::FilePath)]
        contract: PathBuf,
        /// Show what would change, but change nothing
        #[arg(long)]
        dry_run: bool,
    },
}

impl PolicyCommand {
    /// Returns the name under which the audit log records the command.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Show => "policy show",
            Self::Set { .. } => "policy set",
            Self::Load { .. } => "policy load",
        }
    }
}
