//! Batches: events that become durable and visible together, or not at all.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::cause::Edge;
use crate::condition::Condition;
use crate::coordinate::Coordinate;
use crate::draft::Draft;
use crate::error::CoreError;
use crate::expected::Expected;
use crate::hash::first_16;
use crate::id::EventId;
use crate::key::{Fingerprint, IdempotencyKey};
use crate::limits::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX};
use crate::name::Consumer;
use crate::position::Position;
use crate::query::Query;

/// Separates fingerprints from every other use of SHA-256 here.
const FINGERPRINT_DOMAIN: &[u8] = b"batpak command\0";

/// Events that become durable and visible together, or not at all, across any streams, and what must hold for it.
///
/// A batch without events is a no-op unless it moves a consumer.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Batch<'a> {
    /// At most [`BATCH_EVENTS_MAX`] events, in order.
    pub events: Vec<Draft<'a>>,
    /// Refuse if something relevant happened since the caller looked.
    pub condition: Option<Condition>,
    /// Refuse, as already done, if anything in the whole log matches.
    pub fail_if_exists: Option<Query>,
    /// What streams must look like before the batch; also ones that the batch does not append to. All must hold.
    pub expected: Vec<(Coordinate, Expected)>,
    /// The caller's name for this commit.
    pub key: Option<IdempotencyKey>,
    /// A reader's place to store with the commit: the last position it has dealt with.
    pub consumer: Option<(Consumer, Position)>,
}

impl<'a> Batch<'a> {
    /// A batch of events, without conditions.
    pub fn new(events: Vec<Draft<'a>>) -> Self {
        Self { events, ..Self::default() }
    }

    /// Refuses the batch if something relevant happened since the caller looked.
    #[must_use]
    pub fn when(mut self, condition: Condition) -> Self {
        self.condition = Some(condition);
        self
    }

    /// Refuses the batch, as already done, if anything in the whole log matches.
    #[must_use]
    pub fn fail_if_exists(mut self, query: Query) -> Self {
        self.fail_if_exists = Some(query);
        self
    }

    /// Adds what a stream must look like before the batch.
    #[must_use]
    pub fn expect(mut self, coordinate: Coordinate, expected: Expected) -> Self {
        self.expected.push((coordinate, expected));
        self
    }

    /// Names the commit, so that appending it again changes nothing.
    #[must_use]
    pub fn key(mut self, key: IdempotencyKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Stores a reader's place with the commit: the last position it has dealt with.
    #[must_use]
    pub fn consumer(mut self, consumer: Consumer, position: Position) -> Self {
        self.consumer = Some((consumer, position));
        self
    }

    /// The same batch with payloads of its own; copies those that were borrowed.
    pub fn into_owned(self) -> Batch<'static> {
        Batch {
            events: self.events.into_iter().map(Draft::into_owned).collect(),
            condition: self.condition,
            fail_if_exists: self.fail_if_exists,
            expected: self.expected,
            key: self.key,
            consumer: self.consumer,
        }
    }

    /// Checks the limits of the batch and each event. Bytes are counted as payload bytes here; the encoded batch has
    /// to keep the same limit.
    ///
    /// # Errors
    /// [`CoreError::TooManyEvents`], [`CoreError::BatchTooLarge`], or as [`Draft::check`].
    pub fn check(&self) -> Result<(), CoreError> {
        if self.events.len() > BATCH_EVENTS_MAX {
            return Err(CoreError::TooManyEvents { count: self.events.len() });
        }
        let bytes = self.events.iter().fold(0usize, |bytes, event| bytes.saturating_add(event.payload.len()));
        if bytes > BATCH_BYTES_MAX {
            return Err(CoreError::BatchTooLarge { bytes });
        }
        self.events.iter().try_for_each(Draft::check)
    }

    /// Sorts the tags of each event and removes repeated ones, as they are stored.
    pub fn normalize(&mut self) {
        self.events.iter_mut().for_each(Draft::normalize);
    }

    /// What makes this command this command, for idempotency: coordinate, kind, version, tags, causes, correlation,
    /// codec and payload of each event.
    ///
    /// Ids, times, expectations, conditions, the key and the consumer do not count: a retry may make them anew. So a
    /// cause within the batch counts as its place in the batch, not as its id.
    ///
    /// Cost: one pass of SHA-256 over the names and payloads; no allocation if the tags are sorted and no event of the
    /// batch has both an id and company with causes.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hasher = Sha256::new_with_prefix(FINGERPRINT_DOMAIN);
        hasher.update((self.events.len() as u64).to_le_bytes());
        let mut earlier = BTreeMap::new();
        let has_causes = self.events.iter().any(|event| !event.causes.is_empty());
        for (index, event) in (0u64..).zip(&self.events) {
            hash_event(&mut hasher, event, &earlier);
            if let Some(id) = event.id.filter(|_| has_causes && self.events.len() > 1) {
                earlier.entry(id).or_insert(index);
            }
        }
        Fingerprint::from_bytes(first_16(&hasher.finalize().into()))
    }
}

/// Every variable part carries its length or count before it, so that no two commands give the same bytes.
fn hash_event(hasher: &mut Sha256, event: &Draft<'_>, earlier: &BTreeMap<EventId, u64>) {
    hash_bytes(hasher, event.coordinate.scope.as_str().as_bytes());
    hash_bytes(hasher, event.coordinate.entity.as_str().as_bytes());
    hash_bytes(hasher, event.kind.as_str().as_bytes());
    hasher.update(event.version.to_le_bytes());
    if event.tags_are_normal() {
        hasher.update((event.tags.len() as u64).to_le_bytes());
        event.tags.iter().for_each(|tag| hash_bytes(hasher, tag.as_str().as_bytes()));
    } else {
        let tags = event.tags_sorted();
        hasher.update((tags.len() as u64).to_le_bytes());
        tags.iter().for_each(|tag| hash_bytes(hasher, tag.as_str().as_bytes()));
    }
    hasher.update((event.causes.len() as u64).to_le_bytes());
    for cause in &event.causes {
        let edge = match cause.edge {
            Edge::Required => [0, 0],
            Edge::Alternative { group } => [1, group],
            Edge::Context => [2, 0],
        };
        hasher.update(edge);
        match earlier.get(&cause.id) {
            Some(index) => {
                hasher.update([1]);
                hasher.update(index.to_le_bytes());
            }
            None => {
                hasher.update([0]);
                hasher.update(cause.id.as_bytes());
            }
        }
    }
    // A name is never empty, so that a length of 0 says that there is none.
    hash_bytes(hasher, event.correlation.as_ref().map_or(&[], |correlation| correlation.as_str().as_bytes()));
    hasher.update([event.codec.get()]);
    hash_bytes(hasher, &event.payload);
}

fn hash_bytes(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update((bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

impl<'a> From<Draft<'a>> for Batch<'a> {
    fn from(event: Draft<'a>) -> Self {
        Self::new(vec![event])
    }
}

impl<'a> From<Vec<Draft<'a>>> for Batch<'a> {
    fn from(events: Vec<Draft<'a>>) -> Self {
        Self::new(events)
    }
}
