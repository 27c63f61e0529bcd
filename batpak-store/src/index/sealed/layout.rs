//! The header of an index file: what it belongs to, how many of each thing it holds, how long each part is.
//!
//! ```text
//! 0     magic 12, format version u16, zero u16
//! 16    binding: store id 16, segment u64, salt u64, log length u32, log checksum u64
//! 60    first position u64, events u32, terms u32, frames u32, names u32, keys u32
//! 88    filter: seed u64, segment length u32, segment count length u32
//! 104   length u64 of each part, in the order of the parts
//! 216   CRC32C of each 16 KiB page of the last part, then zeros
//! 4088  XXH3-64 of everything before it
//! 4096  the parts, one after the other
//! ```
//!
//! All numbers are little-endian. The lengths must follow from the counts, so that a header which passes describes
//! exactly one arrangement of the file.

use std::fmt;
use std::ops::Range;

use batpak_core::StoreId;
use twox_hash::XxHash3_64;

use super::blocks::{BLOCK_BYTES, block_count};
use super::damage::IndexDamage;
use super::filter::FilterShape;

/// Bytes of the header, and where the parts start.
pub(super) const HEADER_BYTES: usize = 4096;
/// Terms that are coded together.
pub(super) const TERMS_PER_RUN: u32 = 16;
/// Leaves under a stored Merkle node.
pub(super) const NODE_LEAVES: u64 = 256;
/// Bytes of an entry of the parts of fixed width.
pub(super) const FRAME_BYTES: usize = 8;
pub(super) const ID_BYTES: usize = 8;
pub(super) const KEY_BYTES: usize = 40;
pub(super) const HASH_BYTES: usize = 32;

/// Not text, and broken by any transfer that converts line ends (as in PNG).
const MAGIC: [u8; 12] = *b"\x89bat-idx\r\n\x1a\n";
const FORMAT_VERSION: u16 = 1;
const PAGES_AT: usize = 216;
const CHECKSUM_AT: usize = HEADER_BYTES - 8;
/// The most pages of checksums there is room for; they vouch for 60 GiB.
pub(super) const PAGES_MAX: u64 = ((CHECKSUM_AT - PAGES_AT) / 4) as u64;

/// The parts of an index file, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Terms and what is known of each, front-coded in runs of [`TERMS_PER_RUN`].
    Terms,
    /// Where each run starts: u32.
    Runs,
    /// Lists of events of the terms that have more than one and not all.
    Postings,
    /// Log offset of each event: u32.
    Offsets,
    /// First event and log offset of each frame: u32, u32.
    Frames,
    /// Log offset of each name of the dictionary: u32.
    Names,
    /// Half a hash of each event's id, and the event: u32, u32, in their order.
    Ids,
    /// Digest, fingerprint, first event and number of events of each idempotency key: 16, 16, u32, u32.
    Keys,
    /// Fingerprints of the membership filter.
    Filter,
    /// CRC32C of each block of the log: u32.
    LogBlocks,
    /// Hash of each complete subtree of [`NODE_LEAVES`] leaves in the segment.
    Nodes,
    /// Frontiers of the Merkle tree before and after the segment.
    Frontiers,
    /// Newest position of each named consumer: length u8, name, u64.
    Consumers,
    /// CRC32C of each block of all parts before this one: u32.
    Blocks,
}

impl Part {
    pub(crate) const ALL: [Self; 14] = [
        Self::Terms,
        Self::Runs,
        Self::Postings,
        Self::Offsets,
        Self::Frames,
        Self::Names,
        Self::Ids,
        Self::Keys,
        Self::Filter,
        Self::LogBlocks,
        Self::Nodes,
        Self::Frontiers,
        Self::Consumers,
        Self::Blocks,
    ];

    /// What the part is called in messages and statistics.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Terms => "terms",
            Self::Runs => "term runs",
            Self::Postings => "postings",
            Self::Offsets => "offsets",
            Self::Frames => "frames",
            Self::Names => "names",
            Self::Ids => "ids",
            Self::Keys => "keys",
            Self::Filter => "filter places",
            Self::LogBlocks => "log blocks",
            Self::Nodes => "nodes",
            Self::Frontiers => "frontiers",
            Self::Consumers => "consumers",
            Self::Blocks => "block checksums",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What an index belongs to: one segment in its final state. Any difference makes the index stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    /// The store.
    pub store: StoreId,
    /// Number of the segment.
    pub segment: u64,
    /// The segment's random salt.
    pub salt: u64,
    /// Length of the log file up to its last commit, in bytes.
    pub log_length: u32,
    /// Checksum of the log file's last frame, which depends on everything before it.
    pub log_checksum: u64,
}

/// How many of each thing an index holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub events: u32,
    pub terms: u32,
    pub frames: u32,
    pub names: u32,
    pub keys: u32,
}

/// The header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub binding: Binding,
    pub first_position: u64,
    pub counts: Counts,
    pub filter: FilterShape,
    pub lengths: [u64; Part::ALL.len()],
    /// CRC32C of each page of [`Part::Blocks`].
    pub pages: Box<[u32]>,
}

impl Header {
    /// The header's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER_BYTES);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        out.extend_from_slice(&[0; 2]);
        out.extend_from_slice(self.binding.store.as_bytes());
        out.extend_from_slice(&self.binding.segment.to_le_bytes());
        out.extend_from_slice(&self.binding.salt.to_le_bytes());
        out.extend_from_slice(&self.binding.log_length.to_le_bytes());
        out.extend_from_slice(&self.binding.log_checksum.to_le_bytes());
        out.extend_from_slice(&self.first_position.to_le_bytes());
        let Counts { events, terms, frames, names, keys } = self.counts;
        for count in [events, terms, frames, names, keys] {
            out.extend_from_slice(&count.to_le_bytes());
        }
        out.extend_from_slice(&self.filter.seed.to_le_bytes());
        out.extend_from_slice(&self.filter.segment_length.to_le_bytes());
        out.extend_from_slice(&self.filter.segment_count_length.to_le_bytes());
        for length in self.lengths {
            out.extend_from_slice(&length.to_le_bytes());
        }
        debug_assert_eq!(out.len(), PAGES_AT, "the table in this file's documentation");
        for page in &self.pages {
            out.extend_from_slice(&page.to_le_bytes());
        }
        out.resize(CHECKSUM_AT, 0);
        let checksum = XxHash3_64::oneshot(&out);
        out.extend_from_slice(&checksum.to_le_bytes());
        out
    }

    /// Reads the header of the file `bytes`, which must belong to `binding` and be as long as the header says.
    ///
    /// Cost: one pass over 4 KiB, whatever the length of the file.
    pub fn decode(bytes: &[u8], binding: &Binding) -> Result<Self, IndexDamage> {
        let (checked, checksum) =
            bytes.get(..HEADER_BYTES).and_then(|header| header.split_last_chunk::<8>()).ok_or(IndexDamage::Header)?;
        if XxHash3_64::oneshot(checked) != u64::from_le_bytes(*checksum) {
            return Err(IndexDamage::Header);
        }
        let mut fields = Fields(checked);
        if fields.take()? != MAGIC {
            return Err(IndexDamage::Header);
        }
        let version = u16::from_le_bytes(fields.take()?);
        if version != FORMAT_VERSION {
            return Err(IndexDamage::Version(version));
        }
        if fields.take()? != [0_u8; 2] {
            return Err(IndexDamage::Header);
        }
        let found = Binding {
            store: StoreId::from_bytes(fields.take()?),
            segment: fields.u64()?,
            salt: fields.u64()?,
            log_length: fields.u32()?,
            log_checksum: fields.u64()?,
        };
        if found != *binding {
            return Err(IndexDamage::Stale);
        }
        let mut header = Self {
            binding: found,
            first_position: fields.u64()?,
            counts: Counts {
                events: fields.u32()?,
                terms: fields.u32()?,
                frames: fields.u32()?,
                names: fields.u32()?,
                keys: fields.u32()?,
            },
            filter: FilterShape {
                seed: fields.u64()?,
                segment_length: fields.u32()?,
                segment_count_length: fields.u32()?,
            },
            lengths: [0; Part::ALL.len()],
            pages: Box::default(),
        };
        for length in &mut header.lengths {
            *length = fields.u64()?;
        }
        header.check(bytes.len() as u64)?;
        let pages = page_count(header.length(Part::Blocks));
        header.pages = (0..pages).map(|_| fields.u32()).collect::<Result<_, _>>()?;
        match fields.0.iter().all(|byte| *byte == 0) {
            true => Ok(header),
            false => Err(IndexDamage::Header),
        }
    }

    /// Whether the lengths follow from the counts and add up to the file's.
    fn check(&self, actual: u64) -> Result<(), IndexDamage> {
        let expected = self
            .lengths
            .iter()
            .try_fold(HEADER_BYTES as u64, |sum, length| sum.checked_add(*length))
            .ok_or(IndexDamage::Header)?;
        if expected != actual {
            return Err(IndexDamage::Length { expected, actual });
        }
        let last = self.first_position.checked_add(u64::from(self.counts.events));
        if self.first_position == 0 || last.is_none() {
            return Err(IndexDamage::Header);
        }
        let Counts { events, terms, frames, names, keys } = self.counts;
        let entries = |count: u32, bytes: usize| u64::from(count) * bytes as u64;
        let fixed = [
            (Part::Runs, entries(terms.div_ceil(TERMS_PER_RUN), 4)),
            (Part::Offsets, entries(events, 4)),
            (Part::Frames, entries(frames, FRAME_BYTES)),
            (Part::Names, entries(names, 4)),
            (Part::Ids, entries(events, ID_BYTES)),
            (Part::Keys, entries(keys, KEY_BYTES)),
            (Part::LogBlocks, 4 * block_count(u64::from(self.binding.log_length))),
            (Part::Nodes, HASH_BYTES as u64 * self.node_count()),
            (Part::Frontiers, HASH_BYTES as u64 * self.frontier_counts().into_iter().sum::<u64>()),
            (Part::Blocks, 4 * block_count(self.start(Part::Blocks).saturating_sub(HEADER_BYTES as u64))),
        ];
        let matching = fixed.iter().all(|(part, length)| self.length(*part) == *length)
            && self.filter.fits(self.length(Part::Filter))
            && page_count(self.length(Part::Blocks)) <= PAGES_MAX;
        if matching { Ok(()) } else { Err(IndexDamage::Header) }
    }

    /// Bytes of `part`.
    pub fn length(&self, part: Part) -> u64 {
        self.lengths.get(part as usize).copied().unwrap_or_default()
    }

    /// Where `part` starts in the file.
    pub fn start(&self, part: Part) -> u64 {
        let before: u64 = self.lengths.iter().take(part as usize).fold(0, |sum, l| sum.saturating_add(*l));
        before.saturating_add(HEADER_BYTES as u64)
    }

    /// Leaves of the Merkle tree before the segment.
    pub fn leaves_before(&self) -> u64 {
        self.first_position.saturating_sub(1)
    }

    /// Leaves of the Merkle tree at the end of the segment.
    pub fn leaves_after(&self) -> u64 {
        self.leaves_before().saturating_add(u64::from(self.counts.events))
    }

    /// The complete aligned subtrees in the segment, numbered from the log's start.
    pub fn nodes(&self) -> Range<u64> {
        let first = self.leaves_before().div_ceil(NODE_LEAVES);
        first..(self.leaves_after() / NODE_LEAVES).max(first)
    }

    fn node_count(&self) -> u64 {
        let nodes = self.nodes();
        nodes.end.saturating_sub(nodes.start)
    }

    /// Hashes in the frontier before and in that after the segment.
    pub fn frontier_counts(&self) -> [u64; 2] {
        [self.leaves_before(), self.leaves_after()].map(|leaves| u64::from(leaves.count_ones()))
    }
}

/// Pages that a table of block checksums of this length takes.
pub(super) fn page_count(bytes: u64) -> u64 {
    bytes.div_ceil(BLOCK_BYTES)
}

/// Takes fixed-width fields off the front.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], IndexDamage> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(IndexDamage::Header)?;
        self.0 = tail;
        Ok(*head)
    }

    fn u32(&mut self) -> Result<u32, IndexDamage> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, IndexDamage> {
        self.take().map(u64::from_le_bytes)
    }
}
