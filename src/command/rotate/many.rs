//! Rotates many keys.
//!
//! Each key is rotated separately, and each new secret is written to a separate file. If a run is interrupted, every
//! key is either rotated or unchanged, except for the one in progress, whose successor is pending and may or may not
//! have a file. The next run first settles such successors. While it settles them, it holds the exclusive rotation
//! lock, so that no other process can still be delivering one of them. It then continues under the shared lock.

use super::{
    decision::{Decision, keys_to_rotate},
    rotation_run::RotationRun,
    tally::{AGAIN, Tally},
};
use crate::{
    cli::Rotate,
    command::{
        Context,
        contract::contract_of,
        deliver::{Delivered, deliver_made},
        destination::Outputs,
    },
    error::{Code, Exit, Result},
    files::make_directory,
    issuance::{self, KeySpec, Succession, refuse_rotation},
    key::{Key, Status},
    keyring::{Keyring, LockMode, Selection},
    output::with_bar,
};
use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

pub(super) fn run(mut args: Rotate, directory: &Path, succession: Succession<'_>, context: &Context) -> Result<Exit> {
    let mut keyring = context.open()?;
    let rules = contract_of(Some(keyring.as_ref()))?.rules;
    let filter = std::mem::take(&mut args.filter);
    let selection = Selection { statuses: vec![Status::Active], ..filter.selection(context.now())? };
    let directory = &make_directory(directory, args.dry_run)?;
    let run = RotationRun { args: &args, directory, succession, rules, window: selection.expiring_by, context };
    let selected = keys_to_rotate(selection, keyring.as_ref())?;
    if args.dry_run {
        return run.preview(&selected, keyring.as_ref());
    }
    keyring.check_writable()?;
    let mut tally = Tally::default();
    let lock = context.location.rotation_lock(LockMode::Exclusive)?;
    run.settle(&selected, keyring.as_mut(), &mut tally)?;
    if let Err(error) = lock.downgrade() {
        // The interrupted rotations have been completed, and their files are listed.
        tally.report(keyring.as_ref(), false, context)?;
        return Err(error);
    }
    let signaled = with_bar(context.console, "rotating", (selected.len(), 1), |count| -> Result<bool> {
        for id in selected {
            let Some(old) = keyring.key(id, context.now())? else { continue };
            // The key already has a successor if this run has settled it or another process has rotated it.
            if old.rotation.to.is_none() && run.rotate(old, keyring.as_mut(), &mut tally) {
                return Ok(true);
            }
            count.fetch_add(1, Ordering::Relaxed);
        }
        Ok(false)
    });
    tally.report(keyring.as_ref(), signaled?, context)
}

impl RotationRun<'_> {
    /// Rotates one key, and adds the result to the tally. Returns `true` if a signal arrived in the meantime.
    fn rotate(&self, old: Key, keyring: &mut dyn Keyring, tally: &mut Tally) -> bool {
        let decision = refuse_rotation(keyring, &old, self.context.now()).and_then(|()| self.decide(&old));
        let delivered = match decision {
            Ok(Decision::Rotate(what, draft)) => self.issue(&what, (*draft, &old), keyring),
            Ok(Decision::Skip(reason)) => {
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
            Err(error) if error.code() == Code::Interrupted => true,
            Err(error) => {
                tally.failed.push((old, error));
                false
            }
        }
    }

    /// Generates and issues the successor that `draft` describes.
    fn issue(&self, what: &KeySpec, (draft, basis): (Key, &Key), keyring: &mut dyn Keyring) -> Result<Delivered> {
        let made = issuance::generate(what, &AtomicU64::new(0))?;
        let file = self.file(&draft.description.name, made.0, what.key_type);
        let outputs = Outputs::file(file, self.args.deliver.secret_format)?;
        deliver_made(made, (draft, Some(basis)), outputs, keyring, self.context, AGAIN)
    }
}
