//! Changes of state, each with its audit row.

use super::{
    Action, audit, bearer,
    error::{Attempt, Explain},
    many, policy, purge, row, usage,
};
use crate::{
    error::{Code, Error, Result},
    key::{Bearer, Facts, Key, KeyId, Lookup, Material, Name, Owner, SecretHash, Time},
    keyring::{
        Batch, Entitlement, Entry, Keys, Place, PreviousUse, Tombstone, Transaction,
        audit::{Link, bearer_summary, difference, summary},
    },
};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;
use uuid::Uuid;

pub(super) struct Writer<'a> {
    pub(super) connection: &'a Connection,
    pub(super) entry: &'a Entry,
    place: &'a Place,
    /// The hash of the newest audit row.
    pub(super) head: [u8; 32],
}

impl<'a> Writer<'a> {
    pub(super) fn new(connection: &'a Connection, entry: &'a Entry, place: &'a Place) -> rusqlite::Result<Self> {
        let head = connection
            .prepare_cached("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1")?
            .query_row([], |row| row.get(0))
            .optional()?;
        Ok(Self { connection, entry, place, head: head.unwrap_or_default() })
    }

    pub(super) fn audit(&mut self, action: Action, key: Option<KeyId>, facts: &str) -> rusqlite::Result<()> {
        let link = Link { entry: self.entry, action, key, facts };
        self.head = append(self.connection, &link, &self.head)?;
        Ok(())
    }

    pub(super) fn attempt(&self) -> Attempt<'a> {
        Attempt::Write(self.place)
    }
}

/// Adds a row to the log. What rows of one transaction share comes first and has numbers, so that more rows can follow.
pub(super) const AUDIT: &str = "INSERT INTO audit (at, clock_set, user, host, command, action, key_id, facts, hash)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?, ?, ?)";

/// The first row of the chain: it closes over the organisation's id.
pub(super) fn append_init(
    connection: &Connection,
    org_id: Uuid,
    contract: Option<&str>,
    entry: &Entry,
) -> rusqlite::Result<()> {
    let mut facts = serde_json::json!({ "org_id": org_id.to_string() });
    if let Some(contract) = contract.and_then(|text| serde_json::from_str(text).ok()) {
        facts["contract"] = contract;
    }
    let facts = facts.to_string();
    append(connection, &Link { entry, action: Action::Init, key: None, facts: &facts }, &[]).map(|_| ())
}

fn append(connection: &Connection, link: &Link<'_>, head: &[u8]) -> rusqlite::Result<[u8; 32]> {
    let hash = link.hash(head);
    connection.prepare_cached(AUDIT)?.execute(params![
        link.entry.at.seconds(),
        link.entry.clock_set,
        link.entry.user,
        link.entry.host,
        link.entry.command,
        link.action.word(),
        link.key.as_ref().map(KeyId::as_bytes),
        link.facts,
        hash
    ])?;
    Ok(hash)
}

fn vanished(id: KeyId) -> Error {
    Error::new(Code::Internal, format!("key {id} is not in the keyring"), "look with `keywright list --all`")
}

impl Keys for Writer<'_> {
    fn find(&self, lookup: &Lookup, now: Time, limit: usize) -> Result<Vec<Key>> {
        row::find(self.connection, lookup, now, limit, self.place)
    }

    fn peek(&self, lookup: &Lookup, now: Time, see: &mut dyn FnMut(&Facts<'_>, Option<&SecretHash>)) -> Result<bool> {
        row::peek(self.connection, lookup, now, see, self.place)
    }

    fn bearer(&self, hash: &SecretHash) -> Result<Option<Bearer>> {
        bearer::find(self.connection, hash, self.place)
    }

    fn contract(&self) -> Result<Option<String>> {
        policy::contract(self.connection).explain(self.attempt())
    }

    fn has_signature(&self, signature: &[u8; 32]) -> Result<bool> {
        usage::has_signature(self.connection, signature).explain(self.attempt())
    }

    fn audited_ids(&self, low: KeyId, high: KeyId, limit: usize) -> Result<Vec<KeyId>> {
        audit::audited_ids(self.connection, low, high, limit).explain(self.attempt())
    }

    fn has_tombstone(&self, id: KeyId) -> Result<bool> {
        purge::has_tombstone(self.connection, id).explain(self.attempt())
    }

    fn tombstone(&self, id: KeyId, material: &Material) -> Result<Option<Tombstone>> {
        purge::tombstone(self.connection, id, material).explain(self.attempt())
    }

    fn entitlements(&self, owner: Option<&Owner>) -> Result<Vec<Entitlement>> {
        policy::entitlements(self.connection, owner, self.place)
    }

    fn has_names_between(&self, low: &Name, high: &Name) -> Result<bool> {
        row::has_names_between(self.connection, low, high).explain(self.attempt())
    }

    fn nth_newest(&self, owner: &Owner, since: Time, n: u32) -> Result<Option<Time>> {
        policy::nth_newest(self.connection, owner, since, n).explain(self.attempt())
    }
}

impl Transaction for Writer<'_> {
    fn insert_many(&mut self, keys: Batch<'_>, action: Action) -> Result<()> {
        many::insert(self, keys, action)
    }

    fn activate_many(&mut self, keys: Batch<'_>) -> Result<()> {
        many::activate(self, keys)
    }

    fn delete_many(&mut self, ids: &[KeyId], action: Action) -> Result<()> {
        many::delete(self, ids, action, self.entry.at)
    }

    fn insert(&mut self, key: &Key, action: Action) -> Result<()> {
        row::insert(self.connection, key)
            .and_then(|()| self.audit(action, Some(key.id), &summary(&key.facts())))
            .explain(self.attempt())
    }

    fn update(&mut self, old: &Key, new: &Key, action: Action) -> Result<()> {
        if !row::update(self.connection, new).explain(self.attempt())? {
            return Err(vanished(new.id));
        }
        let changed = Value::Object(difference(&old.facts(), &new.facts(), self.entry.at));
        self.audit(action, Some(new.id), &changed.to_string()).explain(self.attempt())
    }

    fn record_use(&mut self, id: KeyId, at: Time) -> Result<Option<PreviousUse>> {
        usage::record_use(self.connection, id, at, self.place)
    }

    fn insert_bearer(&mut self, bearer: &Bearer) -> Result<()> {
        bearer::sweep(self.connection, self.entry.at)
            .and_then(|()| bearer::insert(self.connection, bearer))
            .and_then(|()| self.audit(Action::Exchange, Some(bearer.key), &bearer_summary(bearer)))
            .explain(self.attempt())
    }

    fn delete_bearer(&mut self, bearer: &Bearer) -> Result<()> {
        bearer::delete(self.connection, &bearer.hash)
            .and_then(|()| self.audit(Action::Withdraw, Some(bearer.key), &bearer_summary(bearer)))
            .explain(self.attempt())
    }

    fn record_signature(&mut self, signature: &[u8; 32], until: Time) -> Result<bool> {
        let now = self.entry.at.seconds();
        usage::record_signature(self.connection, signature, until.seconds(), now).explain(self.attempt())
    }

    fn delete(&mut self, key: &Key, action: Action) -> Result<()> {
        if !row::delete(self.connection, key.id).explain(self.attempt())? {
            return Err(vanished(key.id));
        }
        self.audit(action, Some(key.id), &summary(&key.facts())).explain(self.attempt())
    }

    fn purge(&mut self, key: &Key) -> Result<()> {
        let Some(left) = Tombstone::of(key, self.entry.at) else {
            let message = format!("key {} is not over, so it cannot be purged", key.id);
            return Err(Error::new(Code::Internal, message, "report it as a bug"));
        };
        self.delete(key, Action::Purge)?;
        purge::insert_tombstone(self.connection, &left).explain(self.attempt())
    }

    fn insert_tombstone(&mut self, of: &Tombstone) -> Result<()> {
        purge::insert_tombstone(self.connection, of).explain(self.attempt())
    }

    fn append_audit(&mut self, action: Action, facts: &str) -> Result<()> {
        self.audit(action, None, facts).explain(self.attempt())
    }

    fn set_contract(&mut self, contract: &str, changes: &str) -> Result<()> {
        policy::set_contract(self.connection, contract)
            .and_then(|()| self.audit(Action::Policy, None, changes))
            .explain(self.attempt())
    }

    fn set_entitlement(&mut self, new: &Entitlement) -> Result<()> {
        let old = self.entitlements(Some(&new.owner))?.pop();
        let old = old.as_ref().map(|old| old.usage_level.as_str());
        let facts = serde_json::json!({ "owner": new.owner.as_str(), "usage_level": [old, new.usage_level.as_str()] });
        policy::entitle(self.connection, new)
            .and_then(|()| self.audit(Action::Owner, None, &facts.to_string()))
            .explain(self.attempt())
    }

    fn pending_since_before(&self, time: Time) -> Result<Vec<Key>> {
        row::keys(self.connection, "activated_at IS NULL AND created_at < ?1", &[&time.seconds()], self.place)
    }
}
