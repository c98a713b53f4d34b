//! The options of `init`.

use super::values::parse_uuid;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `init`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright init
  keywright init --keyring a.db --org-id 0b1f7f7e-5d5e-4a52-8b0e-2f6f0e0f4a11
  keywright init --keyring ./kalshi.db --contract kalshi")]
pub struct Init {
    /// Contract of the keyring: default, kalshi, polynode, yativo, imtegrate, or a contract file
    #[arg(long, value_name = "NAME|FILE", value_hint = ValueHint::FilePath)]
    pub contract: Option<PathBuf>,
    /// Id of the organization [default: a random one]
    #[arg(long, value_name = "UUID", value_parser = parse_uuid)]
    pub org_id: Option<uuid::Uuid>,
    /// If the keyring already exists, leave it unchanged and report success; warn if it differs from the options
    #[arg(long)]
    pub if_not_exists: bool,
    /// Show what would be created, but create nothing
    #[arg(long)]
    pub dry_run: bool,
}
