//! Reading: by id, position, stream and query, in both directions, always the same answer.

use std::sync::Arc;

use batpak_core::{Cause, Codec, Coordinate, Correlation, Draft, Event, Kind, Query, ValidTime};
use batpak_store::disk::MemoryDisk;
use batpak_store::{Read, Reader, StreamInfo, View};

use crate::faulty::FaultyDisk;
use crate::sample::{
    at, crashed, event, events, fill_until_sealed, id, open, open_tiny, query, revision, series, stream, tag, texts,
};

fn read(view: &View, read: Read) -> Vec<String> {
    let text = |event: Result<Event, _>| String::from_utf8(event.unwrap().payload).unwrap();
    view.read(read).map(text).collect()
}

#[test]
fn events_are_found_by_id_position_stream_and_query() {
    let store = open(&MemoryDisk::new());
    store.append(event("a", "a1").id(id(1))).unwrap();
    store.append(vec![event("b", "b1").tag(tag("t")), event("a", "a2").id(id(2))]).unwrap();
    let view = store.view();
    assert_eq!(view.get(id(2)).unwrap().unwrap().payload, b"a2");
    assert_eq!(view.position_of(id(2)).unwrap(), Some(at(3)));
    assert_eq!(view.get(id(3)).unwrap(), None);
    assert_eq!(view.at(at(2)).unwrap().unwrap().payload, b"b1");
    assert_eq!(view.at(at(0)).unwrap(), None);
    assert_eq!(view.at(at(4)).unwrap(), None);
    assert_eq!(read(&view, Read::stream(&stream("a"))), ["a1", "a2"]);
    assert_eq!(read(&view, Read::query(query("tag(t) | entity(b)"))), ["b1"]);
    assert_eq!(read(&view, Read::all().backward()), ["a2", "b1", "a1"]);
    assert_eq!(view.newest_match(&query("entity(a)"), at(1)).unwrap(), Some(at(3)));
    assert_eq!(view.newest_match(&query("entity(a)"), at(3)).unwrap(), None);
    assert_eq!(view.revision(&stream("nobody")).unwrap().get(), 0);
}

#[test]
fn ranges_beyond_the_ends_are_empty_or_cut_to_what_there_is() {
    let store = open(&MemoryDisk::new());
    store.append(series("a", "a", 5)).unwrap();
    let view = store.view();
    let count = |from, to, limit| {
        let wanted = Read::all().from(at(from)).to(at(to)).limit(limit);
        let forward = view.read(wanted.clone()).count();
        assert_eq!(view.read(wanted.backward()).count(), forward);
        forward
    };
    assert_eq!(count(0, u64::MAX, u64::MAX), 5);
    assert_eq!(count(2, 4, u64::MAX), 3);
    assert_eq!(count(5, 5, u64::MAX), 1);
    assert_eq!(count(4, 2, u64::MAX), 0);
    assert_eq!(count(0, 0, u64::MAX), 0);
    assert_eq!(count(6, u64::MAX, u64::MAX), 0);
    assert_eq!(count(u64::MAX, u64::MAX, u64::MAX), 0);
    assert_eq!(count(0, u64::MAX, 0), 0);
    assert_eq!(count(0, u64::MAX, 2), 2);
    assert_eq!(open(&MemoryDisk::new()).view().read(Read::all().backward()).count(), 0);
}

#[test]
fn a_view_and_its_scans_do_not_see_later_appends() {
    let store = open_tiny(&MemoryDisk::new());
    store.append(series("a", "a", 4)).unwrap();
    let view = store.view();
    let (mut forward, mut backward) = (view.read(Read::all()), view.read(Read::all().backward()));
    assert_eq!(forward.next().unwrap().unwrap().payload, b"a-0");
    assert_eq!(backward.next().unwrap().unwrap().payload, b"a-3");
    store.append(series("a", "later", 4)).unwrap();
    store.append(event("b", "later").id(id(1)).tag(tag("t"))).unwrap();
    fill_until_sealed(&store, 3);
    assert_eq!((forward.count(), backward.count()), (3, 3));
    assert_eq!(events(&view).len(), 4);
    assert_eq!(view.get(id(1)).unwrap(), None);
    assert_eq!(view.at(at(5)).unwrap(), None);
    assert_eq!(view.revision(&stream("a")).unwrap().get(), 4);
    assert_eq!(view.read(query("tag(t)")).count(), 0);
    assert_eq!(view.newest_match(&Query::all(), at(4)).unwrap(), None);
    let streams = view.streams("", None).unwrap();
    let a = StreamInfo { coordinate: stream("a"), events: 4, last_revision: revision(4) };
    assert_eq!(streams, [a]);
    assert_eq!(view.kinds(false).unwrap()[0].events, 4);
}

/// Traps 30 and 31.
#[test]
fn a_scope_shows_no_other_and_an_entity_is_exact() {
    let store = open_tiny(&MemoryDisk::new());
    let names = ["entity:1", "entity:10", "entity:1 ", "entity:", "Entity:1"];
    for (scope, entity) in ["s", "s1", "t"].iter().flat_map(|s| names.map(|e| (*s, e))) {
        let coordinate = Coordinate::new(scope, entity).unwrap();
        let kind = Kind::new("noted").unwrap();
        let text = format!("{scope}/{entity}").into_bytes();
        store.append(Draft::raw(coordinate, kind, text)).unwrap();
    }
    let check = |view: &View| {
        let one = Coordinate::new("s", "entity:1").unwrap();
        assert_eq!(read(view, Read::stream(&one)), ["s/entity:1"]);
        let everywhere = Read::query(query("entity(\"entity:1\")"));
        assert_eq!(read(view, everywhere), ["s/entity:1", "s1/entity:1", "t/entity:1"]);
        assert_eq!(read(view, Read::query(query("scope(s)"))).len(), 5);
        let prefix = Read::query(query("scope(t) & entity(prefix:\"entity:1\")"));
        assert_eq!(read(view, prefix), ["t/entity:1", "t/entity:10", "t/entity:1 "]);
        assert_eq!(view.revision(&one).unwrap().get(), 1);
        assert_eq!(view.streams("entity:1", Some("s")).unwrap().len(), 3);
    };
    check(&store.view());
    fill_until_sealed(&store, 2);
    check(&store.view());
}

/// Everything that can be said of an event, said.
fn full(payload: Vec<u8>) -> Draft<'static> {
    let coordinate = Coordinate::new("Büro", "größe/1").unwrap();
    let kind = Kind::new("maß.genommen").unwrap();
    let mut draft = Draft::new(coordinate, kind, Codec::new(77), payload);
    draft.tags = ["z", "a:b", "ü", "a"].map(tag).to_vec();
    draft.causes = vec![Cause::alternative(id(2), 7), Cause::required(id(1))];
    let draft = draft.correlation(Correlation::new("tx 1").unwrap());
    draft.valid_at(ValidTime::new(-5)).version(u16::MAX)
}

#[test]
fn an_event_reads_as_it_was_appended_byte_for_byte() {
    let payloads: Vec<Vec<u8>> = [0, 1, 255, 4096, 20_000, 200_000]
        .map(|bytes| (0..bytes).map(|at: u32| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect())
        .to_vec();
    let disk = MemoryDisk::new();
    let store = open_tiny(&disk);
    store.append(vec![event("a", "c1").id(id(1)), event("a", "c2").id(id(2))]).unwrap();
    let mut receipts = Vec::new();
    for payload in &payloads {
        receipts.push(store.append(full(payload.clone())).unwrap());
    }
    let check = |view: &View| {
        let events = events(view);
        for ((event, payload), receipt) in events.iter().skip(2).zip(&payloads).zip(&receipts) {
            let mut wanted = full(payload.clone());
            wanted.normalize();
            let place = receipt.first().unwrap();
            let found = (event.id, event.position, event.revision);
            assert_eq!(found, (place.id, place.position, place.revision));
            assert_eq!(event.recorded_at, receipt.recorded_at);
            assert_eq!((event.batch_index, event.batch_count), (0, 1));
            let back = Draft {
                id: None,
                coordinate: event.coordinate.clone(),
                kind: event.kind.clone(),
                version: event.version,
                tags: event.tags.clone(),
                causes: event.causes.clone(),
                correlation: event.correlation.clone(),
                valid_at: event.valid_at,
                codec: event.codec,
                payload: event.payload.clone().into(),
                expected: wanted.expected,
            };
            assert!(back == wanted, "the event at {} differs", event.position);
        }
        assert_eq!(events.len(), 8);
        view.root().unwrap()
    };
    let root = check(&store.view());
    let (_disk, recovered) = crashed(&disk);
    assert_eq!(check(&recovered.view()), root);
    store.close().unwrap();
    assert_eq!(check(&open(&disk).view()), root);
    assert_eq!(check(&Reader::open_on(Arc::new(disk)).unwrap().view()), root);
}

#[test]
fn a_scan_reads_no_more_than_it_is_asked_for() {
    let disk = FaultyDisk::default();
    let store = open(&disk);
    let text = "x".repeat(1000);
    for _ in 0..20 {
        store.append(vec![event("a", text.as_str()); 100]).unwrap();
    }
    let view = store.view();
    let before = disk.bytes_read();
    let first = view.read(Read::all()).next().unwrap().unwrap();
    let last = view.read(Read::all().backward()).next().unwrap().unwrap();
    assert_eq!((first.position, last.position), (at(1), at(2000)));
    let cost = disk.bytes_read() - before;
    assert!(cost < 200_000, "{cost} bytes of 2,000,000 were read for two events");
    assert_eq!(view.read(Read::all()).total().unwrap(), 2000);
    assert_eq!(disk.bytes_read() - before, cost, "counting reads no event");
}

#[test]
fn the_small_segments_of_these_tests_do_seal() {
    let disk = MemoryDisk::new();
    let store = open_tiny(&disk);
    for _ in 0..30 {
        store.append(series("a", &"x".repeat(300), 5)).unwrap();
    }
    let stats = store.stats().unwrap();
    assert!(stats.segments_sealed >= 3, "{stats:?}");
    assert_eq!((stats.events, stats.streams), (150, 1));
    assert_eq!(texts(&store.view()).len(), 150);
}
