//! The causal graph of a journal: why, what else, and what if not.

#[cfg(feature = "pictures")]
mod draw;
mod follow;
mod names;

#[cfg(feature = "pictures")]
pub use draw::Links;
pub(crate) use follow::GraphKeeper;

use batpak_core::{CoreError, Event, EventId, EventRef, Position, Set};
use batpak_graph::{EvaluateError, Graph, GraphError, Node, NodeSet, Selection};
use batpak_store::{Read, Scan, StoreError, View};

use names::ViewNames;

/// A journal as it was at one moment, with the graph of its causes.
///
/// ```
/// # fn main() -> Result<(), batpak::Error> {
/// # let folder = tempfile::tempdir().expect("a temporary folder");
/// # let path = folder.path();
/// use batpak::{Cause, Coordinate, Draft, Journal, Kind};
///
/// let journal = Journal::open(path)?;
/// let draft = |kind: &str| Draft::json(Coordinate::new("shop", "order:1")?, Kind::new(kind)?, &"lamp".to_owned());
/// let placed = journal.append(draft("order.placed")?)?.events[0].id;
/// journal.append(draft("order.paid")?.cause(Cause::required(placed)))?;
/// journal.append(draft("mail.sent")?.cause(Cause::context(placed)))?;
///
/// let graph = journal.graph()?;
/// let gone = graph.select("must(kind(order.placed))")?; // what would not be there without the order
/// let kinds: Vec<String> =
///     graph.events(gone.set()).map(|event| Ok(event?.kind.to_string())).collect::<Result<_, batpak::Error>>()?;
/// assert_eq!(kinds, ["order.placed", "order.paid"]);
/// # journal.close()
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct CausalGraph {
    graph: Graph,
    view: View,
}

impl CausalGraph {
    /// The graph itself, with all that can be asked of it.
    #[must_use]
    pub const fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The log that the graph was made of, up to the same position.
    #[must_use]
    pub const fn view(&self) -> &View {
        &self.view
    }

    /// The events of an expression, as in `"::30 & kind(order.placed)"`: see [`Set`].
    ///
    /// # Errors
    /// [`StoreError::Invalid`] with the place in the text; damage, I/O.
    ///
    /// Cost: see [`Graph::evaluate`].
    pub fn select(&self, set: &str) -> Result<Selection, StoreError> {
        self.evaluate(&Set::parse(set)?)
    }

    /// As [`CausalGraph::select`], for an expression that was parsed before.
    ///
    /// # Errors
    /// As for [`CausalGraph::select`].
    pub fn evaluate(&self, set: &Set) -> Result<Selection, StoreError> {
        self.graph.evaluate(set, &ViewNames::new(&self.view)).map_err(|error| match error {
            EvaluateError::Text(error) => CoreError::from(error).into(),
            EvaluateError::Names(error) => error,
            other => CoreError::from(batpak_core::ParseError::new(0, other.to_string())).into(),
        })
    }

    /// The node of the event with an id; `None` if there is none.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn node_of(&self, id: EventId) -> Result<Option<Node>, StoreError> {
        Ok(self.view.position_of(id)?.and_then(Node::at))
    }

    /// The events of a set, oldest first.
    pub fn events<'a>(&'a self, set: &'a NodeSet) -> impl DoubleEndedIterator<Item = Result<Event, StoreError>> + 'a {
        set.iter().map(|node| self.event(node))
    }

    /// The event of a node.
    ///
    /// # Errors
    /// [`StoreError::Undecodable`] if the node is of another graph; damage, I/O.
    pub fn event(&self, node: Node) -> Result<Event, StoreError> {
        self.view.at(node.position())?.ok_or_else(|| not_in_view(node.position()))
    }

    /// Calls `with` with the event of a node, borrowed.
    ///
    /// # Errors
    /// As for [`CausalGraph::event`].
    pub fn with_event<T>(&self, node: Node, with: impl FnOnce(&EventRef<'_>) -> T) -> Result<T, StoreError> {
        self.view.with_event(node.position(), with)?.ok_or_else(|| not_in_view(node.position()))
    }

    /// What an event could have known: its causes, what its decision read, and all that those rest on, itself included.
    #[must_use]
    pub fn past(&self, node: Node) -> NodeSet {
        self.graph.past(&NodeSet::of(self.graph.len(), [node]))
    }

    /// The events that `read` asks for, as far as an event could have known them: see [`CausalGraph::past`].
    ///
    /// A fold over them gives the state that the event could have known.
    #[must_use]
    pub fn read_as_known_to(&self, node: Node, read: impl Into<Read>) -> Scan {
        self.view.read(read.into().within(std::sync::Arc::new(self.past(node))))
    }

    /// What had happened before an event, by position, without being in its past.
    #[must_use]
    pub fn unknown_to(&self, node: Node) -> NodeSet {
        let mut unknown = self.graph.unknown_to(node);
        self.graph.system().for_each(|system| unknown.remove(system));
        unknown
    }
}

fn not_in_view(position: Position) -> StoreError {
    StoreError::Undecodable { position, detail: "it is not in view".to_owned() }
}

/// What a graph refuses is a log that breaks its own rules.
fn refused(position: Position, error: &GraphError) -> StoreError {
    StoreError::Undecodable { position, detail: error.to_string() }
}
