//! Compares the options with an existing key.

use crate::{
    cli::Generate,
    command::existing::Wanted,
    key::{Field, Key},
    keypair::Bits,
};

/// Returns what was asked for in place of an existing key.
pub(super) fn wanted<'a>(args: &'a Generate, key: &Key) -> Wanted<'a> {
    let bits = args.deliver.bits.map(Bits::get);
    let other = if args.key_type.is_some_and(|key_type| key_type != key.material.key_type()) {
        Some(Field::Type)
    } else {
        (bits.is_some() && bits != key.view().bits).then_some(Field::KeyBits)
    };
    Wanted {
        describe: &args.describe,
        other: other.into_iter().collect(),
        out: args.deliver.out.as_deref(),
        has_command: !args.deliver.command.is_empty(),
    }
}
