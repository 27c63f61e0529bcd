//! What does a durable append cost against the disk itself? One run, interleaved, medians of five.
//!
//! The disk is the best of three raw loops of `write` and `fdatasync` with the same bytes: a growing file, one that was
//! allocated ahead, one that was filled with zeros ahead.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation)]

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Instant;

use batpak_core::{Batch, Codec, Coordinate, Draft, Kind, Tag};
use batpak_store::Store;

/// Rounds; the median counts.
const ROUNDS: usize = 5;
/// Appends of one caller a round.
const SINGLE: usize = 1000;
/// Appends of each of sixteen callers a round.
const EACH: usize = 250;
/// Batches of a hundred a round.
const BATCHES: usize = 2000;
/// Bytes of a payload, as in the loans log.
const PAYLOAD: usize = 150;

fn main() {
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    let folder = tempfile::tempdir_in(std::env::var_os("BENCH_DIR").unwrap_or_else(|| ".".into())).unwrap();
    let (single, batch) = (frame_bytes(folder.path(), 1), frame_bytes(folder.path(), 100));
    println!(
        "a frame of 1 event: {single} bytes ({} beyond its payload); of 100: {batch} ({:.1} beyond, an event)",
        single - PAYLOAD,
        (batch - 100 * PAYLOAD) as f64 / 100.0
    );
    let mut rates: [Vec<f64>; 9] = Default::default();
    for round in 0..ROUNDS {
        let at = folder.path().join(round.to_string());
        std::fs::create_dir(&at).unwrap();
        for (number, way) in WAYS.iter().enumerate() {
            rates[number].push(raw(way(&at, single * SINGLE), single, SINGLE));
            rates[3 + number].push(raw(way(&at, batch * BATCHES), batch, BATCHES) * 100.0);
        }
        rates[6].push(callers(&at.join("one"), 1, SINGLE));
        rates[7].push(callers(&at.join("sixteen"), 16, EACH));
        rates[8].push(batches(&at.join("batches")));
    }
    let medians = rates.map(median);
    let best = |ways: std::ops::Range<usize>| medians[ways].iter().copied().fold(0.0, f64::max);
    let (raw_single, raw_batch) = (best(0..3), best(3..6));
    let [.., one, sixteen, hundreds] = medians;
    println!("{:<34}{:>14}{:>10}{:>10}", "durable appends, sync mode Disk", "events/s", "ratio", "wanted");
    println!("{:<34}{raw_single:>14.0}", "disk: write + fdatasync");
    println!("{:<34}{one:>14.0}{:>10.2}{:>10}", "1 caller, against the disk", one / raw_single, 0.85);
    println!("{:<34}{sixteen:>14.0}{:>10.2}{:>10}", "16 callers, against 1 caller", sixteen / one, 5.0);
    println!("{:<34}{raw_batch:>14.0}", "disk: batches of 100");
    println!("{:<34}{hundreds:>14.0}{:>10.2}{:>10}", "batches of 100, against the disk", hundreds / raw_batch, 0.6);
    let switches = switches_per_append(&folder.path().join("switches"));
    println!(
        "voluntary context switches of the caller: {:.2} an append, {:.2} a bare fdatasync",
        switches.0, switches.1
    );
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn draft(number: usize, payload: &[u8]) -> Draft<'_> {
    let coordinate = Coordinate::new("loans", &(number % 13_000).to_string()).unwrap();
    let kind = Kind::new(format!("activity.{}", number % 36)).unwrap();
    Draft::new(coordinate, kind, Codec::JSON, payload).tag(Tag::pair("resource", (number % 70).to_string()).unwrap())
}

/// Bytes of log that one commit of `events` takes once names are known.
fn frame_bytes(folder: &Path, events: usize) -> usize {
    let path = folder.join(format!("frame{events}"));
    let store = Store::open(&path).unwrap();
    let payload = vec![b'x'; PAYLOAD];
    let append = || {
        let drafts = (0..events).map(|number| draft(number, &payload));
        store.append(Batch::new(drafts.collect())).unwrap();
        store.stats().unwrap().bytes_log_unsealed
    };
    append();
    let before = append();
    (append() - before) as usize
}

fn callers(path: &Path, callers: usize, each: usize) -> f64 {
    let store = Store::open(path).unwrap();
    let payload = vec![b'x'; PAYLOAD];
    (0..36).for_each(|number| drop(store.append(draft(number, &payload)).unwrap()));
    let start = Instant::now();
    std::thread::scope(|scope| {
        for caller in 0..callers {
            let (store, payload) = (&store, &payload);
            scope.spawn(move || {
                (0..each).for_each(|number| drop(store.append(draft(caller * each + number, payload)).unwrap()))
            });
        }
    });
    (callers * each) as f64 / start.elapsed().as_secs_f64()
}

fn batches(path: &Path) -> f64 {
    let store = Store::open(path).unwrap();
    let payload = vec![b'x'; PAYLOAD];
    // What the caller does to make its batches is its own.
    let batch = |number| Batch::new((0..100).map(|event| draft(number * 100 + event, &payload)).collect());
    let batches: Vec<Batch<'_>> = (0..BATCHES).map(batch).collect();
    let start = Instant::now();
    for batch in batches {
        store.append(batch).unwrap();
    }
    (BATCHES * 100) as f64 / start.elapsed().as_secs_f64()
}

/// Makes a file to write so many bytes to.
type Way = fn(&Path, usize) -> File;

/// The ways to have the room: growing, allocated ahead, filled with zeros ahead. The best median counts.
const WAYS: [Way; 3] = [
    |folder, _| create(&folder.join("growing")),
    |folder, bytes| {
        let file = create(&folder.join("allocated"));
        rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes as u64).unwrap();
        file.sync_all().unwrap();
        file
    },
    |folder, bytes| {
        let file = create(&folder.join("filled"));
        file.write_all_at(&vec![0; bytes], 0).unwrap();
        file.sync_all().unwrap();
        file
    },
];

fn create(path: &Path) -> File {
    OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path).unwrap()
}

fn raw(file: File, bytes: usize, writes: usize) -> f64 {
    let buffer = vec![b'x'; bytes];
    let start = Instant::now();
    for number in 0..writes {
        file.write_all_at(&buffer, (number * bytes) as u64).unwrap();
        file.sync_data().unwrap();
    }
    writes as f64 / start.elapsed().as_secs_f64()
}

/// How often the calling thread gave up the processor, an append and a bare write with its sync: a hand-off to another thread would
/// show as one more.
fn switches_per_append(path: &Path) -> (f64, f64) {
    let store = Store::open(path).unwrap();
    let payload = vec![b'x'; PAYLOAD];
    (0..36).for_each(|number| drop(store.append(draft(number, &payload)).unwrap()));
    let before = switches();
    (0..SINGLE).for_each(|number| drop(store.append(draft(number, &payload)).unwrap()));
    let appends = switches() - before;
    let filled = create(&path.join("bare"));
    filled.write_all_at(&vec![0; 200 * SINGLE], 0).unwrap();
    filled.sync_all().unwrap();
    let before = switches();
    raw(filled, 200, SINGLE);
    (appends as f64 / SINGLE as f64, (switches() - before) as f64 / SINGLE as f64)
}

fn switches() -> u64 {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")?.trim().parse().ok())
        .unwrap_or_default()
}
