//! Prints keys by their ids, page by page.

use super::Context;
use crate::{contract::Operation, error::Result, key::KeyId, keyring::Keyring};

/// The maximum number of keys in a page. The first page of a table determines the width of its columns.
const PAGE: usize = 500;

impl Context {
    /// Prints the keys with the given ids, and skips keys that no longer exist.
    pub(super) fn print_by_id(&self, ids: &[KeyId], keyring: &dyn Keyring) -> Result<()> {
        self.print_ids(&mut ids.iter().copied(), keyring, Operation::List)
    }

    /// Prints the keys with the given ids as the documents of `operation`, and skips keys that no longer exist. Each page is
    /// a single consistent read.
    pub(super) fn print_ids(
        &self,
        ids: &mut dyn Iterator<Item = KeyId>,
        keyring: &dyn Keyring,
        operation: Operation,
    ) -> Result<()> {
        let mut out = self.list(keyring, operation)?;
        loop {
            let page: Vec<KeyId> = ids.take(PAGE).collect();
            if page.is_empty() {
                return out.finish();
            }
            keyring.consistent_read(&mut |keys| {
                for id in &page {
                    keys.key(*id, self.now())?.iter().for_each(|key| out.push(&key.view()));
                }
                Ok(())
            })?;
            out.flush()?;
        }
    }
}
