//! `init`: creates the keyring.

use super::{
    Context,
    contract::{contract_of, load_contract},
};
use crate::{
    cli::Init,
    contract::Contract,
    error::{Code, Error, Exit, Result},
    output::{self, Format},
};
use uuid::Uuid;

pub(super) fn run(args: &Init, context: &Context) -> Result<Exit> {
    let path = &context.location;
    let exists = || {
        Error::new(
            Code::KeyringExists,
            format!("there is already a keyring at {path}"),
            "use the existing keyring, or pass another path with --keyring",
        )
    };
    if context.location.exists()? {
        // Report a different error if the file is not a keyring.
        context.location.recognize()?;
        return if args.if_not_exists { keep(args, context) } else { Err(exists()) };
    }
    let org_id = args.org_id.unwrap_or_else(Uuid::new_v4);
    let contract = args.contract.as_deref().map_or_else(Contract::of_new_keyrings, load_contract)?;
    if args.dry_run {
        context.console.say(&format!("dry run: would create a keyring at {path}"));
        return Ok(Exit::Done);
    }
    if !context.location.create(org_id, Some(&contract.to_text()?), &context.entry)? {
        // Another process created the keyring in the meantime.
        return if args.if_not_exists { keep(args, context) } else { Err(exists()) };
    }
    let under = args.contract.as_ref().map(|_| format!(" with the contract `{}`", contract.contract));
    let under = under.unwrap_or_default();
    context.console.done(&format!("created a keyring at {path} for organization {org_id}{under}"));
    print(org_id, context)
}

/// Reports that a keyring already exists. Warns if its organization or its contract differs from the options.
fn keep(args: &Init, context: &Context) -> Result<Exit> {
    let keyring = context.open()?;
    let org_id = keyring.org_id();
    context.console.say(&format!("there is already a keyring at {}; nothing was created", context.location));
    if let Some(wanted) = args.org_id.filter(|wanted| *wanted != org_id) {
        context.console.warn(&format!("the keyring belongs to organization {org_id}, not {wanted}"));
    }
    if let Some(path) = &args.contract {
        let (wanted, stored) = (load_contract(path)?, contract_of(Some(keyring.as_ref()))?);
        if wanted.to_text()? != stored.to_text()? {
            context.console.warn(&format!(
                "the contract of the keyring (`{}`) differs from the one in the options; `keywright policy load` replaces it",
                stored.contract
            ));
        }
    }
    print(org_id, context)
}

fn print(org_id: Uuid, context: &Context) -> Result<Exit> {
    match context.style.format {
        Format::Table => {}
        Format::Json | Format::Jsonl | Format::Contract => {
            let keyring = context.location.to_string();
            let document = serde_json::json!({ "org_id": org_id.to_string(), "keyring": keyring });
            output::write(format!("{document}\n").as_bytes())?;
        }
        Format::Csv => output::write(format!("org_id\n{org_id}\n").as_bytes())?,
        Format::Id => output::write(format!("{org_id}\n").as_bytes())?,
    }
    Ok(Exit::Done)
}
