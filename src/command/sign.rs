//! `sign`: signs a request, or a JWT, with a private key.

mod expiry;
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
    keypair::{KeyPair, PublicKey},
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
    if is_jwt {
        if args.method.is_some() || args.path.is_some() || args.body.is_some() || !args.headers.is_empty() {
            let hint = "omit --method, --path, --header and --body, or choose another scheme";
            return Err(Error::new(Code::Usage, "a JWT covers no request", hint));
        }
        let Some(audience) = &args.audience else {
            let hint = "pass the URL of the token endpoint as --audience";
            return Err(Error::new(Code::Usage, "--scheme jwt needs an audience", hint));
        };
        return jwt::run(args, audience, timestamp, console);
    }
    for (option, is_given) in [("--audience", args.audience.is_some()), ("--alg", args.algorithm.is_some())] {
        if is_given {
            let hint = format!("pass --scheme jwt, or omit {option}");
            return Err(Error::new(Code::Usage, format!("{option} is only for --scheme jwt"), hint));
        }
    }
    let (Some(method), Some(path)) = (&args.method, &args.path) else {
        let hint = "pass the method as --method, and the path or the full URL as --path";
        return Err(Error::new(Code::Usage, "the request has no method or no path", hint));
    };
    let pair = signing_key(args, console)?;
    let signing = scheme::scheme(args.scheme.as_deref(), global.keyring.as_deref())?;
    request::run(args, &signing, &pair, (method, path), timestamp, console)
}

/// Reads the private key. Standard input has no permissions, and a terminal must not echo the key.
fn signing_key(args: &Sign, console: Console) -> Result<KeyPair> {
    let pem = if args.insecure_permissions || args.private_key.as_os_str() == "-" {
        input::read_secret(&args.private_key, console)
    } else {
        input::read_private(&args.private_key)
    };
    let pem = pem.map_err(|error| {
        // Nobody has to protect a public key.
        let is_public = error.code() == Code::PrivateKeyExposed
            && input::read(&args.private_key).is_ok_and(|bytes| PublicKey::read(&bytes, true).is_ok());
        let public = || Error::new(Code::InvalidSecret, "the file contains a public key", PRIVATE_KEY_HINT);
        if is_public { public() } else { error }
    })?;
    let input = SecretInput::read(&pem);
    private_key(input.map_err(|mistake| Error::new(Code::InvalidSecret, mistake, PRIVATE_KEY_HINT))?)
}
