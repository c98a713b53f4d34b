//! Reads the description of a key from a line of JSON.

use crate::{
    command::describe::Request,
    error::{Code, Problems, Result},
    key::{DescriptionChange, Field, KeyType, Members},
};

/// A description of a key from a line of JSON.
pub(super) struct Line {
    /// The type, or `None` if the line does not contain one.
    pub(super) key_type: Option<KeyType>,
    /// The other fields.
    pub(super) request: Request,
}

impl Line {
    /// Reads a line. All problems with the line are collected in the request.
    ///
    /// # Errors
    /// Returns `invalid_line` if the line is not a JSON object.
    pub(super) fn read(line: &[u8]) -> Result<Self> {
        let mut members = Members::parse(line, Code::InvalidLine)?;
        let mut problems = Problems::default();
        let key_type = problems.keep(members.text(Field::Type.word())).flatten();
        let expires = problems.keep(members.text("expires")).flatten();
        let description = DescriptionChange::from_json(&mut members, &mut problems);
        problems.keep(
            members.finish("see docs/reference/formats.md for the list of fields, none of which contains a secret"),
        );
        Ok(Self { key_type, request: Request { description, expires, problems } })
    }

    /// Fills in the fields that the line omits with the values from the options.
    pub(super) fn with_defaults(mut self, options: &Request, key_type: Option<KeyType>) -> Self {
        self.key_type = self.key_type.or(key_type);
        self.request.description = self.request.description.or(options.description.clone());
        self.request.expires = self.request.expires.or(options.expires);
        self
    }
}

#[cfg(test)]
mod tests;
