//! `batpak path`: how one event led to another.

use std::path::Path as Folder;

use batpak::{Node, Relation};
use clap::Args;
use serde::Serialize;

use crate::commands::naming;
use crate::exit::{CliError, Exit};
use crate::render::number::grouped;
use crate::render::{DIM, Out, event};

const DETAILS: &str = "\
Shows the shortest chains of causes from the earlier event to the later one, whichever is named first.
With --json, a line for each path, then nothing else; exits with 1 if there is none.";

/// Shows the shortest chains of causes from one event to another.
#[derive(Debug, Args)]
#[command(after_long_help = DETAILS)]
pub struct Path {
    /// An event: a position, an id, or an expression.
    #[arg(value_name = "A")]
    a: String,
    /// Another.
    #[arg(value_name = "B")]
    b: String,
    /// Paths that are shown; how many there are is said.
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Follows the order of streams as well as causes.
    #[arg(long)]
    hb: bool,
}

#[derive(Serialize)]
struct Object {
    path: Vec<u64>,
}

impl Path {
    /// Looks in the store in the folder.
    pub fn run(self, dir: &Folder, out: &mut Out) -> Result<(), CliError> {
        let graph = naming::open(dir)?;
        let (a, b) = (naming::event(&graph, "A", &self.a)?, naming::event(&graph, "B", &self.b)?);
        let (from, to) = (a.min(b), a.max(b));
        let relation = if self.hb { Relation::HappenedBefore } else { Relation::Caused };
        let Some(found) = graph.graph().shortest_paths(from, to, relation, self.limit) else {
            let message = format!("no chain of causes leads from {} to {}", from.position(), to.position());
            let help = if self.hb { "they are concurrent" } else { "--hb follows the order of streams as well" };
            return Err(CliError::new(Exit::Finding, message).help(help));
        };
        if out.json() {
            let position = |node: &Node| node.position().get();
            return found
                .paths
                .iter()
                .try_for_each(|path| out.object(&Object { path: path.iter().map(position).collect() }));
        }
        let steps = found.length;
        let steps = if steps == 1 { "1 step".to_owned() } else { format!("{steps} steps") };
        out.line(match found.count {
            1 => format!("one shortest path, of {steps}:"),
            count => format!("{} shortest paths, of {steps}:", grouped(count)),
        })?;
        for (number, path) in found.paths.iter().enumerate() {
            if number > 0 {
                out.line(out.styled(DIM, "or"))?;
            }
            path.iter().try_for_each(|node| graph.with_event(*node, |found| event::line(out, found))?)?;
        }
        Ok(())
    }
}
