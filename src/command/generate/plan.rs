//! Which keys are to be made at once: one described and counted, or as many as a file has lines.

use super::{super::Context, line::Line};
use crate::{
    cli::{Generate, MOST_KEYS},
    contract::Rules,
    error::{Code, Error, Problems, Result},
    input,
    issuance::{Make, Plan},
    key::{Env, Key},
};
use std::{collections::HashSet, path::Path};

/// The most bytes of a file of descriptions.
const LIMIT: usize = 32 * 1024 * 1024;

impl Plan {
    /// What the options describe, so many times.
    pub(super) fn counted(args: &Generate, count: usize, rules: &Rules, context: &Context) -> Result<Self> {
        let make = Make::new(args.key_type, args.describe.env(rules), &args.deliver.wanted(), rules);
        args.deliver.refuse_of_type(make.key_type)?;
        // A name of the contract's own is no name of these keys: they all have it, if they may.
        let numbered = args.describe.name.is_some() || rules.name.unique;
        let base = args.describe.name(rules).filter(|_| numbered);
        let mut describe = args.describe.clone();
        if let Some(base) = &base {
            // The longest name of all, for whatever is to be said of it.
            describe.name = Some(format!("{base}-{count}").as_str().into());
        }
        let mut draft = describe.draft(rules, make.stand_in(), context)?;
        draft.description.name = base.unwrap_or(draft.description.name);
        let plan = Self::Counted { draft: Box::new(draft), make, count, numbered };
        if rules.name.pattern.is_some() {
            (0..count).try_for_each(|index| rules.check_key(&plan.draft(index)?))?;
        }
        Ok(plan)
    }

    /// What the lines of a file describe, `-` being standard input; the options stand in for what a line leaves out.
    pub(super) fn listed(args: &Generate, path: &Path, rules: &Rules, context: &Context) -> Result<Self> {
        let bytes = input::read_up_to(path, LIMIT)?;
        let (mut keys, mut problems, mut names) = (Vec::new(), Problems::of_lines(), HashSet::new());
        for (index, line) in bytes.split(|b| *b == b'\n').enumerate() {
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            let read = Line::read(line).and_then(|line| described(line, args, rules, context));
            let read = read.and_then(|(key, make)| {
                let fresh = !rules.name.unique
                    || names.insert((key.description.env == Env::Live, key.description.name.to_string()));
                if fresh { Ok((key, make)) } else { Err(named_before(&key)) }
            });
            match read {
                Ok(_) if keys.len() == MOST_KEYS => return Err(too_many()),
                Ok(read) => keys.push(read),
                Err(error) => problems.push(error.in_line(index + 1)),
            }
        }
        problems.into_line_result()?;
        if keys.is_empty() {
            return Err(Error::new(
                Code::InvalidLine,
                "the input describes no key",
                "give one JSON object a line, for example {\"name\":\"ci\",\"type\":\"token\"}",
            ));
        }
        Ok(Self::Listed(keys))
    }
}

fn too_many() -> Error {
    let problem = format!("the input describes more than {MOST_KEYS} keys");
    Error::new(Code::InputTooLarge, problem, "give them in several files")
}

fn named_before(key: &Key) -> Error {
    let problem = format!("another line names a {} key `{}`", key.description.env, key.description.name);
    Error::new(Code::NameTaken, problem, "give every key of an environment a name of its own")
}

/// A key and what it is, as a line and the options describe it.
fn described(line: Line, args: &Generate, rules: &Rules, context: &Context) -> Result<(Key, Make)> {
    let key_type = line.key_type()?.or(args.key_type);
    let describe = line.describe(args.describe.clone());
    let make = Make::new(key_type, describe.env(rules), &args.deliver.wanted(), rules);
    args.deliver.refuse_of_type(make.key_type)?;
    Ok((describe.draft(rules, make.stand_in(), context)?, make))
}
