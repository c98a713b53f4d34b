//! Issuing many keys: the same three steps, each once for all of them.
//!
//! While the rows are reserved, the secrets are written into a file that has no name yet, where there are such files: it is gone
//! with the process, and nobody can have found it. The secrets leave when it gets its name, which comes after the rows as ever.

use super::{
    PENDING_TTL,
    admit::{holder_of, issue_limit_exceeded, name_taken, sweep},
};
use crate::{
    contract::{Contract, Rules, Violation},
    delivery::Delivery,
    error::{Code, Error, Result},
    files::{Sink, Stream, Undo},
    interrupt,
    key::{Field, KeyId, Name, Owner, Time},
    keyring::{Action, Batch, Entry, Keyring, Keys, Location, Transaction, transact},
};
use std::{
    collections::BTreeMap,
    io,
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// Keys, made and to be issued, all or none.
pub struct IssueMany<'a> {
    /// The pending keys.
    pub keys: Batch<'a>,
    /// Their ids.
    pub ids: Arc<[KeyId]>,
    /// The first and the last of their names, byte by byte; within one environment all differ.
    pub names: (Name, Name),
    /// The contract, as text, that they were judged by.
    pub contract: Option<&'a str>,
    /// The secrets as they are to be written.
    pub secrets: Stream<'a>,
    /// Where they go.
    pub delivery: Delivery,
    /// What a signal says once the keys are issued.
    pub farewell: Vec<u8>,
}

/// Issues many keys; an error says whether the secrets are out.
///
/// # Errors
/// As [`issue`](super::issue()): what [`admit_many`] refuses, what `delivery` reports, `wrong_state` when one of the keys was
/// changed meanwhile, which takes back all, and `activation_unknown`.
pub fn issue_many(keyring: &mut dyn Keyring, entry: &Entry, location: &Location, issue: IssueMany<'_>) -> Result<()> {
    let keys = issue.keys;
    let refused = AtomicBool::new(false);
    let until_refused = |sink: Sink<'_>| {
        let mut sink = |bytes: &[u8]| {
            if refused.load(Ordering::Relaxed) { Err(io::ErrorKind::Interrupted.into()) } else { sink(bytes) }
        };
        (issue.secrets)(&mut sink)
    };
    thread::scope(|scope| {
        let staging = thread::Builder::new().spawn_scoped(scope, || issue.delivery.stage(&until_refused));
        let staging = staging.map_err(Error::no_thread)?;
        transact(keyring, entry, |transaction| {
            admit_many(transaction, keys, &issue.names, issue.contract, entry.at)?;
            transaction.insert_many(keys, Action::Reserve)
        })
        .inspect_err(|_| refused.store(true, Ordering::Relaxed))?;
        let undo = Undo::new();
        let guard = interrupt::guard({
            let (undo, location, entry, ids) = (undo.clone(), location.clone(), entry.clone(), Arc::clone(&issue.ids));
            move || {
                let _ = undo.run();
                // Failing that, the rows stay pending, which never verify, and are swept.
                let _ = location.open().and_then(|mut keyring| discard_many(keyring.as_mut(), &entry, &ids));
            }
        });
        let staged = staging.join().unwrap_or_else(|panic| resume_unwind(panic));
        if let Err(error) = staged.deliver(issue.secrets, &undo) {
            let _ = guard.undo();
            return Err(error);
        }
        let closing = guard.close();
        let active = transact(keyring, entry, |transaction| transaction.activate_many(keys))
            .or_else(|cause| settle(cause, entry, location, &issue.ids, &undo));
        interrupt::set_message(issue.farewell);
        // One that came meanwhile ends nothing any more: the report is all that is left.
        let _ = closing.finish();
        active
    })
}

fn discard_many(keyring: &mut dyn Keyring, entry: &Entry, ids: &[KeyId]) -> Result<()> {
    transact(keyring, entry, |transaction| transaction.delete_many(ids, Action::Discard))
}

/// After an activation that failed. All were to become active together, so that one of them tells of all.
fn settle(cause: Error, entry: &Entry, location: &Location, ids: &[KeyId], undo: &Undo) -> Result<()> {
    if cause.code() == Code::WrongState {
        let _ = undo.run();
        let _ = location.open().and_then(|mut keyring| discard_many(keyring.as_mut(), entry, ids));
        return Err(cause);
    }
    let Some(first) = ids.first() else { return Ok(()) };
    let found = location.open().and_then(|keyring| keyring.key(*first, entry.at));
    let state = match found {
        Ok(Some(key)) if key.lifecycle.activated.is_some() => return Ok(()),
        Ok(Some(_)) => "but the keys are still pending",
        Ok(None) => "but the keys are not there",
        Err(_) => "and whether the keys are active cannot be read",
    };
    Err(Error::new(
        Code::ActivationUnknown,
        format!("the secrets were delivered, {state}"),
        format!(
            "keep them; `keywright show {first}` tells, `keywright activate --from FILE` completes all of them, and what stays \
             pending is gone after {} minutes",
            PENDING_TTL / 60
        ),
    )
    .because(anyhow::anyhow!("{cause}")))
}

/// Whether keys that were judged before may come in together, by the contract as it is in this transaction. Removes what was
/// pending for too long first.
///
/// # Errors
/// As for each of them alone, and `issue_limit_exceeded` when they are too many together.
fn admit_many(
    transaction: &mut dyn Transaction,
    keys: Batch<'_>,
    names: &(Name, Name),
    judged: Option<&str>,
    now: Time,
) -> Result<()> {
    sweep(transaction, now)?;
    let contract = transaction.contract()?;
    let rules = Contract::stored(contract.as_deref())?.rules;
    if contract.as_deref() != judged {
        for index in 0..keys.count {
            rules.check_key(&keys.key(index))?;
        }
    }
    refuse_many(transaction, &rules, keys, names, now)
}

/// Refuses keys that may not come in together; each of them was judged by the rules already.
///
/// # Errors
/// `name_taken` or `issue_limit_exceeded`.
pub fn refuse_many(
    known: &(impl Keys + ?Sized),
    rules: &Rules,
    keys: Batch<'_>,
    names: &(Name, Name),
    now: Time,
) -> Result<()> {
    if rules.name.unique && known.has_names_between(&names.0, &names.1)? {
        for index in 0..keys.count {
            let key = keys.key(index);
            if let Some(other) = holder_of(known, &key.description.name, key.description.env, now)? {
                return Err(name_taken(&other, now));
            }
        }
    }
    let Some(limit) = &rules.issue_limit else { return Ok(()) };
    let mut wanted: BTreeMap<String, (Owner, u32)> = BTreeMap::new();
    for owner in (0..keys.count).filter_map(|index| keys.key(index).description.owner) {
        wanted.entry(owner.to_string()).or_insert((owner, 0)).1 += 1;
    }
    for (owner, count) in wanted.into_values() {
        let since = Time::from_seconds(now.seconds() - limit.value().window);
        let most = limit.value().count;
        if count > most {
            let text = limit.text();
            let problem = format!("{count} keys for the owner `{owner}` exceed the limit of {text} (rule issue_limit)");
            return Err(Violation::new(Field::Owner, Code::IssueLimitExceeded, problem, "issue fewer keys").into());
        }
        // The one that has to leave the window before there is room for all.
        if let Some(made) = known.nth_newest(&owner, since, most + 1 - count)? {
            return Err(issue_limit_exceeded(limit, &owner, made));
        }
    }
    Ok(())
}
