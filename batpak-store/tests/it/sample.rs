//! Options, events and answers that the tests share.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use batpak_core::{Batch, Coordinate, Draft, Event, EventId, IdempotencyKey, Kind, Position, Query, Revision, Tag};
use batpak_store::disk::{Disk, MemoryDisk};
use batpak_store::platform::{SeededEntropy, SimulatedClock};
use batpak_store::{Helpers, Options, Read, Receipt, Store, View};

/// The smallest segments there are: a few dozen events fill one.
pub const TINY: u64 = 16 << 10;
/// Where simulated clocks stand.
pub const WALL_US: u64 = 1_700_000_000_000_000;

thread_local! {
    static SEED: Cell<u64> = const { Cell::new(1) };
}

/// Randomness that differs from open to open and is the same in every run of a test.
fn entropy() -> Arc<SeededEntropy> {
    Arc::new(SeededEntropy::new(SEED.replace(SEED.get() + 1)))
}

/// A deterministic run: no helper threads, time stands still.
pub fn inline() -> Options {
    Options::new().helpers(Helpers::Inline).clock(Arc::new(SimulatedClock::at(WALL_US))).entropy(entropy())
}

/// A run as in production, but for the randomness.
pub fn threads() -> Options {
    Options::new().entropy(entropy())
}

/// Opens a disk for a deterministic run.
pub fn open(disk: &(impl Disk + Clone)) -> Store {
    inline().open_on(Arc::new(disk.clone())).unwrap()
}

/// Opens a disk for a deterministic run with the smallest segments.
pub fn open_tiny(disk: &(impl Disk + Clone)) -> Store {
    let options = inline().segment_bytes(TINY);
    options.open_on(Arc::new(disk.clone())).unwrap()
}

/// A stream of the scope `shop`.
pub fn stream(entity: &str) -> Coordinate {
    Coordinate::new("shop", entity).unwrap()
}

/// An event whose payload is `text`.
pub fn event(entity: &str, text: impl Into<String>) -> Draft<'static> {
    let kind = Kind::new("noted").unwrap();
    Draft::raw(stream(entity), kind, text.into().into_bytes())
}

/// Events of one stream with the payloads `name-0`, `name-1`, ...
pub fn series(entity: &str, name: &str, count: u64) -> Vec<Draft<'static>> {
    (0..count).map(|at| event(entity, format!("{name}-{at}"))).collect()
}

pub fn tag(text: &str) -> Tag {
    Tag::new(text).unwrap()
}

pub fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

pub fn keyed(text: &str, events: Vec<Draft<'static>>) -> Batch<'static> {
    Batch::new(events).key(key(text))
}

pub fn id(number: u8) -> EventId {
    EventId::from_bytes([number; 16])
}

pub fn at(number: u64) -> Position {
    Position::new(number)
}

pub fn revision(number: u64) -> Revision {
    Revision::new(number)
}

pub fn query(text: &str) -> Query {
    Query::parse(text).unwrap()
}

/// First position and number of events of a receipt.
pub fn span(receipt: &Receipt) -> (u64, usize) {
    let first = receipt.first().map_or(0, |first| first.position.get());
    (first, receipt.events.len())
}

/// Appends events of 2 KiB until at least `count` segments are sealed.
pub fn fill_until_sealed(store: &Store, count: u64) {
    for number in 0.. {
        if store.stats().unwrap().segments_sealed >= count {
            return;
        }
        assert!(number < 1000, "no segment is ever sealed");
        let text = format!("{number:0>2048}");
        store.append(event("filler", text)).unwrap();
    }
}

/// All events of a view, after everything was checked that every log must keep.
///
/// Positions and revisions are dense, batches whole, times in order, and each event is found by its id, its position and its
/// stream, forward and backward.
pub fn events(view: &View) -> Vec<Event> {
    let events: Vec<Event> = view.read(Read::all()).collect::<Result<_, _>>().unwrap();
    let mut revisions: BTreeMap<Coordinate, Vec<Event>> = BTreeMap::new();
    for (event, number) in events.iter().zip(1..) {
        assert_eq!(event.position, at(number), "positions are dense");
        let stream = revisions.entry(event.coordinate.clone()).or_default();
        stream.push(event.clone());
        assert_eq!(event.revision.get(), stream.len() as u64, "revisions too");
        assert_eq!(view.at(event.position).unwrap().as_ref(), Some(event));
        assert_eq!(view.get(event.id).unwrap().as_ref(), Some(event));
    }
    assert_eq!(view.position(), at(events.len() as u64));
    assert!(events.is_sorted_by_key(|event| event.recorded_at));
    for batch in events.chunk_by(|left, right| left.batch_index < right.batch_index) {
        let places: Vec<u16> = batch.iter().map(|event| event.batch_index).collect();
        let whole: Vec<u16> = (0..batch[0].batch_count).collect();
        assert_eq!(places, whole, "a batch is there as a whole");
    }
    for (coordinate, stream) in revisions {
        let read = Read::stream(&coordinate);
        let forward: Vec<Event> = view.read(read.clone()).collect::<Result<_, _>>().unwrap();
        assert_eq!(forward, stream);
        let mut backward: Vec<Event> = view.read(read.backward()).map(Result::unwrap).collect();
        backward.reverse();
        assert_eq!(backward, stream);
        let newest = stream.last().unwrap().revision;
        assert_eq!(view.revision(&coordinate).unwrap(), newest);
    }
    events
}

/// The payloads of all events of a view, as text, after the checks of [`events`].
pub fn texts(view: &View) -> Vec<String> {
    let text = |event: Event| String::from_utf8(event.payload).unwrap();
    events(view).into_iter().map(text).collect()
}

/// Looks again and again until `reached`, for some seconds.
pub fn eventually(what: &str, reached: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(10);
    while !reached() {
        assert!(Instant::now() < until, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// What a crash of the process at this moment leaves, opened again.
pub fn crashed(disk: &MemoryDisk) -> (MemoryDisk, Store) {
    let left = disk.fork();
    let store = open(&left);
    (left, store)
}
