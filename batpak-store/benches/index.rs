//! What does it cost to build the index of a sealed segment, and to look something up in it?
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a benchmark may panic, and criterion's macros make public functions"
)]

mod sync {
    pub(crate) use std::sync::Arc;
    pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
}

#[allow(dead_code, unused_imports, reason = "a benchmark uses a part of what it is made of")]
#[path = "../src/index"]
mod index {
    pub(crate) mod postings;
    pub(crate) mod sealed;
    pub(crate) mod term;
}

#[allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::duplicate_mod,
    reason = "made for tests, which may panic"
)]
#[path = "../src/index/sealed/sample.rs"]
mod sample;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

use index::postings::{Direction, Intersect, PostingsCursor, Union};
use index::sealed::{SealedIndex, id_hash, stream_hash};
use index::term::{self, KIND, TAG};
use sample::{Numbers, Sample, id, realistic};

/// Events of the segment: as many as a segment of 64 MiB holds if an event takes 256 bytes.
const EVENTS: u32 = 262_144;

/// Walks a cursor to its end and counts.
fn walk(mut cursor: impl PostingsCursor) -> u32 {
    let (mut bound, mut count) = (0, 0);
    while let Ok(Some(rel)) = cursor.seek(bound) {
        (bound, count) = (rel + 1, count + 1);
    }
    count
}

fn boxed(index: &SealedIndex, term: &[u8]) -> Option<Box<dyn PostingsCursor>> {
    let cursor = index.postings(term, Direction::Forward).ok()??;
    Some(Box::new(cursor))
}

fn build(criterion: &mut Criterion) {
    let sample = Sample::new(1, 0, &realistic(EVENTS));
    let mut group = criterion.benchmark_group("index_build");
    group.sample_size(10).throughput(Throughput::Elements(u64::from(EVENTS)));
    group.bench_function("whole_segment", |bencher| bencher.iter(|| black_box(sample.build())));
    group.finish();
    let index = sample.open();
    println!("bytes an event, by part:");
    for (part, bytes) in index.bytes_by_part() {
        println!("  {:16} {:8.3}", part.name(), bytes as f64 / f64::from(EVENTS));
    }
}

fn look_up(criterion: &mut Criterion) {
    let sample = Sample::new(1, 0, &realistic(EVENTS));
    let Ok(bytes) = sample.build() else { return };
    let Ok(index) = SealedIndex::open(bytes.clone(), &sample.binding) else { return };
    let mut numbers = Numbers(9);
    let mut group = criterion.benchmark_group("index_look_up");
    group.bench_function("open", |bencher| {
        let shared: std::sync::Arc<[u8]> = bytes.clone().into();
        bencher.iter(|| SealedIndex::open(std::sync::Arc::clone(&shared), &sample.binding).is_ok());
    });
    let mut some = || (1 + numbers.below(u64::from(EVENTS)), numbers.below(13_000));
    let ids: Vec<_> = (0..4096).map(|_| id(some().0)).collect();
    let absent: Vec<_> = (0..4096).map(|n| id(n + (1 << 40))).collect();
    let streams: Vec<_> = (0..4096).map(|_| term::stream("scope0", &(173_000 + some().1).to_string())).collect();
    let rels: Vec<_> = (0..4096).map(|_| some().0 as u32 - 1).collect();
    let mut at = 0;
    let mut next = || {
        at = (at + 1) % 4096;
        at
    };
    group.bench_function("id_present", |bencher| {
        bencher.iter(|| index.id_candidates(&ids[next()]).map(|mut found| found.next()));
    });
    group.bench_function("id_absent_by_filter", |bencher| {
        bencher.iter(|| index.maybe_contains(id_hash(&absent[next()])));
    });
    group.bench_function("stream_present_by_filter", |bencher| {
        bencher.iter(|| index.maybe_contains(stream_hash(&streams[next()])));
    });
    group.bench_function("stream_span", |bencher| bencher.iter(|| index.stream(&streams[next()])));
    group.bench_function("offset", |bencher| bencher.iter(|| index.offset(rels[next()])));
    group.bench_function("frame_of", |bencher| bencher.iter(|| index.frame_of(rels[next()])));
    group.bench_function("key_present", |bencher| {
        bencher.iter(|| index.key(&sample.keys[next() % sample.keys.len()].0));
    });
    group.bench_function("stream_events_20", |bencher| {
        bencher.iter(|| boxed(&index, &streams[next()]).map(walk));
    });
    group.finish();
}

fn scan(criterion: &mut Criterion) {
    let sample = Sample::new(1, 0, &realistic(EVENTS));
    let index = sample.open();
    let mut group = criterion.benchmark_group("index_scan");
    let kind = term::key(KIND, "A_KIND_OF_EVENT_2");
    let tag = term::key(TAG, "resource:7");
    let count = |term: &[u8]| boxed(&index, term).map_or(0, |cursor| u64::from(walk(cursor)));
    group.throughput(Throughput::Elements(count(&kind)));
    group.bench_function("postings_of_a_kind", |bencher| bencher.iter(|| boxed(&index, &kind).map(walk)));
    group.throughput(Throughput::Elements(count(&tag)));
    group.bench_function("kind_and_tag", |bencher| {
        let both = || [&tag, &kind].into_iter().filter_map(|term| boxed(&index, term)).collect();
        bencher.iter_batched(both, |both| walk(Intersect::new(both)), BatchSize::SmallInput);
    });
    group.bench_function("two_tags_or", |bencher| {
        let other = term::key(TAG, "resource:8");
        let both = || [&tag, &other].into_iter().filter_map(|term| boxed(&index, term)).collect();
        bencher.iter_batched(both, |both| walk(Union::new(both, Direction::Forward)), BatchSize::SmallInput);
    });
    group.throughput(Throughput::Elements(13_000));
    group.bench_function("terms_of_all_streams", |bencher| {
        bencher.iter(|| index.terms(b"e").map(|terms| terms.count()));
    });
    group.finish();
}

criterion_group!(benches, build, look_up, scan);
criterion_main!(benches);
