//! The baseline in the log of a keyring from a version that recorded no states.

use super::{
    buckets::spread,
    state::{ObjectId, ObjectState},
};
use sha2::{Digest as _, Sha256};

/// An object that existed at the time of the baseline.
pub(super) struct Member {
    pub(super) id: ObjectId,
    pub(super) state: ObjectState,
    /// `true` if the state comes from a row of the log, `false` if it is the stored state.
    pub(super) logged: bool,
}

/// The digest of the states of all objects at the time of the baseline.
#[derive(Default)]
pub(super) struct BaselineHash(Sha256);

impl BaselineHash {
    /// Returns the digest in hexadecimal.
    pub(super) fn finish(self) -> String {
        base16ct::lower::encode_string(&self.0.finalize())
    }

    /// Adds the objects of a bucket. The buckets must be added in order.
    pub(super) fn add(&mut self, mut members: Vec<Member>) {
        // The state in the log is older than the stored state.
        members.sort_by_key(|member| (spread(&member.id), !member.logged));
        members.dedup_by_key(|member| member.id);
        for member in members {
            self.0.update(member.id);
            member.state.hash_into(&mut self.0);
        }
    }
}
