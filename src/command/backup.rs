//! `backup`: copies the keyring to a new file.

use super::Context;
use crate::{
    cli::Backup,
    error::{Code, Error, Exit, Result},
    files::{Access, NewFile},
    output::{self, count_keys},
    recovery::{WrittenBackup, back_up},
};
use serde_json::json;

/// The names of the fields that are printed, in order.
pub(super) const FIELDS: [&str; 6] = ["file", "bytes", "org_id", "keys", "audit_rows", "head"];

pub(super) fn run(args: &Backup, context: &Context) -> Result<Exit> {
    if args.file.as_os_str() == "-" {
        let hint = "pass the path of a new file; a backup is read back and checked, which is not possible with a pipe";
        return Err(Error::new(Code::Usage, "a backup cannot be written to standard output", hint));
    }
    // The keyring is opened first, so that an unreadable keyring is reported before any problem with the backup file.
    drop(context.open()?);
    context.location.refuse_own(&args.file)?;
    let file = NewFile::prepare(&args.file, Access::Backup)?;
    let backup = back_up(&context.location, file)?;
    let keys = count_keys(backup.snapshot.keys);
    context.console.done(&format!("backed up {keys} to {} and verified the copy", backup.path.display()));
    print(&backup, context)?;
    Ok(Exit::Done)
}

fn print(backup: &WrittenBackup, context: &Context) -> Result<()> {
    let WrittenBackup { path, snapshot, bytes } = backup;
    let values = [
        json!(path.to_string_lossy()),
        json!(bytes),
        json!(snapshot.org_id.to_string()),
        json!(snapshot.keys),
        json!(snapshot.rows),
        json!(snapshot.head.to_string()),
    ];
    output::print_object(&context.style, &FIELDS.iter().map(ToString::to_string).zip(values).collect())
}
