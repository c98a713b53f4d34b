//! `export`: keys for those who verify elsewhere, as a stream of pages.

use super::Context;
use crate::{
    cli::Export,
    error::{Exit, Result},
    files::{Access, Replacement, Undo},
    interrupt,
    key::{KeyId, KeyType, Status},
    keyring::{Cursor, Keyring, Query, Sort, SortField},
    output::{self, ExportForm, Exported, count_keys},
};

/// How much is gathered before it is written.
const CHUNK: usize = 64 * 1024;

pub(super) fn run(args: Export, context: &Context) -> Result<Exit> {
    let form = args.format.export()?;
    let keyring = context.open()?;
    let mut selection = args.filter.selection(context.now)?;
    match form {
        ExportForm::Revocations if !args.all => selection.statuses = vec![Status::Revoked],
        _ if !args.all => selection.statuses = vec![Status::Active],
        _ => {}
    }
    let public = matches!(form, ExportForm::Jwks | ExportForm::Pem);
    if public && (selection.types.is_empty() || selection.types.contains(&KeyType::Rsa)) {
        // The others have no public half; where only they are asked for, they are left out one by one.
        selection.types = vec![KeyType::Rsa];
    }
    // The oldest first: what is added comes last, and a file that is under version control changes little.
    let sort = Sort { field: SortField::Created, descending: false };
    let query = Query { sort, ..Query::every(selection) };
    let undo = Undo::new();
    let guard = interrupt::guard({
        let undo = undo.clone();
        move || drop(undo.run())
    });
    args.out.iter().try_for_each(|path| context.location.refuse_own(path))?;
    let access = if form == ExportForm::Jsonl { Access::Private } else { Access::Public };
    let mut file = args.out.as_deref().map(|path| Replacement::begin(path, access, &undo)).transpose()?;
    let mut write = |text: &mut Vec<u8>| {
        let written = match &mut file {
            Some(file) => file.write(text),
            None => output::write(text),
        };
        text.clear();
        written
    };
    let org_id = keyring.org_id().to_string();
    let mut exported = Exported::new(form, &org_id, context.now);
    let mut cursor = Cursor::default();
    while page(keyring.as_ref(), &query, &mut cursor, form, &mut exported)? {
        if exported.text.len() >= CHUNK {
            write(&mut exported.text)?;
        }
    }
    exported.finish();
    write(&mut exported.text)?;
    if let (Some(file), Some(path)) = (file, &args.out) {
        file.finish()?;
        context.console.done(&format!("wrote {} to {}", count_keys(exported.count()), path.display()));
    } else if exported.count() == 0 {
        context.console.say("no keys");
    }
    drop(guard);
    Ok(Exit::Done)
}

/// Adds a page of keys, and says whether more may follow.
fn page(
    keyring: &dyn Keyring,
    query: &Query,
    cursor: &mut Cursor,
    form: ExportForm,
    exported: &mut Exported<'_>,
) -> Result<bool> {
    if form != ExportForm::Jsonl {
        return keyring.page(query, cursor, &mut |facts| exported.push(facts));
    }
    // A list does not read hashes; who reads a key whole has its digest checked.
    let mut ids: Vec<KeyId> = Vec::new();
    let more = keyring.page(query, cursor, &mut |facts| {
        ids.push(facts.id);
        Ok(())
    })?;
    let (statuses, now) = (&query.selection.statuses, query.selection.now);
    for id in ids {
        // One that was removed or ended since the page was read is not to be exported.
        let key =
            keyring.key(id, now)?.filter(|key| statuses.is_empty() || statuses.contains(&key.lifecycle.status(now)));
        if let Some(key) = key {
            exported.push_whole(&key);
        }
    }
    Ok(more)
}
