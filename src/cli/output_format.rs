//! What `--format` says.

use crate::{
    error::{Code, Error, Result},
    output::{ExportForm, Format, RequestForm},
};

/// A way to print. Most commands print data; those that do not have words of their own for `--format`, which is one option
/// all the same, before the command or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// Of data, which is what every other command prints.
    Data(Format),
    /// Of a signed request.
    Request(RequestForm),
    /// Of keys for those who verify elsewhere.
    Export(ExportForm),
}

impl OutputFormat {
    /// How data is printed, and so how errors are.
    #[must_use]
    pub const fn data(self) -> Format {
        match self {
            Self::Data(format) => format,
            Self::Request(RequestForm::Json) => Format::Json,
            Self::Export(ExportForm::Jsonl) => Format::Jsonl,
            // What is printed is for programs; who looks after them reads the errors.
            Self::Request(_) | Self::Export(_) => Format::Table,
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
            Self::Data(_) | Self::Export(_) => Err(unfit("choose one of headers, json, curl")),
        }
    }

    /// How keys are exported.
    ///
    /// # Errors
    /// `usage`, likewise.
    pub fn export(self) -> Result<ExportForm> {
        match self {
            Self::Export(form) => Ok(form),
            Self::Data(Format::Jsonl) => Ok(ExportForm::Jsonl),
            Self::Data(_) | Self::Request(_) => Err(unfit("choose one of jwks, pem, jsonl, revocations")),
        }
    }
}

fn unfit(hint: &str) -> Error {
    Error::new(Code::Usage, "this command does not print in that format", hint).in_option("--format")
}
