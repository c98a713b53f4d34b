//! The options of `policy`.

use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

/// `policy`.
#[derive(Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "Examples:
  keywright policy set expiry.longest 90d
  keywright policy load polynode
  keywright policy show --format json"
)]
pub struct Policy {
    /// What to do.
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// The subcommands of `policy`.
#[derive(Subcommand)]
pub enum PolicyCommand {
    /// Print the rules in force; as JSON, the whole contract
    Show,
    /// Change one rule; keys that are there stay as they are
    Set {
        /// The rule, as `policy show` names it
        #[arg(value_name = "RULE")]
        rule: String,
        /// Its value: a word or JSON; null takes the rule away
        #[arg(value_name = "VALUE", allow_hyphen_values = true)]
        value: String,
        /// Say what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Put the keyring under another contract; keys that are there stay as they are
    Load {
        /// default, kalshi, polynode, yativo, imtegrate, or a contract file
        #[arg(value_name = "NAME|FILE", value_hint = ValueHint::FilePath)]
        contract: PathBuf,
        /// Say what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
}

impl PolicyCommand {
    /// Its name, as the audit log records it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Show => "policy show",
            Self::Set { .. } => "policy set",
            Self::Load { .. } => "policy load",
        }
    }
}
