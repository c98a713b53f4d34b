//! Compares an existing key with the options.

use super::Wanted;
use crate::{
    command::describe::Request,
    contract::Rules,
    key::{Field, Key, When},
};

/// Returns the fields of an existing key that differ from the options. An expiry that is given as a
/// duration is compared only with a key that never expires, because the resulting time depends on the time of the command.
pub(super) fn differences(key: &Key, wanted: &Wanted<'_>, rules: &Rules) -> Vec<Field> {
    let mut request = Request::from_options(wanted.describe);
    request.description.scope_wildcards = rules.scopes.wildcards;
    let description = request.description.apply(&key.description, &mut request.problems);
    let mut lifecycle = key.lifecycle;
    match request.expires {
        Some(When::At(time)) => lifecycle.expires = Some(time),
        Some(When::Never) => lifecycle.expires = None,
        Some(when @ When::After(_)) if lifecycle.expires.is_none() => {
            lifecycle.expires = when.resolve(lifecycle.created).unwrap_or_default();
        }
        Some(When::After(_)) | None => {}
    }
    let asked = Key { description, lifecycle, ..key.clone() };
    let described = key.view().differences(&asked.view()).collect::<Vec<_>>();
    wanted.other.iter().copied().chain(described).collect()
}
