//! The commands, one file each.

pub mod append;
pub mod demo;
pub mod diff;
pub mod doctor;
pub mod effects;
pub mod get;
pub mod graph;
pub mod import;
pub mod kinds;
mod naming;
mod opening;
pub mod path;
pub mod read;
pub mod relation;
pub mod repair;
pub mod stats;
pub mod streams;
pub mod verify;
pub mod why;

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
        Command::Graph(graph) => graph.run(dir, out),
        Command::Why(why) => why.run(dir, out),
        Command::Effects(effects) => effects.run(dir, out),
        Command::Path(path) => path.run(dir, out),
        Command::Relation(relation) => relation.run(dir, out),
        Command::Diff(diff) => diff.run(dir, out),
        Command::Streams(streams) => streams.run(dir, out),
        Command::Kinds(kinds) => kinds.run(dir, out),
        Command::Stats(stats) => stats.run(dir, out),
        Command::Verify(verify) => verify.run(dir, out),
        Command::Repair(repair) => repair.run(dir, out),
        Command::Doctor(doctor) => doctor.run(dir, out),
    }
}
