//! Calls to the disk that fail: what is refused, what is unknown, what stops the writer for good, and that reading goes on.

use std::io::ErrorKind;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use batpak_core::Expected;
use batpak_store::disk::FileName;
use batpak_store::{Durability, ErrorClass, Read, Store, StoreError};

use crate::faulty::{Call, Fault, FaultyDisk};
use crate::sample::{at, event, events, eventually, keyed, open, open_tiny, series, texts, threads};

const BROKEN: Fault = Fault::Error(ErrorKind::Other);

fn started() -> (FaultyDisk, Store) {
    let disk = FaultyDisk::default();
    let store = open(&disk);
    store.append(series("a", "before", 3)).unwrap();
    (disk, store)
}

/// The writer has stopped for good; reading has not.
#[track_caller]
fn poisoned(store: &Store, readable: usize) {
    for _ in 0..3 {
        let error = store.append(event("a", "never")).unwrap_err();
        assert!(matches!(error, StoreError::Poisoned { .. }), "{error}");
        assert_eq!(error.class(), ErrorClass::Io);
        let error = store.submit(event("a", "never")).unwrap_err();
        assert!(matches!(error, StoreError::Poisoned { .. }), "{error}");
    }
    assert_eq!(events(&store.view()).len(), readable);
}

/// Trap 6.
#[test]
fn a_failed_sync_stops_the_writer_for_good() {
    let (disk, store) = started();
    disk.fail(Call::Sync, 0, 1, BROKEN);
    let lost = keyed("k", vec![event("a", "unknown")]);
    let error = store.append(lost.clone()).unwrap_err();
    assert!(matches!(error, StoreError::OutcomeUnknown { .. }), "{error}");
    assert_eq!((store.durable(), store.visible()), (at(3), at(3)));
    let syncs = disk.calls(Call::Sync);
    poisoned(&store, 3);
    assert_eq!(disk.calls(Call::Sync), syncs, "a failed sync is never tried again");
    let error = store.close().unwrap_err();
    assert!(matches!(error, StoreError::Poisoned { .. }), "{error}");

    // The key settles what happened: here the bytes were in the page cache, and stayed.
    let store = open(&disk.memory);
    assert!(store.append(lost).unwrap().duplicate);
    assert_eq!(texts(&store.view()).pop().unwrap(), "unknown");
}

#[test]
fn a_failed_background_sync_stops_the_writer_and_moves_nothing() {
    let disk = FaultyDisk::default();
    let store = threads().open_on(Arc::new(disk.clone())).unwrap();
    store.append(series("a", "before", 3)).unwrap();
    disk.fail(Call::Sync, 0, 1, BROKEN);
    store.append_with(event("a", "cached"), Durability::Os).unwrap();
    eventually("the sync fails", || store.append_with(event("a", "more"), Durability::Os).is_err());
    poisoned(&store, 3);
    assert_eq!(store.durable(), at(3));
    assert!(store.visible() >= at(4));
}

#[test]
fn tickets_staged_behind_a_failed_sync_were_never_written() {
    let disk = FaultyDisk::default();
    let store = threads().open_on(Arc::new(disk.clone())).unwrap();
    let held = disk.hold_syncs();
    let flying = store.submit(event("a", "flying")).unwrap();
    eventually("the first one syncs", || disk.waiting() > 0);
    let staged = store.submit(event("a", "staged")).unwrap();
    disk.fail(Call::Sync, 0, u64::MAX, BROKEN);
    drop(held);
    let error = flying.wait().unwrap_err();
    assert!(matches!(error, StoreError::OutcomeUnknown { .. }), "{error}");
    let error = staged.wait().unwrap_err();
    assert!(matches!(error, StoreError::Poisoned { .. }), "{error}");
    poisoned(&store, 0);
}

/// A refusal that rests on an event whose sync fails is not given as one.
#[test]
fn a_refusal_never_rests_on_what_was_lost() {
    let (disk, store) = started();
    let _first = store.submit(event("b", "first").expect(Expected::NoStream)).unwrap();
    disk.fail(Call::Sync, 0, 1, BROKEN);
    let error = store.append(event("b", "second").expect(Expected::NoStream)).unwrap_err();
    assert!(matches!(error, StoreError::Poisoned { .. }), "{error}");

    let (disk, store) = started();
    let first = store.submit(event("b", "first").expect(Expected::NoStream)).unwrap();
    disk.fail(Call::Write, 0, 1, BROKEN);
    let receipt = store.append(event("b", "second").expect(Expected::NoStream)).unwrap();
    assert_eq!((receipt.events[0].position, receipt.events[0].revision.get()), (at(4), 1));
    assert!(matches!(first.wait(), Err(StoreError::WriteFailed { .. })));
}

#[test]
fn a_failed_write_is_taken_back_and_the_next_append_goes_on() {
    for fault in [BROKEN, Fault::Torn(ErrorKind::Other), Fault::Torn(ErrorKind::StorageFull)] {
        let (disk, store) = started();
        for round in 0..3 {
            disk.fail(Call::Write, 0, 1, fault);
            let error = store.append(keyed("k", series("b", "lost", 20))).unwrap_err();
            let known = matches!(error, StoreError::WriteFailed { .. } | StoreError::DiskFull { .. });
            assert!(known, "{error}");
            assert_eq!(error.class(), ErrorClass::Retry);
            assert_eq!(store.assigned(), at(3 + round));
            store.append(event("a", "kept")).unwrap();
        }
        let wanted = texts(&store.view());
        assert_eq!(wanted.len(), 6);
        assert_eq!(texts(&open(&disk.memory.fork()).view()), wanted);
        assert!(!store.append(keyed("k", series("b", "lost", 20))).unwrap().duplicate);
        store.close().unwrap();
        assert_eq!(texts(&open(&disk.memory).view()).len(), 26);
    }
}

#[test]
fn a_failed_write_that_cannot_be_taken_back_stops_the_writer() {
    for call in [Call::SetLen, Call::Sync, Call::Read] {
        let (disk, store) = started();
        disk.fail(Call::Write, 0, 1, Fault::Torn(ErrorKind::Other));
        disk.fail(call, 0, 1, BROKEN);
        let error = store.append(series("b", "lost", 20)).unwrap_err();
        assert!(matches!(error, StoreError::OutcomeUnknown { .. }), "{call:?}: {error}");
        assert_eq!(store.durable(), at(3));
        disk.heal();
        if call != Call::Read {
            poisoned(&store, 3);
        }
        drop(store);
        assert_eq!(texts(&open(&disk.memory).view()).len(), 3);
    }
}

/// The next segment cannot be named: no append goes on in a folder whose names are unknown.
#[test]
fn a_failed_rename_or_folder_sync_stops_the_writer() {
    for call in [Call::Rename, Call::SyncDirectory] {
        let disk = FaultyDisk::default();
        let store = open_tiny(&disk);
        let any = |_: &FileName| true;
        disk.fail_on(call, any, 0, u64::MAX, BROKEN);
        let mut appended = 0;
        let error = loop {
            match store.append(event("a", "x".repeat(1000))) {
                Ok(_) => appended += 1,
                Err(error) => break error,
            }
            assert!(appended < 100, "the segment never ends");
        };
        // The append itself was not written: what is unknown is the folder.
        assert!(matches!(error, StoreError::Poisoned { .. }), "{error}");
        disk.heal();
        poisoned(&store, appended);
        drop(store);
        assert_eq!(texts(&open(&disk.memory).view()).len(), appended);
    }
}

/// An index is derived data: what keeps it from being written must not cost a commit, nor the writer.
#[test]
fn a_disk_that_is_full_for_an_index_is_no_end() {
    let disk = FaultyDisk::default();
    let store = open_tiny(&disk);
    let index = |name: &FileName| matches!(name, FileName::Partial(_) | FileName::Index(_));
    disk.fail_on(Call::Write, index, 0, u64::MAX, Fault::Error(ErrorKind::StorageFull));
    let mut appended = 0;
    for number in 0..40 {
        match store.append(event("a", format!("{number:0>1000}"))) {
            Ok(_) => appended += 1,
            Err(error) => assert!(matches!(error, StoreError::DiskFull { .. }), "{error}"),
        }
    }
    assert!(appended >= 10);
    disk.heal();
    for number in 0..40 {
        store.append(event("a", format!("{number:0>1000}"))).unwrap();
    }
    assert_eq!(events(&store.view()).len(), appended + 40);
    store.close().unwrap();
    assert_eq!(events(&open(&disk.memory).view()).len(), appended + 40);
}

#[test]
fn the_helper_takes_a_full_disk_for_an_index_as_no_end_either() {
    let disk = FaultyDisk::default();
    let options = threads().segment_bytes(crate::sample::TINY);
    let store = options.open_on(Arc::new(disk.clone())).unwrap();
    let index = |name: &FileName| matches!(name, FileName::Partial(_) | FileName::Index(_));
    disk.fail_on(Call::Write, index, 0, 3, Fault::Error(ErrorKind::StorageFull));
    eventually("40 appends go through", || {
        match store.append(event("a", "x".repeat(1000))) {
            Ok(_) => {}
            Err(error) => assert!(matches!(error, StoreError::DiskFull { .. }), "{error}"),
        }
        store.durable() >= at(40)
    });
    let appended = events(&store.view()).len();
    store.close().unwrap();
    assert_eq!(events(&open(&disk.memory).view()).len(), appended);
}

/// Trap 22, for sealing: who waits for the helper does not do its work once more.
#[test]
fn a_segment_is_sealed_once_however_many_wait_for_it() {
    let disk = FaultyDisk::default();
    let options = threads().segment_bytes(crate::sample::TINY);
    let store = Arc::new(options.open_on(Arc::new(disk.clone())).unwrap());
    let held = disk.hold_syncs_on(|name| matches!(name, FileName::Partial(_)));
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let store = Arc::clone(&store);
            // Not scoped: if the store hangs, the test still fails.
            thread::spawn(move || (0..20).for_each(|_| drop(store.append(event("a", "x".repeat(1000))))))
        })
        .collect();
    eventually("a segment is being sealed", || disk.waiting() > 0);
    let until = Instant::now() + Duration::from_millis(100);
    while Instant::now() < until {
        assert!(disk.waiting() <= 1, "{} seal at once", disk.waiting());
        thread::yield_now();
    }
    drop(held);
    eventually("all appends are done", || writers.iter().all(thread::JoinHandle::is_finished));
    assert_eq!(events(&store.view()).len(), 80);
}

/// Trap 36.
#[test]
fn a_read_error_does_not_look_like_the_end() {
    let (disk, store) = started();
    let view = store.view();
    for read in [Read::all(), Read::all().backward(), Read::all().limit(1)] {
        disk.fail(Call::Read, 0, u64::MAX, BROKEN);
        let mut scan = view.read(read);
        assert!(scan.next().unwrap().is_err());
        disk.heal();
    }
    disk.fail(Call::Read, 0, u64::MAX, BROKEN);
    assert!(view.at(at(1)).is_err());
    assert!(view.get(batpak_core::EventId::from_bytes([9; 16])).unwrap().is_none());
    disk.heal();
    assert_eq!(events(&view).len(), 3);
}
