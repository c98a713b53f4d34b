//! `rotate`: replaces a key by a new one with the same facts.

mod many;

use super::{
    Context,
    contract::contract_of,
    create,
    deliver::{Outlet, deliver},
    describe::stand_in,
    find::find_target,
    generate::{kind, usual_pem},
};
use crate::{
    cli::{Rotate, Target},
    contract::{Operation, Rules},
    error::{Code, Error, Exit, Result},
    issuance::{Make, Origin, admit, hand_over, new_id, recognise, refuse, refuse_rotation},
    key::{Handover, Key, KeyType, Lifetime, Material, Overlap, RevocationReason, Time},
    keypair::Bits,
    keyring::{Action, Keyring, Turn, transact},
    output::SecretFormat,
};

/// How long an old key goes on if nothing is said.
const OVERLAP: &str = "24h";

pub(super) fn run(args: Rotate, context: &Context) -> Result<Exit> {
    refuse_contradictions(&args)?;
    let wish = Wish::of(&args, context.now)?;
    match (&args.key, &args.out_dir) {
        (Some(target), None) => one(&args, target, wish, context),
        (None, Some(directory)) => {
            let directory = directory.clone();
            many::run(args, &directory, wish, context)
        }
        _ => Err(Error::new(
            Code::Usage,
            "no key is named",
            "name one, or rotate many with --expiring-within DURATION --out-dir DIR",
        )),
    }
}

/// What is asked for, of whatever key.
#[derive(Clone, Copy)]
struct Wish {
    handover: Handover,
    lifetime: Lifetime,
}

impl Wish {
    fn of(args: &Rotate, now: Time) -> Result<Self> {
        let overlap = args.overlap.map_or_else(|| OVERLAP.parse(), Ok)?;
        let seconds = overlap.seconds(now).map_err(|e| e.in_option("--overlap"))?;
        let handover = if overlap.is_none() {
            Handover::Revoke(args.reason.unwrap_or(RevocationReason::Superseded))
        } else {
            Handover::Overlap { seconds, on_use: args.retire_on_use }
        };
        let lifetime = match args.expires {
            Some(when) => Lifetime::Until(when.resolve(now).map_err(|e| e.in_option("--expires"))?),
            None => Lifetime::AsLong,
        };
        Ok(Self { handover, lifetime })
    }

    /// The successor of a key, pending and without an id, under the rules for new keys.
    fn draft(&self, old: &Key, material: Material, rules: &Rules, now: Time) -> Result<Key> {
        let new = Key { handover: Some(self.handover), ..old.successor(material, now, self.lifetime)? };
        let mut broken = rules.judge(&new);
        let end = self.handover.end(old.lifecycle.expires, now);
        if let Some(expires) = new.lifecycle.expires
            && end > expires
        {
            let problem = format!("the old key would go on until {end}, and its successor ends at {expires}");
            let hint = "give a shorter --overlap, or a later --expires";
            broken.push(Error::new(Code::InvalidTime, problem, hint).in_option("--overlap"));
        }
        Error::all(broken).map(|()| new)
    }
}

fn refuse_contradictions(args: &Rotate) -> Result<()> {
    let none = args.overlap.is_some_and(Overlap::is_none);
    let contradictions = [
        (
            args.retire_on_use && none,
            "--retire-on-use is for a key that goes on for a while",
            "leave it out: with --overlap 0 the old key is revoked at once",
        ),
        (args.reason.is_some() && !none, "--reason is for a key that is revoked", "add --overlap 0, or leave it out"),
        (
            args.out_dir.is_none() && !args.filter.is_empty(),
            "conditions are for rotating many keys",
            "add --out-dir DIR, or name one key",
        ),
        (
            args.public_key.is_some() && args.deliver.secret_format != SecretFormat::Raw,
            "--public-key brings no secret to be written",
            "leave --secret-format out",
        ),
    ];
    match contradictions.into_iter().find(|(holds, ..)| *holds) {
        Some((_, problem, hint)) => Err(Error::new(Code::Usage, problem, hint)),
        None => Ok(()),
    }
}

fn one(args: &Rotate, target: &Target, wish: Wish, context: &Context) -> Result<Exit> {
    let mut keyring = context.open()?;
    let old = find_target(keyring.as_ref(), target, context)?;
    let rules = contract_of(Some(keyring.as_ref()))?.rules;
    refuse_rotation(keyring.as_ref(), &old, context.now)?;
    if args.public_key.is_some() {
        return register(args, &old, wish, &rules, keyring, context);
    }
    refuse_registered(&old)?;
    args.deliver.refuse_contradictions(old.material.key_type(), context.format)?;
    let what = make_like(&old, args, &rules);
    let material = stand_in(what.key_type, what.bits.get(), what.prefix.as_str());
    let draft = wish.draft(&old, material, &rules, context.now)?;
    if args.dry_run {
        refuse(keyring.as_ref(), &rules, &draft, Origin::Made, context.now)?;
        return rehearse(&draft, &old, wish, &kind(&what), keyring.as_ref(), context);
    }
    let outlet = Outlet::prepare(&args.deliver, context)?;
    keyring.writable()?;
    let _turn = Turn::shared(&context.place)?;
    notice(args, &old, wish, context);
    let delivered = deliver(&what, draft, outlet, keyring.as_mut(), context)?;
    let fate = fate(&after(keyring.as_ref(), &old, wish, context));
    delivered.report(&[("takes over", format!("from {}, which {fate}", old.id))], context, keyring.as_ref())?;
    Ok(Exit::Done)
}

/// Takes over with a public key, whose holder has the private half already.
fn register(
    args: &Rotate,
    old: &Key,
    wish: Wish,
    rules: &Rules,
    mut keyring: Box<dyn Keyring>,
    context: &Context,
) -> Result<Exit> {
    if old.material.key_type() != KeyType::Rsa {
        let problem = format!("`{}` is a {}, and only an RSA key has a public key", old.name, old.material.key_type());
        return Err(Error::new(Code::Usage, problem, "leave --public-key out, or register another key with `create`"));
    }
    let path = args.public_key.as_deref().unwrap_or_else(|| std::path::Path::new("-"));
    let public = create::read(path, args.from_cert)?;
    let mut new = Key { registered: true, ..wish.draft(old, recognise(&public), rules, context.now)? };
    new.lifecycle.activated = Some(context.now);
    new.handover = None;
    if args.dry_run {
        refuse(keyring.as_ref(), rules, &new, Origin::Brought, context.now)?;
        let what = format!("register a {}-bit RSA key", public.bits());
        return rehearse(&new, old, wish, &what, keyring.as_ref(), context);
    }
    new.id = new_id()?;
    keyring.writable()?;
    let _turn = Turn::shared(&context.place)?;
    notice(args, old, wish, context);
    transact(keyring.as_mut(), &context.entry, |transaction| {
        admit(transaction, &new, Origin::Brought, context.now)?;
        transaction.insert(&new, Action::Register)?;
        hand_over(transaction, &new, wish.handover, &context.entry)
    })?;
    let what = format!("registered the {}-bit RSA key `{}` ({}), id {}", public.bits(), new.name, new.env, new.id);
    context.talk.done(&what);
    let fate = fate(&after(keyring.as_ref(), old, wish, context));
    context.talk.say(&format!("  takes over  from {}, which {fate}", old.id));
    context.print_one(&new, keyring.as_ref(), Operation::Create)?;
    Ok(Exit::Done)
}

/// A key whose private half is with its holder gets none from us that they would not know of.
fn refuse_registered(old: &Key) -> Result<()> {
    if !old.registered {
        return Ok(());
    }
    Err(Error::new(
        Code::PublicKeyRequired,
        format!("`{}` was registered with a public key; only its holder can make the next one", old.name),
        format!("ask them for it, and `keywright rotate {} --public-key FILE`", old.id),
    ))
}

/// What a key is to be followed by: the same, unless the options or the contract say otherwise.
fn make_like(old: &Key, args: &Rotate, rules: &Rules) -> Make {
    let facts = old.facts();
    let before = facts.prefix.and_then(|prefix| prefix.split('_').next()).and_then(|prefix| prefix.parse().ok());
    let opaque = matches!(old.material, Material::Opaque { .. });
    let prefix = rules.prefix(old.env).cloned().or_else(|| before.filter(|_| !opaque));
    let bits = facts.bits.map_or_else(Bits::default, Bits::at_least);
    Make {
        key_type: facts.key_type,
        env: old.env,
        prefix: args.deliver.prefix.clone().or(prefix).unwrap_or_default(),
        bits: args.deliver.bits.unwrap_or_else(|| bits.max(Bits::at_least(rules.rsa.smallest))),
        prime_search: args.deliver.prime_search,
        pem: args.deliver.pem.unwrap_or_else(|| usual_pem(rules)),
        api_key: rules.api_key,
    }
}

/// Says what an overlap that was asked for will not do.
fn notice(args: &Rotate, old: &Key, wish: Wish, context: &Context) {
    if let (Some(overlap), Handover::Overlap { .. }, Some(expires)) =
        (args.overlap, wish.handover, old.lifecycle.expires)
        && wish.handover.end(None, context.now) > expires
    {
        context.talk.warn(&format!("an overlap of {overlap} is longer than the old key lives: it ends at {expires}"));
    }
}

fn rehearse(draft: &Key, old: &Key, wish: Wish, what: &str, keyring: &dyn Keyring, context: &Context) -> Result<Exit> {
    let done = context.rehearse(draft, Some(keyring.org_id()), what)?;
    context.talk.say(&format!("  takes over  from {}, which {}", old.id, fate(&ending(old, wish, context.now))));
    Ok(done)
}

/// An old key as it is by now. What was done is done: a keyring that cannot be read any more fails nothing.
fn after(keyring: &dyn Keyring, old: &Key, wish: Wish, context: &Context) -> Key {
    keyring.key(old.id, context.now).ok().flatten().unwrap_or_else(|| ending(old, wish, context.now))
}

/// An old key as it is to be.
fn ending(old: &Key, wish: Wish, now: Time) -> Key {
    let handed_over = old.handed_over(old.id, wish.handover, now);
    match wish.handover {
        Handover::Revoke(reason) => handed_over.revoked(now, reason, None).unwrap_or(handed_over),
        Handover::Overlap { .. } => handed_over,
    }
}

/// What became of an old key, in words.
fn fate(old: &Key) -> String {
    let life = old.lifecycle;
    match (life.revoked, life.reason, life.expires) {
        (Some(at), Some(reason), expires) if expires.is_none_or(|expires| at <= expires) => {
            format!("is revoked from {at} on ({reason})")
        }
        (_, _, Some(expires)) if old.retire_on_use => {
            format!("ends when this one is first used, at {expires} at the latest")
        }
        (_, _, Some(expires)) => format!("works until {expires}"),
        _ => "works on".to_owned(),
    }
}
