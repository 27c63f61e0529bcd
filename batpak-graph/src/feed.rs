//! A graph that is fed with events as they are, whose causes are named by id: for whoever has a log of another kind.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use batpak_core::{Cause, Edge, EventId, Position};

use crate::error::GraphError;
use crate::graph::{Arrival, Graph};
use crate::node::Node;

/// A graph and the ids of its events.
///
/// ```
/// use batpak_core::{Cause, EventId, Position};
/// use batpak_graph::{Feed, NodeSet, Relation};
///
/// let id = |number| EventId::from_bytes([number; 16]);
/// let events = [
///     (Position::new(1), id(1), vec![]),
///     (Position::new(2), id(2), vec![Cause::required(id(1))]),
///     (Position::new(3), id(3), vec![Cause::context(id(2))]),
/// ];
/// let feed = Feed::of(events)?;
/// let last = NodeSet::of(feed.graph().len(), feed.node(id(3)));
/// assert_eq!(feed.graph().ancestors(&last, Relation::Caused).len(), 3);
/// assert_eq!(feed.graph().must(&NodeSet::of(3, feed.node(id(1)))).len(), 2);
/// # Ok::<(), batpak_graph::GraphError>(())
/// ```
///
/// Memory: that of the graph, and about 40 bytes an event for the ids. A store needs none of that: its index knows them.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    graph: Graph,
    ids: HashMap<EventId, Node>,
}

impl Feed {
    /// The graph of these events, which come in the order of their positions, from 1 and without gaps.
    ///
    /// # Errors
    /// As for [`Feed::push`].
    pub fn of<C>(events: impl IntoIterator<Item = (Position, EventId, C)>) -> Result<Self, GraphError>
    where
        C: IntoIterator<Item = Cause>,
    {
        let mut feed = Self::default();
        for (position, id, causes) in events {
            feed.push(position, id, causes)?;
        }
        Ok(feed)
    }

    /// Adds the next event. A cause that was never fed counts as one that is not in the log any more.
    ///
    /// # Errors
    /// [`GraphError::OutOfOrder`], [`GraphError::DuplicateId`], [`GraphError::TooManyCauses`], [`GraphError::Full`]. Nothing is changed then.
    pub fn push(
        &mut self,
        position: Position,
        id: EventId,
        causes: impl IntoIterator<Item = Cause>,
    ) -> Result<Node, GraphError> {
        let expected = self.graph.position().next();
        if position != expected {
            return Err(GraphError::OutOfOrder { expected, actual: position });
        }
        let mut found: Vec<(Node, Edge)> = Vec::new();
        let mut missing: Vec<(EventId, Edge)> = Vec::new();
        for Cause { id, edge } in causes {
            match self.ids.get(&id) {
                Some(cause) => found.push((*cause, edge)),
                None => missing.push((id, edge)),
            }
        }
        match self.ids.entry(id) {
            Entry::Occupied(first) => Err(GraphError::DuplicateId { id, first: first.get().position() }),
            Entry::Vacant(place) => {
                let arrival = Arrival { causes: &found, missing: &missing, ..Arrival::default() };
                Ok(*place.insert(self.graph.push(arrival)?))
            }
        }
    }

    /// The graph so far.
    #[must_use]
    pub const fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The node of the event with an id.
    #[must_use]
    pub fn node(&self, id: EventId) -> Option<Node> {
        self.ids.get(&id).copied()
    }
}
