//! The subcommands. Each subcommand reads its input, asks for confirmation if necessary, and prints the result. Other
//! modules implement the rules.

mod activate;
mod audit;
mod backup;
mod bulk;
mod chain;
mod change;
mod check;
mod complete;
mod completions;
mod context;
mod contract;
mod create;
mod deliver;
mod describe;
mod destination;
mod exchange;
mod existing;
mod export;
mod fields;
mod filter;
mod find;
mod generate;
mod help;
mod import;
mod init;
mod keyring_time;
mod list;
mod man;
mod open;
mod options;
mod owner;
mod policy;
mod print;
mod print_ids;
mod print_list;
mod private_key;
mod purge;
mod restore;
mod revoke;
mod rotate;
mod run;
mod selected;
mod show;
mod sign;
mod status;
mod suspend;
mod unresolved;
mod update;
mod verify;
mod verify_request;

pub use complete::complete;
pub use contract::error_template;
pub use run::run;

use context::Context;
