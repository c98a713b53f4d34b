//! From a key that is described to one whose secret is with its holder: for `generate` and `rotate`.

use super::{Context, context::open};
use crate::{
    cli::Deliver,
    contract::Operation,
    delivery::{self, Access, NewFile, Output, Prepared, Target},
    error::{Code, Error, Result},
    issuance::{Issue, Make, issue, make},
    key::{Document, Key, KeyId, KeyType, Material, Secret, spki_pem},
    keyring::Keyring,
    output::{self, Format, Issued, SecretFormat, with_spinner},
};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

/// The way out for a secret, checked.
pub(super) struct Outlet {
    route: Prepared,
    public: Option<NewFile>,
    format: SecretFormat,
    program: Option<OsString>,
}

/// A key whose secret was delivered.
pub(super) struct Delivered {
    pub(super) key: Key,
    /// A signal came: whoever has more to do stops here.
    pub(super) signalled: bool,
    file: Option<PathBuf>,
    program: Option<OsString>,
}

impl Deliver {
    /// What the options say against each other; clap knows only what is true of every type.
    pub(super) fn refuse_contradictions(&self, key_type: KeyType, format: Format) -> Result<()> {
        self.refuse_of_type(key_type)?;
        let to_stdout = self.out.is_none() && self.command.is_empty();
        refuse_first(&[
            (
                to_stdout && matches!(format, Format::Csv | Format::Id),
                "standard output carries one thing, and here that is the secret",
                "add --out FILE or -- COMMAND, or use --format json",
            ),
            (
                to_stdout && format.is_json() && self.secret_format != SecretFormat::Raw,
                "--format json and --secret-format both shape what is printed",
                "leave one of them out, or add --out FILE",
            ),
        ])
    }

    /// What the options say against a type of key.
    pub(super) fn refuse_of_type(&self, key_type: KeyType) -> Result<()> {
        let rsa = key_type == KeyType::Rsa;
        refuse_first(&[
            (!rsa && self.bits.is_some(), "--bits is for RSA keys", "leave it out, or say --type rsa"),
            (!rsa && self.pem.is_some(), "--pem is for RSA keys", "leave it out, or say --type rsa"),
            (!rsa && self.public_out.is_some(), "--public-out is for RSA keys", "leave it out, or say --type rsa"),
            (rsa && self.prefix.is_some(), "--prefix is for tokens and pairs", "leave it out, or say --type token"),
        ])
    }

    fn target(&self, format: Format) -> Target {
        if let Some(path) = &self.out {
            return Target::File(path.clone());
        }
        if self.command.is_empty() {
            return Target::Stdout;
        }
        // Our standard output carries one document, or, for a table, nothing: then the command may have it.
        let output = if format == Format::Table { Output::Inherit } else { Output::Stderr };
        Target::Command { argv: self.command.clone(), output }
    }
}

/// The first contradiction that holds, with the way out of it.
fn refuse_first(contradictions: &[(bool, &str, &str)]) -> Result<()> {
    match contradictions.iter().find(|(holds, ..)| *holds) {
        Some((_, problem, hint)) => Err(Error::new(Code::Usage, *problem, *hint)),
        None => Ok(()),
    }
}

impl Outlet {
    /// The file, if it is one, and the way.
    pub(super) fn into_route(self) -> (Option<PathBuf>, Prepared) {
        (self.route.path().map(Path::to_owned), self.route)
    }

    /// The way that the options name.
    pub(super) fn prepare(options: &Deliver, context: &Context) -> Result<Self> {
        options.out.iter().chain(&options.public_out).try_for_each(|path| context.place.refuse_own(path))?;
        Ok(Self {
            route: delivery::prepare(&options.target(context.format))?,
            public: options.public_out.as_deref().map(|path| NewFile::prepare(path, Access::Public)).transpose()?,
            format: options.secret_format,
            program: options.command.first().cloned(),
        })
    }

    /// A new file.
    pub(super) fn file(path: PathBuf, format: SecretFormat) -> Result<Self> {
        Ok(Self { route: delivery::prepare(&Target::File(path))?, public: None, format, program: None })
    }

    /// Whether the secret takes standard output.
    fn is_stdout(&self) -> bool {
        self.route.is_stdout()
    }
}

/// Makes what a draft is to be recognised by, and issues it.
pub(super) fn deliver(
    what: &Make,
    draft: Key,
    outlet: Outlet,
    keyring: &mut dyn Keyring,
    context: &Context,
) -> Result<Delivered> {
    let made = with_spinner(context.talk, "searching for two primes", |tried| make(what, tried))?;
    if outlet.route.is_terminal() {
        context.talk.warn("the secret follows, this once; nothing can show it again");
    }
    let hint = "nothing is left to do: the key is active and its secret delivered; `keywright list` shows it";
    deliver_made(made, draft, outlet, keyring, context, hint)
}

/// Issues a draft with what was made for it; `hint` is what a signal says once that is done.
pub(super) fn deliver_made(
    (id, material, secret): (KeyId, Material, Secret),
    draft: Key,
    outlet: Outlet,
    keyring: &mut dyn Keyring,
    context: &Context,
    hint: &str,
) -> Result<Delivered> {
    let org_id = keyring.org_id().to_string();
    let pending = Key { id, material, ..draft };
    let mut promised = Key { handover: None, ..pending.clone() };
    promised.lifecycle.activated = Some(context.now);
    let facts = promised.facts();
    let issued = Issued { document: Document { facts: &facts, org_id: &org_id, now: context.now }, secret: &secret };
    let whole = context.format.is_json() && outlet.is_stdout();
    let written = match context.template(keyring, Operation::Generate)? {
        Some(template) if whole => issued.under(&template),
        None if whole => issued.document(),
        _ => issued.write(outlet.format),
    };
    let Outlet { route, public, program, .. } = outlet;
    let public = public.zip(facts.spki.map(|spki| spki_pem(spki).into_bytes()));
    let file = route.path().map(Path::to_owned);
    let errors = context.template(keyring, Operation::Error)?;
    let farewell = output::interrupted(context.format, errors.as_ref(), hint);
    let order = Issue { key: &pending, secret: &written, route, public, farewell };
    let issued = issue(keyring, &context.entry, &context.place, open, order)?;
    Ok(Delivered { key: issued.key, signalled: issued.signalled, file, program })
}

impl Delivered {
    /// The file with the secret.
    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Says what was made, with some more facts, and where its secret is, and, when standard output is free for it,
    /// prints the key.
    pub(super) fn report(&self, more: &[(&str, String)], context: &Context, keyring: &dyn Keyring) -> Result<()> {
        let (key, facts, talk) = (&self.key, self.key.facts(), context.talk);
        let kind = facts.bits.map_or_else(|| facts.key_type.word().to_owned(), |bits| format!("{bits}-bit RSA key"));
        talk.done(&format!("made the {kind} `{}` ({}), id {}", key.name, key.env, key.id));
        let facts_worth_noting = [
            ("fingerprint", facts.fingerprint.map(|fingerprint| format!("{fingerprint} (SHA-256 of the SPKI)"))),
            ("api_key", facts.api_key.map(ToOwned::to_owned)),
            ("prefix", facts.prefix.filter(|_| facts.api_key.is_none()).map(ToOwned::to_owned)),
            ("expires", key.lifecycle.expires.map(|time| time.to_string())),
        ];
        let noted = facts_worth_noting.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
        for (name, value) in noted.chain(more.iter().cloned()) {
            talk.say(&format!("  {name:<12}{value}"));
        }
        let place = match (&self.file, &self.program) {
            (Some(file), _) => format!("is in {}", file.display()),
            (None, Some(program)) => format!("was handed to {}", program.display()),
            (None, None) => "went to standard output".to_owned(),
        };
        talk.say(&format!("The secret {place}. This was the only time; keywright keeps no copy."));
        let stdout_is_taken = self.file.is_none() && self.program.is_none();
        if stdout_is_taken || context.format == Format::Table {
            return Ok(());
        }
        context.print_issued(key, keyring, self.file())
    }
}
