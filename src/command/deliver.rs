//! Generates a key from its draft and delivers its secret, for `generate` and `rotate`.

use super::{Context, destination::Outputs};
use crate::{
    contract::Operation,
    delivery::Destination,
    error::Result,
    issuance::{Issue, KeySpec, generate, issue},
    key::{Key, KeyDocument, KeyId, Material, Secret, spki_pem},
    keyring::Keyring,
    output::{self, Format, IssuedSecret, SecretFormat, with_spinner},
};
use std::path::Path;

/// A key whose secret was delivered.
pub(super) struct Delivered {
    pub(super) key: Key,
    /// `true` if a signal arrived. In that case, the command must not issue any more keys.
    pub(super) signaled: bool,
    destination: Destination,
}

/// Generates an id, material and a secret for a draft, and issues the key: delivers the secret and activates the key.
/// `basis` is the predecessor from which the key was drafted, or `None` if the key is not a successor.
pub(super) fn deliver(
    what: &KeySpec,
    draft: Key,
    basis: Option<&Key>,
    outputs: Outputs,
    keyring: &mut dyn Keyring,
    context: &Context,
) -> Result<Delivered> {
    let made = with_spinner(context.console, "searching for two primes", |tried| generate(what, tried))?;
    if outputs.delivery.is_terminal() {
        context.console.warn("the secret follows; it will not be shown again");
    }
    let hint = "run `keywright list` to see the key; it is active, and its secret was delivered";
    deliver_made(made, (draft, basis), outputs, keyring, context, hint)
}

/// Issues a draft with the id, material and secret that were generated for it. If a signal arrives after the delivery
/// of the secret, `hint` is reported as the next step.
pub(super) fn deliver_made(
    (id, material, secret): (KeyId, Material, Secret),
    (draft, basis): (Key, Option<&Key>),
    outputs: Outputs,
    keyring: &mut dyn Keyring,
    context: &Context,
    hint: &str,
) -> Result<Delivered> {
    let org_id = keyring.org_id().to_string();
    let pending = Key { id, material, ..draft };
    let mut promised = pending.clone();
    promised.rotation.handover = None;
    promised.lifecycle.activated = Some(context.now());
    let facts = promised.view();
    let document = KeyDocument { view: &facts, org_id: &org_id, now: context.now() };
    let issued = IssuedSecret { document, secret: &secret };
    let Outputs { delivery, public, format } = outputs;
    let destination = delivery.destination().clone();
    let whole = context.style.format.is_json() && destination.is_stdout();
    let written = match context.template(keyring, Operation::Generate)? {
        Some(template) if whole => issued.under(&template),
        None if whole => issued.document(),
        _ if destination.is_command() && format == SecretFormat::Raw => issued.bare(),
        _ => issued.write(format),
    };
    let public = public.zip(facts.spki.map(|spki| spki_pem(spki).into_bytes()));
    let errors = context.template(keyring, Operation::Error)?;
    let farewell = output::interrupted(context.style.format, errors.as_ref(), hint);
    let order = Issue { key: &pending, basis, secret: &written, delivery, public, farewell };
    let issued = issue(keyring, &context.entry, &context.location, order)?;
    Ok(Delivered { key: issued.issued, signaled: issued.signaled, destination })
}

impl Delivered {
    /// Returns the path of the file with the secret, or `None` if the secret was not written to a file.
    pub(super) fn file(&self) -> Option<&Path> {
        self.destination.file()
    }

    /// Reports the key and the destination of its secret. Also prints the key, unless the secret was written to
    /// standard output or the format is a table.
    pub(super) fn report(&self, old: Option<&Key>, context: &Context, keyring: &dyn Keyring) -> Result<()> {
        context.console.announce(&self.key, old, &self.destination);
        if self.destination.is_stdout() || context.style.format == Format::Table {
            return Ok(());
        }
        context.print_issued(&self.key, keyring, self.file())
    }
}
