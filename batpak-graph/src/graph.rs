//! The graph: append-only columns, fed in the order of positions.

use std::collections::BTreeMap;
use std::sync::Arc;

use batpak_core::{CAUSES_MAX, Edge, EventId, Position};

use crate::chunk::{CHUNK_BITS, CHUNK_EVENTS, Chunk, NOBODY, Rank, Rows};
use crate::column::PieceBytes;
use crate::edge::{pack, unpack};
use crate::error::GraphError;
use crate::indexes::Indexes;
use crate::node::{EVENTS_MAX, Node};
use crate::piece::{self, Extras, PieceError};
use crate::roots::Roots;

/// What the next event brings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arrival<'a> {
    /// Its causes that are in the graph, in the event's order.
    pub causes: &'a [(Node, Edge)],
    /// Causes that it names and that are not in the log any more (redacted or removed).
    pub missing: &'a [(EventId, Edge)],
    /// The previous event of its stream. Only kept by a graph that follows streams: see [`Graph::with_streams`].
    pub previous: Option<Node>,
    /// Whether its kind is the system's.
    pub system: bool,
}

/// The causal graph of a log up to a position.
///
/// A graph grows by [`Graph::push`], one event at a time, and is otherwise immutable. Cloning is cheap and gives a snapshot: full chunks
/// of 65,536 events are shared, and only the last one is copied (at most some MB). Memory: 14.25 bytes an event and 4 a cause, 12 a root, and 4
/// more an event if it follows streams. What only some questions need is made when first asked for, and grows along from then on: effects
/// (4 bytes an event and 4 a cause, and 4 more an event with streams), dominators, landmarks of causes (8 bytes an event), landmarks of what
/// happened before (12 bytes an event).
///
/// Nothing in it recurses, so a chain of millions of events is as good as any other shape.
#[derive(Clone, Debug)]
pub struct Graph {
    full: Vec<Arc<Chunk>>,
    tail: Chunk,
    nodes: u32,
    causes: u64,
    streams: bool,
    roots: Roots,
    /// Causes that are not in the log, by the event that names them.
    missing: Arc<BTreeMap<u32, Vec<(EventId, Edge)>>>,
    /// What decisions read, by the event that rests on it.
    observed: Arc<BTreeMap<u32, Vec<u32>>>,
    /// The system's events, in order.
    system: Arc<Vec<u32>>,
    /// What only some questions need.
    pub(crate) indexes: Indexes,
}

impl Default for Graph {
    fn default() -> Self {
        Self::new()
    }
}

impl Graph {
    /// An empty graph of causes alone.
    #[must_use]
    pub fn new() -> Self {
        Self {
            full: Vec::new(),
            tail: Chunk::new(),
            nodes: 0,
            causes: 0,
            streams: false,
            roots: Roots::default(),
            missing: Arc::default(),
            observed: Arc::default(),
            system: Arc::default(),
            indexes: Indexes::default(),
        }
    }

    /// An empty graph that also keeps the order of streams, which *happened before* rests on: 4 bytes an event more.
    #[must_use]
    pub fn with_streams() -> Self {
        Self { streams: true, ..Self::new() }
    }

    /// Adds the next event.
    ///
    /// # Errors
    /// [`GraphError::LaterCause`], [`GraphError::TooManyCauses`], [`GraphError::Full`]. The graph is then unchanged.
    ///
    /// Cost: about 100 ns for an event with one or two causes; with every index up to 700 ns.
    pub fn push(&mut self, event: Arrival<'_>) -> Result<Node, GraphError> {
        let node = Node::new(self.nodes);
        self.check(node, &event)?;
        let rank = self.rank(node.number(), event.causes);
        let previous = self.streams.then(|| event.previous.map_or(NOBODY, Node::number));
        let causes = event.causes.iter().map(|(cause, edge)| (cause.number(), pack(*edge)));
        let count = self.nodes & (CHUNK_EVENTS - 1);
        self.tail.push(count, causes, rank, previous);
        self.causes += event.causes.len() as u64;
        self.nodes += 1;
        if count == CHUNK_EVENTS - 1 {
            let mut full = std::mem::replace(&mut self.tail, Chunk::new());
            full.shrink();
            self.full.push(Arc::new(full));
        }
        if !event.missing.is_empty() {
            Arc::make_mut(&mut self.missing).insert(node.number(), event.missing.to_vec());
        }
        if event.system {
            Arc::make_mut(&mut self.system).push(node.number());
        }
        // They look back over the graph, so they are taken out of it meanwhile.
        let mut indexes = std::mem::take(&mut self.indexes);
        indexes.grow(self, node.number(), &event);
        self.indexes = indexes;
        Ok(node)
    }

    fn check(&self, node: Node, event: &Arrival<'_>) -> Result<(), GraphError> {
        if u64::from(self.nodes) >= EVENTS_MAX {
            return Err(GraphError::Full);
        }
        let count = event.causes.len() + event.missing.len();
        if count > CAUSES_MAX {
            return Err(GraphError::TooManyCauses { event: node.position(), count });
        }
        let earlier = event.causes.iter().map(|(cause, _)| *cause).chain(event.previous);
        match earlier.into_iter().find(|cause| *cause >= node) {
            Some(cause) => Err(GraphError::LaterCause { event: node.position(), cause: cause.position() }),
            None => Ok(()),
        }
    }

    /// The rank of a new event; joins the components of its causes.
    fn rank(&mut self, node: u32, causes: &[(Node, Edge)]) -> Rank {
        let Some(((first, _), others)) = causes.split_first() else {
            self.tail.roots.push(node.to_le_bytes());
            return Rank { generation: 0, lowest: self.roots.push(node), jump: node };
        };
        let mut deepest = (first.number(), self.rank_of(first.number()));
        let mut lowest = deepest.1.lowest;
        for (cause, _) in others {
            let rank = self.rank_of(cause.number());
            if rank.lowest != lowest {
                if self.roots.join(lowest, rank.lowest) {
                    self.tail.joins.push(pack_join(lowest, rank.lowest));
                }
                lowest = lowest.min(rank.lowest);
            }
            if rank.generation > deepest.1.generation {
                deepest = (cause.number(), rank);
            }
        }
        let (parent, rank) = deepest;
        let jump = self.rank_of(rank.jump);
        let above = self.rank_of(jump.jump);
        // Wrapping: of forged pieces, nothing is believed.
        let even = rank.generation.wrapping_sub(jump.generation) == jump.generation.wrapping_sub(above.generation);
        let jump = if even && rank.generation > 0 { jump.jump } else { parent };
        Rank { generation: rank.generation.saturating_add(1), lowest, jump }
    }

    /// How many full pieces of [`PIECE_EVENTS`](crate::PIECE_EVENTS) the graph has. What is newer makes one more, which is not full yet.
    #[must_use]
    pub fn pieces(&self) -> u32 {
        u32::try_from(self.full.len()).unwrap_or(u32::MAX)
    }

    /// The bytes of a piece, to be kept and given to [`Graph::adopt`] later. `None` if the graph has no such piece.
    #[must_use]
    pub fn piece(&self, number: u32) -> Option<Vec<u8>> {
        if number > self.pieces() || u64::from(number) << CHUNK_BITS >= u64::from(self.nodes) {
            return None;
        }
        let chunk = self.chunk(number as usize);
        let first = number << CHUNK_BITS;
        let last = first | (CHUNK_EVENTS - 1);
        let missing = self.missing.range(first..=last);
        let missing = missing.flat_map(|(node, causes)| causes.iter().map(|(id, edge)| (*node, *id, *edge)));
        let system = self.system.iter().copied().filter(|node| (first..=last).contains(node));
        let extras = Extras { missing: missing.collect(), system: system.collect() };
        Some(piece::encode(chunk, number, self.streams, &extras))
    }

    /// Adds the events of the next piece. The bytes of a full one are used where they lie, those of the newest are copied.
    ///
    /// The caller answers for the bytes: that they are unchanged since [`Graph::piece`] made them of the same events. Bytes that are not
    /// may give wrong answers, but never a panic or an endless loop.
    ///
    /// # Errors
    /// [`PieceError`] if these bytes are no piece, or if the graph does not end where the piece begins. The graph is then unchanged.
    ///
    /// Cost: a few ns a root; no event is looked at.
    pub fn adopt(&mut self, bytes: PieceBytes) -> Result<(), PieceError> {
        let number = self.pieces();
        if self.nodes != number << CHUNK_BITS || self.nodes > u32::MAX - CHUNK_EVENTS {
            return Err(PieceError("the graph does not end where it begins"));
        }
        let (chunk, extras) = piece::decode(&bytes, number, self.streams)?;
        for root in chunk.roots.cells() {
            self.roots.push(u32::from_le_bytes(*root));
        }
        for [a, b, c, d, e, f, g, h] in chunk.joins.cells() {
            self.roots.join(u32::from_le_bytes([*a, *b, *c, *d]), u32::from_le_bytes([*e, *f, *g, *h]));
        }
        for (node, id, edge) in extras.missing {
            Arc::make_mut(&mut self.missing).entry(node).or_default().push((id, edge));
        }
        if !extras.system.is_empty() {
            Arc::make_mut(&mut self.system).extend(extras.system);
        }
        self.causes += chunk.causes.len() as u64;
        let events = u32::try_from(chunk.ends.len()).unwrap_or(CHUNK_EVENTS);
        self.nodes += events;
        if events == CHUNK_EVENTS {
            self.full.push(Arc::new(chunk));
        } else {
            self.tail = chunk.grown();
        }
        // What was made of the shorter graph does not hold for the longer one.
        self.indexes = Indexes::default();
        Ok(())
    }

    /// Tells that an event rests on what a decision read; edges of the *observed* relation alone.
    ///
    /// # Errors
    /// [`GraphError::NoEvent`], [`GraphError::LaterCause`].
    pub fn observe(&mut self, event: Node, read: &[Node]) -> Result<(), GraphError> {
        self.node(event.position())?;
        if let Some(cause) = read.iter().find(|read| **read >= event) {
            return Err(GraphError::LaterCause { event: event.position(), cause: cause.position() });
        }
        let edges = Arc::make_mut(&mut self.observed).entry(event.number()).or_default();
        edges.extend(read.iter().map(|read| read.number()));
        edges.sort_unstable();
        edges.dedup();
        if let Some(effects) = self.indexes.effects.get_mut() {
            effects.observe(event.number(), &self.observed.get(&event.number()).cloned().unwrap_or_default());
        }
        Ok(())
    }

    /// Number of events.
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.nodes
    }

    /// Whether there is no event.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.nodes == 0
    }

    /// Number of causes of all events, missing ones not counted.
    #[must_use]
    pub const fn cause_count(&self) -> u64 {
        self.causes
    }

    /// Whether the graph keeps the order of streams.
    #[must_use]
    pub const fn follows_streams(&self) -> bool {
        self.streams
    }

    /// The position of the newest event; [`Position::START`] if there is none.
    #[must_use]
    pub fn position(&self) -> Position {
        Position::new(u64::from(self.nodes))
    }

    /// The newest event.
    #[must_use]
    pub fn head(&self) -> Option<Node> {
        self.nodes.checked_sub(1).map(Node::new)
    }

    /// The node of the event at a position.
    ///
    /// # Errors
    /// [`GraphError::NoEvent`].
    pub fn node(&self, position: Position) -> Result<Node, GraphError> {
        Node::at(position)
            .filter(|node| node.number() < self.nodes)
            .ok_or_else(|| GraphError::NoEvent { position, newest: self.position() })
    }

    /// Every event, oldest first.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = Node> + ExactSizeIterator + use<> {
        (0..self.nodes).map(Node::new)
    }

    /// The declared causes of an event, in its order; of a node that is not in the graph, none.
    pub fn causes(&self, node: Node) -> impl ExactSizeIterator<Item = (Node, Edge)> + '_ {
        let (rows, rel) = self.rows_at(node.number());
        let (causes, edges) = (rows.causes(rel), rows.edges(rel));
        causes.iter().enumerate().map(|(at, cause)| {
            let edge = edges.get(at).copied().and_then(unpack).unwrap_or(Edge::Required);
            (Node::new(u32::from_le_bytes(*cause)), edge)
        })
    }

    /// The events that name this one as a cause, oldest first. Builds the index of effects if it is not there yet.
    #[must_use]
    pub fn effects(&self, node: Node) -> Vec<Node> {
        let mut found = Vec::new();
        self.effects_index().each(self, node.number(), |effect| found.push(Node::new(effect)));
        found.reverse();
        found
    }

    /// The causes that an event names and that are not in the log any more.
    #[must_use]
    pub fn missing(&self, node: Node) -> &[(EventId, Edge)] {
        self.missing.get(&node.number()).map_or(&[], Vec::as_slice)
    }

    /// The events that name a cause which is not in the log any more.
    pub fn dangling(&self) -> impl DoubleEndedIterator<Item = Node> + '_ {
        self.missing.keys().copied().map(Node::new)
    }

    /// The previous event of the stream; `None` for the first, and for a graph that does not follow streams.
    #[must_use]
    pub fn previous(&self, node: Node) -> Option<Node> {
        let (rows, rel) = self.rows_at(node.number());
        rows.previous(rel).map(Node::new)
    }

    /// What an event rests on beyond its causes, oldest first: the reads of its decision.
    pub fn observed(&self, node: Node) -> impl DoubleEndedIterator<Item = Node> + '_ {
        self.observed_by(node.number()).iter().copied().map(Node::new)
    }

    /// The system's events, oldest first.
    pub fn system(&self) -> impl DoubleEndedIterator<Item = Node> + '_ {
        self.system.iter().copied().map(Node::new)
    }

    /// The events without causes, oldest first.
    pub fn roots(&self) -> impl Iterator<Item = Node> + '_ {
        self.roots.nodes().map(Node::new)
    }

    /// The number of events on the longest path from a root, the event itself not counted.
    #[must_use]
    pub fn generation(&self, node: Node) -> u32 {
        if node.number() < self.nodes { self.rank_of(node.number()).generation } else { 0 }
    }

    /// The earliest event of the component that an event is in: two events are connected, in whatever direction, if it is the same.
    #[must_use]
    pub fn component(&self, node: Node) -> Node {
        let number = self.roots.component(self.rank_of(node.number()).lowest);
        self.roots.node(number).map_or(node, Node::new)
    }

    /// How many components there are.
    #[must_use]
    pub const fn components(&self) -> usize {
        self.roots.components()
    }

    /// Bytes of memory that the graph holds, mapped pieces not counted.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let chunks = self.full.iter().map(|chunk| chunk.heap_bytes()).sum::<usize>() + self.tail.heap_bytes();
        chunks + self.roots.heap_bytes() + self.indexes.heap_bytes()
    }

    /// The observed relation: each event with what its decision read.
    pub(crate) fn observations(&self) -> impl Iterator<Item = (u32, &[u32])> {
        self.observed.iter().map(|(event, reads)| (*event, reads.as_slice()))
    }

    #[inline]
    pub(crate) fn observed_by(&self, node: u32) -> &[u32] {
        self.observed.get(&node).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn root_table(&self) -> &Roots {
        &self.roots
    }

    #[inline]
    pub(crate) fn chunk(&self, index: usize) -> &Chunk {
        self.full.get(index).map_or(&self.tail, |chunk| chunk)
    }

    /// The rows of the chunk that `node` is in, and its place there.
    #[inline]
    pub(crate) fn rows_at(&self, node: u32) -> (Rows<'_>, u32) {
        (self.chunk((node >> CHUNK_BITS) as usize).rows(), node & (CHUNK_EVENTS - 1))
    }

    /// The rank of an event; of a node that is not in the graph, a root's that belongs to nothing.
    #[inline]
    pub(crate) fn rank_of(&self, node: u32) -> Rank {
        let chunk = self.chunk((node >> CHUNK_BITS) as usize);
        let cell = chunk.ranks.cells().get((node & (CHUNK_EVENTS - 1)) as usize);
        cell.map_or(Rank { generation: 0, lowest: NOBODY, jump: node }, |cell| Rank::unpack(*cell))
    }

    /// The deepest cause of an event: its parent in the tree that jump pointers are made for.
    #[inline]
    pub(crate) fn deepest_cause(&self, node: u32) -> Option<u32> {
        let (rows, rel) = self.rows_at(node);
        let mut causes = rows.causes(rel).iter().map(|cause| u32::from_le_bytes(*cause));
        let first = causes.next()?;
        let mut deepest = (first, None);
        for cause in causes {
            let known = deepest.1.unwrap_or_else(|| self.rank_of(first).generation);
            let generation = self.rank_of(cause).generation;
            deepest = if generation > known { (cause, Some(generation)) } else { (deepest.0, Some(known)) };
        }
        Some(deepest.0)
    }
}

fn pack_join(left: u32, right: u32) -> [u8; 8] {
    let ([a, b, c, d], [e, f, g, h]) = (left.to_le_bytes(), right.to_le_bytes());
    [a, b, c, d, e, f, g, h]
}
