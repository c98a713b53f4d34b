//! Reading individual keys, either through a connection or within a transaction.

use super::{
    audit,
    batch_state::{self, Visible},
    bearer,
    error::{Attempt, Explain},
    place::Place,
    policy, purge, row, usage,
};
use crate::{
    error::Result,
    key::{Bearer, Field, Key, KeyId, KeyView, Lookup, Material, Name, Owner, SecretHash, Time},
    keyring::{Entitlement, Head, Keys, Tombstone},
};
use rusqlite::Connection;

/// The maximum number of keys that [`Keys::is_unindexed`] compares to detect a damaged index.
const COMPARED: usize = 16;

/// A type with a connection from which keys can be read.
pub(super) trait Source {
    /// Returns the connection to read from.
    fn connection(&self) -> &Connection;

    /// Returns the place of the keyring file, for use in error messages.
    fn place(&self) -> &Place;

    /// Returns the keys that are visible through the source.
    fn visible(&self) -> Visible;
}

impl<S: Source> Keys for S {
    fn time(&self) -> Result<Option<Time>> {
        audit::time(self.connection()).explain(Attempt::Read(self.place()))
    }

    fn head(&self) -> Result<Head> {
        audit::head(self.connection()).explain(Attempt::Read(self.place()))
    }

    fn has_row(&self, head: &Head) -> Result<bool> {
        audit::has_row(self.connection(), head).explain(Attempt::Read(self.place()))
    }

    fn find(&self, lookup: &Lookup, now: Time, limit: usize) -> Result<Vec<Key>> {
        row::find_in(self.connection(), (row::INDEXED, self.visible()), lookup, now, limit, self.place())
    }

    fn find_in_import(&self, lookup: &Lookup, now: Time, limit: usize) -> Result<Vec<Key>> {
        if !batch_state::exists(self.connection()).explain(Attempt::Read(self.place()))? {
            return Ok(Vec::new());
        }
        let hidden = self.visible().complement();
        row::find_in(self.connection(), (row::INDEXED, hidden), lookup, now, limit, self.place())
    }

    fn each_token(&self, see: &mut dyn FnMut(KeyId, &SecretHash) -> Result<()>) -> Result<()> {
        row::each_token(self.connection(), see, self.place())
    }

    fn is_unindexed(&self, lookup: &Lookup, now: Time) -> Result<bool> {
        let ids = |from| -> Result<Vec<KeyId>> {
            let found = row::find_in(self.connection(), (from, self.visible()), lookup, now, COMPARED, self.place())?;
            Ok(found.iter().map(|key| key.id).collect())
        };
        // A lookup for a prefix finds keys that the caller then excludes, so the keys are compared.
        Ok(ids(row::SCANNED)? != ids(row::INDEXED)?)
    }

    fn peek(&self, lookup: &Lookup, now: Time, see: &mut dyn FnMut(&KeyView<'_>, Option<&SecretHash>)) -> Result<bool> {
        row::peek(self.connection(), lookup, now, see, self.place())
    }

    fn bearer(&self, hash: &SecretHash) -> Result<Option<Bearer>> {
        bearer::find(self.connection(), hash, self.place())
    }

    fn contract(&self) -> Result<Option<String>> {
        policy::contract(self.connection()).explain(Attempt::Read(self.place()))
    }

    fn has_signature(&self, signature: &[u8; 32]) -> Result<bool> {
        usage::has_signature(self.connection(), signature).explain(Attempt::Read(self.place()))
    }

    fn forgotten_requests(&self) -> Result<Option<i64>> {
        usage::forgotten_requests(self.connection()).explain(Attempt::Read(self.place()))
    }

    fn accepted_skew(&self) -> Result<i64> {
        usage::accepted_skew(self.connection()).explain(Attempt::Read(self.place()))
    }

    fn forgotten_assertions(&self) -> Result<Option<i64>> {
        usage::forgotten_assertions(self.connection()).explain(Attempt::Read(self.place()))
    }

    fn audited_ids(&self, low: KeyId, high: KeyId, limit: usize) -> Result<Vec<KeyId>> {
        audit::audited_ids(self.connection(), low, high, limit).explain(Attempt::Read(self.place()))
    }

    fn set_after(&self, since: Time, id: KeyId, field: Field, value: Time) -> Result<Option<Time>> {
        audit::set_after(self.connection(), since, id, field, value).explain(Attempt::Read(self.place()))
    }

    fn has_tombstone(&self, id: KeyId) -> Result<bool> {
        purge::has_tombstone(self.connection(), id).explain(Attempt::Read(self.place()))
    }

    fn tombstone(&self, id: KeyId, material: &Material) -> Result<Option<Tombstone>> {
        purge::tombstone(self.connection(), id, material).explain(Attempt::Read(self.place()))
    }

    fn entitlements(&self, owner: Option<&Owner>) -> Result<Vec<Entitlement>> {
        policy::entitlements(self.connection(), owner, self.place())
    }

    fn has_names_between(&self, low: &Name, high: &Name) -> Result<bool> {
        row::has_names_between(self.connection(), low, high).explain(Attempt::Read(self.place()))
    }

    fn nth_newest(&self, owner: &Owner, since: Time, n: u32) -> Result<Option<Time>> {
        policy::nth_newest(self.connection(), owner, since, n).explain(Attempt::Read(self.place()))
    }
}
