//! Choosing the signing scheme of `sign`.

use crate::{
    command::contract::contract_of,
    contract::{self, Contract},
    error::{Code, Error, Result},
    input,
    keyring::Location,
    signing::Signing,
    strict_json,
};
use std::path::Path;

/// Returns the scheme with the given name or in the given contract file, or else the scheme of the keyring, if there is a
/// keyring, or else the scheme of Kalshi.
pub(super) fn scheme(given: Option<&Path>, keyring: Option<&Path>) -> Result<Signing> {
    if let Some(given) = given {
        if let Some(signing) = given.to_str().and_then(Signing::built_in) {
            return Ok(signing);
        }
        if let Some(contract) = given.to_str().and_then(Contract::built_in) {
            return Contract::parse(contract.as_bytes()).map(|contract| contract.signing());
        }
        if given.as_os_str() != "-" && !given.try_exists().unwrap_or(true) {
            let names: Vec<_> = Signing::built_in_names().chain(["jwt"]).collect();
            let hint =
                format!("choose one of {}, or pass the path of a file with a contract or a scheme", names.join(", "));
            let message = format!("`{}` is neither a built-in scheme nor a file", given.display());
            return Err(Error::new(Code::ContractUnknown, message, hint).in_option("--scheme"));
        }
        return read(given).map_err(|error| error.in_option("--scheme"));
    }
    let location = match Location::named_or_default(keyring) {
        // Without a home directory there is no keyring.
        Err(_) if keyring.is_none() => return Ok(Signing::unstated()),
        location => location?,
    };
    match location.open() {
        Ok(keyring) => contract_of(Some(keyring.as_ref())).map(|contract| contract.signing()),
        Err(error) if error.code() == Code::KeyringMissing && keyring.is_none() => Ok(Signing::unstated()),
        Err(error) => Err(error.with_hint("fix the keyring, or pass --scheme to sign without a keyring")),
    }
}

/// Reads a scheme from a file, which contains a contract, or only the object with the scheme, like the value of
/// `policy set signing`.
fn read(file: &Path) -> Result<Signing> {
    let bytes = input::read_up_to(file, contract::LIMIT)?;
    let in_file = |error: Error| error.in_file(&file.display().to_string());
    match strict_json::parse(&bytes) {
        // The rules of the default contract do not matter.
        Ok(scheme) if scheme.get("scheme").is_some() => {
            Contract::stored(None)?.with("signing", &scheme.to_string()).map_err(in_file)
        }
        _ => Contract::parse(&bytes).map_err(in_file),
    }
    .map(|contract| contract.signing())
}
