//! `owner`: shows and sets the usage levels of owners.

use super::Context;
use crate::{
    cli::{Owners, OwnersCommand},
    error::{Code, Error, Exit, Result},
    key::{Owner, refuse_secret},
    keyring::{Entitlement, Keyring, transact},
    output::{self, Format, Records},
};
use serde_json::{Map, Value};

/// The names of the fields that are printed, in order.
pub(super) const FIELDS: [&str; 3] = ["owner", "usage_level", "changed_at"];

pub(super) fn run(args: &Owners, context: &Context) -> Result<Exit> {
    let mut keyring = context.open()?;
    match &args.command {
        OwnersCommand::Set { name, usage_level, dry_run } => {
            let new = Entitlement { owner: name.clone(), usage_level: usage_level.clone(), changed_at: context.now() };
            set(keyring.as_mut(), &new, *dry_run, context)?;
            if context.style.format == Format::Table {
                return Ok(Exit::Done);
            }
            print_one(&new, context)
        }
        OwnersCommand::List => print(&keyring.entitlements(None)?, context),
        OwnersCommand::Show { name } => print_one(&find(keyring.as_ref(), name)?, context),
    }
}

fn set(keyring: &mut dyn Keyring, new: &Entitlement, dry_run: bool, context: &Context) -> Result<()> {
    refuse_secret(new.owner.as_str())?;
    let what = format!("the usage level of `{}` to {}", new.owner, new.usage_level);
    if dry_run {
        context.console.say(&format!("dry run: would set {what}"));
        return Ok(());
    }
    keyring.check_writable()?;
    transact(keyring, &context.entry, |transaction| transaction.set_entitlement(new))?;
    context.console.done(&format!("set {what}"));
    Ok(())
}

fn find(keyring: &dyn Keyring, name: &Owner) -> Result<Entitlement> {
    keyring.entitlements(Some(name))?.pop().ok_or_else(|| {
        let hint = "run `keywright owner list` to see all usage levels, or `keywright owner set OWNER --usage-level LEVEL` to set one";
        Error::new(Code::NotFound, format!("no usage level is set for `{name}`"), hint)
    })
}

fn print_one(owner: &Entitlement, context: &Context) -> Result<Exit> {
    if context.style.format.is_json() {
        output::print_object(&context.style, &document(owner))?;
        return Ok(Exit::Done);
    }
    print(std::slice::from_ref(owner), context)
}

fn print(owners: &[Entitlement], context: &Context) -> Result<Exit> {
    let mut out = Records::new(&context.style, (&["OWNER", "USAGE LEVEL", "CHANGED AT"], 3), &FIELDS);
    for owner in owners {
        out.push(document(owner), || cells(owner));
    }
    out.finish()?;
    if owners.is_empty() {
        context.console.say("no owner has a usage level");
    }
    Ok(Exit::Done)
}

fn cells(owner: &Entitlement) -> [String; 3] {
    [owner.owner.to_string(), owner.usage_level.to_string(), owner.changed_at.to_string()]
}

fn document(owner: &Entitlement) -> Map<String, Value> {
    FIELDS.iter().map(ToString::to_string).zip(cells(owner).map(Value::from)).collect()
}
