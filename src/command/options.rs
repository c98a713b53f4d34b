//! Maps the fields of a key to the options that set them.
//!
//! The modules that `command` calls report errors about fields. This module replaces the field in such an error with
//! the option that sets the field.

use crate::{error::Error, key::Field};

/// Returns the option with which a command sets a field, or `None` if the command has no such option.
fn option(command: &str, field: Field) -> Option<&'static str> {
    Some(match (command, field) {
        ("update", Field::Scopes) => "--add-scope",
        ("exchange", Field::ExpiresAt) => "--ttl",
        // A successor keeps these fields of its predecessor.
        ("rotate", Field::Name | Field::Type | Field::Env | Field::Owner | Field::Scopes | Field::RateLimit) => {
            return None;
        }
        // The size of a registered key is the size of its public key.
        ("create", Field::KeyBits) | (_, Field::PublicKey) => "--public-key",
        (_, Field::Name) => "--name",
        (_, Field::Type) => "--type",
        (_, Field::Env) => "--env",
        (_, Field::Prefix) => "--prefix",
        (_, Field::Owner) => "--owner",
        (_, Field::Scopes) => "--scope",
        (_, Field::ExpiresAt) => "--expires",
        (_, Field::RateLimit) => "--rate-limit",
        (_, Field::AllowedIps) => "--allow-ip",
        (_, Field::KeyBits) => "--bits",
        (_, Field::Labels) => "--label",
        (_, Field::Note) => "--note",
        (_, Field::Handover) => "--overlap",
        _ => return None,
    })
}

/// Returns the error with each field replaced by the option with which the command sets that field.
pub(super) fn in_options(error: Error, command: &str) -> Error {
    error.with_options(|field| option(command, field.parse().ok()?))
}
