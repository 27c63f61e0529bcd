//! Idempotency keys.

use batpak_core::{Batch, Cause, Codec, Condition, Correlation, Draft, EventId, Expected, Kind, Position, ValidTime};
use batpak_store::disk::MemoryDisk;
use batpak_store::{ErrorClass, Receipt, Store, StoreError};

use super::{check, unchanged};
use crate::sample::{at, crashed, event, id, key, keyed, open, query, revision, series, span, tag, texts};

/// The first receipt again, and nothing changed.
#[track_caller]
fn same(store: &Store, batch: Batch<'static>, first: (u64, usize)) -> Receipt {
    let mut receipt = None;
    unchanged(store, |store| receipt = Some(store.append(batch).unwrap()));
    let receipt = receipt.unwrap();
    assert!(receipt.duplicate);
    assert_eq!(span(&receipt), first);
    receipt
}

#[track_caller]
fn reused(store: &Store, batch: Batch<'static>, first: u64) {
    unchanged(store, |store| {
        let error = store.append(batch).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Refused);
        let StoreError::KeyReused { key, position } = error else {
            panic!("{error}");
        };
        assert_eq!((key.as_str(), position), ("k", at(first)));
    });
}

#[test]
fn a_retry_returns_the_first_receipt_whole() {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    store.append(event("a", "before")).unwrap();
    let first = store.append(keyed("k", series("a", "a", 3))).unwrap();
    assert!(!first.duplicate);
    store.append(event("a", "after")).unwrap();
    let again = store.append(keyed("k", series("a", "a", 3))).unwrap();
    assert!(again.duplicate);
    assert_eq!(again.events, first.events);
    assert_eq!(again.recorded_at, first.recorded_at);
    let (_disk, store) = crashed(&disk);
    let again = store.append(keyed("k", series("a", "a", 3))).unwrap();
    assert_eq!((again.duplicate, again.events), (true, first.events));
}

/// Trap 25.
#[test]
fn a_retry_with_an_old_expectation_returns_the_first_receipt() {
    let batch = || keyed("k", vec![event("a", "once").expect(Expected::NoStream)]);
    check(
        |store| {
            store.append(batch()).unwrap();
            store.append(event("a", "later")).unwrap();
        },
        |store| {
            same(store, batch(), (1, 1));
            same(store, batch().expect(crate::sample::stream("a"), Expected::NoStream), (1, 1));
        },
    );
}

/// As trap 25, for conditions: the first commit itself is what the retry's condition trips over.
#[test]
fn a_retry_with_an_old_condition_returns_the_first_receipt() {
    let batch = || {
        let mine = event("a", "once").tag(tag("student:1"));
        let condition = Condition::new(query("tag(\"student:1\")"), Position::START);
        keyed("k", vec![mine]).when(condition)
    };
    check(
        |store| {
            store.append(batch()).unwrap();
        },
        |store| {
            same(store, batch(), (1, 1));
        },
    );
}

#[test]
fn a_retry_of_what_must_not_exist_returns_the_first_receipt() {
    let batch = || keyed("k", vec![event("a", "once")]).fail_if_exists(query("entity(a)"));
    check(
        |store| {
            store.append(batch()).unwrap();
        },
        |store| {
            same(store, batch(), (1, 1));
        },
    );
}

#[test]
fn a_retry_may_bring_new_ids_times_and_expectations() {
    let batch = |number| {
        let mut first = event("a", "once").id(id(number)).valid_at(ValidTime::new(i64::from(number)));
        first.expected = if number == 1 { Expected::NoStream } else { Expected::Exists };
        // A cause within the batch counts by its place.
        keyed("k", vec![first, event("a", "then").cause(Cause::required(id(number)))])
    };
    check(
        |store| {
            store.append(batch(1)).unwrap();
        },
        |store| {
            let receipt = same(store, batch(2), (1, 2));
            assert_eq!(receipt.events[0].id, id(1));
            assert_eq!(store.view().get(id(2)).unwrap(), None);
        },
    );
}

/// Trap 26: every part of the command counts.
#[test]
fn a_key_that_was_used_for_another_command_is_an_error() {
    let cause = id(9);
    let base = || event("a", "once");
    let changes: [fn(Draft<'static>) -> Draft<'static>; 9] = [
        |draft| Draft { coordinate: crate::sample::stream("b"), ..draft },
        |draft| Draft { coordinate: batpak_core::Coordinate::new("office", "a").unwrap(), ..draft },
        |draft| Draft { kind: Kind::new("other").unwrap(), ..draft },
        |draft| Draft { payload: b"other".to_vec().into(), ..draft },
        |draft| draft.version(2),
        |draft| draft.tag(tag("x")),
        |draft| draft.cause(Cause::context(id(9))),
        |draft| draft.correlation(Correlation::new("x").unwrap()),
        |draft| Draft { codec: Codec::JSON, ..draft },
    ];
    check(
        |store| {
            store.append(event("cause", "cause").id(cause)).unwrap();
            store.append(keyed("k", vec![base()])).unwrap();
        },
        |store| {
            for change in changes {
                reused(store, keyed("k", vec![change(base())]), 2);
            }
            reused(store, keyed("k", vec![base(), base()]), 2);
            same(store, keyed("k", vec![base()]), (2, 1));
        },
    );
}

/// Trap 27: in batches too, and after reopening.
#[test]
fn a_batch_commits_once_under_its_key() {
    check(
        |store| {
            store.append(event("a", "before")).unwrap();
            store.append(keyed("k", series("a", "a", 20))).unwrap();
        },
        |store| {
            same(store, keyed("k", series("a", "a", 20)), (2, 20));
            reused(store, keyed("k", series("a", "a", 19)), 2);
            assert_eq!(store.view().revision(&crate::sample::stream("a")).unwrap(), revision(21));
        },
    );
}

/// Trap 27: the bytes that stand for a key are no event id, and the other way round.
#[test]
fn keys_and_ids_never_meet() {
    let twin = EventId::from_bytes(*key("k").digest().as_bytes());
    check(
        |store| {
            store.append(keyed("k", vec![event("a", "keyed")])).unwrap();
            let named = keyed("00112233-4455-6677-8899-aabbccddeeff", vec![event("a", "named")]);
            store.append(named).unwrap();
        },
        |store| {
            assert_eq!(store.view().get(twin).unwrap(), None);
            let on_key = event("a", "caused").cause(Cause::required(twin));
            let error = store.append(on_key).unwrap_err();
            assert!(matches!(error, StoreError::UnknownCause { cause } if cause == twin));
            let named: EventId = "00112233-4455-6677-8899-aabbccddeeff".parse().unwrap();
            store.append(event("a", "same text").id(named)).unwrap();
            store.append(event("a", "same bytes").id(twin)).unwrap();
            same(store, keyed("k", vec![event("a", "keyed")]), (1, 1));
        },
    );
}

#[test]
fn a_refusal_does_not_use_up_the_key() {
    let store = open(&MemoryDisk::new());
    let batch = |expected| keyed("k", vec![event("a", "once").expect(expected)]);
    store.append(batch(Expected::Exists)).unwrap_err();
    let receipt = store.append(batch(Expected::NoStream)).unwrap();
    assert!(!receipt.duplicate);
    assert_eq!(texts(&store.view()), ["once"]);
}

/// The key of a commit that is only staged counts, and the retry's receipt is given once that commit is durable.
#[test]
fn a_key_counts_in_the_group_that_it_is_staged_in() {
    let store = open(&MemoryDisk::new());
    let ticket = store.submit(keyed("k", vec![event("a", "once")])).unwrap();
    assert_eq!(store.durable().get(), 0);
    let again = store.submit(keyed("k", vec![event("a", "once")])).unwrap();
    assert_eq!(store.durable().get(), 1);
    assert!(again.try_check().unwrap().unwrap().duplicate);
    assert!(!ticket.wait().unwrap().duplicate);
    assert_eq!(texts(&store.view()), ["once"]);
}

#[test]
fn each_event_of_a_keyed_commit_carries_the_key() {
    let store = open(&MemoryDisk::new());
    store.append(keyed("k", series("a", "a", 2))).unwrap();
    store.append(event("a", "plain")).unwrap();
    let keys: Vec<_> = crate::sample::events(&store.view()).iter().map(|event| event.key).collect();
    let digest = Some(key("k").digest());
    assert_eq!(keys, [digest, digest, None]);
}
