//! Numbers about a store.

use batpak_core::{Hash, Position, StoreId};
use serde::Serialize;

use crate::error::StoreError;
use crate::read::View;

/// Numbers about a store. Sizes are in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Identity of the store.
    pub store: StoreId,
    /// Events in the log, system events included.
    pub events: u64,
    /// Streams that hold an event.
    pub streams: u64,
    /// Segments that are sealed.
    pub segments_sealed: u64,
    /// Segments that are not.
    pub segments_unsealed: u64,
    /// Log of the sealed segments.
    pub bytes_log_sealed: u64,
    /// Log of the unsealed segments, up to their last commit.
    pub bytes_log_unsealed: u64,
    /// Index files.
    pub bytes_index: u64,
    /// Parts of the index files, by name.
    pub bytes_index_parts: Vec<(String, u64)>,
    /// Merkle root over everything durable.
    pub root: Hash,
    /// Last position that a sync covered.
    pub durable: Position,
    /// Last position that this process may see.
    pub visible: Position,
    /// Events staged and not yet finished.
    pub queue_events: u64,
    /// Bytes staged and not yet finished.
    pub queue_bytes: u64,
}

impl Stats {
    /// Numbers about what `view` shows.
    pub(crate) fn of(view: &View) -> Result<Self, StoreError> {
        let set = view.set();
        let mut parts: Vec<(String, u64)> = Vec::new();
        for sealed in set.sealed() {
            for (name, bytes) in sealed.bytes_by_part() {
                match parts.iter_mut().find(|(known, _)| known == name) {
                    Some((_, sum)) => *sum += bytes,
                    None => parts.push((name.to_owned(), bytes)),
                }
            }
        }
        Ok(Self {
            store: view.store(),
            events: view.position().get(),
            streams: view.stream_count()?,
            segments_sealed: set.sealed().len() as u64,
            segments_unsealed: set.unsealed().len() as u64,
            bytes_log_sealed: set.sealed().iter().map(|sealed| u64::from(sealed.end().offset)).sum(),
            bytes_log_unsealed: set.unsealed().iter().map(|active| active.index.log_bytes()).sum(),
            bytes_index: parts.iter().map(|(_, bytes)| bytes).sum(),
            bytes_index_parts: parts,
            root: view.root()?,
            durable: view.position(),
            visible: view.position(),
            queue_events: 0,
            queue_bytes: 0,
        })
    }
}
