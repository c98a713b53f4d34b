//! Signing a request.

use super::{expiry::expires, key_id::key_id};
use crate::{
    cli::Sign,
    error::{Code, Error, Exit, Result},
    input,
    keypair::KeyPair,
    output::{self, Console, Outgoing, RequestForm},
    signing::{
        HttpRequest, Signer, Signing,
        request::{Method, RequestTarget, Timestamp},
    },
};

/// The origin of the Kalshi API, which a curl command line uses if only a path is given.
const ORIGIN: &str = "https://api.elections.kalshi.com";

/// The headers that follow from the URL and the body.
const OF_CLIENT: [&str; 3] = ["host", "content-length", "transfer-encoding"];

pub(super) fn run(
    args: &Sign,
    signing: &Signing,
    pair: &KeyPair,
    (method, target): (&str, &RequestTarget),
    timestamp: Timestamp,
    console: Console,
) -> Result<Exit> {
    let form = args.format.request()?;
    let request = request(args, method, target)?;
    if !signing.covers_query() && (target.origin.is_some() || !target.rest.is_empty()) {
        console.say(&format!("signed the path {}; the host and the query are not signed", target.path.as_str()));
    }
    if args.body.is_some() && !signing.covers_body() {
        console.say("the body is not signed");
    }
    let key_id = key_id(args, signing, pair)?;
    let expires = expires(args, signing, timestamp)?;
    let signed = signing.sign(&request, &Signer { pair, key_id: &key_id, timestamp, expires })?;
    if request.method != method {
        console.say(&format!("signed the method in uppercase, as {}", request.method));
    }
    let origin = match &target.origin {
        Some(origin) => origin,
        None if signing.name() == Some("kalshi") => ORIGIN,
        None if form == RequestForm::Curl || !signed.query.is_empty() => {
            let hint = "pass the full URL of the request as --path";
            return Err(Error::new(Code::InvalidRequest, "the request has no host", hint).in_option("--path"));
        }
        None => "",
    };
    if form == RequestForm::Curl && target.origin.is_none() {
        console.say(&format!("the host is {ORIGIN}; for another host, pass a full URL as --path"));
    }
    let outgoing = Outgoing {
        headers: &signed.headers,
        others: &request.fields,
        method: &request.method,
        url: &signed.url(&format!("{origin}{}{}", target.path.as_str(), target.rest)),
        is_url_signed: !signed.query.is_empty(),
        body: args.body.as_deref(),
    };
    output::write(outgoing.render(form)?.as_bytes())?;
    Ok(Exit::Done)
}

/// Returns the request that the options describe.
fn request(args: &Sign, given: &str, target: &RequestTarget) -> Result<HttpRequest> {
    let method = given.to_ascii_uppercase();
    let _: Method = method.parse().map_err(|error: Error| error.in_option("--method"))?;
    if let Some(header) = args.headers.iter().find(|header| OF_CLIENT.contains(&&*header.name)) {
        let message = format!("the header {} is set by the client that sends the request", header.name);
        let hint = "omit the header; the host is that of --path, and the length is that of --body";
        return Err(Error::new(Code::InvalidRequest, message, hint).in_option("--header"));
    }
    let body = args.body.as_deref().map(|path| input::read_up_to(path, HttpRequest::LONGEST_BODY)).transpose()?;
    Ok(HttpRequest {
        method,
        origin: target.origin.clone(),
        path: target.path.as_str().to_owned(),
        query: target.rest.clone(),
        fields: args.headers.iter().map(|header| (header.name.clone(), header.value.clone())).collect(),
        body: Some(body.map(|body| body.to_vec()).unwrap_or_default()),
        has_unread_body: false,
        members: Vec::new(),
    })
}
