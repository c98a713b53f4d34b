//! `generate` and `create`: how keys come in.

use super::{
    Describe,
    words::{BITS, PEMS, PRIME_SEARCHES, SECRET_FORMATS, TYPES, words},
};
use crate::{
    key::{KeyType, TokenPrefix},
    keypair::{Bits, PemKind, PrimeSearch},
    output::SecretFormat,
};
use clap::{Args, ValueHint};
use std::{ffi::OsString, path::PathBuf};

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
