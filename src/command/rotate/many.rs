//! Rotating every key that expires soon.
//!
//! Each key is rotated by itself, its secret in a file of its own, so whatever stops a run leaves every key either rotated
//! or as it was, but for the one that was on its way: its successor is pending, and its file there or not. A run begins
//! by settling those, alone, so that no living process can be waiting for them; then it shares the keyring again.

use super::tally::{AGAIN, Tally};
use crate::{
    cli::Rotate,
    command::{
        Context,
        activate::prove,
        contract::contract_of,
        deliver::{Delivered, deliver_made},
        destination::Outputs,
    },
    contract::{Operation, Rules},
    error::{Code, Exit, Result},
    files::make_directory,
    input,
    issuance::{self, KeySpec, Succession, refuse_registered, refuse_rotation},
    key::{Key, KeyId, Status, Time},
    keyring::{Keyring, LockMode, Query, Selection, Sort, SortField},
    output::{count_keys, with_bar},
};
use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

/// What becomes of a key that is due.
enum Judged {
    /// It gets this successor.
    Due(KeySpec, Box<Key>),
    /// It is left as it is, for this reason.
    Left(String),
}

/// What is asked for, of every key that is due.
struct Round<'a> {
    args: &'a Rotate,
    directory: &'a Path,
    succession: Succession,
    rules: Rules,
    /// The keys that are due expire by then, and successors must not.
    window: Option<Time>,
    context: &'a Context,
}

pub(super) fn run(mut args: Rotate, directory: &Path, succession: Succession, context: &Context) -> Result<Exit> {
    let mut keyring = context.open()?;
    let rules = contract_of(Some(keyring.as_ref()))?.rules;
    let filter = std::mem::take(&mut args.filter);
    let selection = Selection { statuses: vec![Status::Active], ..filter.selection(context.now)? };
    let directory = &make_directory(directory, args.dry_run)?;
    let round = Round { args: &args, directory, succession, rules, window: selection.expiring_by, context };
    let due = due(selection, keyring.as_ref())?;
    if args.dry_run {
        return round.rehearse(&due, keyring.as_ref());
    }
    keyring.check_writable()?;
    let mut tally = Tally::default();
    let lock = context.location.rotation_lock(LockMode::Exclusive)?;
    round.settle(&due, keyring.as_mut(), &mut tally)?;
    lock.downgrade();
    let signaled = with_bar(context.console, "rotating", due.len(), |count| -> Result<bool> {
        for id in due {
            let Some(old) = keyring.key(id, context.now)? else { continue };
            // What was finished just now, or by somebody else a moment ago, is not due any more.
            if old.rotation.to.is_none() && round.rotate(old, keyring.as_mut(), &mut tally) {
                return Ok(true);
            }
            count.fetch_add(1, Ordering::Relaxed);
        }
        Ok(false)
    });
    tally.report(keyring.as_ref(), signaled?, context)
}

impl Round<'_> {
    /// Rotates one key; says whether a signal came meanwhile.
    fn rotate(&self, old: Key, keyring: &mut dyn Keyring, tally: &mut Tally) -> bool {
        let judged = refuse_rotation(keyring, &old, self.context.now).and_then(|()| self.judge(&old));
        let delivered = match judged {
            Ok(Judged::Due(what, draft)) => self.issue(&what, *draft, keyring),
            Ok(Judged::Left(reason)) => {
                tally.skipped.push((old, reason));
                return false;
            }
            Err(error) => Err(error),
        };
        match delivered {
            Ok(delivered) => {
                let file = delivered.file().map(Path::to_owned).unwrap_or_default();
                tally.done.push((delivered.key, file));
                delivered.signaled
            }
            Err(error) => {
                tally.failed.push((old, error));
                false
            }
        }
    }

    fn issue(&self, what: &KeySpec, draft: Key, keyring: &mut dyn Keyring) -> Result<Delivered> {
        let made = issuance::generate(what, &AtomicU64::new(0))?;
        let format = self.args.deliver.secret_format;
        let file = self.directory.join(format.file_name(draft.description.name.as_str(), made.0, what.key_type));
        deliver_made(made, draft, Outputs::file(file, format)?, keyring, self.context, AGAIN)
    }

    fn judge(&self, old: &Key) -> Result<Judged> {
        if let Err(error) = refuse_registered(old) {
            return Ok(Judged::Left(format!("{error}; {}", error.hint())));
        }
        let what = KeySpec::like(old, &self.args.deliver.choices(), &self.rules);
        let draft = self.succession.draft(old, what.placeholder(), &self.rules, self.context.now)?;
        Ok(match draft.lifecycle.expires {
            Some(expires) if self.window.is_some_and(|window| expires <= window) => Judged::Left(format!(
                "its successor would expire at {expires}, and be rotated again by the next run; give a later --expires"
            )),
            _ => Judged::Due(what, Box::new(draft)),
        })
    }

    /// Finishes or drops what dead processes left pending. Whose secret is in its file becomes active; of the others that are
    /// due nobody has the secret in this directory, and they are rotated afresh.
    fn settle(&self, due: &[KeyId], keyring: &mut dyn Keyring, tally: &mut Tally) -> Result<()> {
        let pending = Selection { statuses: vec![Status::Pending], ..Selection::all(self.context.now) };
        for id in Query::every(pending).ids(keyring, |facts| facts.rotated_from.is_some())? {
            let Some(key) = keyring.key(id, self.context.now)? else { continue };
            let format = self.args.deliver.secret_format;
            let file =
                self.directory.join(format.file_name(key.description.name.as_str(), id, key.material.key_type()));
            let has_secret = |file: &Path| input::read(file).and_then(|secret| prove(&key, &secret)).is_ok();
            if file.symlink_metadata().is_ok() && has_secret(&file) {
                match issuance::activate(keyring, &self.context.entry, &key) {
                    Ok(key) => tally.finished(key, file, self.context),
                    Err(error) => tally.failed.push((key, error)),
                }
            } else if key.rotation.from.is_some_and(|from| due.contains(&from)) {
                issuance::discard(keyring, &self.context.entry, id)?;
                let what =
                    format!("dropped the successor {id} of `{}`, whose delivery was broken off", key.description.name);
                self.context.console.say(&what);
            }
        }
        Ok(())
    }

    fn rehearse(&self, due: &[KeyId], keyring: &dyn Keyring) -> Result<Exit> {
        let (mut would, mut tally) = (Vec::new(), Tally::default());
        for id in due {
            let Some(old) = keyring.key(*id, self.context.now)? else { continue };
            let judged = match refuse_rotation(keyring, &old, self.context.now) {
                // A run would settle what is pending.
                Err(error) if error.code() != Code::RotationInProgress => Err(error),
                _ => self.judge(&old),
            };
            match judged {
                Ok(Judged::Due(..)) => would.push(old),
                Ok(Judged::Left(reason)) => tally.skipped.push((old, reason)),
                Err(error) => tally.failed.push((old, error)),
            }
        }
        self.context.console.say(&format!("dry run: would rotate {}", count_keys(would.len())));
        tally.tell_skipped(self.context);
        self.context.print_list(&would, keyring, Operation::List)?;
        tally.verdict()
    }
}

/// The keys that are due, the first to expire first; those that were taken over from already are not.
fn due(selection: Selection, keyring: &dyn Keyring) -> Result<Vec<KeyId>> {
    let sort = Sort { field: SortField::Expires, descending: false };
    Query { sort, ..Query::every(selection) }.ids(keyring, |facts| facts.rotated_to.is_none())
}
