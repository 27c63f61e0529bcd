//! The newest segment cut, holed or damaged anywhere near its end: whole commits stay, the rest goes.

use batpak_store::Durability;
use batpak_store::disk::{FileName, MemoryDisk};

use super::recovers;
use crate::folder::{newest, with, written};
use crate::sample::{event, events, fill_until_sealed, open, open_tiny, series, texts};

/// A store with some commits at its end, where each of them ends, and what the log held then.
struct Grown {
    disk: MemoryDisk,
    name: FileName,
    ends: Vec<(usize, usize)>,
    texts: Vec<String>,
}

fn grown(durability: Durability, sealed: bool) -> Grown {
    let disk = MemoryDisk::new();
    let store = if sealed { open_tiny(&disk) } else { open(&disk) };
    if sealed {
        fill_until_sealed(&store, 1);
    }
    let mut ends = Vec::new();
    for size in [1, 2, 1, 4] {
        store.append_with(series("a", "a", size), durability).unwrap();
        let count = store.view_visible().position().get() as usize;
        ends.push((written(&disk, newest(&disk)), count));
    }
    let (name, texts) = (newest(&disk), texts(&store.view_visible()));
    Grown { disk: disk.fork(), name, ends, texts }
}

impl Grown {
    /// Events of the commits that lie wholly before `offset`.
    fn whole(&self, offset: usize) -> &[String] {
        let before = self.ends.iter().filter(|(end, _)| *end <= offset);
        &self.texts[..before.map(|(_, count)| *count).max().unwrap()]
    }
}

#[test]
fn cut_at_any_byte_the_log_ends_at_a_commit() {
    for sealed in [false, true] {
        let grown = grown(Durability::Disk, sealed);
        let bytes = grown.disk.bytes(&grown.name).unwrap();
        for cut in grown.ends[0].0..=grown.ends[3].0 {
            let mut zeroed = bytes.clone();
            zeroed[cut..].fill(0);
            for left in [bytes[..cut].to_vec(), zeroed] {
                recovers(&with(&grown.disk, grown.name, left), grown.whole(cut));
            }
        }
    }
}

/// Nobody was told that these commits are durable: the first damage among them ends the log.
#[test]
fn a_hole_in_unsynced_commits_ends_the_log_there() {
    let grown = grown(Durability::Os, false);
    let bytes = grown.disk.bytes(&grown.name).unwrap();
    for hole in (grown.ends[0].0..grown.ends[3].0).step_by(7) {
        let mut holed = bytes.clone();
        let until = (hole + 20).min(grown.ends[3].0);
        if holed[hole..until].iter().all(|byte| *byte == 0) {
            continue;
        }
        holed[hole..until].fill(0);
        let wanted = grown.whole(hole);
        let report = recovers(&with(&grown.disk, grown.name, holed), wanted);
        assert!(!report.clean);
    }
}

#[test]
fn recovery_that_is_itself_cut_short_is_repeated() {
    let grown = grown(Durability::Os, false);
    let mut bytes = grown.disk.bytes(&grown.name).unwrap();
    let torn = grown.ends[1].0 + 10;
    bytes[torn] ^= 1;
    let left = with(&grown.disk, grown.name, bytes.clone());
    let store = open(&left);
    let wanted = texts(&store.view());
    // A crash in the middle of zeroing: any part of the tail may be gone.
    for done in (grown.ends[1].0..grown.ends[3].0).step_by(9) {
        let mut half = bytes.clone();
        half[grown.ends[1].0..done].fill(0);
        recovers(&with(&grown.disk, grown.name, half), &wanted);
    }
}

#[test]
fn a_group_that_was_torn_keeps_its_whole_commits_before_the_tear() {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    store.append(event("a", "before")).unwrap();
    let start = written(&disk, newest(&disk));
    let tickets: Vec<_> = (0..5).map(|n| store.submit(series("b", &n.to_string(), 3)).unwrap()).collect();
    for ticket in tickets {
        ticket.wait().unwrap();
    }
    let end = written(&disk, newest(&disk));
    let bytes = disk.bytes(&newest(&disk)).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for cut in (start..=end).step_by(11) {
        let left = with(&disk, newest(&disk), bytes[..cut].to_vec());
        let count = events(&open(&left).view()).len();
        assert_eq!(count % 3, 1, "a batch is torn at {cut}");
        seen.insert(count);
    }
    assert_eq!(seen.len(), 5, "{seen:?}");
}
