//! `rotate`: replaces a key with a new one that has the same description.

mod decision;
mod many;
mod one;
mod predecessor;
mod register;
mod rotation_run;
mod settle;
mod tally;

use super::Context;
use crate::{
    cli::Rotate,
    error::{Code, Error, Exit, Problems, Result},
    issuance::Succession,
    key::{DescriptionChange, Field, Handover, Lifetime, RevocationReason, Time, When},
};

/// The default value of `--overlap`.
const OVERLAP: &str = "24h";

pub(super) fn run(args: Rotate, context: &Context) -> Result<Exit> {
    args.refuse_contradictions()?;
    let mut problems = Problems::default();
    let description = args.describe.change(&mut problems);
    let expires = args.describe.expires.as_ref().and_then(|given| given.read(Field::ExpiresAt, &mut problems));
    problems.into_result()?;
    let succession = succession(&args, &description, expires, context.now())?;
    match (&args.key, &args.out_dir) {
        (Some(target), None) => one::run(&args, target, succession, context),
        (None, Some(directory)) => {
            let directory = directory.clone();
            many::run(args, &directory, succession, context)
        }
        _ => Err(Error::new(
            Code::Usage,
            "no key is given",
            "name a key, or rotate many keys with --expiring-within DURATION --out-dir DIR",
        )),
    }
}

/// Returns the succession that the options request, which applies to every key.
fn succession<'a>(
    args: &Rotate,
    description: &'a DescriptionChange,
    expires: Option<When>,
    now: Time,
) -> Result<Succession<'a>> {
    let overlap = args.overlap.map_or_else(|| OVERLAP.parse(), Ok)?;
    let seconds = overlap.seconds(now).map_err(|e| e.in_field(Field::Handover.word()))?;
    let handover = if overlap.is_none() {
        Handover::Revoke(args.reason.unwrap_or(RevocationReason::Superseded))
    } else {
        Handover::Overlap { seconds, on_use: args.retire_on_use }
    };
    let lifetime = match expires {
        Some(when) => Lifetime::Until(when.resolve(now).map_err(|e| e.in_field(Field::ExpiresAt.word()))?),
        None => Lifetime::AsLong,
    };
    Ok(Succession { handover, lifetime, description })
}
