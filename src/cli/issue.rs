//! `generate`, `rotate` and `create`: how keys come in.

use super::{
    Describe, Filter, Target,
    words::{BITS, PEMS, PRIME_SEARCHES, REASONS, SECRET_FORMATS, TYPES, parse_count, words},
};
use crate::{
    key::{KeyType, Overlap, RevocationReason, TokenPrefix, When},
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
    /// If a key of this name and environment is there, show it and make none
    #[arg(long, help_heading = "Make")]
    pub if_not_exists: bool,
    /// Issue so many keys, all or none, named NAME-1 and so on; their secrets leave as JSON, one key a line
    #[arg(
        long,
        value_name = "N",
        value_parser = parse_count,
        conflicts_with_all = ["if_not_exists", "from"],
        help_heading = "Make"
    )]
    pub count: Option<usize>,
    /// Issue the keys that a file describes, all or none, one JSON object a line; `-` for standard input
    #[arg(
        long,
        value_name = "FILE.jsonl",
        value_hint = ValueHint::FilePath,
        conflicts_with = "if_not_exists",
        help_heading = "Make"
    )]
    pub from: Option<PathBuf>,
    /// Say what would be made, and make nothing
    #[arg(long, help_heading = "Make")]
    pub dry_run: bool,
    /// What is made, and where its secret goes.
    #[command(flatten)]
    pub deliver: Deliver,
}

/// What is made, and where its secret goes: for `generate` and `rotate`.
#[derive(Args)]
pub struct Deliver {
    /// Size of the RSA modulus [default: 3072, or the contract's least if that is more; of a successor, as before]
    #[arg(long, value_name = "BITS", value_parser = words(&BITS), help_heading = "Make")]
    pub bits: Option<Bits>,
    /// The arithmetic that searches for RSA primes; for tests of the one that this processor would not take
    #[arg(long, value_name = "WHICH", default_value = "auto", value_parser = words(&PRIME_SEARCHES), hide = true)]
    pub prime_search: PrimeSearch,
    /// What tokens and the public halves of pairs begin with [default: the contract's, or kw; of a successor, as before]
    #[arg(long, value_name = "PREFIX", help_heading = "Make")]
    pub prefix: Option<TokenPrefix>,
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

/// `rotate`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright rotate ci --out ci-new.pem
  keywright rotate web --overlap 0 --reason key-compromise -- gh secret set API_TOKEN
  keywright rotate --expiring-within 14d --out-dir renewed")]
pub struct Rotate {
    /// The key; `-` for its secret on standard input
    #[arg(value_name = "KEY")]
    pub key: Option<Target>,
    /// How long the old key still works, counted from the delivery of the new secret; 0: it is revoked at once [default: 24h]
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, help_heading = "The old key")]
    pub overlap: Option<Overlap>,
    /// End the old key as soon as the new one is first used, if that is before the overlap is over
    #[arg(long, help_heading = "The old key")]
    pub retire_on_use: bool,
    /// Why the old key is revoked, with --overlap 0 [default: superseded]
    #[arg(long, value_name = "REASON", value_parser = words(&REASONS), help_heading = "The old key")]
    pub reason: Option<RevocationReason>,
    /// When the new key ends: 90d, 1y, 2027-01-31, RFC 3339, or never [default: it lives as long as the old one was to]
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true, help_heading = "Make")]
    pub expires: Option<When>,
    /// Take over with this public key, whose private half somebody else holds; `-` for standard input
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["out_dir", "out", "command", "public_out", "bits", "pem", "prefix"],
        help_heading = "Make"
    )]
    pub public_key: Option<PathBuf>,
    /// Take the public key out of an X.509 certificate; nothing else in it is looked at
    #[arg(long, requires = "public_key", help_heading = "Make")]
    pub from_cert: bool,
    /// Say what would be done, and do nothing
    #[arg(long, help_heading = "Make")]
    pub dry_run: bool,
    /// What is made, and where its secret goes.
    #[command(flatten)]
    pub deliver: Deliver,
    /// Rotate every active key that expires soon, and write each secret to a new file in this directory, with mode 0600;
    /// run again after whatever happened, it goes on where it was
    #[arg(
        long,
        value_name = "DIR",
        value_hint = ValueHint::DirPath,
        requires = "expiring_within",
        conflicts_with_all = ["key", "out", "command", "public_out"],
        help_heading = "Deliver the secret"
    )]
    pub out_dir: Option<PathBuf>,
    /// Which of them, with --out-dir.
    #[command(flatten)]
    pub filter: Filter,
}
