//! Printing errors to standard error.

use super::{ColorChoice, Format, contract, harmless, redact::redacted};
use crate::{
    contract::Template,
    error::{Code, Detail, Error},
};
use serde::Serialize;
use std::io::{IsTerminal, Write, stderr};

/// Writes an error to standard error: a message and the next step for people, a JSON object for scripts, or the error
/// document that the contract defines.
///
/// Secrets in the error are replaced, and the hint then says how to pass a secret.
pub fn failure(error: &Error, format: Format, color: ColorChoice, template: Option<&Template>) {
    let error = &without_secrets(error);
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
    // A line break in a file name must not make the rest of the name look like a line from keywright.
    let line = |text: &str| harmless(text).replace('\n', "\\n");
    let _ = writeln!(err, "{red}error[{}]:{off} {}", error.code().word(), line(&message));
    // A detail that the message already contains is not repeated.
    for detail in error.details().iter().filter(|detail| !message.contains(&detail.msg)) {
        let _ = writeln!(err, "  {}  {}", line(&detail.kind), line(&located(detail)));
    }
    let _ = writeln!(err, "{dim}next:{off} {}", line(error.hint()));
}

fn without_secrets(error: &Error) -> Error {
    let safe = error.rewritten(|text| redacted(text).into_owned());
    if safe.message() == error.message() && safe.hint() == error.hint() && safe.details() == error.details() {
        return safe;
    }
    let hint = format!("{}; secrets are read from a file or standard input, never from an argument", safe.hint());
    safe.with_hint(hint)
}

/// Returns the description of a detail, prefixed with the option or field if the detail is about a field of a key.
fn located(detail: &Detail) -> String {
    match (detail.loc.as_slice(), detail.field) {
        ([place], Some(_)) => format!("{place}: {}", detail.msg),
        _ => detail.msg.clone(),
    }
}

/// Writes a usage message to standard error.
pub fn usage(text: &str) {
    let _ = write!(stderr().lock(), "{text}");
}

/// Returns the `interrupted` error as it is printed to standard error after a signal. The error is rendered in advance,
/// so that the signal thread only has to write bytes.
#[must_use]
pub fn interrupted(format: Format, template: Option<&Template>, hint: &str) -> Vec<u8> {
    farewell(&Error::new(Code::Interrupted, "a signal interrupted the command", hint), format, template)
}

/// Returns any error as it is printed to standard error after a signal, like [`interrupted`].
#[must_use]
pub fn farewell(error: &Error, format: Format, template: Option<&Template>) -> Vec<u8> {
    if let Some(template) = template {
        return contract::failure(error, template);
    }
    let (code, message) = (error.code(), error.message());
    if format.is_json() {
        return document(code, &message, error.hint(), &[]);
    }
    format!("\nerror[{}]: {message}\nnext: {}\n", code.word(), error.hint()).into_bytes()
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
    // Serializing strings and lists of strings cannot fail.
    let mut json = serde_json::to_vec(&Wrapped { error: body }).unwrap_or_default();
    json.push(b'\n');
    json
}
