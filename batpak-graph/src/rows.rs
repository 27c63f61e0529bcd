//! A cursor over the rows of a graph that keeps the chunk it is in at hand.

use crate::chunk::{CHUNK_BITS, CHUNK_EVENTS, Rows};
use crate::graph::Graph;

/// Rows of the chunk that was looked at last. Walks in the order of nodes look a chunk up once in 65,536 events.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'g> {
    graph: &'g Graph,
    chunk: u32,
    rows: Rows<'g>,
}

impl<'g> Cursor<'g> {
    #[inline]
    pub(crate) fn new(graph: &'g Graph) -> Self {
        Self { graph, chunk: u32::MAX, rows: Rows::default() }
    }

    #[inline]
    fn at(&mut self, node: u32) -> &Rows<'g> {
        let chunk = node >> CHUNK_BITS;
        if chunk != self.chunk {
            self.chunk = chunk;
            self.rows = self.graph.rows_at(node).0;
        }
        &self.rows
    }

    /// The causes of a node.
    #[inline]
    pub(crate) fn causes(&mut self, node: u32) -> &'g [[u8; 4]] {
        self.at(node).causes(node & (CHUNK_EVENTS - 1))
    }

    /// The kinds of the causes of a node; empty if all are required.
    #[inline]
    pub(crate) fn edges(&mut self, node: u32) -> &'g [[u8; 2]] {
        self.at(node).edges(node & (CHUNK_EVENTS - 1))
    }

    /// The previous event of a node's stream.
    #[inline]
    pub(crate) fn previous(&mut self, node: u32) -> Option<u32> {
        self.at(node).previous(node & (CHUNK_EVENTS - 1))
    }
}
