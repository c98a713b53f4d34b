//! keywright: an API-key authority in one binary.
//!
//! ```text
//! main → lib → command ┬→ issuance ┬→ keyring ─────────────┬→ key → error
//!                  │   ├→ proof ───┤                       │
//!                  │   └→ health ──┤                       │
//!                  │               ├→ delivery → files     │
//!                  ├→ input, keypair, output ┴→ contract ──┘
//! ```
//!
//! * [`cli`] is the command line as data; the only home of `clap`.
//! * [`command`] has one file per subcommand: what it reads, whom it asks, what it prints.
//! * [`issuance`] is the protocol by which a secret leaves: reserve, deliver, activate; and which keys may come, change and go
//!   by the keyring's contract.
//! * [`proof`] is what a secret or a signature proves: which key, and whether it may be used.
//! * [`import`] is how keys come from elsewhere.
//! * [`recovery`] is how the keyring is copied and brought back.
//! * [`health`] is what is worth a look before it breaks.
//! * [`contract`] is what a service's keys are and how its documents look, as data.
//! * [`key`] says what a key is. No I/O, no clock, no randomness of its own.
//! * [`keypair`] makes, reads and judges RSA keys; the only home of `rsa` and `pkcs8`.
//! * [`keyring`] is the store behind one narrow trait; SQL and `rusqlite` stay inside.
//! * [`delivery`] is how a secret leaves, [`output`] how everything else does; nobody else writes.
//! * [`files`] creates and replaces files, whole or not at all.
//! * [`interrupt`] and [`process`] are what the process owes its secrets.
//! * [`error`] is what a user can act on.

pub mod cli;
pub mod clock;
pub mod command;
pub mod contract;
pub mod delivery;
pub mod error;
pub mod files;
pub mod health;
pub mod import;
pub mod input;
pub mod interrupt;
pub mod issuance;
pub mod key;
pub mod keypair;
pub mod keyring;
pub mod output;
pub mod process;
pub mod proof;
pub mod recovery;
pub mod secret;
#[cfg(test)]
mod testing;

use cli::Stop;
use error::{Code, Error, Exit};
use std::{
    ffi::OsString,
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
};

/// Runs the program with its arguments, its name first, and says how it ended.
#[must_use]
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    if let Err(error) = process::harden() {
        output::failure(&error, output::Format::Table, output::ColorChoice::Auto, None);
        return ExitCode::from(Exit::Failed as u8);
    }
    let exit = match cli::parse(&arguments.collect::<Vec<_>>()) {
        Ok(cli) => {
            let (format, color, keyring) = (cli.global.format.data(), cli.global.color, cli.global.keyring.clone());
            // A panic has unwound by now, which wiped the secrets, and has said what it may say.
            let ended = catch_unwind(AssertUnwindSafe(|| command::run(cli)));
            ended
                .unwrap_or_else(|_| {
                    Err(Error::new(
                        Code::Internal,
                        "keywright stopped at a bug of its own",
                        "look with `keywright list`",
                    ))
                })
                .unwrap_or_else(|error| {
                    tell(&error, format, color, keyring.as_deref());
                    error.code().exit()
                })
        }
        Err(Stop::Print(text)) => match output::write(output::for_stdout(&text).as_bytes()) {
            Ok(()) => Exit::Done,
            Err(error) => {
                output::failure(&error, output::Format::Table, output::ColorChoice::Auto, None);
                error.code().exit()
            }
        },
        Err(Stop::Usage(text)) => {
            output::usage(&text);
            Exit::Usage
        }
        Err(Stop::Refuse { error, format, color, keyring }) => {
            tell(&error, format, color, keyring.as_deref());
            error.code().exit()
        }
    };
    ExitCode::from(exit as u8)
}

/// Tells a failure, in the words of the keyring's contract where those were asked for and can be read.
fn tell(error: &Error, format: output::Format, color: output::ColorChoice, keyring: Option<&std::path::Path>) {
    let template = command::error_template(format, keyring);
    output::failure(error, format, color, template.as_ref());
}
