//! The `batpak` command.
#![forbid(unsafe_code)]

mod args;
mod commands;
mod exit;
mod input;
mod render;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;
use crate::exit::{CliError, Exit};
use crate::render::{Out, note};

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are no errors; a pipe that closed early is no reason to complain.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            error.print().ok();
            return exit.into();
        }
    };
    let mut out = Out::new(args.json);
    let done = commands::run(args, &mut out).and_then(|()| out.flush());
    match done {
        Ok(()) => Exit::Done.into(),
        Err(CliError::OutputClosed) => Exit::Done.into(),
        Err(error) => {
            // What was said before the failure still counts.
            out.flush().ok();
            note::error(&error);
            error.exit().into()
        }
    }
}
