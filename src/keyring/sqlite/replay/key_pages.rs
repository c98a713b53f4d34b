//! Reading the states of the stored keys in pages.

use super::{STRETCH, key_id};
use crate::{
    key::KeyId,
    keyring::{
        record::{Cell, Column, Digester},
        sqlite::{
            batch_state::{DANGLING, LISTED},
            row::{self, AFTER, COMPLETE},
            thumbprint,
            values::cell,
        },
        state::{ObjectId, ObjectState},
    },
};
use rusqlite::{Connection, Row};

/// A stored key.
pub(super) struct StoredKey {
    pub(super) id: KeyId,
    pub(super) state: ObjectState,
    /// `true` if the key is part of an incomplete import.
    pub(super) is_unlisted: bool,
}

/// Reads the states of the stored keys in stored order, in pages.
pub(super) struct KeyPages {
    from: i64,
    digester: Digester,
}

impl Default for KeyPages {
    fn default() -> Self {
        Self { from: i64::MIN, digester: Digester::default() }
    }
}

impl KeyPages {
    /// Visits the keys of the next page whose ids are `wanted`. Returns `false` after the last page.
    pub(super) fn read(
        &mut self,
        connection: &Connection,
        wanted: impl Fn(&ObjectId) -> bool,
        visit: &mut dyn FnMut(StoredKey),
    ) -> rusqlite::Result<bool> {
        let has_thumbprints = thumbprint::are_stored(connection)?;
        let sql = format!(
            "SELECT {COMPLETE}, seq, NOT {LISTED}, {DANGLING}, thumbprint FROM key WHERE seq > ?1 ORDER BY seq LIMIT ?2"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query([self.from, STRETCH])?;
        let mut seen = 0;
        while let Some(row) = rows.next()? {
            seen += 1;
            self.from = row.get(AFTER)?;
            let id = key_id(row, Column::Id as usize)?;
            if wanted(id.as_bytes()) {
                let is_dangling: bool = row.get(AFTER + 2)?;
                // The digest does not cover the thumbprint, but another one would hide the key.
                let is_hidden = has_thumbprints
                    && !thumbprint::is_right(
                        cell(row.get_ref(AFTER + 3)?),
                        row.get_ref(Column::Spki as usize)?.as_blob().ok(),
                    );
                let state = if is_dangling || is_hidden {
                    ObjectState::of_damage()
                } else {
                    key_state(row, &mut self.digester)?
                };
                visit(StoredKey { id, state, is_unlisted: row.get(AFTER + 1)? });
            }
        }
        Ok(seen == STRETCH)
    }
}

/// Returns the state of the key in a row that starts with [`COMPLETE`], or the state of a damaged object if the row
/// does not match its digest. The state contains the stored activation time, even of an imported key in a batch that is
/// not complete, or the effective activation time if no time is stored.
pub(super) fn key_state(row: &Row<'_>, digester: &mut Digester) -> rusqlite::Result<ObjectState> {
    let Some(mut cells) = row::intact_cells(row, digester)? else { return Ok(ObjectState::of_damage()) };
    if cells[Column::ActivatedAt as usize] == Cell::Null {
        row::complete(row, &mut cells)?;
    }
    Ok(ObjectState::of_key(&cells, digester))
}
