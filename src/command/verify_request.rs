//! `verify-request`: verifies a signed request.

use super::Context;
use crate::{
    cli::{Require, VerifyRequest},
    error::{Code, Error, Exit, Result},
    input,
    key::Period,
    keyring::{Keyring, Reads},
    output,
    proof::{
        Demand, Explanation, KeyringScheme, Mistake, TimestampWindow, VerdictCode, Verifiers, changed_meanwhile,
        explain, record_accepted, verify_request,
    },
    signing::HttpRequest,
};
use std::path::Path;

pub(super) fn run(args: VerifyRequest, context: &Context) -> Result<Exit> {
    let skew = args.max_skew.map(|skew| given_skew(skew, context)).transpose()?;
    let mut keyring = context.open()?;
    let (no_record, wanted, by_options) = (args.no_record, args.explain, args.key_id.is_some());
    let presented = presented(&args)?;
    let now = context.clock().timestamp;
    let Require { scopes, env, ip } = args.require;

    let (mut code, mut answer) = (VerdictCode::BadRequest, Vec::new());
    let mut judge = |keys: &dyn Reads| {
        let at = context.later(keys)?.now();
        let demand = Demand { scopes: scopes.clone(), env, ip, at };
        let mut scheme = KeyringScheme::default();
        let signing = scheme.of(keys)?;
        if by_options && !signing.has_separate_parts() {
            let hint = "pass the request with its headers as input: the head of the HTTP request, or JSON";
            let problem =
                "the contract of the keyring signs by http-message-signatures, which the options cannot express";
            return Err(Error::new(Code::Usage, problem, hint));
        }
        let mut verifiers = Verifiers::default();
        let window = TimestampWindow { now, skew: skew.unwrap_or_else(|| signing.max_skew()) };
        let mut explained: Result<Option<Explanation>> = Ok(None);
        let accepted = verify_request(keys, signing, &presented, &demand, window, &mut verifiers, &mut |verdict| {
            code = verdict.code;
            if let (Ok(presented), true) = (&presented, wanted) {
                explained = explain(keys, signing, presented, code, at);
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
fn presented(args: &VerifyRequest) -> Result<Result<HttpRequest, Mistake>> {
    if let (Some(key_id), Some(timestamp), Some(method), Some(path), Some(signature)) =
        (&args.key_id, &args.timestamp, &args.method, &args.path, &args.signature)
    {
        return Ok(Ok(HttpRequest::with_parts(method, path, [key_id, timestamp, signature])));
    }
    let bytes = input::read_up_to(args.input.as_deref().unwrap_or(Path::new("-")), HttpRequest::LIMIT)?;
    Ok(HttpRequest::read(&bytes))
}

/// Returns the maximum allowed difference between the timestamp and the current time, in milliseconds.
fn given_skew(skew: Period, context: &Context) -> Result<u64> {
    let wrong = |error: Error| error.in_option("--max-skew");
    let end = skew.after(context.now()).map_err(wrong)?;
    match u64::try_from(end.seconds() - context.now().seconds()) {
        Ok(seconds @ 1..) => Ok(seconds.saturating_mul(1000)),
        _ => Err(wrong(Error::new(
            Code::InvalidTime,
            "the maximum skew is less than one second",
            "give a duration of at least 1s",
        ))),
    }
}
