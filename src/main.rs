//! The `keywright` program. The library does the work.

use std::process::ExitCode;

fn main() -> ExitCode {
    keywright::run(std::env::args_os())
}
