//! What does the graph cost on a journal of ten million events: building it, opening it from its pieces, asking by name?
//!
//! `BENCH_EVENTS` sets another number, `BENCH_DIR` another folder. Events are those of many concurrent flows of about 20 steps, of which a tenth
//! joins another; one event in ten thousand has a tag of its own.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation)]

use std::path::Path;
use std::time::{Duration, Instant};

use batpak::{Batch, Cause, Codec, Coordinate, Draft, Durability, EventId, Journal, Kind, Options, Tag};

const EVENTS: u64 = 10_000_000;
const BATCH: u64 = 1000;
/// Flows under way at a time.
const OPEN: usize = 4096;

fn main() {
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    let events = std::env::var("BENCH_EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(EVENTS);
    let folder = tempfile::tempdir_in(std::env::var_os("BENCH_DIR").unwrap_or_else(|| ".".into())).unwrap();
    let started = Instant::now();
    fill(folder.path(), events);
    row("append, without sync", started.elapsed() / (events as u32), "an event", "");

    let reader = Journal::read_only(folder.path()).unwrap();
    let started = Instant::now();
    let built = reader.graph().unwrap();
    row("build the graph from the log", started.elapsed() / (events as u32), "an event", "");
    drop(built);

    let journal = Journal::open(folder.path()).unwrap();
    drop(journal.graph().unwrap());
    journal.close().unwrap();
    let pieces = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap());
    let pieces = pieces.filter(|entry| entry.path().extension().is_some_and(|ending| ending == "graph"));
    let bytes: u64 = pieces.map(|entry| entry.metadata().unwrap().len()).sum();
    println!("{:<46}{:>12.1} bytes an event", "pieces beside the log", bytes as f64 / events as f64);

    let opened = median(|| {
        let reader = Journal::read_only(folder.path()).unwrap();
        let started = Instant::now();
        assert_eq!(u64::from(reader.graph().unwrap().graph().len()), events);
        started.elapsed()
    });
    row("open the graph from its pieces", opened, "", "100 ms");

    let graph = Journal::read_only(folder.path()).unwrap().graph().unwrap();
    let asked = |name: &str, set: &str, wanted: &str| {
        let mut found = 0;
        let took = median(|| {
            let started = Instant::now();
            found = graph.select(set).unwrap().set().len();
            started.elapsed()
        });
        row(&format!("{name} ({found} events)"), took, "", wanted);
    };
    asked("by a rare tag", "tag(rare)", "20 ms");
    asked("a rare tag behind the newest event", "tag(rare) & ::@", "20 ms");
    asked("a stream", "entity(77)", "20 ms");
    asked("a stream's must", "must(earliest(entity(77)))", "");
    asked("everything behind the newest event", "::@", "");
}

fn fill(path: &Path, events: u64) {
    let journal = Journal::open_with(path, Options::new().durability(Durability::Os)).unwrap();
    let mut open: Vec<(u64, Option<EventId>)> = (0..OPEN as u64).map(|flow| (flow, None)).collect();
    let (mut flows, mut state) = (OPEN as u64, 1_u64);
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for first in (0..events).step_by(BATCH as usize) {
        let drafts = (first..events.min(first + BATCH)).map(|number| {
            let at = next(OPEN as u64) as usize;
            let id = EventId::from_bytes([&[1; 8][..], &number.to_be_bytes()].concat().try_into().unwrap());
            let (flow, last) = open[at];
            let coordinate = Coordinate::new("flows", &flow.to_string()).unwrap();
            let kind = Kind::new(format!("step.{}", next(36))).unwrap();
            let mut draft = Draft::new(coordinate, kind, Codec::RAW, &[7; 8][..]).id(id);
            if let Some(last) = last {
                draft = draft.cause(Cause::required(last));
                let other = open[next(OPEN as u64) as usize].1;
                if next(10) == 0
                    && let Some(other) = other.filter(|other| *other != last)
                {
                    draft = draft.cause(Cause::context(other));
                }
            }
            if number % (events / 1000).max(1) == 0 {
                draft = draft.tag(Tag::new("rare").unwrap());
            }
            open[at] = (flow, Some(id));
            if next(20) == 0 {
                open[at] = (flows, None);
                flows += 1;
            }
            draft
        });
        journal.append(Batch::new(drafts.collect())).unwrap();
    }
    journal.close().unwrap();
}

/// The median of five.
fn median(mut run: impl FnMut() -> Duration) -> Duration {
    let mut times = [(); 5].map(|()| run());
    times.sort_unstable();
    times[2]
}

fn row(name: &str, took: Duration, unit: &str, wanted: &str) {
    let wanted = if wanted.is_empty() { String::new() } else { format!("   wanted: under {wanted}") };
    println!("{name:<46}{:>12} {unit}{wanted}", format!("{took:.1?}"));
}
