//! `activate --from`: activates keys that were issued together, given a file with their secrets.

use super::line::identify;
use crate::{
    cli::MOST_KEYS,
    command::Context,
    error::{Code, Error, Exit, Problems, Result},
    input::{self, LineReader},
    issuance::activate_all,
    key::{KeyId, Time},
    keyring::Keyring,
    output::{Format, count_keys},
};
use std::path::Path;

pub(super) fn run(path: &Path, dry_run: bool, context: &Context) -> Result<Exit> {
    let mut keyring = context.open()?;
    let ProvedKeys { keys, pending } = read(path, keyring.as_ref(), context.now())?;
    let became = if dry_run || pending == 0 {
        pending
    } else {
        keyring.check_writable()?;
        activate_all(keyring.as_mut(), &context.entry, &keys)?
    };
    match became {
        0 => {}
        _ if dry_run => context.console.say(&format!("dry run: would activate {}", count_keys(became))),
        _ => context.console.done(&format!("activated {}", count_keys(became))),
    }
    match keys.len() - became {
        0 => {}
        1 => context.console.say("1 key was already activated"),
        before => context.console.say(&format!("{before} keys were already activated")),
    }
    // A table of many keys is not useful, so none is printed, as in `generate --count`.
    if context.style.format != Format::Table {
        context.print_by_id(&keys, keyring.as_ref())?;
    }
    Ok(Exit::Done)
}

/// The keys whose secrets are in a file.
struct ProvedKeys {
    /// The ids of the keys, without duplicates, in the order of the file.
    keys: Vec<KeyId>,
    /// The number of keys that are pending.
    pending: usize,
}

/// Reads a file with one secret per line, and returns the keys that the secrets belong to.
fn read(path: &Path, keyring: &dyn Keyring, now: Time) -> Result<ProvedKeys> {
    let mut lines = LineReader::new(input::source(path)?);
    let (mut keys, mut problems, mut number) = (Vec::new(), Problems::of_lines(), 0_usize);
    while let Some(line) = lines.read_line()? {
        number += 1;
        if number > MOST_KEYS {
            let message = format!("the input has more than {MOST_KEYS} lines");
            let hint = "pass the file that `generate --count` or `generate --from` wrote";
            return Err(Error::new(Code::InputTooLarge, message, hint));
        }
        match identify(&line, keyring, now) {
            Ok(key) => keys.extend(key.map(|key| (key.id, number, key.lifecycle.activated.is_none()))),
            Err(error) if error.code().exit() == Exit::Failed => return Err(error),
            Err(error) => problems.push(error.in_line(number)),
        }
    }
    problems.into_line_result()?;
    if keys.is_empty() {
        let hint = "pass the file that `generate --count` or `generate --from` wrote";
        return Err(Error::new(Code::InvalidSecret, "the input contains no secrets", hint));
    }
    // The same key can occur more than once. Its first line counts.
    keys.sort_unstable();
    keys.dedup_by_key(|(id, ..)| *id);
    keys.sort_unstable_by_key(|(_, number, _)| *number);
    let pending = keys.iter().filter(|(.., is_pending)| *is_pending).count();
    Ok(ProvedKeys { keys: keys.into_iter().map(|(id, ..)| id).collect(), pending })
}
