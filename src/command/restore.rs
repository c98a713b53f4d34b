//! `restore`: restores keys and their states from a backup.

mod report;
mod warnings;

use super::Context;
use crate::{
    cli::Restore,
    error::{Code, Error, Exit, Result},
    interrupt,
    issuance::discard_late_batches,
    keyring::{Keyring, OpenedBackup, Snapshot, Transaction},
    output::count_keys,
    recovery::{self, BackupUse, Effect, RestorePlan},
};
pub(super) use report::FIELDS;
use report::{print, summary};
use warnings::{say_refused, say_unknown, warn};

pub(super) fn run(args: &Restore, context: &Context) -> Result<Exit> {
    let live = context.open_existing()?;
    let mut saved = context.location.open_backup(&args.file, args.dry_run)?;
    let (copy, removed) = (saved.temp_files(), saved.temp_files());
    let guard = interrupt::guard(move || removed.remove());
    if live.is_none() && !args.dry_run {
        saved.sync_ahead();
    }
    recovery::verify(copy.path(), BackupUse::Restored)?;
    let restored = match live {
        Some(live) => merge(live, saved.keyring()?, args, context),
        None => create(saved, args, context),
    };
    drop(guard);
    restored.map(|()| Exit::Done)
}

/// Merges a backup into an existing keyring.
fn merge(mut live: Box<dyn Keyring>, saved: &dyn Keyring, args: &Restore, context: &Context) -> Result<()> {
    let (ours, theirs) = (live.org_id(), saved.org_id());
    if ours != theirs {
        let message = format!("the backup belongs to organization {theirs}, but the keyring belongs to {ours}");
        let hint = "pass the keyring of that organization with --keyring, or use `keywright import`";
        return Err(Error::new(Code::OrganizationMismatch, message, hint));
    }
    // What a stopped import has left is not in the way.
    if !args.dry_run && live.check_writable().is_ok() {
        discard_late_batches(live.as_mut(), &context.entry)?;
    }
    let plan = recovery::plan(live.as_ref(), saved, context.now())?;
    warn(live.as_ref(), saved, context)?;
    let what = summary(&plan);
    if plan.is_empty() {
        let what = match plan.count(Effect::LeftOut) {
            0 => "the keyring already contains everything in the backup".to_owned(),
            left_out => {
                format!("{} of the backup cannot be restored, and the keyring contains the rest", count_keys(left_out))
            }
        };
        context.console.say(&format!("{what}; nothing was changed"));
    } else if args.dry_run {
        context.console.say(&format!("dry run: would restore {what}"));
    } else {
        live.check_writable()?;
        context.console.confirm(&format!("restore {what} from {}?", args.file.display()))?;
        let later = context.later(live.as_ref())?;
        let forgotten = live.forgotten_requests()?;
        recovery::restore(live.as_mut(), saved, &plan, &later.entry)?;
        context.console.done(&format!("restored {what}"));
        say_refused(live.as_ref(), forgotten, context)?;
    }
    print(&plan, context)
}

/// Creates the keyring from a backup, or returns `keyring_exists` if another process creates the keyring first.
fn create(saved: OpenedBackup, args: &Restore, context: &Context) -> Result<()> {
    let path = &context.location;
    let snapshot @ Snapshot { keys, org_id, .. } = saved.keyring()?.snapshot()?;
    let what = format!("a keyring at {path} for organization {org_id} with {}", count_keys(keys));
    say_unknown(saved.keyring()?, context)?;
    if args.dry_run {
        context.console.say(&format!("dry run: would create {what}"));
        return print(&RestorePlan::default(), context);
    }
    let noted = &mut |transaction: &mut dyn Transaction| recovery::log_restore(transaction, &snapshot, true);
    if !context.location.restore_all(saved, &context.entry, noted)? {
        let message = format!("another process created a keyring at {path}");
        return Err(Error::new(Code::KeyringExists, message, "run the command again to merge the backup into it"));
    }
    context.console.done(&format!("created {what}"));
    say_refused(context.open()?.as_ref(), None, context)?;
    print(&RestorePlan::default(), context)
}
