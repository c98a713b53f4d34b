//! Errors that are reported to users, with a stable code, a message, an exit status and a hint for the next step.

mod code;
mod problems;
mod shell;

pub use code::{Code, Exit};
pub use problems::Problems;
pub use shell::shell_word;

use rustix::io::Errno;
use std::fmt;

/// The result type of the crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A detail of an error, such as one of several problems, or one of the candidates of an ambiguous reference. The JSON
/// form of an error lists its details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The location of the problem: an argument, an option, a field, a line, or a path in a document. Empty if unknown.
    pub loc: Vec<String>,
    /// The JSON name of the key field that the problem is about, or `None` if the problem is not about a key field.
    pub field: Option<&'static str>,
    /// The description of the problem.
    pub msg: String,
    /// The error code or the verdict code of the problem, the id of the candidate or of the key in conflict, `more` if
    /// the detail counts further problems, or `left_behind` if the result of an unfinished step could not be removed.
    pub kind: String,
}

/// An error with a code, a message and a hint for the next step. Secrets in an error are removed when the error is
/// printed.
pub struct Error(Box<Inner>);

struct Inner {
    code: Code,
    /// The option or field that the message is about, which is displayed before the message.
    subject: Option<Subject>,
    message: String,
    hint: String,
    details: Vec<Detail>,
    source: Option<anyhow::Error>,
}

/// The option or the field that a message is about.
struct Subject {
    name: String,
    field: Option<&'static str>,
}

impl Error {
    /// Creates an error from a code, a message, and a hint for the next step.
    pub fn new(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let (message, hint) = (message.into(), hint.into());
        Self(Box::new(Inner { code, subject: None, message, hint, details: Vec::new(), source: None }))
    }

    /// Creates the `internal` error for a state that only a bug in keywright can cause.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Code::Internal, message, "report this error as a bug")
    }

    /// Creates the `system_limit` error for a thread that the operating system failed to start.
    pub(crate) fn no_thread(cause: std::io::Error) -> Self {
        Self::new(Code::SystemLimit, "cannot start a thread", "raise the limit on threads (`ulimit -u`)").because(cause)
    }

    /// Replaces the hint if the operating system's error code names the cause. For a limit on open files or memory, also
    /// changes the code to `system_limit`. Returns any other error unchanged.
    #[must_use]
    pub fn naming_cause(mut self) -> Self {
        let cause = self.0.source.iter().flat_map(|source| source.chain()).find_map(|cause| {
            let code = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::raw_os_error);
            code.or_else(|| cause.downcast_ref::<Errno>().map(|errno| errno.raw_os_error()))
        });
        let hint = match cause.map(Errno::from_raw_os_error) {
            Some(Errno::MFILE) => "raise the limit on open files (`ulimit -n`), and run the command again",
            Some(Errno::NFILE) => "close other programs, because all programs together have too many open files",
            Some(Errno::NOMEM) => "raise the limit on memory (`ulimit -v`), or close other programs",
            Some(Errno::NAMETOOLONG) => return self.with_hint("use a shorter path"),
            Some(Errno::LOOP) => return self.with_hint("remove the loop of symbolic links from the path"),
            Some(Errno::ROFS) => return self.with_hint("use a path on a file system that is not mounted read-only"),
            _ => return self,
        };
        self.0.code = Code::SystemLimit;
        self.with_hint(hint)
    }

    /// Returns a new error with the same code, message and hint, but without the details. The message includes the
    /// causes. Use this method if the original error is only available by reference.
    #[must_use]
    pub fn again(&self) -> Self {
        Self::new(self.0.code, self.message(), self.0.hint.clone())
    }

    /// Sets the cause of the error, which is displayed after the message.
    #[must_use]
    pub fn because(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds a detail with the location `loc` and the description `msg`. See [`Detail::kind`] for the values of `kind`.
    #[must_use]
    pub fn detail(mut self, loc: &[&str], msg: impl Into<String>, kind: impl Into<String>) -> Self {
        let loc = loc.iter().map(ToString::to_string).collect();
        self.0.details.push(Detail { loc, field: None, msg: msg.into(), kind: kind.into() });
        self
    }

    /// Adds a detail about a field of a key. `field` is the JSON name of the field, and `msg` is the description. See
    /// [`Detail::kind`] for the values of `kind`.
    #[must_use]
    pub fn field_detail(mut self, field: &'static str, msg: impl Into<String>, kind: impl Into<String>) -> Self {
        let loc = vec![field.to_owned()];
        self.0.details.push(Detail { loc, field: Some(field), msg: msg.into(), kind: kind.into() });
        self
    }

    /// Replaces the hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = hint.into();
        self
    }

    /// Prefixes the message with the name of the file that the error is about.
    #[must_use]
    pub fn in_file(mut self, name: &str) -> Self {
        self.0.message = format!("{name}: {}", self.0.message);
        self
    }

    /// Prefixes the message with the option that the error is about, and adds a detail about the option.
    #[must_use]
    pub fn in_option(mut self, option: &str) -> Self {
        let (msg, kind) = (self.message(), self.0.code.word());
        self.0.subject = Some(Subject { name: option.to_owned(), field: None });
        self.detail(&[option], msg, kind)
    }

    /// Prefixes the message with the JSON name of the field that the error is about, and adds a detail about the field.
    #[must_use]
    pub fn in_field(mut self, field: &'static str) -> Self {
        let (msg, kind) = (self.message(), self.0.code.word());
        self.0.subject = Some(Subject { name: field.to_owned(), field: Some(field) });
        self.field_detail(field, msg, kind)
    }

    /// Replaces the name of each field in the error with the name of the option that sets the field. `option` returns
    /// the option for a field, or `None` to keep the name of the field.
    #[must_use]
    pub fn with_options(mut self, option: impl Fn(&'static str) -> Option<String>) -> Self {
        let Inner { subject, details, .. } = &mut *self.0;
        for detail in details {
            let Some(field) = detail.field else { continue };
            let Some(option) = option(field) else { continue };
            let names = subject.iter_mut().map(|subject| &mut subject.name).chain(&mut detail.loc);
            names.filter(|name| *name == field).for_each(|name| name.clone_from(&option));
        }
        self
    }

    /// Prefixes the message and each detail with the number of the input line that the error is about. If the error has
    /// no details, adds the error itself as a detail.
    #[must_use]
    pub fn in_line(mut self, number: usize) -> Self {
        let line = format!("line {number}");
        let mut details = self.take_details();
        for detail in &mut details {
            // A field of the line keeps its own name, because no option sets it.
            let is_field = detail.field.take().is_some();
            let place = detail.loc.last().filter(|_| is_field).map(|place| format!("{place}: "));
            detail.msg = format!("{line}: {}{}", place.unwrap_or_default(), detail.msg);
            detail.loc.insert(0, line.clone());
        }
        self.0.details = details;
        let subject = self.0.subject.take().map(|subject| format!("{}: ", subject.name)).unwrap_or_default();
        self.0.message = format!("{line}: {subject}{}", self.0.message);
        self
    }

    /// Removes and returns the details. If the error has no details, returns the error itself as a detail.
    fn take_details(&mut self) -> Vec<Detail> {
        if self.0.details.is_empty() {
            let (msg, kind) = (self.message(), self.0.code.word().to_owned());
            return vec![Detail { loc: Vec::new(), field: None, msg, kind }];
        }
        std::mem::take(&mut self.0.details)
    }

    /// Returns a copy of the error with `rewrite` applied to every string except the kinds of the details. The message
    /// of the copy includes the causes.
    #[must_use]
    pub fn rewritten(&self, rewrite: impl Fn(&str) -> String) -> Self {
        let subject = self.0.subject.as_ref();
        let subject = subject.map(|subject| Subject { name: rewrite(&subject.name), field: subject.field });
        let details = self.0.details.iter().map(|detail| Detail {
            loc: detail.loc.iter().map(|place| rewrite(place)).collect(),
            field: detail.field,
            msg: rewrite(&detail.msg),
            kind: detail.kind.clone(),
        });
        Self(Box::new(Inner {
            code: self.0.code,
            subject,
            message: rewrite(&self.message_with_causes()),
            hint: rewrite(&self.0.hint),
            details: details.collect(),
            source: None,
        }))
    }

    /// Returns the error code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Returns a string with the option or field that the error is about, the message and the causes, separated by
    /// colons.
    #[must_use]
    pub fn message(&self) -> String {
        self.message_about(|subject| &subject.name)
    }

    /// Returns the same string as [`Error::message`], but with the name of the field that the error is about in place
    /// of the option.
    #[must_use]
    pub fn field_message(&self) -> String {
        self.message_about(|subject| subject.field.unwrap_or(&subject.name))
    }

    fn message_about(&self, name: impl Fn(&Subject) -> &str) -> String {
        let subject = self.0.subject.as_ref().map(|subject| format!("{}: ", name(subject))).unwrap_or_default();
        subject + &self.message_with_causes()
    }

    fn message_with_causes(&self) -> String {
        let mut text = self.0.message.clone();
        for cause in self.0.source.iter().flat_map(|source| source.chain()) {
            text.push_str(": ");
            text.push_str(without_number(&cause.to_string()));
        }
        text
    }

    /// Returns the hint for the next step.
    #[must_use]
    pub fn hint(&self) -> &str {
        &self.0.hint
    }

    /// Returns the details, in the order in which they were added.
    #[must_use]
    pub fn details(&self) -> &[Detail] {
        &self.0.details
    }
}

/// Returns the text of a cause without the number that the standard library appends to the system's message, such as
/// ` (os error 2)`. The message already says what the number means.
fn without_number(cause: &str) -> &str {
    match cause.rsplit_once(" (os error ") {
        Some((message, number)) if number.ends_with(')') => message,
        _ => cause,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {} ({})", self.0.code.word(), self.message(), self.0.hint)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_includes_its_causes() {
        let error = Error::new(Code::Internal, "outer", "do this").because(anyhow::anyhow!("inner").context("middle"));
        assert_eq!(error.to_string(), "outer: middle: inner");
        assert_eq!(error.hint(), "do this");
    }

    #[test]
    fn a_field_is_shown_as_the_option_that_sets_it() {
        let option = |field| (field == "scopes").then(|| "--scope".to_owned());
        let error =
            || Error::new(Code::ScopeUnknown, "unknown", "h").in_field("scopes").field_detail("owner", "m", "k");
        let shown = error().with_options(option);
        assert_eq!((shown.message(), shown.field_message()), ("--scope: unknown".into(), "scopes: unknown".into()));
        let places: Vec<_> = shown.details().iter().map(|detail| (detail.loc[0].as_str(), detail.field)).collect();
        assert_eq!(places, [("--scope", Some("scopes")), ("owner", Some("owner"))]);
        let line = error().with_options(option).in_line(3);
        assert_eq!(line.message(), "line 3: --scope: unknown");
        assert_eq!(line.details()[0].loc, ["line 3", "--scope"]);
        assert_eq!(error().message(), "scopes: unknown");
    }
}
