//! Reading a record: one pass into borrowed parts.

use crate::encoding::Codec;
use crate::error::DecodeError;
use crate::id::EventId;
use crate::limits::PAYLOAD_BYTES_MAX;
use crate::position::Revision;
use crate::time::ValidTime;

use super::erasable::{Erasable, Salt};
use super::list::{CauseRefs, NameRefs, read_name};
use super::{RECORD_BYTES_MAX, flag};
use crate::codec::names::NameRef;
use crate::codec::reader::Reader;
use crate::codec::{cause, varint};

/// A record as it lies in its segment, parsed once into borrowed parts; nothing is decoded or allocated.
///
/// Names are numbers until a dictionary resolves them: see [`EventRef`](crate::EventRef).
#[derive(Clone, Copy, Debug)]
pub struct RecordRef<'a> {
    id: &'a [u8; 16],
    kind: NameRef<'a>,
    scope: NameRef<'a>,
    entity: NameRef<'a>,
    correlation: Option<NameRef<'a>>,
    tags: NameRefs<'a>,
    causes: CauseRefs<'a>,
    payload: &'a [u8],
    revision: u64,
    valid_at: Option<i64>,
    erasable: Option<(u64, &'a [u8; 16])>,
    version: u16,
    codec: u8,
    defines: bool,
}

impl<'a> RecordRef<'a> {
    /// Parses the record at the start of `bytes`; also says how many bytes it took.
    ///
    /// One pass over everything but the payload, no allocation, tens of nanoseconds.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are no whole record within the limits, or not the shortest form of one. Whether
    /// numbers are in the dictionary and tags are sorted is checked by [`EventRef::new`](crate::EventRef::new).
    pub fn parse(bytes: &'a [u8]) -> Result<(Self, usize), DecodeError> {
        let mut outer = Reader::new(bytes);
        let length = outer.bounded(RECORD_BYTES_MAX, "record length")?;
        let start = outer.offset();
        outer.take(length, "record is cut off")?;
        let end = outer.offset();

        let mut reader = Reader::new(bytes.get(..end).unwrap_or_default());
        reader.take(start, "record length")?;
        Ok((Self::parse_body(&mut reader)?, end))
    }

    #[inline]
    fn parse_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let flags = reader.byte("record flags")?;
        if flags & flag::UNKNOWN != 0 {
            return Err(reader.fault("unknown record flag"));
        }
        let has = |flag: u8| flags & flag != 0;
        let mut defines = false;

        let id = cause::read_id(reader, "event id")?;
        let kind = read_name(reader, "kind", &mut defines)?;
        let version = if has(flag::VERSION) { read_version(reader)? } else { 1 };
        let scope = read_name(reader, "scope", &mut defines)?;
        let entity = read_name(reader, "entity", &mut defines)?;
        let revision = reader.varint("revision")?;
        if revision == 0 {
            return Err(reader.fault("revision is zero"));
        }
        let tags = if has(flag::TAGS) { NameRefs::parse(reader, &mut defines)? } else { NameRefs::default() };
        let causes = if has(flag::CAUSES) { CauseRefs::parse(reader)? } else { CauseRefs::default() };
        let correlation =
            if has(flag::CORRELATION) { Some(read_name(reader, "correlation", &mut defines)?) } else { None };
        let valid_at = if has(flag::VALID_AT) { Some(varint::unzigzag(reader.varint("valid time")?)) } else { None };
        let codec = reader.byte("codec")?;
        let erasable = if has(flag::ERASABLE) { Some((reader.varint("key id")?, reader.array("salt")?)) } else { None };
        let payload_bytes = reader.bounded(PAYLOAD_BYTES_MAX, "payload length")?;
        let payload = reader.take(payload_bytes, "payload is cut off")?;
        reader.finish("bytes after the payload")?;
        Ok(Self {
            id,
            kind,
            scope,
            entity,
            correlation,
            tags,
            causes,
            payload,
            revision,
            valid_at,
            erasable,
            version,
            codec,
            defines,
        })
    }

    /// The event's id; never nil.
    #[inline]
    #[must_use]
    pub fn id(&self) -> EventId {
        EventId::from_bytes(*self.id)
    }

    /// The kind's name.
    #[inline]
    #[must_use]
    pub const fn kind(&self) -> NameRef<'a> {
        self.kind
    }

    /// The schema version of the kind.
    #[inline]
    #[must_use]
    pub const fn version(&self) -> u16 {
        self.version
    }

    /// The scope's name.
    #[inline]
    #[must_use]
    pub const fn scope(&self) -> NameRef<'a> {
        self.scope
    }

    /// The entity's name.
    #[inline]
    #[must_use]
    pub const fn entity(&self) -> NameRef<'a> {
        self.entity
    }

    /// The place within the stream, from 1.
    #[inline]
    #[must_use]
    pub const fn revision(&self) -> Revision {
        Revision::new(self.revision)
    }

    /// The tags in the order of their text.
    #[inline]
    #[must_use]
    pub const fn tags(&self) -> NameRefs<'a> {
        self.tags
    }

    /// The causes in the caller's order.
    #[inline]
    #[must_use]
    pub const fn causes(&self) -> CauseRefs<'a> {
        self.causes
    }

    /// The correlation's name.
    #[inline]
    #[must_use]
    pub const fn correlation(&self) -> Option<NameRef<'a>> {
        self.correlation
    }

    /// The caller's own time.
    #[inline]
    #[must_use]
    pub fn valid_at(&self) -> Option<ValidTime> {
        self.valid_at.map(ValidTime::new)
    }

    /// How the payload is encoded.
    #[inline]
    #[must_use]
    pub const fn codec(&self) -> Codec {
        Codec::new(self.codec)
    }

    /// The key and salt, if the payload may be erased.
    #[inline]
    #[must_use]
    pub fn erasable(&self) -> Option<Erasable> {
        self.erasable.map(|(key_id, salt)| Erasable { key_id, salt: Salt::from_bytes(*salt) })
    }

    /// The payload's bytes, as they were appended.
    #[inline]
    #[must_use]
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// Whether the record defines any name; most records of a segment do not.
    #[inline]
    #[must_use]
    pub const fn defines_names(&self) -> bool {
        self.defines
    }

    /// The names that this record defines, in the order in which they take their numbers.
    pub fn definitions(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let names = self.defines.then(|| {
            let required = [self.kind, self.scope, self.entity];
            required.into_iter().chain(self.tags).chain(self.correlation)
        });
        names.into_iter().flatten().filter_map(|name| match name {
            NameRef::Inline(text) => Some(text),
            NameRef::Number(_) => None,
        })
    }
}

fn read_version(reader: &mut Reader<'_>) -> Result<u16, DecodeError> {
    match reader.short("schema version")? {
        1 => Err(reader.fault("schema version 1 is left out")),
        version => Ok(version),
    }
}
