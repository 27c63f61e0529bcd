//! What do ten million small events cost: memory, bytes, and the time to open them again?
//!
//! `SCALE_EVENTS` sets another number. Memory is the peak resident size of this process, which appends and seals everything.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation)]

use std::path::Path;
use std::time::Instant;

use batpak_core::{Batch, Codec, Coordinate, Draft, Kind, Position, Query};
use batpak_store::{Durability, Read, Store};

/// Events of a batch.
const BATCH: u64 = 1000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|arg| arg == "--test") {
        return;
    }
    if let Some(path) = arguments.iter().position(|arg| arg == "--die-in").and_then(|at| arguments.get(at + 1)) {
        die_in(Path::new(path));
    }
    let events: u64 = std::env::var("SCALE_EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000_000);
    let folder = tempfile::tempdir_in(std::env::var_os("BENCH_DIR").unwrap_or_else(|| ".".into())).unwrap();
    let path = folder.path().join("store");
    let store = Store::open(&path).unwrap();
    let start = Instant::now();
    append(&store, 0, events);
    let took = start.elapsed();
    println!(
        "{events} events appended and synced in {:.1} s: {:.2} µs an event",
        took.as_secs_f64(),
        took.as_secs_f64() * 1e6 / events as f64
    );
    println!("peak memory {} MB (wanted under 400)", peak_bytes() >> 20);
    let stats = store.stats().unwrap();
    let log = stats.bytes_log_sealed + stats.bytes_log_unsealed;
    println!(
        "log {:.1} bytes and index {:.1} bytes an event, {} sealed segments",
        log as f64 / events as f64,
        stats.bytes_index as f64 / events as f64,
        stats.segments_sealed
    );
    let start = Instant::now();
    store.close().unwrap();
    println!("close {:.1} ms", ms(start));
    let start = Instant::now();
    let store = Store::open(&path).unwrap();
    println!("open after a clean close {:.1} ms (wanted under 50)", ms(start));
    assert_eq!(store.durable(), Position::new(events));
    look_up(&store, events);
    drop(store);
    let child =
        std::process::Command::new(std::env::current_exe().unwrap()).arg("--die-in").arg(&path).status().unwrap();
    assert!(!child.success(), "the child was killed");
    let start = Instant::now();
    let store = Store::open(&path).unwrap();
    println!(
        "open after kill -9 {:.1} ms (wanted under 1000), {} events more, cut {:?}",
        ms(start),
        store.durable().get() - events,
        store.opened().cut
    );
}

fn ms(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}

fn append(store: &Store, from: u64, until: u64) {
    for start in (from..until).step_by(BATCH as usize) {
        let drafts = (start..until.min(start + BATCH)).map(|number| {
            let coordinate = Coordinate::new("meter", &format!("m{}", number % 100_000)).unwrap();
            Draft::new(coordinate, Kind::new("read").unwrap(), Codec::RAW, number.to_le_bytes().to_vec())
        });
        store.append(Batch::new(drafts.collect())).unwrap();
    }
}

/// Look-ups that touch every segment.
fn look_up(store: &Store, events: u64) {
    let view = store.view();
    let start = Instant::now();
    let streams = 1000;
    for number in 0..streams {
        view.revision(&Coordinate::new("meter", &format!("m{}", number * 97)).unwrap()).unwrap();
    }
    println!("newest revision of a stream {:.1} µs", ms(start) * 1000.0 / streams as f64);
    let start = Instant::now();
    let found = view.read(Query::parse("scope(meter) & entity(m4711)").unwrap()).count();
    println!("read one stream of {found} events {:.1} µs an event", ms(start) * 1000.0 / found.max(1) as f64);
    let start = Instant::now();
    let mut scan = view.read(Read::all());
    let mut bytes = 0;
    while let Some(event) = scan.next_ref() {
        bytes += event.unwrap().payload().len();
    }
    println!("scan everything {:.0} ns an event ({bytes} payload bytes)", ms(start) * 1e6 / events as f64);
}

/// Fills the newest segment half, without closing, and dies.
fn die_in(path: &Path) -> ! {
    let store = Store::open(path).unwrap();
    let from = store.durable().get();
    append(&store, from, from + 400_000);
    let coordinate = Coordinate::new("meter", "last").unwrap();
    store
        .append_with(Draft::new(coordinate, Kind::new("read").unwrap(), Codec::RAW, &b"unsynced"[..]), Durability::Os)
        .unwrap();
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    unreachable!("killed")
}

/// Peak resident size.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    peak.unwrap_or_default() << 10
}
