//! Errors as the user meets them.

use super::{ColorChoice, Format, contract, harmless};
use crate::{
    contract::Template,
    error::{Code, Detail, Error},
};
use serde::Serialize;
use std::io::{IsTerminal, Write, stderr};

/// Writes an error to standard error: for people a message and the next step, for scripts one JSON object, or the
/// document that the contract has for it.
pub fn failure(error: &Error, format: Format, color: ColorChoice, template: Option<&Template>) {
    let mut err = stderr().lock();
    if let Some(template) = template {
        let _ = err.write_all(&contract::failure(error, template));
        return;
    }
    let message = error.message();
    if format.is_json() {
        let _ = err.write_all(&document(error.code(), &message, error.hint(), error.details()));
        return;
    }
    let painted = color.applies(err.is_terminal());
    let (red, dim, off) = if painted { ("\u{1b}[1;31m", "\u{1b}[36m", "\u{1b}[0m") } else { ("", "", "") };
    // A line break in the name of a file must not make what follows look like a line of ours.
    let line = |text: &str| harmless(text).replace('\n', "\\n");
    let _ = writeln!(err, "{red}error[{}]:{off} {}", error.code().word(), line(&message));
    // A single broken rule is the message already.
    for detail in error.details().iter().filter(|detail| !message.contains(&detail.msg)) {
        let _ = writeln!(err, "  {}  {}", line(&detail.kind), line(&detail.msg));
    }
    let _ = writeln!(err, "{dim}next:{off} {}", line(error.hint()));
}

/// Usage, where something is missing rather than wrong.
pub fn usage(text: &str) {
    let _ = write!(stderr().lock(), "{text}");
}

/// What a signal leaves on standard error, rendered beforehand: the thread that writes it can make nothing any more.
#[must_use]
pub fn interrupted(format: Format, template: Option<&Template>, hint: &str) -> Vec<u8> {
    let message = "interrupted";
    if let Some(template) = template {
        return contract::failure(&Error::new(Code::Interrupted, message, hint), template);
    }
    if format.is_json() {
        return document(Code::Interrupted, message, hint, &[]);
    }
    format!("\nerror[{}]: {message}\nnext: {hint}\n", Code::Interrupted.word()).into_bytes()
}

#[derive(Serialize)]
struct Wrapped<'a> {
    error: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    code: &'a str,
    message: &'a str,
    hint: &'a str,
    details: Vec<Rule<'a>>,
}

#[derive(Serialize)]
struct Rule<'a> {
    loc: &'a [String],
    msg: &'a str,
    r#type: &'a str,
}

fn document(code: Code, message: &str, hint: &str, details: &[Detail]) -> Vec<u8> {
    let details = details.iter().map(|d| Rule { loc: &d.loc, msg: &d.msg, r#type: &d.kind }).collect();
    let body = Body { code: code.word(), message, hint, details };
    // Strings and lists of them always serialize.
    let mut json = serde_json::to_vec(&Wrapped { error: body }).unwrap_or_default();
    json.push(b'\n');
    json
}
