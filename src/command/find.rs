//! Finds the keys that a command acts on: by reference, by filter, or by secret.

use super::{
    Context,
    selected::{NamedKeys, Selected},
    unresolved::{not_indexed, unresolved},
};
use crate::{
    cli::{Filter, KeyOrSecret},
    error::{Code, Error, Result},
    input,
    key::{Env, Key},
    keyring::{Keyring, Resolved, resolve, rotation_chain},
    proof::{identify, lookups},
};
use std::path::Path;

/// Returns the key that `target` identifies, either by a reference or by a secret, which is read from standard input. If
/// `env` is not `None`, only keys in that environment match.
pub(super) fn find_target(
    keyring: &dyn Keyring,
    target: &KeyOrSecret,
    env: Option<Env>,
    context: &Context,
) -> Result<Resolved> {
    match target {
        KeyOrSecret::Key(reference) => {
            let found = resolve(keyring, reference, env, context.now());
            found.map_err(|error| unresolved(error, (reference, env), keyring, context))
        }
        KeyOrSecret::Secret => {
            let secret = input::read_secret(Path::new("-"), context.console)?;
            let found = identify(keyring, &secret, context.now());
            let key = found.map_err(|error| not_indexed(error, &lookups(&secret), keyring, context))?;
            // Read the keyring time after the key, so that no recorded end of the key is later than that time.
            context.keyring_time.read(keyring)?;
            let own = key.description.env;
            if env.is_some_and(|env| env != own) {
                let hint = format!("pass --env {own}, or omit --env");
                return Err(Error::new(
                    Code::NotFound,
                    format!("the secret belongs to key {}, which is a {own} key", key.id),
                    hint,
                ));
            }
            Ok(Resolved { key, by_name: false })
        }
    }
}

/// Returns the selected keys: either the named keys, or the keys that match the filter and have not ended. With
/// `whole_chains`, a name stands for all keys of its rotation chain that have not ended.
pub(super) fn selected_keys(
    targets: &[KeyOrSecret],
    mut filter: Filter,
    whole_chains: bool,
    context: &Context,
    keyring: &dyn Keyring,
) -> Result<Selected> {
    let env = filter.only_env().filter(|_| !targets.is_empty());
    if env.is_some() {
        filter.envs.clear();
    }
    let contradiction = match (targets.is_empty(), filter.is_empty()) {
        (true, true) => Some("neither a key nor a filter is given"),
        (false, false) => Some("both keys and a filter are given"),
        _ => None,
    };
    if let Some(problem) = contradiction {
        let hint = "name one or more keys, or select keys with options such as --owner, --name or --env";
        return Err(Error::new(Code::Usage, problem, hint));
    }
    if targets.is_empty() {
        let selection = filter.selection(context.now())?.not_ended();
        return Ok(Selected::Filtered(Box::new(selection)));
    }
    let mut selected = NamedKeys { keys: Vec::new(), related: Vec::new(), roots: Vec::new() };
    for target in targets {
        let Resolved { key, by_name } = find_target(keyring, target, env, context)?;
        let mut chain = rotation_chain(keyring, &key, context.now())?;
        chain.retain(|other| !other.lifecycle.status(context.now()).has_ended());
        if by_name && whole_chains {
            selected.roots.push(key.clone());
        }
        if selected.keys.iter().all(|known| known.id != key.id) {
            selected.keys.push(key);
        }
        let known = |list: &[Key], key: &Key| list.iter().any(|known| known.id == key.id);
        if by_name && whole_chains {
            let new: Vec<Key> = chain.into_iter().filter(|key| !known(&selected.keys, key)).collect();
            selected.keys.extend(new);
        } else {
            let new: Vec<Key> = chain.into_iter().filter(|key| !known(&selected.related, key)).collect();
            selected.related.extend(new);
        }
    }
    let keys = &selected.keys;
    selected.related.retain(|other| keys.iter().all(|key| key.id != other.id));
    Ok(Selected::Named(selected))
}
