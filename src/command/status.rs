//! `status`: shows which keyring is in use, and what is in it.

use super::{Context, contract::contract_of};
use crate::{
    cli::ShowStatus,
    error::{Exit, Result},
    health::{Kind, Settings, check},
    key::Status,
    keyring::{Keyring, Selection},
    output,
};
use serde_json::{Map, Value, json};

/// The kinds of problems that can be found without reading the keys and the log. Other commands, such as this one, refuse
/// a keyring that another user can change.
const QUICK: [Kind; 2] = [Kind::Linked, Kind::Readable];

pub(super) fn run(_: &ShowStatus, context: &Context) -> Result<Exit> {
    let keyring = context.open()?;
    let contract = contract_of(Some(keyring.as_ref()))?.contract;
    let snapshot = keyring.snapshot()?;
    let problems = problems(keyring.as_ref(), context)?;
    let keys = counts(keyring.as_ref(), context)?;
    let mut document = json!({
        "keyring": context.location.to_string(),
        "org_id": keyring.org_id().to_string(),
        "contract": contract,
        "schema": keyring.schema(),
        "keys": keys,
        "audit_rows": snapshot.rows,
        "keyring_time": keyring.time()?.map(|time| time.to_string()),
        "problems": problems,
    });
    if !context.style.format.is_json() {
        let present = keys.iter().filter(|(_, count)| **count != json!(0));
        let counts: Vec<String> = present.map(|(status, count)| format!("{count} {status}")).collect();
        document["keys"] = json!(if counts.is_empty() { "none".to_owned() } else { counts.join(", ") });
        let found = if problems.is_empty() {
            "none found; `keywright check` checks everything".to_owned()
        } else {
            problems.join("; ")
        };
        document["problems"] = json!(found);
    }
    output::print_object(&context.style, &document)?;
    Ok(if problems.is_empty() { Exit::Done } else { Exit::No })
}

/// Returns the number of keys with each status.
fn counts(keyring: &dyn Keyring, context: &Context) -> Result<Map<String, Value>> {
    let count = |status: Status| {
        let selection = Selection { statuses: vec![status], ..Selection::all(context.now()) };
        Ok((status.to_string(), json!(keyring.count(&selection, u64::MAX)?)))
    };
    Status::ALL.into_iter().map(count).collect()
}

/// Returns the messages of the problems that can be found quickly.
fn problems(keyring: &dyn Keyring, context: &Context) -> Result<Vec<String>> {
    let now = context.now();
    let settings = Settings {
        now,
        system_clock: context.entry.at,
        expiring_by: now,
        unused_since: now,
        pending_since: now,
        kinds: QUICK.to_vec(),
    };
    let report = check(context.location.inspect()?.as_ref(), &settings)?;
    let mut found: Vec<String> = report.findings.into_iter().map(|finding| finding.message).collect();
    if let Some(latest) = keyring.time()?.filter(|latest| *latest > context.entry.at) {
        found.push(format!("the system clock is behind the keyring time ({latest})"));
    }
    Ok(found)
}
