//! The options of `completions`.

use clap::{Args, ValueEnum};

/// `completions`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright completions bash > keywright.bash
  keywright completions zsh > _keywright")]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// The shells that have completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU bash.
    Bash,
    /// Z shell.
    Zsh,
    /// fish.
    Fish,
    /// `PowerShell`.
    // Without what the comment needs to be no link.
    #[value(help = "PowerShell")]
    Powershell,
    /// Elvish.
    Elvish,
}
