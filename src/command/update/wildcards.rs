//! Warns about scopes that a change of the rules has given another meaning.

use crate::{command::Context, key::Key};

/// Warns if a change turns a literal `*` in one of the remaining scopes into a wildcard, or a wildcard into a literal
/// `*`.
pub(super) fn warn_of_wildcards(old: &Key, new: &Key, context: &Context) {
    let (before, after) = (old.description.scopes.as_set(), new.description.scopes.as_set());
    let kept = |scope: &&str| before.iter().any(|own| own == *scope);
    if before.wildcards == after.wildcards {
        return;
    }
    if let Some(scope) = after.with_star_segment().find(kept) {
        let (once, now) = if after.wildcards { ("literal", "a wildcard") } else { ("a wildcard", "literal") };
        context.console.warn(&format!("the scope `{scope}` was {once} and is now {now} (rule scopes.wildcards)"));
    }
}
