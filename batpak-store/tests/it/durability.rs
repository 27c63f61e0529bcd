//! What an append has reached when it returns, and what becomes of those that nobody waits for.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use batpak_store::disk::MemoryDisk;
use batpak_store::{Durability, ErrorClass, Options, Reader, Receipt, Store, StoreError};

use crate::faulty::{Call, FaultyDisk};
use crate::sample::{at, event, eventually, inline, open, series, span, texts, threads};

const LONG: Duration = Duration::from_secs(10);

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The least executor there is.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park_timeout(LONG),
        }
    }
}

fn open_on(options: Options, disk: &FaultyDisk) -> Store {
    options.open_on(Arc::new(disk.clone())).unwrap()
}

/// The last positions that are durable, visible, assigned.
fn positions(store: &Store) -> (u64, u64, u64) {
    (store.durable().get(), store.visible().get(), store.assigned().get())
}

#[test]
fn a_ticket_is_done_when_somebody_waits_for_it() {
    let store = open(&MemoryDisk::new());
    let first = store.submit(event("a", "first")).unwrap();
    let second = store.submit(series("a", "second", 3)).unwrap();
    assert!(first.try_check().is_none() && second.try_check().is_none());
    assert_eq!(positions(&store), (0, 0, 4));
    let stats = store.stats().unwrap();
    assert_eq!(stats.queue_events, 4);
    assert!(stats.queue_bytes > 0);
    assert_eq!(span(&second.wait().unwrap()), (2, 3));
    assert_eq!(positions(&store), (4, 4, 4));
    assert_eq!(span(&first.try_check().unwrap().unwrap()), (1, 1));
    assert_eq!(span(&first.wait_timeout(Duration::ZERO).unwrap()), (1, 1));
    assert_eq!(store.stats().unwrap().queue_events, 0);
}

#[test]
fn tickets_that_nobody_waits_for_are_done_by_the_helper() {
    let store = threads().open_on(Arc::new(MemoryDisk::new())).unwrap();
    for number in 0..20 {
        drop(store.submit(event("a", number.to_string())).unwrap());
    }
    let last = store.submit(event("a", "last")).unwrap();
    eventually("the ticket is done", || last.try_check().is_some());
    assert_eq!(store.durable(), at(21));
}

#[test]
fn a_ticket_is_a_future_for_any_executor() {
    let disk = FaultyDisk::default();
    let store = open_on(threads(), &disk);
    let held = disk.hold_syncs();
    let first = store.submit(event("a", "first")).unwrap();
    let second = store.submit(event("a", "second")).unwrap();
    eventually("the helper syncs", || disk.waiting() > 0);
    let other = thread::spawn(move || drop(held));
    let receipts = block_on(async { (first.await, second.await) });
    assert_eq!(span(&receipts.0.unwrap()), (1, 1));
    assert_eq!(span(&receipts.1.unwrap()), (2, 1));
    assert_eq!(store.durable(), at(2));
    other.join().unwrap();
}

#[test]
fn a_wait_that_times_out_leaves_the_ticket_good() {
    let disk = FaultyDisk::default();
    let store = open_on(threads(), &disk);
    let held = disk.hold_syncs();
    let ticket = store.submit(event("a", "late")).unwrap();
    eventually("the helper syncs", || disk.waiting() > 0);
    let error = ticket.wait_timeout(Duration::from_millis(5)).unwrap_err();
    assert!(matches!(error, StoreError::TimedOut));
    assert_eq!(error.class(), ErrorClass::Retry);
    assert!(ticket.try_check().is_none());
    drop(held);
    assert_eq!(span(&ticket.wait_timeout(LONG).unwrap()), (1, 1));
}

#[test]
fn a_full_queue_refuses_or_waits_as_the_caller_wishes() {
    let disk = MemoryDisk::new();
    let options = inline().pressure_bytes(10_000);
    let store = options.open_on(Arc::new(disk.clone())).unwrap();
    let large = || event("a", "x".repeat(4000));
    let first = store.try_submit(large()).unwrap();
    let _second = store.try_submit(large()).unwrap();
    let error = store.try_submit(large()).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Retry);
    assert!(matches!(error, StoreError::Pressure { queued_bytes } if queued_bytes > 8000));
    assert_eq!(store.assigned(), at(2));
    let third = store.submit(large()).unwrap();
    assert!(first.try_check().is_some(), "room was made by writing what waited");
    third.wait().unwrap();
    // One commit alone may be larger than the queue.
    store.append(event("a", "x".repeat(40_000))).unwrap();
    assert_eq!(texts(&store.view()).len(), 4);
}

#[test]
fn nothing_is_visible_before_it_is_durable() {
    let disk = FaultyDisk::default();
    let store = open_on(inline(), &disk);
    thread::scope(|scope| {
        let held = disk.hold_syncs();
        let appended = scope.spawn(|| store.append(series("a", "a", 3)));
        eventually("the append syncs", || disk.waiting() > 0);
        assert_eq!(positions(&store), (0, 0, 3));
        assert_eq!(store.view_visible().position(), at(0));
        assert_eq!(store.wait_for(at(3), Duration::from_millis(5)), at(0));
        drop(held);
        appended.join().unwrap().unwrap();
    });
    assert_eq!(positions(&store), (3, 3, 3));
}

#[test]
fn an_append_at_os_is_visible_at_once_and_durable_with_the_next_sync() {
    let disk = FaultyDisk::default();
    let store = open_on(inline().durability(Durability::Os), &disk);
    let syncs = disk.calls(Call::Sync);
    let receipt = store.append(event("a", "cached")).unwrap();
    assert_eq!(receipt.durability, Durability::Os);
    assert_eq!((positions(&store), disk.calls(Call::Sync)), ((0, 1, 1), syncs));
    assert_eq!(store.view().position(), at(0));
    assert_eq!(texts(&store.view_visible()), ["cached"]);
    let receipt = store.append_with(event("a", "synced"), Durability::Disk).unwrap();
    assert_eq!(receipt.durability, Durability::Disk);
    assert_eq!((positions(&store), disk.calls(Call::Sync)), ((2, 2, 2), syncs + 1));
}

/// Traps 7 and 8, with the default settings.
#[test]
fn an_idle_tail_is_synced_by_itself() {
    let disk = FaultyDisk::default();
    let store = open_on(threads(), &disk);
    let syncs = disk.calls(Call::Sync);
    store.append_with(event("a", "cached"), Durability::Os).unwrap();
    assert_eq!(store.wait_for(at(1), LONG), at(1));
    assert!(disk.calls(Call::Sync) > syncs, "durable without a sync");
    let reader = Reader::open_on(Arc::new(disk.memory.clone())).unwrap();
    assert_eq!(reader.wait_for(at(1), LONG).unwrap(), at(1));
}

/// Trap 7: whatever the helper is at when the append comes, above all if it has hardly started.
#[test]
fn a_tail_is_synced_and_marked_however_early_it_is_written() {
    for durability in [Durability::Os, Durability::Disk].repeat(100) {
        let disk = MemoryDisk::new();
        let options = threads().os_sync_interval(Duration::from_millis(1));
        let store = options.open_on(Arc::new(disk.clone())).unwrap();
        store.append_with(event("a", "early"), durability).unwrap();
        let long = Duration::from_secs(2);
        assert_eq!(store.wait_for(at(1), long), at(1), "{durability:?}");
        let reader = Reader::open_on(Arc::new(disk)).unwrap();
        assert_eq!(reader.wait_for(at(1), long).unwrap(), at(1), "{durability:?}");
    }
}

/// Trap 7: the sync comes before the answer, each time.
#[test]
fn each_durable_append_is_answered_after_its_sync() {
    let disk = FaultyDisk::default();
    let store = open_on(inline(), &disk);
    for _ in 0..5 {
        let syncs = disk.calls(Call::Sync);
        store.append(event("a", "synced")).unwrap();
        assert_eq!(disk.calls(Call::Sync), syncs + 1);
    }
}

/// Trap 48.
#[test]
fn callers_that_wait_together_share_a_sync() {
    let disk = FaultyDisk::default();
    let store = open_on(inline(), &disk);
    let before = disk.calls(Call::Sync);
    let mut last: Vec<u64> = thread::scope(|scope| {
        let held = disk.hold_syncs();
        let append = |number: u64| store.append(event("a", number.to_string())).unwrap();
        let first = scope.spawn(move || append(0));
        eventually("the first one syncs", || disk.waiting() > 0);
        let others: Vec<_> = (1..9).map(|number| scope.spawn(move || append(number))).collect();
        eventually("the others are staged", || store.assigned() == at(9));
        drop(held);
        let receipts = others.into_iter().chain([first]).map(|thread| thread.join().unwrap());
        receipts.map(|receipt: Receipt| span(&receipt).0).collect()
    });
    last.sort_unstable();
    assert_eq!(last, (1..=9).collect::<Vec<_>>());
    assert_eq!(disk.calls(Call::Sync) - before, 2);
}

#[test]
fn closing_writes_and_syncs_what_is_staged() {
    let disk = FaultyDisk::default();
    let store = open_on(inline(), &disk);
    store.append_with(event("a", "cached"), Durability::Os).unwrap();
    let ticket = store.submit(event("a", "staged")).unwrap();
    let syncs = disk.calls(Call::Sync);
    store.close().unwrap();
    assert!(disk.calls(Call::Sync) > syncs);
    assert_eq!(span(&ticket.wait().unwrap()), (2, 1));
    let reader = Reader::open_on(Arc::new(disk.memory.clone())).unwrap();
    assert_eq!(reader.unproven(), None);
    assert_eq!(texts(&reader.view()), ["cached", "staged"]);
}

#[test]
fn closing_syncs_what_was_appended_at_os_alone() {
    let disk = FaultyDisk::default();
    let store = open_on(inline(), &disk);
    store.append_with(event("a", "cached"), Durability::Os).unwrap();
    store.close().unwrap();
    let reader = Reader::open_on(Arc::new(disk.memory.clone())).unwrap();
    assert_eq!((reader.unproven(), texts(&reader.view()).len()), (None, 1));
    assert!(open(&disk.memory).opened().clean);
}

#[test]
fn dropping_the_handle_flushes_too() {
    for options in [inline(), threads()] {
        let disk = FaultyDisk::default();
        let store = open_on(options, &disk);
        let first = store.submit(event("a", "staged")).unwrap();
        let dropped = store.submit(event("a", "unattended")).unwrap();
        drop(dropped);
        drop(store);
        assert_eq!(span(&first.try_check().unwrap().unwrap()), (1, 1));
        let reader = Reader::open_on(Arc::new(disk.memory.clone())).unwrap();
        assert_eq!(texts(&reader.view()), ["staged", "unattended"]);
    }
}

#[test]
fn durable_is_never_ahead_of_visible_nor_visible_of_assigned() {
    let store = threads().open_on(Arc::new(MemoryDisk::new())).unwrap();
    thread::scope(|scope| {
        for writer in 0..4 {
            let store = &store;
            let durability = if writer % 2 == 0 { Durability::Os } else { Durability::Disk };
            scope.spawn(move || {
                for batch in 1..100 {
                    store.append_with(series("a", "a", batch % 4 + 1), durability).unwrap();
                }
            });
        }
        eventually("most of it is durable", || {
            let (durable, visible, assigned) = (store.durable(), store.visible(), store.assigned());
            assert!(durable <= visible && visible <= assigned);
            durable >= at(900)
        });
    });
}
