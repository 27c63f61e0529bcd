//! Damage to what was acknowledged: named with its place, never a silently shorter log. Trap 9.

use std::sync::Arc;

use batpak_store::disk::{FileName, MemoryDisk};
use batpak_store::{ErrorClass, FindingClass, Read, Reader, Store, StoreError, verify_on};

use crate::folder::{files, flipped, newest, with, written};
use crate::sample::{event, events, fill_until_sealed, inline, open, open_tiny, series, texts};

fn closed() -> (MemoryDisk, Vec<String>) {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    for number in 0..8 {
        store.append(series("a", &number.to_string(), number % 3 + 1)).unwrap();
    }
    let wanted = texts(&store.view());
    store.close().unwrap();
    (disk, wanted)
}

fn try_open(disk: &MemoryDisk) -> Result<Store, StoreError> {
    inline().open_on(Arc::new(disk.clone()))
}

/// Opening refuses and changes nothing; the error, the reader's error and the finding name the same place.
#[track_caller]
fn refused(disk: &MemoryDisk, segment: u64) -> u64 {
    let before = files(disk);
    let error = try_open(disk).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Corrupt, "{error}");
    let place = |error: &StoreError| match error {
        StoreError::Corrupt { segment, offset, .. } => Some((*segment, *offset)),
        StoreError::Unsupported { segment, .. } => Some((*segment, 0)),
        _ => None,
    };
    let (named, offset) = place(&error).unwrap();
    assert_eq!(named, segment, "{error}");
    let reader = Reader::open_on(Arc::new(disk.clone())).unwrap_err();
    assert_eq!(place(&reader), Some((segment, offset)), "{reader}");
    match verify_on(disk) {
        Ok(report) => {
            let finding = &report.findings[0];
            assert_eq!((finding.segment, finding.offset), (segment, offset));
            assert_ne!(finding.class, FindingClass::Index);
        }
        Err(error) => assert_eq!(place(&error), Some((segment, offset))),
    }
    assert!(files(disk) == before, "a refused open changes nothing");
    offset
}

#[test]
fn a_flipped_byte_is_named_and_costs_no_event_in_silence() {
    let (disk, wanted) = closed();
    let name = newest(&disk);
    let end = written(&disk, name);
    let mut kept = 0;
    for at in 4096..disk.bytes(&name).unwrap().len() {
        let bad = flipped(&disk, name, at);
        if let Ok(store) = try_open(&bad) {
            assert_eq!(texts(&store.view()), wanted, "byte {at}");
            kept += 1;
            continue;
        }
        let offset = refused(&bad, 0) as usize;
        assert!((4096..=at).contains(&offset), "byte {at} is named as {offset}");
    }
    // Only the mark at the end, which no event depends on, may be lost.
    assert!(kept <= 32, "{kept} of {} flips went unnoticed", end - 4096);
}

#[test]
fn a_damaged_header_is_named() {
    let (disk, _) = closed();
    for at in (0..120).chain([500, 4095]) {
        assert_eq!(refused(&flipped(&disk, FileName::Segment(0), at), 0), 0);
    }
}

#[test]
fn a_damaged_commit_in_front_of_acknowledged_ones_is_named_after_a_crash_too() {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    store.append(event("a", "first")).unwrap();
    let end = written(&disk, newest(&disk));
    store.append(event("a", "second")).unwrap();
    // The second commit says that the first was synced.
    for at in 4096..end {
        refused(&flipped(&disk, newest(&disk), at), 0);
    }
}

fn sealed() -> (MemoryDisk, Vec<batpak_core::Event>) {
    let disk = MemoryDisk::new();
    let store = open_tiny(&disk);
    for number in 0..60 {
        store.append(series("a", &format!("{number:0>200}"), 3)).unwrap();
    }
    fill_until_sealed(&store, 4);
    let wanted = events(&store.view());
    store.close().unwrap();
    (disk, wanted)
}

/// Reads everything in both directions and by position: all that is read is right, and if something is missing there is an error.
fn reads_right_or_fails(store: &Store, wanted: &[batpak_core::Event]) -> bool {
    let view = store.view();
    let mut failed = false;
    for read in [Read::all(), Read::all().backward()] {
        let found: Result<Vec<_>, _> = view.read(read).collect();
        match found {
            Ok(mut found) => {
                found.sort_by_key(|event| event.position);
                assert_eq!(found, wanted);
            }
            Err(error) => {
                assert_eq!(error.class(), ErrorClass::Corrupt, "{error}");
                failed = true;
            }
        }
    }
    for event in wanted {
        match view.at(event.position) {
            Ok(found) => assert_eq!(found.as_ref(), Some(event)),
            Err(error) => assert_eq!(error.class(), ErrorClass::Corrupt, "{error}"),
        }
    }
    failed
}

#[test]
fn a_flipped_byte_in_a_sealed_segment_is_an_error_when_read_and_a_finding() {
    let (disk, wanted) = sealed();
    let name = FileName::Segment(1);
    let end = written(&disk, name);
    for at in (4096..end).step_by(397).chain([4096, end - 1]) {
        let bad = flipped(&disk, name, at);
        let failed = match try_open(&bad) {
            Ok(store) => reads_right_or_fails(&store, &wanted),
            Err(error) => error.class() == ErrorClass::Corrupt,
        };
        let report = verify_on(&bad).unwrap();
        let place = report.findings.first().map(|finding| (finding.segment, finding.class));
        assert_eq!(place, Some((1, FindingClass::Checksum)), "byte {at}: {report:?}");
        assert!(failed, "byte {at} is read as if nothing were wrong");
    }
}

#[test]
fn a_missing_cut_foreign_or_misplaced_segment_is_named() {
    let (disk, wanted) = sealed();
    let bytes = |number| disk.bytes(&FileName::Segment(number)).unwrap();
    let (first, end) = (bytes(1), written(&disk, FileName::Segment(1)));
    for cut in [4096, 8000, end - 1] {
        let left = with(&disk, FileName::Segment(1), first[..cut].to_vec());
        assert_eq!(refused(&left, 1), cut as u64);
    }
    let missing = MemoryDisk::new();
    for (name, bytes) in files(&disk) {
        if name != FileName::Segment(1) {
            missing.put(name, bytes);
        }
    }
    assert_eq!(refused(&missing, 2), 0);
    assert_eq!(refused(&with(&disk, FileName::Segment(1), bytes(2)), 1), 0);
    let (other, _) = sealed();
    let foreign = other.bytes(&FileName::Segment(1)).unwrap();
    assert_eq!(refused(&with(&disk, FileName::Segment(1), foreign), 1), 0);
    assert_eq!(events(&open(&disk).view()), wanted);
}
