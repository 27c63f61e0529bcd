//! What a crash of the process leaves.

use batpak_store::Durability;
use batpak_store::disk::{FileName, MemoryDisk};

use super::recovers;
use crate::folder::{files, flipped, newest, segments, with, written};
use crate::sample::{at, crashed, event, events, fill_until_sealed, open, open_tiny, series, texts};

/// Trap 3: positions are stored, not made again.
#[test]
fn a_crash_after_any_append_keeps_everything_acknowledged() {
    let disk = MemoryDisk::new();
    let store = open_tiny(&disk);
    for number in 0..40 {
        let name = format!("{number}{:0>400}", "");
        store.append(series(["a", "b", "c"][number % 3], &name, number as u64 % 4 + 1)).unwrap();
        recovers(&disk.fork(), &texts(&store.view()));
    }
}

#[test]
fn what_was_appended_at_os_survives_a_crash_of_the_process() {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    for number in 0..10 {
        store.append_with(event("a", number.to_string()), Durability::Os).unwrap();
    }
    let wanted = texts(&store.view_visible());
    assert_eq!(wanted.len(), 10);
    recovers(&disk.fork(), &wanted);
}

/// Trap 1: whatever stops a batch half-way, what is acknowledged later stays.
#[test]
fn a_batch_that_fails_half_way_takes_nothing_with_it() {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    store.append(event("a", "before")).unwrap();
    let mut invalid = series("b", "lost", 10);
    invalid[9].payload = vec![0; batpak_core::PAYLOAD_BYTES_MAX + 1].into();
    store.append(invalid).unwrap_err();
    store.append(event("a", "between")).unwrap();

    let end = written(&disk, newest(&disk));
    store.append(series("b", "torn", 10)).unwrap();
    let torn = written(&disk, newest(&disk));
    let mut bytes = disk.bytes(&newest(&disk)).unwrap();
    bytes[(end + torn) / 2..].fill(0);
    let left = with(&disk, newest(&disk), bytes);
    let store = open(&left);
    assert_eq!(store.opened().cut.len(), 1);
    store.append(event("a", "after")).unwrap();
    recovers(&left.fork(), &["before", "between", "after"].map(str::to_owned));
}

/// Trap 2: the segments that follow a batch that was torn and cut.
#[test]
fn segments_after_a_torn_batch_stay() {
    let disk = MemoryDisk::new();
    let store = open_tiny(&disk);
    store.append(event("a", "before")).unwrap();
    let end = written(&disk, newest(&disk));
    store.append(series("b", "torn", 20)).unwrap();
    let mut bytes = disk.bytes(&newest(&disk)).unwrap();
    bytes.truncate(end + 200);
    let left = with(&disk, newest(&disk), bytes);
    let store = open_tiny(&left);
    assert_eq!(texts(&store.view()), ["before"]);
    fill_until_sealed(&store, 3);
    let wanted = texts(&store.view());
    store.close().unwrap();
    recovers(&left, &wanted);
}

/// Trap 4: at every distance from the end of a segment.
#[test]
fn a_batch_at_the_end_of_a_segment_stays_whole() {
    for gap in (0..2400).step_by(80) {
        let disk = MemoryDisk::new();
        let store = open_tiny(&disk);
        store.append(event("a", "x".repeat(8500 + gap))).unwrap();
        store.append(series("b", &"y".repeat(60), 20)).unwrap();
        store.append(event("a", "after")).unwrap();
        let wanted = texts(&store.view());
        assert_eq!(wanted.len(), 22);
        let (mut bare, whole) = (MemoryDisk::new(), disk.fork());
        for (name, bytes) in files(&disk) {
            if matches!(name, FileName::Segment(_)) {
                bare = with(&bare, name, bytes);
            }
        }
        for left in [whole, bare] {
            recovers(&left, &wanted);
        }
    }
}

/// Trap 4: a batch that is larger than a segment.
#[test]
fn a_batch_larger_than_a_segment_stays_whole() {
    let disk = MemoryDisk::new();
    let store = open_tiny(&disk);
    store.append(event("a", "before")).unwrap();
    store.append(series("b", &"y".repeat(600), 100)).unwrap();
    store.append(event("a", "after")).unwrap();
    let wanted = texts(&store.view());
    assert_eq!(wanted.len(), 102);
    recovers(&disk.fork(), &wanted);
    store.close().unwrap();
    recovers(&disk, &wanted);
}

/// Trap 10: what a power cut while the next segment is made can leave of it.
#[test]
fn a_torn_or_empty_newest_segment_is_no_end() {
    let disk = MemoryDisk::new();
    let store = open_tiny(&disk);
    fill_until_sealed(&store, 1);
    let wanted = texts(&store.view());
    let header = disk.bytes(&newest(&disk)).unwrap()[..4096].to_vec();
    let next = FileName::Segment(segments(&disk).last().unwrap() + 1);
    let zeros = vec![0; 4096];
    let torn = [0, 1, 50, 100, 512, 4095].map(|bytes| header[..bytes].to_vec());
    let empty = [1, 100, 4096].map(|bytes| zeros[..bytes].to_vec());
    for bytes in torn.into_iter().chain(empty) {
        let left = with(&disk, next, bytes);
        let report = recovers(&left, &wanted);
        assert_eq!(report.cut.len(), 1, "{report:?}");
    }
}

#[test]
fn a_store_whose_very_first_segment_was_torn_starts_anew() {
    for bytes in [0, 1, 100, 4095] {
        let disk = MemoryDisk::new();
        disk.put(FileName::Segment(0), vec![0; bytes]);
        recovers(&disk, &[]);
    }
}

#[test]
fn unfinished_files_of_a_crashed_writer_are_removed_and_never_believed() {
    let disk = MemoryDisk::new();
    let store = open_tiny(&disk);
    fill_until_sealed(&store, 2);
    let wanted = texts(&store.view());
    let left = disk.fork();
    let (spare, partial) = (FileName::Spare, FileName::Partial(1));
    left.put(spare, disk.bytes(&FileName::Segment(0)).unwrap());
    left.put(partial, disk.bytes(&FileName::Index(0)).unwrap());
    let report = recovers(&left, &wanted);
    assert_eq!(report.removed, [partial.to_string(), spare.to_string()]);
}

/// Trap 13.
#[test]
fn garbage_after_the_last_commit_is_cut_and_does_not_resurrect() {
    let disk = MemoryDisk::new();
    let store = open_tiny(&disk);
    fill_until_sealed(&store, 1);
    store.append(series("a", "a", 3)).unwrap();
    store.append(series("b", "b", 3)).unwrap();
    let wanted = texts(&store.view());
    let name = newest(&disk);
    let end = written(&disk, name);
    let bytes = disk.bytes(&name).unwrap();
    let older = disk.bytes(&FileName::Segment(0)).unwrap();
    let noise = (0..2000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8 | 1);
    let garbage: [Vec<u8>; 5] = [
        noise.collect(),
        bytes[4096..end].to_vec(),
        bytes[end - 100..end].to_vec(),
        older[end..].to_vec(),
        vec![1; 3000],
    ];
    for garbage in garbage {
        let mut bytes = bytes[..end].to_vec();
        bytes.extend_from_slice(&garbage);
        let report = recovers(&with(&disk, name, bytes), &wanted);
        assert_eq!((report.cut.len(), report.cut[0].offset), (1, end as u64));
    }
}

/// Trap 13: commits that were cut once never come back, although their bytes lie where they lay.
#[test]
fn what_was_cut_never_comes_back() {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    store.append(event("a", "kept")).unwrap();
    let name = newest(&disk);
    let end = written(&disk, name);
    for number in 0..5 {
        store.append_with(event("a", format!("cut {number}")), Durability::Os).unwrap();
    }
    let stale = disk.bytes(&name).unwrap();
    // The first of the five is torn, so all of them go.
    let left = flipped(&disk, name, end + 40);
    let recovered = open(&left);
    assert_eq!(texts(&recovered.view()), ["kept"]);
    for (number, text) in (1..).zip(["y", "longer than the first that was cut", "x"]) {
        recovered.append(event("b", text)).unwrap();
        let now = written(&left, name);
        let mut bytes = left.bytes(&name).unwrap();
        bytes[now..].copy_from_slice(&stale[now..]);
        let (_left, again) = crashed(&with(&left, name, bytes));
        assert_eq!(events(&again.view()).len(), number + 1);
        assert_eq!(again.view().position(), at(number as u64 + 1));
    }
}

/// Trap 14.
#[test]
fn opening_and_closing_adds_nothing() {
    let small = MemoryDisk::new();
    open(&small).append(series("a", "a", 3)).unwrap();
    let sealed = MemoryDisk::new();
    fill_until_sealed(&open_tiny(&sealed), 3);
    let empty = MemoryDisk::new();
    drop(open(&empty));
    let large = MemoryDisk::new();
    open(&large).append(vec![event("a", "x".repeat(1000)); 2000]).unwrap();
    for disk in [small, sealed, empty, large] {
        let before = files(&disk);
        for _ in 0..5 {
            let store = open(&disk);
            assert!(store.opened().clean);
            store.close().unwrap();
            assert!(files(&disk) == before, "the files differ");
            let store = crate::sample::threads();
            drop(store.open_on(std::sync::Arc::new(disk.clone())).unwrap());
            assert!(files(&disk) == before, "the files differ");
        }
    }
}
