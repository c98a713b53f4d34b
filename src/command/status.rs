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

/// The names of the fields that are printed, in order.
pub(super) const FIELDS: [&str; 8] =
    ["keyring", "org_id", "contract", "schema", "keys", "audit_rows", "keyring_time", "problems"];

pub(super) fn run(_: &ShowStatus, context: &Context) -> Result<Exit> {
    let keyring = context.open()?;
    let contract = contract_of(Some(keyring.as_ref()))?.contract;
    let snapshot = keyring.snapshot()?;
    let problems = problems(keyring.as_ref(), context)?;
    let keys = counts(keyring.as_ref(), context)?;
    let is_json = context.style.format.is_json();
    let values = [
        json!(context.location.to_string()),
        json!(keyring.org_id().to_string()),
        json!(contract),
        json!(keyring.schema()),
        if is_json { json!(keys) } else { json!(in_words(&keys)) },
        json!(snapshot.rows),
        json!(keyring.time()?.map(|time| time.to_string())),
        match problems.as_slice() {
            _ if is_json => json!(problems),
            [] => json!("none found; `keywright check` checks everything"),
            found => json!(found.join("; ")),
        },
    ];
    output::print_object(&context.style, &FIELDS.iter().map(ToString::to_string).zip(values).collect())?;
    Ok(if problems.is_empty() { Exit::Done } else { Exit::No })
}

/// Returns the counts that are not 0, as text.
fn in_words(counts: &Map<String, Value>) -> String {
    let present = counts.iter().filter(|(_, count)| **count != json!(0));
    let counts: Vec<String> = present.map(|(status, count)| format!("{count} {status}")).collect();
    if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }
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
