//! `verify-request`: verifies a signed request.

use super::Context;
use crate::{
    cli::{Require, VerifyRequest},
    error::{Code, Error, Exit, Result},
    input,
    keyring::{Keyring, Reads},
    output,
    proof::{
        Demand, Explanation, Mistake, SignedRequest, TimestampWindow, UnsignedParts, VerdictCode, Verifiers,
        changed_meanwhile, explain, record_accepted, verify_request,
    },
};
use std::path::Path;

/// The maximum size of a request in bytes. The limit is larger than the longest request head that servers accept, and
/// leaves room for part of a body.
const LIMIT: usize = 1024 * 1024;

pub(super) fn run(args: VerifyRequest, context: &Context) -> Result<Exit> {
    let skew = skew(&args, context)?;
    let mut keyring = context.open()?;
    let (no_record, wanted) = (args.no_record, args.explain);
    let presented = presented(&args)?;
    let window = TimestampWindow { now: context.clock().timestamp, skew };
    let Require { scopes, env, ip } = args.require;

    let (mut code, mut answer) = (VerdictCode::BadRequest, Vec::new());
    let mut judge = |keys: &dyn Reads| {
        let at = context.later(keys)?.now();
        let demand = Demand { scopes: scopes.clone(), env, ip, at };
        let mut explained: Result<Option<Explanation>> = Ok(None);
        let accepted = verify_request(keys, &presented, &demand, window, &mut Verifiers::default(), &mut |verdict| {
            code = verdict.code;
            if let (Ok(presented), true) = (&presented, wanted) {
                explained = explain(keys, presented, code, at);
            }
            let explanation = wanted.then_some(explained.as_ref().ok().and_then(Option::as_ref));
            answer.clear();
            output::verdict(verdict, explanation, at, &context.style, &mut answer);
        })?;
        explained.map(|_| accepted)
    };
    let mut judged = |keyring: &dyn Keyring| {
        let mut accepted = None;
        keyring.consistent_read(&mut |keys| {
            accepted = judge(keys)?;
            Ok(())
        })?;
        Ok::<_, Error>(accepted)
    };
    let accepted = judged(keyring.as_ref())?;
    if let Some(accepted) = accepted.filter(|_| !no_record) {
        // A request is accepted only after it has been recorded, because a replay cannot be detected otherwise.
        keyring.check_writable()?;
        // The key may have ended in the meantime, or another process may have recorded the same request.
        let entry = &context.later(keyring.as_ref())?.entry;
        if record_accepted(keyring.as_mut(), entry, &[&accepted])? != [true] && judged(keyring.as_ref())?.is_some() {
            return Err(changed_meanwhile());
        }
    }
    if !answer.is_empty() {
        output::write(&answer)?;
    }
    Ok(if code.is_valid() { Exit::Done } else { Exit::No })
}

/// Returns the presented request, which is read from the options, a file or standard input.
fn presented(args: &VerifyRequest) -> Result<Result<SignedRequest, Mistake>> {
    if let (Some(key_id), Some(timestamp), Some(method), Some(path), Some(signature)) =
        (&args.key_id, &args.timestamp, &args.method, &args.path, &args.signature)
    {
        let [key_id, timestamp, method, path, signature] =
            [key_id, timestamp, method, path, signature].map(Clone::clone);
        let unsigned = UnsignedParts::default();
        return Ok(Ok(SignedRequest { key_id, timestamp, method, path, signature, unsigned }));
    }
    let bytes = input::read_up_to(args.input.as_deref().unwrap_or(Path::new("-")), LIMIT)?;
    Ok(SignedRequest::read(&bytes))
}

/// Returns the maximum allowed difference between the timestamp and the current time, in milliseconds.
fn skew(args: &VerifyRequest, context: &Context) -> Result<u64> {
    let wrong = |error: Error| error.in_option("--max-skew");
    let end = args.max_skew.after(context.now()).map_err(wrong)?;
    match u64::try_from(end.seconds() - context.now().seconds()) {
        Ok(seconds @ 1..) => Ok(seconds.saturating_mul(1000)),
        _ => Err(wrong(Error::new(
            Code::InvalidTime,
            "the maximum skew is less than one second",
            "give a duration of at least 1s",
        ))),
    }
}
