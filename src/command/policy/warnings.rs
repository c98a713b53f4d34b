//! Warns about the effects of a changed contract.

use crate::{command::Context, signing::Signing};

/// Warns about what a new signing scheme means for requests.
pub(super) fn warn_of_scheme(signing: &Signing, context: &Context) {
    let scheme = signing.name().map_or("described in the contract".to_owned(), |name| format!("`{name}`"));
    context.console.warn(&format!("requests must now be signed in the scheme {scheme}; others are refused"));
    for part in signing.uncovered() {
        context.console.warn(&format!("a signature in this scheme does not cover the {part}"));
    }
}
