//! The events of one term: differences as varints in blocks of 128, with a table of the blocks if there are several.
//!
//! A term of one event or of all events of the segment needs no list. One block is the first event and the
//! differences, less one, of the others. Several blocks are a table, for each block its first event and where it ends
//! (u32, u32; ends count from the end of the table), then the differences of each block's other events.

use batpak_core::codec::varint;

use super::damage::IndexDamage;
use super::layout::Part;
use super::reader::SealedIndex;
use crate::index::postings::{All, Direction, PostingsCursor};

/// Events that are coded together.
const BLOCK_EVENTS: u32 = 128;
/// Bytes of a block's entry in the table.
const ENTRY_BYTES: u32 = 8;

/// Appends the list of `rels`, which ascend.
pub(super) fn encode(rels: &[u32], out: &mut Vec<u8>) -> Option<()> {
    let blocks = rels.chunks(BLOCK_EVENTS as usize);
    if blocks.len() == 1 {
        varint::write(out, u64::from(*rels.first()?));
        return encode_block(rels, out);
    }
    let table = out.len();
    let start = table.checked_add(blocks.len().checked_mul(ENTRY_BYTES as usize)?)?;
    out.resize(start, 0);
    for (number, block) in blocks.enumerate() {
        encode_block(block, out)?;
        let end = u32::try_from(out.len().checked_sub(start)?).ok()?;
        let at = table.checked_add(number.checked_mul(ENTRY_BYTES as usize)?)?;
        let entry = out.get_mut(at..)?.first_chunk_mut::<{ ENTRY_BYTES as usize }>()?;
        let (first_bytes, end_bytes) = entry.split_at_mut(4);
        first_bytes.copy_from_slice(&block.first()?.to_le_bytes());
        end_bytes.copy_from_slice(&end.to_le_bytes());
    }
    Some(())
}

/// Appends the differences of one block.
fn encode_block(rels: &[u32], out: &mut Vec<u8>) -> Option<()> {
    for pair in rels.windows(2) {
        let [before, after] = pair else { return None };
        varint::write(out, u64::from(after.checked_sub(*before)?.checked_sub(1)?));
    }
    Some(())
}

/// Where the events of a term are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listing {
    /// Every event of the segment has the term.
    All,
    /// This event alone has it.
    One(u32),
    /// A list in [`Part::Postings`].
    List { start: u64, bytes: u32, count: u32 },
}

/// The events of one term of a sealed segment, in one direction. Keeps the index alive; decodes a block at a time.
pub(crate) struct Cursor {
    shape: Shape,
    direction: Direction,
}

enum Shape {
    All(All),
    One(u32),
    List(List),
}

impl Cursor {
    pub(super) fn new(index: &SealedIndex, listing: Listing, direction: Direction) -> Self {
        let shape = match listing {
            Listing::All => Shape::All(All::new(index.events(), direction)),
            Listing::One(rel) => Shape::One(rel),
            Listing::List { start, bytes, count } => Shape::List(List {
                index: index.clone(),
                start,
                bytes,
                count,
                direction,
                loaded: None,
                rels: Vec::new(),
                at: 0,
            }),
        };
        Self { shape, direction }
    }
}

impl PostingsCursor for Cursor {
    fn seek(&mut self, bound: u32) -> Result<Option<u32>, IndexDamage> {
        match (&mut self.shape, self.direction) {
            (Shape::All(all), _) => all.seek(bound),
            (Shape::One(rel), Direction::Forward) => Ok((*rel >= bound).then_some(*rel)),
            (Shape::One(rel), Direction::Backward) => Ok((*rel <= bound).then_some(*rel)),
            (Shape::List(list), Direction::Forward) => list.at_least(bound),
            (Shape::List(list), Direction::Backward) => list.at_most(bound),
        }
    }
}

impl std::fmt::Debug for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cursor").field("direction", &self.direction).finish_non_exhaustive()
    }
}

const fn damage(what: &'static str) -> IndexDamage {
    IndexDamage::content(Part::Postings, what)
}

/// A list and its decoded block.
struct List {
    index: SealedIndex,
    start: u64,
    bytes: u32,
    count: u32,
    direction: Direction,
    loaded: Option<u32>,
    /// The events of the loaded block, ascending and never empty.
    rels: Vec<u32>,
    /// Where in the block the last answer was.
    at: usize,
}

impl List {
    fn blocks(&self) -> u32 {
        self.count.div_ceil(BLOCK_EVENTS)
    }

    fn at_least(&mut self, bound: u32) -> Result<Option<u32>, IndexDamage> {
        // Bounds only grow, so nothing before the loaded block can be wanted again.
        if self.rels.last().is_none_or(|last| *last < bound) {
            let block = self.last_block_from(bound)?.unwrap_or(0);
            self.load(block)?;
        }
        if self.rels.last().is_some_and(|last| *last < bound) {
            let next = self.loaded.unwrap_or(0).saturating_add(1);
            if next >= self.blocks() {
                return Ok(None);
            }
            self.load(next)?;
        }
        // Most often the answer is the next event.
        let near = self.rels.get(self.at..).unwrap_or_default();
        self.at = match near {
            [now, ..] if *now >= bound => self.at,
            [_, next, ..] if *next >= bound => self.at.saturating_add(1),
            near => self.at.saturating_add(near.partition_point(|rel| *rel < bound)),
        };
        Ok(self.rels.get(self.at).copied())
    }

    fn at_most(&mut self, bound: u32) -> Result<Option<u32>, IndexDamage> {
        // Bounds only shrink, so nothing after the loaded block can be wanted again.
        if self.rels.first().is_none_or(|first| *first > bound) {
            match self.last_block_from(bound)? {
                Some(block) => self.load(block)?,
                None => return Ok(None),
            }
        }
        let near = self.rels.get(..=self.at).unwrap_or_default();
        let found = match near {
            [.., now] if *now <= bound => Some(self.at),
            [.., before, _] if *before <= bound => self.at.checked_sub(1),
            near => near.partition_point(|rel| *rel <= bound).checked_sub(1),
        };
        self.at = found.unwrap_or(0);
        Ok(found.and_then(|at| self.rels.get(at)).copied())
    }

    /// The last block whose first event is at most `bound`. Of a single block that is not known before it is loaded.
    fn last_block_from(&self, bound: u32) -> Result<Option<u32>, IndexDamage> {
        if self.blocks() <= 1 {
            return Ok(Some(0));
        }
        let (mut low, mut high) = (0, self.blocks());
        while low < high {
            let middle = low.midpoint(high);
            if self.entry(middle)?.0 <= bound {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        Ok(low.checked_sub(1))
    }

    /// First event and end of a block.
    fn entry(&self, block: u32) -> Result<(u32, u32), IndexDamage> {
        let at = block.checked_mul(ENTRY_BYTES).filter(|at| at.saturating_add(ENTRY_BYTES) <= self.bytes);
        let at = at.ok_or(damage("a table goes beyond its list"))?;
        let entry = self.index.array::<8>(Part::Postings, self.start.saturating_add(u64::from(at)))?;
        let [a, b, c, d, e, f, g, h] = *entry;
        Ok((u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])))
    }

    /// Decodes a block.
    fn load(&mut self, block: u32) -> Result<(), IndexDamage> {
        if self.loaded == Some(block) {
            return Ok(());
        }
        self.loaded = None;
        self.rels.clear();
        let blocks = self.blocks();
        let events = self.count.saturating_sub(block.saturating_mul(BLOCK_EVENTS)).min(BLOCK_EVENTS);
        let (first, begin, end, limit) = if blocks == 1 {
            (None, 0, self.bytes, self.index.events())
        } else {
            let table = blocks.checked_mul(ENTRY_BYTES).ok_or(damage("a table is too long"))?;
            let begin = match block.checked_sub(1) {
                Some(before) => self.entry(before)?.1,
                None => 0,
            };
            let (first, end) = self.entry(block)?;
            let limit = match block.saturating_add(1) {
                next if next < blocks => self.entry(next)?.0,
                _ => self.index.events(),
            };
            (Some(first), table.saturating_add(begin), table.saturating_add(end), limit)
        };
        if begin > end || end > self.bytes || events == 0 {
            return Err(damage("a block lies outside its list"));
        }
        let range = self.start.saturating_add(u64::from(begin))..self.start.saturating_add(u64::from(end));
        decode_block(self.index.bytes(Part::Postings, range)?, first, events, limit, &mut self.rels)?;
        self.loaded = Some(block);
        self.at = match self.direction {
            Direction::Forward => 0,
            Direction::Backward => self.rels.len().saturating_sub(1),
        };
        Ok(())
    }
}

/// Decodes `events` ascending events, all below `limit`, which take all of `bytes`.
fn decode_block(
    bytes: &[u8],
    first: Option<u32>,
    events: u32,
    limit: u32,
    out: &mut Vec<u32>,
) -> Result<(), IndexDamage> {
    let mut rest = bytes;
    let mut next = || -> Result<u64, IndexDamage> {
        let (value, used) = varint::read(rest).ok_or(damage("a list is cut off"))?;
        rest = rest.get(used..).unwrap_or_default();
        Ok(value)
    };
    let mut last = match first {
        Some(first) => u64::from(first),
        None => next()?,
    };
    for left in (0..events).rev() {
        match u32::try_from(last) {
            Ok(rel) if rel < limit => out.push(rel),
            _ => return Err(damage("a list goes beyond the events")),
        }
        if left > 0 {
            last = last.saturating_add(next()?).saturating_add(1);
        }
    }
    if rest.is_empty() { Ok(()) } else { Err(damage("bytes follow a block")) }
}

/// Goes through a whole list and holds it against its count: for the self check.
pub(super) fn check(index: &SealedIndex, listing: Listing, mut each: impl FnMut(u32)) -> Result<(), IndexDamage> {
    match listing {
        Listing::All => (0..index.events()).for_each(each),
        Listing::One(rel) => each(rel),
        Listing::List { start, bytes, count } => {
            let Cursor { shape: Shape::List(mut list), .. } =
                Cursor::new(index, Listing::List { start, bytes, count }, Direction::Forward)
            else {
                return Ok(());
            };
            for block in 0..list.blocks() {
                list.load(block)?;
                list.rels.iter().for_each(|rel| each(*rel));
            }
            let end = if list.blocks() > 1 {
                let table = list.blocks().saturating_mul(ENTRY_BYTES);
                list.entry(list.blocks().saturating_sub(1))?.1.saturating_add(table)
            } else {
                bytes
            };
            if end != bytes {
                return Err(damage("bytes follow a list"));
            }
        }
    }
    Ok(())
}
