//! Generators of drafts and places, and the way of a draft through its record to an event.

use batpak_core::codec::{Dictionary, RecordRef, encode_record};
use batpak_core::event::{EventRef, Place};
use batpak_core::{
    Cause, Codec, Coordinate, Correlation, Draft, EventId, Hlc, KeyDigest, Kind, Position, Revision, Tag, ValidTime,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Names of every sort: few that repeat, some of any script, some as long as they may be.
pub fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[abc]{1,2}",
        2 => "[a-z0-9_.:-]{1,30}",
        1 => "\\PC{1,60}".prop_filter("length in bytes", |name| name.len() <= 255),
        1 => "x{255}",
    ]
}

pub fn id() -> impl Strategy<Value = EventId> {
    any::<[u8; 16]>().prop_map(EventId::from_bytes).prop_filter("not nil", |id| !id.is_nil())
}

fn cause() -> impl Strategy<Value = Cause> {
    (id(), 0..3, any::<u8>()).prop_map(|(id, edge, group)| match edge {
        0 => Cause::required(id),
        1 => Cause::alternative(id, group),
        _ => Cause::context(id),
    })
}

/// Any draft that passes its check; the tags are a set, sorted.
pub fn draft() -> impl Strategy<Value = Draft<'static>> {
    let names = (name(), name(), name(), vec(name(), 0..5), option::of(name()));
    let rest = (
        vec(cause(), 0..4),
        any::<u8>(),
        prop_oneof![Just(1), any::<u16>()],
        option::of(any::<i64>()),
        prop_oneof![vec(any::<u8>(), 0..40), vec(any::<u8>(), 100..300), vec(any::<u8>(), 16_300..16_400)],
    );
    (names, rest).prop_map(|((kind, scope, entity, tags, correlation), (causes, codec, version, time, payload))| {
        let coordinate = Coordinate::new(&scope, &entity).unwrap();
        let mut draft = Draft::new(coordinate, Kind::stored(&kind).unwrap(), Codec::new(codec), payload);
        draft.version = version;
        draft.tags = tags.into_iter().map(|tag| Tag::new(tag).unwrap()).collect();
        draft.causes = causes;
        draft.causes.dedup_by_key(|cause| cause.id);
        draft.correlation = correlation.map(|name| Correlation::new(name).unwrap());
        draft.valid_at = time.map(ValidTime::new);
        draft.normalize();
        draft
    })
}

pub fn place() -> impl Strategy<Value = Place> {
    let batch = (1..=u16::MAX).prop_flat_map(|count| (0..count, Just(count)));
    (any::<u64>(), any::<(u64, u16)>(), batch, option::of(any::<[u8; 16]>())).prop_map(
        |(position, (wall_us, counter), (batch_index, batch_count), key)| Place {
            position: Position::new(position),
            recorded_at: Hlc { wall_us, counter },
            batch_index,
            batch_count,
            key: key.map(KeyDigest::from_bytes),
        },
    )
}

/// A draft that was written into a segment of its own.
pub struct Stored {
    pub names: Dictionary,
    pub bytes: Vec<u8>,
}

impl Stored {
    pub fn new(draft: &Draft<'_>, id: EventId, revision: u64) -> Self {
        let mut stored = Self { names: Dictionary::new(), bytes: Vec::new() };
        encode_record(&mut stored.bytes, draft, id, Revision::new(revision), &mut stored.names);
        stored
    }

    pub fn record(&self) -> RecordRef<'_> {
        let (record, size) = RecordRef::parse(&self.bytes).unwrap();
        assert_eq!(size, self.bytes.len());
        record
    }

    pub fn event(&self, place: Place) -> EventRef<'_> {
        EventRef::new(self.record(), &self.names, place).unwrap()
    }
}

/// A plain draft and its place, for tests of one property.
pub fn plain(kind: &str, scope: &str, entity: &str, tags: &[&str]) -> Draft<'static> {
    let coordinate = Coordinate::new(scope, entity).unwrap();
    let mut draft = Draft::raw(coordinate, Kind::stored(kind).unwrap(), b"payload".to_vec());
    draft.tags = tags.iter().map(|tag| Tag::new(tag).unwrap()).collect();
    draft
}

pub fn plain_id(number: u8) -> EventId {
    EventId::from_bytes([number; 16])
}

pub fn plain_place() -> Place {
    Place {
        position: Position::new(7),
        recorded_at: Hlc { wall_us: 1_700_000_000_000_000, counter: 3 },
        batch_index: 0,
        batch_count: 1,
        key: None,
    }
}
