//! `import`: keys from another keyring, another system, or files.

use super::{Context, contract::contract_of};
use crate::{
    cli::Import,
    contract::Operation,
    error::{Code, Error, Exit, Result},
    import::{Candidate, Defaults, Imported, Lines, import, public_keys},
    input, interrupt,
    key::{Env, Labels, Scopes},
    keyring::{Keyring, Scratch, transact},
    output,
};
use std::{
    io::{BufRead, BufReader},
    path::Path,
};

pub(super) fn run(args: &Import, context: &Context) -> Result<Exit> {
    let mut keyring = if let Some(keyring) = context.open_if_there()? {
        keyring
    } else {
        // Nothing is made of what cannot come in: it is tried on a keyring that nobody sees.
        let mut scratch = Scratch::new(&context.entry)?;
        let litter = scratch.litter();
        let guard = interrupt::guard(move || litter.remove());
        let imported = take(scratch.keyring()?, args, true, context)?;
        drop((scratch, guard));
        if args.dry_run || imported.added.is_empty() {
            tell(&imported, args, context);
            return Ok(Exit::Done);
        }
        context.open_or_create()?
    };
    keyring.writable()?;
    let imported = take(keyring.as_mut(), args, args.dry_run, context)?;
    tell(&imported, args, context);
    if !args.dry_run {
        print(&imported, keyring.as_ref(), context)?;
    }
    Ok(Exit::Done)
}

/// Takes everything in, or nothing; for a rehearsal what came in is given up again.
fn take(keyring: &mut dyn Keyring, args: &Import, rehearse: bool, context: &Context) -> Result<Imported> {
    let rules = contract_of(Some(&*keyring))?.rules;
    let defaults = defaults(args, rules.default_env(), context)?;
    let mut imported = None;
    let done = transact(keyring, &context.entry, |transaction| {
        let mut candidates = read(&args.file, &defaults)?;
        let found = import(transaction, &mut *candidates, context.now)?;
        let keep = !rehearse && !found.added.is_empty();
        imported = Some(found);
        if keep { Ok(()) } else { Err(Error::new(Code::Internal, "nothing is kept of this", "report it as a bug")) }
    });
    match imported {
        Some(imported) if rehearse || imported.added.is_empty() => Ok(imported),
        imported => done.map(|()| imported.unwrap_or_default()),
    }
}

fn tell(imported: &Imported, args: &Import, context: &Context) {
    let what = told(imported);
    match (imported.added.is_empty(), args.dry_run) {
        (true, _) => context.talk.say(&format!("nothing to do: {what}")),
        (false, true) => context.talk.say(&format!("dry run: would import {what}")),
        (false, false) => context.talk.done(&format!("imported {what}")),
    }
}

fn defaults(args: &Import, env: Env, context: &Context) -> Result<Defaults> {
    let expires =
        args.expires.map(|when| when.resolve(context.now)).transpose().map_err(|e| e.in_option("--expires"))?;
    Ok(Defaults {
        owner: args.owner.clone(),
        env: args.env.unwrap_or(env),
        scopes: Scopes::new(&args.scopes).map_err(|e| e.in_option("--scope"))?,
        labels: Labels::new(&args.labels).map_err(|e| e.in_option("--label"))?,
        expires: expires.flatten(),
        prefix: args.prefix.clone(),
        now: context.now,
    })
}

type Candidates<'a> = Box<dyn FnMut() -> Result<Option<Candidate>> + 'a>;

/// JSON lines are recognised by their first character; everything else is public keys.
fn read<'a>(path: &Path, defaults: &'a Defaults) -> Result<Candidates<'a>> {
    if !path.is_dir() {
        let mut lines = BufReader::with_capacity(1 << 16, input::open(path)?);
        let start = lines.fill_buf().map_err(|e| input::unreadable(path, e))?;
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
        if start.first() == Some(&b'{') {
            let mut lines = Lines::new(lines, defaults);
            return Ok(Box::new(move || lines.next()));
        }
    }
    let mut keys = public_keys(path, defaults)?;
    Ok(Box::new(move || Ok(keys.next())))
}

fn print(imported: &Imported, keyring: &dyn Keyring, context: &Context) -> Result<()> {
    let template = context.template(keyring, Operation::List)?;
    let org_id = keyring.org_id().to_string();
    let mut out = output::Keys::list(context.format, &org_id, context.now, context.color).under(template);
    for id in &imported.added {
        if let Some(key) = keyring.key(*id, context.now)? {
            out.push(&key.facts());
            out.flush()?;
        }
    }
    out.finish()
}

fn told(imported: &Imported) -> String {
    let count = |keys: u64| if keys == 1 { "1 key".to_owned() } else { format!("{keys} keys") };
    let mut parts = Vec::new();
    if !imported.added.is_empty() {
        parts.push(count(imported.added.len() as u64));
    }
    if imported.there > 0 || imported.added.is_empty() {
        let verb = if imported.there == 1 { "is" } else { "are" };
        parts.push(format!("{} {verb} there already", count(imported.there)));
    }
    if imported.pending > 0 {
        parts.push(format!("{} left out, for their secrets were never delivered", count(imported.pending)));
    }
    parts.join(", ")
}
