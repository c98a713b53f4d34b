//! Plans the generation of keys that a file describes, one per line.

use super::{super::Context, line::Line, plan::GenerationPlan};
use crate::{
    cli::{Generate, MOST_KEYS},
    command::describe::Request,
    contract::Rules,
    error::{Code, Error, Problems, Result},
    input,
    issuance::KeySpec,
    key::{Env, Field, Key},
};
use std::{collections::HashSet, path::Path};

/// The maximum size of a file of descriptions, in bytes.
const LIMIT: usize = 32 * 1024 * 1024;

impl GenerationPlan {
    /// Plans the generation of the keys that the lines of a file describe. If the path is `-`, the lines are read from
    /// standard input. The options supply the fields that a line omits.
    pub(super) fn listed(args: &Generate, path: &Path, rules: &Rules, context: &Context) -> Result<Self> {
        let mut options = Request::from_options(&args.describe);
        std::mem::take(&mut options.problems).into_result()?;
        let bytes = input::read_up_to(path, LIMIT)?;
        let (mut keys, mut problems, mut names) = (Vec::new(), Problems::of_lines(), HashSet::new());
        let lines = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        for (index, line) in lines.split(|b| *b == b'\n').enumerate() {
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            let read = Line::read(line).and_then(|line| described(line, &options, args, rules, context));
            let read = read.and_then(|(key, spec)| {
                let fresh = !rules.name.unique
                    || names.insert((key.description.env == Env::Live, key.description.name.to_string()));
                if fresh { Ok((key, spec)) } else { Err(named_before(&key)) }
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
                "the input contains no keys",
                "give one JSON object per line, for example {\"name\":\"ci\",\"type\":\"token\"}",
            ));
        }
        Ok(Self::Listed(keys))
    }
}

fn too_many() -> Error {
    let problem = format!("the input describes more than {MOST_KEYS} keys");
    Error::new(Code::InputTooLarge, problem, "split the input into several files")
}

fn named_before(key: &Key) -> Error {
    let problem =
        format!("an earlier line already describes the {} key `{}`", key.description.env, key.description.name);
    Error::new(Code::NameTaken, problem, "give each key in an environment a different name")
}

/// Returns the draft and the specification of the key that a line describes together with the options.
fn described(
    line: Line,
    options: &Request,
    args: &Generate,
    rules: &Rules,
    context: &Context,
) -> Result<(Key, KeySpec)> {
    let Line { key_type, mut request } = line.with_defaults(options, args.key_type);
    let spec = KeySpec::new(key_type, request.env(rules), &args.deliver.choices(), rules);
    // The default replaces an invalid type, so the options cannot be compared with it.
    if !request.problems.concern(Field::Type.word()) {
        request.problems.keep(args.deliver.refuse_of_type(spec.key_type));
    }
    let draft = request.draft(rules, spec.placeholder(), context.now())?;
    Ok((draft, spec))
}
