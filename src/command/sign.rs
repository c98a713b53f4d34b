//! `sign`: signs a request, or a JWT, with a private key.

mod jwt;
mod key_id;
mod request;
mod scheme;

use super::private_key::{PRIVATE_KEY_HINT, private_key};
use crate::{
    cli::{Global, Sign},
    clock,
    error::{Code, Error, Exit, Result},
    input,
    key::SecretInput,
    keypair::KeyPair,
    output::Console,
    signing::request::Timestamp,
};

pub(super) fn run(args: &Sign, global: &Global) -> Result<Exit> {
    let console = Console { quiet: global.quiet, color: global.color, yes: global.yes };
    let timestamp = args
        .timestamp
        .or(global.now.map(Timestamp::at))
        .unwrap_or_else(|| Timestamp::from_millis(clock::milliseconds()));
    if args.private_key.as_os_str() == "-" && args.body.as_ref().is_some_and(|body| body.as_os_str() == "-") {
        let hint = "pass the name of a file as --private-key or as --body";
        return Err(Error::new(Code::Usage, "the private key and the body cannot both be on standard input", hint));
    }
    let is_jwt = args.scheme.as_ref().is_some_and(|scheme| scheme.as_os_str() == "jwt");
    match (&args.audience, &args.method, &args.path) {
        (Some(audience), ..) if is_jwt => jwt::run(args, audience, timestamp, console),
        (None, Some(method), Some(path)) if !is_jwt => {
            let pair = signing_key(args, console)?;
            let signing = scheme::scheme(args.scheme.as_deref(), global.keyring.as_deref())?;
            request::run(args, &signing, &pair, (method, path), timestamp, console)
        }
        (Some(_), ..) => {
            let hint = "pass --scheme jwt, or omit --audience";
            Err(Error::new(Code::Usage, "--audience is only for --scheme jwt", hint))
        }
        (None, ..) if !is_jwt => {
            let hint = "pass the method as --method, and the path or the full URL as --path";
            Err(Error::new(Code::Usage, "the request has no method or no path", hint))
        }
        (None, ..) => {
            let hint = "pass the URL of the token endpoint as --audience, without --method and --path";
            Err(Error::new(Code::Usage, "--scheme jwt needs an audience", hint))
        }
    }
}

/// Reads the private key. Standard input has no permissions, and a terminal must not echo the key.
fn signing_key(args: &Sign, console: Console) -> Result<KeyPair> {
    let pem = if args.insecure_permissions || args.private_key.as_os_str() == "-" {
        input::read_secret(&args.private_key, console)
    } else {
        input::read_private(&args.private_key)
    };
    let input = SecretInput::read(&pem?);
    private_key(input.map_err(|mistake| Error::new(Code::InvalidSecret, mistake, PRIVATE_KEY_HINT))?)
}
