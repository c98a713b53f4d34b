//! Prints lists of keys in the requested format, which may be a document format that the contract defines.

use super::Context;
use crate::{
    contract::Operation,
    error::Result,
    key::{Key, KeyView},
    keyring::{Cursor, Keyring, Query},
    output,
};
use std::path::Path;

impl Context {
    /// Prints keys, each with the path of the file that contains its secret.
    pub(super) fn print_files<'a>(
        &self,
        keys: impl IntoIterator<Item = (&'a Key, &'a Path)>,
        keyring: &dyn Keyring,
    ) -> Result<()> {
        let mut out = self.list(keyring, Operation::List)?;
        keys.into_iter().for_each(|(key, file)| out.push_with_file(&key.view(), file));
        out.finish()
    }

    /// Prints keys. With `--format contract`, prints the keys as the documents of `operation`.
    pub(super) fn print_list<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a Key>,
        keyring: &dyn Keyring,
        operation: Operation,
    ) -> Result<()> {
        let mut out = self.list(keyring, operation)?;
        keys.into_iter().for_each(|key| out.push(&key.view()));
        out.finish()
    }

    /// Prints keys one at a time, as the iterator yields them.
    pub(super) fn print_each(&self, keys: impl Iterator<Item = Result<Key>>, keyring: &dyn Keyring) -> Result<()> {
        let mut out = self.list(keyring, Operation::List)?;
        for key in keys {
            out.push(&key?.view());
            out.flush()?;
        }
        out.finish()
    }

    /// Prints, page by page, the keys that match a query and for which `wanted` returns `true`. Returns the number of
    /// printed keys.
    pub(super) fn print_found(
        &self,
        query: &Query,
        keyring: &dyn Keyring,
        mut wanted: impl FnMut(&KeyView<'_>) -> Result<bool>,
    ) -> Result<u64> {
        let mut out = self.list(keyring, Operation::List)?;
        let mut cursor = Cursor::default();
        while keyring.page(query, &mut cursor, &mut |facts| {
            if wanted(facts)? {
                out.push(facts);
            }
            Ok(())
        })? {
            out.flush()?;
            if out.is_closed() {
                break;
            }
        }
        let count = out.count();
        out.finish().map(|()| count)
    }

    /// Returns a writer for a list of keys.
    pub(super) fn list(&self, keyring: &dyn Keyring, operation: Operation) -> Result<output::KeyWriter> {
        let template = self.template(keyring, operation)?;
        Ok(output::KeyWriter::list(&self.style, &keyring.org_id().to_string(), self.now()).under(template))
    }
}
