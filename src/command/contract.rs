//! Which contract a command goes by.

use crate::{
    contract::{self, Contract, Operation, Template},
    error::{Code, Error, Result},
    input, issuance,
    keyring::{Keyring, Location},
    output::Format,
};
use std::path::Path;

/// The contract that a keyring is under; the default one where there is no keyring yet.
pub(super) fn contract_of(keyring: Option<&dyn Keyring>) -> Result<Contract> {
    keyring.map_or_else(|| Contract::stored(None), issuance::contract)
}

/// The contract that is built in under a name, or that a file holds.
pub(super) fn load_contract(source: &Path) -> Result<Contract> {
    if let Some(text) = source.to_str().and_then(Contract::built_in) {
        return Contract::parse(text.as_bytes());
    }
    if source.as_os_str() != "-" && !source.try_exists().unwrap_or(true) {
        let names: Vec<_> = Contract::built_in_names().collect();
        return Err(Error::new(
            Code::ContractUnknown,
            format!("there is neither a contract nor a file `{}`", source.display()),
            format!("choose one of {}, or give the path of a contract file", names.join(", ")),
        ));
    }
    let bytes = input::read_up_to(source, contract::LIMIT)?;
    Contract::parse(&bytes).map_err(|error| error.in_file(&source.display().to_string()))
}

/// The document that failures are told in, where the keyring's contract is asked for and can be read.
#[must_use]
pub fn error_template(format: Format, keyring: Option<&Path>) -> Option<Template> {
    if format != Format::Contract {
        return None;
    }
    let keyring = Location::named_or_default(keyring).and_then(|location| location.open()).ok()?;
    contract_of(Some(keyring.as_ref())).ok()?.documents.template(Operation::Error)
}
