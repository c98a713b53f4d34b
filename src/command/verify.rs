//! `verify`: verifies a presented secret.

mod batch;
mod watched;

use super::Context;
use crate::{
    cli::{Require, Verify},
    error::{Code, Error, Exit, Result},
    input,
    key::Time,
    output,
    proof::{self, Demand, PresentedSecret, VerdictCode},
};
use std::path::Path;

pub(super) fn run(args: Verify, context: &Context) -> Result<Exit> {
    if args.batch {
        context.refuse_fields("`verify --batch`")?;
        return batch::run(args.no_record, context);
    }
    let mut keyring = context.open()?;
    let bytes = input::read_secret(args.token_file.as_deref().unwrap_or(Path::new("-")), context.console)?;
    let presented = PresentedSecret::read(&bytes);
    let Require { scopes, env, ip } = args.require;
    let (mut answer, mut found, mut used) = (Vec::new(), VerdictCode::Malformed, None);
    keyring.consistent_read(&mut |keys| {
        let later = context.later(keys)?;
        refuse_past(args.at, &later)?;
        let demand = Demand { scopes: scopes.clone(), env, ip, at: args.at.unwrap_or(later.now()) };
        let valid = proof::verify(keys, &presented, &demand, &mut |verdict| {
            found = verdict.code;
            output::verdict(verdict, None, demand.at, &context.style, &mut answer);
        })?;
        used = valid.filter(|used| args.at.is_none() && !args.no_record && used.is_due(demand.at));
        Ok(())
    })?;
    // The answer is written first, so that the caller does not have to wait until the use is recorded.
    if !answer.is_empty() {
        output::write(&answer)?;
    }
    // The clock may have been corrected while the command waited for the secret. After the answer, no error is reported.
    if let (Some(used), Ok(later)) = (used, context.later(keyring.as_ref())) {
        proof::record_uses(keyring.as_mut(), &later.entry, &[used.key]);
    }
    Ok(if found.is_valid() { Exit::Done } else { Exit::No })
}

/// Refuses to judge a key at a time in the past: a key that has ended since would be called valid.
fn refuse_past(at: Option<Time>, context: &Context) -> Result<()> {
    match at {
        Some(at) if at < context.now() => Err(Error::new(
            Code::InvalidTime,
            format!("--at: {at} is in the past, and the keyring does not say which keys were valid then"),
            "give a date or time in the future, or omit --at to verify as of now",
        )),
        _ => Ok(()),
    }
}
