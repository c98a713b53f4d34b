//! Changes the keys that a filter selects, one page at a time. If a run is stopped, reports how many keys it has
//! changed.

use super::{FoundKeys, Verb};
use crate::{
    command::Context,
    contract::Operation,
    error::{Code, Error, Result},
    issuance::{ChangePage, PageOutcome, Pages},
    keyring::Keyring,
    output::{self, count_keys, with_bar},
};
use std::sync::atomic::Ordering;

/// Changes the due keys in pages, and reports the numbers of changed and skipped keys. Returns the number of changed
/// keys.
///
/// # Errors
/// Returns the error that stopped the change. If the error is `interrupted`, or if any key was changed before the
/// error, the message contains the number of changed keys.
pub(in crate::command) fn change_in_pages(
    found: &mut FoundKeys,
    verb: &Verb,
    keyring: &mut dyn Keyring,
    context: &Context,
    change: &mut ChangePage<'_>,
) -> Result<usize> {
    let due = found.due;
    let template = context.template(keyring, Operation::Error)?;
    let interrupted = || Error::new(Code::Interrupted, "a signal interrupted the command", "");
    let farewell = |changed| {
        output::farewell(&stopped(&interrupted(), verb, changed, due), context.style.format, template.as_ref())
    };
    let pages = Pages { entry: &context.entry, farewell: &farewell };
    let outcome = with_bar(context.console, verb.doing, (due, 1), |count| {
        pages.run(keyring, &mut found.keys, &mut |transaction, page| {
            let changed = change(transaction, page)?;
            count.fetch_add(u64::try_from(page.ids.len()).unwrap_or_default(), Ordering::Relaxed);
            Ok(changed)
        })
    });
    let (changed, skipped) = (found.count(PageOutcome::Changed), found.count(PageOutcome::Skipped));
    outcome.map_err(|error| {
        // The error of a first page says everything, because nothing was changed before it.
        let is_first = changed == 0 && error.code() != Code::Interrupted;
        if is_first { error } else { stopped(&error, verb, changed, due) }
    })?;
    context.console.done(&format!("{} {}{}", verb.done, count_keys(changed), verb.as_of()));
    if skipped > 0 {
        let why = "because another process changed or deleted them in the meantime";
        context.console.say(&format!("skipped {}, {why}", count_keys(skipped)));
    }
    Ok(changed)
}

/// Returns an error with the same code, with the number of changed keys in the message, and with the next step in the
/// hint. Repeating the command is safe, because the command does not change a key a second time.
fn stopped(error: &Error, verb: &Verb, changed: usize, due: usize) -> Error {
    let Verb { action, done, .. } = verb;
    let (message, word) = (error.message(), action.word());
    let again = format!("run the command again to {word} the remaining keys");
    let hint = match error.code() {
        Code::Interrupted if changed == due => {
            format!("nothing remains to be done; `keywright audit --action {word}` shows the keys")
        }
        Code::Interrupted => again,
        _ => format!("{}; then {again}", error.hint()),
    };
    Error::new(error.code(), format!("{message}; {changed} of {} were {done} before that", count_keys(due)), hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyring::Action;

    const REVOKE: Verb = Verb { action: Action::Revoke, doing: "revoking", done: "revoked", planned: None };

    #[test]
    fn a_stopped_run_reports_how_far_it_came_and_how_to_continue() {
        let signal = Error::new(Code::Interrupted, "a signal interrupted the command", "");
        let error = stopped(&signal, &REVOKE, 20, 50);
        assert_eq!(error.message(), "a signal interrupted the command; 20 of 50 keys were revoked before that");
        assert_eq!(error.hint(), "run the command again to revoke the remaining keys");
        assert!(stopped(&signal, &REVOKE, 50, 50).hint().starts_with("nothing remains to be done"));
        let full = stopped(&Error::new(Code::KeyringFull, "no space", "free some space"), &REVOKE, 20, 50);
        assert_eq!(
            (full.code(), full.hint()),
            (Code::KeyringFull, "free some space; then run the command again to revoke the remaining keys",)
        );
    }
}
