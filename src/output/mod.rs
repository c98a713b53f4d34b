//! What people and scripts read.
//!
//! The rules, once: standard output carries exactly one thing, the data (here) or the secret (`delivery`). Everything
//! else, progress, questions, notices, errors, goes to standard error through [`Console`]. `--quiet` drops messages, never
//! data and never errors. Text that came from outside was checked when it came in; what was not (a path, an operating
//! system's message) is made harmless on its way out.

mod announce;
mod background_writer;
mod console;
mod contract;
mod csv;
mod data;
mod export;
mod failure;
mod progress;
mod records;
mod request;
mod secret;
mod table;
mod verdict;

pub use console::{Console, count_keys};
pub use data::{Keys, for_stdout, rehearsal, with_secret_file, write};
pub use export::{ExportForm, Exported};
pub use failure::{failure, interrupted, usage};
pub use progress::{with_bar, with_spinner};
pub use records::Records;
pub use request::{Outgoing, RequestForm};
pub use secret::{IssuedSecret, SecretFormat, SecretLines, TokenResponse};
pub use table::{print_object, print_rows};
pub use verdict::verdict;

/// How data is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// One JSON document (RFC 8259).
    Json,
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values with a header (RFC 4180).
    Csv,
    /// One id a line.
    Id,
    /// The document of the keyring's contract; where it has none, as [`Format::Json`].
    Contract,
}

impl Format {
    /// Whether it is JSON, errors too.
    #[must_use]
    pub const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Jsonl | Self::Contract)
    }
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// On terminals, unless `NO_COLOR` is set (no-color.org) or the terminal is dumb.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    /// Whether a stream is coloured.
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

/// Text from outside, with what a terminal would obey made visible.
pub(crate) fn harmless(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let obeyed = c.is_control() && c != '\n';
            let escaped = obeyed.then(|| c.escape_unicode());
            escaped.into_iter().flatten().chain((!obeyed).then_some(c))
        })
        .collect()
}
