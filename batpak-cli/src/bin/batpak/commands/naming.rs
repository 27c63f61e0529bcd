//! What people write for an event or a set of events, and the graph that they mean it in.

use std::path::Path;

use batpak::causality::Selection;
use batpak::core::{Aliases, CoreError};
use batpak::{CausalGraph, Error, EventId, Node, Set};

use crate::commands::opening;
use crate::exit::{CliError, Exit};

/// The log in the folder with the graph of its causes, as of now.
pub fn open(dir: &Path) -> Result<CausalGraph, CliError> {
    Ok(opening::for_reading(dir)?.graph()?)
}

/// The event that is meant: a position, an id, or an expression that gives exactly one.
pub fn event(graph: &CausalGraph, argument: &str, text: &str) -> Result<Node, CliError> {
    if let Ok(id) = text.parse::<EventId>() {
        let found = graph.node_of(id)?;
        return found.ok_or_else(|| CliError::new(Exit::NotFound, format!("{argument}: there is no event `{id}`")));
    }
    let found = set(graph, argument, text, &Aliases::new())?;
    let mut events = found.set().iter();
    match (events.next(), events.next()) {
        (Some(event), None) => Ok(event),
        (None, _) => Err(CliError::new(Exit::NotFound, format!("{argument}: `{text}` gives no event"))),
        (Some(first), Some(second)) => {
            let (count, first, second) = (found.set().len(), first.position(), second.position());
            let message = format!("{argument}: `{text}` gives {count} events, the first at {first} and {second}");
            Err(CliError::new(Exit::NotFound, message).help(format!("name one, as in `latest({text})`")))
        }
    }
}

/// The events of an expression.
pub fn set(graph: &CausalGraph, argument: &str, text: &str, aliases: &Aliases) -> Result<Selection, CliError> {
    let set = Set::parse_with(text, aliases).map_err(|error| in_text(Exit::Usage, argument, text, &error))?;
    graph.evaluate(&set).map_err(|error| match error {
        Error::Invalid(error) => in_text(Exit::NotFound, argument, text, &error),
        other => other.into(),
    })
}

/// An error that points into what was written.
pub fn in_text(exit: Exit, argument: &str, text: &str, error: &CoreError) -> CliError {
    match error {
        CoreError::Query(error) => CliError::new(exit, format!("{argument}: {}", error.pointing_into(text)))
            .help("`batpak graph --help` lists the operators and functions"),
        other => CliError::argument(argument, other),
    }
}
