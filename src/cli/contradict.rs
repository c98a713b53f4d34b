//! What options say against each other that clap cannot know: it takes the type of a key, or the words of several options.

use super::{Deliver, Rotate};
use crate::{
    error::{Code, Error, Result},
    key::{KeyType, Overlap},
    output::{Format, SecretFormat},
};

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

/// Refuses the first contradiction that holds, with the way out of it.
fn refuse_first(contradictions: &[(bool, &str, &str)]) -> Result<()> {
    match contradictions.iter().find(|(holds, ..)| *holds) {
        Some((_, problem, hint)) => Err(Error::new(Code::Usage, *problem, *hint)),
        None => Ok(()),
    }
}
