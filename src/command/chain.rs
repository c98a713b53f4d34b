//! Messages about the other keys of a rotation chain.

use super::Context;
use crate::key::Key;

/// Reports the keys that `change_all` has changed besides those that were shown. `done` says what was done.
pub(super) fn report_others(others: &[Key], done: &str, context: &Context) {
    for key in others {
        let name = &key.description.name;
        context
            .console
            .done(&format!("{done} `{name}` ({}) of the same rotation chain, which was issued meanwhile", key.id));
    }
}

/// Warns about each key in `related`: the keys of the same rotation chain that have not ended and that the command did
/// not act on.
pub(super) fn mention_related(related: &[Key], context: &Context) {
    for key in related {
        let status = key.lifecycle.status(context.now());
        let Key { id, description, .. } = key;
        context.console.warn(&format!("`{}` ({id}) of the same rotation chain is still {status}", description.name));
    }
}
