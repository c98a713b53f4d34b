//! The options of `rotate`.

use super::{
    Deliver, DescribeSuccessor, Filter, KeyOrSecret,
    conflicts::refuse_first,
    words::{REASONS, words},
};
use crate::{
    error::Result,
    key::{Overlap, RevocationReason},
    output::SecretFormat,
};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `rotate`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright rotate ci --out ci-new.pem
  keywright rotate web --overlap 0 -- gh secret set API_TOKEN
  keywright rotate --expiring-within 14d --out-dir renewed")]
pub struct Rotate {
    /// Key to replace; `-` for the key whose secret is on standard input
    #[arg(value_name = "KEY")]
    pub key: Option<KeyOrSecret>,
    /// Time for which the old key stays valid; 0 revokes it at once [default: 24h]
    #[arg(
        id = "handover",
        long = "overlap",
        value_name = "DURATION",
        allow_hyphen_values = true,
        help_heading = "Old key"
    )]
    pub overlap: Option<Overlap>,
    /// End the old key when the new key is first used or when the overlap ends, whichever is earlier
    #[arg(long, help_heading = "Old key", hide_short_help = true)]
    pub retire_on_use: bool,
    /// Reason for revoking the old key, with --overlap 0 [default: superseded]
    #[arg(long, value_name = "REASON", value_parser = words(&REASONS), help_heading = "Old key")]
    pub reason: Option<RevocationReason>,
    /// The description of the new key.
    #[command(flatten)]
    pub describe: DescribeSuccessor,
    /// Register the public key in FILE as the new key instead of generating one; `-` for standard input
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["out_dir", "out", "command", "public_out", "key_bits", "pem", "prefix"],
        help_heading = "Generate", hide_short_help = true)]
    pub public_key: Option<PathBuf>,
    /// Read the public key from an X.509 certificate; the rest of the certificate is ignored
    #[arg(long, requires = "public_key", help_heading = "Generate", hide_short_help = true)]
    pub from_cert: bool,
    /// Show what would be rotated, but change nothing
    #[arg(long, help_heading = "Generate")]
    pub dry_run: bool,
    /// The format and the destination of the secret.
    #[command(flatten)]
    pub deliver: Deliver,
    /// Rotate all selected keys, and write each secret to a new file with mode 0600 in DIR; if interrupted, run the
    /// same command again to continue
    #[arg(
        long,
        value_name = "DIR",
        value_hint = ValueHint::DirPath,
        requires = "expiring_within",
        conflicts_with_all = ["key", "out", "command", "public_out"],
        help_heading = "Deliver the secret"
    )]
    pub out_dir: Option<PathBuf>,
    /// The filter that selects the keys for `--out-dir`. If a key is given instead, the filter may contain only an
    /// environment, and no more than one.
    #[command(flatten)]
    pub filter: Filter,
}

impl Rotate {
    /// Checks that the options do not conflict.
    ///
    /// # Errors
    /// Returns `usage` if two options cannot be combined.
    pub fn refuse_contradictions(&self) -> Result<()> {
        let none = self.overlap.is_some_and(Overlap::is_none);
        refuse_first(&[
            (
                self.retire_on_use && none,
                "--retire-on-use requires an overlap",
                "omit --retire-on-use, because --overlap 0 revokes the old key immediately",
            ),
            (
                self.reason.is_some() && !none,
                "--reason requires --overlap 0; with an overlap, the old key expires and is not revoked",
                "add --overlap 0, or omit --reason",
            ),
            (
                self.out_dir.is_none() && !self.filter.is_empty() && self.filter.only_env().is_none(),
                "filters can be used only with --out-dir",
                "add --out-dir DIR and --expiring-within DURATION, or name one key instead of the filters",
            ),
            (
                self.public_key.is_some() && self.deliver.secret_format != SecretFormat::Raw,
                "--secret-format cannot be used with --public-key, because no secret is generated",
                "omit --secret-format",
            ),
        ])
    }
}
