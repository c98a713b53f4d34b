//! The options of `create`.

use super::Describe;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `create`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright create --name partner --public-key partner.pem
  openssl pkey -in ci.pem -pubout | keywright create --name ci --public-key -
  keywright create --name ssh --public-key id_rsa.pub --format id")]
pub struct Create {
    /// Read the public key from FILE: SPKI in PEM or DER, PKCS#1, an SSH key line, or a JWK; `-` for standard input
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub public_key: PathBuf,
    /// Read the public key from an X.509 certificate; the rest of the certificate is ignored
    #[arg(long)]
    pub from_cert: bool,
    /// If a key with this name already exists, show it instead; warn if it differs from the options
    #[arg(long)]
    pub if_not_exists: bool,
    /// Show what would be registered, but register nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The description of the key.
    #[command(flatten)]
    pub describe: Describe,
}
