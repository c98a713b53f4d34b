//! `check`: reports problems with keys and the keyring.

use super::Context;
use crate::{
    cli::Check,
    error::{Exit, Result},
    health::{Finding, Kind, Report, Settings, check},
    output::{Format, Records, count_keys, count_rows},
};

pub(super) fn run(args: &Check, context: &Context) -> Result<Exit> {
    let settings = settings(args, context)?;
    let report = check(context.location.inspect()?.as_ref(), &settings)?;
    print(&report, context)?;
    let scope = match (report.keys, report.rows) {
        (0, 0) => String::new(),
        (keys, 0) => format!(" in {}", count_keys(keys)),
        (0, rows) => format!(" in {} of the log", count_rows(rows)),
        (keys, rows) => format!(" in {} and {} of the log", count_keys(keys), count_rows(rows)),
    };
    match report.findings.iter().map(|finding| finding.count).sum() {
        0 => {
            context.console.done(&format!("no findings{scope}"));
            return Ok(Exit::Done);
        }
        1_u64 => context.console.warn(&format!("1 finding{scope}")),
        several => context.console.warn(&format!("{several} findings{scope}")),
    }
    Ok(Exit::No)
}

fn settings(args: &Check, context: &Context) -> Result<Settings> {
    let now = context.now();
    let wanted = |kind: &Kind| (args.only.is_empty() || args.only.contains(kind)) && !args.skip.contains(kind);
    Ok(Settings {
        now,
        system_clock: context.entry.at,
        expiring_by: args.expiring_within.after(now).map_err(|e| e.in_option("--expiring-within"))?,
        unused_since: args.unused_for.before(now).map_err(|e| e.in_option("--unused-for"))?,
        pending_since: args.pending_for.before(now).map_err(|e| e.in_option("--pending-for"))?,
        kinds: Kind::ALL.into_iter().map(|(kind, ..)| kind).filter(wanted).collect(),
    })
}

fn print(report: &Report, context: &Context) -> Result<()> {
    let header = ["SEVERITY", "KIND", "WHERE", "WHAT", "NEXT"];
    let mut out = Records::new(&context.style, (&header, 3), &Finding::FIELDS);
    for finding in &report.findings {
        // A finding that is not about a key has no id to print.
        if context.style.format != Format::Id || finding.key.is_some() {
            out.push(finding.document(), || cells(finding));
        }
    }
    out.finish()
}

fn cells(finding: &Finding) -> [String; 5] {
    let place = match (&finding.key, &finding.place) {
        (Some((id, Some(name))), _) => format!("{name} ({})", &id.to_string()[..8]),
        (Some((id, None)), _) => id.to_string(),
        (None, Some(place)) => place.clone(),
        (None, None) => "-".to_owned(),
    };
    let kind = finding.kind;
    [kind.severity().word().to_owned(), kind.word().to_owned(), place, finding.message.clone(), finding.next()]
}
