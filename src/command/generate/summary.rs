//! Summarizes keys that are generated together.

use super::plan::GenerationPlan;
use crate::key::{KeyType, Name};

/// Returns a summary of the number, the type and the names of the keys, for messages.
pub(super) fn summary(plan: &GenerationPlan, (first, last): &(Name, Name)) -> String {
    let spec = plan.spec(0);
    let (what, size) = match spec.key_type {
        _ if !plan.is_uniform() => ("key", String::new()),
        KeyType::Rsa => ("RSA key", format!(" of {} bits", spec.bits.get())),
        KeyType::Ed25519 => ("Ed25519 key", String::new()),
        other => (other.word(), String::new()),
    };
    match plan.count() {
        1 => format!("1 {what}{size}, `{first}`"),
        count if first == last => format!("{count} {what}s{size}, each named `{first}`"),
        count => format!("{count} {what}s{size}, `{first}` to `{last}`"),
    }
}
