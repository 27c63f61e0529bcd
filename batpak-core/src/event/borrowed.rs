//! The borrowed event: a record, the dictionary of its segment and its place in the log.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::codec::record::{CauseRefs, Erasable, NameRefs, RecordRef};
use crate::codec::{Envelope, NameRef, Names};
use crate::encoding::Codec;
use crate::error::{CoreError, DecodeError};
use crate::event::Event;
use crate::hash::{Hash, leaf_hash};
use crate::id::EventId;
use crate::key::KeyDigest;
use crate::kind::is_system_kind;
use crate::payload::{decode_json, decode_postcard};
use crate::position::{Position, Revision};
use crate::time::{Hlc, ValidTime};

/// What the commit around a record says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where the event stands in the log.
    pub position: Position,
    /// When the commit was recorded.
    pub recorded_at: Hlc,
    /// Where the event stands in its commit, from 0.
    pub batch_index: u16,
    /// How many events the commit has.
    pub batch_count: u16,
    /// The commit's idempotency key.
    pub key: Option<KeyDigest>,
}

/// An event in the bytes of its segment; nothing is decoded or copied that is not asked for.
///
/// `Copy` and about 300 bytes: pass it by reference in hot loops.
#[derive(Clone, Copy)]
pub struct EventRef<'a> {
    record: RecordRef<'a>,
    names: &'a dyn Names,
    kind: &'a str,
    scope: &'a str,
    entity: &'a str,
    correlation: Option<&'a str>,
    place: Place,
}

impl<'a> EventRef<'a> {
    /// Joins a record with the dictionary of its segment, which must hold the names that the record defines.
    ///
    /// Looks up every name once; no allocation.
    ///
    /// # Errors
    /// [`DecodeError`] if a name has a number that `names` lacks, if the tags are not sorted and distinct, or if the
    /// place is outside the batch. Its offset is 0: a name's number means nothing without the segment.
    pub fn new(record: RecordRef<'a>, names: &'a dyn Names, place: Place) -> Result<Self, DecodeError> {
        let resolve = |name: NameRef<'a>| name.resolve(names).ok_or(UNKNOWN_NAME);
        if place.batch_index >= place.batch_count {
            return Err(DecodeError::new(0, "batch index outside the batch"));
        }
        let mut before = "";
        for tag in record.tags() {
            let tag = resolve(tag)?;
            // The first is not compared: against the empty text that alone would cost as much as the whole parse,
            // since a masked load from its dangling address is a fault that the processor has to suppress.
            if !before.is_empty() && tag <= before {
                return Err(DecodeError::new(0, "tags are not sorted and distinct"));
            }
            before = tag;
        }
        Ok(Self {
            kind: resolve(record.kind())?,
            scope: resolve(record.scope())?,
            entity: resolve(record.entity())?,
            correlation: record.correlation().map(resolve).transpose()?,
            record,
            names,
            place,
        })
    }

    /// The record as it lies in the segment.
    #[must_use]
    pub const fn record(&self) -> &RecordRef<'a> {
        &self.record
    }

    /// What the commit says about the event.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.place
    }

    /// Where the event stands in the log.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.place.position
    }

    /// The event's id.
    #[must_use]
    pub fn id(&self) -> EventId {
        self.record.id()
    }

    /// What happened.
    #[must_use]
    pub const fn kind(&self) -> &'a str {
        self.kind
    }

    /// Whether the kind is the system's.
    #[must_use]
    pub fn is_system(&self) -> bool {
        is_system_kind(self.kind)
    }

    /// The version of the payload's shape.
    #[must_use]
    pub const fn version(&self) -> u16 {
        self.record.version()
    }

    /// The space of the entity.
    #[must_use]
    pub const fn scope(&self) -> &'a str {
        self.scope
    }

    /// What the stream is about.
    #[must_use]
    pub const fn entity(&self) -> &'a str {
        self.entity
    }

    /// Where the event stands in its stream, from 1.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.record.revision()
    }

    /// The tags, sorted and distinct.
    #[must_use]
    pub fn tags(&self) -> Tags<'a> {
        Tags { refs: self.record.tags(), names: self.names }
    }

    /// The causes in the caller's order.
    #[must_use]
    pub const fn causes(&self) -> CauseRefs<'a> {
        self.record.causes()
    }

    /// The business transaction.
    #[must_use]
    pub const fn correlation(&self) -> Option<&'a str> {
        self.correlation
    }

    /// When the event was recorded.
    #[must_use]
    pub const fn recorded_at(&self) -> Hlc {
        self.place.recorded_at
    }

    /// The caller's own time.
    #[must_use]
    pub fn valid_at(&self) -> Option<ValidTime> {
        self.record.valid_at()
    }

    /// Where the event stands in its commit, from 0.
    #[must_use]
    pub const fn batch_index(&self) -> u16 {
        self.place.batch_index
    }

    /// How many events the commit has.
    #[must_use]
    pub const fn batch_count(&self) -> u16 {
        self.place.batch_count
    }

    /// The commit's idempotency key.
    #[must_use]
    pub const fn key(&self) -> Option<KeyDigest> {
        self.place.key
    }

    /// How to read the payload.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        self.record.codec()
    }

    /// The key and salt, if the payload may be erased.
    #[must_use]
    pub fn erasable(&self) -> Option<Erasable> {
        self.record.erasable()
    }

    /// The payload's bytes, unchanged.
    #[must_use]
    pub const fn payload(&self) -> &'a [u8] {
        self.record.payload()
    }

    /// The payload of an event that was appended as JSON.
    ///
    /// # Errors
    /// [`CoreError::BadPayload`] if it has another codec or is no `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CoreError> {
        expect_codec(self.codec(), Codec::JSON)?;
        decode_json(self.payload())
    }

    /// The payload of an event that was appended as postcard.
    ///
    /// # Errors
    /// [`CoreError::BadPayload`] if it has another codec or is no `T`.
    pub fn postcard<T: DeserializeOwned>(&self) -> Result<T, CoreError> {
        expect_codec(self.codec(), Codec::POSTCARD)?;
        decode_postcard(self.payload())
    }

    /// The hash of the event's canonical envelope: a leaf of the Merkle tree (RFC 6962, section 2.1).
    ///
    /// It covers everything but the position. Costs one SHA-256 over the payload and one over the envelope; `scratch`
    /// is overwritten and keeps its room for the next event.
    pub fn leaf_hash(&self, scratch: &mut Vec<u8>) -> Hash {
        scratch.clear();
        Envelope::of(self).encode_into(scratch);
        leaf_hash(scratch)
    }

    /// The same event, owned: copies names and payload.
    ///
    /// # Errors
    /// [`DecodeError`] if the dictionary gave out a name that breaks the rule of names: it is damaged.
    pub fn to_owned_event(&self) -> Result<Event, DecodeError> {
        Event::copied(self).map_err(|_| DecodeError::new(0, "dictionary holds what is no name"))
    }
}

const UNKNOWN_NAME: DecodeError = DecodeError::new(0, "name is not in the dictionary");

pub(super) fn expect_codec(codec: Codec, wanted: Codec) -> Result<(), CoreError> {
    if codec == wanted {
        return Ok(());
    }
    Err(CoreError::BadPayload { codec: wanted, reason: format!("its codec is {} ({})", codec.name(), codec.get()) })
}

impl fmt::Debug for EventRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventRef")
            .field("place", &self.place)
            .field("kind", &self.kind)
            .field("scope", &self.scope)
            .field("entity", &self.entity)
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}

/// The tags of an event, sorted and distinct, looked up as they are asked for.
#[derive(Clone, Copy)]
pub struct Tags<'a> {
    refs: NameRefs<'a>,
    names: &'a dyn Names,
}

impl<'a> Iterator for Tags<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        // `EventRef::new` resolved the same names from the same dictionary, which never forgets one.
        self.refs.next()?.resolve(self.names)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.refs.size_hint()
    }
}

impl ExactSizeIterator for Tags<'_> {}

impl fmt::Debug for Tags<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}
