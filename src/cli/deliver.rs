//! The options of `generate` and `rotate` that say what is generated and where its secret goes.

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

impl Deliver {
    /// For one key of a type, whose secret or whose facts are printed in a format.
    ///
    /// # Errors
    /// `usage`.
    pub fn refuse_contradictions(&self, key_type: KeyType, format: Format) -> Result<()> {
        self.refuse_of_type(key_type)?;
        let to_stdout = self.out.is_none() && self.command.is_empty();
        refuse_first(&[
            (
                to_stdout && matches!(format, Format::Csv | Format::Id),
                "standard output carries one thing, and here that is the secret",
                "add --out FILE or -- COMMAND, or use --format json",
            ),
            (
                to_stdout && format.is_json() && self.secret_format != SecretFormat::Raw,
                "--format json and --secret-format both shape what is printed",
                "leave one of them out, or add --out FILE",
            ),
        ])
    }

    /// For keys of a type, however many.
    ///
    /// # Errors
    /// `usage`.
    pub fn refuse_of_type(&self, key_type: KeyType) -> Result<()> {
        let rsa = key_type == KeyType::Rsa;
        // `rotate` has no `--type`: a successor is what its key is.
        let make_rsa = "leave it out, or make an RSA key with `generate --type rsa`";
        let make_token = "leave it out, or make a token with `generate --type token`";
        refuse_first(&[
            (!rsa && self.bits.is_some(), "--bits is for RSA keys", make_rsa),
            (!rsa && self.pem.is_some(), "--pem is for RSA keys", make_rsa),
            (!rsa && self.public_out.is_some(), "--public-out is for RSA keys", make_rsa),
            (rsa && self.prefix.is_some(), "--prefix is for tokens and pairs", make_token),
        ])
    }
}
