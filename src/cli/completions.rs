//! The options of `completions`.

use clap::{Args, ValueEnum};

/// The options of `completions`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright completions bash > keywright.bash
  keywright completions zsh > _keywright")]
pub struct Completions {
    /// Shell to generate the script for
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// A shell for which a completion script can be generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU bash.
    Bash,
    /// Z shell.
    Zsh,
    /// fish.
    Fish,
    /// `PowerShell`.
    // Override the help text, because it must not contain the backquotes of the doc comment.
    #[value(help = "PowerShell")]
    Powershell,
    /// Elvish.
    Elvish,
}
