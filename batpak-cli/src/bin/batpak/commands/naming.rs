//! What people write for an event or a set of events, and the graph that they mean it in.

use std::path::Path;

use batpak::causality::Selection;
use batpak::core::{Aliases, CoreError};
use batpak::{CausalGraph, Error, EventId, Node, NodeSet, Set};

use crate::commands::opening;
use crate::exit::{CliError, Exit};

/// The log in the folder with the graph of its causes, as of now.
pub fn open(dir: &Path) -> Result<CausalGraph, CliError> {
    Ok(opening::for_reading(dir)?.graph()?)
}

/// The events that are meant, at least one: an id, or an expression, of which a position is one.
pub fn events(graph: &CausalGraph, argument: &str, text: &str) -> Result<NodeSet, CliError> {
    if let Ok(id) = text.parse::<EventId>() {
        let found = graph.node_of(id)?;
        return match found {
            Some(node) => Ok(NodeSet::of(graph.graph().len(), [node])),
            None => Err(CliError::new(Exit::NotFound, format!("{argument}: there is no event `{id}`"))),
        };
    }
    let found = set(graph, argument, text, &Aliases::new())?.into_set();
    if found.is_empty() {
        return Err(CliError::new(Exit::NotFound, format!("{argument}: `{text}` gives no event")));
    }
    Ok(found)
}

/// The event that is meant: as [`events`], if that gives exactly one.
pub fn event(graph: &CausalGraph, argument: &str, text: &str) -> Result<Node, CliError> {
    let found = events(graph, argument, text)?;
    let mut nodes = found.iter();
    match (nodes.next(), nodes.next()) {
        (Some(event), None) => Ok(event),
        (None, _) => Err(CliError::new(Exit::NotFound, format!("{argument}: `{text}` gives no event"))),
        (Some(first), Some(second)) => {
            let (count, first, second) = (found.len(), first.position(), second.position());
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
