//! Expected revisions.

use batpak_core::{Batch, Expected, Revision};
use batpak_store::disk::MemoryDisk;
use batpak_store::{ErrorClass, Store, StoreError};

use super::{check, unchanged};
use crate::sample::{event, open, revision, series, stream, texts};

/// Refused for the stream's revision, and nothing changed.
#[track_caller]
fn refused(store: &Store, batch: impl Into<Batch<'static>>, wanted: Expected, found: u64) {
    unchanged(store, |store| {
        let error = store.append(batch).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Conflict);
        let StoreError::ExpectedRevision { expected, actual, .. } = error else {
            panic!("{error}");
        };
        assert_eq!((expected, actual), (wanted, revision(found)));
    });
}

/// Trap 23.
#[test]
fn no_stream_and_exactly_zero_admit_an_empty_stream_and_no_other() {
    for empty in [Expected::NoStream, Expected::Exact(Revision::NONE)] {
        check(
            |store| {
                store.append(event("a", "first").expect(empty)).unwrap();
            },
            |store| {
                refused(store, event("a", "again").expect(empty), empty, 1);
                store.append(event("b", "other").expect(empty)).unwrap();
                let one = Expected::Exact(revision(1));
                store.append(event("a", "second").expect(one)).unwrap();
                refused(store, event("a", "third").expect(one), one, 2);
                refused(store, event("a", "third").expect(empty), empty, 2);
            },
        );
    }
}

#[test]
fn exists_admits_any_stream_with_an_event() {
    check(
        |store| {
            store.append(series("a", "a", 3)).unwrap();
        },
        |store| {
            let exists = Expected::Exists;
            store.append(event("a", "more").expect(exists)).unwrap();
            refused(store, event("b", "new").expect(exists), exists, 0);
        },
    );
}

#[test]
fn the_same_entity_in_another_scope_is_another_stream() {
    let store = open(&MemoryDisk::new());
    store.append(event("a", "here")).unwrap();
    let mut there = event("a", "there").expect(Expected::NoStream);
    there.coordinate = batpak_core::Coordinate::new("office", "a").unwrap();
    let receipt = store.append(there).unwrap();
    assert_eq!(receipt.events[0].revision, revision(1));
}

/// Trap 24: what the stream must look like counts the events before it in the same batch.
#[test]
fn expectations_hold_inside_a_batch() {
    check(
        |store| {
            store.append(series("a", "a", 2)).unwrap();
        },
        |store| {
            let batch = vec![
                event("b", "b1").expect(Expected::NoStream),
                event("a", "a3").expect(Expected::Exact(revision(2))),
                event("b", "b2").expect(Expected::Exact(revision(1))),
                event("a", "a4").expect(Expected::Exact(revision(3))),
                event("b", "b3").expect(Expected::Exists),
            ];
            let receipt = store.append(batch).unwrap();
            let revisions: Vec<u64> = receipt.events.iter().map(|e| e.revision.get()).collect();
            assert_eq!(revisions, [1, 3, 2, 4, 3]);

            let batch = vec![event("c", "c1").expect(Expected::NoStream), event("c", "c2").expect(Expected::NoStream)];
            refused(store, batch, Expected::NoStream, 1);
        },
    );
}

#[test]
fn a_batch_may_expect_something_of_streams_that_it_does_not_append_to() {
    check(
        |store| {
            store.append(series("a", "a", 2)).unwrap();
        },
        |store| {
            let two = Expected::Exact(revision(2));
            let batch = |expected| {
                let batch = Batch::new(vec![event("b", "b")]).expect(stream("a"), expected);
                batch.expect(stream("nobody"), Expected::NoStream)
            };
            refused(store, batch(Expected::NoStream), Expected::NoStream, 2);
            store.append(batch(two)).unwrap();
            // Of the stream before the batch, however many of its events the batch itself holds.
            let batch = Batch::new(series("a", "more", 3)).expect(stream("a"), two);
            store.append(batch.clone()).unwrap();
            refused(store, batch, two, 5);
        },
    );
}

#[test]
fn a_batch_with_one_event_that_is_refused_leaves_nothing() {
    let store = open(&MemoryDisk::new());
    store.append(event("a", "first")).unwrap();
    let mut batch = series("b", "lost", 5);
    batch.push(event("a", "lost").expect(Expected::NoStream));
    refused(&store, batch.clone(), Expected::NoStream, 1);
    batch[5].expected = Expected::Exact(revision(1));
    let receipt = store.append(batch).unwrap();
    assert_eq!(receipt.first().unwrap().position.get(), 2);
    assert_eq!(receipt.first().unwrap().revision, revision(1));
    assert_eq!(texts(&store.view()).len(), 7);
}

/// The answer rests on an event that is only staged: it is given once that event is durable.
#[test]
fn an_expectation_sees_what_is_staged_in_the_same_group() {
    let store = open(&MemoryDisk::new());
    let ticket = store.submit(event("a", "first")).unwrap();
    assert_eq!(store.durable().get(), 0);
    let again = event("a", "again").expect(Expected::NoStream);
    let error = store.append(again).unwrap_err();
    assert!(matches!(error, StoreError::ExpectedRevision { .. }));
    assert_eq!(store.durable().get(), 1);
    ticket.wait().unwrap();
}
