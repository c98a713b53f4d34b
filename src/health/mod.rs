//! What is worth a look before it breaks: keys, their keyring's file, its log, the clock.
//!
//! Everything is read once. The keys, the log and the file's pages are three pieces of work that know nothing of each
//! other, so two threads share them, each piece with a connection of its own; of what was found only so much is kept that
//! a keyring on which everything is wrong takes no more memory than one on which nothing is.

mod finding;
mod key;

pub use finding::{Finding, Kind, Severity};

use crate::{
    contract::{Contract, Rules},
    error::{Code, Result},
    key::Time,
    keyring::Inspection,
};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// How many findings of one kind are told one by one.
const TOLD: usize = 1000;

/// What to look for.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The time that it is.
    pub now: Time,
    /// What expires by then is told.
    pub expiring_by: Time,
    /// What was not used since then is told.
    pub unused_since: Time,
    /// What is pending since then is told.
    pub pending_since: Time,
    /// What is looked for.
    pub kinds: Vec<Kind>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// The findings, the worst first.
    pub findings: Vec<Finding>,
    /// How many keys were looked at.
    pub keys: u64,
    /// How many rows of the log were looked at.
    pub rows: u64,
}

/// What was found so far: of each kind so many, and the number of the rest.
#[derive(Debug, Default)]
struct Watch {
    wanted: Vec<Kind>,
    found: BTreeMap<Kind, (Vec<Finding>, u64)>,
    keys: u64,
    rows: u64,
}

impl Watch {
    fn new(wanted: &[Kind]) -> Self {
        Self { wanted: wanted.to_vec(), ..Self::default() }
    }

    fn wants(&self, kinds: &[Kind]) -> bool {
        kinds.iter().any(|kind| self.wanted.contains(kind))
    }

    fn note(&mut self, kind: Kind, finding: impl FnOnce() -> Finding) {
        if self.wants(&[kind]) {
            self.insist(kind, finding);
        }
    }

    /// Notes what is told whether it is wanted or not.
    fn insist(&mut self, kind: Kind, finding: impl FnOnce() -> Finding) {
        let (told, more) = self.found.entry(kind).or_default();
        if told.len() < TOLD {
            told.push(finding());
        } else {
            *more += 1;
        }
    }

    /// What another piece of work found comes in after what is here.
    fn join(&mut self, other: Self) {
        for (kind, (findings, more)) in other.found {
            for finding in findings {
                // A damaged page is met by everybody who comes along.
                let known = self.found.get(&kind).is_some_and(|(told, _)| {
                    kind == Kind::DamagedFile && told.iter().any(|known| known.message == finding.message)
                });
                if !known {
                    self.insist(kind, || finding);
                }
            }
            self.found.entry(kind).or_default().1 += more;
        }
        self.keys += other.keys;
        self.rows += other.rows;
    }

    fn into_findings(self) -> Vec<Finding> {
        let each = self.found.into_iter().flat_map(|(kind, (mut told, more))| {
            if more > 0 {
                let message = format!("and {more} more of this kind");
                told.push(Finding { kind, key: None, place: None, message, count: more });
            }
            told
        });
        each.collect()
    }
}

/// One part of the work.
type Piece = fn(&dyn Inspection, &Settings, &mut Watch) -> Result<()>;

/// Looks a keyring over. Writes nothing.
///
/// # Errors
/// What keeps it from being read, other than damage, which is a finding.
pub fn check(inspection: &dyn Inspection, settings: &Settings) -> Result<Report> {
    let pieces: [Piece; 5] = [keys, log, beside, file, modes];
    let next = AtomicUsize::new(0);
    let work = || -> Result<Watch> {
        let mut watch = Watch::new(&settings.kinds);
        while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
            match piece(inspection, settings, &mut watch) {
                Err(error) if error.code() == Code::KeyringCorrupt => {
                    // What could not be looked at may hold anything that is asked for.
                    let (kind, key, place) = (Kind::DamagedFile, None, None);
                    watch.insist(kind, || Finding { kind, key, place, message: error.message(), count: 1 });
                }
                outcome => outcome?,
            }
        }
        Ok(watch)
    };
    let (here, there) = thread::scope(|scope| {
        // A thread that cannot be had is not missed: this one looks at all the pieces.
        let other = thread::Builder::new().spawn_scoped(scope, work);
        let here = work();
        (here, other.ok().map(thread::ScopedJoinHandle::join))
    });
    let mut watch = here?;
    if let Some(there) = there {
        // A panic has said what it may say; it goes on here.
        watch.join(there.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
    }
    let (keys, rows) = (watch.keys, watch.rows);
    Ok(Report { findings: watch.into_findings(), keys, rows })
}

fn keys(inspection: &dyn Inspection, settings: &Settings, watch: &mut Watch) -> Result<()> {
    let about_keys = [
        Kind::DamagedKey,
        Kind::Expiring,
        Kind::Pending,
        Kind::OverScoped,
        Kind::WeakRsa,
        Kind::Unused,
        Kind::NeverUsed,
        Kind::Expired,
    ];
    if !watch.wants(&about_keys) && !watch.wants(&[Kind::DamagedContract]) {
        return Ok(());
    }
    let rules = match Contract::stored(inspection.contract()?.as_deref()) {
        Ok(contract) => contract.rules,
        Err(error) => {
            watch.place(Kind::DamagedContract, None, || error.message());
            Rules::default()
        }
    };
    if !watch.wants(&about_keys) {
        return Ok(());
    }
    let mut seen = 0;
    inspection.each_key(&mut |examined| {
        seen += 1;
        match examined {
            Ok(facts) => settings.judge(facts, &rules, watch),
            Err(damage) => watch.damage(Kind::DamagedKey, damage),
        }
    })?;
    watch.keys += seen;
    Ok(())
}

fn beside(inspection: &dyn Inspection, _: &Settings, watch: &mut Watch) -> Result<()> {
    if watch.wants(&[Kind::DamagedRow]) {
        inspection.each_other_damage(&mut |damage| watch.damage(Kind::DamagedRow, damage))?;
    }
    Ok(())
}

fn log(inspection: &dyn Inspection, settings: &Settings, watch: &mut Watch) -> Result<()> {
    if watch.wants(&[Kind::DamagedLog, Kind::ClockBehind]) {
        let chain = inspection.verify_chain()?;
        watch.rows += chain.rows;
        if let Some(broken) = &chain.broken {
            watch.place(Kind::DamagedLog, Some(format!("row {}", broken.seq)), || match chain.breaks {
                1 => broken.describe(),
                breaks => format!("{}; {breaks} rows do not follow in all, and this is the first", broken.describe()),
            });
        }
        if let Some(latest) = chain.latest.filter(|latest| *latest > settings.now) {
            watch.place(Kind::ClockBehind, None, || {
                format!("it is {} by the clock, and the audit log has a row of {latest}", settings.now)
            });
        }
    }
    if watch.wants(&[Kind::Contradiction]) {
        for found in inspection.contradictions(TOLD)? {
            watch.note(Kind::Contradiction, || Finding {
                kind: Kind::Contradiction,
                key: Some((found.key(), None)),
                place: None,
                message: found.describe(),
                count: 1,
            });
        }
    }
    Ok(())
}

fn file(inspection: &dyn Inspection, _: &Settings, watch: &mut Watch) -> Result<()> {
    if watch.wants(&[Kind::DamagedFile]) {
        for problem in inspection.problems(TOLD)? {
            watch.place(Kind::DamagedFile, None, || problem);
        }
    }
    Ok(())
}

fn modes(inspection: &dyn Inspection, _: &Settings, watch: &mut Watch) -> Result<()> {
    if watch.wants(&[Kind::Exposed, Kind::Readable]) {
        for exposure in inspection.exposures()? {
            let (kind, verb) = if exposure.written { (Kind::Exposed, "write") } else { (Kind::Readable, "read") };
            let path = exposure.path.display().to_string();
            watch.place(kind, Some(path.clone()), || format!("others can {verb} {path} (mode {:04o})", exposure.mode));
        }
    }
    Ok(())
}
