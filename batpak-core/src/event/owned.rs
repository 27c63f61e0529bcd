//! The owned event: every part copied, for callers that keep it.

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};

use crate::cause::Cause;
use crate::codec::Erasable;
use crate::coordinate::Coordinate;
use crate::encoding::Codec;
use crate::error::CoreError;
use crate::event::{EventRef, borrowed::expect_codec};
use crate::id::EventId;
use crate::key::KeyDigest;
use crate::kind::Kind;
use crate::name::Correlation;
use crate::payload::{decode_json, decode_postcard};
use crate::position::{Position, Revision};
use crate::tag::Tag;
use crate::time::{Hlc, ValidTime};

/// An event with everything that is known about it.
///
/// The names of its fields are stable in every serde format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Where it stands in the log.
    pub position: Position,
    /// Its id.
    pub id: EventId,
    /// Its stream.
    pub coordinate: Coordinate,
    /// Where it stands in its stream, from 1.
    pub revision: Revision,
    /// What happened.
    pub kind: Kind,
    /// The version of the payload's shape.
    pub version: u16,
    /// The tags, sorted and distinct.
    pub tags: Vec<Tag>,
    /// The causes in the caller's order.
    pub causes: Vec<Cause>,
    /// The business transaction.
    pub correlation: Option<Correlation>,
    /// When it was recorded.
    pub recorded_at: Hlc,
    /// The caller's own time.
    pub valid_at: Option<ValidTime>,
    /// Where it stands in its commit, from 0.
    pub batch_index: u16,
    /// How many events its commit has.
    pub batch_count: u16,
    /// The commit's idempotency key.
    pub key: Option<KeyDigest>,
    /// How to read the payload.
    pub codec: Codec,
    /// The key and salt, if the payload may be erased.
    pub erasable: Option<Erasable>,
    /// The payload's bytes, unchanged.
    #[serde(serialize_with = "as_bytes")]
    pub payload: Vec<u8>,
}

impl Event {
    pub(super) fn copied(event: &EventRef<'_>) -> Result<Self, CoreError> {
        Ok(Self {
            position: event.position(),
            id: event.id(),
            coordinate: Coordinate::new(event.scope(), event.entity())?,
            revision: event.revision(),
            kind: Kind::stored(event.kind())?,
            version: event.version(),
            tags: event.tags().map(Tag::new).collect::<Result<_, _>>()?,
            causes: event.causes().collect(),
            correlation: event.correlation().map(Correlation::new).transpose()?,
            recorded_at: event.recorded_at(),
            valid_at: event.valid_at(),
            batch_index: event.batch_index(),
            batch_count: event.batch_count(),
            key: event.key(),
            codec: event.codec(),
            erasable: event.erasable(),
            payload: event.payload().to_vec(),
        })
    }

    /// The payload of an event that was appended as JSON.
    ///
    /// # Errors
    /// [`CoreError::BadPayload`] if it has another codec or is no `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CoreError> {
        expect_codec(self.codec, Codec::JSON)?;
        decode_json(&self.payload)
    }

    /// The payload of an event that was appended as postcard.
    ///
    /// # Errors
    /// [`CoreError::BadPayload`] if it has another codec or is no `T`.
    pub fn postcard<T: DeserializeOwned>(&self) -> Result<T, CoreError> {
        expect_codec(self.codec, Codec::POSTCARD)?;
        decode_postcard(&self.payload)
    }
}

fn as_bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}
