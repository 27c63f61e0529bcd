//! Effects: the index from a cause to the events that name it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::blocks::Blocks;
use crate::chunk::{CHUNK_BITS, CHUNK_EVENTS, NOBODY};
use crate::graph::Graph;
use crate::rows::Cursor;

/// For each event its newest effect, and for each cause of an event the next older effect of that cause: 4 bytes an event and 4 a cause,
/// and 4 more an event for the next one of its stream.
///
/// Grows with the graph; of old events, only the newest effect and the next of the stream ever change.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effects {
    newest: Blocks<u32>,
    /// The next older effect of the same cause; for each chunk in the order of its causes.
    older: Vec<Arc<[u32]>>,
    /// The same for the last chunk; not shared, so that adding to it needs no atomics.
    older_last: Vec<u32>,
    /// The next event of the stream; empty if the graph does not follow streams.
    next: Blocks<u32>,
    /// The observed relation, turned around.
    observers: BTreeMap<u32, Vec<u32>>,
}

impl Effects {
    /// The index of a whole graph. Cost: one pass over its causes.
    pub(crate) fn of(graph: &Graph) -> Self {
        let mut effects = Self::default();
        let mut cursor = Cursor::new(graph);
        for node in 0..graph.len() {
            let causes = cursor.causes(node).iter().map(|cause| u32::from_le_bytes(*cause));
            effects.add(node, causes, graph.follows_streams().then(|| cursor.previous(node)));
        }
        for (event, reads) in graph.observations() {
            effects.observe(event, reads);
        }
        effects
    }

    /// Adds the next event, with the previous one of its stream if streams are followed.
    #[inline]
    pub(crate) fn add(&mut self, node: u32, causes: impl Iterator<Item = u32>, previous: Option<Option<u32>>) {
        self.newest.push(NOBODY);
        if node.is_multiple_of(CHUNK_EVENTS) && node > 0 {
            self.older.push(Arc::from(self.older_last.as_slice()));
            self.older_last.clear();
        }
        for cause in causes {
            // Of a cause that does not exist, as only forged pieces have, there is no effect; its place must not shift the others.
            let older = self.newest.get_mut(cause).map_or(NOBODY, |newest| std::mem::replace(newest, node));
            self.older_last.push(older);
        }
        if let Some(previous) = previous {
            self.next.push(NOBODY);
            if let Some(previous) = previous {
                self.next.set(previous, node);
            }
        }
    }

    /// Takes note of what a decision read.
    pub(crate) fn observe(&mut self, event: u32, reads: &[u32]) {
        for read in reads {
            let observers = self.observers.entry(*read).or_default();
            if let Err(at) = observers.binary_search(&event) {
                observers.insert(at, event);
            }
        }
    }

    /// Calls `found` with every event that names a node as a cause, newest first.
    #[inline]
    pub(crate) fn each(&self, graph: &Graph, node: u32, mut found: impl FnMut(u32)) {
        let mut next = self.newest(node);
        while let Some(effect) = next {
            found(effect);
            next = self.older(graph, node, effect);
        }
    }

    /// The newest event that names a node as a cause.
    #[inline]
    pub(crate) fn newest(&self, node: u32) -> Option<u32> {
        self.newest.get(node).filter(|effect| *effect != NOBODY)
    }

    /// The one before `effect` that names the same node as a cause.
    #[inline]
    pub(crate) fn older(&self, graph: &Graph, node: u32, effect: u32) -> Option<u32> {
        let (rows, rel) = graph.rows_at(effect);
        let at = rows.causes(rel).iter().position(|cause| u32::from_le_bytes(*cause) == node)?;
        let links = self.older.get((effect >> CHUNK_BITS) as usize).map_or(self.older_last.as_slice(), |links| links);
        links.get(rows.start(rel) + at).copied().filter(|older| *older < effect && *older > node)
    }

    /// The next event of a node's stream.
    #[inline]
    pub(crate) fn next(&self, node: u32) -> Option<u32> {
        self.next.get(node).filter(|next| *next != NOBODY)
    }

    /// The events that rest on a node as something that was read, oldest first.
    pub(crate) fn observers(&self, node: u32) -> &[u32] {
        self.observers.get(&node).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let older = self.older.iter().map(|links| links.len()).sum::<usize>() + self.older_last.capacity();
        self.newest.heap_bytes() + older * size_of::<u32>() + self.next.heap_bytes()
    }
}
