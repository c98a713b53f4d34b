//! The options of `rotate`.

use super::{
    Deliver, Filter, KeyOrSecret,
    conflicts::refuse_first,
    words::{REASONS, words},
};
use crate::{
    error::Result,
    key::{Overlap, RevocationReason, When},
    output::SecretFormat,
};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `rotate`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright rotate ci --out ci-new.pem
  keywright rotate web --overlap 0 --reason key-compromise -- gh secret set API_TOKEN
  keywright rotate --expiring-within 14d --out-dir renewed")]
pub struct Rotate {
    /// The key; `-` for its secret on standard input
    #[arg(value_name = "KEY")]
    pub key: Option<KeyOrSecret>,
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

impl Rotate {
    /// For one key or many.
    ///
    /// # Errors
    /// `usage`.
    pub fn refuse_contradictions(&self) -> Result<()> {
        let none = self.overlap.is_some_and(Overlap::is_none);
        refuse_first(&[
            (
                self.retire_on_use && none,
                "--retire-on-use is for a key that goes on for a while",
                "leave it out: with --overlap 0 the old key is revoked at once",
            ),
            (
                self.reason.is_some() && !none,
                "--reason is for a key that is revoked",
                "add --overlap 0, or leave it out",
            ),
            (
                self.out_dir.is_none() && !self.filter.is_empty(),
                "conditions are for rotating many keys",
                "add --out-dir DIR, or name one key",
            ),
            (
                self.public_key.is_some() && self.deliver.secret_format != SecretFormat::Raw,
                "--public-key brings no secret to be written",
                "leave --secret-format out",
            ),
        ])
    }
}
