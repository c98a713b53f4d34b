//! `generate`: issues a key.

use super::{Context, Rehearsed, open};
use crate::{
    cli::Generate,
    delivery::{self, Access, NewFile, Output, Prepared, Target},
    error::{Code, Error, Exit, Result},
    issuance::{Issue, Make, holder_of, issue, make, name_taken},
    key::{Document, Key, KeyType, Status, spki_pem},
    keyring::Keyring,
    output::{self, Format, Issued, SecretFormat, with_spinner},
};
use std::path::Path;

pub(super) fn run(mut args: Generate, context: &Context) -> Result<Exit> {
    refuse_contradictions(&args, context.format)?;
    args.describe.check(context.now)?;
    if args.dry_run {
        return rehearse(args, context);
    }
    // Before anything is made, and before standard output is refused that need not carry a secret; what counts is the
    // same question inside the transaction.
    let there = context.open_if_there()?;
    if let Some(keyring) = &there
        && let Some(key) = existing(&args, context, keyring.as_ref())?
    {
        return keep(&key, context, &keyring.org_id().to_string());
    }
    let route = delivery::prepare(&target(&mut args, context.format))?;
    let public = args
        .public_out
        .take()
        .map(|path| NewFile::prepare(&path, Access::Public))
        .transpose()?;
    let mut keyring = match there {
        Some(keyring) => keyring.writable().map(|()| keyring)?,
        None => context.open_or_create()?,
    };
    let org_id = keyring.org_id().to_string();
    let what = args.make();
    let (id, material, secret) = with_spinner(context.talk, "searching for two primes", || make(&what))?;
    let pending = args.describe.clone().key(id, material, context.now)?;
    let mut promised = pending.clone();
    promised.lifecycle.activated = Some(context.now);
    let facts = promised.facts();
    let issued = Issued {
        document: Document {
            facts: &facts,
            org_id: &org_id,
            now: context.now,
        },
        secret: &secret,
    };
    let whole = context.format.is_json() && route.is_stdout();
    let written = if whole {
        issued.document()
    } else {
        issued.write(args.secret_format)
    };
    let public = public.zip(facts.spki.map(|spki| spki_pem(spki).into_bytes()));
    let file = route.path().map(ToOwned::to_owned);
    announce(&route, context);

    let hint = "nothing is left to do: the key is active and its secret delivered; `keywright list` shows it";
    let farewell = output::interrupted(context.format, hint);
    let order = Issue {
        key: &pending,
        secret: &written,
        route,
        public,
        farewell,
    };
    let key = match issue(keyring.as_mut(), &context.entry, &context.place, open, order) {
        // Somebody else was first by a moment.
        Err(error) if error.code() == Code::NameTaken && args.if_not_exists => {
            let other = existing(&args, context, keyring.as_ref())?.ok_or(error)?;
            return keep(&other, context, &org_id);
        }
        issued => issued?,
    };
    report(&key, file.as_deref(), &args, context, &org_id)?;
    Ok(Exit::Done)
}

impl Generate {
    fn make(&self) -> Make {
        Make {
            key_type: self.key_type,
            env: self.describe.env,
            prefix: self.prefix.clone().unwrap_or_default(),
            bits: self.bits.unwrap_or_default(),
            pem: self.pem.unwrap_or_default(),
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
    let output = if format == Format::Table {
        Output::Inherit
    } else {
        Output::Stderr
    };
    Target::Command {
        argv: args.command.clone(),
        output,
    }
}

/// What the options say against each other; clap knows only what is true of every type.
fn refuse_contradictions(args: &Generate, format: Format) -> Result<()> {
    let rsa = args.key_type == KeyType::Rsa;
    let to_stdout = args.out.is_none() && args.command.is_empty();
    let contradictions = [
        (
            !rsa && args.bits.is_some(),
            "--bits is for RSA keys",
            "leave it out, or say --type rsa",
        ),
        (
            !rsa && args.pem.is_some(),
            "--pem is for RSA keys",
            "leave it out, or say --type rsa",
        ),
        (
            !rsa && args.public_out.is_some(),
            "--public-out is for RSA keys",
            "leave it out, or say --type rsa",
        ),
        (
            rsa && args.prefix.is_some(),
            "--prefix is for tokens and pairs",
            "leave it out, or say --type token",
        ),
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
fn existing(args: &Generate, context: &Context, keyring: &dyn Keyring) -> Result<Option<Key>> {
    let Some(key) = holder_of(keyring, &args.describe.name, args.describe.env, context.now)? else {
        return Ok(None);
    };
    let status = key.lifecycle.status(context.now);
    // A pending key is not there yet, and may never be.
    if args.if_not_exists && status != Status::Pending {
        Ok(Some(key))
    } else {
        Err(name_taken(&key, context.now))
    }
}

fn keep(key: &Key, context: &Context, org_id: &str) -> Result<Exit> {
    context.talk.say(&format!(
        "`{}` is there already; nothing was made, and its secret is not shown",
        key.name
    ));
    context.print_one(key, org_id)?;
    Ok(Exit::Done)
}

fn announce(route: &Prepared, context: &Context) {
    if route.is_terminal() {
        context
            .talk
            .warn("the secret follows, this once; nothing can show it again");
    }
}

fn rehearse(args: Generate, context: &Context) -> Result<Exit> {
    let org_id = match context.open_if_there()? {
        Some(keyring) => {
            if let Some(key) = existing(&args, context, keyring.as_ref())? {
                return keep(&key, context, &keyring.org_id().to_string());
            }
            Some(keyring.org_id())
        }
        None => None,
    };
    let bits = (args.key_type == KeyType::Rsa).then(|| args.bits.unwrap_or_default().get());
    let what = bits.map_or_else(
        || format!("make a {}", args.key_type.word()),
        |bits| format!("make a {bits}-bit RSA key"),
    );
    let made = Rehearsed {
        key_type: args.key_type,
        bits,
        fingerprint: None,
    };
    context.rehearse(args.describe, &made, org_id, &what)
}

/// Says what was made and where its secret is, and, when standard output is free for it, prints the key.
fn report(key: &Key, file: Option<&Path>, args: &Generate, context: &Context, org_id: &str) -> Result<()> {
    let facts = key.facts();
    let kind = facts.bits.map_or_else(
        || facts.key_type.word().to_owned(),
        |bits| format!("{bits}-bit RSA key"),
    );
    let talk = context.talk;
    talk.done(&format!("made the {kind} `{}` ({}), id {}", key.name, key.env, key.id));
    let facts_worth_noting = [
        (
            "fingerprint",
            facts
                .fingerprint
                .map(|fingerprint| format!("{fingerprint} (SHA-256 of the SPKI)")),
        ),
        ("api_key", facts.api_key.map(ToOwned::to_owned)),
        (
            "prefix",
            facts.prefix.filter(|_| facts.api_key.is_none()).map(ToOwned::to_owned),
        ),
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
    talk.say(&format!(
        "The secret {place}. This was the only time; keywright keeps no copy."
    ));
    if file.is_none() && args.command.is_empty() || context.format == Format::Table {
        return Ok(());
    }
    context.print_issued(key, org_id, file)
}
