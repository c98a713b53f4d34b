//! The values of `--format`.

use crate::{
    error::{Code, Error, Result},
    output::{ExportForm, Format, RequestForm},
};

/// The value of `--format`.
///
/// `sign` and `export` have values of their own. All share one type, because `--format` is one global option that may stand
/// before the command or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// A format for data, for every command but `sign` and `export`.
    Data(Format),
    /// A format for a signed request.
    Request(RequestForm),
    /// A format for exported keys.
    Export(ExportForm),
}

impl OutputFormat {
    /// Returns the format for data and errors.
    #[must_use]
    pub const fn data(self) -> Format {
        match self {
            Self::Data(format) => format,
            Self::Request(RequestForm::Json) => Format::Json,
            Self::Export(ExportForm::Jsonl) => Format::Jsonl,
            // Programs read the output, people read the errors.
            Self::Request(_) | Self::Export(_) => Format::Table,
        }
    }

    /// Returns the format for a signed request.
    ///
    /// # Errors
    /// [`Code::Usage`] for a value that `sign` does not have. The parser accepts it if it stands before the command.
    pub fn request(self) -> Result<RequestForm> {
        match self {
            Self::Request(form) => Ok(form),
            Self::Data(Format::Json) => Ok(RequestForm::Json),
            Self::Data(_) | Self::Export(_) => Err(unfit("choose one of headers, json, curl")),
        }
    }

    /// Returns the format for exported keys.
    ///
    /// # Errors
    /// [`Code::Usage`] for a value that `export` does not have. The parser accepts it if it stands before the command.
    pub fn export(self) -> Result<ExportForm> {
        match self {
            Self::Export(form) => Ok(form),
            Self::Data(Format::Jsonl) => Ok(ExportForm::Jsonl),
            Self::Data(_) | Self::Request(_) => Err(unfit("choose one of jwks, pem, jsonl, revocations")),
        }
    }
}

fn unfit(hint: &str) -> Error {
    Error::new(Code::Usage, "this command does not have that format", hint).in_option("--format")
}
