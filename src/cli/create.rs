//! The options of `create`.

use super::Describe;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `create`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright create --name partner --public-key partner.pem
  openssl pkey -in holder.pem -pubout | keywright create --name holder --owner acme --public-key -
  keywright create --name ssh --public-key id_rsa.pub --format id")]
pub struct Create {
    /// The public key, `-` for standard input: SPKI or PKCS#1 in PEM or DER, an ssh-rsa line, or an RSA JWK
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub public_key: PathBuf,
    /// Take the key out of an X.509 certificate; nothing else in it is looked at
    #[arg(long)]
    pub from_cert: bool,
    /// Say what would be registered, and register nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Who and what.
    #[command(flatten)]
    pub describe: Describe,
}
