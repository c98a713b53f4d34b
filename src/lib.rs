//! keywright: an API-key authority in one binary.
//!
//! `main` calls [`run`], which parses the command line and runs a command. A module may use only modules below its line
//! in this diagram. Each module above the last line uses at least one module from the line directly below. A unit test
//! checks the diagram against the code.
//!
//! ```text
//! command
//! cli
//! import
//! input recovery
//! issuance output
//! health proof
//! contract delivery keyring
//! clock files signing
//! key
//! keypair
//! interrupt process random
//! error secret strict_json wiping_allocator
//! ```
//!
//! * [`cli`] describes and parses the command line.
//! * [`clock`] reads the system clock.
//! * [`command`] runs the subcommands, which connect input, domain and output.
//! * [`contract`] defines contracts: the rules of a service for its keys, and the templates of its documents.
//! * [`delivery`] delivers a secret to its destination.
//! * [`error`] defines the errors that users see, with a code, an exit status and a next step for each.
//! * [`files`] creates and replaces files so that no failure leaves a partial file behind.
//! * [`health`] finds problems with keys, and with the keyring, before they cause damage.
//! * [`import`] registers keys from other systems.
//! * [`input`] reads secrets, keys and lines from files, standard input and the terminal.
//! * [`interrupt`] undoes an unfinished operation when a signal ends the process.
//! * [`issuance`] issues keys in three steps (reserve, deliver, activate), and enforces the contract of the keyring
//!   when keys are issued, changed or deleted.
//! * [`key`] defines keys: names, scopes, states, tokens and references. The module performs no I/O, does not read the
//!   clock, and generates no random numbers.
//! * [`keypair`] generates, reads and checks key pairs. No other module uses the crates of their algorithms.
//! * [`keyring`] stores keys and the audit log, behind traits that hide the storage engine.
//! * [`output`] writes answers, messages and errors. Of the other modules, only [`delivery`] writes to standard output
//!   (a secret), and only [`interrupt`] and [`process`] write to standard error (one message when the process ends).
//! * [`process`] protects the memory and the files of the process, and identifies its user.
//! * [`proof`] finds the key of a secret or a signature, and decides whether the key may be used.
//! * [`random`] gets random bytes from the operating system.
//! * [`recovery`] backs up and restores keyrings.
//! * [`secret`] holds the bytes of a secret until they are delivered.
//! * [`signing`] defines the schemes in which requests are signed.
//! * [`strict_json`] parses JSON and refuses repeated members.
//! * [`wiping_allocator`] overwrites memory before it is freed.

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
#[cfg(test)]
mod layers;
pub mod output;
pub mod process;
pub mod proof;
pub mod random;
pub mod recovery;
pub mod secret;
pub mod signing;
pub mod strict_json;
#[cfg(test)]
mod testing;
pub mod wiping_allocator;

use cli::Stop;
use error::{Code, Error, Exit};
use std::{
    ffi::OsString,
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
};

/// Runs the program and returns its exit status. The first argument is the name of the program.
#[must_use]
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    if let Err(error) = process::harden() {
        output::failure(&error, output::Format::Table, output::ColorChoice::Auto, None);
        return ExitCode::from(Exit::Failed as u8);
    }
    let arguments: Vec<OsString> = arguments.collect();
    output::conceal(&arguments);
    match command::complete(&arguments) {
        Ok(false) => {}
        Ok(true) => return ExitCode::from(Exit::Done as u8),
        Err(error) => {
            output::failure(&error, output::Format::Table, output::ColorChoice::Auto, None);
            return ExitCode::from(error.code().exit() as u8);
        }
    }
    let parsed = cli::parse(&arguments);
    let parsed = match (process::refuse_closed_stdout(), parsed) {
        (Err(error), Ok(cli)) => Err(Stop::Refuse {
            error,
            format: cli.global.format.data(),
            color: cli.global.color,
            keyring: cli.global.keyring,
        }),
        (Err(error), Err(Stop::Print(_))) => {
            Err(Stop::Refuse { error, format: output::Format::Table, color: output::ColorChoice::Auto, keyring: None })
        }
        (_, parsed) => parsed,
    };
    let exit = match parsed {
        Ok(cli) => {
            let (format, color, keyring) = (cli.global.format.data(), cli.global.color, cli.global.keyring.clone());
            // When a panic arrives here, unwinding has wiped the secrets and the panic hook has printed its message.
            let ended = catch_unwind(AssertUnwindSafe(|| command::run(cli)));
            ended
                .unwrap_or_else(|_| {
                    Err(Error::new(
                        Code::Internal,
                        "a bug in keywright stopped the command",
                        "run `keywright list` to see the stored keys, and report the bug",
                    ))
                })
                .unwrap_or_else(|error| {
                    let error = error.naming_cause();
                    report(&error, format, color, keyring.as_deref());
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
            report(&error, format, color, keyring.as_deref());
            error.code().exit()
        }
    };
    ExitCode::from(exit as u8)
}

/// Reports an error in the given format. With `--format contract`, uses the error template of the keyring's contract if
/// the contract can be read and has such a template.
fn report(error: &Error, format: output::Format, color: output::ColorChoice, keyring: Option<&std::path::Path>) {
    let template = command::error_template(format, keyring);
    output::failure(error, format, color, template.as_ref());
}
