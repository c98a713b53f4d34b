//! The options of `update`.

use super::{
    DescribeChange, KeyOrSecret,
    words::{ENVS, words},
};
use crate::key::Env;
use clap::Args;

/// The options of `update`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright update ci --add-scope deploy --remove-scope admin
  keywright update web --expires 90d --owner acme --label tier=gold
  keywright update db --rate-limit 600/min --no-note --dry-run")]
pub struct Update {
    /// Key to change; `-` for the key whose secret is on standard input
    #[arg(value_name = "KEY")]
    pub key: KeyOrSecret,
    /// Environment of the key, if keys in both environments have the name
    #[arg(short, long, value_name = "ENV", value_parser = words(&ENVS))]
    pub env: Option<Env>,
    /// The change to the description.
    #[command(flatten)]
    pub describe: DescribeChange,
    /// Show what would change, but change nothing
    #[arg(long)]
    pub dry_run: bool,
}
