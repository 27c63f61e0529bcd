//! Index files that are missing, stale, cut, forged or another store's: the answers are the same. Trap 12.

use std::sync::Arc;

use batpak_core::{Event, Expected, Hash};
use batpak_store::disk::{Disk, FileName, MemoryDisk};
use batpak_store::{FindingClass, KindInfo, Read, Reader, StreamInfo, View, verify_on};

use crate::folder::{files, flipped, indexes, with};
use crate::sample::{event, events, fill_until_sealed, id, keyed, open, open_tiny, query, revision, series, tag};

/// All that can be asked.
struct Answers {
    events: Vec<Event>,
    tagged: Vec<Event>,
    counts: Vec<u64>,
    streams: Vec<StreamInfo>,
    kinds: Vec<KindInfo>,
    root: Hash,
}

fn ask(view: &View) -> Answers {
    let tagged = view.read(Read::query(query("tag(rare)")).backward());
    let count = |text| view.read(query(text)).total().unwrap();
    let queries = ["all()", "entity(a)", "entity(prefix:fill)", "tag(rare) & entity(b)", "kind(x)"];
    Answers {
        events: events(view),
        tagged: tagged.map(Result::unwrap).collect(),
        counts: queries.map(count).to_vec(),
        streams: view.streams("", None).unwrap(),
        kinds: view.kinds(true).unwrap(),
        root: view.root().unwrap(),
    }
}

/// As `assert_eq`, with a message that can be read.
#[track_caller]
fn agree(found: &Answers, wanted: &Answers) {
    assert_eq!(found.events.len(), wanted.events.len());
    for (found, wanted) in found.events.iter().zip(&wanted.events) {
        assert_eq!(found, wanted);
    }
    assert_eq!(found.tagged, wanted.tagged);
    assert_eq!(found.counts, wanted.counts);
    assert_eq!(found.streams, wanted.streams);
    assert_eq!(found.kinds, wanted.kinds);
    assert_eq!(found.root, wanted.root);
}

fn store() -> (MemoryDisk, Answers) {
    let disk = MemoryDisk::new();
    let store = open_tiny(&disk);
    store.append(keyed("k", series("a", "keyed", 2))).unwrap();
    store.append(event("b", "rare").id(id(1)).tag(tag("rare"))).unwrap();
    fill_until_sealed(&store, 2);
    store.append(event("b", "rare").tag(tag("rare"))).unwrap();
    fill_until_sealed(&store, 4);
    let answers = ask(&store.view());
    store.close().unwrap();
    (disk, answers)
}

/// A reader and a writer answer the same, consistency included; afterwards the folder checks.
#[track_caller]
fn same(disk: &MemoryDisk, wanted: &Answers) {
    let before = files(disk);
    let reader = Reader::open_on(Arc::new(disk.clone())).unwrap();
    agree(&ask(&reader.view()), wanted);
    drop(reader);
    assert!(files(disk) == before, "a reader changes nothing");
    let report = verify_on(disk).unwrap();
    assert!(report.findings.iter().all(|finding| finding.class == FindingClass::Index));
    assert_eq!((report.events, report.root), (wanted.events.len() as u64, wanted.root));
    let store = open(disk);
    assert!(store.append(keyed("k", series("a", "keyed", 2))).unwrap().duplicate);
    store.append(event("c", "twin").id(id(1))).unwrap_err();
    store.append(event("a", "x").expect(Expected::NoStream)).unwrap_err();
    assert_eq!(store.view().revision(&crate::sample::stream("b")).unwrap(), revision(2));
    agree(&ask(&store.view()), wanted);
    store.close().unwrap();
    let report = verify_on(disk).unwrap();
    assert!(report.is_clean(), "{report:?}");
    agree(&ask(&open(disk).view()), wanted);
}

#[test]
fn without_its_indexes_a_store_answers_the_same() {
    let (disk, wanted) = store();
    assert!(indexes(&disk).len() >= 4);
    same(&disk.fork(), &wanted);
    let bare = disk.fork();
    for number in indexes(&disk) {
        bare.remove(&FileName::Index(number)).unwrap();
    }
    assert_eq!(open(&bare.fork()).opened().rebuilt, indexes(&disk));
    same(&bare, &wanted);
    for number in indexes(&disk) {
        let left = disk.fork();
        left.remove(&FileName::Index(number)).unwrap();
        same(&left, &wanted);
    }
}

#[test]
fn a_cut_or_emptied_index_changes_no_answer() {
    let (disk, wanted) = store();
    let name = FileName::Index(1);
    let bytes = disk.bytes(&name).unwrap();
    let cuts = [0, 1, 16, 100, bytes.len() / 2, bytes.len() - 1];
    for cut in cuts {
        same(&with(&disk, name, bytes[..cut].to_vec()), &wanted);
    }
    same(&with(&disk, name, vec![0; bytes.len()]), &wanted);
    same(&with(&disk, name, [bytes.clone(), vec![7; 100]].concat()), &wanted);
}

#[test]
fn a_damaged_index_changes_no_answer() {
    let (disk, wanted) = store();
    for number in [0, 1] {
        let name = FileName::Index(number);
        let bytes = disk.bytes(&name).unwrap().len();
        for at in (0..bytes).step_by(bytes / 40).chain([bytes - 1, bytes - 9]) {
            same(&flipped(&disk, name, at), &wanted);
        }
    }
}

#[test]
fn an_index_of_another_segment_or_store_changes_no_answer() {
    let (disk, wanted) = store();
    let (other, _) = store();
    let foreign = other.bytes(&FileName::Index(1)).unwrap();
    same(&with(&disk, FileName::Index(1), foreign), &wanted);
    let neighbour = disk.bytes(&FileName::Index(2)).unwrap();
    same(&with(&disk, FileName::Index(1), neighbour), &wanted);
    let all = disk.fork();
    for number in indexes(&disk) {
        all.put(FileName::Index(number), other.bytes(&FileName::Index(number)).unwrap());
    }
    same(&all, &wanted);
}

/// The newest segment was sealed when the store was closed, and has grown since.
#[test]
fn an_index_that_is_older_than_its_segment_changes_no_answer() {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    store.append(keyed("k", series("a", "keyed", 2))).unwrap();
    store.append(event("b", "rare").id(id(1)).tag(tag("rare"))).unwrap();
    store.append(vec![event("filler", "x".repeat(1000)); 1500]).unwrap();
    store.close().unwrap();
    let number = *indexes(&disk).last().expect("a large segment is sealed when it is closed");
    let stale = disk.bytes(&FileName::Index(number)).unwrap();
    let store = open(&disk);
    store.append(event("b", "rare").tag(tag("rare"))).unwrap();
    let wanted = ask(&store.view());
    let left = with(&disk, FileName::Index(number), stale.clone());
    // A reader shows only what is proven; the last commit after a crash is not.
    agree(&ask(&open(&left).view()), &wanted);
    same(&left, &wanted);
    store.close().unwrap();
    same(&with(&disk, FileName::Index(number), stale), &wanted);
}

#[test]
fn a_check_goes_on_behind_an_index_that_does_not_fit() {
    let (disk, wanted) = store();
    let bytes = disk.bytes(&FileName::Index(0)).unwrap();
    let bad = with(&disk, FileName::Index(0), vec![0; bytes.len()]);
    let bad = flipped(&bad, FileName::Segment(3), 5000);
    let report = verify_on(&bad).unwrap();
    let found: Vec<_> = report.findings.iter().map(|found| (found.segment, found.class)).collect();
    assert_eq!(found, [(0, FindingClass::Index), (3, FindingClass::Checksum)]);
    assert!(report.events < wanted.events.len() as u64);
}
