//! Settles the successors that interrupted runs left pending.

use super::{rotation_run::RotationRun, tally::Tally};
use crate::{
    command::activate::prove,
    error::Result,
    input, issuance,
    key::{KeyId, Status},
    keyring::{Keyring, Query, Selection},
};
use std::path::Path;

impl RotationRun<'_> {
    /// Settles the successors that interrupted runs left pending. Activates a successor if its file contains its
    /// secret. Otherwise, deletes the successor if its predecessor is selected, so that the predecessor is rotated
    /// again.
    pub(super) fn settle(&self, selected: &[KeyId], keyring: &mut dyn Keyring, tally: &mut Tally) -> Result<()> {
        let pending = Selection { statuses: vec![Status::Pending], ..Selection::all(self.context.now()) };
        for id in Query::every(pending).ids(keyring, |facts| facts.rotated_from.is_some())? {
            let Some(key) = keyring.key(id, self.context.now())? else { continue };
            let file = self.file(&key.description.name, id, key.material.key_type());
            let has_secret = |file: &Path| input::read(file).and_then(|secret| prove(&key, &secret)).is_ok();
            if file.symlink_metadata().is_ok() && has_secret(&file) {
                match issuance::activate(keyring, &self.context.entry, &key) {
                    Ok(key) => tally.finished(key, file, self.context),
                    Err(error) => tally.failed.push((key, error)),
                }
            } else if key.rotation.from.is_some_and(|from| selected.contains(&from)) {
                issuance::discard(keyring, &self.context.entry, id)?;
                let what = format!(
                    "discarded the successor {id} of `{}`, whose delivery was interrupted",
                    key.description.name
                );
                self.context.console.say(&what);
            }
        }
        Ok(())
    }
}
