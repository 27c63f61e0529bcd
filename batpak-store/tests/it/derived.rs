//! Derived files: kept with the log, and never believed when they are not what was kept.

use std::sync::Arc;

use batpak_core::{Hash, Position};
use batpak_store::disk::{Disk, FileName, MemoryDisk};
use batpak_store::{Reader, Store};

use crate::folder::{flipped, names, with};
use crate::sample::{event, open};

const NAME: FileName = FileName::Derived(3);
const CONTENT: &[u8] = b"what somebody computed";

fn kept() -> (MemoryDisk, Hash) {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    store.append(event("a", "k")).unwrap();
    let hash = store.view().leaf_hash(Position::new(1)).unwrap().unwrap();
    store.keep_derived(3, &hash, b"older").unwrap();
    store.keep_derived(3, &hash, CONTENT).unwrap();
    store.close().unwrap();
    (disk, hash)
}

fn found(disk: &MemoryDisk, hash: &Hash) -> Option<Vec<u8>> {
    let reader = Reader::open_on(Arc::new(disk.clone())).unwrap();
    reader.derived().open(3).filter(|bytes| bytes.event() == hash).map(|bytes| bytes.to_vec())
}

#[test]
fn what_was_kept_is_found_after_reopening() {
    let (disk, hash) = kept();
    assert_eq!(found(&disk, &hash).as_deref(), Some(CONTENT));
    let store = open(&disk);
    assert_eq!(store.derived().open(3).as_deref(), Some(CONTENT));
    assert!(store.opened().unknown.is_empty(), "its name is known");
    assert!(store.derived().open(4).is_none());
}

/// Trap 12: a side file that is stale, cut, forged or from another store was believed.
#[test]
fn a_file_that_is_not_what_was_kept_is_not_there() {
    let (disk, hash) = kept();
    assert!(found(&disk, &Hash::from_bytes([1; 32])).is_none(), "made for another event");
    let bytes = disk.bytes(&NAME).unwrap();
    for offset in 0..bytes.len() {
        assert!(found(&flipped(&disk, NAME, offset), &hash).is_none(), "byte {offset}");
        assert!(found(&with(&disk, NAME, bytes[..offset].to_vec()), &hash).is_none(), "cut at {offset}");
    }
    assert!(found(&with(&disk, NAME, [bytes.as_slice(), &[0]].concat()), &hash).is_none());
    let moved = with(&disk, FileName::Derived(4), bytes.clone());
    assert!(Reader::open_on(Arc::new(moved)).unwrap().derived().open(4).is_none(), "another number's");
    let (other, _) = kept();
    assert!(found(&with(&other, NAME, bytes), &hash).is_none(), "another store's");
}

#[test]
fn an_interrupted_one_is_cleared_away() {
    let (disk, hash) = kept();
    let disk = with(&disk, FileName::DerivedPartial(3), b"half".to_vec());
    let store: Store = open(&disk);
    assert!(!names(&disk).contains(&FileName::DerivedPartial(3)));
    disk.put(FileName::DerivedPartial(3), b"half".to_vec());
    store.keep_derived(3, &hash, b"newer").unwrap();
    assert_eq!(store.derived().open(3).as_deref(), Some(b"newer".as_slice()));
    let listed = disk.list().unwrap();
    assert!(!listed.contains(&batpak_store::disk::Listed::Known(FileName::DerivedPartial(3))));
}
