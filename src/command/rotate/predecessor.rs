//! Warns about the old key of a rotation, and reports its state after the rotation.

use crate::{
    cli::Rotate,
    command::Context,
    error::{Exit, Result},
    issuance::Succession,
    key::{Handover, Key},
    keyring::Keyring,
};

/// Warns if the old key expires before the requested overlap ends.
pub(super) fn warn_about_overlap(args: &Rotate, old: &Key, succession: Succession<'_>, context: &Context) {
    if let (Some(overlap), Handover::Overlap { .. }, Some(expires)) =
        (args.overlap, succession.handover, old.lifecycle.expires)
        && succession.handover.end(None, context.now()) > expires
    {
        context.console.warn(&format!("the old key expires at {expires}, before the overlap of {overlap} ends"));
    }
}

/// Reports the successor and the state of the old key that a rotation would produce.
pub(super) fn preview(
    draft: &Key,
    old: &Key,
    succession: Succession<'_>,
    verb: &str,
    keyring: &dyn Keyring,
    context: &Context,
) -> Result<Exit> {
    let what = format!("{verb} a {}", draft.view().kind());
    let done = context.rehearse(draft, Some(keyring.org_id()), &what)?;
    context.console.announce_takeover(&succession.ending(old, context.now()));
    Ok(done)
}

/// Returns the current state of the old key. If the key cannot be read, returns the expected state instead, because the
/// rotation is already complete and must not fail here.
pub(super) fn current(keyring: &dyn Keyring, old: &Key, succession: Succession<'_>, context: &Context) -> Key {
    keyring.key(old.id, context.now()).ok().flatten().unwrap_or_else(|| succession.ending(old, context.now()))
}
