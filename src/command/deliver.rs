//! From a key that is described to one whose secret is with its holder: for `generate` and `rotate`.

use super::Context;
use crate::{
    cli::Deliver,
    contract::Operation,
    delivery::{self, Output, Prepared, Target},
    error::Result,
    files::{Access, NewFile},
    issuance::{Issue, Make, Wanted, issue, make},
    key::{Document, Key, KeyId, Material, Secret, spki_pem},
    keyring::Keyring,
    output::{self, Format, Issued, SecretFormat, Whereabouts, with_spinner},
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
    /// What the options want of a key that is to be made.
    pub(super) fn wanted(&self) -> Wanted {
        Wanted { prefix: self.prefix.clone(), bits: self.bits, pem: self.pem, prime_search: self.prime_search }
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

impl Outlet {
    /// The file, if it is one, and the way.
    pub(super) fn into_route(self) -> (Option<PathBuf>, Prepared) {
        (self.route.path().map(Path::to_owned), self.route)
    }

    /// The way that the options name.
    pub(super) fn prepare(options: &Deliver, context: &Context) -> Result<Self> {
        options.out.iter().chain(&options.public_out).try_for_each(|path| context.location.refuse_own(path))?;
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
    let made = with_spinner(context.console, "searching for two primes", |tried| make(what, tried))?;
    if outlet.route.is_terminal() {
        context.console.warn("the secret follows, this once; nothing can show it again");
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
    let issued = issue(keyring, &context.entry, &context.location, order)?;
    Ok(Delivered { key: issued.key, signalled: issued.signalled, file, program })
}

impl Delivered {
    /// The file with the secret.
    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Tells what was made and where its secret is, and, when standard output is free for it, prints the key.
    pub(super) fn report(&self, old: Option<&Key>, context: &Context, keyring: &dyn Keyring) -> Result<()> {
        let secret = match (&self.file, &self.program) {
            (Some(file), _) => Whereabouts::File(file),
            (None, Some(program)) => Whereabouts::Program(program),
            (None, None) => Whereabouts::Stdout,
        };
        context.console.announce(&self.key, old, secret);
        if matches!(secret, Whereabouts::Stdout) || context.format == Format::Table {
            return Ok(());
        }
        context.print_issued(&self.key, keyring, self.file())
    }
}
