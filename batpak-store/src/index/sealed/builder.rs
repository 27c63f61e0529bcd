//! Makes the index of a sealed segment from its frames and records, in one pass; the same segment gives the same bytes.

use std::collections::BTreeMap;

use batpak_core::codec::RecordRef;
use batpak_core::{Consumer, Fingerprint, Hash, KeyDigest, Position, Tree};

use super::blocks::{BLOCK, BLOCK_BYTES, block_check};
use super::collector::Collector;
use super::filter::{self, id_hash, key_hash};
use super::layout::{Binding, Counts, HEADER_BYTES, Header, NODE_LEAVES, PAGES_MAX, Part};
use super::reader::id_hash_half;

/// Why no index can be made: the log contradicts itself or its binding, so the log is damaged, or the caller erred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum BuildError {
    /// More of something than the format has room for.
    #[error("the segment holds more than an index has room for")]
    TooLarge,
    /// A record uses a number that no record before it defined.
    #[error("name {0} is used before it is defined")]
    UnknownName(u32),
    /// The places given for names are not as many as the names that the records define, or not in their order.
    #[error("{given} names were given and {defined} are defined")]
    Names {
        /// Names given.
        given: usize,
        /// Names in the records.
        defined: usize,
    },
    /// A stream's revisions do not ascend.
    #[error("the revisions of a stream do not ascend at event {rel} of the segment")]
    Revision {
        /// An event of the stream.
        rel: u32,
    },
    /// Frames and records do not ascend through the log, or a record comes before any frame.
    #[error("a frame or record at offset {offset} does not follow the one before")]
    Order {
        /// Where.
        offset: u32,
    },
    /// A commit's events do not lie in the segment.
    #[error("the commit of a key lies outside the segment")]
    Key,
    /// The Merkle tree given is not that of everything before the segment.
    #[error("the tree before the segment has {size} leaves")]
    Tree {
        /// Its leaves.
        size: u64,
    },
    /// The log given is not as long as the binding says.
    #[error("the log has {actual} bytes instead of {expected}")]
    LogLength {
        /// Bytes by the binding.
        expected: u64,
        /// Bytes given.
        actual: u64,
    },
}

/// Builds one index. Feed it the whole segment in order: each [`frame`](Self::frame) before its
/// [`event`](Self::event)s, and all [`log_bytes`](Self::log_bytes), in pieces of any length.
///
/// Memory: about 60 bytes an event, 100 a distinct term, and the finished file.
pub(crate) struct SealedBuilder {
    binding: Binding,
    first_position: Position,
    collector: Collector,
    offsets: Vec<u32>,
    frames: Vec<(u32, u32)>,
    /// Where the length-prefixed text of each name is in the log.
    names: Vec<u32>,
    ids: Vec<u64>,
    keys: Vec<(KeyDigest, u32, u32, Fingerprint)>,
    consumers: BTreeMap<Consumer, Position>,
    log: LogChecks,
    before: Tree,
    tree: Tree,
    /// The subtree being filled, once the tree is aligned.
    subtree: Tree,
    nodes: Vec<Hash>,
}

impl SealedBuilder {
    /// Starts the index of the segment that `binding` names, whose first event is at `first_position`.
    ///
    /// `before` is the Merkle tree over all events before it, and `consumers` what the index of the segment before
    /// says of named consumers.
    ///
    /// # Errors
    /// [`BuildError::Tree`] if the tree has another number of leaves.
    pub(crate) fn new(
        binding: Binding,
        first_position: Position,
        before: Tree,
        consumers: impl IntoIterator<Item = (Consumer, Position)>,
    ) -> Result<Self, BuildError> {
        if first_position.get().checked_sub(1) != Some(before.size()) {
            return Err(BuildError::Tree { size: before.size() });
        }
        Ok(Self {
            binding,
            first_position,
            collector: Collector::default(),
            offsets: Vec::new(),
            frames: Vec::new(),
            names: Vec::new(),
            ids: Vec::new(),
            keys: Vec::new(),
            consumers: consumers.into_iter().collect(),
            log: LogChecks::default(),
            tree: before.clone(),
            before,
            subtree: Tree::new(),
            nodes: Vec::new(),
        })
    }

    /// Events so far.
    pub(crate) fn events(&self) -> Result<u32, BuildError> {
        u32::try_from(self.offsets.len()).map_err(|_| BuildError::TooLarge)
    }

    /// A frame starts at `offset` of the log; the events that follow lie in it. One without events leaves no trace.
    pub(crate) fn frame(&mut self, offset: u32) -> Result<(), BuildError> {
        let next = self.events()?;
        let after = self.frames.last().map(|(_, before)| *before).max(self.offsets.last().copied());
        if after.is_some_and(|after| offset <= after) {
            return Err(BuildError::Order { offset });
        }
        self.drop_empty_frame(next);
        self.frames.push((next, offset));
        Ok(())
    }

    fn drop_empty_frame(&mut self, next: u32) {
        if self.frames.last().is_some_and(|(first, _)| *first == next) {
            self.frames.pop();
        }
    }

    /// The next event, whose record starts at `offset` of the log.
    ///
    /// Cost: about 100 ns, and two hashes of a Merkle node.
    pub(crate) fn event(&mut self, record: &RecordRef<'_>, offset: u32, leaf: Hash) -> Result<(), BuildError> {
        let rel = self.events()?;
        let after = self.frames.last().map(|(_, frame)| *frame).max(self.offsets.last().copied());
        if after.is_none_or(|after| offset <= after) || offset >= self.binding.log_length {
            return Err(BuildError::Order { offset });
        }
        self.collector.event(rel, record)?;
        self.offsets.push(offset);
        self.ids.push(id_hash(&record.id()));
        self.leaf(leaf)
    }

    fn leaf(&mut self, leaf: Hash) -> Result<(), BuildError> {
        if !self.tree.size().is_multiple_of(NODE_LEAVES) {
            self.tree.push(leaf);
            return Ok(());
        }
        self.subtree.push(leaf);
        if self.subtree.size() == NODE_LEAVES {
            let node = self.subtree.root();
            self.nodes.push(node);
            self.subtree = Tree::new();
            self.push_subtree(NODE_LEAVES, node)?;
        }
        Ok(())
    }

    /// Moves the leaves of the last, incomplete subtree into the tree.
    fn close_subtree(&mut self) -> Result<(), BuildError> {
        let subtree = std::mem::take(&mut self.subtree);
        let mut left = subtree.size();
        for root in subtree.frontier() {
            // The frontier has one root for each bit of the number of leaves, the largest first.
            let leaves = 1_u64 << (u64::BITS - 1).saturating_sub(left.leading_zeros());
            self.push_subtree(leaves, *root)?;
            left = left.saturating_sub(leaves);
        }
        Ok(())
    }

    fn push_subtree(&mut self, leaves: u64, root: Hash) -> Result<(), BuildError> {
        let level = u8::try_from(leaves.trailing_zeros()).unwrap_or(u8::MAX);
        self.tree.push_subtree(level, root).map_err(|_| BuildError::TooLarge)
    }

    /// The length-prefixed text of name `number` is at `offset` of the log. Numbers come in order, from 0.
    pub(crate) fn name(&mut self, number: u32, offset: u32) -> Result<(), BuildError> {
        if number as usize != self.names.len() {
            return Err(BuildError::Names { given: number as usize, defined: self.names.len() });
        }
        if offset >= self.binding.log_length {
            return Err(BuildError::Order { offset });
        }
        self.names.push(offset);
        Ok(())
    }

    /// A commit of `count` events from `first_rel` on has this idempotency key. Of the same key, the first counts.
    pub(crate) fn key(&mut self, digest: KeyDigest, fingerprint: Fingerprint, first_rel: u32, count: u32) {
        self.keys.push((digest, first_rel, count, fingerprint));
    }

    /// A commit stored the position of a consumer.
    pub(crate) fn consumer(&mut self, name: Consumer, position: Position) {
        self.consumers.insert(name, position);
    }

    /// The next bytes of the log file, from its start to the binding's length.
    pub(crate) fn log_bytes(&mut self, bytes: &[u8]) {
        self.log.feed(bytes);
    }

    /// The bytes of the index file.
    ///
    /// Cost: about 100 ns an event, for sorting ids and building the filter.
    ///
    /// # Errors
    /// [`BuildError`] if what was fed is not the whole of a consistent segment.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, BuildError> {
        let events = self.events()?;
        self.drop_empty_frame(events);
        self.check(events)?;
        self.close_subtree()?;
        self.keys.sort_unstable_by_key(|(digest, first_rel, ..)| (*digest, *first_rel));
        self.keys.dedup_by_key(|(digest, ..)| *digest);
        let mut hashes = Vec::with_capacity(self.ids.len().saturating_add(self.keys.len()));
        hashes.extend_from_slice(&self.ids);
        hashes.extend(self.keys.iter().map(|(digest, ..)| key_hash(digest)));
        let (dictionary, postings) = std::mem::take(&mut self.collector).finish(&mut hashes)?;
        let count = |length: usize| u32::try_from(length).map_err(|_| BuildError::TooLarge);
        let counts = Counts {
            events,
            terms: dictionary.count,
            frames: count(self.frames.len())?,
            names: count(self.names.len())?,
            keys: count(self.keys.len())?,
        };
        let (shape, fingerprints) = filter::build(hashes);
        let mut parts = Parts::new();
        parts.entries(Part::Terms, [dictionary.terms]);
        parts.entries(Part::Runs, dictionary.runs.iter().map(|start| start.to_le_bytes()));
        parts.entries(Part::Postings, [postings]);
        parts.entries(Part::Offsets, self.offsets.iter().map(|offset| offset.to_le_bytes()));
        parts.entries(Part::Frames, self.frames.iter().map(|(first, offset)| pair(*first, *offset)));
        parts.entries(Part::Names, self.names.iter().map(|offset| offset.to_le_bytes()));
        parts.entries(Part::Ids, sorted_ids(&self.ids).into_iter().map(|(half, rel)| pair(half, rel)));
        parts.entries(Part::Keys, self.keys.iter().map(key_entry));
        parts.entries(Part::Filter, [fingerprints]);
        parts.entries(Part::LogBlocks, self.log.finish().iter().map(|check| check.to_le_bytes()));
        parts.entries(Part::Nodes, self.nodes.iter().map(Hash::as_bytes));
        let frontiers = self.before.frontier().iter().chain(self.tree.frontier());
        parts.entries(Part::Frontiers, frontiers.map(Hash::as_bytes));
        parts.entries(Part::Consumers, self.consumers.iter().map(consumer_entry));
        parts.finish(|lengths, pages| Header {
            binding: self.binding,
            first_position: self.first_position.get(),
            counts,
            filter: shape,
            lengths,
            pages,
        })
    }

    /// What can only be known at the end.
    fn check(&self, events: u32) -> Result<(), BuildError> {
        let (given, defined) = (self.names.len(), self.collector.names());
        if given != defined {
            return Err(BuildError::Names { given, defined });
        }
        let (expected, actual) = (u64::from(self.binding.log_length), self.log.length);
        if expected != actual {
            return Err(BuildError::LogLength { expected, actual });
        }
        let inside = |first: u32, count: u32| first.checked_add(count).is_some_and(|end| end <= events);
        if !self.keys.iter().all(|(_, first, count, _)| inside(*first, *count)) {
            return Err(BuildError::Key);
        }
        Ok(())
    }
}

impl std::fmt::Debug for SealedBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedBuilder").field("binding", &self.binding).finish_non_exhaustive()
    }
}

/// Two little-endian numbers.
fn pair(a: u32, b: u32) -> [u8; 8] {
    (u64::from(a) | u64::from(b) << 32).to_le_bytes()
}

/// Half of each id's hash, and its event, in order.
fn sorted_ids(ids: &[u64]) -> Vec<(u32, u32)> {
    let mut sorted: Vec<u64> =
        (0_u64..).zip(ids).map(|(rel, hash)| u64::from(id_hash_half(*hash)) << 32 | rel).collect();
    sorted.sort_unstable();
    #[expect(clippy::cast_possible_truncation, reason = "both halves have 32 bits")]
    sorted.into_iter().map(|entry| ((entry >> 32) as u32, entry as u32)).collect()
}

fn key_entry((digest, first_rel, count, fingerprint): &(KeyDigest, u32, u32, Fingerprint)) -> Vec<u8> {
    [&digest.as_bytes()[..], fingerprint.as_bytes(), &first_rel.to_le_bytes(), &count.to_le_bytes()].concat()
}

fn consumer_entry((name, position): (&Consumer, &Position)) -> Vec<u8> {
    let text = name.as_str().as_bytes();
    let length = u8::try_from(text.len()).unwrap_or(u8::MAX);
    [&[length], text, &position.get().to_le_bytes()].concat()
}

/// Checksums of the log's blocks, from pieces of any length.
#[derive(Default)]
struct LogChecks {
    blocks: Vec<u32>,
    current: u32,
    length: u64,
}

impl LogChecks {
    fn feed(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = usize::try_from(BLOCK_BYTES - self.length % BLOCK_BYTES).unwrap_or(1);
            let (head, tail) = rest.split_at(room.min(rest.len()));
            self.current = crc32c::crc32c_append(self.current, head);
            self.length = self.length.saturating_add(head.len() as u64);
            if self.length.is_multiple_of(BLOCK_BYTES) {
                self.blocks.push(std::mem::take(&mut self.current));
            }
            rest = tail;
        }
    }

    fn finish(mut self) -> Vec<u32> {
        if !self.length.is_multiple_of(BLOCK_BYTES) {
            self.blocks.push(self.current);
        }
        self.blocks
    }
}

/// The file being put together.
struct Parts {
    out: Vec<u8>,
    lengths: [u64; Part::ALL.len()],
}

impl Parts {
    fn new() -> Self {
        Self { out: vec![0; HEADER_BYTES], lengths: [0; Part::ALL.len()] }
    }

    /// Appends a part, entry by entry.
    fn entries<E: AsRef<[u8]>>(&mut self, part: Part, entries: impl IntoIterator<Item = E>) {
        let before = self.out.len();
        for entry in entries {
            self.out.extend_from_slice(entry.as_ref());
        }
        if let Some(length) = self.lengths.get_mut(part as usize) {
            *length = self.out.len().saturating_sub(before) as u64;
        }
    }

    /// Adds the checksums of all blocks, and the header in front.
    fn finish(
        mut self,
        header: impl FnOnce([u64; Part::ALL.len()], Box<[u32]>) -> Header,
    ) -> Result<Vec<u8>, BuildError> {
        let checks = |bytes: &[u8]| bytes.chunks(BLOCK).map(block_check).collect::<Vec<u32>>();
        let blocks = checks(self.out.get(HEADER_BYTES..).unwrap_or_default());
        let table = self.out.len();
        self.entries(Part::Blocks, blocks.iter().map(|check| check.to_le_bytes()));
        let pages = checks(self.out.get(table..).unwrap_or_default());
        if pages.len() as u64 > PAGES_MAX {
            return Err(BuildError::TooLarge);
        }
        let header = header(self.lengths, pages.into_boxed_slice()).encode();
        if let Some(front) = self.out.get_mut(..HEADER_BYTES) {
            front.copy_from_slice(&header);
        }
        Ok(self.out)
    }
}
