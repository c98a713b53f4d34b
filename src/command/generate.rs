//! `generate`: issues a key.

use super::{Context, context::open, contract::contract_of, describe::stand_in};
use crate::{
    cli::Generate,
    contract::{Operation, PemForm, Rules},
    delivery::{self, Access, NewFile, Output, Prepared, Target},
    error::{Code, Error, Exit, Result},
    issuance::{Issue, Make, Origin, holder_of, issue, make, name_taken, refuse},
    key::{Document, Env, Key, KeyType, Name, Status, spki_pem},
    keypair::{Bits, PemKind},
    keyring::Keyring,
    output::{self, Format, Issued, SecretFormat, with_spinner},
};
use std::path::Path;

pub(super) fn run(mut args: Generate, context: &Context) -> Result<Exit> {
    let there = context.open_if_there()?;
    let rules = &contract_of(there.as_deref())?.rules;
    let what = args.make(rules);
    refuse_contradictions(&args, what.key_type, context.format)?;
    let material = stand_in(what.key_type, what.bits.get(), what.prefix.as_str());
    let draft = match args.describe.draft(rules, material, context) {
        // A key that is there stays what it is, whatever the rules for new ones have become.
        Err(error) if args.if_not_exists && error.code().exit() == Exit::Refused => {
            let (name, env) = (args.describe.name(rules), args.describe.env(rules));
            return match there.as_deref().zip(name) {
                Some((keyring, name)) => match existing(&args, rules, &name, env, context, keyring)? {
                    Some(key) => keep(&key, context, keyring),
                    None => Err(error),
                },
                None => Err(error),
            };
        }
        draft => draft?,
    };
    if args.dry_run {
        return rehearse(&args, &what, &draft, there.as_deref(), context);
    }
    // Before anything is made, and before standard output is refused that need not carry a secret; what counts is the
    // same question inside the transaction.
    if let Some(keyring) = &there
        && let Some(key) = existing(&args, rules, &draft.name, draft.env, context, keyring.as_ref())?
    {
        return keep(&key, context, keyring.as_ref());
    }
    let route = delivery::prepare(&target(&mut args, context.format))?;
    let public = args.public_out.take().map(|path| NewFile::prepare(&path, Access::Public)).transpose()?;
    let mut keyring = match there {
        Some(keyring) => keyring.writable().map(|()| keyring)?,
        None => context.open_or_create()?,
    };
    let org_id = keyring.org_id().to_string();
    let (id, material, secret) = with_spinner(context.talk, "searching for two primes", |tried| make(&what, tried))?;
    let pending = Key { id, material, ..draft };
    let mut promised = pending.clone();
    promised.lifecycle.activated = Some(context.now);
    let facts = promised.facts();
    let issued = Issued { document: Document { facts: &facts, org_id: &org_id, now: context.now }, secret: &secret };
    let whole = context.format.is_json() && route.is_stdout();
    let written = match context.template(keyring.as_ref(), Operation::Generate)? {
        Some(template) if whole => issued.under(&template),
        None if whole => issued.document(),
        _ => issued.write(args.secret_format),
    };
    let public = public.zip(facts.spki.map(|spki| spki_pem(spki).into_bytes()));
    let file = route.path().map(ToOwned::to_owned);
    announce(&route, context);

    let hint = "nothing is left to do: the key is active and its secret delivered; `keywright list` shows it";
    let errors = context.template(keyring.as_ref(), Operation::Error)?;
    let farewell = output::interrupted(context.format, errors.as_ref(), hint);
    let order = Issue { key: &pending, secret: &written, route, public, farewell };
    let key = match issue(keyring.as_mut(), &context.entry, &context.place, open, order) {
        // Somebody else was first by a moment.
        Err(error) if error.code() == Code::NameTaken && args.if_not_exists => {
            let other = existing(&args, rules, &pending.name, pending.env, context, keyring.as_ref())?.ok_or(error)?;
            return keep(&other, context, keyring.as_ref());
        }
        issued => issued?,
    };
    report(&key, file.as_deref(), &args, context, keyring.as_ref())?;
    Ok(Exit::Done)
}

impl Generate {
    fn make(&self, rules: &Rules) -> Make {
        let env = self.describe.env(rules);
        let prefix = self.prefix.clone().or_else(|| rules.prefix(env).cloned());
        let usual = Bits::default();
        let bits = if usual.get() < rules.rsa.smallest { Bits::B4096 } else { usual };
        let pem = match rules.rsa.pem {
            PemForm::Pkcs8 => PemKind::Pkcs8,
            PemForm::Pkcs1 => PemKind::Pkcs1,
        };
        Make {
            key_type: self.key_type.unwrap_or_else(|| rules.default_type()),
            env,
            prefix: prefix.unwrap_or_default(),
            bits: self.bits.unwrap_or(bits),
            prime_search: self.prime_search,
            pem: self.pem.unwrap_or(pem),
            api_key: rules.api_key,
        }
    }
}

fn target(args: &mut Generate, format: Format) -> Target {
    if let Some(path) = args.out.take() {
        return Target::File(path);
    }
    if args.command.is_empty() {
        return Target::Stdout;
    }
    // Our standard output carries one document, or, for a table, nothing: then the command may have it.
    let output = if format == Format::Table { Output::Inherit } else { Output::Stderr };
    Target::Command { argv: args.command.clone(), output }
}

/// What the options say against each other; clap knows only what is true of every type.
fn refuse_contradictions(args: &Generate, key_type: KeyType, format: Format) -> Result<()> {
    let rsa = key_type == KeyType::Rsa;
    let to_stdout = args.out.is_none() && args.command.is_empty();
    let contradictions = [
        (!rsa && args.bits.is_some(), "--bits is for RSA keys", "leave it out, or say --type rsa"),
        (!rsa && args.pem.is_some(), "--pem is for RSA keys", "leave it out, or say --type rsa"),
        (!rsa && args.public_out.is_some(), "--public-out is for RSA keys", "leave it out, or say --type rsa"),
        (rsa && args.prefix.is_some(), "--prefix is for tokens and pairs", "leave it out, or say --type token"),
        (
            to_stdout && matches!(format, Format::Csv | Format::Id),
            "standard output carries one thing, and here that is the secret",
            "add --out FILE or -- COMMAND, or use --format json",
        ),
        (
            to_stdout && format.is_json() && args.secret_format != SecretFormat::Raw,
            "--format json and --secret-format both shape what is printed",
            "leave one of them out, or add --out FILE",
        ),
    ];
    for (holds, problem, hint) in contradictions {
        if holds {
            return Err(Error::new(Code::Usage, problem, hint));
        }
    }
    Ok(())
}

/// The key that `--if-not-exists` is content with; without that option, a conflict.
fn existing(
    args: &Generate,
    rules: &Rules,
    name: &Name,
    env: Env,
    context: &Context,
    keyring: &dyn Keyring,
) -> Result<Option<Key>> {
    if !rules.name.unique && !args.if_not_exists {
        return Ok(None);
    }
    let Some(key) = holder_of(keyring, name, env, context.now)? else {
        return Ok(None);
    };
    let status = key.lifecycle.status(context.now);
    // A pending key is not there yet, and may never be.
    if args.if_not_exists && status != Status::Pending { Ok(Some(key)) } else { Err(name_taken(&key, context.now)) }
}

fn keep(key: &Key, context: &Context, keyring: &dyn Keyring) -> Result<Exit> {
    context.talk.say(&format!("`{}` is there already; nothing was made, and its secret is not shown", key.name));
    context.print_one(key, keyring, Operation::Show)?;
    Ok(Exit::Done)
}

fn announce(route: &Prepared, context: &Context) {
    if route.is_terminal() {
        context.talk.warn("the secret follows, this once; nothing can show it again");
    }
}

fn rehearse(args: &Generate, what: &Make, draft: &Key, there: Option<&dyn Keyring>, context: &Context) -> Result<Exit> {
    if let Some(keyring) = there {
        let rules = contract_of(there)?.rules;
        if let Some(key) = existing(args, &rules, &draft.name, draft.env, context, keyring)? {
            return keep(&key, context, keyring);
        }
        refuse(keyring, &rules, draft, Origin::Made, context.now)?;
    }
    let kind = match what.key_type {
        KeyType::Rsa => format!("make a {}-bit RSA key", what.bits.get()),
        other => format!("make a {other}"),
    };
    context.rehearse(draft, there.map(Keyring::org_id), &kind)
}

/// Says what was made and where its secret is, and, when standard output is free for it, prints the key.
fn report(key: &Key, file: Option<&Path>, args: &Generate, context: &Context, keyring: &dyn Keyring) -> Result<()> {
    let facts = key.facts();
    let kind = facts.bits.map_or_else(|| facts.key_type.word().to_owned(), |bits| format!("{bits}-bit RSA key"));
    let talk = context.talk;
    talk.done(&format!("made the {kind} `{}` ({}), id {}", key.name, key.env, key.id));
    let facts_worth_noting = [
        ("fingerprint", facts.fingerprint.map(|fingerprint| format!("{fingerprint} (SHA-256 of the SPKI)"))),
        ("api_key", facts.api_key.map(ToOwned::to_owned)),
        ("prefix", facts.prefix.filter(|_| facts.api_key.is_none()).map(ToOwned::to_owned)),
        ("expires", key.lifecycle.expires.map(|time| time.to_string())),
    ];
    for (name, value) in facts_worth_noting {
        if let Some(value) = value {
            talk.say(&format!("  {name:<12}{value}"));
        }
    }
    let place = match (file, args.command.first()) {
        (Some(file), _) => format!("is in {}", file.display()),
        (None, Some(program)) => format!("was handed to {}", program.display()),
        (None, None) => "went to standard output".to_owned(),
    };
    talk.say(&format!("The secret {place}. This was the only time; keywright keeps no copy."));
    if file.is_none() && args.command.is_empty() || context.format == Format::Table {
        return Ok(());
    }
    context.print_issued(key, keyring, file)
}
