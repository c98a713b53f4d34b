//! Rotating every key that expires soon.
//!
//! Each key is rotated by itself, its secret in a file of its own, so whatever stops a run leaves every key either rotated
//! or as it was, but for the one that was on its way: its successor is pending, and its file there or not. A run begins
//! by settling those, alone, so that no living process can be waiting for them; then it shares the keyring again.

use crate::{
    cli::Rotate,
    command::{
        Context,
        activate::prove,
        contract::contract_of,
        deliver::{Delivered, Outlet, deliver_made},
    },
    contract::{Operation, Rules},
    error::{Code, Error, Exit, Result},
    input,
    issuance::{self, Make, Succession, refuse_registered, refuse_rotation},
    key::{Key, KeyId, KeyType, Status, Time},
    keyring::{Keyring, Query, Selection, Sort, SortField, Turn},
    output::{SecretFormat, count_keys, with_bar},
};
use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// What a signal says.
const AGAIN: &str = "run it again: what was rotated stays rotated, and the rest follows";

/// What has been done so far.
#[derive(Default)]
struct Tally {
    done: Vec<(Key, PathBuf)>,
    /// What was not rotated, with the reason: for now, and because something went wrong.
    skipped: Vec<(Key, String)>,
    failed: Vec<(Key, Error)>,
}

/// What is asked for, of every key that is due.
struct Batch<'a> {
    args: &'a Rotate,
    directory: &'a Path,
    succession: Succession,
    rules: Rules,
    /// The keys that are due expire by then, and successors must not.
    window: Option<Time>,
    context: &'a Context,
}

pub(super) fn run(mut args: Rotate, directory: &Path, succession: Succession, context: &Context) -> Result<Exit> {
    let mut keyring = context.open()?;
    let rules = contract_of(Some(keyring.as_ref()))?.rules;
    let filter = std::mem::take(&mut args.filter);
    let selection = Selection { statuses: vec![Status::Active], ..filter.selection(context.now)? };
    let directory = &make_directory(directory, args.dry_run)?;
    let batch = Batch { args: &args, directory, succession, rules, window: selection.expiring_by, context };
    let due = due(selection, keyring.as_ref())?;
    if args.dry_run {
        return batch.rehearse(&due, keyring.as_ref());
    }
    keyring.writable()?;
    let mut tally = Tally::default();
    let turn = Turn::alone(&context.place)?;
    batch.settle(&due, keyring.as_mut(), &mut tally)?;
    turn.share();
    let signalled = with_bar(context.talk, "rotating", due.len(), |count| {
        for id in due {
            let Some(old) = keyring.key(id, context.now)? else { continue };
            // What was finished just now, or by somebody else a moment ago, is not due any more.
            if old.rotated_to.is_none() && batch.rotate(old, keyring.as_mut(), &mut tally) {
                return Ok(true);
            }
            count.fetch_add(1, Ordering::Relaxed);
        }
        Ok(false)
    });
    tally.report(keyring.as_ref(), signalled?, context)
}

impl Batch<'_> {
    /// Rotates one key; says whether a signal came meanwhile.
    fn rotate(&self, old: Key, keyring: &mut dyn Keyring, tally: &mut Tally) -> bool {
        let judged = refuse_rotation(keyring, &old, self.context.now).and_then(|()| self.judge(&old));
        match judged.and_then(|judged| match judged {
            Ok((what, draft)) => self.issue(&what, draft, keyring).map(Ok),
            Err(reason) => Ok(Err(reason)),
        }) {
            Ok(Ok(delivered)) => {
                let file = delivered.file().map(Path::to_owned).unwrap_or_default();
                tally.done.push((delivered.key, file));
                return delivered.signalled;
            }
            Ok(Err(reason)) => tally.skipped.push((old, reason)),
            Err(error) => tally.failed.push((old, error)),
        }
        false
    }

    fn issue(&self, what: &Make, draft: Key, keyring: &mut dyn Keyring) -> Result<Delivered> {
        let made = issuance::make(what, &AtomicU64::new(0))?;
        let format = self.args.deliver.secret_format;
        let file = self.directory.join(file_name(draft.name.as_str(), made.0, what.key_type, format));
        deliver_made(made, draft, Outlet::file(file, format)?, keyring, self.context, AGAIN)
    }

    /// What is to follow a key, or why it is left alone.
    fn judge(&self, old: &Key) -> Result<Result<(Make, Key), String>> {
        if let Err(error) = refuse_registered(old) {
            return Ok(Err(format!("{error}; {}", error.hint())));
        }
        let what = Make::like(old, &self.args.deliver.wanted(), &self.rules);
        let draft = self.succession.draft(old, what.stand_in(), &self.rules, self.context.now)?;
        Ok(match draft.lifecycle.expires {
            Some(expires) if self.window.is_some_and(|window| expires <= window) => Err(format!(
                "its successor would expire at {expires}, and be rotated again by the next run; give a later --expires"
            )),
            _ => Ok((what, draft)),
        })
    }

    /// Finishes or drops what dead processes left pending. Whose secret is in its file becomes active; of the others that are
    /// due nobody has the secret in this directory, and they are rotated afresh.
    fn settle(&self, due: &[KeyId], keyring: &mut dyn Keyring, tally: &mut Tally) -> Result<()> {
        let pending = Selection { statuses: vec![Status::Pending], ..Selection::all(self.context.now) };
        for id in Query::every(pending).ids(keyring, |facts| facts.rotated_from.is_some())? {
            let Some(key) = keyring.key(id, self.context.now)? else { continue };
            let format = self.args.deliver.secret_format;
            let file = self.directory.join(file_name(key.name.as_str(), id, key.material.key_type(), format));
            let has_secret = |file: &Path| input::read(file).and_then(|secret| prove(&key, &secret)).is_ok();
            if file.symlink_metadata().is_ok() && has_secret(&file) {
                match issuance::activate(keyring, &self.context.entry, &key) {
                    Ok(key) => tally.finished(key, file, self.context),
                    Err(error) => tally.failed.push((key, error)),
                }
            } else if key.rotated_from.is_some_and(|from| due.contains(&from)) {
                issuance::discard(keyring, &self.context.entry, &key)?;
                let what = format!("dropped the successor {id} of `{}`, whose delivery was broken off", key.name);
                self.context.talk.say(&what);
            }
        }
        Ok(())
    }

    fn rehearse(&self, due: &[KeyId], keyring: &dyn Keyring) -> Result<Exit> {
        let (mut would, mut tally) = (Vec::new(), Tally::default());
        for id in due {
            let Some(old) = keyring.key(*id, self.context.now)? else { continue };
            let judged = match refuse_rotation(keyring, &old, self.context.now) {
                // A run would settle what is pending.
                Err(error) if error.code() != Code::RotationInProgress => Err(error),
                _ => self.judge(&old),
            };
            match judged {
                Ok(Ok(_)) => would.push(old),
                Ok(Err(reason)) => tally.skipped.push((old, reason)),
                Err(error) => tally.failed.push((old, error)),
            }
        }
        self.context.talk.say(&format!("dry run: would rotate {}", count_keys(would.len())));
        tally.tell(self.context);
        self.context.print_list(&would, keyring, Operation::List)?;
        tally.verdict()
    }
}

/// The keys that are due, the first to expire first; those that were taken over from already are not.
fn due(selection: Selection, keyring: &dyn Keyring) -> Result<Vec<KeyId>> {
    let sort = Sort { field: SortField::Expires, descending: false };
    Query { sort, ..Query::every(selection) }.ids(keyring, |facts| facts.rotated_to.is_none())
}

/// The directory, made where there is none, as an absolute path.
fn make_directory(directory: &Path, dry_run: bool) -> Result<PathBuf> {
    // To make one that is there changes nothing.
    let made = if dry_run && !directory.exists() { Ok(()) } else { DirBuilder::new().mode(0o700).create(directory) };
    let there = match made {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists && directory.is_dir() => Ok(()),
        made => made,
    };
    there.and_then(|()| std::path::absolute(directory)).map_err(|e| {
        let problem = format!("the directory {} cannot be made", directory.display());
        Error::new(Code::OutputDirectory, problem, "choose another place for it").because(anyhow::Error::from(e))
    })
}

/// The file of a successor: the key's name as far as a file's may be like it, the start of the new id, and what is in it.
fn file_name(name: &str, id: KeyId, key_type: KeyType, format: SecretFormat) -> String {
    let mut stem = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-') && !stem.is_empty() {
            stem.push(c);
        } else if !stem.is_empty() && !stem.ends_with('-') {
            stem.push('-');
        }
    }
    stem.truncate(64);
    let stem = stem.trim_end_matches(['-', '.']);
    let stem = if stem.is_empty() { "key" } else { stem };
    let extension = match (format, key_type) {
        (SecretFormat::Raw, KeyType::Rsa) => "pem",
        (SecretFormat::Raw, KeyType::Token) => "token",
        (SecretFormat::Raw, KeyType::Pair) => "secret",
        (SecretFormat::Dotenv, _) => "env",
        (SecretFormat::K8sSecret, _) => "yaml",
        (SecretFormat::Json, _) => "json",
    };
    format!("{stem}-{}.{extension}", &id.to_string()[..8])
}

impl Tally {
    fn finished(&mut self, key: Key, file: PathBuf, context: &Context) {
        context.talk.say(&format!("finished the rotation of `{}`, which was broken off", key.name));
        self.done.push((key, file));
    }

    fn report(self, keyring: &dyn Keyring, signalled: bool, context: &Context) -> Result<Exit> {
        context.talk.done(&format!("rotated {}", count_keys(self.done.len())));
        self.tell(context);
        context.print_files(self.done.iter().map(|(key, file)| (key, file.as_path())), keyring)?;
        if signalled {
            return Err(Error::new(Code::Interrupted, "interrupted", AGAIN));
        }
        self.verdict()
    }

    fn tell(&self, context: &Context) {
        for (key, reason) in &self.skipped {
            context.talk.warn(&format!("`{}` ({}) is left as it is: {reason}", key.name, key.id));
        }
    }

    fn verdict(&self) -> Result<Exit> {
        let Some((_, first)) = self.failed.first() else { return Ok(Exit::Done) };
        let problem = format!("{} could not be rotated, and is as it was", count_keys(self.failed.len()));
        let error = Error::new(Code::RotationIncomplete, problem, format!("{}; then run it again", first.hint()));
        Err(self.failed.iter().fold(error, |error, (key, cause)| {
            error.detail(&["KEY"], format!("{} ({}): {cause}", key.name, key.id), cause.code().word())
        }))
    }
}
