//! The implementation of [`Transaction`] for keyring files.

use super::{
    batch, bearer, error::Explain, many, policy, purge, read::Source as _, replay, row, selected, usage, writer::Writer,
};
use crate::{
    error::{Error, Result},
    key::{Bearer, Key, KeyId, Time},
    keyring::{
        Action, BatchId, BatchKind, Entitlement, Keys, NewKeys, RecordedSignature, Selection, Tombstone, Transaction,
        audit::{bearer_summary, difference, summary},
        state::{Change, ObjectState},
    },
};
use serde_json::{Map, Value};

fn vanished(id: KeyId) -> Error {
    Error::internal(format!("key {id} was to be changed or deleted, but is not in the keyring"))
}

impl Transaction for Writer<'_> {
    fn insert_many(&mut self, keys: NewKeys<'_>, action: Action) -> Result<()> {
        many::insert(self, keys, action)
    }

    fn begin_batch(&mut self, kind: BatchKind) -> Result<BatchId> {
        batch::begin(self, kind)
    }

    fn continue_batch(&mut self, id: BatchId) -> Result<()> {
        batch::continue_batch(self, id)
    }

    fn is_in_batch(&self, id: KeyId) -> Result<bool> {
        batch::contains(self, id)
    }

    fn add_to_batch(&mut self, ids: &[KeyId]) -> Result<()> {
        batch::add(self, ids)
    }

    fn complete_batch(&mut self, id: BatchId, action: Action, facts: Map<String, Value>) -> Result<()> {
        batch::complete(self, id, action, facts)
    }

    fn insert(&mut self, key: &Key, action: Action) -> Result<()> {
        batch::number_for_new(self)
            .and_then(|batch| row::insert(self.connection, key, batch))
            .and_then(|()| {
                let change = Change::added(ObjectState::of(key));
                self.audit_change(action, Some(key.id), &summary(&key.view()), &change)
            })
            .explain(self.attempt())
    }

    fn update(&mut self, old: &Key, new: &Key, action: Action) -> Result<()> {
        self.detach(new.id).explain(self.attempt())?;
        if !row::update(self.connection, new).explain(self.attempt())? {
            return Err(vanished(new.id));
        }
        let changed = Value::Object(difference(&old.view(), &new.view()));
        let change = Change { old: Some(ObjectState::of(old)), new: Some(ObjectState::of(new)), bearer: None };
        self.audit_change(action, Some(new.id), &changed.to_string(), &change).explain(self.attempt())
    }

    fn record_use(&mut self, id: KeyId, at: Time) -> Result<Option<KeyId>> {
        usage::record_use(self.connection, id, (at, self.entry.clock_set), self.place())
    }

    fn insert_bearer(&mut self, bearer: &Bearer) -> Result<()> {
        bearer::sweep(self.connection, self.entry.at)
            .and_then(|()| bearer::insert(self.connection, bearer))
            .and_then(|()| replay::bearer(self.connection, &bearer.hash))
            .and_then(|stored| {
                let (id, new) = stored.unzip();
                let change = Change { bearer: id, old: None, new };
                self.audit_change(Action::Exchange, Some(bearer.key), &bearer_summary(bearer), &change)
            })
            .explain(self.attempt())
    }

    fn delete_bearer(&mut self, bearer: &Bearer) -> Result<()> {
        let Some((id, old)) = replay::bearer(self.connection, &bearer.hash).explain(self.attempt())? else {
            // A row about a deletion that did not happen would contradict the rest of the log.
            return Ok(());
        };
        let change = Change { bearer: Some(id), old: Some(old), new: None };
        bearer::delete(self.connection, &bearer.hash)
            .and_then(|()| self.audit_change(Action::Withdraw, Some(bearer.key), &bearer_summary(bearer), &change))
            .explain(self.attempt())
    }

    fn record_signature(&mut self, signature: &[u8; 32], timestamp: i64, until: Time) -> Result<bool> {
        let now = self.system_clock().map(Time::seconds);
        usage::record_signature(self.connection, signature, (timestamp, until.seconds()), now).explain(self.attempt())
    }

    fn restore_signature(&mut self, of: &RecordedSignature) -> Result<()> {
        usage::insert_signature(self.connection, of).map(drop).explain(self.attempt())
    }

    fn delete(&mut self, key: &Key, action: Action) -> Result<()> {
        self.detach(key.id).explain(self.attempt())?;
        if !row::delete(self.connection, key.id).explain(self.attempt())? {
            return Err(vanished(key.id));
        }
        let change = Change::deleted(ObjectState::of(key));
        self.audit_change(action, Some(key.id), &summary(&key.view()), &change).explain(self.attempt())
    }

    fn purge(&mut self, key: &Key) -> Result<()> {
        let Some(left) = Tombstone::of(key, self.entry.at) else {
            let message = format!("key {} has not ended, so it cannot be purged", key.id);
            return Err(Error::internal(message));
        };
        self.detach(key.id).explain(self.attempt())?;
        if !row::delete(self.connection, key.id).explain(self.attempt())? {
            return Err(vanished(key.id));
        }
        purge::insert_tombstone(self.connection, &left)
            .and_then(|()| {
                let new = replay::tombstone(self.connection, key.id)?;
                let change = Change { old: Some(ObjectState::of(key)), new, bearer: None };
                self.audit_change(Action::Purge, Some(key.id), &summary(&key.view()), &change)
            })
            .explain(self.attempt())
    }

    fn insert_tombstone(&mut self, of: &Tombstone) -> Result<()> {
        let facts = serde_json::json!({
            "ended_at": of.ended.to_string(), "revoked": of.revoked, "purged_at": of.purged.to_string(),
        });
        purge::insert_tombstone(self.connection, of)
            .and_then(|()| {
                let change = Change { new: replay::tombstone(self.connection, of.id)?, ..Change::default() };
                self.audit_change(Action::Restore, Some(of.id), &facts.to_string(), &change)
            })
            .explain(self.attempt())
    }

    fn accept_clock(&mut self, facts: &str, skew: u64) -> Result<()> {
        Writer::accept_clock(self, facts, skew).explain(self.attempt())
    }

    fn forget_accepted(&mut self, skew: u64) -> Result<()> {
        Writer::forget_accepted(self, skew).explain(self.attempt())
    }

    fn append_audit(&mut self, action: Action, facts: &str) -> Result<()> {
        self.audit(action, None, facts).explain(self.attempt())
    }

    fn set_contract(&mut self, contract: &str, changes: &str) -> Result<()> {
        let old = replay::keyring(self.connection).explain(self.attempt())?;
        policy::set_contract(self.connection, contract)
            .and_then(|()| {
                let change = Change { old, new: replay::keyring(self.connection)?, bearer: None };
                self.audit_change(Action::Policy, None, changes, &change)
            })
            .explain(self.attempt())
    }

    fn set_entitlement(&mut self, new: &Entitlement) -> Result<()> {
        let old = self.entitlements(Some(&new.owner))?.pop();
        let old = old.as_ref().map(|old| old.usage_level.as_str());
        let facts = serde_json::json!({ "owner": new.owner.as_str(), "usage_level": [old, new.usage_level.as_str()] });
        let before = replay::owner(self.connection, new.owner.as_str()).explain(self.attempt())?;
        policy::entitle(self.connection, new)
            .and_then(|()| {
                let after = replay::owner(self.connection, new.owner.as_str())?;
                let change = Change { old: before, new: after, bearer: None };
                self.audit_change(Action::Owner, None, &facts.to_string(), &change)
            })
            .explain(self.attempt())
    }

    fn selected(&self, ids: &[KeyId], selection: &Selection) -> Result<Vec<Key>> {
        selected::selected(self.connection, ids, selection, self.place())
    }

    fn pending_since_before(&self, time: Time) -> Result<Vec<Key>> {
        row::keys(
            self.connection,
            "activated_at IS NULL AND created_at < ?1 AND batch IS NULL",
            &[&time.seconds()],
            self.place(),
        )
    }
}
