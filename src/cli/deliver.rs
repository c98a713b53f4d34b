//! The options of `generate` and `rotate` that determine the format and the destination of the new secret.

use super::{
    conflicts::refuse_first,
    words::{BITS, PEMS, PRIME_SEARCHES, SECRET_FORMATS, words},
};
use crate::{
    error::Result,
    key::{KeyType, TokenPrefix},
    keypair::{Bits, PemKind, PrimeSearch},
    output::{Format, SecretFormat},
};
use clap::{Args, ValueHint};
use std::{ffi::OsString, path::PathBuf};

/// The options of `generate` and `rotate` that determine the format and the destination of a new secret.
#[derive(Args)]
pub struct Deliver {
    /// Size of the RSA modulus in bits [default: 3072, or the old key's size when rotating; at least the contract's
    /// minimum]
    #[arg(id = "key_bits", long = "bits", value_name = "BITS", value_parser = words(&BITS), help_heading = "Generate", hide_short_help = true)]
    pub bits: Option<Bits>,
    /// Implementation of the search for RSA primes, for tests
    #[arg(long, value_name = "WHICH", default_value = "auto", value_parser = words(&PRIME_SEARCHES), hide = true)]
    pub prime_search: PrimeSearch,
    /// Prefix of tokens and pairs [default: the contract's, otherwise the old key's when rotating, otherwise kw]
    #[arg(long, value_name = "PREFIX", help_heading = "Generate", hide_short_help = true)]
    pub prefix: Option<TokenPrefix>,
    /// Write the secret to a new FILE with mode 0600, and never overwrite a file; `-` for standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "command", help_heading = "Deliver the secret")]
    pub out: Option<PathBuf>,
    /// Format of the secret
    #[arg(long, value_name = "FORMAT", default_value = "raw", value_parser = words(&SECRET_FORMATS), help_heading = "Deliver the secret", hide_short_help = true)]
    pub secret_format: SecretFormat,
    /// PEM format of an RSA private key: PKCS#8 (RFC 5958) or PKCS#1 (RFC 8017) [default: the contract's, or pkcs8]
    #[arg(long, value_name = "KIND", value_parser = words(&PEMS), help_heading = "Deliver the secret", hide_short_help = true)]
    pub pem: Option<PemKind>,
    /// Also write the public key to a new FILE; an existing file is never overwritten
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Deliver the secret", hide_short_help = true)]
    pub public_out: Option<PathBuf>,
    /// Run COMMAND and pass it the secret on standard input, without a line feed after a token or `api_secret`
    #[arg(last = true, value_name = "COMMAND", help_heading = "Deliver the secret", value_hint = ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
}

impl Deliver {
    /// Checks that the options do not conflict when one key of type `key_type` is issued and printed in `format`.
    ///
    /// # Errors
    /// Returns `usage` if an option does not apply to the type, or if two options cannot be combined.
    pub fn refuse_contradictions(&self, key_type: KeyType, format: Format) -> Result<()> {
        self.refuse_of_type(key_type)?;
        let to_stdout = self.out.is_none() && self.command.is_empty();
        refuse_first(&[
            (
                to_stdout && matches!(format, Format::Csv | Format::Id),
                "with --format csv or id, the secret cannot go to standard output",
                "pass --out FILE or -- COMMAND, or use --format json",
            ),
            (
                to_stdout && format.is_json() && self.secret_format != SecretFormat::Raw,
                "--format json and --secret-format cannot be combined when the secret goes to standard output",
                "omit one of the two options, or pass --out FILE",
            ),
        ])
    }

    /// Checks that the options can be used when many keys are issued and printed in `format`.
    ///
    /// # Errors
    /// Returns `usage` if an option is for a single key, or if `format` cannot be printed together with the secrets.
    pub fn refuse_many_contradictions(&self, format: Format) -> Result<()> {
        refuse_first(&[
            (
                !self.command.is_empty(),
                "a command can receive only one secret",
                "write the secrets to a file with --out",
            ),
            (
                self.secret_format != SecretFormat::Raw,
                "--secret-format cannot be used with several keys, because their secrets are always written as JSON, one key per line",
                "omit --secret-format",
            ),
            (
                self.public_out.is_some(),
                "--public-out can be used with only one key",
                "omit --public-out; each line of the output contains the public key",
            ),
            (
                self.out.is_none() && matches!(format, Format::Csv | Format::Id),
                "with --format csv or id, the secrets cannot go to standard output",
                "pass --out FILE, or use --format jsonl",
            ),
        ])
    }

    /// Checks that the options apply to keys of type `key_type`.
    ///
    /// # Errors
    /// Returns `usage` if an option is for keys of another type.
    pub fn refuse_of_type(&self, key_type: KeyType) -> Result<()> {
        let (rsa, has_public) = (key_type == KeyType::Rsa, key_type.is_key_pair());
        // The hints name `generate`, because `rotate` has no `--type`: the new key has the type of the old one.
        let generate_rsa = "omit the option, or generate an RSA key with `keywright generate --type rsa`";
        let generate_token = "omit the option, or generate a token with `keywright generate --type token`";
        refuse_first(&[
            (!rsa && self.bits.is_some(), "--bits applies only to RSA keys", generate_rsa),
            (!rsa && self.pem.is_some(), "--pem applies only to RSA keys", generate_rsa),
            (!has_public && self.public_out.is_some(), "--public-out applies only to key pairs", generate_rsa),
            (has_public && self.prefix.is_some(), "--prefix applies only to tokens and pairs", generate_token),
        ])
    }
}
