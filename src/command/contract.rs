//! Reads the contract that applies to a command.

use crate::{
    contract::{self, Contract, Operation, Template},
    error::{Code, Error, Result},
    input, issuance,
    keyring::{Keyring, Location},
    output::Format,
};
use std::path::Path;

/// Returns the contract of a keyring, or the default contract if there is no keyring.
pub(super) fn contract_of(keyring: Option<&dyn Keyring>) -> Result<Contract> {
    keyring.map_or_else(|| Contract::stored(None), issuance::contract)
}

/// Returns the built-in contract with the name `source`, or else reads the contract from the file `source`.
pub(super) fn load_contract(source: &Path) -> Result<Contract> {
    if let Some(text) = source.to_str().and_then(Contract::built_in) {
        return Contract::parse(text.as_bytes());
    }
    if source.as_os_str() != "-" && !source.try_exists().unwrap_or(true) {
        let names: Vec<_> = Contract::built_in_names().collect();
        return Err(Error::new(
            Code::ContractUnknown,
            format!("`{}` is neither a built-in contract nor a file", source.display()),
            format!("choose one of {}, or pass the path of a contract file", names.join(", ")),
        ));
    }
    let bytes = input::read_up_to(source, contract::LIMIT)?;
    Contract::parse(&bytes).map_err(|error| error.in_file(&source.display().to_string()))
}

/// Returns the contract's template for errors, if `--format contract` is given and the contract of the keyring can be
/// read.
#[must_use]
pub fn error_template(format: Format, keyring: Option<&Path>) -> Option<Template> {
    if format != Format::Contract {
        return None;
    }
    let keyring = Location::named_or_default(keyring).and_then(|location| location.open()).ok()?;
    contract_of(Some(keyring.as_ref())).ok()?.documents.template(Operation::Error)
}
