//! Append conditions: the dynamic consistency boundary of dcb.events, and what must not exist at all.

use batpak_core::{Batch, Condition, Draft, Position, Query};
use batpak_store::disk::MemoryDisk;
use batpak_store::{ErrorClass, Store, StoreError};

use super::{check, unchanged};
use crate::sample::{at, event, open, query, series, tag, texts};

fn enrolled(student: &str, course: &str) -> Draft<'static> {
    let draft = event("enrolments", format!("{student} in {course}"));
    let (student, course) = (format!("student:{student}"), format!("course:{course}"));
    draft.tag(tag(&student)).tag(tag(&course))
}

fn when(draft: Draft<'static>, fail_if_matches: &str, after: Position) -> Batch<'static> {
    Batch::from(draft).when(Condition::new(query(fail_if_matches), after))
}

#[track_caller]
fn changed(store: &Store, batch: Batch<'static>, found: u64) {
    unchanged(store, |store| {
        let error = store.append(batch).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Conflict);
        let StoreError::ConditionFailed { position, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(position, at(found));
    });
}

#[track_caller]
fn exists(store: &Store, batch: Batch<'static>, found: u64) {
    unchanged(store, |store| {
        let error = store.append(batch).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Refused);
        let StoreError::AlreadyExists { position } = error else {
            panic!("{error}");
        };
        assert_eq!(position, at(found));
    });
}

#[test]
fn an_append_is_refused_if_something_relevant_landed_after_the_caller_looked() {
    check(
        |store| {
            store.append(enrolled("1", "a")).unwrap();
            store.append(enrolled("2", "a")).unwrap();
            store.append(event("elsewhere", "irrelevant")).unwrap();
        },
        |store| {
            let batch = |after| when(enrolled("3", "a"), "tag(\"course:a\")", after);
            changed(store, batch(Position::START), 2);
            changed(store, batch(at(1)), 2);
            // Up to and with the position that was read to, nothing counts.
            let receipt = store.append(batch(at(2))).unwrap();
            let mine = receipt.first().unwrap().position;
            changed(store, batch(at(2)), mine.get());
            store.append(batch(mine)).unwrap();
        },
    );
}

#[test]
fn a_condition_crosses_streams_and_asks_for_all_its_terms() {
    check(
        |store| {
            store.append(enrolled("1", "a")).unwrap();
            store.append(event("student-1", "renamed").tag(tag("student:1"))).unwrap();
        },
        |store| {
            let start = Position::START;
            let both = "tag(\"student:1\") & tag(\"course:b\")";
            store.append(when(enrolled("2", "b"), both, start)).unwrap();
            changed(store, when(enrolled("1", "b"), "tag(\"student:1\")", start), 2);
            let either = "entity(nobody) | (kind(noted) & tag(\"course:a\"))";
            changed(store, when(enrolled("1", "b"), either, start), 1);
        },
    );
}

#[test]
fn what_must_not_exist_is_looked_for_in_the_whole_log() {
    let batch = |student, course, query: &str| {
        Batch::from(enrolled(student, course)).fail_if_exists(crate::sample::query(query))
    };
    check(
        |store| {
            store.append(enrolled("1", "a")).unwrap();
        },
        |store| {
            let taken = "tag(\"student:1\") & tag(\"course:a\")";
            exists(store, batch("1", "a", taken), 1);
            let free = "tag(\"student:1\") & tag(\"course:b\")";
            let receipt = store.append(batch("1", "b", free)).unwrap();
            let mine = receipt.first().unwrap().position.get();
            exists(store, batch("1", "b", free), mine);
        },
    );
}

#[test]
fn done_already_is_told_apart_from_changed_meanwhile() {
    let store = open(&MemoryDisk::new());
    store.append(enrolled("1", "a")).unwrap();
    let batch = when(enrolled("1", "a"), "tag(\"course:a\")", Position::START);
    let done = query("tag(\"student:1\") & tag(\"course:a\")");
    exists(&store, batch.clone().fail_if_exists(done), 1);
    changed(&store, batch.fail_if_exists(query("entity(nobody)")), 1);
}

/// The events of the batch itself are not what it is conditioned on.
#[test]
fn a_batch_does_not_trip_over_itself() {
    let store = open(&MemoryDisk::new());
    let mine = query("tag(\"course:a\")");
    let batch = Batch::new(vec![enrolled("1", "a"), enrolled("2", "a")]);
    let batch = batch.when(Condition::new(mine.clone(), Position::START));
    store.append(batch.fail_if_exists(mine)).unwrap();
    assert_eq!(store.durable(), at(2));
}

#[test]
fn a_condition_sees_what_is_staged_in_the_same_group() {
    let store = open(&MemoryDisk::new());
    let after = Position::START;
    let first = when(enrolled("1", "a"), "tag(\"course:a\")", after);
    let ticket = store.submit(first.clone()).unwrap();
    let other = when(enrolled("1", "b"), "tag(\"course:b\")", after);
    let other = store.submit(other).unwrap();
    assert_eq!(store.durable(), Position::START);
    let error = store.submit(first).unwrap_err();
    assert!(matches!(error, StoreError::ConditionFailed { position, .. } if position == at(1)));
    assert_eq!(store.durable(), at(2), "the refusal rests on durable events");

    let ticket_2 = store.submit(enrolled("2", "c")).unwrap();
    let done = Batch::from(enrolled("2", "c")).fail_if_exists(query("tag(\"course:c\")"));
    let error = store.submit(done).unwrap_err();
    assert!(matches!(error, StoreError::AlreadyExists { position } if position == at(3)));
    for ticket in [ticket, other, ticket_2] {
        ticket.wait().unwrap();
    }
    assert_eq!(texts(&store.view()).len(), 3);
}

#[test]
fn a_condition_on_everything_or_on_nothing_means_that() {
    let store = open(&MemoryDisk::new());
    let batch = |query: Query, after| Batch::new(series("a", "a", 2)).when(Condition::new(query, at(after)));
    store.append(batch(Query::all(), 0)).unwrap();
    changed(&store, batch(Query::all(), 0), 2);
    changed(&store, batch(Query::all(), 1), 2);
    store.append(batch(Query::none(), 0)).unwrap();
    store.append(batch(Query::all(), 4)).unwrap();
    store.append(batch(Query::all(), 1000)).unwrap();
}
