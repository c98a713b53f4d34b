//! Many keys at once, all or none: the secrets leave as JSON, one key a line.

use super::super::Context;
use crate::{
    cli::Generate,
    command::{contract::contract_of, destination::Outputs},
    contract::Operation,
    error::{Code, Error, Exit, Result},
    files::Sink,
    issuance::{IssueMany, Plan, Random, issue_many, make_on, refuse_many},
    key::{Key, KeyDocument, KeyId, KeyType, Material, Name, Secret},
    keyring::{Batch, Keys},
    output::{self, Format, IssuedSecret, SecretFormat, SecretLines, with_bar},
};
use std::{
    collections::BTreeMap,
    ops::Index,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

/// How many keys a worker takes at a time: few enough that all end together.
const fn block(count: usize) -> usize {
    if count < 2048 { 1 } else { count / 1024 }
}

/// A key's id, what it is recognised by, and its secret.
type One = (KeyId, Material, Secret);

/// All of them, in the blocks that workers made: to put these together would take their memory once more.
struct Made {
    blocks: Vec<Vec<One>>,
    size: usize,
}

impl Made {
    fn iter(&self) -> impl Iterator<Item = &One> {
        self.blocks.iter().flatten()
    }
}

impl Index<usize> for Made {
    type Output = One;

    fn index(&self, index: usize) -> &One {
        &self.blocks[index / self.size][index % self.size]
    }
}

pub(super) fn run(args: &Generate, context: &Context) -> Result<Exit> {
    refuse_contradictions(args, context.format)?;
    let there = context.open_if_there()?;
    let rules = contract_of(there.as_deref())?.rules;
    let judged = there.as_deref().map(Keys::contract).transpose()?.flatten();
    let plan = match (&args.from, args.count) {
        (Some(path), _) => Plan::listed(args, path, &rules, context)?,
        (None, count) => Plan::counted(args, count.unwrap_or(1), &rules, context)?,
    };
    let (count, names) = (plan.count(), plan.names()?);
    if args.dry_run {
        let draft = |index: usize| plan.draft(index).unwrap_or_else(|_| unreachable!("names were made before"));
        let keys = Batch { count, key: &draft };
        if let Some(keyring) = &there {
            refuse_many(keyring.as_ref(), &rules, keys, &names, context.now)?;
        }
        context.console.say(&format!("dry run: would make {}", told(&plan, &names)));
        return Ok(Exit::Done);
    }
    let Outputs { delivery, .. } = Outputs::prepare(&args.deliver, context)?;
    let mut keyring = match there {
        Some(keyring) => keyring.check_writable().map(|()| keyring)?,
        None => context.open_or_create()?,
    };
    // Made, stored, written, stored again.
    with_bar(context.console, "issuing", count * 4, |steps| {
        let made = make_all(&plan, steps)?;
        let key = |index: usize| {
            steps.fetch_add(1, Ordering::Relaxed);
            let (id, material, _) = &made[index];
            plan.key(index, *id, material.clone())
        };
        let keys = Batch { count, key: &key };
        let template = context.template(keyring.as_ref(), Operation::Generate)?;
        let org_id = keyring.org_id().to_string();
        let secrets = |sink: Sink<'_>| {
            let mut lines = SecretLines::new(template.as_ref(), sink);
            for (index, (_, _, secret)) in made.iter().enumerate() {
                let key = active(keys.key(index), context);
                let document = KeyDocument { view: &key.view(), org_id: &org_id, now: context.now };
                lines.add(&IssuedSecret { document, secret })?;
            }
            lines.finish()
        };
        let hint =
            "nothing is left to do: the keys are active and their secrets delivered; `keywright list` shows them";
        let errors = context.template(keyring.as_ref(), Operation::Error)?;
        let file = delivery.destination().file().map(ToOwned::to_owned);
        if delivery.is_terminal() {
            context.console.warn("the secrets follow; they will not be shown again");
        }
        let order = IssueMany {
            keys,
            ids: made.iter().map(|(id, ..)| *id).collect::<Arc<[KeyId]>>(),
            names: names.clone(),
            contract: judged.as_deref(),
            secrets: &secrets,
            delivery,
            farewell: output::interrupted(context.format, errors.as_ref(), hint),
        };
        issue_many(keyring.as_mut(), &context.entry, &context.location, order)?;
        context.console.done(&format!("generated {}", told(&plan, &names)));
        let place =
            file.as_ref().map_or("went to standard output".to_owned(), |file| format!("are in {}", file.display()));
        context.console.say(&format!("The secrets {place}. They will not be shown again."));
        if file.is_none() || context.format == Format::Table {
            return Ok(Exit::Done);
        }
        let active = (0..count).map(|index| active(keys.key(index), context));
        context.print_each(active, keyring.as_ref())?;
        Ok(Exit::Done)
    })
}

fn refuse_contradictions(args: &Generate, format: Format) -> Result<()> {
    let deliver = &args.deliver;
    let contradictions = [
        (!deliver.command.is_empty(), "a command takes one secret", "write them to a file with --out"),
        (
            deliver.secret_format != SecretFormat::Raw,
            "many secrets are written as JSON, one key a line",
            "leave --secret-format out",
        ),
        (deliver.public_out.is_some(), "--public-out is for one key", "leave it out: each line has the public key"),
        (
            deliver.out.is_none() && matches!(format, Format::Csv | Format::Id),
            "standard output carries one thing, and here that are the secrets",
            "add --out FILE, or use --format jsonl",
        ),
    ];
    match contradictions.into_iter().find(|(holds, ..)| *holds) {
        Some((_, problem, hint)) => Err(Error::new(Code::Usage, problem, hint)),
        None => Ok(()),
    }
}

/// How many keys of which type, and what they are named.
fn told(plan: &Plan, (first, last): &(Name, Name)) -> String {
    let make = plan.make(0);
    let (what, size) = match make.key_type {
        _ if !plan.is_uniform() => ("key", String::new()),
        KeyType::Rsa => ("RSA key", format!(" of {} bits", make.bits.get())),
        other => (other.word(), String::new()),
    };
    match plan.count() {
        1 => format!("1 {what}{size}, `{first}`"),
        count if first == last => format!("{count} {what}s{size}, each named `{first}`"),
        count => format!("{count} {what}s{size}, `{first}` to `{last}`"),
    }
}

/// A key as it is once it is active.
fn active(pending: Key, context: &Context) -> Key {
    let mut active = pending;
    active.lifecycle.activated = Some(context.now);
    active
}

/// Makes all of them, one worker per core making whole keys. Where any secret can go with any key their ids ascend, in which
/// order they are stored fastest.
fn make_all(plan: &Plan, steps: &AtomicU64) -> Result<Made> {
    let (count, size) = (plan.count(), block(plan.count()));
    let mut random = Random::ahead();
    let mut ids = (0..count).map(|_| random.id()).collect::<Result<Vec<_>>>()?;
    if plan.is_uniform() {
        ids.sort_unstable();
    }
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let blocks: Mutex<BTreeMap<usize, Vec<One>>> = Mutex::new(BTreeMap::new());
    let work = || -> Result<()> {
        let mut random = Random::ahead();
        while !failed.load(Ordering::Relaxed) {
            let start = next.fetch_add(size, Ordering::Relaxed);
            if start >= count {
                break;
            }
            let range = start..count.min(start + size);
            let whole = |index: usize| {
                let id = ids[index];
                let (material, secret) = make_on(plan.make(index), id, Some(1), &mut random, &AtomicU64::new(0))?;
                steps.fetch_add(1, Ordering::Relaxed);
                Ok((id, material, secret))
            };
            let made: Result<Vec<One>> = range.map(whole).collect();
            let made = made.inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
            blocks.lock().unwrap_or_else(PoisonError::into_inner).insert(start, made);
        }
        Ok(())
    };
    let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get).min(count);
    thread::scope(|scope| {
        let others: Vec<_> =
            (1..workers).filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok()).collect();
        others.into_iter().fold(work(), |result, other| match other.join() {
            Ok(other) => result.and(other),
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    let blocks = blocks.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Made { blocks: blocks.into_values().collect(), size })
}
