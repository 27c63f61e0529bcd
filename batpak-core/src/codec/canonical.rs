//! The canonical envelope: what an event's leaf hash covers, and the form in which events leave the store.
//!
//! The fields in the order of [`Envelope`], after the envelope's version, in postcard's wire types: `u8` as it is;
//! other unsigned numbers as varints, signed ones zigzagged before; text and lists after their length; an option after
//! 0 or 1; ids, hashes and digests as bare bytes; a cause as edge (0 required, 1 alternative and its group, 2 context)
//! and id. Only the shortest varints, only tags that are sorted and distinct: one event has one encoding.

use crate::cause::Cause;
use crate::encoding::Codec;
use crate::error::DecodeError;
use crate::event::EventRef;
use crate::hash::{Hash, payload_commitment};
use crate::id::EventId;
use crate::key::KeyDigest;
use crate::limits::{CAUSES_MAX, TAGS_MAX};
use crate::position::Revision;
use crate::time::{Hlc, ValidTime};

use super::reader::Reader;
use super::record::{Erasable, Salt};
use super::{cause, varint};

/// The version that starts every envelope.
pub const ENVELOPE_VERSION: u8 = 1;

/// Everything about an event but its position, the payload as a commitment.
///
/// Made by [`Envelope::of`] or [`Envelope::decode`]. The position is left out since the leaf's index says it, and the
/// identity of the store, so that an event keeps its leaf when it is imported into an empty store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Envelope<'a> {
    /// The event's id, 16 bytes.
    pub id: EventId,
    /// What happened.
    pub kind: &'a str,
    /// The version of the payload's shape, u16.
    pub schema_version: u16,
    /// The space of the entity.
    pub scope: &'a str,
    /// What the stream is about.
    pub entity: &'a str,
    /// Where the event stands in its stream, u64 from 1.
    pub revision: Revision,
    /// The tags, sorted and distinct, at most 32.
    pub tags: Vec<&'a str>,
    /// The causes in the caller's order, at most 64.
    pub causes: Vec<Cause>,
    /// The business transaction, an option.
    pub correlation: Option<&'a str>,
    /// When the event was recorded: microseconds u64, counter u16.
    pub recorded_at: Hlc,
    /// The caller's own time, an option of i64.
    pub valid_at: Option<ValidTime>,
    /// How to read the payload, u8.
    pub codec: Codec,
    /// The key id, an option of u64, and the salt, an option of 16 bytes: both or neither.
    pub erasable: Option<Erasable>,
    /// SHA-256 over salt and payload, 32 bytes.
    pub payload_commitment: Hash,
    /// Where the event stands in its commit, u16 from 0.
    pub batch_index: u16,
    /// How many events the commit has, u16.
    pub batch_count: u16,
    /// The commit's idempotency key, an option of 16 bytes.
    pub key: Option<KeyDigest>,
}

impl<'a> Envelope<'a> {
    /// The envelope of an event; hashes the payload and copies no text.
    #[must_use]
    pub fn of(event: &EventRef<'a>) -> Self {
        let erasable = event.erasable();
        let salt = erasable.as_ref().map_or(&[][..], |erasable| erasable.salt.as_bytes());
        let commitment = Hash::from_bytes(payload_commitment(salt, event.payload()));
        Self::with_commitment(event, commitment)
    }

    /// The envelope of an event whose payload was hashed already.
    ///
    /// The commitment is believed: a wrong one gives a leaf that no proof will match.
    #[must_use]
    pub fn with_commitment(event: &EventRef<'a>, payload_commitment: Hash) -> Self {
        Self {
            id: event.id(),
            kind: event.kind(),
            schema_version: event.version(),
            scope: event.scope(),
            entity: event.entity(),
            revision: event.revision(),
            tags: event.tags().collect(),
            causes: event.causes().collect(),
            correlation: event.correlation(),
            recorded_at: event.recorded_at(),
            valid_at: event.valid_at(),
            codec: event.codec(),
            erasable: event.erasable(),
            payload_commitment,
            batch_index: event.batch_index(),
            batch_count: event.batch_count(),
            key: event.key(),
        }
    }

    /// Whether these bytes are the payload that the envelope commits to.
    #[must_use]
    pub fn commits_to(&self, payload: &[u8]) -> bool {
        let salt = self.erasable.as_ref().map_or(&[][..], |erasable| erasable.salt.as_bytes());
        Hash::from_bytes(payload_commitment(salt, payload)) == self.payload_commitment
    }

    /// Appends the canonical bytes to `out`.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        out.push(ENVELOPE_VERSION);
        out.extend_from_slice(self.id.as_bytes());
        write_text(out, self.kind);
        varint::write(out, u64::from(self.schema_version));
        write_text(out, self.scope);
        write_text(out, self.entity);
        varint::write(out, self.revision.get());
        varint::write(out, self.tags.len() as u64);
        self.tags.iter().for_each(|tag| write_text(out, tag));
        varint::write(out, self.causes.len() as u64);
        self.causes.iter().for_each(|cause| cause::write(out, cause));
        write_option(out, self.correlation, write_text);
        varint::write(out, self.recorded_at.wall_us);
        varint::write(out, u64::from(self.recorded_at.counter));
        write_option(out, self.valid_at, |out, time| {
            varint::write(out, varint::zigzag(time.micros()));
        });
        out.push(self.codec.get());
        write_option(out, self.erasable, |out, erasable| varint::write(out, erasable.key_id));
        write_option(out, self.erasable, |out, erasable| {
            out.extend_from_slice(erasable.salt.as_bytes());
        });
        out.extend_from_slice(self.payload_commitment.as_bytes());
        varint::write(out, u64::from(self.batch_index));
        varint::write(out, u64::from(self.batch_count));
        write_option(out, self.key, |out, key| out.extend_from_slice(key.as_bytes()));
    }

    /// Reads canonical bytes, all of them.
    ///
    /// Accepts exactly what [`encode_into`](Self::encode_into) writes: what was decoded encodes to the same bytes.
    ///
    /// # Errors
    /// [`DecodeError`] for anything else, a later version included.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let version = reader.byte("envelope version")?;
        if version != ENVELOPE_VERSION {
            return Err(DecodeError::new(0, "unknown envelope version"));
        }
        let envelope = Self {
            id: EventId::from_bytes(*cause::read_id(&mut reader, "event id")?),
            kind: reader.name("kind")?,
            schema_version: reader.short("schema version")?,
            scope: reader.name("scope")?,
            entity: reader.name("entity")?,
            revision: read_revision(&mut reader)?,
            tags: read_tags(&mut reader)?,
            causes: read_causes(&mut reader)?,
            correlation: read_option(&mut reader, |reader| reader.name("correlation"))?,
            recorded_at: Hlc { wall_us: reader.varint("recorded time")?, counter: reader.short("time counter")? },
            valid_at: read_option(&mut reader, |reader| {
                Ok(ValidTime::new(varint::unzigzag(reader.varint("valid time")?)))
            })?,
            codec: Codec::new(reader.byte("codec")?),
            erasable: read_erasable(&mut reader)?,
            payload_commitment: Hash::from_bytes(*reader.array("payload commitment")?),
            batch_index: reader.short("batch index")?,
            batch_count: reader.short("batch count")?,
            key: read_option(&mut reader, |reader| Ok(KeyDigest::from_bytes(*reader.array("key digest")?)))?,
        };
        if envelope.batch_index >= envelope.batch_count {
            return Err(reader.fault("batch index outside the batch"));
        }
        reader.finish("bytes after the envelope")?;
        Ok(envelope)
    }
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    varint::write(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn write_option<T>(out: &mut Vec<u8>, value: Option<T>, write: impl FnOnce(&mut Vec<u8>, T)) {
    match value {
        None => out.push(0),
        Some(value) => {
            out.push(1);
            write(out, value);
        }
    }
}

fn read_option<'a, T>(
    reader: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<Option<T>, DecodeError> {
    let at = *reader;
    match reader.byte("option")? {
        0 => Ok(None),
        1 => read(reader).map(Some),
        _ => Err(at.fault("option is neither 0 nor 1")),
    }
}

fn read_revision(reader: &mut Reader<'_>) -> Result<Revision, DecodeError> {
    match reader.varint("revision")? {
        0 => Err(reader.fault("revision is zero")),
        revision => Ok(Revision::new(revision)),
    }
}

fn read_tags<'a>(reader: &mut Reader<'a>) -> Result<Vec<&'a str>, DecodeError> {
    let count = reader.bounded(TAGS_MAX, "tag count")?;
    let mut tags = Vec::with_capacity(count);
    let mut before = "";
    for _ in 0..count {
        let at = *reader;
        let tag = reader.name("tag")?;
        if tag <= before {
            return Err(at.fault("tags are not sorted and distinct"));
        }
        before = tag;
        tags.push(tag);
    }
    Ok(tags)
}

fn read_causes(reader: &mut Reader<'_>) -> Result<Vec<Cause>, DecodeError> {
    let count = reader.bounded(CAUSES_MAX, "cause count")?;
    (0..count).map(|_| cause::read(reader)).collect()
}

fn read_erasable(reader: &mut Reader<'_>) -> Result<Option<Erasable>, DecodeError> {
    let at = *reader;
    let key_id = read_option(reader, |reader| reader.varint("key id"))?;
    let salt = read_option(reader, |reader| reader.array("salt"))?;
    match (key_id, salt) {
        (None, None) => Ok(None),
        (Some(key_id), Some(salt)) => Ok(Some(Erasable { key_id, salt: Salt::from_bytes(*salt) })),
        _ => Err(at.fault("key id and salt go together")),
    }
}
