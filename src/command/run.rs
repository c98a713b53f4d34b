//! Runs a subcommand.

use super::{
    Context, activate, audit, backup, check, completions, create, error_template, exchange, export, fields::chosen,
    generate, help, import, init, list, man, owner, policy, purge, restore, revoke, rotate, show, sign, status,
    suspend, update, verify, verify_request,
};
use crate::{
    cli::{Cli, Command},
    error::{Error, Exit, Result},
    interrupt, output,
};
use std::io::{IsTerminal as _, stdin};

/// Runs a subcommand.
///
/// # Errors
/// Returns the error of the subcommand, or an error in the preparations for it.
pub fn run(cli: Cli) -> Result<Exit> {
    let Cli { global, command } = cli;
    let name = command.name();
    // `verify` runs often and can be interrupted at any point, so it needs a signal handler only to restore the echo of
    // a terminal.
    let handles_signals = !matches!(command, Command::Verify(_)) || stdin().is_terminal();
    if matches!(command, Command::Completions(_) | Command::Man(_) | Command::Help(_) | Command::Sign(_)) {
        chosen(&global.fields, name, global.format.data())?;
    }
    let context = || {
        let context = Context::new(&global, name)?;
        if handles_signals {
            let template = error_template(context.style.format, global.keyring.as_deref());
            let hint = "run the command again; no partial changes were made";
            interrupt::install(output::interrupted(context.style.format, template.as_ref(), hint))?;
        }
        Ok::<_, Error>(context)
    };
    let outcome = match command {
        // These subcommands need neither a keyring nor a home directory.
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
        Command::Help(args) => help::run(&args),
        Command::Sign(args) => sign::run(&args, &global),
        Command::Init(args) => init::run(&args, &context()?),
        Command::Generate(args) => generate::run(&args, &context()?),
        Command::Create(args) => create::run(&args, &context()?),
        Command::Activate(args) => activate::run(&args, &context()?),
        Command::List(args) => list::run(*args, &context()?),
        Command::Show(args) => show::run(&args, &context()?),
        Command::Status(args) => status::run(&args, &context()?),
        Command::Verify(args) => verify::run(*args, &context()?),
        Command::VerifyRequest(args) => verify_request::run(*args, &context()?),
        Command::Exchange(args) => exchange::run(args, &context()?),
        Command::Update(args) => update::run(&args, &context()?),
        Command::Disable(args) => suspend::disable(args.keys, &context()?),
        Command::Enable(args) => suspend::enable(args.keys, &context()?),
        Command::Rotate(args) => rotate::run(*args, &context()?),
        Command::Revoke(args) => revoke::run(*args, &context()?),
        Command::Purge(args) => purge::run(*args, &context()?),
        Command::Export(args) => export::run(*args, &context()?),
        Command::Policy(args) => policy::run(&args, &context()?),
        Command::Owner(args) => owner::run(&args, &context()?),
        Command::Audit(args) => audit::run(&args, &context()?),
        Command::Backup(args) => backup::run(&args, &context()?),
        Command::Restore(args) => restore::run(&args, &context()?),
        Command::Check(args) => check::run(&args, &context()?),
        Command::Import(args) => import::run(&args, &context()?),
    };
    // Errors from other modules name fields, but users know only the options that set the fields.
    outcome.map_err(|error| super::options::in_options(error, name))
}
