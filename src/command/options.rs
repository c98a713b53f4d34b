//! Names the options in errors about fields.
//!
//! The modules that `command` calls report errors about fields. This module replaces the field in such an error with the
//! option that sets it.

use crate::{cli::option_of, error::Error, key::Field};

/// Returns the error with each field replaced by the option with which the command sets that field, if there is one.
pub(super) fn in_options(error: Error, command: &str) -> Error {
    error.with_options(|word| {
        let field = word.parse().ok()?;
        option_of(command, field).or_else(|| match field {
            // The size of a registered key is the size of its public key.
            Field::KeyBits => option_of(command, Field::PublicKey),
            _ => None,
        })
    })
}
