//! Pieces: the bytes of a chunk, read in place, so that opening a graph rebuilds only its newest events.
//!
//! Numbers are little-endian.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `batpkgrf` |
//! | 4 | version of this layout, 1 |
//! | 4 | 1 if the order of streams is kept, else 0 |
//! | 4 | number of the piece: its first event is at position number × 65,536 + 1 |
//! | 4 | how many events it has: 65,536, or fewer if it is the newest one |
//! | 6 × 4 | how many causes, kinds of causes, roots, joins, missing causes and system events follow |
//! | 16 | zero |
//! | 4 for each 16 events | where their causes begin |
//! | 2 an event | where its causes end, from there |
//! | 4 each | causes, as position minus one |
//! | 2 each | kinds of causes; none if all are required |
//! | 12 an event | generation, number of the earliest root, jump pointer |
//! | 4 an event | previous event of the stream, if streams are kept; all ones for none |
//! | 4 each | roots, as position minus one |
//! | 8 each | numbers of two roots whose components an event of the piece joined |
//! | 22 each | missing causes: event, kind, id |
//! | 4 each | the system's events |
//!
//! A piece says nothing of where it belongs and has no checksum: whoever keeps it does both.

use std::ops::Range;

use batpak_core::{EventId, Position};
use thiserror::Error;

use crate::chunk::{BASE_EVENTS, CHUNK_EVENTS, Chunk};
use crate::column::{Column, PieceBytes};
use crate::edge::{pack, unpack};

/// Events of a full piece.
pub const PIECE_EVENTS: u32 = CHUNK_EVENTS;

const MAGIC: &[u8; 8] = b"batpkgrf";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 64;
const MISSING_BYTES: usize = 22;

/// Bytes that are no piece, or not the one that comes next. Make it anew from the events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a usable piece of a graph: {0}")]
pub struct PieceError(pub(crate) &'static str);

/// What the header says, and where everything lies.
struct Layout {
    streams: bool,
    number: u32,
    events: u32,
    counts: [u32; 6],
}

/// What a piece holds beyond its columns.
pub(crate) struct Extras {
    pub missing: Vec<(u32, EventId, batpak_core::Edge)>,
    pub system: Vec<u32>,
}

/// The bytes of a chunk.
pub(crate) fn encode(chunk: &Chunk, number: u32, streams: bool, extras: &Extras) -> Vec<u8> {
    let count = |cells: usize| u32::try_from(cells).unwrap_or(u32::MAX);
    let counts = [
        count(chunk.causes.len()),
        count(chunk.edges.len()),
        count(chunk.roots.len()),
        count(chunk.joins.len()),
        count(extras.missing.len()),
        count(extras.system.len()),
    ];
    let events = count(chunk.ends.len());
    let layout = Layout { streams, number, events, counts };
    let mut bytes = Vec::with_capacity(layout.bytes().unwrap_or(0));
    bytes.extend_from_slice(MAGIC);
    for number in [VERSION, u32::from(streams), number, events].iter().chain(&counts) {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.resize(HEADER_BYTES, 0);
    bytes.extend_from_slice(chunk.bases.cells().as_flattened());
    bytes.extend_from_slice(chunk.ends.cells().as_flattened());
    bytes.extend_from_slice(chunk.causes.cells().as_flattened());
    bytes.extend_from_slice(chunk.edges.cells().as_flattened());
    bytes.extend_from_slice(chunk.ranks.cells().as_flattened());
    bytes.extend_from_slice(chunk.previous.cells().as_flattened());
    bytes.extend_from_slice(chunk.roots.cells().as_flattened());
    bytes.extend_from_slice(chunk.joins.cells().as_flattened());
    for (node, id, edge) in &extras.missing {
        bytes.extend_from_slice(&node.to_le_bytes());
        bytes.extend_from_slice(&pack(*edge));
        bytes.extend_from_slice(id.as_bytes());
    }
    for node in &extras.system {
        bytes.extend_from_slice(&node.to_le_bytes());
    }
    bytes
}

/// The chunk in a piece that is `number` of a graph with or without `streams`.
pub(crate) fn decode(bytes: &PieceBytes, number: u32, streams: bool) -> Result<(Chunk, Extras), PieceError> {
    let all: &[u8] = (**bytes).as_ref();
    let layout = Layout::parse(all)?;
    if layout.number != number {
        return Err(PieceError("it belongs to another place"));
    }
    if layout.streams != streams {
        return Err(PieceError("it was made with other columns"));
    }
    let [causes, edges, roots, joins, missing, system] = layout.counts.map(|count| count as usize);
    if edges != 0 && edges != causes {
        return Err(PieceError("causes and their kinds differ in number"));
    }
    let events = layout.events as usize;
    let mut at = HEADER_BYTES;
    let mut take = |length: usize| -> Range<usize> {
        let start = at;
        at = at.saturating_add(length);
        start..at
    };
    let chunk = Chunk {
        bases: Column::Sealed(bytes.clone(), take(events.div_ceil(BASE_EVENTS as usize) * 4)),
        ends: Column::Sealed(bytes.clone(), take(events * 2)),
        causes: Column::Sealed(bytes.clone(), take(causes * 4)),
        edges: Column::Sealed(bytes.clone(), take(edges * 2)),
        ranks: Column::Sealed(bytes.clone(), take(events * 12)),
        previous: Column::Sealed(bytes.clone(), take(if streams { events * 4 } else { 0 })),
        roots: Column::Sealed(bytes.clone(), take(roots * 4)),
        joins: Column::Sealed(bytes.clone(), take(joins * 8)),
    };
    let mut extras = Extras { missing: Vec::new(), system: Vec::new() };
    let cells = all.get(take(missing * MISSING_BYTES)).unwrap_or_default().as_chunks::<MISSING_BYTES>().0;
    for [a, b, c, d, kind, group, id @ ..] in cells {
        let edge = unpack([*kind, *group]).ok_or(PieceError("a cause of an unknown kind"))?;
        extras.missing.push((u32::from_le_bytes([*a, *b, *c, *d]), EventId::from_bytes(*id), edge));
    }
    let cells = all.get(take(system * 4)).unwrap_or_default().as_chunks::<4>().0;
    extras.system.extend(cells.iter().map(|cell| u32::from_le_bytes(*cell)));
    Ok((chunk, extras))
}

/// The position of the last event that a piece is made of, as its header says.
///
/// # Errors
/// [`PieceError`] if these bytes are no piece.
pub fn piece_end(bytes: &[u8]) -> Result<Position, PieceError> {
    let layout = Layout::parse(bytes)?;
    Ok(Position::new(u64::from(layout.number) * u64::from(PIECE_EVENTS) + u64::from(layout.events)))
}

impl Layout {
    fn parse(bytes: &[u8]) -> Result<Self, PieceError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(PieceError("it does not begin like one"))?;
        let mut words = rest.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word));
        let mut next = || words.next().ok_or(PieceError("it is cut short"));
        if next()? != VERSION {
            return Err(PieceError("another version"));
        }
        let streams = match next()? {
            0 => false,
            1 => true,
            _ => return Err(PieceError("unknown columns")),
        };
        let (number, events) = (next()?, next()?);
        if events == 0 || events > CHUNK_EVENTS {
            return Err(PieceError("a number of events that no piece has"));
        }
        let counts = [next()?, next()?, next()?, next()?, next()?, next()?];
        let layout = Self { streams, number, events, counts };
        if layout.bytes() == Some(bytes.len()) { Ok(layout) } else { Err(PieceError("its length is not what it says")) }
    }

    /// Bytes of the whole piece.
    fn bytes(&self) -> Option<usize> {
        let [causes, edges, roots, joins, missing, system] = self.counts.map(|count| count as usize);
        let events = self.events as usize;
        let fixed = events.div_ceil(BASE_EVENTS as usize) * 4 + events * 14 + if self.streams { events * 4 } else { 0 };
        [(causes, 4), (edges, 2), (roots, 4), (joins, 8), (missing, MISSING_BYTES), (system, 4)]
            .into_iter()
            .try_fold(HEADER_BYTES + fixed, |bytes, (count, each)| bytes.checked_add(count.checked_mul(each)?))
    }
}
