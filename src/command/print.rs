//! How commands print keys: in the format that is asked for, as documents of the keyring's contract where it has any.

use super::{Context, contract::contract_of};
use crate::{
    contract::{Operation, Template},
    error::{Exit, Result},
    key::{Key, KeyDocument, KeyId, KeyView},
    keyring::{Cursor, Keyring, Query},
    output::{self, Format},
};
use std::path::Path;
use uuid::Uuid;

/// How many keys are printed together: a table has its columns from the first of these.
const PAGE: usize = 500;

impl Context {
    /// The document of a keyring's contract for an operation, where that is how data is printed. The contract is not read
    /// otherwise: one that does not hold keeps nobody from looking at keys.
    pub(super) fn template(&self, keyring: &dyn Keyring, operation: Operation) -> Result<Option<Template>> {
        if self.format != Format::Contract {
            return Ok(None);
        }
        Ok(contract_of(Some(keyring))?.documents.template(operation))
    }

    /// Tells what a dry run would have made.
    pub(super) fn rehearse(&self, key: &Key, org_id: Option<Uuid>, what: &str) -> Result<Exit> {
        self.console.say(&format!("dry run: would {what} named `{}` ({})", key.description.name, key.description.env));
        if self.format.is_json() {
            let org_id = org_id.map(|id| id.to_string()).unwrap_or_default();
            output::write(&output::rehearsal(key, &org_id, self.now))?;
        }
        Ok(Exit::Done)
    }

    pub(super) fn print_one(&self, key: &Key, keyring: &dyn Keyring, operation: Operation) -> Result<()> {
        let template = self.template(keyring, operation)?;
        let org_id = keyring.org_id().to_string();
        let mut out = output::Keys::single(self.format, &org_id, self.now, self.color).under(template);
        out.push(&key.view());
        out.finish()
    }

    /// Prints a key whose secret went elsewhere, with the file that it went to.
    pub(super) fn print_issued(&self, key: &Key, keyring: &dyn Keyring, file: Option<&Path>) -> Result<()> {
        match file.filter(|_| self.format.is_json() && self.format != Format::Contract) {
            Some(file) => {
                let org_id = keyring.org_id().to_string();
                let document = KeyDocument { view: &key.view(), org_id: &org_id, now: self.now };
                output::write(&output::with_secret_file(&document, file))
            }
            None => self.print_one(key, keyring, Operation::Show),
        }
    }

    /// Prints keys whose secrets are in files of their own.
    pub(super) fn print_files<'a>(
        &self,
        keys: impl IntoIterator<Item = (&'a Key, &'a Path)>,
        keyring: &dyn Keyring,
    ) -> Result<()> {
        let mut out = self.list(keyring, Operation::List)?;
        keys.into_iter().for_each(|(key, file)| out.push_with_file(&key.view(), file));
        out.finish()
    }

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

    /// Prints keys that are made as they are printed.
    pub(super) fn print_each(&self, keys: impl Iterator<Item = Key>, keyring: &dyn Keyring) -> Result<()> {
        let mut out = self.list(keyring, Operation::List)?;
        for key in keys {
            out.push(&key.view());
            out.flush()?;
        }
        out.finish()
    }

    /// Prints the keys of these ids, as far as they are there by now.
    pub(super) fn print_by_id(&self, ids: &[KeyId], keyring: &dyn Keyring) -> Result<()> {
        let mut out = self.list(keyring, Operation::List)?;
        for page in ids.chunks(PAGE) {
            for id in page {
                if let Some(key) = keyring.key(*id, self.now)? {
                    out.push(&key.view());
                }
            }
            out.flush()?;
        }
        out.finish()
    }

    /// Prints the keys that a query finds as far as they are wanted, however many, and says how many.
    pub(super) fn print_found(
        &self,
        query: &Query,
        keyring: &dyn Keyring,
        mut wanted: impl FnMut(&KeyView<'_>) -> bool,
    ) -> Result<u64> {
        let mut out = self.list(keyring, Operation::List)?;
        let mut cursor = Cursor::default();
        while keyring.page(query, &mut cursor, &mut |facts| {
            if wanted(facts) {
                out.push(facts);
            }
            Ok(())
        })? {
            out.flush()?;
        }
        let count = out.count();
        out.finish().map(|()| count)
    }

    fn list(&self, keyring: &dyn Keyring, operation: Operation) -> Result<output::Keys> {
        let template = self.template(keyring, operation)?;
        Ok(output::Keys::list(self.format, &keyring.org_id().to_string(), self.now, self.color).under(template))
    }
}
