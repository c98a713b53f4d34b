//! Converts the options that select keys into a selection.

use crate::{
    cli::Filter,
    error::{Code, Error, Result},
    key::Time,
    keyring::Selection,
};

/// The maximum number of conditions in a filter. No key can have that many scopes and labels, and SQLite allows far
/// more terms in a query.
const CONDITIONS_MAX: usize = 200;

impl Filter {
    /// Returns the selection of the keys that match the filter, with any status.
    pub(super) fn selection(self, now: Time) -> Result<Selection> {
        let count = self.types.len() + self.envs.len() + self.scopes.len() + self.labels.len();
        if count > CONDITIONS_MAX {
            let problem = format!("the filter has {count} conditions; at most {CONDITIONS_MAX} are allowed");
            return Err(Error::new(
                Code::Usage,
                problem,
                "remove repeated conditions, or run the command several times",
            ));
        }
        Ok(Selection {
            types: self.types,
            envs: self.envs,
            scopes: self.scopes,
            owner: self.owner,
            name: self.name,
            labels: self.labels,
            expiring_by: self
                .expiring_within
                .map(|period| period.after(now))
                .transpose()
                .map_err(|e| e.in_option("--expiring-within"))?,
            unused_since: self
                .unused_for
                .map(|period| period.before(now))
                .transpose()
                .map_err(|e| e.in_option("--unused-for"))?,
            never_used: self.never_used,
            ..Selection::all(now)
        })
    }
}
