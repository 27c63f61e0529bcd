//! What does an event cost between the caller's draft and its leaf, apart from the disk?
//!
//! One event of a usual shape (five names, two tags, one cause, 200 bytes of payload), its names known to the segment:
//! write its record, parse it, join it with its names, write its envelope, hash its leaf.

#![expect(clippy::unwrap_used, reason = "constants of this file")]

use std::hint::black_box;

use batpak_core::codec::{Dictionary, Envelope, RecordRef, encode_record};
use batpak_core::event::{EventRef, Place};
use batpak_core::{Cause, Coordinate, Correlation, Draft, EventId, Hlc, Kind, Position, Query, Revision, Tag};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const PAYLOAD: [u8; 200] = [0x5a; 200];

const PLACE: Place = Place {
    position: Position::new(123_456),
    recorded_at: Hlc { wall_us: 1_700_000_000_000_000, counter: 0 },
    batch_index: 0,
    batch_count: 1,
    key: None,
};

fn draft() -> Draft<'static> {
    let coordinate = Coordinate::new("bank", "application-173688").unwrap();
    Draft::raw(coordinate, Kind::new("loan.approved").unwrap(), &PAYLOAD[..])
        .tag(Tag::new("customer:4711").unwrap())
        .tag(Tag::new("resource:112").unwrap())
        .cause(Cause::required(EventId::from_bytes([7; 16])))
        .correlation(Correlation::new("case-173688").unwrap())
}

fn envelope(criterion: &mut Criterion) {
    let draft = draft();
    let id = EventId::v7(1_700_000_000_000, [3; 10]);
    let mut names = Dictionary::new();
    let (mut bytes, mut scratch) = (Vec::new(), Vec::new());
    encode_record(&mut Vec::new(), &draft, id, Revision::new(40), &mut names);
    encode_record(&mut bytes, &draft, id, Revision::new(41), &mut names);
    let (record, _) = RecordRef::parse(&bytes).unwrap();
    let event = EventRef::new(record, &names, PLACE).unwrap();
    let query = Query::parse("kind(loan.approved) & tag(resource:113) | entity(application-1)").unwrap();

    let mut group = criterion.benchmark_group("envelope");
    group.throughput(Throughput::Elements(1));
    group.bench_function("encode record", |bencher| {
        let mut names = names.clone();
        let mut out = Vec::with_capacity(1 << 10);
        bencher.iter(|| {
            out.clear();
            encode_record(&mut out, black_box(&draft), id, Revision::new(41), &mut names);
            out.len()
        });
    });
    group.bench_function("parse record", |bencher| {
        bencher.iter(|| RecordRef::parse(black_box(&bytes)).map(|(record, size)| (record.revision(), size)));
    });
    group.bench_function("parse and resolve", |bencher| {
        bencher.iter(|| {
            let (record, _) = RecordRef::parse(black_box(&bytes))?;
            EventRef::new(record, &names, PLACE).map(|event| event.kind().len())
        });
    });
    group.bench_function("match a query", |bencher| {
        bencher.iter(|| query.matches(black_box(&event)));
    });
    group.bench_function("copy to an owned event", |bencher| {
        bencher.iter(|| black_box(&event).to_owned_event());
    });
    group.bench_function("canonical encode, payload hashed before", |bencher| {
        let commitment = Envelope::of(&event).payload_commitment;
        bencher.iter(|| {
            scratch.clear();
            Envelope::with_commitment(black_box(&event), commitment).encode_into(&mut scratch);
            scratch.len()
        });
    });
    group.bench_function("leaf hash, payload hashed too", |bencher| {
        bencher.iter(|| black_box(&event).leaf_hash(&mut scratch));
    });
    group.bench_function("parse a query", |bencher| {
        bencher.iter(|| Query::parse(black_box("kind(loan.approved) & tag(resource:113) | entity(application-1)")));
    });
    group.finish();
}

criterion_group!(benches, envelope);
criterion_main!(benches);
