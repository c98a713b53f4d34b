//! Many keys at once, all or none: the secrets leave as JSON, one key a line.

use super::{super::Context, plan::Plan};
use crate::{
    cli::Generate,
    command::{context::open, contract::contract_of, deliver::Outlet},
    contract::{Operation, Template},
    delivery::Sink,
    error::{Code, Error, Exit, Result},
    issuance::{IssueMany, issue_many, make_on, refuse_many},
    key::{Document, Key, KeyId, KeyType, Material, Name, Secret},
    keyring::{Batch, Keys},
    output::{self, Format, Issued, SecretFormat, with_bar},
};
use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
        mpsc::sync_channel,
    },
    thread,
};
use zeroize::Zeroizing;

/// How much of the secrets is written at a time.
const CHUNK: usize = 64 * 1024;

type Made = (KeyId, Material, Secret);

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
        context.talk.say(&format!("dry run: would make {}", told(&plan, &names)));
        return Ok(Exit::Done);
    }
    let outlet = Outlet::prepare(&args.deliver, context)?;
    let mut keyring = match there {
        Some(keyring) => keyring.writable().map(|()| keyring)?,
        None => context.open_or_create()?,
    };
    // Made, stored, written, stored again.
    with_bar(context.talk, "issuing", count * 4, |steps| {
        let made = make_all(&plan, steps)?;
        let key = |index: usize| {
            steps.fetch_add(1, Ordering::Relaxed);
            let (id, material, _) = &made[index];
            let draft = plan.draft(index).unwrap_or_else(|_| unreachable!("names were made before"));
            Key { id: *id, material: material.clone(), ..draft }
        };
        let keys = Batch { count, key: &key };
        let template = context.template(keyring.as_ref(), Operation::Generate)?;
        let lines = Lines { keys, made: &made, org_id: keyring.org_id().to_string(), template, context };
        let hint =
            "nothing is left to do: the keys are active and their secrets delivered; `keywright list` shows them";
        let errors = context.template(keyring.as_ref(), Operation::Error)?;
        let (file, route) = outlet.into_route();
        if route.is_terminal() {
            context.talk.warn("the secrets follow, this once; nothing can show them again");
        }
        let order = IssueMany {
            keys,
            ids: made.iter().map(|(id, ..)| *id).collect::<Arc<[KeyId]>>(),
            names: names.clone(),
            contract: judged.as_deref(),
            secrets: &|sink| lines.write(sink),
            route,
            farewell: output::interrupted(context.format, errors.as_ref(), hint),
        };
        issue_many(keyring.as_mut(), &context.entry, &context.place, open, order)?;
        context.talk.done(&format!("made {}", told(&plan, &names)));
        let place =
            file.as_ref().map_or("went to standard output".to_owned(), |file| format!("are in {}", file.display()));
        context.talk.say(&format!("The secrets {place}. This was the only time; keywright keeps no copy."));
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
        (!deliver.command.is_empty(), "many secrets do not go into a command", "write them to a file with --out"),
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

/// Makes all of them, one worker per core making whole keys. Where any secret can go with any key they are put into the order
/// of their ids, in which they are stored fastest.
fn make_all(plan: &Plan, steps: &AtomicU64) -> Result<Vec<Made>> {
    let count = plan.count();
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let all: Mutex<Vec<(usize, Made)>> = Mutex::new(Vec::with_capacity(count));
    let work = || -> Result<()> {
        let mut mine = Vec::new();
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                break;
            }
            let made = make_on(plan.make(index), Some(1), &AtomicU64::new(0));
            mine.push((index, made.inspect_err(|_| failed.store(true, Ordering::Relaxed))?));
            steps.fetch_add(1, Ordering::Relaxed);
        }
        all.lock().unwrap_or_else(PoisonError::into_inner).append(&mut mine);
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
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    if plan.is_uniform() {
        all.sort_unstable_by_key(|(_, (id, ..))| *id.as_bytes());
    } else {
        all.sort_unstable_by_key(|(index, _)| *index);
    }
    Ok(all.into_iter().map(|(_, made)| made).collect())
}

/// The secrets as they leave.
struct Lines<'a> {
    keys: Batch<'a>,
    made: &'a [Made],
    org_id: String,
    template: Option<Template>,
    context: &'a Context,
}

impl Lines<'_> {
    /// Writes them while another thread makes those that follow.
    fn write(&self, sink: Sink<'_>) -> io::Result<()> {
        let (send, receive) = sync_channel::<Zeroizing<Vec<u8>>>(1);
        thread::scope(|scope| {
            thread::Builder::new().spawn_scoped(scope, move || self.gather(&mut |piece| send.send(piece).is_ok()))?;
            receive.into_iter().try_for_each(|piece| sink(&piece))
        })
    }

    /// Hands them over in pieces, until nobody takes one.
    fn gather(&self, take: &mut dyn FnMut(Zeroizing<Vec<u8>>) -> bool) {
        let empty = || Zeroizing::new(Vec::with_capacity(CHUNK));
        let mut gathered = empty();
        for (index, (_, _, secret)) in self.made.iter().enumerate() {
            let key = active(self.keys.key(index), self.context);
            let facts = key.facts();
            let document = Document { facts: &facts, org_id: &self.org_id, now: self.context.now };
            let issued = Issued { document, secret };
            let line = match &self.template {
                Some(template) => issued.under(template),
                None => issued.document(),
            };
            // A buffer that grows leaves copies behind.
            if gathered.len() + line.expose().len() > gathered.capacity() {
                if !take(std::mem::replace(&mut gathered, empty())) {
                    return;
                }
                gathered.reserve_exact(line.expose().len());
            }
            gathered.extend_from_slice(line.expose());
        }
        take(gathered);
    }
}
