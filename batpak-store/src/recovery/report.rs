//! What opening found and did.

use serde::Serialize;

/// Bytes that were cut because no commit promised them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cut {
    /// Number of the segment.
    pub segment: u64,
    /// Where the cut begins.
    pub offset: u64,
    /// How many bytes were cut.
    pub bytes: u64,
    /// Why.
    pub reason: String,
}

/// What opening found and did. Empty lists mean that there was nothing to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OpenReport {
    /// Whether the last writer closed the store, or there was none.
    pub clean: bool,
    /// What was cut: the tail of a commit that was never acknowledged.
    pub cut: Vec<Cut>,
    /// Segments whose index was missing, stale or damaged and was rebuilt from the log.
    pub rebuilt: Vec<u64>,
    /// Unfinished files of an interrupted writer that were removed.
    pub removed: Vec<String>,
    /// Files that are none of the store's; they were left alone.
    pub unknown: Vec<String>,
    /// How far the system's clock is behind the newest event, in microseconds, if it is more than 60 s.
    pub clock_behind_us: Option<u64>,
}
