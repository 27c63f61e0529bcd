//! The command line: what all commands share, and the list of commands.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::commands::{
    append::Append, demo::Demo, diff::Diff, doctor::Doctor, effects::Effects, get::Get, graph::Graph, import::Import,
    kinds::Kinds, path::Path, read::Read, relation::Relation, repair::Repair, stats::Stats, streams::Streams,
    verify::Verify, why::Why,
};

/// How to leave, for the long help.
const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  a finding or a refusal
  2  usage
  3  corrupt
  4  input or output failed
  5  conflict: read again, decide again, retry
  6  not found
  7  locked by another writer; reading works";

/// An embedded event store that can prove why.
///
/// Data goes to standard output, everything else to standard error.
#[derive(Debug, Parser)]
#[command(name = "batpak", version, after_help = EXIT_CODES, disable_help_subcommand = true, arg_required_else_help = true)]
pub struct Args {
    /// The folder of the store.
    #[arg(long, global = true, env = "BATPAK_DIR", default_value = "./batpak-data", value_name = "FOLDER")]
    pub dir: PathBuf,
    /// Prints one JSON object a line.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows what batpak does, on real data in a temporary folder; takes a few seconds.
    Demo(Demo),
    /// Imports lines of JSON, each as one event; importing a file twice adds nothing.
    Import(Box<Import>),
    /// Appends one event.
    Append(Append),
    /// Reads events.
    Read(Read),
    /// Shows one event, by its id or its position.
    Get(Get),
    /// Shows a set of events and what led from one to the other: as lanes, as a picture, or for other programs.
    Graph(Graph),
    /// Tells why an event happened: the story of its causes.
    Why(Why),
    /// Shows what would not have happened without an event.
    Effects(Effects),
    /// Shows the shortest chains of causes from one event to another.
    Path(Path),
    /// Tells how two events stand to one another.
    Relation(Relation),
    /// Compares two runs: where they part, and what each did that the other did not.
    Diff(Diff),
    /// Lists the streams.
    Streams(Streams),
    /// Lists the kinds and how many events there are of each.
    Kinds(Kinds),
    /// Shows how much is stored, and the root of its Merkle tree.
    Stats(Stats),
    /// Checks every byte: checksums, hashes, order, and the index against the log.
    Verify(Verify),
    /// Cuts damage out, after copying what it cuts to a side file, and rebuilds what can be derived.
    Repair(Repair),
    /// Looks at the folder, its lock, its disk and its versions, and gives advice.
    Doctor(Doctor),
}
