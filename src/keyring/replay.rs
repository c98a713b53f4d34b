//! Replaying the audit log and comparing the result with the stored objects.
//!
//! The replay keeps the latest state of every object in memory. If there are many objects, the replay divides the
//! objects into buckets, and reads the log and the objects once for each bucket, so that the required memory does not
//! depend on the number of objects.
//!
//! An early version of keywright recorded no states. In a keyring from such a version, a *baseline* row contains a
//! single digest of the states of all objects at that time. The state of an object at that time is either its stored
//! state, or the old state in the first row that changes the object after the baseline.

pub(super) use super::baseline::BaselineHash;
use super::{
    Action, Contradiction, LoggedObject,
    baseline::Member,
    buckets::Buckets,
    logged_row::{AddedKind, LoggedRow},
    row_ranges::RowRanges,
    state::{Change, ObjectId, ObjectState, object_id},
};
use crate::key::KeyId;
use serde_json::Value;
use std::collections::HashMap;

impl LoggedObject {
    /// Returns the id under which the replay keeps the object.
    pub(super) fn id(&self) -> ObjectId {
        match self {
            Self::Key(id) => *id.as_bytes(),
            Self::Owner(name) => object_id("owner", name.as_bytes()),
            Self::BearerToken(id) => object_id("bearer", id.as_bytes()),
            Self::Keyring => object_id("keyring", &[]),
        }
    }
}

/// An object in a bucket.
struct Replayed {
    /// The state after the rows that have been replayed, or `None` if they contain no state.
    state: Option<ObjectState>,
    /// The number of the row that added the object.
    added: i64,
    /// The kind of the object, according to the row that added it.
    kind: AddedKind,
    /// `true` if a later row changes the object.
    is_changed: bool,
    /// `true` if the object was added as a pending key, and is revoked. Such a key stays, so that its secret cannot be
    /// imported again.
    is_revoked: bool,
    /// `true` once the object has been found in the keyring in this state.
    seen: bool,
}

impl Replayed {
    fn new(state: Option<ObjectState>, row: &LoggedRow<'_>) -> Self {
        let kind = row.added_kind();
        let is_revoked = kind == AddedKind::PendingKey && row.revokes().is_some();
        Self { state, added: row.seq, kind, is_changed: false, is_revoked, seen: false }
    }
}

/// A stored bearer token.
struct StoredBearer {
    key: KeyId,
    state: ObjectState,
    /// `true` if the log contains the bearer token in this state.
    logged: bool,
}

/// The state of an object according to the replayed rows.
enum Known {
    Nothing,
    /// The object exists, but its state is not in the log.
    Exists,
    State(ObjectState),
}

/// The replay of a single bucket.
pub(super) struct Replay {
    buckets: Buckets,
    bucket: u64,
    /// The number and the digest of the baseline row, if the log has one.
    baseline: Option<(i64, String)>,
    /// `true` if the log has recorded the states of all objects since its first row.
    records_states: bool,
    objects: HashMap<ObjectId, Replayed>,
    owners: HashMap<ObjectId, String>,
    bearers: HashMap<ObjectId, StoredBearer>,
    /// The rows that added keys which were activated together, with the activation times in seconds since 1970.
    activated: RowRanges,
    /// The rows that added keys which were imported together.
    imported: RowRanges,
    /// The rows that added keys which were deleted together.
    deleted: RowRanges,
    members: Vec<Member>,
    /// Differences in the current state of an object, which rows that are appended during the replay can explain.
    doubts: HashMap<ObjectId, (LoggedObject, Contradiction)>,
    /// Differences that no later row can explain.
    certain: Vec<Contradiction>,
    /// The number of the row that added the last key that was found in the keyring.
    order: i64,
}

impl Replay {
    /// Begins the replay of a bucket.
    pub(super) fn new(buckets: Buckets, bucket: u64) -> Self {
        Self {
            buckets,
            bucket,
            baseline: None,
            records_states: false,
            objects: HashMap::with_capacity(buckets.capacity),
            owners: HashMap::new(),
            bearers: HashMap::new(),
            activated: RowRanges::default(),
            imported: RowRanges::default(),
            deleted: RowRanges::default(),
            members: Vec::new(),
            doubts: HashMap::new(),
            certain: Vec::new(),
            order: i64::MIN,
        }
    }

    /// Returns `true` if the object with this id is in the bucket.
    pub(super) fn covers(&self, id: &ObjectId) -> bool {
        self.bucket_filter()(id)
    }

    /// Returns the function that determines whether the object with an id is in the bucket.
    pub(super) fn bucket_filter(&self) -> impl Fn(&ObjectId) -> bool + Copy + use<> {
        let (buckets, bucket) = (self.buckets, self.bucket);
        move |id| buckets.of_object(id) == bucket
    }

    /// Returns the number of objects that the replay keeps in memory.
    pub(super) fn len(&self) -> usize {
        self.objects.len()
    }

    /// Returns `true` if a row that has been replayed is a baseline.
    pub(super) const fn has_baseline(&self) -> bool {
        self.baseline.is_some()
    }

    /// Returns the state of a key that `row` adds in the given state if no later row concerns only this key, or `None` if
    /// the key is deleted with its batch. All rows about batches must have been replayed.
    pub(super) fn final_state(&self, row: &LoggedRow<'_>, state: ObjectState) -> Option<ObjectState> {
        match self.known_state(&Replayed::new(Some(state), row)) {
            Known::State(state) => Some(state),
            Known::Nothing | Known::Exists => None,
        }
    }

    /// Adds a stored bearer token. All bearer tokens in the bucket must be added before the first row is replayed.
    pub(super) fn add_bearer(&mut self, id: ObjectId, key: KeyId, state: ObjectState) {
        self.bearers.insert(id, StoredBearer { key, state, logged: false });
    }

    /// Replays the next row of the log.
    pub(super) fn apply(&mut self, row: &LoggedRow<'_>) {
        // Most rows concern one key, so most rows of the other buckets can be skipped without reading their facts.
        let is_about_key = !row.is(Action::Exchange) && !row.is(Action::Withdraw);
        if is_about_key && row.key.is_some_and(|id| !self.covers(&id)) {
            return;
        }
        match (Change::parse(row.facts), row.key) {
            _ if row.key.is_none() && row.is(Action::Baseline) => self.begin(row),
            // An earlier version appended such a row if an exchange failed before a bearer token was stored.
            (Some(Change { bearer: None, old: None, new: None }), _) if row.is(Action::Withdraw) => {}
            (Some(Change { bearer: Some(id), new, .. }), _) => {
                if let Some(bearer) = self.bearers.get_mut(&id) {
                    bearer.logged = new == Some(bearer.state);
                }
            }
            (Some(change), _) => {
                self.records_states |= row.is(Action::Init);
                self.change(row, change);
            }
            (None, Some(id)) if self.covers(&id) => {
                if self.records_states || self.baseline.is_some() {
                    self.certain.push(Contradiction::Invented(row.object(), row.seq));
                } else if row.is(Action::Purge) {
                    self.objects.insert(id, Replayed::new(None, row));
                } else if row.deletes() {
                    self.objects.remove(&id);
                } else if row.adds() {
                    // An early version kept no tombstones, so that a purged key could be added again.
                    self.objects.insert(id, Replayed::new(None, row));
                } else {
                    let object = self.objects.entry(id).or_insert_with(|| Replayed::new(None, row));
                    object.is_revoked |= object.kind == AddedKind::PendingKey && row.revokes().is_some();
                }
            }
            (None, None) if row.is(Action::Activate) => self.activated.add_all(row, row.at),
            (None, None) if row.is(Action::Import) => self.imported.add_all(row, row.at),
            (None, None) if row.is(Action::Discard) || row.is(Action::Sweep) => self.deleted.add_all(row, row.at),
            (None, None) if row.is(Action::Restore) && drops_bearers(row.facts) => {
                self.bearers.values_mut().for_each(|bearer| bearer.logged = false);
            }
            (None, _) => {}
        }
    }

    fn begin(&mut self, row: &LoggedRow<'_>) {
        let facts: Value = serde_json::from_slice(row.facts).unwrap_or_default();
        if self.baseline.is_none() && !self.records_states {
            self.baseline = Some((row.seq, facts["digest"].as_str().unwrap_or_default().to_owned()));
        } else if self.bucket == 0 {
            self.certain.push(Contradiction::Baseline(row.seq));
        }
    }

    fn change(&mut self, row: &LoggedRow<'_>, change: Change) {
        let object = row.object();
        let id = object.id();
        if !self.covers(&id) {
            return;
        }
        match (change.old, self.known(&id)) {
            (old, Known::State(state)) if old == Some(state) => {}
            (None, Known::Nothing | Known::Exists) => {}
            (Some(state), Known::Nothing | Known::Exists) if self.baseline.is_some() => {
                self.members.push(Member { id, state, logged: true });
            }
            _ => self.certain.push(Contradiction::Overwritten(object.clone(), row.seq)),
        }
        if !self.is_possible(row, &change, &id) {
            self.certain.push(Contradiction::Invented(object.clone(), row.seq));
        }
        if let LoggedObject::Owner(name) = object {
            self.owners.insert(id, name);
        }
        match (change.new, self.objects.get_mut(&id)) {
            (None, _) => drop(self.objects.remove(&id)),
            // The tombstone of a key is another object: an activation of the key does not concern it.
            (state, Some(known)) if change.old.is_some() && !row.is(Action::Purge) => {
                (known.state, known.is_changed) = (state, true);
                known.is_revoked |= known.kind == AddedKind::PendingKey && row.revokes().is_some();
            }
            (state, _) => drop(self.objects.insert(id, Replayed::new(state, row))),
        }
    }

    /// Returns `false` for a change that keywright never makes: a tombstone stays, a key that was activated stays so, and
    /// only a pending key that is not revoked is deleted without a tombstone.
    fn is_possible(&self, row: &LoggedRow<'_>, change: &Change, id: &ObjectId) -> bool {
        let kind = self.objects.get(id).map(|object| object.kind);
        let was_activated = change.old.is_some_and(|state| state.is_activated());
        let is_kept = if let Some(state) = change.new {
            !was_activated || state.is_activated() || row.is(Action::Purge)
        } else {
            let deletes = row.is(Action::Discard) || row.is(Action::Sweep);
            let is_revoked = self.objects.get(id).is_some_and(|object| object.is_revoked);
            deletes && !was_activated && kind == Some(AddedKind::PendingKey) && !is_revoked
        };
        is_kept && kind != Some(AddedKind::Tombstone)
    }

    fn known(&self, id: &ObjectId) -> Known {
        self.objects.get(id).map_or(Known::Nothing, |object| self.known_state(object))
    }

    fn known_state(&self, object: &Replayed) -> Known {
        let activated = self.activated.get(object.added);
        if self.deleted.contains(object.added) && self.is_unfinished(object, activated.is_some()) {
            return Known::Nothing;
        }
        match (object.state, activated) {
            (None, _) => Known::Exists,
            (Some(state), Some(at)) => Known::State(state.activated(at)),
            (Some(state), None) => Known::State(state),
        }
    }

    /// Returns `true` if an object is a key in a batch that was never completed, so that it may be deleted with its batch.
    /// Otherwise, somebody has edited the keyring to make keywright delete the object.
    fn is_unfinished(&self, object: &Replayed, was_activated: bool) -> bool {
        match object.kind {
            AddedKind::ImportedKey => !object.is_changed && !self.imported.contains(object.added),
            AddedKind::PendingKey => {
                !was_activated && !object.is_revoked && object.state.is_none_or(|state| !state.is_activated())
            }
            AddedKind::Tombstone | AddedKind::Other => false,
        }
    }

    /// Compares a stored object in the bucket with the replayed rows.
    pub(super) fn compare(&mut self, object: LoggedObject, state: ObjectState) {
        let id = object.id();
        let found = match self.known(&id) {
            Known::State(known) if known == state => None,
            Known::State(_) if state == ObjectState::of_damage() => Some(Contradiction::Damaged(object.clone())),
            Known::State(_) => Some(Contradiction::Altered(object.clone())),
            Known::Nothing | Known::Exists if self.baseline.is_some() => {
                self.members.push(Member { id, state, logged: false });
                None
            }
            Known::Nothing | Known::Exists => Some(Contradiction::Unlogged(object.clone())),
        };
        if let Some(known) = self.objects.get_mut(&id) {
            known.seen = true;
        }
        if let Some(found) = found {
            self.doubts.insert(id, (object, found));
        }
    }

    /// Compares the position of a stored key in the bucket with the replayed rows. The keys must be passed in stored
    /// order.
    pub(super) fn compare_order(&mut self, id: &ObjectId) {
        let Some(key) = self.objects.get(id) else { return };
        if key.added < self.order {
            self.certain.push(Contradiction::Moved(KeyId::from_bytes(*id)));
        } else {
            self.order = key.added;
        }
    }

    /// Compares a key that is stored as part of an incomplete import, and is therefore not listed, with the replayed
    /// rows.
    pub(super) fn compare_unlisted(&mut self, id: KeyId) {
        let Some(key) = self.objects.get(id.as_bytes()) else { return };
        // The versions before the baseline had no incomplete imports.
        let is_older = self.baseline.as_ref().is_some_and(|(seq, _)| key.added < *seq);
        if is_older || key.kind != AddedKind::ImportedKey || self.imported.contains(key.added) {
            self.certain.push(Contradiction::Altered(LoggedObject::Key(id)));
        }
    }

    /// Removes the differences that later rows can explain, and returns the objects that differ or were not found. If
    /// rows were appended to the log during the replay, these objects have to be compared again after the appended rows
    /// have been replayed.
    pub(super) fn take_doubts(&mut self) -> Vec<LoggedObject> {
        let unseen: Vec<LoggedObject> = self.unseen().collect();
        for object in self.doubts.values().map(|(object, _)| object.id()) {
            if let Some(object) = self.objects.get_mut(&object) {
                object.seen = false;
            }
        }
        std::mem::take(&mut self.doubts).into_values().map(|(object, _)| object).chain(unseen).collect()
    }

    /// Returns the objects that exist in a known state according to the log, but were not found in the keyring.
    fn unseen(&self) -> impl Iterator<Item = LoggedObject> {
        let unseen =
            self.objects.iter().filter(|(id, object)| !object.seen && matches!(self.known(id), Known::State(_)));
        unseen.map(|(id, _)| match self.owners.get(id) {
            Some(name) => LoggedObject::Owner(name.clone()),
            None if *id == LoggedObject::Keyring.id() => LoggedObject::Keyring,
            None => LoggedObject::Key(KeyId::from_bytes(*id)),
        })
    }

    /// Adds the objects of the baseline in the bucket to `hash`, and returns all differences in the bucket, together
    /// with the row number and the recorded digest of the baseline if the log has one. The buckets must be finished in
    /// order.
    pub(super) fn finish(mut self, hash: &mut BaselineHash) -> (Vec<Contradiction>, Option<(i64, String)>) {
        let mut found = std::mem::take(&mut self.certain);
        found.extend(self.unseen().map(Contradiction::Missing));
        found.extend(std::mem::take(&mut self.doubts).into_values().map(|(_, contradiction)| contradiction));
        found.extend(self.bearers.values().filter(|bearer| !bearer.logged).map(|bearer| {
            let object = LoggedObject::BearerToken(bearer.key);
            if bearer.state == ObjectState::of_damage() {
                Contradiction::Damaged(object)
            } else {
                Contradiction::Unlogged(object)
            }
        }));
        hash.add(self.members);
        (found, self.baseline)
    }

    /// Adds the stored objects of a bucket to the digest of a baseline that is about to be recorded.
    pub(super) fn finish_baseline(self, hash: &mut BaselineHash) {
        hash.add(self.members);
    }

    /// Adds a stored object to the baseline that is about to be recorded.
    pub(super) fn add_member(&mut self, object: &LoggedObject, state: ObjectState) {
        self.members.push(Member { id: object.id(), state, logged: false });
    }
}

/// Returns `true` if the facts are those of the creation of a keyring from a backup, which leaves out bearer tokens.
fn drops_bearers(facts: &[u8]) -> bool {
    let facts: Value = serde_json::from_slice(facts).unwrap_or_default();
    facts["created"] == true
}
