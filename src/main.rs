//! Parse, run, and an exit code that means something.

use std::process::ExitCode;

use aicleaner::cli;

fn main() -> ExitCode {
    cli::main(std::env::args_os())
}
