//! `audit verify`: whether the log is the one that was written.

use super::Context;
use crate::{
    error::{Exit, Result},
    keyring::{Keyring, RowHash},
    output::{self, Format},
};
use serde_json::{Value, json};

/// How many contradictions of each kind are told one by one.
const TOLD: usize = 20;

pub(super) fn run(keyring: &dyn Keyring, sought: Option<RowHash>, context: &Context) -> Result<Exit> {
    let chain = keyring.verify_chain(sought)?;
    let mut findings: Vec<(Value, String)> = Vec::new();
    if let Some(broken) = &chain.broken {
        let message = match chain.breaks {
            1 => broken.describe(),
            breaks => format!("{}; {breaks} rows do not follow in all, and this is the first", broken.describe()),
        };
        let key = broken.key.map(|id| id.to_string());
        let finding = json!({
            "kind": broken.flaw.word(), "msg": message, "seq": broken.seq, "at": broken.at.to_string(),
            "action": broken.action, "api_key_id": key,
        });
        findings.push((finding, message));
    }
    if let (Some(sought), None) = (sought, chain.after) {
        let message = format!("no row has the hash {sought}: rows were cut off, or the log was written anew");
        findings.push((json!({ "kind": "head", "msg": message }), message));
    }
    for found in keyring.contradictions(TOLD)? {
        let (message, key) = (found.describe(), found.key().to_string());
        findings.push((json!({ "kind": found.word(), "msg": message, "api_key_id": key }), message));
    }
    // A hash that somebody notes stands for all of a log that holds.
    let head = findings.is_empty().then(|| chain.head.to_string());
    match context.format {
        Format::Table | Format::Csv => {
            let rows: Vec<Vec<String>> = match &head {
                Some(head) => vec![vec![chain.rows.to_string(), head.clone()]],
                None => findings
                    .iter()
                    .map(|(finding, msg)| vec![finding["kind"].as_str().unwrap_or_default().to_owned(), msg.clone()])
                    .collect(),
            };
            let header = if head.is_some() { ["ROWS", "HEAD"] } else { ["KIND", "FINDING"] };
            output::print_rows(context.format, context.color, &header, &rows)?;
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
        context.console.warn(
            "the log is not the one that was written; keep a copy of the keyring as it is, and compare with a backup",
        );
        return Ok(Exit::No);
    }
    let more = match chain.after {
        None => String::new(),
        Some(0) => "; the row that was named is the newest".to_owned(),
        Some(1) => "; 1 row came after the one that was named".to_owned(),
        Some(after) => format!("; {after} rows came after the one that was named"),
    };
    context.console.done(&format!("the log holds: {} rows{more}", chain.rows));
    if sought.is_none() {
        context.console.say(
            "note the head where nobody who can write the keyring can; `--head` then shows that nothing was cut off",
        );
    }
    Ok(Exit::Done)
}
