//! The disk record: what is written is read, and nothing else is.

use batpak_core::codec::{Dictionary, Erasable, NameRef, RecordRef, Salt, encode_record, varint};
use batpak_core::event::{EventRef, Place};
use batpak_core::{Draft, Event, EventId, Revision, Tag};
use proptest::prelude::*;

use crate::generate::{Stored, draft, id, place, plain, plain_id, plain_place};

fn check_same(event: &Event, draft: &Draft<'_>, id: EventId, revision: u64, place: Place) {
    assert_eq!(event.id, id);
    assert_eq!(event.coordinate, draft.coordinate);
    assert_eq!(event.revision, Revision::new(revision));
    assert_eq!(event.kind, draft.kind);
    assert_eq!(event.version, draft.version);
    assert_eq!(event.tags, draft.tags);
    assert_eq!(event.causes, draft.causes);
    assert_eq!(event.correlation, draft.correlation);
    assert_eq!(event.valid_at, draft.valid_at);
    assert_eq!(event.codec, draft.codec);
    assert_eq!(event.payload, draft.payload.as_ref());
    assert_eq!(event.erasable, None);
    assert_eq!(
        (event.position, event.recorded_at, event.batch_index, event.batch_count, event.key),
        (place.position, place.recorded_at, place.batch_index, place.batch_count, place.key)
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read(draft in draft(), id in id(), revision in 1..=u64::MAX, place in place()) {
        let stored = Stored::new(&draft, id, revision);
        let event = stored.event(place).to_owned_event().unwrap();
        check_same(&event, &draft, id, revision, place);
    }

    #[test]
    fn records_follow_each_other_and_share_names(
        drafts in proptest::collection::vec((draft(), id()), 1..6), place in place(),
    ) {
        let (mut names, mut bytes) = (Dictionary::new(), Vec::new());
        for (draft, id) in &drafts {
            encode_record(&mut bytes, draft, *id, Revision::new(1), &mut names);
        }
        let mut learned = Dictionary::new();
        let mut rest = bytes.as_slice();
        for (draft, id) in &drafts {
            let (record, size) = RecordRef::parse(rest).unwrap();
            learned.learn(&record);
            let event = EventRef::new(record, &learned, place).unwrap().to_owned_event().unwrap();
            check_same(&event, draft, *id, 1, place);
            rest = &rest[size..];
        }
        prop_assert!(rest.is_empty());
        prop_assert!(learned.iter().eq(names.iter()), "the reader's numbers are the writer's");
    }

    #[test]
    fn any_bytes_give_a_record_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        walk(&bytes);
    }

    #[test]
    fn a_damaged_record_gives_a_record_or_an_error(
        draft in draft(), id in id(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
    ) {
        let Stored { mut bytes, .. } = Stored::new(&draft, id, 1);
        let cut = cut.index(bytes.len());
        prop_assert!(RecordRef::parse(&bytes[..cut]).is_err(), "a record that is cut off is no record");
        let at = at.index(bytes.len().min(200));
        bytes[at] = byte;
        walk(&bytes);
    }

    #[test]
    fn numbers_have_one_form(value in any::<u64>(), signed in any::<i64>(), bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
        let mut out = Vec::new();
        varint::write(&mut out, value);
        prop_assert_eq!(out.len(), varint::size(value));
        prop_assert_eq!(varint::read(&out), Some((value, out.len())));
        prop_assert_eq!(&out, &postcard::to_allocvec(&value).unwrap());
        prop_assert_eq!(varint::unzigzag(varint::zigzag(signed)), signed);
        if let Some((value, size)) = varint::read(&bytes) {
            let mut again = Vec::new();
            varint::write(&mut again, value);
            prop_assert_eq!(&again, &bytes[..size]);
        }
    }
}

/// Reads everything that can be read.
fn walk(bytes: &[u8]) {
    let Ok((record, size)) = RecordRef::parse(bytes) else {
        return;
    };
    assert!(size <= bytes.len() && record.payload().len() < size);
    assert_eq!(record.tags().count(), record.tags().len());
    assert_eq!(record.causes().count(), record.causes().len());
    assert_eq!(record.defines_names(), record.definitions().count() > 0);
    let mut names = Dictionary::new();
    names.learn(&record);
    if let Ok(event) = EventRef::new(record, &names, plain_place()) {
        event.leaf_hash(&mut Vec::new());
        event.to_owned_event().unwrap();
    }
}

/// The parts of a record by hand, so that each can be wrong.
#[derive(Clone)]
struct Parts {
    flags: u8,
    id: [u8; 16],
    before_revision: Vec<u8>,
    revision: Vec<u8>,
    lists: Vec<u8>,
    tail: Vec<u8>,
}

impl Parts {
    /// A good record: names 0, 1 and 2 of the dictionary, revision 1, raw, payload `p`.
    fn good() -> Self {
        Self {
            flags: 0,
            id: [9; 16],
            before_revision: vec![1, 2, 3],
            revision: vec![1],
            lists: vec![],
            tail: vec![0, 1, b'p'],
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let body = [&[self.flags], self.id.as_slice(), &self.before_revision, &self.revision, &self.lists, &self.tail]
            .concat();
        let mut bytes = Vec::new();
        varint::write(&mut bytes, body.len() as u64);
        bytes.extend(body);
        bytes
    }
}

fn check_refused(what: &str, change: impl FnOnce(&mut Parts)) {
    let mut parts = Parts::good();
    change(&mut parts);
    let error = RecordRef::parse(&parts.bytes()).unwrap_err();
    assert!(error.to_string().contains(what), "`{what}` expected, got: {error}");
}

fn definition(length: usize) -> Vec<u8> {
    let mut bytes = vec![0];
    varint::write(&mut bytes, length as u64);
    bytes.extend(vec![b'n'; length]);
    bytes
}

fn list(count: u64, element: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    varint::write(&mut bytes, count);
    (0..count).for_each(|_| bytes.extend(element));
    bytes
}

#[test]
fn what_breaks_the_format_is_refused() {
    RecordRef::parse(&Parts::good().bytes()).unwrap();
    check_refused("unknown record flag", |parts| parts.flags = 64);
    check_refused("unknown record flag", |parts| parts.flags = 128);
    check_refused("nil event id", |parts| parts.id = [0; 16]);
    check_refused("revision is zero", |parts| parts.revision = vec![0]);
    check_refused("revision", |parts| parts.revision = vec![0x81, 0x00]);
    check_refused("revision", |parts| parts.revision = vec![0xff; 10]);
    check_refused("kind", |parts| parts.before_revision = [vec![0x80, 0x00], vec![2, 3]].concat());
    check_refused("kind", |parts| parts.before_revision = [vec![0x81, 0x80, 0x80, 0x80, 0x10], vec![2, 3]].concat());
    check_refused("kind", |parts| parts.before_revision = [definition(0), vec![2, 3]].concat());
    check_refused("kind", |parts| parts.before_revision = [definition(256), vec![2, 3]].concat());
    check_refused("kind", |parts| parts.before_revision = vec![0, 1, b'\n', 2, 3]);
    check_refused("scope", |parts| parts.before_revision = vec![1, 0, 2, 0xc2, 0x85, 3]);
    check_refused("entity", |parts| parts.before_revision = vec![1, 2, 0, 1, 0xff]);
    check_refused("schema version 1", |parts| {
        parts.flags = 1;
        parts.before_revision = vec![1, 1, 2, 3];
    });
    check_refused("tag count", |parts| {
        parts.flags = 2;
        parts.lists = vec![0];
    });
    check_refused("tag count", |parts| {
        parts.flags = 2;
        parts.lists = list(33, &[1]);
    });
    check_refused("cause count", |parts| {
        parts.flags = 4;
        parts.lists = vec![0];
    });
    check_refused("cause count", |parts| {
        parts.flags = 4;
        parts.lists = list(65, &[[0].as_slice(), &[5; 16]].concat());
    });
    check_refused("unknown edge kind", |parts| {
        parts.flags = 4;
        parts.lists = list(1, &[3; 17]);
    });
    check_refused("nil event id", |parts| {
        parts.flags = 4;
        parts.lists = list(1, &[0; 17]);
    });
    check_refused("payload length", |parts| {
        parts.tail = vec![0];
        varint::write(&mut parts.tail, (16 << 20) + 1);
    });
    check_refused("payload is cut off", |parts| parts.tail = vec![0, 2, b'p']);
    check_refused("bytes after the payload", |parts| parts.tail = vec![0, 0, b'p']);
}

#[test]
fn a_hostile_length_is_refused_before_anything_is_read() {
    let error = RecordRef::parse(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]).unwrap_err();
    assert_eq!((error.offset, error.what), (0, "record length"));
    assert!(RecordRef::parse(&[]).is_err());
    assert!(RecordRef::parse(&[0; 64]).is_err(), "zeros are no record");
}

#[test]
fn limits_can_be_reached() {
    let mut names = Dictionary::new();
    let mut tags = Vec::new();
    for number in 0..32 {
        tags.push(Tag::new(format!("{number:02}{}", "t".repeat(253))).unwrap());
    }
    let mut draft = plain("k", "s", "e", &[]);
    draft.tags = tags;
    draft.causes = (1..=64).map(|number| batpak_core::Cause::alternative(plain_id(number), number)).collect();
    draft.payload = vec![7; 16 << 20].into();
    let mut bytes = Vec::new();
    encode_record(&mut bytes, &draft, plain_id(200), Revision::new(u64::MAX), &mut names);
    let (record, size) = RecordRef::parse(&bytes).unwrap();
    let event = EventRef::new(record, &names, plain_place()).unwrap();
    assert_eq!(
        (size, event.tags().len(), event.causes().len(), event.payload().len()),
        (bytes.len(), 32, 64, 16 << 20)
    );
    assert!(bytes.len() <= batpak_core::codec::record::RECORD_BYTES_MAX);
}

#[test]
fn a_name_is_written_once() {
    let mut names = Dictionary::new();
    let draft = plain("same", "same", "entity", &["same"]);
    let (mut first, mut second) = (Vec::new(), Vec::new());
    encode_record(&mut first, &draft, plain_id(1), Revision::new(1), &mut names);
    encode_record(&mut second, &draft, plain_id(2), Revision::new(2), &mut names);
    let (record, _) = RecordRef::parse(&first).unwrap();
    assert_eq!(record.kind(), NameRef::Inline("same"));
    assert_eq!(record.scope(), NameRef::Number(0));
    assert!(record.definitions().eq(["same", "entity"]));
    let (record, _) = RecordRef::parse(&second).unwrap();
    assert!(!record.defines_names());
    assert!(record.tags().eq([NameRef::Number(0)]));
    let event = EventRef::new(record, &names, plain_place()).unwrap();
    assert_eq!((event.kind(), event.scope(), event.entity()), ("same", "same", "entity"));
}

#[test]
fn numbers_can_be_taken_back() {
    let mut names = Dictionary::new();
    let kept = plain("a", "b", "c", &[]);
    encode_record(&mut Vec::new(), &kept, plain_id(1), Revision::new(1), &mut names);
    let before = names.len();
    encode_record(&mut Vec::new(), &plain("x", "b", "y", &[]), plain_id(1), Revision::new(1), &mut names);
    names.truncate(before);
    assert!(names.iter().eq(["a", "b", "c"]));
    let mut bytes = Vec::new();
    encode_record(&mut bytes, &plain("y", "b", "x", &[]), plain_id(1), Revision::new(1), &mut names);
    assert!(RecordRef::parse(&bytes).unwrap().0.definitions().eq(["y", "x"]));
}

#[test]
fn tags_are_stored_sorted_and_once() {
    let stored = Stored::new(&plain("k", "s", "e", &["b", "a", "b", "aa"]), plain_id(1), 1);
    assert!(stored.event(plain_place()).tags().eq(["a", "aa", "b"]));
}

#[test]
fn an_event_needs_its_names_and_its_place() {
    let stored = Stored::new(&plain("k", "s", "e", &["t"]), plain_id(1), 1);
    let mut names = Dictionary::new();
    let bytes = Parts::good().bytes();
    let (record, _) = RecordRef::parse(&bytes).unwrap();
    assert!(EventRef::new(record, &names, plain_place()).is_err(), "numbers that nobody gave out");
    let outside = Place { batch_index: 1, batch_count: 1, ..plain_place() };
    assert!(EventRef::new(stored.record(), &stored.names, outside).is_err());

    names.learn(&stored.record());
    // The names are k, s, e and t, as numbers 1 to 4.
    for (tags, accepted) in [([1, 2], true), ([1, 4], true), ([4, 4], false), ([4, 1], false), ([1, 3], false)] {
        let mut parts = Parts::good();
        parts.flags = 2;
        parts.lists = [vec![2], tags.to_vec()].concat();
        let bytes = parts.bytes();
        let (record, _) = RecordRef::parse(&bytes).unwrap();
        assert_eq!(EventRef::new(record, &names, plain_place()).is_ok(), accepted, "{tags:?}");
    }
}

#[test]
fn a_payload_that_may_be_erased_is_read() {
    let mut parts = Parts::good();
    parts.flags = 32;
    parts.tail = [vec![2, 0x85, 0x01], vec![4; 16], vec![1, b'p']].concat();
    let bytes = parts.bytes();
    let (record, _) = RecordRef::parse(&bytes).unwrap();
    assert_eq!(record.erasable(), Some(Erasable { key_id: 133, salt: Salt::from_bytes([4; 16]) }));
    assert_eq!(record.payload(), b"p");
}

/// A lock: if this fails, the format changed. Raise its version; never refresh the bytes.
#[test]
fn golden_record() {
    let mut draft = plain("k", "sc", "e", &["t:1"]);
    draft.version = 2;
    draft.causes = vec![batpak_core::Cause::alternative(plain_id(3), 4)];
    draft.valid_at = Some(batpak_core::ValidTime::new(-2));
    let stored = Stored::new(&draft, plain_id(1), 300);
    let golden = [
        [0x41, 0x17].as_slice(),
        &[1; 16],
        &[0, 1, b'k', 2, 0, 2, b's', b'c', 0, 1, b'e', 0xac, 0x02],
        &[1, 0, 3, b't', b':', b'1'],
        &[1, 1, 4],
        &[3; 16],
        &[3, 0, 7],
        b"payload",
    ];
    assert_eq!(stored.bytes, golden.concat());
}
