//! The explicit choice to go on without what is damaged.

use std::sync::Arc;

use batpak_store::disk::{FileName, MemoryDisk};
use batpak_store::{StoreError, repair_on, verify_on};

use super::recovers;
use crate::folder::{files, flipped, indexes, names, newest, segments, with, written};
use crate::sample::{event, events, fill_until_sealed, inline, open, open_tiny, series, texts};

fn trimmed(mut bytes: Vec<u8>) -> Vec<u8> {
    let kept = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes.truncate(kept);
    bytes
}

#[test]
fn a_folder_without_damage_is_left_as_it_is() {
    let disk = MemoryDisk::new();
    let store = open_tiny(&disk);
    fill_until_sealed(&store, 2);
    let error = repair_on(&disk).unwrap_err();
    assert!(matches!(error, StoreError::AlreadyOpen { .. }), "{error}");
    store.close().unwrap();
    let before = files(&disk);
    let report = repair_on(&disk).unwrap();
    assert!(report.before.is_clean() && report.cut.is_empty());
    assert!(report.side_files.is_empty() && report.indexes_removed.is_empty());
    assert!(files(&disk) == before);
    let error = repair_on(&MemoryDisk::new()).unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
}

#[test]
fn the_log_is_cut_before_the_damage_and_the_side_file_holds_what_was_cut() {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    let mut ends = vec![4096];
    for number in 0..6 {
        store.append(series("a", &number.to_string(), 2)).unwrap();
        ends.push(written(&disk, newest(&disk)));
    }
    let all = texts(&store.view());
    store.close().unwrap();
    for (commit, end) in ends[..6].iter().enumerate() {
        let bad = flipped(&disk, FileName::Segment(0), end + 50);
        let damaged = bad.bytes(&FileName::Segment(0)).unwrap();
        let report = repair_on(&bad).unwrap();
        assert_eq!(report.before.findings.len(), 1);
        let side = FileName::Side(0);
        assert_eq!(report.side_files, [side.to_string()]);
        let kept = bad.bytes(&side).unwrap();
        assert_eq!(kept, trimmed(damaged[*end..].to_vec()));
        let cut = &report.cut[0];
        assert_eq!((cut.segment, cut.offset, cut.bytes), (0, *end as u64, kept.len() as u64));
        recovers(&bad, &all[..commit * 2]);
        assert_eq!(bad.bytes(&side).unwrap(), kept, "the side file stays");
    }
}

#[test]
fn segments_behind_the_damage_go_to_side_files_whole() {
    let disk = MemoryDisk::new();
    let store = open_tiny(&disk);
    fill_until_sealed(&store, 4);
    let all = texts(&store.view());
    store.close().unwrap();
    let last = *segments(&disk).last().unwrap();
    let bad = flipped(&disk, FileName::Segment(1), 9000);
    let before = files(&bad);
    let report = repair_on(&bad).unwrap();
    assert_eq!(segments(&bad), [0, 1]);
    assert_eq!(indexes(&bad), [0]);
    assert_eq!(report.cut.len() as u64, last);
    for number in 2..=last {
        let whole = trimmed(before[&FileName::Segment(number)].clone());
        assert_eq!(bad.bytes(&FileName::Side(number)), Some(whole));
    }
    let kept = verify_on(&bad).unwrap();
    assert!(kept.is_clean() && kept.events > 0 && kept.events < all.len() as u64);
    recovers(&bad, &all[..kept.events as usize]);
}

#[test]
fn a_side_file_is_never_overwritten() {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    store.append(series("a", "a", 3)).unwrap();
    store.close().unwrap();
    let bad = flipped(&disk, FileName::Segment(0), 4100);
    let bad = with(&bad, FileName::Side(0), b"earlier".to_vec());
    let before = files(&bad);
    repair_on(&bad).unwrap_err();
    assert!(files(&bad) == before);
}

#[test]
fn an_index_that_does_not_fit_is_removed_and_no_log_is_cut() {
    let disk = MemoryDisk::new();
    let store = open_tiny(&disk);
    fill_until_sealed(&store, 3);
    let all = events(&store.view());
    store.close().unwrap();
    let bad = with(&disk, FileName::Index(1), vec![1; 5000]);
    let report = repair_on(&bad).unwrap();
    assert_eq!(report.indexes_removed, [1]);
    assert!(report.cut.is_empty());
    let store = inline().open_on(Arc::new(bad.clone())).unwrap();
    assert_eq!(store.opened().rebuilt, [1]);
    assert_eq!(events(&store.view()), all);
    store.append(event("a", "more")).unwrap();
    assert!(names(&bad).contains(&FileName::Index(1)));
}
