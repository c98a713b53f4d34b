//! The words that describe a change to keys in messages.

use crate::{key::Time, keyring::Action};

/// An action on keys, the words for it in messages, and the time at which it takes effect.
#[derive(Clone, Copy)]
pub(in crate::command) struct Verb {
    pub(in crate::command) action: Action,
    /// The present participle, such as `revoking`.
    pub(in crate::command) doing: &'static str,
    /// The past participle, such as `revoked`.
    pub(in crate::command) done: &'static str,
    /// The future time at which the change takes effect, or `None` if it takes effect at once.
    pub(in crate::command) planned: Option<Time>,
}

impl Verb {
    /// Returns the time at which a planned change takes effect, as the end of a phrase, or an empty string if the
    /// change takes effect at once.
    pub(in crate::command) fn as_of(self) -> String {
        self.planned.map_or_else(String::new, |at| format!(" as of {at}"))
    }
}
