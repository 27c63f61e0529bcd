//! A full disk: a clean refusal, and back to work once there is room. Traps 5 and 15.

use batpak_store::disk::MemoryDisk;
use batpak_store::{Durability, ErrorClass, Store, StoreError};

use crate::folder::{newest, written};
use crate::sample::{at, crashed, event, fill_until_sealed, keyed, open, open_tiny, series, texts};

#[track_caller]
fn full(store: &Store, name: &str) {
    let before = (store.durable(), store.view().root().unwrap());
    let batch = vec![event("a", "x".repeat(50_000)), event("b", name)];
    let error = store.append(batch).unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");
    assert_eq!(error.class(), ErrorClass::Retry);
    assert_eq!((store.durable(), store.view().root().unwrap()), before);
    assert_eq!(store.visible(), store.durable());
    assert_eq!(store.assigned(), store.durable());
}

/// The disk fills up in the middle of a batch, at many places of it.
#[test]
fn an_append_that_does_not_fit_leaves_nothing_behind() {
    for room in [0, 1, 31, 32, 33, 100, 1000, 4096, 30_000, 49_999] {
        let disk = MemoryDisk::new();
        let store = open(&disk);
        store.append(series("a", "before", 3)).unwrap();
        store.close().unwrap();
        // The file ends at the last commit: every byte of the next one has to be allocated.
        let store = open(&disk);
        disk.limit_file_bytes(Some(written(&disk, newest(&disk)) as u64 + room));
        full(&store, "lost");
        full(&store, "lost again");
        disk.limit_file_bytes(None);
        store.append(event("a", "after")).unwrap();
        let wanted = ["before-0", "before-1", "before-2", "after"];
        assert_eq!(texts(&store.view()), wanted);
        let root = store.view().root().unwrap();
        let (_left, recovered) = crashed(&disk);
        assert_eq!(texts(&recovered.view()), wanted, "after a crash");
        store.close().unwrap();
        let reopened = open(&disk);
        assert_eq!(texts(&reopened.view()), wanted, "after a clean close");
        assert_eq!(reopened.view().root().unwrap(), root);
    }
}

#[test]
fn what_fits_goes_on_being_appended_while_the_disk_is_full() {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    store.append(event("a", "first")).unwrap();
    disk.limit_file_bytes(Some(disk.bytes(&newest(&disk)).unwrap().len() as u64));
    let large = event("a", "x".repeat(300_000));
    let error = store.append(large).unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");
    store.append(event("a", "small")).unwrap();
    assert_eq!(texts(&store.view()), ["first", "small"]);
    let (_left, recovered) = crashed(&disk);
    assert_eq!(texts(&recovered.view()), ["first", "small"]);
}

#[test]
fn every_ticket_of_a_refused_group_is_refused_and_its_names_stay_free() {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    store.append(event("a", "first")).unwrap();
    let offset = written(&disk, newest(&disk)) as u64;
    let small = store.submit(keyed("k", vec![event("a", "small").id(crate::sample::id(1))])).unwrap();
    let large = store.submit(event("a", "x".repeat(10_000))).unwrap();
    disk.limit_file_bytes(Some(offset + 1000));
    for ticket in [small, large] {
        let error = ticket.wait().unwrap_err();
        assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");
    }
    assert_eq!((store.assigned(), store.visible()), (at(1), at(1)));
    disk.limit_file_bytes(None);
    let again = keyed("k", vec![event("a", "small").id(crate::sample::id(1))]);
    let receipt = store.append(again).unwrap();
    assert!(!receipt.duplicate);
    assert_eq!(receipt.events[0].position, at(2));
    let (_left, recovered) = crashed(&disk);
    assert_eq!(texts(&recovered.view()), ["first", "small"]);
}

/// What was acknowledged before, also at `Os`, is not part of what is taken back.
#[test]
fn a_refusal_takes_back_nothing_that_was_acknowledged() {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    for number in 0..5 {
        store.append_with(event("a", number.to_string()), Durability::Os).unwrap();
    }
    let offset = written(&disk, newest(&disk)) as u64;
    disk.limit_file_bytes(Some(offset + 10));
    let error = store.append_with(event("a", "lost"), Durability::Os).unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");
    disk.limit_file_bytes(None);
    assert_eq!(texts(&store.view_visible()), ["0", "1", "2", "3", "4"]);
    store.append(event("a", "5")).unwrap();
    assert_eq!(store.durable(), at(6));
    let (_left, recovered) = crashed(&disk);
    assert_eq!(texts(&recovered.view()).len(), 6);
}

/// The next segment cannot be made: the append is refused, and goes through once there is room.
#[test]
fn a_disk_that_is_full_at_a_segments_end_refuses_and_recovers() {
    let disk = MemoryDisk::new();
    let store = open_tiny(&disk);
    fill_until_sealed(&store, 1);
    let before = texts(&store.view()).len();
    disk.limit_file_bytes(Some(1000));
    let mut refused = 0;
    for number in 0..20 {
        match store.append(event("a", format!("{number:0>2000}"))) {
            Err(StoreError::DiskFull { .. }) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(refused, 20);
    disk.limit_file_bytes(None);
    for number in 0..20 {
        store.append(event("a", format!("{number:0>2000}"))).unwrap();
    }
    let wanted = texts(&store.view());
    assert_eq!(wanted.len(), before + 20);
    let (_left, recovered) = crashed(&disk);
    assert_eq!(texts(&recovered.view()), wanted);
    store.close().unwrap();
    assert_eq!(texts(&open(&disk).view()), wanted);
}

#[test]
fn a_store_on_a_full_disk_opens_reads_and_closes() {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    store.append(series("a", "a", 3)).unwrap();
    store.close().unwrap();
    let used = disk.bytes(&newest(&disk)).unwrap().len() as u64;
    disk.limit_file_bytes(Some(used));
    let store = open(&disk);
    assert_eq!(texts(&store.view()).len(), 3);
    let error = store.append(event("a", "more").tag(crate::sample::tag("t"))).unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");
    store.close().unwrap();
    disk.limit_file_bytes(None);
    let store = open(&disk);
    store.append(keyed("k", series("a", "more", 2))).unwrap();
    assert!(store.append(keyed("k", series("a", "more", 2))).unwrap().duplicate);
    assert_eq!(texts(&store.view()).len(), 5);
}
