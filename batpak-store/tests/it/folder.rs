//! Looking at, and meddling with, the files of a store in memory.

use std::collections::BTreeMap;

use batpak_store::disk::{Disk, FileName, Listed, MemoryDisk};

/// All files but the lock.
pub fn files(disk: &MemoryDisk) -> BTreeMap<FileName, Vec<u8>> {
    let known = disk.list().unwrap().into_iter().map(|entry| match entry {
        Listed::Known(name) => name,
        Listed::Unknown(name) => panic!("`{name}` is none of the store's"),
    });
    known.filter(|name| *name != FileName::Lock).map(|name| (name, disk.bytes(&name).unwrap())).collect()
}

/// The names of all files but the lock.
pub fn names(disk: &MemoryDisk) -> Vec<FileName> {
    files(disk).into_keys().collect()
}

/// Numbers of the log segments, ascending.
pub fn segments(disk: &MemoryDisk) -> Vec<u64> {
    let number = |name| match name {
        FileName::Segment(number) => Some(number),
        _ => None,
    };
    names(disk).into_iter().filter_map(number).collect()
}

/// Numbers of the index files, ascending.
pub fn indexes(disk: &MemoryDisk) -> Vec<u64> {
    let number = |name| match name {
        FileName::Index(number) => Some(number),
        _ => None,
    };
    names(disk).into_iter().filter_map(number).collect()
}

/// The newest log segment.
pub fn newest(disk: &MemoryDisk) -> FileName {
    FileName::Segment(*segments(disk).last().unwrap())
}

/// A copy of the files with another version of one of them.
pub fn with(disk: &MemoryDisk, name: FileName, bytes: Vec<u8>) -> MemoryDisk {
    let copy = disk.fork();
    copy.put(name, bytes);
    copy
}

/// A copy of the files in which a byte of one of them is another.
pub fn flipped(disk: &MemoryDisk, name: FileName, offset: usize) -> MemoryDisk {
    let mut bytes = disk.bytes(&name).unwrap();
    bytes[offset] ^= 0x10;
    with(disk, name, bytes)
}

/// Where the last byte that is not zero ends.
pub fn written(disk: &MemoryDisk, name: FileName) -> usize {
    let bytes = disk.bytes(&name).unwrap();
    let last = bytes.iter().rposition(|byte| *byte != 0);
    last.map_or(0, |last| last + 1)
}
