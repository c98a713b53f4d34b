//! Distinguishes a key that does not exist from a key that a damaged index does not lead to.

use super::Context;
use crate::{
    error::{Code, Error},
    key::Lookup,
    keyring::Keyring,
};

/// Returns `keyring_corrupt` instead of a `not_found` error if the key exists but a damaged index does not lead to it,
/// because a user would otherwise believe that there is nothing to revoke. Returns the error of the keyring if the
/// keyring cannot be read, and any other error unchanged.
pub(super) fn not_indexed(error: Error, lookups: &[Lookup], keyring: &dyn Keyring, context: &Context) -> Error {
    if error.code() != Code::NotFound {
        return error;
    }
    for lookup in lookups {
        match keyring.is_unindexed(lookup, context.now()) {
            Ok(false) => {}
            Ok(true) => {
                return Error::new(
                    Code::KeyringCorrupt,
                    "the key exists, but an index of the keyring is damaged and does not lead to it",
                    "run `keywright check` to see the damage, move the keyring to another directory, and run `keywright restore` with a backup",
                );
            }
            Err(unreadable) => return unreadable,
        }
    }
    error
}
