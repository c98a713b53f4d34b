//! Changes the keys that a filter selects, in pages. If a run is stopped, the changes of the finished pages remain.

mod found;
mod pages;
mod verb;

pub(super) use found::FoundKeys;
pub(super) use pages::change_in_pages;
pub(super) use verb::Verb;

use super::{
    Context,
    change::{Change, shown},
};
use crate::{
    contract::Operation,
    error::{Exit, Result},
    issuance::{Page, PageOutcome},
    key::{Key, KeyId},
    keyring::{Cursor, Keyring, Query, Selection, Transaction},
    output::count_keys,
};

/// A change to all keys that a filter selects.
pub(super) struct BulkChange<'a> {
    pub(super) selection: Selection,
    pub(super) verb: Verb,
    pub(super) change: &'a Change<'a>,
    /// The operation that determines the document template for printing the keys.
    pub(super) operation: Operation,
    pub(super) context: &'a Context,
}

impl BulkChange<'_> {
    /// Prints the selected keys in their state after the change, without writing anything.
    pub(super) fn rehearse(&self, keyring: &dyn Keyring) -> Result<Exit> {
        let Self { context, verb, .. } = self;
        let query = Query::every(self.selection.clone());
        let (mut out, mut cursor, mut due) = (context.list(keyring, self.operation)?, Cursor::default(), 0);
        while keyring.page_of_keys(&query, &mut cursor, &mut |key| {
            let after = (self.change)(&key, context.now())?;
            due += usize::from(after.is_some());
            out.push(&after.as_ref().unwrap_or(&key).view());
            Ok(())
        })? {
            out.flush()?;
        }
        context.console.say(&format!("dry run: would {} {}", verb.action.word(), count_keys(due)));
        out.finish().map(|()| Exit::Done)
    }

    /// Changes the selected keys, and prints them. `question` returns the question to ask first, or `None` to ask
    /// nothing, given the first keys to change and the number of all keys to change. `unchanged` returns the message
    /// about keys that need no change, given their number.
    pub(super) fn run(
        &self,
        keyring: &mut dyn Keyring,
        question: &dyn Fn(&[Key], usize) -> Option<String>,
        unchanged: &dyn Fn(usize) -> String,
    ) -> Result<Exit> {
        let Self { context, verb, .. } = self;
        let mut found = FoundKeys::find(&self.selection, keyring, |key| {
            let changes = (self.change)(key, context.now())?.is_some();
            Ok(Some(if changes { PageOutcome::Due } else { PageOutcome::Unchanged }))
        })?;
        if found.due > 0 {
            keyring.check_writable()?;
            if let Some(question) = question(&found.first, found.due) {
                context.console.confirm_list(&shown(&found.first, found.due), &question)?;
            }
            change_in_pages(&mut found, verb, keyring, context, &mut |transaction, page| {
                self.change(transaction, page)
            })?;
        }
        match found.count(PageOutcome::Unchanged) {
            0 if found.keys.is_empty() => context.console.say("no key matches the filter; nothing was changed"),
            0 => {}
            count => context.console.say(&unchanged(count)),
        }
        let ids = found.keys.iter().filter(|key| key.outcome != PageOutcome::Skipped).map(|key| key.id);
        // The pages have later times than the start of the command, and so do their changes.
        context.later(keyring)?.print_ids(&mut { ids }, keyring, self.operation).map(|()| Exit::Done)
    }

    /// Changes the keys of a page that the filter still selects.
    fn change(&self, transaction: &mut dyn Transaction, page: &Page<'_>) -> Result<Vec<KeyId>> {
        let selection = Selection { now: page.now, ..self.selection.clone() };
        let mut changed = Vec::new();
        for old in transaction.selected(page.ids, &selection)? {
            if let Some(new) = (self.change)(&old, page.now)? {
                transaction.update(&old, &new, self.verb.action)?;
                changed.push(old.id);
            }
        }
        Ok(changed)
    }
}
