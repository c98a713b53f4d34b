//! How data is printed on standard output.

use super::{ColorChoice, Format};
use std::io::{IsTerminal, stdout};

/// How a command prints its data.
#[derive(Clone, Debug, Default)]
pub struct Style {
    /// The format of the data.
    pub format: Format,
    /// The choice of when to use color.
    pub color: ColorChoice,
}

impl Style {
    /// Returns `true` if the data is printed in color.
    #[must_use]
    pub fn is_colored(&self) -> bool {
        self.color.applies(stdout().is_terminal())
    }
}
