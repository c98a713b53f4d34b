//! What `--format` says.

use crate::{
    error::{Code, Error, Result},
    output::{Format, RequestForm},
};

/// A way to print. Most commands print data; those that do not have words of their own for `--format`, which is one option
/// all the same, before the command or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Of data, which is what every other command prints.
    Data(Format),
    /// Of a signed request.
    Request(RequestForm),
}

impl Shape {
    /// How data is printed, and so how errors are.
    #[must_use]
    pub const fn data(self) -> Format {
        match self {
            Self::Data(format) => format,
            Self::Request(RequestForm::Json) => Format::Json,
            Self::Request(RequestForm::Headers | RequestForm::Curl) => Format::Table,
        }
    }

    /// How a signed request is printed.
    ///
    /// # Errors
    /// `usage` for a word that was given before the command, and is none of its own.
    pub fn request(self) -> Result<RequestForm> {
        match self {
            Self::Request(form) => Ok(form),
            Self::Data(Format::Json) => Ok(RequestForm::Json),
            Self::Data(_) => Err(unfit("choose one of headers, json, curl")),
        }
    }
}

fn unfit(hint: &str) -> Error {
    Error::new(Code::Usage, "this command does not print in that format", hint).in_option("--format")
}
