//! Everything that keywright prints, except secrets, which `delivery` writes, and the fixed message of a panic.
//!
//! Standard output carries only the data (this module) or the secret (`delivery`). Progress, questions, messages and
//! errors go to standard error. `--quiet` suppresses progress and messages, but never data, questions or errors. The
//! names, owners and notes of new keys contain no control characters. In other strings, such as a path or a message
//! from the operating system, control characters are escaped when the string is printed.

mod announce;
mod background_writer;
mod columns;
mod console;
mod contract;
mod csv;
mod data;
mod export;
mod failure;
mod lines;
mod pager;
mod progress;
mod records;
mod redact;
mod request;
mod secret;
mod style;
mod table;
mod verdict;

pub use columns::terminal_width;
pub use console::{Console, announce_input, count_keys, count_rows, in_ci};
pub use data::{KeyWriter, for_stdout, rehearsal, with_secret_file, write};
pub use export::{ExportForm, Exported};
pub use failure::{failure, farewell, interrupted, usage};
pub use progress::{with_bar, with_spinner};
pub use records::Records;
pub use redact::conceal;
pub use request::{Outgoing, RequestForm};
pub use secret::{IssuedSecret, SecretFormat, SecretLines, TokenResponse};
pub use style::DataStyle;
pub use table::{print_object, print_rows};
pub use verdict::verdict;

/// The format of data on standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A table for people.
    #[default]
    Table,
    /// One JSON document (RFC 8259).
    Json,
    /// One JSON object per line.
    Jsonl,
    /// Comma-separated values with a header (RFC 4180, except that lines end in LF).
    Csv,
    /// One id per line.
    Id,
    /// The document defined by the keyring's contract, or [`Format::Json`] if there is none.
    Contract,
}

impl Format {
    /// Returns `true` if data and errors are printed as JSON or as documents defined by the contract.
    #[must_use]
    pub const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Jsonl | Self::Contract)
    }
}

/// The choice of when to use color.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// Use color on terminals, unless `NO_COLOR` is set and not empty (no-color.org), or `TERM` is `dumb`.
    #[default]
    Auto,
    /// Always use color.
    Always,
    /// Never use color.
    Never,
}

impl ColorChoice {
    /// Returns `true` if output should be colored. `is_terminal` is `true` if the output goes to a terminal.
    #[must_use]
    pub fn applies(self, is_terminal: bool) -> bool {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => is_terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
        }
    }
}

/// Escapes the control characters and the characters that change the direction of text, except line feeds, so that a
/// terminal displays them instead of interpreting them.
pub(crate) fn harmless(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let obeyed = crate::key::is_interpreted(c) && c != '\n';
            let escaped = obeyed.then(|| c.escape_unicode());
            escaped.into_iter().flatten().chain((!obeyed).then_some(c))
        })
        .collect()
}
