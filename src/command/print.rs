//! Prints one key in the requested format, which may be a document format that the contract defines.

use super::{Context, contract::contract_of};
use crate::{
    contract::{Operation, Template},
    error::{Exit, Result},
    key::{Key, KeyDocument},
    keyring::Keyring,
    output::{self, Format},
};
use std::path::Path;
use uuid::Uuid;

impl Context {
    /// Returns the contract's template for an operation, or `None` if `--format contract` is not given or the contract has no
    /// such template.
    ///
    /// With any other format, the contract is not read, so that keys can be listed even if the contract is damaged.
    pub(super) fn template(&self, keyring: &dyn Keyring, operation: Operation) -> Result<Option<Template>> {
        if self.style.format != Format::Contract {
            return Ok(None);
        }
        Ok(contract_of(Some(keyring))?.documents.template(operation))
    }

    /// Reports the key that a command would issue or register without `--dry-run`. In a JSON format, also prints the
    /// key.
    pub(super) fn rehearse(&self, key: &Key, org_id: Option<Uuid>, what: &str) -> Result<Exit> {
        self.console.say(&format!("dry run: would {what} named `{}` ({})", key.description.name, key.description.env));
        if self.style.format.is_json() {
            let org_id = org_id.map(|id| id.to_string()).unwrap_or_default();
            output::print_object(&self.style, &output::rehearsal(key, &org_id, self.now()))?;
        }
        Ok(Exit::Done)
    }

    /// Prints a key. With `--format contract`, prints the key as the document of `operation`.
    pub(super) fn print_one(&self, key: &Key, keyring: &dyn Keyring, operation: Operation) -> Result<()> {
        let template = self.template(keyring, operation)?;
        let org_id = keyring.org_id().to_string();
        let mut out = output::KeyWriter::single(&self.style, &org_id, self.now()).under(template);
        out.push(&key.view());
        out.finish()
    }

    /// Prints a key whose secret was written to a file or passed to a command. With `--format json` or `jsonl`, the
    /// output contains the path of the file.
    pub(super) fn print_issued(&self, key: &Key, keyring: &dyn Keyring, file: Option<&Path>) -> Result<()> {
        match file.filter(|_| self.style.format.is_json() && self.style.format != Format::Contract) {
            Some(file) => {
                let org_id = keyring.org_id().to_string();
                let document = KeyDocument { view: &key.view(), org_id: &org_id, now: self.now() };
                output::write(&output::with_secret_file(&document, file))
            }
            None => self.print_one(key, keyring, Operation::Show),
        }
    }
}
