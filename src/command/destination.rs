//! Prepares the destinations that are named in the options of `generate` and `rotate`.

use super::Context;
use crate::{
    cli::Deliver,
    delivery::{CommandOutput, Delivery, Destination},
    error::Result,
    files::{Access, NewFile},
    issuance::KeyChoices,
    output::{Format, SecretFormat},
};
use std::path::PathBuf;

/// The checked destinations of the secret of a new key and, if it is written to a separate file, of the public key.
pub(super) struct Outputs {
    pub(super) delivery: Delivery,
    pub(super) public: Option<NewFile>,
    pub(super) format: SecretFormat,
}

impl Deliver {
    /// Returns the choices in the options that affect how the key is generated.
    pub(super) fn choices(&self) -> KeyChoices {
        KeyChoices { prefix: self.prefix.clone(), bits: self.bits, pem: self.pem, prime_search: self.prime_search }
    }

    fn destination(&self, format: Format) -> Destination {
        if let Some(path) = &self.out {
            return Destination::File(path.clone());
        }
        if self.command.is_empty() {
            return Destination::Stdout;
        }
        // Standard output carries at most one document. Table format prints no document, so the command may use
        // standard output.
        let output = if format == Format::Table { CommandOutput::Inherit } else { CommandOutput::Stderr };
        Destination::Command { argv: self.command.clone(), output }
    }
}

impl Outputs {
    /// Checks and prepares the destinations that the options name.
    pub(super) fn prepare(options: &Deliver, context: &Context) -> Result<Self> {
        options.out.iter().chain(&options.public_out).try_for_each(|path| context.location.refuse_own(path))?;
        Ok(Self {
            delivery: Delivery::prepare(options.destination(context.style.format))?,
            public: options.public_out.as_deref().map(|path| NewFile::prepare(path, Access::Public)).transpose()?,
            format: options.secret_format,
        })
    }

    /// Checks that a secret can be written to a new file at `path`, and returns the file as the only destination.
    pub(super) fn file(path: PathBuf, format: SecretFormat) -> Result<Self> {
        Ok(Self { delivery: Delivery::prepare(Destination::File(path))?, public: None, format })
    }
}
