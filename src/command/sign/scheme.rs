//! Choosing the signing scheme of `sign`, and the form of key ids.

use crate::{
    cli::Sign,
    command::contract::{contract_of, load_contract},
    error::{Code, Error, Result},
    key::KeyId,
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

/// Returns the id of the key, in the canonical form if it is a UUID of a keyring. Only a scheme that was given may belong to
/// a service whose ids are not UUIDs.
pub(super) fn key_id(args: &Sign) -> Result<String> {
    if args.scheme.is_none() {
        let id = args.key_id.parse::<KeyId>().map_err(|error| error.in_option("--key-id"))?;
        return Ok(id.to_string());
    }
    if !(1..=256).contains(&args.key_id.len()) || !args.key_id.bytes().all(|b| b.is_ascii_graphic()) {
        let hint = "pass 1 to 256 characters of ASCII without spaces";
        return Err(Error::new(Code::InvalidRequest, "the id of the key is malformed", hint).in_option("--key-id"));
    }
    Ok(args.key_id.clone())
}
