//! `sign`: signs a request with a private key. It needs no keyring.

use super::private_key::{PRIVATE_KEY_HINT, private_key};
use crate::{
    cli::{Global, Sign},
    clock,
    error::{Code, Error, Exit, Result},
    input,
    key::SecretInput,
    output::{self, Console, Outgoing, RequestForm},
    proof::request::{HEADERS, Method, Timestamp, algorithm, message},
};
use base64ct::{Base64, Encoding};

/// The origin of the Kalshi API, which a curl command line uses if only a path is given.
const ORIGIN: &str = "https://api.elections.kalshi.com";

pub(super) fn run(args: &Sign, global: &Global) -> Result<Exit> {
    let console = Console { quiet: global.quiet, color: global.color, yes: global.yes };
    let form = args.format.request()?;
    let method: Method =
        args.method.to_ascii_uppercase().parse().map_err(|e: crate::error::Error| e.in_option("--method"))?;
    let timestamp = args
        .timestamp
        .or(global.now.map(Timestamp::at))
        .unwrap_or_else(|| Timestamp::from_millis(clock::milliseconds()));
    // Standard input has no permissions, and a terminal must not echo the key.
    let pem = if args.insecure_permissions || args.private_key.as_os_str() == "-" {
        input::read_secret(&args.private_key, console)
    } else {
        input::read_private(&args.private_key)
    };
    let input = SecretInput::read(&pem?);
    let pair = private_key(input.map_err(|mistake| Error::new(Code::InvalidSecret, mistake, PRIVATE_KEY_HINT))?)?;
    let target = &args.path;
    if method.as_str() != args.method {
        console.say(&format!("signed the method in uppercase, as {method}", method = method.as_str()));
    }
    if target.origin.is_some() || !target.rest.is_empty() {
        console.say(&format!("signed the path {}; the host and the query are not signed", target.path.as_str()));
    }
    let signature = pair.sign(algorithm(pair.algorithm()), &message(timestamp, &method, &target.path))?;
    let values = [args.key_id.to_string(), timestamp.to_string(), Base64::encode_string(&signature)];
    let origin = target.origin.as_deref().unwrap_or(ORIGIN);
    if form == RequestForm::Curl && target.origin.is_none() {
        console.say(&format!("the host is {ORIGIN}; for another host, pass a full URL as --path"));
    }
    let url = format!("{origin}{}{}", target.path.as_str(), target.rest);
    let headers = std::array::from_fn(|i| (HEADERS[i], values[i].as_str()));
    output::write(Outgoing { headers, method: method.as_str(), url: &url }.render(form).as_bytes())?;
    Ok(Exit::Done)
}
