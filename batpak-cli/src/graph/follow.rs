//! Following the log: a graph that is brought up to date when somebody asks, from pieces beside the log where there are any.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use batpak_core::{Coordinate, Edge, EventId, EventRef, Query, Revision};
use batpak_graph::{Arrival, Graph, Node, PIECE_EVENTS, piece_end};
use batpak_store::{Derived, Read, Store, StoreError, View};
use foldhash::fast::RandomState;

use super::{CausalGraph, refused};

/// Ids that are remembered, of the newest events; of twice as many at most. Older causes are looked up in the log.
const IDS_MAX: usize = 1 << 18;
/// Streams whose newest event is remembered; others are looked up.
const STREAMS_MAX: usize = 1 << 20;

/// The newest, unfinished piece is kept again after so many more events, so that no more than these are read again at an opening.
const TAIL_EVENTS: u32 = 1 << 13;

/// The graph of a journal, behind a lock. Empty until somebody asks.
#[derive(Debug, Default)]
pub(crate) struct GraphKeeper(Mutex<Option<Follower>>);

impl GraphKeeper {
    /// The graph up to the end of a view, which is taken once nobody else is at it.
    ///
    /// With a `store`, pieces that are not kept yet are kept beside the log, if there is room: they can be made again.
    pub(crate) fn graph(
        &self,
        view: impl FnOnce() -> View,
        derived: &Derived,
        store: Option<&Store>,
    ) -> Result<CausalGraph, StoreError> {
        let mut kept = self.lock();
        let view = view();
        // A failure leaves nothing half done behind: the next call starts anew.
        let mut follower = match kept.take() {
            Some(follower) if follower.graph.position() <= view.position() => follower,
            _ => Follower::open(&view, derived)?,
        };
        follower.follow(&view)?;
        if let Some(store) = store {
            // A full disk, say, is no reason to have no answer.
            let _ = follower.keep(&view, store);
        }
        let graph = follower.graph.clone();
        *kept = Some(follower);
        Ok(CausalGraph { graph, view })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Follower>> {
        // What a panic left behind is taken out above, or was never put in.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A graph and what it takes to go on with it.
#[derive(Debug)]
struct Follower {
    graph: Graph,
    ids: Ids,
    streams: HashMap<u64, Newest, RandomState>,
    hasher: RandomState,
    /// Events whose pieces are beside the log already.
    kept: u32,
}

/// The ids of the newest events, in two generations: when one is full, the other is forgotten.
#[derive(Debug, Default)]
struct Ids {
    young: HashMap<EventId, Node, RandomState>,
    old: HashMap<EventId, Node, RandomState>,
}

impl Ids {
    fn insert(&mut self, id: EventId, node: Node) {
        if self.young.len() >= IDS_MAX {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.insert(id, node);
    }

    fn get(&self, id: EventId) -> Option<Node> {
        self.young.get(&id).or_else(|| self.old.get(&id)).copied()
    }
}

/// The newest event of a stream, as far as the graph has come.
#[derive(Clone, Copy, Debug)]
struct Newest {
    node: Node,
    revision: u64,
}

impl Follower {
    /// A graph of the pieces that are kept beside the log, as far as they are whole and belong to it.
    ///
    /// Cost: a pass over the bytes of the pieces, and one event read for each.
    fn open(view: &View, derived: &Derived) -> Result<Self, StoreError> {
        let mut graph = Graph::with_streams();
        while let Some(bytes) = derived.open(u64::from(graph.pieces())) {
            let Ok(last) = piece_end(&bytes) else { break };
            let before = graph.len();
            if view.leaf_hash(last)?.as_ref() != Some(bytes.event()) || graph.adopt(Arc::new(bytes)).is_err() {
                break;
            }
            if graph.len() - before < PIECE_EVENTS {
                break;
            }
        }
        let kept = graph.len();
        let (ids, streams, hasher) = (Ids::default(), HashMap::default(), RandomState::default());
        Ok(Self { graph, ids, streams, hasher, kept })
    }

    /// Adds the events up to the end of the view.
    ///
    /// Cost: about half a µs an event with one cause; causes among the last 262,144 events are found in memory.
    fn follow(&mut self, view: &View) -> Result<(), StoreError> {
        let read = Read::query(Query::all().system(true)).from(self.graph.position().next());
        let mut scan = view.read(read);
        let mut causes = Vec::new();
        let mut missing = Vec::new();
        while let Some(event) = scan.next_ref() {
            let event = event?;
            self.resolve(view, &event, &mut causes, &mut missing)?;
            let previous = self.previous(view, &event)?;
            let arrival = Arrival { causes: &causes, missing: &missing, previous, system: event.is_system() };
            let node = self.graph.push(arrival).map_err(|error| refused(event.position(), &error))?;
            if node.position() != event.position() {
                return Err(super::not_in_view(node.position()));
            }
            self.ids.insert(event.id(), node);
        }
        Ok(())
    }

    /// The causes of an event as nodes, and those that are not in the log.
    fn resolve(
        &self,
        view: &View,
        event: &EventRef<'_>,
        causes: &mut Vec<(Node, Edge)>,
        missing: &mut Vec<(EventId, Edge)>,
    ) -> Result<(), StoreError> {
        causes.clear();
        missing.clear();
        for cause in event.causes() {
            let node = match self.ids.get(cause.id) {
                Some(node) => Some(node),
                None => view.position_of(cause.id)?.and_then(Node::at),
            };
            match node {
                Some(node) => causes.push((node, cause.edge)),
                None => missing.push((cause.id, cause.edge)),
            }
        }
        Ok(())
    }

    /// The previous event of an event's stream.
    fn previous(&mut self, view: &View, event: &EventRef<'_>) -> Result<Option<Node>, StoreError> {
        let Some(node) = Node::at(event.position()) else { return Ok(None) };
        let revision = event.revision().get();
        let stream = self.hasher.hash_one((event.scope(), event.entity()));
        if self.streams.len() >= STREAMS_MAX {
            self.streams.clear();
        }
        let before = self.streams.insert(stream, Newest { node, revision });
        match before {
            _ if revision <= 1 => Ok(None),
            // Revisions have no gaps: another number is another stream of the same hash.
            Some(before) if before.revision + 1 == revision => Ok(Some(before.node)),
            _ => {
                let names = Coordinate::new(event.scope(), event.entity())?;
                let position = view.position_of_revision(&names, Revision::new(revision - 1))?;
                Ok(position.and_then(Node::at))
            }
        }
    }

    /// Keeps the pieces that are not beside the log yet.
    fn keep(&mut self, view: &View, store: &Store) -> Result<(), StoreError> {
        let full = self.graph.pieces() * PIECE_EVENTS;
        for number in self.kept / PIECE_EVENTS..=self.graph.pieces() {
            let is_full = number < self.graph.pieces();
            if !is_full && self.graph.len() - self.kept.max(full) < TAIL_EVENTS {
                break;
            }
            let Some(bytes) = self.graph.piece(number) else { break };
            let Some(event) = piece_end(&bytes).ok().map(|last| view.leaf_hash(last)).transpose()?.flatten() else {
                break;
            };
            store.keep_derived(u64::from(number), &event, &bytes)?;
            self.kept = if is_full { (number + 1) * PIECE_EVENTS } else { self.graph.len() };
        }
        Ok(())
    }
}
