//! The options of `show`.

use super::{
    KeyOrSecret,
    words::{ENVS, words},
};
use crate::key::Env;
use clap::Args;

/// The options of `show`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright show ci --format json
  keywright show - < found.token")]
pub struct Show {
    /// Key to show; `-` for the key whose secret is on standard input
    #[arg(value_name = "KEY")]
    pub key: KeyOrSecret,
    /// Environment of the key, if keys in both environments have the name
    #[arg(short, long, value_name = "ENV", value_parser = words(&ENVS))]
    pub env: Option<Env>,
}
