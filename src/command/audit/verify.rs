//! `audit verify`: verifies that the audit log was not altered.

use super::Context;
use crate::{
    error::{Exit, Result},
    keyring::{Keyring, RowHash},
    output::{self, Console, Format, count_rows},
};
use serde_json::{Value, json};

/// The maximum number of contradictions of each kind to report individually.
const LISTED_CONTRADICTIONS: usize = 20;

pub(super) fn run(keyring: &dyn Keyring, sought: Option<RowHash>, context: &Context) -> Result<Exit> {
    context.refuse_fields("`audit verify`")?;
    let chain = keyring.verify_chain(sought)?;
    let mut findings: Vec<(Value, String)> = Vec::new();
    if let Some(broken) = &chain.broken {
        let message = match chain.breaks {
            1 => broken.describe(),
            breaks => format!("{}; this is the first of {breaks} breaks in the chain", broken.describe()),
        };
        let key = broken.key.map(|id| id.to_string());
        let finding = json!({
            "kind": broken.flaw.word(), "msg": message, "seq": broken.seq, "at": broken.at.to_string(),
            "action": broken.action, "api_key_id": key,
        });
        findings.push((finding, message));
    }
    if let (Some(sought), None) = (sought, chain.after) {
        let message = format!("no row has the hash {sought}: rows were removed from the end, or the log was rewritten");
        findings.push((json!({ "kind": "head", "msg": message }), message));
    }
    for found in keyring.contradictions(LISTED_CONTRADICTIONS)? {
        let (message, key) = (found.describe(), found.key().map(|id| id.to_string()));
        findings.push((json!({ "kind": found.word(), "msg": message, "api_key_id": key }), message));
    }
    // The hash of the newest row is reported only for an intact log.
    let head = findings.is_empty().then(|| chain.head.to_string());
    match context.style.format {
        Format::Table | Format::Csv => {
            let rows: Vec<Vec<String>> = match &head {
                Some(head) => vec![vec![chain.rows.to_string(), head.clone()]],
                None => findings
                    .iter()
                    .map(|(finding, msg)| vec![finding["kind"].as_str().unwrap_or_default().to_owned(), msg.clone()])
                    .collect(),
            };
            let header = if head.is_some() { ["ROWS", "HEAD"] } else { ["KIND", "FINDING"] };
            output::print_rows(&context.style, &header, &rows)?;
        }
        Format::Id => output::write(head.as_ref().map_or_else(String::new, |head| format!("{head}\n")).as_bytes())?,
        Format::Json | Format::Jsonl | Format::Contract => {
            let document = json!({
                "holds": head.is_some(),
                "org_id": keyring.org_id().to_string(),
                "rows": chain.rows,
                "latest_at": chain.latest.map(|time| time.to_string()),
                "head": head,
                "rows_after_head": chain.after,
                "findings": findings.iter().map(|(finding, _)| finding).collect::<Vec<_>>(),
            });
            output::write(format!("{document}\n").as_bytes())?;
        }
    }
    if head.is_none() {
        // With --format id, nothing else tells a script that the log was altered.
        let quiet = context.console.quiet && context.style.format != Format::Id;
        Console { quiet, ..context.console }
            .warn("the log was altered; keep an unchanged copy of the keyring and compare it with a backup");
        return Ok(Exit::No);
    }
    let more = match chain.after {
        None => String::new(),
        Some(0) => "; the row with the hash in --head is the newest".to_owned(),
        Some(1) => "; 1 row was added after the row with the hash in --head".to_owned(),
        Some(after) => format!("; {after} rows were added after the row with the hash in --head"),
    };
    context.console.done(&format!("the log is intact: {}{more}", count_rows(chain.rows)));
    if sought.is_none() {
        context.console.say(&format!(
            "record the head where nobody with write access to the keyring can change it; \
             `keywright audit verify --head {}` then detects removed rows",
            chain.head
        ));
    }
    Ok(Exit::Done)
}
