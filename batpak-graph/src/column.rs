//! One column of a chunk: cells that grow in memory, or lie in the bytes of a sealed piece.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Bytes that a graph reads in place: a mapped file, or a buffer.
pub type PieceBytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// Cells of `W` bytes each, little-endian, so that a piece's bytes are used where they lie, whatever their alignment.
#[derive(Clone)]
pub(crate) enum Column<const W: usize> {
    /// In memory.
    Grown(Vec<[u8; W]>),
    /// A range of a piece, a multiple of `W` long.
    Sealed(PieceBytes, Range<usize>),
}

impl<const W: usize> Column<W> {
    pub(crate) const fn new() -> Self {
        Self::Grown(Vec::new())
    }

    /// All cells. Ask once, then index: for a sealed column this is a call through a pointer.
    #[inline]
    pub(crate) fn cells(&self) -> &[[u8; W]] {
        match self {
            Self::Grown(cells) => cells,
            Self::Sealed(bytes, range) => {
                let bytes: &[u8] = (**bytes).as_ref();
                bytes.get(range.clone()).unwrap_or_default().as_chunks().0
            }
        }
    }

    /// Adds a cell. Sealed columns are never grown: only the last chunk of a graph is, and that one is in memory.
    #[inline]
    pub(crate) fn push(&mut self, cell: [u8; W]) {
        match self {
            Self::Grown(cells) => cells.push(cell),
            Self::Sealed(..) => {
                let mut cells = self.cells().to_vec();
                cells.push(cell);
                *self = Self::Grown(cells);
            }
        }
    }

    /// Gives back the room to spare.
    pub(crate) fn shrink(&mut self) {
        if let Self::Grown(cells) = self {
            cells.shrink_to_fit();
        }
    }

    /// The same cells in memory.
    pub(crate) fn grown(&self) -> Self {
        Self::Grown(self.cells().to_vec())
    }

    pub(crate) fn len(&self) -> usize {
        self.cells().len()
    }

    /// Bytes held in memory; a sealed column's belong to its piece.
    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Grown(cells) => cells.capacity() * W,
            Self::Sealed(..) => 0,
        }
    }
}

impl<const W: usize> fmt::Debug for Column<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Column<{W}>({} cells)", self.len())
    }
}
