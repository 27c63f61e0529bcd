//! Panics in the writer's role: who learns what, what is kept, and how often the writer recovers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use batpak_store::platform::SimulatedClock;
use batpak_store::{Options, RestartPolicy, Store, StoreError};

use crate::faulty::{Call, Fault, FaultyDisk};
use crate::sample::{WALL_US, at, event, inline, keyed, open, series, texts, threads};

fn started(options: Options) -> (FaultyDisk, Store) {
    let disk = FaultyDisk::default();
    let store = options.open_on(Arc::new(disk.clone())).unwrap();
    store.append(series("a", "before", 3)).unwrap();
    (disk, store)
}

/// Appends while the disk panics; the caller may see the panic or be told that the outcome is unknown.
#[track_caller]
fn panics(disk: &FaultyDisk, store: &Store, call: Call) {
    disk.fail(call, 0, 1, Fault::Panic);
    match catch_unwind(AssertUnwindSafe(|| store.append(event("b", "unknown")))) {
        Err(_) | Ok(Err(StoreError::OutcomeUnknown { .. })) => {}
        Ok(other) => panic!("{other:?}"),
    }
    disk.heal();
}

#[track_caller]
fn exhausted(store: &Store, wanted: u32) {
    for _ in 0..3 {
        let error = store.append(event("a", "never")).unwrap_err();
        assert!(matches!(error, StoreError::RestartExhausted { allowed } if allowed == wanted), "{error}");
    }
    assert!(texts(&store.view()).len() >= 3, "reading goes on");
}

#[test]
fn a_panic_in_the_role_is_told_as_an_unknown_outcome() {
    let (disk, store) = started(inline());
    disk.fail(Call::Sync, 0, 1, Fault::Panic);
    let error = catch_unwind(AssertUnwindSafe(|| store.append(event("b", "unknown"))));
    let error = error.expect("the panic is contained").unwrap_err();
    assert!(matches!(error, StoreError::OutcomeUnknown { .. }), "{error}");
}

#[test]
fn the_others_of_the_group_learn_that_the_outcome_is_unknown() {
    let (disk, store) = started(inline());
    let ticket = store.submit(event("b", "staged")).unwrap();
    panics(&disk, &store, Call::Sync);
    let error = ticket.wait().unwrap_err();
    assert!(matches!(error, StoreError::OutcomeUnknown { .. }), "{error}");
}

/// A commit that is whole in the file is kept and synced; one that is not is cut.
#[test]
fn a_restart_keeps_whole_commits_and_cuts_the_rest() {
    for (call, kept) in [(Call::Write, false), (Call::Sync, true)] {
        let (disk, store) = started(inline());
        let _ticket = store.submit(keyed("k", vec![event("b", "keyed")])).unwrap();
        panics(&disk, &store, call);
        let again = store.append(keyed("k", vec![event("b", "keyed")])).unwrap();
        assert_eq!(again.duplicate, kept, "{call:?}: the key settles it");
        store.append(event("a", "after")).unwrap();
        let wanted = texts(&store.view());
        let before = ["before-0", "before-1", "before-2"];
        let rest: &[&str] = if kept { &["keyed", "unknown", "after"] } else { &["keyed", "after"] };
        assert_eq!(wanted, [&before, rest].concat());
        assert_eq!(texts(&open(&disk.memory.fork()).view()), wanted);
        store.close().unwrap();
        assert_eq!(texts(&open(&disk.memory).view()), wanted);
    }
}

#[test]
fn a_policy_of_never_stops_at_the_first_panic() {
    let (disk, store) = started(inline().restart(RestartPolicy::Never));
    panics(&disk, &store, Call::Write);
    exhausted(&store, 0);
}

#[test]
fn a_policy_of_once_recovers_once() {
    let (disk, store) = started(inline().restart(RestartPolicy::Once));
    panics(&disk, &store, Call::Write);
    store.append(event("a", "recovered")).unwrap();
    panics(&disk, &store, Call::Write);
    exhausted(&store, 1);
}

#[test]
fn a_bounded_policy_counts_within_a_rolling_window() {
    let clock = Arc::new(SimulatedClock::at(WALL_US));
    let within = Duration::from_secs(10);
    let policy = RestartPolicy::Bounded { max: 2, within };
    let (disk, store) = started(inline().clock(Arc::clone(&clock) as _).restart(policy));
    for _ in 0..2 {
        panics(&disk, &store, Call::Write);
        store.append(event("a", "recovered")).unwrap();
        clock.advance_us(4_000_000);
    }
    panics(&disk, &store, Call::Write);
    exhausted(&store, 2);
    // 8 s after the first recovery, 4 s after the second: two more seconds free one.
    clock.advance_us(1_999_999);
    exhausted(&store, 2);
    clock.advance_us(1);
    store.append(event("a", "recovered")).unwrap();
    panics(&disk, &store, Call::Write);
    exhausted(&store, 2);
    assert_eq!(texts(&store.view()).len(), 6);
}

#[test]
fn threads_that_find_the_writer_crashed_spend_one_recovery() {
    let (disk, store) = started(inline().restart(RestartPolicy::Once));
    panics(&disk, &store, Call::Write);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let store = &store;
            scope.spawn(move || store.append(event("a", number.to_string())).unwrap());
        }
    });
    assert_eq!(store.durable(), at(11));
}

/// A panic on the helper's thread is the writer's, not the thread's: tickets are served afterwards.
#[test]
fn the_helper_outlives_a_panic() {
    let (disk, store) = started(threads());
    let long = Duration::from_secs(2);
    disk.fail(Call::Sync, 0, 1, Fault::Panic);
    let ticket = store.submit(event("b", "unknown")).unwrap();
    let error = ticket.wait_timeout(long).unwrap_err();
    assert!(matches!(error, StoreError::OutcomeUnknown { .. }), "{error}");
    disk.heal();
    let ticket = store.submit(event("a", "after")).unwrap();
    let after = ticket.wait_timeout(long);
    if after.is_err() {
        // Closing would wait for ever too.
        std::mem::forget(store);
    }
    after.unwrap();
}

/// The disk panics in the append and once more while the writer recovers.
#[test]
fn a_panic_during_the_recovery_loses_nothing() {
    for call in [Call::Read, Call::Sync] {
        let (disk, store) = started(inline());
        panics(&disk, &store, Call::Write);
        disk.fail(call, 0, 1, Fault::Panic);
        let _ = catch_unwind(AssertUnwindSafe(|| store.append(event("a", "unknown"))));
        disk.heal();
        let _ = store.append(event("a", "after"));
        let before = ["before-0", "before-1", "before-2"];
        let left = texts(&open(&disk.memory.fork()).view());
        assert!(left.iter().zip(before).filter(|(left, text)| left == text).count() == 3, "{call:?} left {left:?}");
        assert_eq!(texts(&store.view())[..3], before);
        assert_eq!(store.durable(), store.view().position());
    }
}
