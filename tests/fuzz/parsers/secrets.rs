//! Secrets, and everything in which a secret may be given by mistake.

use super::{Outcome, message, must};
use crate::seeds::Seeds;
use keywright::{
    cli,
    key::{SecretInput, find_secrets, refuse_secret, token},
    proof::{PresentedAssertion, PresentedSecret},
};
use std::{ffi::OsString, os::unix::ffi::OsStringExt as _};

pub(super) fn secret(input: &[u8], seeds: &Seeds) -> Outcome {
    if let Ok(found) = SecretInput::read(input) {
        let _ = (found.kind(), found.texts().count());
    }
    if let Some(Err(mistake)) = PresentedAssertion::read(input) {
        must!(!seeds.is_leak(input, &mistake), "a leak: {mistake}");
    }
    match PresentedSecret::read(input) {
        Ok(_) => Ok(true),
        Err(mistake) => {
            must!(!seeds.is_leak(input, &mistake), "a leak: {mistake}");
            Ok(false)
        }
    }
}

pub(super) fn secret_in_text(input: &[u8], seeds: &Seeds) -> Outcome {
    let text = String::from_utf8_lossy(input);
    let found = find_secrets(&text);
    if let Err(error) = refuse_secret(&text) {
        must!(!seeds.is_leak(input, &message(&error)), "a leak: {error}");
    }
    Ok(!found.is_empty())
}

pub(super) fn token_text(input: &[u8], _: &Seeds) -> Outcome {
    let Ok(text) = std::str::from_utf8(input) else { return Ok(false) };
    let text = text.trim_end();
    let _ = (token::looks_secret(text), token::secret_parts(text), token::api_key_id(text), token::is_api_secret(text));
    let complete = token::TokenForm::parse(text).is_some() || token::BearerForm::parse(text).is_some();
    must!(!complete || token::looks_secret(text), "a token that does not look secret");
    Ok(complete)
}

/// Command lines with secrets in the wrong place. The arguments are separated by NUL.
pub(super) fn command_lines(token: &str) -> Vec<Vec<u8>> {
    [
        format!("generate --name {token} --type token --dry-run"),
        format!("generate --name a --type token --note x{token} --dry-run"),
        "generate --name a --type token --scope read --dry-run".to_owned(),
        "generate --name a --type pair --env live --owner acme --dry-run".to_owned(),
        format!("generate --name a --type token --expires {token} --dry-run"),
        format!("generate --name a --allow-ip {token} --rate-limit {token} --label a={token} --dry-run"),
        format!("verify --token-file {token} --scope {token} --ip {token}"),
        format!("list --status {token} --label {token} --owner {token} --expiring-within {token} --sort {token}"),
        format!("sign --private-key {token} --method {token} --path {token} --key-id {token}"),
        format!("policy set {token} {token} --dry-run"),
        format!("restore {token} --dry-run"),
        format!("import {token} --prefix {token} --dry-run"),
        format!("audit verify --head {token}"),
        format!("list --format {token} --keyring {token}"),
        format!("{token} --{token}={token}"),
        format!("show {token}"),
        "list --all --format json --fields name,status".to_owned(),
        "verify-request --explain --max-skew 5s --input none".to_owned(),
    ]
    .map(|line| line.replace(' ', "\0").into_bytes())
    .to_vec()
}

/// Returns `true` if arguments that are separated by NUL are a command.
pub(super) fn command_line(input: &[u8]) -> bool {
    let arguments = input.split(|byte| *byte == 0).map(|argument| OsString::from_vec(argument.to_vec()));
    cli::parse(&std::iter::once("keywright".into()).chain(arguments).collect::<Vec<_>>()).is_ok()
}

/// Runs the program with arguments, and looks for parts of the secret in everything that it prints.
pub(super) fn program(input: &[u8], seeds: &Seeds) -> Outcome {
    let arguments: Vec<String> =
        input.split(|byte| *byte == 0).map(|argument| String::from_utf8_lossy(argument).into_owned()).collect();
    // Nothing may be written but a keyring, and no other program may run.
    if arguments.iter().any(|word| word == "--" || word.starts_with("--o") || word.starts_with("-o") || word == "--yes")
    {
        return Ok(false);
    }
    let (status, printed) = seeds.output(&arguments);
    must!(status.is_some_and(|status| status < 7), "it ends with {status:?}: {printed}");
    must!(!printed.contains("a bug"), "a bug: {printed}");
    must!(!seeds.is_leak(input, &printed), "a leak: {printed}");
    Ok(status == Some(0))
}
