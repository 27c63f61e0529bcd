//! The commands, one file each.

pub mod append;
pub mod demo;
pub mod doctor;
pub mod get;
pub mod import;
pub mod kinds;
mod opening;
pub mod read;
pub mod repair;
pub mod stats;
pub mod streams;
pub mod verify;

use crate::args::{Args, Command};
use crate::exit::CliError;
use crate::render::Out;

/// Does what the command line says.
pub fn run(args: Args, out: &mut Out) -> Result<(), CliError> {
    let dir = args.dir.as_path();
    match args.command {
        Command::Demo(demo) => demo.run(out),
        Command::Import(import) => import.run(dir, out),
        Command::Append(append) => append.run(dir, out),
        Command::Read(read) => read.run(dir, out),
        Command::Get(get) => get.run(dir, out),
        Command::Streams(streams) => streams.run(dir, out),
        Command::Kinds(kinds) => kinds.run(dir, out),
        Command::Stats(stats) => stats.run(dir, out),
        Command::Verify(verify) => verify.run(dir, out),
        Command::Repair(repair) => repair.run(dir, out),
        Command::Doctor(doctor) => doctor.run(dir, out),
    }
}
