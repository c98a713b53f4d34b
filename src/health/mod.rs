//! Finding problems with the keys, the keyring file, the audit log and the clock before they cause harm.
//!
//! The keys, the other rows, the audit log, and the pages, the names and the permissions of the file are checked in
//! independent pieces of work. Two threads share the pieces, and each piece opens its own connections. At most 1000
//! findings of each kind are kept in memory, so a keyring full of problems takes little more memory than a keyring
//! without problems.

mod finding;
mod key;

pub use finding::{Finding, Kind, Severity};

use crate::{
    contract::{Contract, Rules},
    error::{Code, Result},
    key::Time,
    keyring::{Contradiction, Inspection, latest_refused},
};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// The maximum number of findings of one kind to report individually. Further findings are only counted.
const REPORTED: usize = 1000;

/// The settings of a check.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The time at which the status of the keys is determined.
    pub now: Time,
    /// The time of the system clock, or the time that was set with `--now`.
    pub system_clock: Time,
    /// The cutoff for upcoming expiries: a key that expires at or before this time and has no successor is reported.
    pub expiring_by: Time,
    /// The cutoff for unused keys: an active key is reported if it was last used at or before this time, or if it was
    /// never used and was activated at or before this time.
    pub unused_since: Time,
    /// The cutoff for pending keys: a pending key that was created at or before this time is reported.
    pub pending_since: Time,
    /// The kinds of findings to look for. Damage that prevents a check from being completed is reported even if its
    /// kind is not listed.
    pub kinds: Vec<Kind>,
}

/// The result of a check.
#[derive(Debug, Default)]
pub struct Report {
    /// The findings, in order of decreasing severity. If a kind has more than 1000 findings, its last finding only
    /// counts those that are not listed.
    pub findings: Vec<Finding>,
    /// The number of keys that were checked, or 0 if no kind of finding about keys was requested.
    pub keys: u64,
    /// The number of audit rows that were checked, or 0 if neither [`Kind::DamagedLog`] nor [`Kind::ClockBehind`] was
    /// requested.
    pub rows: u64,
}

/// The findings collected so far: a limited number of each kind, and the number of further findings of that kind.
#[derive(Debug, Default)]
struct Findings {
    wanted: Vec<Kind>,
    found: BTreeMap<Kind, (Vec<Finding>, u64)>,
    keys: u64,
    rows: u64,
}

impl Findings {
    fn new(wanted: &[Kind]) -> Self {
        Self { wanted: wanted.to_vec(), ..Self::default() }
    }

    fn wants(&self, kinds: &[Kind]) -> bool {
        kinds.iter().any(|kind| self.wanted.contains(kind))
    }

    fn add(&mut self, kind: Kind, finding: impl FnOnce() -> Finding) {
        if self.wants(&[kind]) {
            self.add_always(kind, finding);
        }
    }

    /// Adds a finding even if its kind was not requested.
    fn add_always(&mut self, kind: Kind, finding: impl FnOnce() -> Finding) {
        let (reported, more) = self.found.entry(kind).or_default();
        if reported.len() < REPORTED {
            reported.push(finding());
        } else {
            *more += 1;
        }
    }

    /// Adds the findings of another thread, except damage to the file that is already reported.
    fn join(&mut self, other: Self) {
        for (kind, (findings, more)) in other.found {
            for finding in findings {
                // Several pieces of work may read the same damaged page, and each of them reports it.
                let known = self.found.get(&kind).is_some_and(|(reported, _)| {
                    kind == Kind::DamagedFile && reported.iter().any(|known| known.message == finding.message)
                });
                if !known {
                    self.add_always(kind, || finding);
                }
            }
            self.found.entry(kind).or_default().1 += more;
        }
        self.keys += other.keys;
        self.rows += other.rows;
    }

    fn into_list(self) -> Vec<Finding> {
        let each = self.found.into_iter().flat_map(|(kind, (mut reported, more))| {
            if more > 0 {
                let message = format!("{more} more of this kind");
                reported.push(Finding { kind, key: None, place: None, message, count: more });
            }
            reported
        });
        each.collect()
    }
}

/// A piece of work of the check, which adds its findings to the list.
type Piece = fn(&dyn Inspection, &Settings, &mut Findings) -> Result<()>;

/// Checks a keyring without writing to it.
///
/// # Errors
/// - `keyring_missing` if there is no keyring
/// - a [storage error](crate::keyring#storage-errors) other than `keyring_corrupt` if the keyring cannot be read
///
/// Damage is not an error: it is reported as a finding.
pub fn check(inspection: &dyn Inspection, settings: &Settings) -> Result<Report> {
    let pieces: [Piece; 6] = [keys, log, other_rows, file, names, modes];
    let next = AtomicUsize::new(0);
    let work = || -> Result<Findings> {
        let mut findings = Findings::new(&settings.kinds);
        while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
            match piece(inspection, settings, &mut findings) {
                Err(error) if error.code() == Code::KeyringCorrupt => {
                    // The part that could not be read may contain problems of any wanted kind.
                    let (kind, key, place) = (Kind::DamagedFile, None, None);
                    findings.add_always(kind, || Finding { kind, key, place, message: error.message(), count: 1 });
                }
                outcome => outcome?,
            }
        }
        Ok(findings)
    };
    let (here, there) = thread::scope(|scope| {
        // If the second thread cannot be started, the current thread does all the work.
        let other = thread::Builder::new().spawn_scoped(scope, work);
        let here = work();
        (here, other.ok().map(thread::ScopedJoinHandle::join))
    });
    let mut findings = here?;
    if let Some(there) = there {
        // Propagate a panic of the other thread.
        findings.join(there.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
    }
    let (keys, rows) = (findings.keys, findings.rows);
    Ok(Report { findings: findings.into_list(), keys, rows })
}

fn keys(inspection: &dyn Inspection, settings: &Settings, findings: &mut Findings) -> Result<()> {
    let about_keys: Vec<Kind> =
        Kind::ALL.into_iter().map(|(kind, ..)| kind).filter(|kind| kind.is_about_keys()).collect();
    if !findings.wants(&about_keys)
        && !findings.wants(&[Kind::DamagedContract, Kind::AmbiguousSigning, Kind::UncoveredSigning])
    {
        return Ok(());
    }
    let rules = match Contract::stored(inspection.contract()?.as_deref()) {
        Ok(contract) => {
            for part in contract.signing().uncovered() {
                findings.add_about(Kind::UncoveredSigning, None, || format!("a signature does not cover the {part}"));
            }
            for confusion in contract.signing().confusions() {
                findings.add_about(Kind::AmbiguousSigning, None, || {
                    format!(
                        "in the signed message, the end of `{}` cannot be distinguished from the start of `{}`",
                        confusion.before, confusion.after
                    )
                });
            }
            contract.rules
        }
        Err(error) => {
            findings.add_about(Kind::DamagedContract, None, || error.message());
            Rules::default()
        }
    };
    if !findings.wants(&about_keys) {
        return Ok(());
    }
    let mut seen = 0;
    inspection.each_key(&mut |examined| {
        seen += 1;
        match examined {
            Ok(facts) => settings.judge(facts, &rules, findings),
            Err(damage) => findings.add_damage(Kind::DamagedKey, damage),
        }
    })?;
    findings.keys += seen;
    Ok(())
}

fn other_rows(inspection: &dyn Inspection, _: &Settings, findings: &mut Findings) -> Result<()> {
    if findings.wants(&[Kind::DamagedRow]) {
        inspection.each_other_damage(&mut |damage| findings.add_damage(Kind::DamagedRow, damage))?;
    }
    Ok(())
}

fn log(inspection: &dyn Inspection, settings: &Settings, findings: &mut Findings) -> Result<()> {
    if findings.wants(&[Kind::DamagedLog, Kind::ClockBehind]) {
        let chain = inspection.verify_chain()?;
        findings.rows += chain.rows;
        if let Some(broken) = &chain.broken {
            findings.add_about(Kind::DamagedLog, Some(format!("row {}", broken.seq)), || match chain.breaks {
                1 => broken.describe(),
                breaks => format!("{}; this is the first of {breaks} breaks in the chain", broken.describe()),
            });
        }
        let contract = Contract::stored(inspection.contract()?.as_deref());
        let allowed = contract.map_or(0, |contract| contract.signing().max_skew());
        let most = latest_refused(settings.system_clock, allowed, inspection.accepted_skew()?);
        if let Some(forgotten) = inspection.forgotten_requests()?.filter(|forgotten| *forgotten > most) {
            findings.add_about(Kind::ClockBehind, None, || {
                format!(
                    "the system clock says {}, but signed requests up to {forgotten} are refused",
                    settings.system_clock
                )
            });
        }
        if let Some(time) = chain.keyring_time.filter(|time| *time > settings.system_clock) {
            findings.add_about(Kind::ClockBehind, None, || {
                format!("the system clock says {}, but the newest change is from {time}", settings.system_clock)
            });
        }
    }
    if findings.wants(&[Kind::Contradiction]) {
        // Damaged rows are reported with their own kinds.
        let is_damage = |found: &Contradiction| matches!(found, Contradiction::Damaged(_));
        for found in inspection.contradictions(REPORTED)?.into_iter().filter(|found| !is_damage(found)) {
            findings.add(Kind::Contradiction, || Finding {
                kind: Kind::Contradiction,
                key: found.key().map(|id| (id, None)),
                place: None,
                message: found.describe(),
                count: 1,
            });
        }
    }
    Ok(())
}

fn file(inspection: &dyn Inspection, _: &Settings, findings: &mut Findings) -> Result<()> {
    if findings.wants(&[Kind::DamagedFile]) {
        for problem in inspection.problems(REPORTED)? {
            findings.add_about(Kind::DamagedFile, None, || problem);
        }
    }
    Ok(())
}

fn names(inspection: &dyn Inspection, _: &Settings, findings: &mut Findings) -> Result<()> {
    if findings.wants(&[Kind::Linked])
        && let Some(problem) = inspection.other_name()?
    {
        findings.add_about(Kind::Linked, None, || problem);
    }
    Ok(())
}

fn modes(inspection: &dyn Inspection, _: &Settings, findings: &mut Findings) -> Result<()> {
    if findings.wants(&[Kind::Exposed, Kind::NotOwned, Kind::Readable]) {
        for exposure in inspection.exposures()? {
            let path = exposure.path.display().to_string();
            if let Some(owner) = exposure.owner {
                findings.add_about(Kind::NotOwned, Some(path.clone()), || {
                    format!("{path} belongs to the user with uid {owner}")
                });
                continue;
            }
            let (kind, verb) = if exposure.written { (Kind::Exposed, "write to") } else { (Kind::Readable, "read") };
            findings.add_about(kind, Some(path.clone()), || {
                format!("other users can {verb} {path} (mode {:04o})", exposure.mode)
            });
        }
    }
    Ok(())
}
