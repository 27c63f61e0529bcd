//! The index of an unsealed segment, in memory: one writer inserts, readers look up without waiting for it.
//!
//! Every list here only grows, in position order. A reader bounds what it sees by the position its view is pinned at, which
//! the sequence gate published after everything was inserted; nothing here carries an ordering promise of its own.

use crate::sync::{Arc, PoisonError, RwLock};
use std::collections::BTreeMap;

use batpak_core::codec::Names;
use batpak_core::{Consumer, EventId, Fingerprint, Hlc, KeyDigest, Position, Revision};
use dashmap::DashMap;
use foldhash::quality::RandomState;
use smol_str::SmolStr;

use super::chunks::{Chunks, Words};
use super::growing::ActivePostings;
use super::ids::Ids;
use super::interner::{Interner, Role, Stream};
use super::terms::Terms;

/// Memory: about 70 bytes an event (its id twice over, its place, 4 bytes a term) and 250 a stream, until the segment is sealed.
#[derive(Debug)]
pub(crate) struct ActiveIndex {
    first: Position,
    spots: Words,
    frames: Chunks<FrameEntry>,
    names: Chunks<SmolStr>,
    terms: Terms,
    ids: Ids,
    keys: DashMap<KeyDigest, KeyEntry, RandomState>,
    consumers: RwLock<BTreeMap<Consumer, Vec<(u64, Position)>>>,
}

/// Where a record stands in the segment file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    /// Offset in the file.
    pub offset: u32,
    /// Length of the record.
    pub bytes: u32,
}

impl Spot {
    const fn pack(self) -> u64 {
        (self.offset as u64) << 32 | self.bytes as u64
    }

    #[expect(clippy::cast_possible_truncation, reason = "each half is 32 bits wide")]
    const fn unpack(word: u64) -> Self {
        Self { offset: (word >> 32) as u32, bytes: word as u32 }
    }
}

/// What the index is told of an event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    /// Its id.
    pub id: EventId,
    /// Its place in its stream.
    pub revision: Revision,
    /// Where its record stands.
    pub spot: Spot,
    /// The dictionary numbers of its names, in the order of the record: kind, scope, entity, tags, correlation.
    pub names: &'a [u32],
    /// Whether the last name is a correlation.
    pub correlated: bool,
    /// Its stream's place among the writer's, if the writer knows it already.
    pub slot: Option<u32>,
}

/// What the events of one commit share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameEntry {
    /// First event, relative to the segment.
    pub first_rel: u32,
    /// Events in the commit.
    pub events: u16,
    /// Time of the commit.
    pub recorded_at: Hlc,
    /// Its idempotency key.
    pub key: Option<KeyDigest>,
}

/// What a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyEntry {
    /// The command's fingerprint.
    pub fingerprint: Fingerprint,
    /// First event of the commit, relative to the segment.
    pub first_rel: u32,
    /// Events in the commit.
    pub events: u32,
}

impl ActiveIndex {
    pub(crate) fn new(first: Position) -> Self {
        Self {
            first,
            spots: Words::new(),
            frames: Chunks::new(),
            names: Chunks::new(),
            terms: Terms::new(),
            ids: Ids::new(),
            keys: DashMap::default(),
            consumers: RwLock::default(),
        }
    }

    /// Starts a commit; its events follow through [`ActiveIndex::insert`].
    pub(crate) fn begin(
        &self,
        entry: FrameEntry,
        fingerprint: Option<Fingerprint>,
        consumer: Option<&(Consumer, Position)>,
    ) {
        if let (Some(key), Some(fingerprint)) = (entry.key, fingerprint) {
            let entry = KeyEntry { fingerprint, first_rel: entry.first_rel, events: u32::from(entry.events) };
            self.keys.entry(key).or_insert(entry);
        }
        if let Some((name, position)) = consumer {
            let at = self
                .first
                .get()
                .saturating_add(u64::from(entry.first_rel))
                .saturating_add(u64::from(entry.events))
                .saturating_sub(1);
            let mut consumers = self.consumers.write().unwrap_or_else(PoisonError::into_inner);
            consumers.entry(name.clone()).or_default().push((at, *position));
        }
        if entry.events > 0 {
            self.frames.push(entry);
        }
    }

    /// Adds the next event. Its names must be known to `interner` already. Returns false if one is not.
    ///
    /// Cost: a push a term, and a slot for the id; about 100 ns for five terms, unless the segment has not seen the stream.
    pub(crate) fn insert(&self, interner: &mut Interner, rel: u32, entry: &Entry<'_>) -> bool {
        interner.fresh().for_each(|name| self.names.push(name));
        let [kind, scope, entity, others @ ..] = entry.names else { return false };
        let (tags, correlation) = match others.split_last() {
            Some((correlation, tags)) if entry.correlated => (tags, Some(*correlation)),
            _ => (others, None),
        };
        let mut post = |role, name| interner.post(role, name, rel, |term| self.terms.list(term, 1), self);
        let known = post(Role::Kind, *kind)
            && post(Role::Scope, *scope)
            && tags.iter().all(|tag| post(Role::Tag, *tag))
            && correlation.is_none_or(|name| post(Role::Correlation, name))
            && {
                let (stream, revision) = (Stream { entity: *entity, scope: *scope }, entry.revision.get());
                interner.post_stream(entry.slot, stream, rel, revision, |term| self.terms.list(term, revision), self)
            };
        self.ids.push(rel, &entry.id);
        self.spots.push(entry.spot.pack());
        known
    }

    /// The postings of `term`.
    pub(crate) fn postings(&self, term: &[u8]) -> Option<Arc<ActivePostings>> {
        self.terms.get(term)
    }

    /// The terms that begin with `prefix`, in order.
    pub(crate) fn terms(&self, prefix: &[u8]) -> Vec<(Box<[u8]>, Arc<ActivePostings>)> {
        self.terms.starting_with(prefix)
    }

    /// Where the event with this id is, staged ones included.
    pub(crate) fn id(&self, id: &EventId) -> Option<u32> {
        self.ids.find(id)
    }

    /// What `key` stands for, staged commits included.
    pub(crate) fn key(&self, key: &KeyDigest) -> Option<KeyEntry> {
        self.keys.get(key).map(|entry| *entry)
    }

    /// Where the record of an event stands.
    pub(crate) fn spot(&self, rel: u32) -> Option<Spot> {
        self.spots.get(rel as usize).map(Spot::unpack)
    }

    /// Bytes of log up to the last event.
    pub(crate) fn log_bytes(&self) -> u64 {
        let last = u32::try_from(self.events().saturating_sub(1)).ok();
        last.and_then(|last| self.spot(last)).map_or(0, |spot| u64::from(spot.offset) + u64::from(spot.bytes))
    }

    /// Events indexed.
    pub(crate) fn events(&self) -> u64 {
        self.spots.len() as u64
    }

    /// The commit that an event belongs to.
    pub(crate) fn frame_of(&self, rel: u32) -> Option<FrameEntry> {
        let (mut low, mut high) = (0, self.frames.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.frames.get(middle) {
                Some(frame) if frame.first_rel <= rel => low = middle + 1,
                _ => high = middle,
            }
        }
        self.frames.get(low.checked_sub(1)?).copied()
    }

    /// The newest position that `consumer` stored at or before position `upto`.
    pub(crate) fn consumer(&self, consumer: &Consumer, upto: u64) -> Option<Position> {
        let consumers = self.consumers.read().unwrap_or_else(PoisonError::into_inner);
        let stored = consumers.get(consumer)?;
        let known = stored.partition_point(|(at, _)| *at <= upto);
        stored.get(known.checked_sub(1)?).map(|(_, position)| *position)
    }
}

impl Names for ActiveIndex {
    fn name(&self, number: u32) -> Option<&str> {
        self.names.get(number as usize).map(SmolStr::as_str)
    }
}
