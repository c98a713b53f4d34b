//! Which keys are to be made at once: one described and counted, or as many as a file has lines.

use super::super::Context;
use crate::{
    cli::{Describe, Generate, Given, MOST_KEYS},
    contract::Rules,
    error::{BrokenLines, Code, Error, Result},
    input,
    issuance::Make,
    key::{Env, Key, KeyId, KeyType, Material, Name},
};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

/// The most bytes of a file of descriptions.
const LIMIT: usize = 32 * 1024 * 1024;

/// Keys that are to be made, in order.
pub(super) enum Plan {
    /// The same, so many times, numbered.
    Counted { draft: Box<Key>, make: Make, count: usize, numbered: bool },
    /// Each by itself.
    Listed(Vec<(Key, Make)>),
}

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
            describe.name = Some(given(&format!("{base}-{count}")));
        }
        let mut draft = describe.draft(rules, make.stand_in(), context)?;
        draft.name = base.unwrap_or(draft.name);
        let plan = Self::Counted { draft: Box::new(draft), make, count, numbered };
        if rules.name.pattern.is_some() {
            (0..count).try_for_each(|index| Error::all(rules.judge(&plan.draft(index)?)))?;
        }
        Ok(plan)
    }

    /// What the lines of a file describe, `-` being standard input; the options stand in for what a line leaves out.
    pub(super) fn listed(args: &Generate, path: &Path, rules: &Rules, context: &Context) -> Result<Self> {
        let bytes = input::read_up_to(path, LIMIT)?;
        let (mut keys, mut broken, mut names) = (Vec::new(), BrokenLines::default(), HashSet::new());
        for (index, line) in bytes.split(|b| *b == b'\n').enumerate() {
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            let read = read(line).and_then(|line| line.key(args, rules, context));
            let read = read.and_then(|(key, make)| {
                let fresh = !rules.name.unique || names.insert((key.env == Env::Live, key.name.to_string()));
                if fresh { Ok((key, make)) } else { Err(named_before(&key)) }
            });
            match read {
                Ok(_) if keys.len() == MOST_KEYS => return Err(too_many()),
                Ok(read) => keys.push(read),
                Err(error) => broken.push(error.in_line(index + 1)),
            }
        }
        broken.none()?;
        if keys.is_empty() {
            return Err(Error::new(
                Code::InvalidLine,
                "the input describes no key",
                "give one JSON object a line, for example {\"name\":\"ci\",\"type\":\"token\"}",
            ));
        }
        Ok(Self::Listed(keys))
    }

    pub(super) fn count(&self) -> usize {
        match self {
            Self::Counted { count, .. } => *count,
            Self::Listed(keys) => keys.len(),
        }
    }

    pub(super) fn make(&self, index: usize) -> &Make {
        match self {
            Self::Counted { make, .. } => make,
            Self::Listed(keys) => &keys[index].1,
        }
    }

    /// What is described of one of the keys, but its name.
    fn described(&self, index: usize) -> &Key {
        match self {
            Self::Counted { draft, .. } => draft,
            Self::Listed(keys) => &keys[index].0,
        }
    }

    fn name(&self, index: usize) -> Result<Name> {
        let name = &self.described(index).name;
        match self {
            // As many digits as the last one needs, so that the order of names is that of numbers: `web-007` of a hundred.
            Self::Counted { count, numbered: true, .. } => name.numbered(index + 1, count.to_string().len()),
            _ => Ok(name.clone()),
        }
    }

    /// One of the keys, pending and without an id.
    pub(super) fn draft(&self, index: usize) -> Result<Key> {
        let described = self.described(index);
        Ok(described.another(described.id, self.name(index)?, described.material.clone()))
    }

    /// One of the keys, pending. Their names were made before.
    pub(super) fn key(&self, index: usize, id: KeyId, material: Material) -> Key {
        let name = self.name(index).unwrap_or_else(|_| unreachable!("names were made before"));
        self.described(index).another(id, name, material)
    }

    /// Whether any secret can go with any of the keys.
    pub(super) const fn is_uniform(&self) -> bool {
        matches!(self, Self::Counted { .. })
    }

    /// The first and the last name, byte by byte.
    pub(super) fn names(&self) -> Result<(Name, Name)> {
        match self {
            Self::Counted { count, .. } => Ok((self.draft(0)?.name, self.draft(count.saturating_sub(1))?.name)),
            Self::Listed(keys) => {
                let names = || keys.iter().map(|(key, _)| &key.name);
                let first = names().min_by_key(|name| name.as_str()).or_else(|| names().next());
                let last = names().max_by_key(|name| name.as_str());
                first
                    .cloned()
                    .zip(last.cloned())
                    .ok_or_else(|| Error::new(Code::Internal, "there are no keys to be named", "report it as a bug"))
            }
        }
    }
}

fn too_many() -> Error {
    let problem = format!("the input describes more than {MOST_KEYS} keys");
    Error::new(Code::InputTooLarge, problem, "give them in several files")
}

fn named_before(key: &Key) -> Error {
    let problem = format!("another line names a {} key `{}`", key.env, key.name);
    Error::new(Code::NameTaken, problem, "give every key of an environment a name of its own")
}

/// A key as a line describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: Option<String>,
    #[serde(rename = "type")]
    key_type: Option<String>,
    env: Option<String>,
    owner: Option<String>,
    scopes: Option<Vec<String>>,
    expires: Option<String>,
    rate_limit: Option<Rates>,
    labels: Option<BTreeMap<String, String>>,
    note: Option<String>,
}

/// As an option has it, or as the JSON of a key does.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "say \"60/min\", or an object with requests_per_minute, requests_per_hour, requests_per_day"
)]
enum Rates {
    Text(String),
    Windows(Windows),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Windows {
    #[serde(rename = "requests_per_minute")]
    minute: Option<u32>,
    #[serde(rename = "requests_per_hour")]
    hour: Option<u32>,
    #[serde(rename = "requests_per_day")]
    day: Option<u32>,
}

impl Rates {
    fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Windows(windows) => {
                let windows = [(windows.minute, "min"), (windows.hour, "hour"), (windows.day, "day")];
                let set: Vec<String> = windows
                    .iter()
                    .filter_map(|(count, window)| count.map(|count| format!("{count}/{window}")))
                    .collect();
                (!set.is_empty()).then(|| set.join(","))
            }
        }
    }
}

fn read(line: &[u8]) -> Result<Line> {
    serde_json::from_slice(line).map_err(|e| {
        // Where in the line it is, is not where in the file.
        let problem = e.to_string();
        let problem = problem.split(" at line ").next().unwrap_or_default().to_owned();
        let fields = "name, type, env, owner, scopes, expires, rate_limit, labels, note";
        Error::new(Code::InvalidLine, problem, format!("give one JSON object a line, with any of {fields}"))
    })
}

fn given<T>(text: &str) -> Given<T>
where
    Given<T>: std::str::FromStr<Err = std::convert::Infallible>,
{
    match text.parse() {
        Ok(given) => given,
        Err(never) => match never {},
    }
}

impl Line {
    fn key(self, args: &Generate, rules: &Rules, context: &Context) -> Result<(Key, Make)> {
        let options = args.describe.clone();
        let labels =
            self.labels.map(|labels| labels.iter().map(|(key, value)| given(&format!("{key}={value}"))).collect());
        let describe = Describe {
            name: self.name.as_deref().map(given).or(options.name),
            env: self.env.as_deref().map(given).or(options.env),
            owner: self.owner.as_deref().map(given).or(options.owner),
            scopes: self.scopes.map_or(options.scopes, |scopes| scopes.iter().map(|scope| given(scope)).collect()),
            expires: self.expires.as_deref().map(given).or(options.expires),
            rate_limit: self.rate_limit.and_then(Rates::text).as_deref().map(given).or(options.rate_limit),
            labels: labels.unwrap_or(options.labels),
            note: self.note.as_deref().map(given).or(options.note),
        };
        let key_type =
            self.key_type.map(|word| word.parse::<KeyType>().map_err(|e| e.in_option("--type"))).transpose()?;
        let make = Make::new(key_type.or(args.key_type), describe.env(rules), &args.deliver.wanted(), rules);
        args.deliver.refuse_of_type(make.key_type)?;
        Ok((describe.draft(rules, make.stand_in(), context)?, make))
    }
}
