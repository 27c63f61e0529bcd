//! `batpak relation`: how two events stand to one another.

use std::path::Path;

use batpak::Relation as Edges;
use batpak::causality::Order;
use clap::Args;
use serde::Serialize;

use crate::commands::naming;
use crate::exit::CliError;
use crate::render::Out;

/// Tells how two events stand to one another: by declared causes, by what decisions read, and by the order of streams.
#[derive(Debug, Args)]
pub struct Relation {
    /// An event: a position, an id, or an expression.
    #[arg(value_name = "A")]
    a: String,
    /// Another.
    #[arg(value_name = "B")]
    b: String,
}

#[derive(Serialize)]
struct Object {
    a: u64,
    b: u64,
    caused: &'static str,
    observed: &'static str,
    happened_before: &'static str,
}

impl Relation {
    /// Looks in the store in the folder.
    pub fn run(self, dir: &Path, out: &mut Out) -> Result<(), CliError> {
        let graph = naming::open(dir)?;
        let (a, b) = (naming::event(&graph, "A", &self.a)?, naming::event(&graph, "B", &self.b)?);
        let order = |edges| graph.graph().order(a, b, edges);
        let [caused, observed, before] = [Edges::Caused, Edges::Observed, Edges::HappenedBefore].map(order);
        let (a, b) = (a.position().get(), b.position().get());
        if out.json() {
            let [caused, observed, happened_before] = [caused, observed, before].map(name);
            return out.object(&Object { a, b, caused, observed, happened_before });
        }
        out.line(match caused {
            Order::Same => format!("{a} is {b}"),
            Order::Before => format!("{a} is before {b}: it is among its causes"),
            Order::After => format!("{a} is after {b}: it rests on it"),
            Order::Concurrent => format!("{a} and {b} are concurrent: no declared cause leads from one to the other"),
        })?;
        if observed != caused {
            out.line(format_args!("by what decisions read, {a} is {} {b}", name(observed)))?;
        }
        if before != caused {
            out.line(format_args!("by causes and the order of streams, {a} happened {} {b}", name(before)))?;
        }
        Ok(())
    }
}

const fn name(order: Order) -> &'static str {
    match order {
        Order::Same => "same",
        Order::Before => "before",
        Order::After => "after",
        Order::Concurrent => "concurrent",
    }
}
