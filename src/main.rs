//! The program: parse, run, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    keywright::run(std::env::args_os())
}
