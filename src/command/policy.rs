//! `policy`: the rules that new keys come under.

use super::{
    Context,
    contract::{contract_of, load_contract},
};
use crate::{
    cli::{Policy, PolicyCommand},
    contract::Contract,
    error::{Code, Error, Exit, Result},
    issuance::contract,
    keyring::{Keyring, transact},
    output::{self, Format},
};
use serde_json::Value;

pub(super) fn run(args: &Policy, context: &Context) -> Result<Exit> {
    let mut keyring = context.open()?;
    match &args.command {
        PolicyCommand::Show => show(&contract_of(Some(keyring.as_ref()))?, context),
        PolicyCommand::Set { rule, value, dry_run } => {
            let set = |old: Result<Contract>| old.and_then(|old| Ok((old.with(rule, value)?, old)));
            change(keyring.as_mut(), &set, *dry_run, context)
        }
        PolicyCommand::Load { contract, dry_run } => {
            let new = load_contract(contract)?;
            // Also the way out of a contract that does not hold.
            let load = |old: Result<Contract>| {
                let old = old.or_else(|_| Contract::stored(None))?;
                Ok((new.clone(), old))
            };
            change(keyring.as_mut(), &load, *dry_run, context)
        }
    }
}

fn show(contract: &Contract, context: &Context) -> Result<Exit> {
    match context.format {
        Format::Json | Format::Contract => {
            let json = serde_json::to_string_pretty(contract).map_err(unserializable)?;
            output::write(format!("{json}\n").as_bytes())?;
        }
        Format::Jsonl => output::write(format!("{}\n", contract.to_text()?).as_bytes())?,
        format => {
            let mut rows = vec![vec!["contract".to_owned(), contract.contract.clone()]];
            rows.extend(contract.listed()?.into_iter().map(|(rule, value)| vec![rule, plain(&value)]));
            output::sheet(format, context.color, &["RULE", "VALUE"], &rows)?;
        }
    }
    Ok(Exit::Done)
}

/// Changes the contract by what it is inside the transaction, so that of two changes at once neither is lost. `to` takes
/// what is there, and returns what is to be and what it is compared with.
fn change(
    keyring: &mut dyn Keyring,
    to: &dyn Fn(Result<Contract>) -> Result<(Contract, Contract)>,
    dry_run: bool,
    context: &Context,
) -> Result<Exit> {
    let (new, old) = if dry_run {
        to(contract(keyring))?
    } else {
        keyring.writable()?;
        transact(keyring, &context.entry, |transaction| {
            let stored = contract(transaction);
            let sound = stored.is_ok();
            let (new, old) = to(stored)?;
            let changes = old.changes(&new)?;
            if !changes.is_empty() || !sound {
                transaction.set_contract(&new.to_text()?, &Value::Object(changes).to_string())?;
            }
            Ok((new, old))
        })?
    };
    let changes = old.changes(&new)?;
    if changes.is_empty() {
        context.talk.say("that is what it is already; nothing was changed");
    } else {
        let rules: Vec<&str> = changes.keys().map(String::as_str).collect();
        let what = format!("{} of the contract `{}`", rules.join(", "), new.contract);
        if dry_run {
            context.talk.say(&format!("dry run: would change {what}"));
        } else {
            context.talk.done(&format!("changed {what}; keys that are there stay as they are"));
        }
    }
    if context.format == Format::Table {
        return Ok(Exit::Done);
    }
    show(&new, context)
}

/// A value as a table shows it: words without quotes, lists with commas.
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
    Error::new(Code::Internal, "the contract does not serialize", "report it as a bug").because(cause)
}
