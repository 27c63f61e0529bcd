//! A chunk: the columns of 65,536 events in a row.

use crate::column::Column;
use crate::edge::{PackedEdge, REQUIRED};

pub(crate) const CHUNK_BITS: u32 = 16;
/// Events of a chunk.
pub(crate) const CHUNK_EVENTS: u32 = 1 << CHUNK_BITS;
/// Events that share one base, from which the ends of their rows count.
pub(crate) const BASE_EVENTS: u32 = 16;
/// "No event" in a column of nodes.
pub(crate) const NOBODY: u32 = u32::MAX;

// Ends within a base's events fit 16 bits.
const _: () = assert!(BASE_EVENTS as usize * batpak_core::CAUSES_MAX <= u16::MAX as usize);

/// What is known of one event beyond its causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rank {
    /// Events on the longest path to it from a root, itself not counted; roots have 0.
    pub generation: u32,
    /// The number of the earliest root that it descends from.
    pub lowest: u32,
    /// A distant ancestor in the tree of deepest causes (Myers' skew-binary jump pointers).
    pub jump: u32,
}

impl Rank {
    pub(crate) const fn pack(self) -> [u8; 12] {
        let [a, b, c, d] = self.generation.to_le_bytes();
        let [e, f, g, h] = self.lowest.to_le_bytes();
        let [i, j, k, l] = self.jump.to_le_bytes();
        [a, b, c, d, e, f, g, h, i, j, k, l]
    }

    pub(crate) const fn unpack(cell: [u8; 12]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = cell;
        Self {
            generation: u32::from_le_bytes([a, b, c, d]),
            lowest: u32::from_le_bytes([e, f, g, h]),
            jump: u32::from_le_bytes([i, j, k, l]),
        }
    }
}

/// The columns of up to 65,536 events. Rows of causes are compressed: 2.25 bytes an event and 4 a cause.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    /// For each 16 events, where their causes begin.
    pub bases: Column<4>,
    /// For each event, where its causes end, from the base.
    pub ends: Column<2>,
    /// The causes of all events, one after the other.
    pub causes: Column<4>,
    /// The kind of each cause; empty while all of them are required.
    pub edges: Column<2>,
    /// The rank of each event.
    pub ranks: Column<12>,
    /// The previous event of each event's stream; empty if the graph does not follow streams.
    pub previous: Column<4>,
    /// The events without causes.
    pub roots: Column<4>,
    /// Pairs of roots whose components an event of the chunk joined.
    pub joins: Column<8>,
}

impl Chunk {
    pub(crate) const fn new() -> Self {
        Self {
            bases: Column::new(),
            ends: Column::new(),
            causes: Column::new(),
            edges: Column::new(),
            ranks: Column::new(),
            previous: Column::new(),
            roots: Column::new(),
            joins: Column::new(),
        }
    }

    /// Adds the next event; `causes` are at most [`batpak_core::CAUSES_MAX`], `count` is the number of events so far.
    #[inline]
    pub(crate) fn push(
        &mut self,
        count: u32,
        causes: impl ExactSizeIterator<Item = (u32, PackedEdge)>,
        rank: Rank,
        previous: Option<u32>,
    ) {
        let start = u32::try_from(self.causes.len()).unwrap_or(NOBODY);
        if count.is_multiple_of(BASE_EVENTS) {
            self.bases.push(start.to_le_bytes());
        }
        for (cause, edge) in causes {
            if edge != REQUIRED || self.edges.len() > 0 {
                // The first one that is not required ends the saving for this chunk.
                while self.edges.len() < self.causes.len() {
                    self.edges.push(REQUIRED);
                }
                self.edges.push(edge);
            }
            self.causes.push(cause.to_le_bytes());
        }
        let base = self.bases.cells().last().map_or(0, |cell| u32::from_le_bytes(*cell));
        let end = u32::try_from(self.causes.len()).unwrap_or(NOBODY).saturating_sub(base);
        self.ends.push(u16::try_from(end).unwrap_or(u16::MAX).to_le_bytes());
        self.ranks.push(rank.pack());
        if let Some(previous) = previous {
            self.previous.push(previous.to_le_bytes());
        }
    }

    /// Gives back the room to spare of a chunk that is full.
    pub(crate) fn shrink(&mut self) {
        self.causes.shrink();
        self.edges.shrink();
    }

    /// The same chunk in memory, so that it can grow.
    pub(crate) fn grown(&self) -> Self {
        Self {
            bases: self.bases.grown(),
            ends: self.ends.grown(),
            causes: self.causes.grown(),
            edges: self.edges.grown(),
            ranks: self.ranks.grown(),
            previous: self.previous.grown(),
            roots: self.roots.grown(),
            joins: self.joins.grown(),
        }
    }

    pub(crate) fn rows(&self) -> Rows<'_> {
        Rows {
            bases: self.bases.cells(),
            ends: self.ends.cells(),
            causes: self.causes.cells(),
            edges: self.edges.cells(),
            previous: self.previous.cells(),
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.bases.heap_bytes()
            + self.ends.heap_bytes()
            + self.causes.heap_bytes()
            + self.edges.heap_bytes()
            + self.ranks.heap_bytes()
            + self.previous.heap_bytes()
            + self.roots.heap_bytes()
            + self.joins.heap_bytes()
    }
}

/// The rows of a chunk, ready to be indexed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rows<'g> {
    bases: &'g [[u8; 4]],
    ends: &'g [[u8; 2]],
    causes: &'g [[u8; 4]],
    edges: &'g [PackedEdge],
    previous: &'g [[u8; 4]],
}

impl<'g> Rows<'g> {
    /// Where the causes of the event at `rel` lie.
    #[inline]
    fn range(&self, rel: u32) -> std::ops::Range<usize> {
        let rel = rel as usize;
        let word = |cells: &[[u8; 4]], at: usize| cells.get(at).map_or(0, |cell| u32::from_le_bytes(*cell) as usize);
        let half = |at: usize| self.ends.get(at).map_or(0, |cell| usize::from(u16::from_le_bytes(*cell)));
        let base = word(self.bases, rel / BASE_EVENTS as usize);
        let start = if rel.is_multiple_of(BASE_EVENTS as usize) { 0 } else { half(rel - 1) };
        base + start..base + half(rel)
    }

    /// Where the causes of the event at `rel` begin among those of the chunk.
    #[inline]
    pub(crate) fn start(&self, rel: u32) -> usize {
        self.range(rel).start
    }

    /// The causes of the event at `rel`, as nodes.
    #[inline]
    pub(crate) fn causes(&self, rel: u32) -> &'g [[u8; 4]] {
        self.causes.get(self.range(rel)).unwrap_or_default()
    }

    /// The kinds of the causes of the event at `rel`; empty if all are required.
    #[inline]
    pub(crate) fn edges(&self, rel: u32) -> &'g [PackedEdge] {
        self.edges.get(self.range(rel)).unwrap_or_default()
    }

    /// The previous event of the stream.
    #[inline]
    pub(crate) fn previous(&self, rel: u32) -> Option<u32> {
        let previous = u32::from_le_bytes(*self.previous.get(rel as usize)?);
        (previous != NOBODY).then_some(previous)
    }
}
