//! `completions`: prints the completion script of a shell.

use crate::{
    cli::{Completions, Shell},
    error::{Exit, Result},
    output,
};

pub(super) fn run(args: &Completions) -> Result<Exit> {
    output::write(script(args.shell).as_bytes())?;
    Ok(Exit::Done)
}

/// Returns the script of a shell, which loads what the program registers, so that it fits every version of keywright.
const fn script(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => "source <(KEYWRIGHT_COMPLETE=bash keywright)\n",
        // The shell runs the script as a function for the first completion, and the registered one afterwards.
        Shell::Zsh => {
            "#compdef keywright\n\
             source <(KEYWRIGHT_COMPLETE=zsh keywright)\n\
             if [[ ${funcstack[1]-} == _keywright ]]; then\n  \
               _clap_dynamic_completer_keywright \"$@\"\n\
             fi\n"
        }
        Shell::Fish => "KEYWRIGHT_COMPLETE=fish keywright | source\n",
        Shell::Powershell => {
            "$env:KEYWRIGHT_COMPLETE = 'powershell'\n\
             keywright | Out-String | Invoke-Expression\n\
             Remove-Item Env:KEYWRIGHT_COMPLETE\n"
        }
        Shell::Elvish => "eval (E:KEYWRIGHT_COMPLETE=elvish keywright | slurp)\n",
    }
}
