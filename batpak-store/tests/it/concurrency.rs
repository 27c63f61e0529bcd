//! Many threads on one store.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use batpak_core::{Batch, Condition, Expected, Position};
use batpak_store::disk::MemoryDisk;
use batpak_store::{Options, Receipt, Store, StoreError};
use tempfile::tempdir;

use crate::sample::{TINY, at, event, events, keyed, query, revision, series, stream, tag, threads};

/// Runs `each` on `count` threads at once; what they return.
fn race<T: Send>(count: u64, each: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let start = std::sync::Barrier::new(count as usize);
    thread::scope(|scope| {
        let run = |number| {
            let (each, start) = (&each, &start);
            scope.spawn(move || {
                start.wait();
                each(number)
            })
        };
        let running: Vec<_> = (0..count).map(run).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Set when the work is done, also by a panic, so that whoever looks on meanwhile stops.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn in_memory(segment_bytes: u64) -> (MemoryDisk, Store) {
    let disk = MemoryDisk::new();
    let options = threads().segment_bytes(segment_bytes);
    let store = options.open_on(Arc::new(disk.clone())).unwrap();
    (disk, store)
}

#[test]
fn whatever_sixteen_threads_were_told_is_there() {
    let folder = tempdir().unwrap();
    let store = Options::new().segment_bytes(64 << 10).open(folder.path()).unwrap();
    let receipts: Vec<Vec<(String, Receipt)>> = race(16, |thread| {
        let append = |number: u64| {
            let entity = if number.is_multiple_of(3) { "shared".to_owned() } else { format!("own-{thread}") };
            let text = format!("{thread}-{number}");
            let receipt = store.append(series(&entity, &text, number % 3 + 1)).unwrap();
            assert!(store.durable() >= receipt.last().unwrap().position);
            (text, receipt)
        };
        (0..30).map(append).collect()
    });
    let log = events(&store.view());
    assert_eq!(log.len(), 16 * 60);
    let by_position: BTreeMap<Position, _> = log.iter().map(|event| (event.position, event)).collect();
    for (text, receipt) in receipts.iter().flatten() {
        for (place, appended) in receipt.events.iter().enumerate() {
            let event = by_position[&appended.position];
            assert_eq!((event.id, event.revision), (appended.id, appended.revision));
            assert_eq!(event.payload, format!("{text}-{place}").into_bytes());
        }
    }
    store.close().unwrap();
    let store = Options::new().open(folder.path()).unwrap();
    assert_eq!(events(&store.view()), log);
}

#[test]
fn a_key_that_many_race_for_commits_once() {
    let (_disk, store) = in_memory(TINY);
    for round in 0..50 {
        let name = format!("key-{round}");
        let receipts = race(8, |_| store.append(keyed(&name, series("a", &name, 2))).unwrap());
        let fresh = receipts.iter().filter(|receipt| !receipt.duplicate).count();
        assert_eq!(fresh, 1);
        assert!(receipts.iter().all(|receipt| receipt.events == receipts[0].events));
    }
    assert_eq!(events(&store.view()).len(), 100);
}

#[test]
fn a_revision_that_many_race_for_has_one_winner() {
    let (_disk, store) = in_memory(TINY);
    for round in 0..50 {
        let expected = match round {
            0 => Expected::NoStream,
            _ => Expected::Exact(revision(round)),
        };
        let results = race(8, |number| store.append(event("a", number.to_string()).expect(expected)));
        let won = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(won, 1);
        for error in results.into_iter().filter_map(Result::err) {
            let StoreError::ExpectedRevision { actual, .. } = error else { panic!("{error}") };
            assert_eq!(actual, revision(round + 1));
        }
    }
    assert_eq!(events(&store.view()).len(), 50);
}

/// The first to see that a seat is free takes it: one winner a seat, also while segments are sealed.
#[test]
fn a_condition_that_many_race_for_has_one_winner() {
    let (_disk, store) = in_memory(TINY);
    for round in 0..60 {
        let seat = format!("seat:{round}");
        let free = query(&format!("tag(\"{seat}\")"));
        let results = race(8, |number| {
            let mine = event(&format!("guest-{number}"), "x".repeat(600)).tag(tag(&seat));
            let batch = Batch::from(mine);
            store.append(match number % 2 {
                0 => batch.when(Condition::new(free.clone(), Position::START)),
                _ => batch.fail_if_exists(free.clone()),
            })
        });
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{seat}");
        assert_eq!(store.view().read(free).total().unwrap(), 1);
    }
}

#[test]
fn an_id_that_many_race_for_is_given_once() {
    let (_disk, store) = in_memory(TINY);
    for round in 1..50 {
        let results = race(8, |_| store.append(event("a", "twin").id(crate::sample::id(round))));
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    }
    assert_eq!(store.durable(), at(49));
}

#[test]
fn a_reader_sees_a_batch_as_a_whole_or_not_at_all() {
    let (_disk, store) = in_memory(TINY);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let poll = || {
            let mut last = at(0);
            while !done.load(Ordering::Relaxed) {
                for view in [store.view(), store.view_visible()] {
                    let count = view.position().get();
                    assert_eq!(count % 5, 0, "a batch is seen in part");
                    assert_eq!(view.read(query("all()")).total().unwrap(), count);
                    let newest = view.read(batpak_store::Read::all().backward().limit(1)).next();
                    let newest = newest.map(|event| event.unwrap().position.get());
                    assert_eq!(newest.unwrap_or(0), count);
                }
                let position = store.view().position();
                assert!(position >= last, "the log grows");
                last = position;
            }
        };
        let readers: Vec<_> = (0..2).map(|_| scope.spawn(poll)).collect();
        let writers: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| (0..150).for_each(|_| drop(store.append(series("a", "a", 5)).unwrap()))))
            .collect();
        let written = Done(&done);
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        drop(written);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
    assert_eq!(events(&store.view()).len(), 1500);
}

/// All events are of one stream and kind, so that each of these numbers is the view's position.
#[test]
fn every_answer_of_a_view_is_of_the_same_moment() {
    let (_disk, store) = in_memory(TINY);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let look = || {
            while !done.load(Ordering::Relaxed) {
                let view = store.view();
                let position = view.position().get();
                assert_eq!(view.revision(&stream("a")).unwrap().get(), position);
                let streams: u64 = view.streams("", None).unwrap().iter().map(|s| s.events).sum();
                let kinds: u64 = view.kinds(false).unwrap().iter().map(|kind| kind.events).sum();
                assert_eq!((streams, kinds), (position, position));
                assert_eq!(view.tree().unwrap().size(), position);
            }
        };
        let written = Done(&done);
        let looking = scope.spawn(look);
        for number in 0..2000 {
            store.append(event("a", format!("{number:0>200}"))).unwrap();
        }
        drop(written);
        looking.join().unwrap();
    });
}

#[test]
fn appends_submits_and_closing_go_together() {
    let (disk, store) = in_memory(TINY);
    race(8, |thread| {
        for number in 0..50 {
            let draft = event("a", format!("{thread}-{number}"));
            match number % 3 {
                0 => drop(store.append(draft).unwrap()),
                1 => drop(store.submit(draft).unwrap()),
                _ => drop(store.submit(draft).unwrap().wait().unwrap()),
            }
        }
    });
    store.close().unwrap();
    let store = crate::sample::open(&disk);
    assert_eq!(events(&store.view()).len(), 400);
    assert!(store.opened().clean);
}
