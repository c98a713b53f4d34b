//! How data is printed on standard output.

use super::{ColorChoice, Format};
use serde_json::{Map, Value};
use std::{
    io::{IsTerminal, stdout},
    sync::Arc,
};

/// How a command prints its data.
#[derive(Clone, Debug, Default)]
pub struct DataStyle {
    /// The format of the data.
    pub format: Format,
    /// The choice of when to use color.
    pub color: ColorChoice,
    /// The names of the fields to print, in order, or `None` to print the fields that the format has by default.
    pub fields: Option<Arc<[&'static str]>>,
    /// `true` if a table that is longer than the terminal goes through a pager.
    pub is_paged: bool,
}

impl DataStyle {
    /// Returns `true` if the data is printed in color.
    #[must_use]
    pub fn is_colored(&self) -> bool {
        self.color.applies(stdout().is_terminal())
    }

    /// Returns a document with only the fields to print, in order. A field that the document lacks is `null`.
    #[must_use]
    pub fn chosen(&self, mut document: Map<String, Value>) -> Map<String, Value> {
        match &self.fields {
            None => document,
            Some(fields) => {
                fields.iter().map(|field| ((*field).to_owned(), document.remove(*field).unwrap_or_default())).collect()
            }
        }
    }
}

/// Returns the header of the column with a field.
pub(super) fn header(field: &str) -> String {
    field.replace('_', " ").to_uppercase()
}
