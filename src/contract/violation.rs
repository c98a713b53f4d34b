//! Violations of contract rules by keys.

use crate::{
    error::{Code, Error},
    key::Field,
};

/// A violation of a contract rule by a field of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The field that violates the rule.
    pub field: Field,
    /// The code of the error that reports the violation.
    pub code: Code,
    /// The description of the problem, including the name of the rule.
    pub message: String,
    /// The hint on how to solve the problem. The hint does not name the option that sets the field, because the value
    /// can also come from a file or an import.
    pub hint: String,
}

impl Violation {
    /// Creates a violation of a rule by the given field.
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
