//! `batpak effects`: what would not be there, or might be different, without some events.

use std::path::Path;

use batpak::causality::Strength;
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::commands::naming;
use crate::exit::CliError;
use crate::render::number::counted;
use crate::render::{Out, event};

const DETAILS: &str = "\
`must` is what could not have happened: an event goes with a required cause, and with all alternatives of a group.
`may` is everything that rests on the event by any declared cause, context included.

  batpak effects 1
  batpak effects 'latest(kind(A_SUBMITTED))' --strength may --json";

/// How much is claimed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Claim {
    /// May have been different.
    May,
    /// Could not have happened.
    Must,
}

/// Shows what would not have happened without an event.
#[derive(Debug, Args)]
#[command(after_long_help = DETAILS)]
pub struct Effects {
    /// The event: a position, an id, or an expression such as `source("x")`; an expression may give several.
    #[arg(value_name = "EVENT")]
    event: String,
    /// How much is claimed.
    #[arg(long, value_enum, default_value_t = Claim::Must)]
    strength: Claim,
}

/// What is claimed, as the last JSON object.
#[derive(Serialize)]
struct Summary {
    strength: &'static str,
    without: usize,
    events: usize,
}

impl Effects {
    /// Looks in the store in the folder.
    pub fn run(self, dir: &Path, out: &mut Out) -> Result<(), CliError> {
        let graph = naming::open(dir)?;
        let given = naming::events(&graph, "EVENT", &self.event)?;
        let (strength, name) = match self.strength {
            Claim::May => (Strength::May, "may"),
            Claim::Must => (Strength::Must, "must"),
        };
        let gone = graph.graph().effects_if_gone(&given, strength);
        let mut others = gone.events;
        others.subtract(&given);
        if !out.json() {
            let count = counted(others.len() as u64, "other event");
            let without = counted(given.len() as u64, "event");
            out.line(match strength {
                Strength::Must => format!("Without {without}, {count} could not have happened (must):"),
                Strength::May => format!("Without {without}, {count} may have been different (may):"),
            })?;
        }
        others.iter().try_for_each(|node| graph.with_event(node, |found| event::any(out, found))?)?;
        if out.json() {
            out.object(&Summary { strength: name, without: given.len(), events: others.len() })?;
        }
        Ok(())
    }
}
