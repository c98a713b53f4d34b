//! The values of `--format`.

use crate::{
    error::{Code, Error, Result},
    output::{ExportForm, Format, RequestForm},
};

/// The value of `--format`.
///
/// `sign` and `export` accept different values from the other commands. All values share one type, because `--format`
/// is a single global option, which may be given before or after the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// A format for data, for every command except `sign` and `export`.
    Data(Format),
    /// A format for a signed request.
    Request(RequestForm),
    /// A format for exported keys.
    Export(ExportForm),
}

impl OutputFormat {
    /// Returns the format for data and for error messages, which is [`Format::Table`] for the formats that only `sign`
    /// or `export` supports.
    #[must_use]
    pub const fn data(self) -> Format {
        match self {
            Self::Data(format) => format,
            Self::Request(RequestForm::Json) => Format::Json,
            Self::Export(ExportForm::Jsonl) => Format::Jsonl,
            // Programs read the output in these formats, but people read the errors.
            Self::Request(_) | Self::Export(_) => Format::Table,
        }
    }

    /// Returns the format for a signed request.
    ///
    /// # Errors
    /// Returns `usage` if `sign` does not support the format. clap accepts such a format if `--format` precedes the
    /// command.
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
    /// Returns `usage` if `export` does not support the format. clap accepts such a format if `--format` precedes the
    /// command.
    pub fn export(self) -> Result<ExportForm> {
        match self {
            Self::Export(form) => Ok(form),
            Self::Data(Format::Jsonl) => Ok(ExportForm::Jsonl),
            Self::Data(_) | Self::Request(_) => Err(unfit("choose one of jwks, pem, jsonl, revocations")),
        }
    }
}

fn unfit(hint: &str) -> Error {
    Error::new(Code::Usage, "this command does not support the given format", hint).in_option("--format")
}
