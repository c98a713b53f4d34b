//! Choosing the signing scheme of `sign`.

use crate::{
    command::contract::{contract_of, load_contract},
    error::{Code, Result},
    keyring::Location,
    signing::Signing,
};
use std::path::Path;

/// Returns the scheme with the given name or in the given contract file, or else the scheme of the keyring, if there is a
/// keyring, or else the scheme of Kalshi.
pub(super) fn scheme(given: Option<&Path>, keyring: Option<&Path>) -> Result<Signing> {
    if let Some(given) = given {
        if let Some(signing) = given.to_str().and_then(Signing::built_in) {
            return Ok(signing);
        }
        return load_contract(given).map(|contract| contract.signing()).map_err(|error| {
            let error = error.in_option("--scheme");
            if error.code() != Code::ContractUnknown {
                return error;
            }
            let names: Vec<_> = Signing::built_in_names().chain(["jwt"]).collect();
            error.with_hint(format!("choose one of {}, or pass the path of a contract file", names.join(", ")))
        });
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
