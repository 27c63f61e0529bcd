//! Look-ups in an index file; every block is verified when it is first touched.

use crate::sync::Arc;
use std::ops::{Deref, Range};

use batpak_core::{Consumer, EventId, Fingerprint, Hash, KeyDigest, Position, Tree};

use super::blocks::{Blocks, Verified};
use super::check;
use super::damage::IndexDamage;
use super::dictionary::{self, StreamSpan, Terms};
use super::filter::id_hash;
use super::layout::{Binding, HASH_BYTES, HEADER_BYTES, Header, KEY_BYTES, Part};
use super::list::Cursor;
use super::search::{Guess, lower_bound};
use crate::index::postings::Direction;

/// The bytes of an index, wherever they live.
type Bytes = Box<dyn Deref<Target = [u8]> + Send + Sync>;

/// The index of one sealed segment. A clone shares the mapping and what was verified of it.
///
/// Memory: the header and a bit for each 16 KiB, whatever the segment holds. Every look-up fails with
/// [`IndexDamage`] rather than give a wrong answer; then the index must be made again from the log.
#[derive(Clone)]
pub(crate) struct SealedIndex(Arc<Inner>);

struct Inner {
    bytes: Bytes,
    header: Header,
    /// Where each part lies in the file; a part of the same number in the header.
    places: [Range<usize>; Part::ALL.len()],
    verified: Verified,
    verified_table: Verified,
}

/// What an idempotency key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyEntry {
    /// The command's fingerprint.
    pub fingerprint: Fingerprint,
    /// First event of the commit, relative to the segment.
    pub first_rel: u32,
    /// Events in the commit.
    pub count: u32,
}

/// The frame that an event lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameSpot {
    /// Where the frame starts in the log file.
    pub offset: u32,
    /// Its first event, relative to the segment.
    pub first_rel: u32,
    /// How many events it has.
    pub events: u32,
}

impl SealedIndex {
    /// Opens the index in `bytes` if it belongs to `binding`.
    ///
    /// Cost: a checksum over 4 KiB, whatever the length of the file; everything else is verified when it is touched.
    pub(crate) fn open(
        bytes: impl Deref<Target = [u8]> + Send + Sync + 'static,
        binding: &Binding,
    ) -> Result<Self, IndexDamage> {
        let header = Header::decode(&bytes, binding)?;
        let mut places = [const { 0..0 }; Part::ALL.len()];
        let mut start = HEADER_BYTES;
        for (place, length) in places.iter_mut().zip(header.lengths) {
            let end = usize::try_from(length).ok().and_then(|length| start.checked_add(length));
            let end = end.ok_or(IndexDamage::Header)?;
            *place = start..end;
            start = end;
        }
        let [.., table] = &places;
        let verified = Verified::new(table.start.saturating_sub(HEADER_BYTES));
        let verified_table = Verified::new(table.len());
        let bytes = Box::new(bytes);
        Ok(Self(Arc::new(Inner { bytes, header, places, verified, verified_table })))
    }

    /// Bytes of `part`, verified. The range counts from the start of the part.
    #[inline]
    pub(super) fn bytes(&self, part: Part, range: Range<u64>) -> Result<&[u8], IndexDamage> {
        let outside = IndexDamage::content(part, "something points outside");
        let place = self.0.place(part);
        let at = |offset: u64| usize::try_from(offset).ok()?.checked_add(place.start).filter(|at| *at <= place.end);
        match (at(range.start), at(range.end)) {
            (Some(start), Some(end)) if start <= end => self.0.verified_bytes(start..end)?.ok_or(outside),
            _ => Err(outside),
        }
    }

    /// `N` bytes of `part`, verified.
    #[inline]
    pub(super) fn array<const N: usize>(&self, part: Part, at: u64) -> Result<&[u8; N], IndexDamage> {
        let bytes = self.bytes(part, at..at.saturating_add(N as u64))?;
        bytes.first_chunk().ok_or(IndexDamage::content(part, "something is cut off"))
    }

    /// An entry of a part that is a table of u32.
    #[inline]
    pub(super) fn u32_at(&self, part: Part, entry: u64) -> Result<u32, IndexDamage> {
        self.array(part, entry.saturating_mul(4)).map(|bytes| u32::from_le_bytes(*bytes))
    }

    /// An entry of a part that is a table of pairs of u32.
    #[inline]
    pub(super) fn pair_at(&self, part: Part, entry: u32) -> Result<(u32, u32), IndexDamage> {
        let &[a, b, c, d, e, f, g, h] = self.array::<8>(part, u64::from(entry) * 8)?;
        Ok((u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])))
    }

    pub(super) fn length(&self, part: Part) -> u64 {
        self.0.header.length(part)
    }

    pub(super) fn header(&self) -> &Header {
        &self.0.header
    }

    pub(super) fn terms_count(&self) -> u32 {
        self.0.header.counts.terms
    }

    /// Number of events in the segment.
    pub(crate) fn events(&self) -> u32 {
        self.0.header.counts.events
    }

    /// Position of the segment's first event; of the next event, if it has none.
    pub(crate) fn first_position(&self) -> Position {
        Position::new(self.0.header.first_position)
    }

    /// The events that have a term, given by its key; `None` if none has.
    pub(crate) fn postings(&self, term: &[u8], direction: Direction) -> Result<Option<Cursor>, IndexDamage> {
        let facts = dictionary::find(self, term)?;
        Ok(facts.map(|facts| Cursor::new(self, facts.listing, direction)))
    }

    /// What a stream, given by its term key, did in this segment; `None` if nothing.
    pub(crate) fn stream(&self, term: &[u8]) -> Result<Option<StreamSpan>, IndexDamage> {
        Ok(dictionary::find(self, term)?.and_then(|facts| facts.span))
    }

    /// The terms whose keys begin with `prefix`, in order.
    pub(crate) fn terms(&self, prefix: &[u8]) -> Result<Terms, IndexDamage> {
        Terms::new(self, prefix)
    }

    /// Events that may have this id: read the record to know. Usually one or none.
    pub(crate) fn id_candidates(
        &self,
        id: &EventId,
    ) -> Result<impl Iterator<Item = Result<u32, IndexDamage>> + '_, IndexDamage> {
        let half = id_hash_half(id_hash(id));
        let guess = Guess::hashed(self.events(), half);
        let first = lower_bound(self.events(), guess, |at| Ok(self.pair_at(Part::Ids, at)?.0 < half))?;
        let mut entries = (first..self.events()).map(move |at| self.pair_at(Part::Ids, at));
        Ok(std::iter::from_fn(move || match entries.next()? {
            Ok((hash, _)) if hash != half => None,
            Ok((_, rel)) if rel < self.events() => Some(Ok(rel)),
            Ok(_) => Some(Err(IndexDamage::content(Part::Ids, "an event is outside the segment"))),
            Err(damage) => Some(Err(damage)),
        })
        .fuse())
    }

    /// What an idempotency key stands for, if a commit of this segment has it.
    pub(crate) fn key(&self, digest: &KeyDigest) -> Result<Option<KeyEntry>, IndexDamage> {
        let keys = self.0.header.counts.keys;
        let [a, b, c, d, ..] = *digest.as_bytes();
        let guess = Guess::hashed(keys, u32::from_be_bytes([a, b, c, d]));
        let at = lower_bound(keys, guess, |at| Ok(self.key_at(at)?.0 < *digest))?;
        if at >= keys {
            return Ok(None);
        }
        let (found, entry) = self.key_at(at)?;
        Ok((found == *digest).then_some(entry))
    }

    pub(super) fn key_at(&self, at: u32) -> Result<(KeyDigest, KeyEntry), IndexDamage> {
        let bad = IndexDamage::content(Part::Keys, "a commit is outside the segment");
        let bytes: &[u8; KEY_BYTES] = self.array(Part::Keys, u64::from(at) * KEY_BYTES as u64)?;
        let (digest, rest) = bytes.split_first_chunk().ok_or(bad)?;
        let (fingerprint, rest) = rest.split_first_chunk().ok_or(bad)?;
        let (first, rest) = rest.split_first_chunk().ok_or(bad)?;
        let count = rest.first_chunk().ok_or(bad)?;
        let entry = KeyEntry {
            fingerprint: Fingerprint::from_bytes(*fingerprint),
            first_rel: u32::from_le_bytes(*first),
            count: u32::from_le_bytes(*count),
        };
        let inside = entry.first_rel.checked_add(entry.count).is_some_and(|end| end <= self.events());
        if inside { Ok((KeyDigest::from_bytes(*digest), entry)) } else { Err(bad) }
    }

    /// Whether an id, key or stream with this hash may be in the segment; `false` is certain.
    ///
    /// The hashes are [`id_hash`], [`key_hash`](super::key_hash) and [`stream_hash`](super::stream_hash). Cost: three
    /// bytes are looked at; one in 256 absent ones gives `true`.
    pub(crate) fn maybe_contains(&self, hash: u64) -> Result<bool, IndexDamage> {
        let Some((places, fingerprint)) = self.0.header.filter.probe(hash) else {
            return Ok(true);
        };
        let mut sum = fingerprint;
        for place in places {
            let [byte] = *self.array::<1>(Part::Filter, place)?;
            sum ^= byte;
        }
        Ok(sum == 0)
    }

    /// Where the record of an event starts in the log file.
    pub(crate) fn offset(&self, rel: u32) -> Result<u32, IndexDamage> {
        let offset = self.u32_at(Part::Offsets, u64::from(rel))?;
        self.in_log(offset).ok_or(IndexDamage::content(Part::Offsets, "a record lies beyond the log"))
    }

    /// The frame that an event lies in.
    pub(crate) fn frame_of(&self, rel: u32) -> Result<FrameSpot, IndexDamage> {
        let bad = |what| IndexDamage::content(Part::Frames, what);
        let frames = self.0.header.counts.frames;
        if rel >= self.events() {
            return Err(bad("the event is outside the segment"));
        }
        let guess = Guess::even(frames, u64::from(rel), u64::from(self.events()));
        let after = lower_bound(frames, guess, |at| Ok(self.pair_at(Part::Frames, at)?.0 <= rel))?;
        let number = after.checked_sub(1).ok_or(bad("no frame holds the first event"))?;
        let (first_rel, offset) = self.pair_at(Part::Frames, number)?;
        let end = if after < frames { self.pair_at(Part::Frames, after)?.0 } else { self.events() };
        let events = end.checked_sub(first_rel).filter(|_| (first_rel..end).contains(&rel));
        let offset = self.in_log(offset).ok_or(bad("a frame lies beyond the log"))?;
        events.map(|events| FrameSpot { offset, first_rel, events }).ok_or(bad("frames are not in order"))
    }

    /// Number of frames that hold events.
    pub(crate) fn frames(&self) -> u32 {
        self.0.header.counts.frames
    }

    /// Number of names in the segment's dictionary.
    pub(crate) fn names(&self) -> u32 {
        self.0.header.counts.names
    }

    /// Where in the log file the length-prefixed text of a name is; `None` if the dictionary has no such number.
    pub(crate) fn name_offset(&self, number: u32) -> Result<Option<u32>, IndexDamage> {
        if number >= self.names() {
            return Ok(None);
        }
        let offset = self.u32_at(Part::Names, u64::from(number))?;
        let outside = IndexDamage::content(Part::Names, "a name lies beyond the log");
        self.in_log(offset).ok_or(outside).map(Some)
    }

    fn in_log(&self, offset: u32) -> Option<u32> {
        (offset < self.0.header.binding.log_length).then_some(offset)
    }

    /// What vouches for the log file, block by block. Keep it as long as the mapping of the log: it remembers.
    pub(crate) fn log_blocks(&self) -> Blocks {
        let length = usize::try_from(self.0.header.binding.log_length).unwrap_or(usize::MAX);
        Blocks::new(self.clone(), length)
    }

    /// The numbers of the Merkle subtrees that [`SealedIndex::node`] has: number `n` stands for the positions from
    /// `256 * n + 1` to `256 * n + 256`.
    pub(crate) fn nodes(&self) -> Range<u64> {
        self.0.header.nodes()
    }

    /// The hash of a complete subtree of 256 leaves; `None` if it does not lie wholly in this segment.
    #[cfg_attr(not(test), expect(dead_code, reason = "proofs read it"))]
    pub(crate) fn node(&self, number: u64) -> Result<Option<Hash>, IndexDamage> {
        let nodes = self.nodes();
        match number.checked_sub(nodes.start) {
            Some(at) if nodes.contains(&number) => self.hash_at(Part::Nodes, at).map(Some),
            _ => Ok(None),
        }
    }

    fn hash_at(&self, part: Part, at: u64) -> Result<Hash, IndexDamage> {
        let bytes = self.array::<HASH_BYTES>(part, at.saturating_mul(HASH_BYTES as u64))?;
        Ok(Hash::from_bytes(*bytes))
    }

    /// The Merkle tree over everything before the segment.
    pub(crate) fn tree_before(&self) -> Result<Tree, IndexDamage> {
        let [count, _] = self.0.header.frontier_counts();
        self.tree(self.0.header.leaves_before(), 0..count)
    }

    /// The Merkle tree up to and including the segment.
    pub(crate) fn tree_after(&self) -> Result<Tree, IndexDamage> {
        let [skip, count] = self.0.header.frontier_counts();
        self.tree(self.0.header.leaves_after(), skip..skip.saturating_add(count))
    }

    fn tree(&self, leaves: u64, hashes: Range<u64>) -> Result<Tree, IndexDamage> {
        let hashes = hashes.map(|at| self.hash_at(Part::Frontiers, at)).collect::<Result<_, _>>()?;
        Tree::from_frontier(leaves, hashes)
            .map_err(|_| IndexDamage::content(Part::Frontiers, "there cannot be so many leaves"))
    }

    /// The newest positions that consumers stored up to and including this segment, by name.
    pub(crate) fn consumers(&self) -> Result<Vec<(Consumer, Position)>, IndexDamage> {
        let bad = || IndexDamage::content(Part::Consumers, "a consumer is cut off or has no valid name");
        let mut rest = self.bytes(Part::Consumers, 0..self.length(Part::Consumers))?;
        let mut consumers = Vec::new();
        while let Some((length, tail)) = rest.split_first() {
            let (name, tail) = tail.split_at_checked(usize::from(*length)).ok_or_else(bad)?;
            let (position, tail) = tail.split_first_chunk().ok_or_else(bad)?;
            let name = std::str::from_utf8(name).ok().and_then(|name| Consumer::new(name).ok());
            consumers.push((name.ok_or_else(bad)?, Position::new(u64::from_le_bytes(*position))));
            rest = tail;
        }
        Ok(consumers)
    }

    /// How many bytes each part takes; the header takes 4,096 more.
    pub(crate) fn bytes_by_part(&self) -> impl Iterator<Item = (Part, u64)> {
        Part::ALL.into_iter().map(|part| (part, self.length(part)))
    }

    /// Holds the whole file against its checksums and against itself. Cost: one pass over everything.
    pub(crate) fn check_all(&self) -> Result<(), IndexDamage> {
        check::all(self)
    }
}

/// What the table of ids keeps of a hash.
pub(super) const fn id_hash_half(hash: u64) -> u32 {
    (hash >> 32) as u32
}

impl Inner {
    #[inline]
    fn place(&self, part: Part) -> Range<usize> {
        self.places.get(part as usize).cloned().unwrap_or_default()
    }

    /// Verified bytes at a place in the file; `None` if it is not there.
    #[inline]
    fn verified_bytes(&self, range: Range<usize>) -> Result<Option<&[u8]>, IndexDamage> {
        let area = HEADER_BYTES..self.place(Part::Blocks).start;
        if range.end > area.end {
            return self.verified_table_bytes(range);
        }
        let expected = |block: u64| {
            let at = usize::try_from(block).ok().and_then(|block| block.checked_mul(4)?.checked_add(area.end));
            let entry = at.and_then(|at| Some(at..at.checked_add(4)?)).ok_or(IndexDamage::Header)?;
            let entry = self.verified_table_bytes(entry)?.and_then(|bytes| bytes.first_chunk());
            entry.map(|bytes| u32::from_le_bytes(*bytes)).ok_or(IndexDamage::Header)
        };
        self.verified_in(&self.verified, area.clone(), range, expected, IndexDamage::Block)
    }

    /// The same for the table of block checksums, which the header vouches for.
    fn verified_table_bytes(&self, range: Range<usize>) -> Result<Option<&[u8]>, IndexDamage> {
        let expected = |page: u64| {
            let page = usize::try_from(page).ok().and_then(|page| self.header.pages.get(page));
            page.copied().ok_or(IndexDamage::Header)
        };
        self.verified_in(&self.verified_table, self.place(Part::Blocks), range, expected, IndexDamage::Table)
    }

    #[inline]
    fn verified_in(
        &self,
        verified: &Verified,
        area: Range<usize>,
        range: Range<usize>,
        expected: impl Fn(u64) -> Result<u32, IndexDamage>,
        mismatch: fn(u64) -> IndexDamage,
    ) -> Result<Option<&[u8]>, IndexDamage> {
        let from = |at: usize| at.checked_sub(area.start);
        match (self.bytes.get(area.clone()), from(range.start), from(range.end)) {
            (Some(bytes), Some(start), Some(end)) => verified.check(bytes, start..end, expected, mismatch),
            _ => Ok(None),
        }
    }
}

impl std::fmt::Debug for SealedIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Header { binding, first_position, counts, .. } = self.header();
        let mut debug = f.debug_struct("SealedIndex");
        debug.field("binding", binding).field("first_position", first_position).field("counts", counts).finish()
    }
}
