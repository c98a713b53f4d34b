//! `init`: creates the keyring.

use super::{Context, contract::load_contract};
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
        return Err(exists());
    }
    let org_id = args.org_id.unwrap_or_else(Uuid::new_v4);
    let contract = args.contract.as_deref().map(load_contract).transpose()?;
    let text = contract.as_ref().map(Contract::to_text).transpose()?;
    if args.dry_run {
        context.console.say(&format!("dry run: would create a keyring at {path}"));
        return Ok(Exit::Done);
    }
    if !context.location.create(org_id, text.as_deref(), &context.entry)? {
        return Err(exists());
    }
    let under = contract.map(|contract| format!(" with the contract `{}`", contract.contract));
    let under = under.unwrap_or_default();
    context.console.done(&format!("created a keyring at {path} for organization {org_id}{under}"));
    match context.format {
        Format::Table => {}
        Format::Json | Format::Jsonl | Format::Contract => {
            let document = serde_json::json!({ "org_id": org_id.to_string(), "keyring": path.to_string() });
            output::write(format!("{document}\n").as_bytes())?;
        }
        Format::Csv => output::write(format!("org_id\n{org_id}\n").as_bytes())?,
        Format::Id => output::write(format!("{org_id}\n").as_bytes())?,
    }
    Ok(Exit::Done)
}
