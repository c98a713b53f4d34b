//! Decides which of the selected keys are rotated, and previews a dry run.

use super::{rotation_run::RotationRun, tally::Tally};
use crate::{
    contract::Operation,
    error::{Code, Exit, Result},
    issuance::{KeySpec, refuse_registered, refuse_rotation},
    key::{Key, KeyId},
    keyring::{Keyring, Query, Selection, Sort, SortField},
    output::count_keys,
};

/// The decision on whether a selected key is rotated.
pub(super) enum Decision {
    /// The key is rotated. The fields are the specification of the new secret and the draft of the successor.
    Rotate(KeySpec, Box<Key>),
    /// The key is skipped. The field is the reason.
    Skip(String),
}

impl RotationRun<'_> {
    /// Decides whether to rotate a key.
    ///
    /// # Errors
    /// - `invalid_time` if the successor would expire after the year 9999, or before its predecessor ends.
    /// - `type_refused`, `scope_required` or the code of another broken rule if the successor would break rules of the
    ///   contract.
    pub(super) fn decide(&self, old: &Key) -> Result<Decision> {
        if let Err(error) = refuse_registered(old) {
            return Ok(Decision::Skip(format!("{error}; {}", error.hint())));
        }
        let what = KeySpec::like(old, &self.args.deliver.choices(), &self.rules);
        let draft = self.succession.draft(old, what.placeholder(), &self.rules, self.context.now())?;
        Ok(match draft.lifecycle.expires {
            Some(expires) if self.window.is_some_and(|window| expires <= window) => Decision::Skip(format!(
                "its successor would expire at {expires}, and the next run would rotate it again; pass a later --expires"
            )),
            _ => Decision::Rotate(what, Box::new(draft)),
        })
    }

    /// Reports which of the selected keys a run would rotate, which it would skip, and which it could not rotate.
    pub(super) fn preview(&self, selected: &[KeyId], keyring: &dyn Keyring) -> Result<Exit> {
        let (mut would, mut tally) = (Vec::new(), Tally::default());
        for id in selected {
            let Some(old) = keyring.key(*id, self.context.now())? else { continue };
            let decision = match refuse_rotation(keyring, &old, self.context.now()) {
                // A real run settles pending successors first.
                Err(error) if error.code() != Code::RotationInProgress => Err(error),
                _ => self.decide(&old),
            };
            match decision {
                Ok(Decision::Rotate(..)) => would.push(old),
                Ok(Decision::Skip(reason)) => tally.skipped.push((old, reason)),
                Err(error) => tally.failed.push((old, error)),
            }
        }
        self.context.console.say(&format!("dry run: would rotate {}", count_keys(would.len())));
        tally.report_skipped(self.context);
        self.context.print_list(&would, keyring, Operation::List)?;
        tally.verdict()
    }
}

/// Returns the ids of the selected keys that have not been rotated yet, sorted by expiry.
pub(super) fn keys_to_rotate(selection: Selection, keyring: &dyn Keyring) -> Result<Vec<KeyId>> {
    let sort = Sort { field: SortField::Expires, descending: false };
    Query { sort, ..Query::every(selection) }.ids(keyring, |facts| facts.rotated_to.is_none())
}
