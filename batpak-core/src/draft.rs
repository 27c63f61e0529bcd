//! Drafts: events before they have a position.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cause::Cause;
use crate::coordinate::Coordinate;
use crate::encoding::Codec;
use crate::error::CoreError;
use crate::expected::Expected;
use crate::id::EventId;
use crate::kind::Kind;
use crate::limits::{CAUSES_MAX, PAYLOAD_BYTES_MAX, TAGS_MAX};
use crate::name::Correlation;
use crate::payload::{encode_json, encode_postcard};
use crate::tag::Tag;
use crate::time::ValidTime;

/// An event as the caller wants it. The payload may be borrowed; nothing is copied before the append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft<'a> {
    /// The id, or none to have one made (a version 7 UUID).
    pub id: Option<EventId>,
    /// The stream.
    pub coordinate: Coordinate,
    /// What happened.
    pub kind: Kind,
    /// The version of the payload's shape; 1 unless said otherwise.
    pub version: u16,
    /// At most [`TAGS_MAX`] tags, a set: stored sorted and once each.
    pub tags: Vec<Tag>,
    /// At most [`CAUSES_MAX`] causes, in the caller's order, each event once.
    pub causes: Vec<Cause>,
    /// The business transaction.
    pub correlation: Option<Correlation>,
    /// The caller's own time.
    pub valid_at: Option<ValidTime>,
    /// How to read the payload.
    pub codec: Codec,
    /// At most [`PAYLOAD_BYTES_MAX`] bytes.
    pub payload: Cow<'a, [u8]>,
    /// What the stream must look like just before this event, in the same batch too.
    pub expected: Expected,
}

impl<'a> Draft<'a> {
    /// An event with a payload that is already encoded. The bytes are taken as they are; `codec` is the caller's word.
    pub fn new(coordinate: Coordinate, kind: Kind, codec: Codec, payload: impl Into<Cow<'a, [u8]>>) -> Self {
        Self {
            id: None,
            coordinate,
            kind,
            version: 1,
            tags: Vec::new(),
            causes: Vec::new(),
            correlation: None,
            valid_at: None,
            codec,
            payload: payload.into(),
            expected: Expected::Any,
        }
    }

    /// An event whose payload is bytes that mean nothing to batpak.
    pub fn raw(coordinate: Coordinate, kind: Kind, payload: impl Into<Cow<'a, [u8]>>) -> Self {
        Self::new(coordinate, kind, Codec::RAW, payload)
    }

    /// An event whose payload is a value written as JSON.
    ///
    /// # Errors
    /// As [`encode_json`].
    pub fn json<T: Serialize + DeserializeOwned>(
        coordinate: Coordinate,
        kind: Kind,
        value: &T,
    ) -> Result<Self, CoreError> {
        Ok(Self::new(coordinate, kind, Codec::JSON, encode_json(value)?))
    }

    /// An event whose payload is a value written in postcard's format.
    ///
    /// # Errors
    /// As [`encode_postcard`].
    pub fn postcard<T: Serialize + DeserializeOwned>(
        coordinate: Coordinate,
        kind: Kind,
        value: &T,
    ) -> Result<Self, CoreError> {
        Ok(Self::new(coordinate, kind, Codec::POSTCARD, encode_postcard(value)?))
    }

    /// Adds a tag.
    #[must_use]
    pub fn tag(mut self, tag: Tag) -> Self {
        self.tags.push(tag);
        self
    }

    /// Adds a cause.
    #[must_use]
    pub fn cause(mut self, cause: Cause) -> Self {
        self.causes.push(cause);
        self
    }

    /// Sets the id.
    #[must_use]
    pub fn id(mut self, id: EventId) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets the business transaction.
    #[must_use]
    pub fn correlation(mut self, correlation: Correlation) -> Self {
        self.correlation = Some(correlation);
        self
    }

    /// Sets the caller's own time.
    #[must_use]
    pub fn valid_at(mut self, valid_at: ValidTime) -> Self {
        self.valid_at = Some(valid_at);
        self
    }

    /// Sets the version of the payload's shape.
    #[must_use]
    pub fn version(mut self, version: u16) -> Self {
        self.version = version;
        self
    }

    /// Sets what the stream must look like just before this event.
    #[must_use]
    pub fn expect(mut self, expected: Expected) -> Self {
        self.expected = expected;
        self
    }

    /// The same event with a payload of its own; copies it if it was borrowed.
    pub fn into_owned(self) -> Draft<'static> {
        Draft { payload: Cow::Owned(self.payload.into_owned()), ..self }
    }

    /// Checks the limits and the ids. Tags are counted once each, as they will be stored.
    ///
    /// # Errors
    /// [`CoreError::PayloadTooLarge`], [`CoreError::TooManyTags`], [`CoreError::TooManyCauses`],
    /// [`CoreError::DuplicateCause`], [`CoreError::OwnCause`] or [`CoreError::NilId`].
    ///
    /// Cost: one pass over the causes for each cause; no allocation unless there are more tags than the limit.
    pub fn check(&self) -> Result<(), CoreError> {
        if self.payload.len() > PAYLOAD_BYTES_MAX {
            return Err(CoreError::PayloadTooLarge { bytes: self.payload.len() });
        }
        if self.tags.len() > TAGS_MAX {
            let count = self.tags_sorted().len();
            if count > TAGS_MAX {
                return Err(CoreError::TooManyTags { count });
            }
        }
        if self.id.is_some_and(|id| id.is_nil()) {
            return Err(CoreError::NilId { what: "event id" });
        }
        self.check_causes()
    }

    fn check_causes(&self) -> Result<(), CoreError> {
        if self.causes.len() > CAUSES_MAX {
            return Err(CoreError::TooManyCauses { count: self.causes.len() });
        }
        let mut rest = self.causes.iter();
        while let Some(cause) = rest.next() {
            let id = cause.id;
            if id.is_nil() {
                return Err(CoreError::NilId { what: "cause" });
            }
            if Some(id) == self.id {
                return Err(CoreError::OwnCause { id });
            }
            if rest.clone().any(|later| later.id == id) {
                return Err(CoreError::DuplicateCause { id });
            }
        }
        Ok(())
    }

    /// Sorts the tags and removes repeated ones, as they are stored. Does nothing, and costs one pass, if they are so already.
    pub fn normalize(&mut self) {
        if !self.tags_are_normal() {
            self.tags.sort_unstable();
            self.tags.dedup();
        }
    }

    /// Whether the tags are sorted and there once each.
    pub(crate) fn tags_are_normal(&self) -> bool {
        self.tags.is_sorted_by(|left, right| left < right)
    }

    /// The tags as they are stored.
    pub(crate) fn tags_sorted(&self) -> Vec<&Tag> {
        let mut tags: Vec<&Tag> = self.tags.iter().collect();
        tags.sort_unstable();
        tags.dedup();
        tags
    }
}
