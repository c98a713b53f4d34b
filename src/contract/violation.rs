//! The violation of a rule by a key.

use crate::{
    error::{Code, Error},
    key::Field,
};

/// A violation of a rule by a field of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The field that breaks the rule.
    pub field: Field,
    /// The code of the error.
    pub code: Code,
    /// The problem, with the name of the rule.
    pub message: String,
    /// The next step. It names no option, because the field may come from an option, a file or an import.
    pub hint: String,
}

impl Violation {
    /// Creates a violation.
    pub fn new(field: Field, code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { field, code, message: message.into(), hint: hint.into() }
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        let Violation { field, code, message, hint } = violation;
        Self::new(code, message, hint).in_field(field.word())
    }
}
