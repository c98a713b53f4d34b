//! Finds the keys that a filter selects.

use crate::{
    command::change::SHOWN,
    error::Result,
    issuance::{ChosenKey, PageOutcome},
    key::Key,
    keyring::{Cursor, Keyring, Query, Selection},
};

/// The keys that a filter selects. To save memory, only the first keys to change are kept in full. The id and the
/// outcome of a key take 17 bytes.
pub(in crate::command) struct FoundKeys {
    /// The keys in stored order, newest first.
    pub(in crate::command) keys: Vec<ChosenKey>,
    /// The number of keys to change.
    pub(in crate::command) due: usize,
    /// The first keys to change, at most [`SHOWN`].
    pub(in crate::command) first: Vec<Key>,
}

impl FoundKeys {
    /// Finds the keys in a selection. `judge` returns [`PageOutcome::Due`] for a key to change, another outcome for a key to
    /// print without a change, or `None` for a key to leave out. The digest of each key is checked, so that damage is found
    /// before anything is changed.
    pub(in crate::command) fn find(
        selection: &Selection,
        keyring: &dyn Keyring,
        mut judge: impl FnMut(&Key) -> Result<Option<PageOutcome>>,
    ) -> Result<Self> {
        let query = Query::every(selection.clone());
        let (mut found, mut cursor) = (Self { keys: Vec::new(), due: 0, first: Vec::new() }, Cursor::default());
        while keyring.page_of_keys(&query, &mut cursor, &mut |key| {
            if let Some(outcome) = judge(&key)? {
                found.keys.push(ChosenKey { id: key.id, outcome });
                if outcome == PageOutcome::Due {
                    found.due += 1;
                    found.first.extend((found.due <= SHOWN).then_some(key));
                }
            }
            Ok(())
        })? {}
        Ok(found)
    }

    /// Returns the number of keys with an outcome.
    pub(in crate::command) fn count(&self, outcome: PageOutcome) -> usize {
        self.keys.iter().filter(|key| key.outcome == outcome).count()
    }
}
