//! One file per subcommand: what it reads, whom it asks, what it prints. Rules live elsewhere.

mod activate;
mod audit;
mod backup;
mod change;
mod check;
mod completions;
mod context;
mod contract;
mod create;
mod deliver;
mod describe;
mod destination;
mod exchange;
mod export;
mod find;
mod generate;
mod import;
mod init;
mod list;
mod man;
mod options;
mod owner;
mod policy;
mod print;
mod purge;
mod restore;
mod revoke;
mod rotate;
mod show;
mod sign;
mod suspend;
mod update;
mod verify;
mod verify_request;
mod whoami;

pub use contract::error_template;

use crate::{
    cli::{Cli, Command},
    error::{Exit, Result},
    interrupt, output,
};
use context::Context;
use std::io::{IsTerminal as _, stdin};

/// Runs a subcommand.
///
/// # Errors
/// Whatever the user can act on.
pub fn run(cli: Cli) -> Result<Exit> {
    let Cli { global, command } = cli;
    // These need neither a keyring nor a home directory.
    match command {
        Command::Completions(args) => return completions::run(&args),
        Command::Man(args) => return man::run(&args),
        Command::Sign(args) => return sign::run(&args, &global),
        _ => {}
    }
    let context = Context::new(&global, command.name())?;
    // A signal may just end what leaves nothing half done, and is asked again and again; on a terminal it has to bring the
    // echo back.
    if !matches!(command, Command::Verify(_)) || stdin().is_terminal() {
        let template = error_template(context.format, global.keyring.as_deref());
        interrupt::install(output::interrupted(
            context.format,
            template.as_ref(),
            "run it again; nothing half done was left",
        ))?;
    }
    dispatch(command, &context).map_err(|error| options::in_options(error, &context.entry.command))
}

/// Runs a subcommand that has a context.
fn dispatch(command: Command, context: &Context) -> Result<Exit> {
    match command {
        Command::Init(args) => init::run(&args, context),
        Command::Generate(args) => generate::run(&args, context),
        Command::Create(args) => create::run(&args, context),
        Command::Activate(args) => activate::run(&args, context),
        Command::List(args) => list::run(*args, context),
        Command::Show(args) => show::run(&args, context),
        Command::Verify(args) => verify::run(*args, context),
        Command::VerifyRequest(args) => verify_request::run(*args, context),
        Command::Exchange(args) => exchange::run(args, context),
        Command::Whoami(args) => whoami::run(&args, context),
        Command::Update(args) => update::run(&args, context),
        Command::Disable(args) => suspend::disable(args.keys, context),
        Command::Enable(args) => suspend::enable(args.keys, context),
        Command::Rotate(args) => rotate::run(*args, context),
        Command::Revoke(args) => revoke::run(*args, context),
        Command::Purge(args) => purge::run(*args, context),
        Command::Export(args) => export::run(*args, context),
        Command::Policy(args) => policy::run(&args, context),
        Command::Owner(args) => owner::run(&args, context),
        Command::Audit(args) => audit::run(&args, context),
        Command::Backup(args) => backup::run(&args, context),
        Command::Restore(args) => restore::run(&args, context),
        Command::Check(args) => check::run(&args, context),
        Command::Import(args) => import::run(&args, context),
        Command::Completions(_) | Command::Man(_) | Command::Sign(_) => Ok(Exit::Done),
    }
}
