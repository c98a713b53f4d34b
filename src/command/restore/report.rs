//! Prints the changes of a restore.

use crate::{
    command::Context,
    error::Result,
    keyring::describe_changes,
    output::{Records, count_keys},
    recovery::{Effect, RestorePlan},
};
use serde_json::{Map, json};

/// The names of the fields that are printed, in order.
pub(in crate::command) const FIELDS: [&str; 4] = ["api_key_id", "name", "effect", "facts"];

/// Prints the steps of a plan.
pub(super) fn print(plan: &RestorePlan, context: &Context) -> Result<()> {
    let mut out = Records::new(&context.style, (&["KEY", "NAME", "EFFECT", "FACTS"], 3), &FIELDS);
    for step in &plan.steps {
        let values = [json!(step.id.to_string()), json!(step.name), json!(step.effect.word()), json!(step.facts)];
        let row: Map<_, _> = FIELDS.iter().map(ToString::to_string).zip(values).collect();
        out.push(row, || {
            let facts = describe_changes(&step.facts);
            [step.id.to_string()[..8].to_owned(), step.name.clone(), step.effect.word().to_owned(), facts]
        });
    }
    out.finish()
}

/// Returns a description of what a plan restores.
pub(super) fn summary(plan: &RestorePlan) -> String {
    let (back, changed) = (plan.count(Effect::Back), plan.count(Effect::Changed));
    let mut parts = Vec::new();
    if back > 0 {
        parts.push(if back == 1 { "1 missing key".to_owned() } else { format!("{back} missing keys") });
    }
    if changed > 0 {
        parts.push(format!("the fields of {}", count_keys(changed)));
    }
    parts.extend(plan.beside());
    parts.join(", ")
}
