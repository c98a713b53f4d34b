//! `sign`: signs a request with a private key.

mod scheme;

use super::private_key::{PRIVATE_KEY_HINT, private_key};
use crate::{
    cli::{Global, Sign},
    clock,
    error::{Code, Error, Exit, Result},
    input,
    key::SecretInput,
    keypair::KeyPair,
    output::{self, Console, Outgoing, RequestForm},
    signing::{HttpRequest, Signer, request::Method, request::Timestamp},
};

/// The origin of the Kalshi API, which a curl command line uses if only a path is given.
const ORIGIN: &str = "https://api.elections.kalshi.com";

pub(super) fn run(args: &Sign, global: &Global) -> Result<Exit> {
    let console = Console { quiet: global.quiet, color: global.color, yes: global.yes };
    let form = args.format.request()?;
    let signing = scheme::scheme(args.scheme.as_deref(), global.keyring.as_deref())?;
    let timestamp = args
        .timestamp
        .or(global.now.map(Timestamp::at))
        .unwrap_or_else(|| Timestamp::from_millis(clock::milliseconds()));
    let pair = signing_key(args, console)?;
    let request = request(args, console)?;
    let target = &args.path;
    if !signing.covers_query() && (target.origin.is_some() || !target.rest.is_empty()) {
        console.say(&format!("signed the path {}; the host and the query are not signed", target.path.as_str()));
    }
    let signed = signing.sign(&request, &Signer { pair: &pair, key_id: scheme::key_id(args)?, timestamp })?;
    let is_kalshi = signing.name() == Some("kalshi");
    let origin = match (&target.origin, is_kalshi) {
        (Some(origin), _) => origin,
        (None, true) => ORIGIN,
        (None, false) if form == RequestForm::Curl || !signed.query.is_empty() => {
            let hint = "pass the full URL of the request as --path";
            return Err(Error::new(Code::InvalidRequest, "the request has no host", hint).in_option("--path"));
        }
        (None, false) => "",
    };
    if form == RequestForm::Curl && target.origin.is_none() {
        console.say(&format!("the host is {ORIGIN}; for another host, pass a full URL as --path"));
    }
    let url = signed.url(&format!("{origin}{}{}", target.path.as_str(), target.rest));
    let outgoing = Outgoing {
        headers: &signed.headers,
        others: &request.fields,
        method: &request.method,
        url: &url,
        is_url_signed: !signed.query.is_empty(),
        body: args.body.as_deref(),
    };
    output::write(outgoing.render(form)?.as_bytes())?;
    Ok(Exit::Done)
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

/// Returns the request that the options describe.
fn request(args: &Sign, console: Console) -> Result<HttpRequest> {
    let method = args.method.to_ascii_uppercase();
    let _: Method = method.parse().map_err(|error: Error| error.in_option("--method"))?;
    if method != args.method {
        console.say(&format!("signed the method in uppercase, as {method}"));
    }
    let body = args.body.as_deref().map(|path| input::read_up_to(path, HttpRequest::LIMIT)).transpose()?;
    let target = &args.path;
    Ok(HttpRequest {
        method,
        origin: target.origin.clone(),
        path: target.path.as_str().to_owned(),
        query: target.rest.clone(),
        fields: args.headers.iter().map(|header| (header.name.clone(), header.value.clone())).collect(),
        body: Some(body.map(|body| body.to_vec()).unwrap_or_default()),
        members: Vec::new(),
    })
}
