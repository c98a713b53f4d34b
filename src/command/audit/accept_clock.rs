//! `audit accept-clock`: makes the time of the system clock the keyring time.

use super::Context;
use crate::{
    command::change::SHOWN,
    error::{Code, Error, Exit, Result},
    issuance::ClockChange,
    key::{Description, KeyId, Time},
    keyring::{Keyring, describe_changes, difference, refuse_earlier, transact},
    output::count_keys,
};

/// The maximum number of times to read the keys again because another process has changed the keyring.
const ATTEMPTS: u32 = 20;

pub(super) fn run(mut keyring: Box<dyn Keyring>, dry_run: bool, context: &Context) -> Result<Exit> {
    if context.entry.clock_set {
        let hint = "omit --now; this command accepts the time of the system clock";
        return Err(Error::new(Code::Usage, "--now does not change the system clock", hint));
    }
    let clock = context.entry.at;
    let Some(mut change) = ClockChange::needed(keyring.as_ref(), clock)? else {
        context.console.say(&format!("nothing to do: the system clock ({clock}) is not behind the keyring time"));
        return Ok(Exit::Done);
    };
    let (mut head, mut affected) = (keyring.head()?, change.affected(keyring.as_ref())?);
    let what = if change.from == change.to {
        format!("accept signed requests from {clock} on, although the keyring has seen later ones")
    } else {
        format!(
            "set the keyring time back from {} to {clock}, and adjust the times of {}",
            change.from,
            count_keys(affected.len())
        )
    };
    let adjustments = adjustments(change, &affected, keyring.as_ref())?;
    if dry_run {
        context.console.say(&format!("dry run: would {what}"));
        for line in &adjustments {
            context.console.say(&format!("  {line}"));
        }
        return Ok(Exit::Done);
    }
    keyring.check_writable()?;
    let question =
        format!("{what}? Keys that expire after {clock} become valid again unless they are revoked or disabled.");
    context.console.confirm_list(&adjustments, &question)?;
    for attempt in 1.. {
        refuse_earlier(context.entry.clock(), clock)?;
        let mut is_current = true;
        transact(keyring.as_mut(), &context.entry, |transaction| {
            is_current = transaction.head()? == head;
            if is_current { change.apply(transaction, &affected) } else { Ok(()) }
        })?;
        if is_current {
            break;
        }
        // Another process has changed a key since the keys were read, for example while the question was on the screen.
        let message = "other processes keep changing the keyring, or one of them has accepted the clock";
        let busy = || Error::new(Code::WrongState, message, "run the command again");
        head = keyring.head()?;
        change = ClockChange::needed(keyring.as_ref(), clock)?.filter(|_| attempt < ATTEMPTS).ok_or_else(busy)?;
        affected = change.affected(keyring.as_ref())?;
    }
    if change.from == change.to {
        context.console.done("corrected the time up to which signed requests are refused");
    } else {
        context.console.done(&format!("the keyring time is now {clock}; it was {}", change.from));
    }
    let refused = keyring.forgotten_requests()?.map(|until| Time::from_seconds(until.div_euclid(1000)));
    if let Some(until) = refused.filter(|until| *until > clock) {
        context.console.say(&format!("signed requests with timestamps up to {until} are refused"));
    }
    if !affected.is_empty() {
        context.console.say(&format!(
            "adjusted the times of {}; `keywright audit --action accept-clock` shows them",
            count_keys(affected.len())
        ));
    }
    Ok(Exit::Done)
}

/// Returns the lines that show how the times of the first keys change, and the number of the remaining keys.
fn adjustments(change: ClockChange, affected: &[KeyId], keyring: &dyn Keyring) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for id in affected.iter().take(SHOWN) {
        let Some(old) = keyring.key(*id, change.to)? else { continue };
        let Some(new) = change.settled(keyring, &old)? else { continue };
        let Description { name, env, .. } = &old.description;
        let changes = describe_changes(&difference(&old.view(), &new.view()));
        lines.push(format!("{name} ({env}, {id}): {changes}"));
    }
    let more = affected.len().saturating_sub(SHOWN);
    lines.extend((more > 0).then(|| format!("and {more} more")));
    Ok(lines)
}
