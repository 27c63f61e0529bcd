//! Causes, ids and kinds: what an event may name and be named.

use batpak_core::{Cause, CoreError, Kind};
use batpak_store::disk::MemoryDisk;
use batpak_store::{ErrorClass, Store, StoreError};

use super::{check, unchanged};
use crate::sample::{at, event, events, id, open, series, texts};

#[track_caller]
fn unknown(store: &Store, batch: Vec<batpak_core::Draft<'static>>, wanted: u8) {
    unchanged(store, |store| {
        let error = store.append(batch).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Refused);
        let StoreError::UnknownCause { cause } = error else {
            panic!("{error}");
        };
        assert_eq!(cause, id(wanted));
    });
}

/// Trap 29.
#[test]
fn a_cause_must_exist_and_be_earlier() {
    check(
        |store| {
            store.append(event("a", "first").id(id(1))).unwrap();
            store.append(series("a", "between", 3)).unwrap();
        },
        |store| {
            let caused = |causes: Vec<Cause>| {
                let mut draft = event("b", "caused");
                draft.causes = causes;
                draft
            };
            for edge in [Cause::required, Cause::context] {
                unknown(store, vec![caused(vec![edge(id(7))])], 7);
                unknown(store, vec![caused(vec![edge(id(1)), edge(id(7))])], 7);
                store.append(caused(vec![edge(id(1))])).unwrap();
            }
            unknown(store, vec![caused(vec![Cause::alternative(id(7), 1)])], 7);

            let named = event("b", "named").id(id(2));
            let on_it = caused(vec![Cause::required(id(2)), Cause::alternative(id(1), 3)]);
            unknown(store, vec![on_it.clone(), named.clone()], 2);
            unknown(store, vec![series("b", "x", 1).remove(0), on_it.clone()], 2);
            store.append(vec![named, on_it]).unwrap();
            let last = events(&store.view()).pop().unwrap();
            assert_eq!(last.causes, [Cause::required(id(2)), Cause::alternative(id(1), 3)]);
        },
    );
}

#[test]
fn an_event_cannot_cause_itself() {
    let store = open(&MemoryDisk::new());
    let own = event("a", "own").id(id(1)).cause(Cause::required(id(1)));
    let error = store.append(own).unwrap_err();
    assert!(matches!(error, StoreError::Invalid(CoreError::OwnCause { id: own }) if own == id(1)));
    assert_eq!(store.assigned(), at(0));
}

/// The causes that a caller knows are those of receipts: generated ids.
#[test]
fn a_generated_id_is_a_cause_from_then_on() {
    check(
        |store| {
            store.append(event("a", "first")).unwrap();
        },
        |store| {
            let first = store.view().at(at(1)).unwrap().unwrap();
            let caused = event("a", "caused").cause(Cause::required(first.id));
            store.append(caused).unwrap();
        },
    );
}

#[test]
fn a_cause_may_be_staged_in_the_same_group() {
    let store = open(&MemoryDisk::new());
    let first = store.submit(event("a", "first").id(id(1))).unwrap();
    let caused = event("a", "caused").cause(Cause::required(id(1)));
    let second = store.submit(caused).unwrap();
    assert_eq!(store.durable(), at(0), "nothing asked for a sync yet");
    second.wait().unwrap();
    first.wait().unwrap();
    assert_eq!(texts(&store.view()), ["first", "caused"]);
}

#[test]
fn an_id_is_taken_once_and_for_ever() {
    check(
        |store| {
            store.append(series("a", "a", 2)).unwrap();
            store.append(event("a", "first").id(id(1))).unwrap();
        },
        |store| {
            let generated = store.view().at(at(2)).unwrap().unwrap().id;
            let taken = [(event("a", "first").id(id(1)), 3), (event("b", "other").id(generated), 2)];
            for (draft, wanted) in taken {
                unchanged(store, |store| {
                    let mut batch = series("c", "lost", 2);
                    batch.push(draft);
                    let error = store.append(batch).unwrap_err();
                    assert_eq!(error.class(), ErrorClass::Refused);
                    let StoreError::DuplicateEventId { position, .. } = error else {
                        panic!("{error}");
                    };
                    assert_eq!(position, at(wanted));
                });
            }
        },
    );
}

#[test]
fn an_id_is_taken_once_in_a_batch_and_in_a_group() {
    let store = open(&MemoryDisk::new());
    let twins = vec![event("a", "one").id(id(1)), event("b", "two").id(id(1))];
    let error = store.append(twins).unwrap_err();
    assert!(matches!(error, StoreError::DuplicateEventId { id: twice, .. } if twice == id(1)));
    assert_eq!(store.assigned(), at(0));

    let ticket = store.submit(event("a", "one").id(id(1))).unwrap();
    let error = store.submit(event("b", "two").id(id(1))).unwrap_err();
    assert!(matches!(error, StoreError::DuplicateEventId { position, .. } if position == at(1)));
    ticket.wait().unwrap();
    assert_eq!(texts(&store.view()), ["one"]);
}

/// Trap 28.
#[test]
fn the_systems_kinds_are_the_systems() {
    assert!(Kind::new("batpak.decision").is_err());
    let disk = MemoryDisk::new();
    let store = open(&disk);
    store.append(event("a", "before")).unwrap();
    for kind in [Kind::system("batpak.decision"), Kind::stored("batpak.batch.begin")] {
        let mut forged = event("a", "forged");
        forged.kind = kind.unwrap();
        unchanged(&store, |store| {
            let batch = vec![event("a", "lost"), forged];
            let error = store.append(batch).unwrap_err();
            assert_eq!(error.class(), ErrorClass::Refused);
            assert!(matches!(error, StoreError::Invalid(CoreError::ReservedKind { .. })));
        });
    }
    let mut near = event("a", "after");
    near.kind = Kind::new("batpak-decision").unwrap();
    store.append(near).unwrap();
    let (_disk, store) = crate::sample::crashed(&disk);
    assert_eq!(texts(&store.view()), ["before", "after"]);
}

#[test]
fn an_event_beyond_a_limit_is_refused_with_its_batch() {
    let store = open(&MemoryDisk::new());
    let mut large = event("a", "large");
    large.payload = vec![1; batpak_core::PAYLOAD_BYTES_MAX + 1].into();
    let error = store.append(vec![event("a", "lost"), large]).unwrap_err();
    assert!(matches!(error, StoreError::Invalid(CoreError::PayloadTooLarge { .. })));
    let error = store.append(vec![event("a", "x"); batpak_core::BATCH_EVENTS_MAX + 1]);
    assert!(matches!(error, Err(StoreError::Invalid(CoreError::TooManyEvents { .. }))));
    let receipt = store.append(Vec::new()).unwrap();
    assert!(receipt.events.is_empty());
    assert_eq!(store.assigned(), at(0));
}
