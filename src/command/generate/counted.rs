//! Plans the generation of many keys that have the same description.

use super::{super::Context, plan::GenerationPlan};
use crate::{cli::Generate, command::describe::Request, contract::Rules, error::Result, issuance::KeySpec, key::Field};

impl GenerationPlan {
    /// Plans the generation of `count` keys with the description in the options.
    pub(super) fn counted(args: &Generate, count: usize, rules: &Rules, context: &Context) -> Result<Self> {
        let mut request = Request::from_options(&args.describe);
        let spec = KeySpec::new(args.key_type, request.env(rules), &args.deliver.choices(), rules);
        args.deliver.refuse_of_type(spec.key_type)?;
        // If names need not be unique, all keys share the default name of the contract.
        let numbered = args.describe.name.is_some() || rules.name.unique;
        let base = request.name(rules).filter(|_| numbered);
        if let Some(base) = &base {
            // The longest name stands for all names, because only the pattern distinguishes between them (see below).
            let last = base.numbered(count, 0).map_err(|error| error.in_field(Field::Name.word()));
            request.description.name = request.problems.keep(last);
        }
        let mut draft = request.draft(rules, spec.placeholder(), context.now())?;
        draft.description.name = base.unwrap_or(draft.description.name);
        let plan = Self::Counted { draft: Box::new(draft), spec, count, numbered };
        if rules.name.pattern.is_some() {
            (0..count).try_for_each(|index| rules.check_key(&plan.draft(index)?))?;
        }
        Ok(plan)
    }
}
