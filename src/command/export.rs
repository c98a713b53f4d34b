//! `export`: writes keys or revocations, page by page, for verification elsewhere.

use super::Context;
use crate::{
    cli::Export,
    error::{Exit, Result},
    files::{Access, Replacement, Undo},
    interrupt,
    key::{KeyType, Status},
    keyring::{Cursor, Keyring, Query, Sort, SortField},
    output::{self, ExportForm, Exported, count_keys},
};

/// The minimum number of bytes to collect before they are written.
const CHUNK: usize = 64 * 1024;

pub(super) fn run(args: Export, context: &Context) -> Result<Exit> {
    let form = args.format.export()?;
    args.refuse_algorithms(form)?;
    let keyring = context.open()?;
    let mut selection = args.filter.selection(context.now())?;
    match form {
        ExportForm::Revocations if !args.all => selection.statuses = vec![Status::Revoked],
        _ if !args.all => selection.statuses = vec![Status::Active],
        _ => {}
    }
    let public = matches!(form, ExportForm::Jwks | ExportForm::Pem);
    let selects = |key_type: &KeyType| selection.types.is_empty() || selection.types.contains(key_type);
    let pairs: Vec<_> = KeyType::key_pairs().filter(selects).collect();
    if public && !pairs.is_empty() {
        // Only key pairs have a public key. If only other types are selected, the keys are skipped later, one by one.
        selection.types = pairs;
    }
    // The oldest key comes first, so that new keys are added at the end and a file under version control changes
    // little.
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
    let mut exported = Exported::new(form, &org_id, context.now(), &args.algorithms);
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

/// Adds a page of keys to the export. Returns `true` if there may be more pages.
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
    // A page of a list does not contain the hashes of the secrets.
    keyring.page_of_keys(query, cursor, &mut |key| {
        exported.push_whole(&key);
        Ok(())
    })
}
