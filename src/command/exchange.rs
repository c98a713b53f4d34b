//! `exchange`: exchanges a pair or an assertion for a bearer token (RFC 6749, section 5.1).

mod holder;

use super::{Context, contract::contract_of};
use crate::{
    cli::Exchange,
    contract::Operation,
    delivery::{Delivery, Destination},
    error::{Code, Error, Exit, Result},
    input,
    issuance::{IssueBearer, generate_bearer, issue_bearer, terms},
    key::{Bearer, Key, KeyDocument},
    output::{self, Format, TokenResponse},
};
use holder::{Holder, holder};
use std::path::Path;

pub(super) fn run(args: Exchange, context: &Context) -> Result<Exit> {
    if args.out.is_none() && !args.dry_run && matches!(context.style.format, Format::Csv | Format::Id) {
        let problem = "with --format csv or id, the bearer token cannot go to standard output";
        return Err(Error::new(Code::Usage, problem, "pass --out FILE, or use --format json"));
    }
    let mut keyring = context.open()?;
    let bytes = input::read_secret(args.token_file.as_deref().unwrap_or(Path::new("-")), context.console)?;
    let context = &context.later(keyring.as_ref())?;
    let rules = contract_of(Some(keyring.as_ref()))?.rules;
    let Holder { key, spent, scopes } = holder(keyring.as_ref(), &bytes, &args, &rules, context)?;
    let wanted = if args.scopes.is_empty() { &scopes } else { &args.scopes };
    let (scopes, expires) = terms(&rules, &key, wanted, args.ttl, context.now())?;
    if args.dry_run {
        context
            .console
            .say(&format!("dry run: would issue a bearer token for `{}`, valid until {expires}", key.description.name));
        return Ok(Exit::Done);
    }
    keyring.check_writable()?;
    args.out.iter().try_for_each(|path| context.location.refuse_own(path))?;
    let delivery = Delivery::prepare(args.out.map_or(Destination::Stdout, Destination::File))?;
    let (bearer, token) = generate_bearer(&rules, &key, scopes, expires, context.now())?;
    let org_id = keyring.org_id().to_string();
    let document = KeyDocument { view: &key.view(), org_id: &org_id, now: context.now() };
    let expires_in = expires.seconds() - context.now().seconds();
    let response = TokenResponse { document, token: &token, expires_in, scope: bearer.scopes.as_str() };
    let secret = match context.template(keyring.as_ref(), Operation::Exchange)? {
        Some(template) => response.under(&template),
        None => response.document(),
    };
    if delivery.is_terminal() {
        context.console.warn("the bearer token follows; it will not be shown again");
    }
    let file = delivery.destination().file().map(ToOwned::to_owned);
    let errors = context.template(keyring.as_ref(), Operation::Error)?;
    let farewell =
        output::interrupted(context.style.format, errors.as_ref(), "use the bearer token, which was delivered");
    let order = IssueBearer { bearer: &bearer, secret: &secret, ip: args.ip, spent, delivery, farewell };
    issue_bearer(keyring.as_mut(), &context.entry, &context.location, order)?;
    report(&key, &bearer, file.as_deref(), &response, context)?;
    Ok(Exit::Done)
}

fn report(
    key: &Key,
    bearer: &Bearer,
    file: Option<&Path>,
    response: &TokenResponse<'_>,
    context: &Context,
) -> Result<()> {
    let (name, env) = (&key.description.name, key.description.env);
    context.console.done(&format!("issued a bearer token for `{name}` ({env}), valid until {}", bearer.expires));
    let Some(file) = file else { return Ok(()) };
    context.console.say(&format!("The bearer token is in {}. It will not be shown again.", file.display()));
    match context.style.format {
        Format::Table => Ok(()),
        Format::Id | Format::Csv => output::write(format!("{}\n", key.id).as_bytes()),
        _ => output::write(&response.with_secret_file(file)),
    }
}
