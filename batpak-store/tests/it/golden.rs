//! The bytes on disk are locked: if this fails, the format changed. Then raise its version and keep these files readable; never
//! replace them.

use std::path::PathBuf;
use std::sync::Arc;

use batpak_core::{
    Batch, Cause, Codec, Consumer, Coordinate, Correlation, Draft, EventId, IdempotencyKey, Kind, Position, Scope, Tag,
    ValidTime,
};
use batpak_store::disk::{FileName, MemoryDisk};
use batpak_store::platform::{SeededEntropy, SimulatedClock};
use batpak_store::{Helpers, Options, Read, Store, verify_on};

/// The folder of a store of format version 1.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1")
}

fn open(disk: &MemoryDisk) -> Store {
    Options::new()
        .segment_bytes(16 << 10)
        .helpers(Helpers::Inline)
        .clock(Arc::new(SimulatedClock::at(1_700_000_000_000_000)))
        .entropy(Arc::new(SeededEntropy::new(7)))
        .open_on(Arc::new(disk.clone()))
        .unwrap()
}

/// A store that uses every field of every structure, and has one sealed segment.
fn written() -> MemoryDisk {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    let scope = Scope::new("loans").unwrap();
    for number in 0..120_u32 {
        let id = EventId::from_source(&scope, &number.to_string());
        let coordinate = Coordinate::new("loans", &format!("case {}", number % 7)).unwrap();
        let mut draft = Draft::new(
            coordinate,
            Kind::new("loan.moved").unwrap(),
            Codec::JSON,
            format!("{{\"n\":{number}}}").into_bytes(),
        )
        .id(id)
        .tag(Tag::pair("resource", (number % 5).to_string()).unwrap())
        .valid_at(ValidTime::new(-1_000_000 * i64::from(number)))
        .version(2)
        .correlation(Correlation::new("run").unwrap());
        if let Some(before) = number.checked_sub(1) {
            let before = EventId::from_source(&scope, &before.to_string());
            draft = draft.cause(Cause::required(before));
        }
        if let Some(before) = number.checked_sub(2) {
            let before = EventId::from_source(&scope, &before.to_string());
            draft = draft.cause(if number % 2 == 0 { Cause::alternative(before, 3) } else { Cause::context(before) });
        }
        let plain =
            Draft::raw(Coordinate::new("other", "plain").unwrap(), Kind::new("noted").unwrap(), &b"\x00\xff"[..]);
        let batch = Batch::new(vec![draft, plain.id(EventId::from_source(&scope, &format!("plain {number}")))])
            .key(IdempotencyKey::new(format!("key {number}")).unwrap())
            .consumer(Consumer::new("reader").unwrap(), Position::new(u64::from(number)));
        store.append(batch).unwrap();
    }
    store.close().unwrap();
    disk
}

const FILES: [FileName; 3] = [FileName::Segment(0), FileName::Index(0), FileName::Segment(1)];

#[test]
fn the_same_events_give_the_same_bytes() {
    let disk = written();
    for name in FILES {
        let golden = std::fs::read(folder().join(name.to_string())).unwrap();
        let bytes = disk.bytes(&name).unwrap();
        assert!(
            bytes == golden,
            "{name} differs first at byte {:?}",
            bytes.iter().zip(&golden).position(|(a, b)| a != b)
        );
    }
}

#[test]
fn a_store_of_version_1_opens_and_checks() {
    let disk = MemoryDisk::new();
    for name in FILES {
        disk.put(name, std::fs::read(folder().join(name.to_string())).unwrap());
    }
    let report = verify_on(&disk).unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.root.to_string(), include_str!("../golden/v1/root.txt").trim());
    let store = open(&disk);
    assert_eq!(store.opened().rebuilt, Vec::<u64>::new());
    assert_eq!(store.view().read(Read::all()).count(), 240);
    assert_eq!(store.view().consumer(&Consumer::new("reader").unwrap()).unwrap(), Some(Position::new(119)));
}
