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
    error::{Code, Error, Exit, Result},
    issuance::Succession,
    key::{AllowedIps, Handover, Lifetime, RevocationReason, Time},
};

/// The default value of `--overlap`.
const OVERLAP: &str = "24h";

pub(super) fn run(args: Rotate, context: &Context) -> Result<Exit> {
    args.refuse_contradictions()?;
    let networks = AllowedIps::new(&args.allowed_ips).map_err(|e| e.in_option("--allow-ip"))?;
    let networks = (!args.allowed_ips.is_empty()).then_some(networks);
    let succession = succession(&args, networks.as_ref(), context.now)?;
    match (&args.key, &args.out_dir) {
        (Some(target), None) => one::run(&args, target, succession, context),
        (None, Some(directory)) => {
            let directory = directory.clone();
            many::run(args, &directory, succession, context)
        }
        _ => Err(Error::new(
            Code::Usage,
            "no key is given",
            "name a key, or rotate many with --expiring-within DURATION --out-dir DIR",
        )),
    }
}

/// Returns the succession that the options request. It is the same for all keys.
fn succession<'a>(args: &Rotate, allowed_ips: Option<&'a AllowedIps>, now: Time) -> Result<Succession<'a>> {
    let overlap = args.overlap.map_or_else(|| OVERLAP.parse(), Ok)?;
    let seconds = overlap.seconds(now).map_err(|e| e.in_option("--overlap"))?;
    let handover = if overlap.is_none() {
        Handover::Revoke(args.reason.unwrap_or(RevocationReason::Superseded))
    } else {
        Handover::Overlap { seconds, on_use: args.retire_on_use }
    };
    let lifetime = match args.expires {
        Some(when) => Lifetime::Until(when.resolve(now).map_err(|e| e.in_option("--expires"))?),
        None => Lifetime::AsLong,
    };
    Ok(Succession { handover, lifetime, allowed_ips })
}
