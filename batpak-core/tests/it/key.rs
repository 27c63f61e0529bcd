//! Drafts and batches: limits, expectations, keys, and what makes two commands the same.

use std::borrow::Cow;

use batpak_core::{
    BATCH_EVENTS_MAX, Batch, CAUSES_MAX, Cause, Codec, Coordinate, CoreError, Correlation, Draft, EventId, Expected,
    IdempotencyKey, Kind, PAYLOAD_BYTES_MAX, Revision, TAGS_MAX, Tag, ValidTime,
};
use proptest::prelude::*;

fn id(byte: u8) -> EventId {
    EventId::from_bytes([byte; 16])
}

fn tag(name: &str) -> Tag {
    Tag::new(name).unwrap()
}

fn draft(payload: &[u8]) -> Draft<'_> {
    Draft::raw(Coordinate::new("billing", "invoice-42").unwrap(), Kind::new("invoice.sent").unwrap(), payload)
}

fn full() -> Draft<'static> {
    Draft {
        codec: Codec::JSON,
        ..draft(br#"{"a":1}"#)
            .version(2)
            .tag(tag("customer:7"))
            .tag(tag("urgent"))
            .cause(Cause::alternative(id(7), 3))
            .cause(Cause::required(id(9)))
            .correlation(Correlation::new("t-1").unwrap())
    }
}

#[test]
fn expecting_no_stream_and_expecting_one_event_are_different_things() {
    let admitted = |expected: Expected| [0, 1, 2].map(|actual| expected.admits(Revision::new(actual)));
    assert_eq!(admitted(Expected::Any), [true, true, true]);
    assert_eq!(admitted(Expected::NoStream), [true, false, false]);
    assert_eq!(admitted(Expected::Exists), [false, true, true]);
    assert_eq!(admitted(Expected::Exact(Revision::NONE)), [true, false, false]);
    assert_eq!(admitted(Expected::Exact(Revision::new(1))), [false, true, false]);
}

#[test]
fn a_draft_keeps_the_limits() {
    let limit = |count: usize| (0..count).map(|number| tag(&format!("t{number}"))).collect::<Vec<_>>();
    let tagged = |tags| Draft { tags, ..draft(b"") };
    assert_eq!(tagged(limit(TAGS_MAX)).check(), Ok(()));
    assert_eq!(tagged(limit(33)).check(), Err(CoreError::TooManyTags { count: 33 }));
    // Repeated tags are stored once, and count once.
    assert_eq!(tagged(vec![tag("same"); 40]).check(), Ok(()));

    let caused = |count: u8| Draft { causes: (1..=count).map(|n| Cause::required(id(n))).collect(), ..draft(b"") };
    assert_eq!(caused(64).check(), Ok(()));
    assert_eq!(caused(65).check(), Err(CoreError::TooManyCauses { count: CAUSES_MAX + 1 }));
    let twice = draft(b"").cause(Cause::required(id(1))).cause(Cause::context(id(1)));
    assert_eq!(twice.check(), Err(CoreError::DuplicateCause { id: id(1) }));
    let own = draft(b"").id(id(1)).cause(Cause::required(id(1)));
    assert_eq!(own.check(), Err(CoreError::OwnCause { id: id(1) }));
    assert_eq!(draft(b"").id(id(0)).check(), Err(CoreError::NilId { what: "event id" }));
    assert_eq!(draft(b"").cause(Cause::required(id(0))).check(), Err(CoreError::NilId { what: "cause" }));

    let large = vec![0; PAYLOAD_BYTES_MAX + 1];
    assert_eq!(draft(&large[1..]).check(), Ok(()));
    assert_eq!(draft(&large).check(), Err(CoreError::PayloadTooLarge { bytes: large.len() }));
    assert_eq!(Batch::from(vec![draft(&large[1..]); 4]).check(), Ok(()));
    let five = Batch::from(vec![draft(&large[1..]); 5]);
    assert_eq!(five.check(), Err(CoreError::BatchTooLarge { bytes: 5 * PAYLOAD_BYTES_MAX }));
    let many = vec![draft(b""); BATCH_EVENTS_MAX + 1];
    assert_eq!(Batch::from(many).check(), Err(CoreError::TooManyEvents { count: 65_536 }));
    assert_eq!(Batch::default().check(), Ok(()));
}

#[test]
fn a_draft_borrows_its_payload() {
    let payload = vec![1, 2, 3];
    let borrowed = draft(&payload);
    assert!(matches!(&borrowed.payload, Cow::Borrowed(bytes) if bytes.as_ptr() == payload.as_ptr()));
    let owned: Draft<'static> = borrowed.clone().into_owned();
    assert_eq!(owned, borrowed);
}

#[test]
fn key_digests_and_fingerprints_are_the_stored_ones() {
    // Golden: made by another program. If it fails, keys that are on disk no longer match.
    let key = IdempotencyKey::new("order-1").unwrap();
    assert_eq!(key.digest().to_string(), "e9ab392b564eb697a9042b3e798e9677");
    assert_eq!(Batch::from(full()).fingerprint().to_string(), "5f6702f425e863695727b461953693c6");
}

#[test]
fn the_same_command_has_the_same_fingerprint_when_it_is_tried_again() {
    let first = Batch::from(full()).fingerprint();
    let again = full().id(id(1)).valid_at(ValidTime::new(5)).expect(Expected::NoStream);
    let again = Batch::from(again).key(IdempotencyKey::new("k").unwrap());
    assert_eq!(again.fingerprint(), first);
    let mut unsorted = full().tag(tag("customer:7"));
    unsorted.tags.reverse();
    assert_eq!(Batch::from(unsorted.clone()).fingerprint(), first);
    unsorted.normalize();
    assert_eq!(unsorted.tags, full().tags);
    assert_eq!(Batch::from(unsorted).fingerprint(), first);
}

#[test]
fn a_retry_may_make_the_ids_within_its_batch_anew() {
    let with = |made: u8, cause: u8| {
        Batch::from(vec![draft(b"a").id(id(made)), draft(b"b").cause(Cause::required(id(cause)))]).fingerprint()
    };
    assert_eq!(with(1, 1), with(2, 2));
    assert_ne!(with(1, 1), with(1, 2));
    assert_ne!(with(1, 2), with(1, 3));
}

#[test]
fn every_part_of_a_command_counts() {
    let first = Batch::from(full()).fingerprint();
    type Change = fn(&mut Draft<'static>);
    let changes: &[Change] = &[
        |draft| draft.coordinate = Coordinate::new("billingi", "nvoice-42").unwrap(),
        |draft| draft.coordinate = Coordinate::new("billing", "invoice-4").unwrap(),
        |draft| draft.kind = Kind::new("invoice.paid").unwrap(),
        |draft| draft.version = 3,
        |draft| draft.tags.truncate(1),
        |draft| draft.tags.push(tag("z")),
        |draft| draft.causes.truncate(1),
        |draft| draft.causes.reverse(),
        |draft| draft.causes[0] = Cause::alternative(id(7), 4),
        |draft| draft.causes[1] = Cause::context(id(9)),
        |draft| draft.correlation = None,
        |draft| draft.codec = Codec::RAW,
        |draft| draft.payload = Cow::Borrowed(br#"{"a":2}"#),
    ];
    let mut seen = vec![first];
    for change in changes {
        let mut changed = full();
        change(&mut changed);
        seen.push(Batch::from(changed).fingerprint());
    }
    seen.push(Batch::default().fingerprint());
    seen.push(Batch::from(vec![full(), full()]).fingerprint());
    let all = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), all);
}

proptest! {
    /// Bytes never move from one event, or one field, to the next.
    #[test]
    fn commands_that_differ_have_different_fingerprints(
        one in prop::collection::vec(("[ab]{1,2}", "[ab]{1,2}", prop::collection::btree_set("[ab]{1,2}", 0..3), "[ab]{0,2}"), 0..3),
        other in prop::collection::vec(("[ab]{1,2}", "[ab]{1,2}", prop::collection::btree_set("[ab]{1,2}", 0..3), "[ab]{0,2}"), 0..3),
    ) {
        let fingerprint = |events: &[(String, String, std::collections::BTreeSet<String>, String)]| {
            let drafts = events.iter().map(|(entity, kind, tags, payload)| Draft {
                tags: tags.iter().map(|name| tag(name)).collect(),
                ..Draft::raw(Coordinate::new("s", entity).unwrap(), Kind::new(kind).unwrap(), payload.as_bytes())
            });
            Batch::new(drafts.collect()).fingerprint()
        };
        prop_assert_eq!(one == other, fingerprint(&one) == fingerprint(&other));
    }
}
