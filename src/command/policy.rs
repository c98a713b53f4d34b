//! `policy`: shows and changes the rules for new keys.

mod warnings;

use super::{
    Context,
    contract::{contract_of, load_contract},
};
use crate::{
    cli::{Policy, PolicyCommand},
    contract::Contract,
    error::{Error, Exit, Result},
    issuance::{self, Revised, Revision, revise},
    keyring::Keyring,
    output::{self, Format},
};
use serde_json::Value;
use warnings::warn_of_scheme;

pub(super) fn run(args: &Policy, context: &Context) -> Result<Exit> {
    let mut keyring = context.open()?;
    match &args.command {
        PolicyCommand::Show => show(&contract_of(Some(keyring.as_ref()))?, context),
        PolicyCommand::Set { rule, value, dry_run } => {
            change(keyring.as_mut(), Revision::Rule(rule, value), *dry_run, context)
        }
        PolicyCommand::Load { contract, dry_run } => {
            change(keyring.as_mut(), Revision::Whole(&load_contract(contract)?), *dry_run, context)
        }
    }
}

fn show(contract: &Contract, context: &Context) -> Result<Exit> {
    match context.style.format {
        Format::Json | Format::Contract => {
            let json = serde_json::to_string_pretty(contract).map_err(unserializable)?;
            output::write(format!("{json}\n").as_bytes())?;
        }
        Format::Jsonl => output::write(format!("{}\n", contract.to_text()?).as_bytes())?,
        _ => {
            let mut rows = vec![vec!["contract".to_owned(), contract.contract.clone()]];
            rows.extend(contract.listed()?.into_iter().map(|(rule, value)| vec![rule, plain(&value)]));
            output::print_rows(&context.style, &["RULE", "VALUE"], &rows)?;
        }
    }
    Ok(Exit::Done)
}

fn change(keyring: &mut dyn Keyring, revision: Revision<'_>, dry_run: bool, context: &Context) -> Result<Exit> {
    let Revised { contract, changes, repairs } = if dry_run {
        revision.of(issuance::contract(keyring))?
    } else {
        keyring.check_writable()?;
        revise(keyring, &context.entry, revision)?
    };
    if repairs && changes.is_empty() {
        let what = format!("the stored contract, which is not valid, with the contract `{}`", contract.contract);
        if dry_run {
            context.console.say(&format!("dry run: would replace {what}"));
        } else {
            context.console.done(&format!("replaced {what}"));
        }
    } else if changes.is_empty() {
        context.console.say("the contract already has these rules; nothing was changed");
    } else {
        let rules: Vec<&str> = changes.keys().map(String::as_str).collect();
        let what = format!("{} of the contract `{}`", rules.join(", "), contract.contract);
        if dry_run {
            context.console.say(&format!("dry run: would change {what}"));
        } else {
            let effect = if changes.contains_key("signing") { "" } else { "; existing keys are not affected" };
            context.console.done(&format!("changed {what}{effect}"));
            if changes.contains_key("signing") {
                warn_of_scheme(&contract.signing(), context);
            }
        }
    }
    if context.style.format == Format::Table {
        return Ok(Exit::Done);
    }
    show(&contract, context)
}

/// Formats a value for a table: strings without quotes, lists separated by commas, and `-` for an empty value.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => "-".to_owned(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(map) if map.is_empty() => "-".to_owned(),
        other => other.to_string(),
    }
}

fn unserializable(cause: serde_json::Error) -> Error {
    Error::internal("could not serialize the contract").because(cause)
}
