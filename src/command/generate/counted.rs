//! A plan for keys that all have the same description.

use super::{super::Context, plan::GenerationPlan};
use crate::{cli::Generate, contract::Rules, error::Result, issuance::KeySpec};

impl GenerationPlan {
    /// Plans `count` keys that the options describe.
    pub(super) fn counted(args: &Generate, count: usize, rules: &Rules, context: &Context) -> Result<Self> {
        let spec = KeySpec::new(args.key_type, args.describe.env(rules), &args.deliver.choices(), rules);
        args.deliver.refuse_of_type(spec.key_type)?;
        // The default name of the contract is shared by all keys, if names need not be unique.
        let numbered = args.describe.name.is_some() || rules.name.unique;
        let base = args.describe.name(rules).filter(|_| numbered);
        let mut describe = args.describe.clone();
        if let Some(base) = &base {
            // The longest name stands for all when the rules are applied.
            describe.name = Some(format!("{base}-{count}").as_str().into());
        }
        let mut draft = describe.draft(rules, spec.placeholder(), context)?;
        draft.description.name = base.unwrap_or(draft.description.name);
        let plan = Self::Counted { draft: Box::new(draft), spec, count, numbered };
        if rules.name.pattern.is_some() {
            (0..count).try_for_each(|index| rules.check_key(&plan.draft(index)?))?;
        }
        Ok(plan)
    }
}
