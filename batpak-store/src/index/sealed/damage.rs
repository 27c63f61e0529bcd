//! Why an index cannot be used: always a reason to make it again from the log, never a wrong answer.

use super::layout::Part;

/// An index that does not hold together, or does not belong to its segment. Rebuild it from the log.
///
/// [`IndexDamage::LogBlock`] alone speaks of the log, not of the index: the log does not match what it was when it was
/// sealed, unless it is the index that lies; a rebuild reads the log's own checksums and settles it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum IndexDamage {
    /// The file is too short for its header, or the header does not match its checksum or itself.
    #[error("index header is damaged")]
    Header,
    /// Another version wrote the file.
    #[error("index has format version {0}")]
    Version(u16),
    /// The file was made from another segment, or from another state of this one.
    #[error("index does not belong to the segment as it is")]
    Stale,
    /// The file is not as long as its header says.
    #[error("index has {actual} bytes instead of {expected}")]
    Length {
        /// Bytes by the header.
        expected: u64,
        /// Bytes there are.
        actual: u64,
    },
    /// A block of the index does not match its checksum.
    #[error("block {0} of the index does not match its checksum")]
    Block(u64),
    /// A page of the table of block checksums does not match its own checksum.
    #[error("page {0} of the index's checksums does not match its checksum")]
    Table(u64),
    /// A block of the log does not match its checksum, or is not there.
    #[error("block {0} of the log does not match its checksum")]
    LogBlock(u64),
    /// Bytes that match their checksum but make no sense.
    #[error("index {part} make no sense: {what}")]
    Content {
        /// Where.
        part: Part,
        /// What is wrong there.
        what: &'static str,
    },
}

impl IndexDamage {
    /// Bytes of `part` that make no sense.
    #[cold]
    pub(super) const fn content(part: Part, what: &'static str) -> Self {
        Self::Content { part, what }
    }
}
