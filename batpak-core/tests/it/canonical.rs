//! The canonical envelope: one event, one encoding, and a leaf hash that covers all of it.

use batpak_core::codec::{Dictionary, Envelope, Erasable, Intern, Salt};
use batpak_core::{
    Cause, Codec, Draft, Edge, EventId, Hash, Hlc, KeyDigest, Revision, ValidTime, leaf_hash, payload_commitment,
};
use proptest::prelude::*;
use serde::Serialize;

use crate::generate::{Stored, draft, id, place, plain, plain_id, plain_place};

/// The normative field table once more, encoded by postcard itself.
#[derive(Serialize)]
struct Reference<'a> {
    version: u8,
    id: [u8; 16],
    kind: &'a str,
    schema_version: u16,
    scope: &'a str,
    entity: &'a str,
    revision: u64,
    tags: &'a [&'a str],
    causes: Vec<(ReferenceEdge, [u8; 16])>,
    correlation: Option<&'a str>,
    wall_us: u64,
    counter: u16,
    valid_at: Option<i64>,
    codec: u8,
    key_id: Option<u64>,
    salt: Option<[u8; 16]>,
    payload_commitment: [u8; 32],
    batch_index: u16,
    batch_count: u16,
    key: Option<[u8; 16]>,
}

#[derive(Serialize)]
enum ReferenceEdge {
    Required,
    Alternative(u8),
    Context,
}

fn reference(envelope: &Envelope<'_>) -> Vec<u8> {
    let edge = |cause: &Cause| match cause.edge {
        Edge::Required => ReferenceEdge::Required,
        Edge::Alternative { group } => ReferenceEdge::Alternative(group),
        Edge::Context => ReferenceEdge::Context,
    };
    let causes = envelope.causes.iter().map(|cause| (edge(cause), *cause.id.as_bytes())).collect();
    let reference = Reference {
        version: 1,
        id: *envelope.id.as_bytes(),
        kind: envelope.kind,
        schema_version: envelope.schema_version,
        scope: envelope.scope,
        entity: envelope.entity,
        revision: envelope.revision.get(),
        tags: &envelope.tags,
        causes,
        correlation: envelope.correlation,
        wall_us: envelope.recorded_at.wall_us,
        counter: envelope.recorded_at.counter,
        valid_at: envelope.valid_at.map(ValidTime::micros),
        codec: envelope.codec.get(),
        key_id: envelope.erasable.map(|erasable| erasable.key_id),
        salt: envelope.erasable.map(|erasable| *erasable.salt.as_bytes()),
        payload_commitment: *envelope.payload_commitment.as_bytes(),
        batch_index: envelope.batch_index,
        batch_count: envelope.batch_count,
        key: envelope.key.map(|key| *key.as_bytes()),
    };
    postcard::to_allocvec(&reference).unwrap()
}

fn bytes_of(envelope: &Envelope<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    envelope.encode_into(&mut bytes);
    bytes
}

fn flip<const N: usize>(bytes: &[u8; N]) -> [u8; N] {
    let mut flipped = *bytes;
    flipped[N - 1] ^= 1;
    flipped
}

/// The same envelope with one field edited, for each field and each way to edit it.
fn edits<'a>(envelope: &Envelope<'a>) -> Vec<(&'static str, Envelope<'a>)> {
    let mut all = Vec::new();
    let mut edit = |field: &'static str, change: &dyn Fn(&mut Envelope<'a>)| {
        let mut edited = envelope.clone();
        change(&mut edited);
        all.push((field, edited));
    };
    let other_id = EventId::from_bytes(flip(envelope.id.as_bytes()));
    edit("id", &|e| e.id = other_id);
    edit("kind", &|e| e.kind = "~other");
    edit("schema version", &|e| e.schema_version ^= 1);
    edit("scope", &|e| e.scope = "~other");
    edit("entity", &|e| e.entity = "~other");
    edit("scope and entity exchanged", &|e| (e.scope, e.entity) = ("~a", "~b"));
    edit("entity and scope exchanged", &|e| (e.scope, e.entity) = ("~b", "~a"));
    edit("revision", &|e| e.revision = Revision::new(e.revision.get() ^ 1 | 2));
    edit("tag added", &|e| e.tags.push("\u{10ffff}"));
    if !envelope.tags.is_empty() {
        edit("tag removed", &|e| e.tags.truncate(e.tags.len() - 1));
        edit("tag changed", &|e| *e.tags.last_mut().unwrap() = "\u{10fffe}");
    }
    edit("cause added", &|e| e.causes.push(Cause::required(other_id)));
    if !envelope.causes.is_empty() {
        edit("cause removed", &|e| e.causes.truncate(e.causes.len() - 1));
        edit("cause changed", &|e| {
            e.causes[0].edge = match e.causes[0].edge {
                Edge::Required => Edge::Context,
                Edge::Context => Edge::Required,
                Edge::Alternative { group } => Edge::Alternative { group: group ^ 1 },
            };
        });
        edit("cause replaced", &|e| e.causes[0].id = EventId::from_bytes(flip(e.causes[0].id.as_bytes())));
    }
    edit("correlation", &|e| e.correlation = if e.correlation.is_some() { None } else { Some("~other") });
    edit("recorded time", &|e| e.recorded_at.wall_us ^= 1);
    edit("time counter", &|e| e.recorded_at.counter ^= 1);
    edit("valid time", &|e| e.valid_at = Some(ValidTime::new(e.valid_at.map_or(0, |time| time.micros() ^ 1))));
    edit("codec", &|e| e.codec = Codec::new(e.codec.get() ^ 1));
    edit("erasable", &|e| e.erasable = Some(Erasable { key_id: 0, salt: Salt::from_bytes([0; 16]) }));
    edit("key id", &|e| e.erasable = Some(Erasable { key_id: 1, salt: Salt::from_bytes([0; 16]) }));
    edit("salt", &|e| e.erasable = Some(Erasable { key_id: 0, salt: Salt::from_bytes([1; 16]) }));
    edit("payload", &|e| e.payload_commitment = Hash::from_bytes(flip(e.payload_commitment.as_bytes())));
    edit("batch count", &|e| e.batch_count = e.batch_count.wrapping_add(1));
    edit("batch index", &|e| e.batch_index = e.batch_index.wrapping_add(1));
    edit("key", &|e| e.key = Some(KeyDigest::from_bytes(e.key.map_or([0; 16], |key| flip(key.as_bytes())))));
    all
}

proptest! {
    #[test]
    fn the_encoding_is_postcards(draft in draft(), id in id(), revision in 1..=u64::MAX, place in place()) {
        let stored = Stored::new(&draft, id, revision);
        let event = stored.event(place);
        let mut envelope = Envelope::of(&event);
        let bytes = bytes_of(&envelope);
        prop_assert_eq!(&bytes, &reference(&envelope));
        prop_assert_eq!(Envelope::decode(&bytes).unwrap(), envelope.clone());
        prop_assert_eq!(event.leaf_hash(&mut vec![1, 2, 3]), leaf_hash(&bytes));
        prop_assert!(envelope.commits_to(&draft.payload));

        envelope.erasable = Some(Erasable { key_id: revision, salt: Salt::from_bytes([7; 16]) });
        let bytes = bytes_of(&envelope);
        prop_assert_eq!(&bytes, &reference(&envelope));
        prop_assert_eq!(Envelope::decode(&bytes).unwrap(), envelope);
    }

    #[test]
    fn every_edit_changes_the_leaf(draft in draft(), id in id(), revision in 1..=u64::MAX, place in place()) {
        let stored = Stored::new(&draft, id, revision);
        let envelope = Envelope::of(&stored.event(place));
        let mut seen = vec![("original", leaf_hash(&bytes_of(&envelope)))];
        for (field, edited) in edits(&envelope) {
            prop_assert_ne!(&edited, &envelope, "{}", field);
            let hash = leaf_hash(&bytes_of(&edited));
            if let Some((before, _)) = seen.iter().find(|(_, other)| *other == hash) {
                prop_assert!(false, "`{}` hides behind `{}`", field, before);
            }
            seen.push((field, hash));
        }
    }

    #[test]
    fn the_payload_is_covered(draft in draft(), id in id(), place in place()) {
        let mut other = draft.clone();
        other.payload.to_mut().push(0);
        let leaf = |draft: &Draft<'_>| Stored::new(draft, id, 1).event(place).leaf_hash(&mut Vec::new());
        prop_assert_ne!(leaf(&draft), leaf(&other));
    }

    #[test]
    fn numbers_of_names_do_not_reach_the_leaf(draft in draft(), id in id(), place in place()) {
        let alone = Stored::new(&draft, id, 1);
        let mut late = Stored { names: Dictionary::new(), bytes: Vec::new() };
        ["x", "zz", draft.coordinate.entity.as_str()].iter().for_each(|name| { late.names.intern(name); });
        batpak_core::codec::encode_record(&mut late.bytes, &draft, id, Revision::new(1), &mut late.names);
        prop_assert_ne!(&alone.bytes, &late.bytes);
        let leaf = |stored: &Stored| stored.event(place).leaf_hash(&mut Vec::new());
        prop_assert_eq!(leaf(&alone), leaf(&late));
    }

    #[test]
    fn any_bytes_give_their_own_envelope_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        check_decode(&bytes);
    }

    #[test]
    fn damaged_bytes_give_their_own_envelope_or_an_error(
        draft in draft(), id in id(), place in place(), at in any::<prop::sample::Index>(), byte in any::<u8>(), insert in any::<bool>(),
    ) {
        let stored = Stored::new(&draft, id, 1);
        let mut bytes = bytes_of(&Envelope::of(&stored.event(place)));
        let at = at.index(bytes.len());
        prop_assert!(Envelope::decode(&bytes[..at]).is_err(), "an envelope that is cut off is none");
        if insert {
            bytes.insert(at, byte);
        } else {
            bytes[at] = byte;
        }
        check_decode(&bytes);
    }
}

/// No two byte strings are the same event.
fn check_decode(bytes: &[u8]) {
    if let Ok(envelope) = Envelope::decode(bytes) {
        assert_eq!(bytes_of(&envelope), bytes);
    }
}

fn check_refused(what: &str, change: impl FnOnce(&mut Envelope<'_>)) {
    let stored = Stored::new(&plain("k", "s", "e", &["t"]), plain_id(1), 1);
    let mut envelope = Envelope::of(&stored.event(plain_place()));
    change(&mut envelope);
    let error = Envelope::decode(&bytes_of(&envelope)).unwrap_err();
    assert!(error.to_string().contains(what), "`{what}` expected, got: {error}");
}

#[test]
fn what_no_event_says_is_refused() {
    let long = "n".repeat(256);
    check_refused("nil event id", |e| e.id = EventId::from_bytes([0; 16]));
    check_refused("kind", |e| e.kind = "");
    check_refused("scope", |e| e.scope = "a\u{7f}");
    check_refused("revision is zero", |e| e.revision = Revision::NONE);
    check_refused("tags are not sorted", |e| e.tags = vec!["b", "a"]);
    check_refused("tags are not sorted", |e| e.tags = vec!["a", "a"]);
    check_refused("tag count", |e| e.tags = vec!["a"; 33]);
    check_refused("cause count", |e| e.causes = vec![Cause::required(plain_id(2)); 65]);
    check_refused("nil event id", |e| e.causes = vec![Cause::required(EventId::from_bytes([0; 16]))]);
    check_refused("correlation", |e| e.correlation = Some(""));
    check_refused("batch index", |e| e.batch_index = 1);
    check_refused("batch index", |e| e.batch_count = 0);
    assert!(Envelope::decode(&[]).is_err() && Envelope::decode(&[2; 100]).is_err());
    let stored = Stored::new(&plain("k", "s", "e", &[]), plain_id(1), 1);
    let mut envelope = Envelope::of(&stored.event(plain_place()));
    envelope.entity = &long;
    assert!(Envelope::decode(&bytes_of(&envelope)).is_err());
}

/// TRAP: an edit of anything but the payload went unnoticed.
#[test]
fn tag_kind_coordinate_time_and_cause_are_in_the_leaf() {
    let draft = plain("loan.approved", "bank", "loan-1", &["customer:1"]);
    let leaf = |draft: &Draft<'_>, place| Stored::new(draft, plain_id(1), 1).event(place).leaf_hash(&mut Vec::new());
    let original = leaf(&draft, plain_place());
    let check = |draft: Draft<'_>| assert_ne!(leaf(&draft, plain_place()), original);
    check(plain("loan.refused", "bank", "loan-1", &["customer:1"]));
    check(plain("loan.approved", "bank2", "loan-1", &["customer:1"]));
    check(plain("loan.approved", "bank", "loan-2", &["customer:1"]));
    check(plain("loan.approved", "bank", "loan-1", &["customer:2"]));
    check(draft.clone().cause(Cause::required(plain_id(9))));
    check(draft.clone().valid_at(ValidTime::new(1)));
    let mut later = plain_place();
    later.recorded_at = Hlc { counter: 4, ..later.recorded_at };
    assert_ne!(leaf(&draft, later), original);
}

/// TRAP: links that go by the payload's hash are ambiguous.
#[test]
fn equal_payloads_of_two_events_have_two_leaves() {
    let draft = plain("k", "s", "e", &[]);
    let leaf = |id, revision| Stored::new(&draft, id, revision).event(plain_place()).leaf_hash(&mut Vec::new());
    assert_ne!(leaf(plain_id(1), 1), leaf(plain_id(2), 1));
    assert_ne!(leaf(plain_id(1), 1), leaf(plain_id(1), 2));
}

#[test]
fn the_position_is_the_leafs_index_and_not_in_it() {
    let stored = Stored::new(&plain("k", "s", "e", &[]), plain_id(1), 1);
    let mut place = plain_place();
    let before = stored.event(place).leaf_hash(&mut Vec::new());
    place.position = place.position.next();
    assert_eq!(stored.event(place).leaf_hash(&mut Vec::new()), before);
}

/// A lock: if this fails, the format changed. Raise its version; never refresh the bytes.
#[test]
fn golden_envelope() {
    let mut draft = plain("k", "sc", "e", &["t:1"]);
    draft.version = 200;
    draft.causes = vec![Cause::alternative(plain_id(3), 4)];
    draft.valid_at = Some(ValidTime::new(-2));
    let stored = Stored::new(&draft, plain_id(1), 300);
    let mut place = plain_place();
    place.key = Some(KeyDigest::from_bytes([8; 16]));
    place.recorded_at = Hlc { wall_us: 1, counter: 2 };
    let golden = [
        [1].as_slice(),
        &[1; 16],
        &[1, b'k', 0xc8, 0x01, 2, b's', b'c', 1, b'e', 0xac, 0x02],
        &[1, 3, b't', b':', b'1'],
        &[1, 1, 4],
        &[3; 16],
        &[0, 1, 2, 1, 3, 0, 0, 0],
        &payload_commitment(b"", b"payload"),
        &[0, 1, 1],
        &[8; 16],
    ]
    .concat();
    let event = stored.event(place);
    assert_eq!(bytes_of(&Envelope::of(&event)), golden);
    assert_eq!(event.leaf_hash(&mut Vec::new()), leaf_hash(&golden));
}
