//! The index against naive maps of everything that was put into it.
#![allow(clippy::cast_possible_truncation, reason = "made-up segments are small")]

use std::collections::{BTreeMap, BTreeSet};

use batpak_core::{Hash, Position};
use proptest::prelude::*;

use super::dictionary::StreamSpan;
use super::filter::{id_hash, key_hash, stream_hash};
use super::reader::{FrameSpot, KeyEntry};
use super::sample::{Sample, Wish, id, realistic, sixteen, tree_of};
use super::{BuildError, SealedIndex};
use crate::index::postings::{Direction, PostingsCursor};
use crate::index::term::{self, CORRELATION, KIND, SCOPE, TAG};

/// Every term with its events.
pub(super) fn naive_terms(sample: &Sample) -> BTreeMap<Vec<u8>, Vec<u32>> {
    let mut terms: BTreeMap<Vec<u8>, Vec<u32>> = BTreeMap::new();
    for (rel, fact) in (0..).zip(&sample.facts) {
        let mut keys =
            vec![term::key(KIND, &fact.kind), term::key(SCOPE, &fact.scope), term::stream(&fact.scope, &fact.entity)];
        keys.extend(fact.tags.iter().map(|tag| term::key(TAG, tag)));
        keys.extend(fact.correlation.iter().map(|name| term::key(CORRELATION, name)));
        keys.into_iter().for_each(|key| terms.entry(key).or_default().push(rel));
    }
    terms
}

fn naive_span(sample: &Sample, key: &[u8], rels: &[u32]) -> Option<StreamSpan> {
    term::split_stream(key)?;
    let revision = |rel: &u32| sample.facts[*rel as usize].revision;
    Some(StreamSpan {
        first_revision: revision(&rels[0]),
        last_revision: revision(rels.last()?),
        count: rels.len() as u32,
        last_rel: *rels.last()?,
    })
}

/// Walks a cursor by jumps and compares each answer.
fn walk(index: &SealedIndex, key: &[u8], rels: &[u32], jumps: &[u32]) {
    let mut forward = index.postings(key, Direction::Forward).unwrap().unwrap();
    let mut bound = 0;
    for jump in jumps.iter().cycle() {
        let expected = rels.iter().find(|rel| **rel >= bound).copied();
        assert_eq!(forward.seek(bound).unwrap(), expected);
        let Some(found) = expected else { break };
        bound = found + jump;
    }
    let mut backward = index.postings(key, Direction::Backward).unwrap().unwrap();
    let mut bound = u32::MAX;
    for jump in jumps.iter().cycle() {
        let expected = rels.iter().rev().find(|rel| **rel <= bound).copied();
        assert_eq!(backward.seek(bound).unwrap(), expected);
        match expected.and_then(|found| found.checked_sub(*jump)) {
            Some(next) => bound = next,
            None => break,
        }
    }
}

/// Everything an index can be asked, against the sample it was made from.
fn check(sample: &Sample, jumps: &[u32]) {
    let index = sample.open();
    index.check_all().unwrap();
    assert_eq!(index.events() as usize, sample.facts.len());
    assert_eq!(index.first_position(), Position::new(sample.first_position));
    check_terms(sample, &index, jumps);
    for (rel, fact) in (0..).zip(&sample.facts) {
        assert_eq!(index.offset(rel), Ok(fact.offset));
        let spot = index.frame_of(rel).unwrap();
        assert_eq!((spot.offset, spot.first_rel), fact.frame);
        assert!(index.maybe_contains(id_hash(&fact.id)).unwrap());
        let found: Vec<u32> = index.id_candidates(&fact.id).unwrap().map(Result::unwrap).collect();
        assert!(found.contains(&rel) && found.len() < 3, "{found:?}");
    }
    let total: u32 = (0..index.events())
        .map(|rel| index.frame_of(rel).unwrap())
        .collect::<BTreeSet<_>>()
        .iter()
        .map(|spot| spot.events)
        .sum();
    assert_eq!(total, index.events());
    assert!(index.offset(index.events()).is_err() && index.frame_of(index.events()).is_err());
    check_names_and_keys(sample, &index);
    check_tree(sample, &index);
    check_log(sample, &index);
}

impl PartialOrd for FrameSpot {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for FrameSpot {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.offset.cmp(&other.offset)
    }
}

fn check_terms(sample: &Sample, index: &SealedIndex, jumps: &[u32]) {
    let naive = naive_terms(sample);
    let listed: Vec<_> = index.terms(b"").unwrap().map(Result::unwrap).collect();
    let keys: Vec<&[u8]> = naive.keys().map(Vec::as_slice).collect();
    assert_eq!(listed.iter().map(|term| term.key.as_slice()).collect::<Vec<_>>(), keys);
    for ((key, rels), entry) in naive.iter().zip(&listed) {
        let span = naive_span(sample, key, rels);
        assert_eq!((entry.count as usize, entry.span), (rels.len(), span));
        assert_eq!(index.stream(key), Ok(span));
        walk(index, key, rels, &[1]);
        walk(index, key, rels, jumps);
        if span.is_some() {
            assert!(index.maybe_contains(stream_hash(key)).unwrap());
        }
        let absent = [key.as_slice(), b"0"].concat();
        if !naive.contains_key(&absent) {
            assert!(index.postings(&absent, Direction::Forward).unwrap().is_none());
        }
    }
    for prefix in [&b"e"[..], b"k", b"t", b"s", b"c", b"e17300", b"tresource:1", b"zz", b"\xff", b"a"] {
        let mine: Vec<_> = index.terms(prefix).unwrap().map(|term| term.unwrap().key).collect();
        let theirs: Vec<_> = naive.keys().filter(|key| key.starts_with(prefix)).cloned().collect();
        assert_eq!(mine, theirs);
    }
    assert_eq!(index.stream(b""), Ok(None));
}

fn check_names_and_keys(sample: &Sample, index: &SealedIndex) {
    assert_eq!(index.names() as usize, sample.names.len());
    for (number, (text, offset)) in (0..).zip(&sample.names) {
        assert_eq!(index.name_offset(number), Ok(Some(*offset)));
        let text_at = *offset as usize + 1;
        assert_eq!(&sample.log[text_at..text_at + text.len()], text.as_bytes());
    }
    assert_eq!(index.name_offset(index.names()), Ok(None));
    for (digest, fingerprint, first_rel, count) in &sample.keys {
        let entry = KeyEntry { fingerprint: *fingerprint, first_rel: *first_rel, count: *count };
        assert_eq!(index.key(digest), Ok(Some(entry)));
        assert!(index.maybe_contains(key_hash(digest)).unwrap());
    }
    for number in 0..50 {
        let absent = batpak_core::KeyDigest::from_bytes(sixteen(number + (1 << 45)));
        assert_eq!(index.key(&absent), Ok(None));
    }
    let consumers = index.consumers().unwrap();
    let named: Vec<_> = consumers.iter().map(|(name, position)| (name.as_str(), position.get())).collect();
    assert_eq!(named, [("audit", 8), ("reports", 3)]);
}

fn check_tree(sample: &Sample, index: &SealedIndex) {
    let last = sample.first_position - 1 + sample.facts.len() as u64;
    assert_eq!(index.tree_before().unwrap(), sample.before);
    assert_eq!(index.tree_after().unwrap(), tree_of(last));
    let nodes = index.nodes();
    let naive = |number: u64| -> Option<Hash> {
        let (start, end) = (number * 256, number * 256 + 256);
        (start + 1 >= sample.first_position && end <= last).then(|| {
            let mut tree = batpak_core::Tree::new();
            (start + 1..=end).for_each(|position| tree.push(batpak_core::leaf_hash(&position.to_le_bytes())));
            tree.root()
        })
    };
    for number in 0..last / 256 + 2 {
        assert_eq!(index.node(number).unwrap(), naive(number), "{number} of {nodes:?}");
    }
}

fn check_log(sample: &Sample, index: &SealedIndex) {
    let blocks = index.log_blocks();
    let padded = [&sample.log[..], &[0; 100]].concat();
    for (from, to) in [(0, 10), (16_000, 17_000), (0, sample.log.len())] {
        let (from, to) = (from.min(sample.log.len()), to.min(sample.log.len()));
        assert_eq!(blocks.check(&padded, from..to).unwrap(), &sample.log[from..to]);
    }
    assert!(blocks.check(&padded, 0..sample.log.len() + 1).is_err());
    assert!(blocks.check(&sample.log[1..], 0..1).is_err());
}

fn wish() -> impl Strategy<Value = Wish> {
    let tags = prop::collection::vec(0_u32..9, 0..4);
    let correlation = prop::option::weighted(0.3, 0_u32..4);
    (0_u32..5, 0_u32..3, 0_u32..40, tags, correlation, any::<bool>(), any::<bool>(), 0_usize..300).prop_map(
        |(kind, scope, entity, tags, correlation, frame, key, payload_bytes)| Wish {
            kind,
            scope,
            entity,
            tags,
            correlation,
            frame,
            key,
            payload_bytes,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn every_answer_equals_the_naive_one(
        first_position in prop_oneof![Just(1_u64), 1_u64..1200],
        every in prop_oneof![Just(0_u32), 2_u32..30],
        wishes in prop::collection::vec(wish(), 0..700),
        jumps in prop::collection::vec(1_u32..300, 1..6),
    ) {
        check(&Sample::new(first_position, every, &wishes), &jumps);
    }
}

#[test]
fn long_lists_in_several_blocks_are_walked_both_ways() {
    let wishes: Vec<Wish> = (0..5000_u32)
        .map(|rel| Wish {
            kind: u32::from(rel.is_multiple_of(3)),
            scope: u32::from(rel > 2500),
            entity: rel % 40 + (rel / 1000) * 100,
            tags: vec![rel % 2, 10 + u32::from(rel % 1700 == 5)],
            ..Wish::default()
        })
        .collect();
    check(&Sample::new(300, 0, &wishes), &[1, 127, 128, 129, 7, 1500]);
}

#[test]
fn the_same_segment_gives_the_same_bytes() {
    let sample = Sample::new(100, 5, &realistic(3000));
    assert!(sample.build().unwrap() == sample.build().unwrap());
}

#[test]
fn an_empty_segment_has_an_index() {
    check(&Sample::new(1, 0, &[]), &[1]);
    check(&Sample::new(700, 0, &[]), &[1]);
}

#[test]
fn absent_ids_are_rarely_maybe_there() {
    let sample = Sample::new(1, 0, &realistic(20_000));
    let index = sample.open();
    let absent = (0..20_000).map(|n| id(n + (1 << 30)));
    let maybe = absent.filter(|id| index.maybe_contains(id_hash(id)).unwrap()).count();
    assert!(maybe < 150, "{maybe}");
}

#[test]
fn opening_memory_does_not_grow_with_the_segment() {
    // A byte for 128 KiB is all that depends on the length; the rest of the look-ups read the file.
    let bytes = Sample::new(1, 0, &realistic(20_000)).build().unwrap();
    assert!(bytes.len() / (128 << 10) < 10, "{}", bytes.len());
}

#[test]
fn a_builder_refuses_what_makes_no_sense() {
    use super::SealedBuilder;
    let sample = Sample::new(4, 0, &realistic(10));
    let new = |before| SealedBuilder::new(sample.binding, Position::new(4), before, []);
    assert_eq!(new(tree_of(4)).err(), Some(BuildError::Tree { size: 4 }));
    let builder = || new(tree_of(3)).unwrap();

    let mut short = builder();
    sample.feed(&mut short).unwrap();
    short.log_bytes(&sample.log[1..]);
    assert!(matches!(short.finish(), Err(BuildError::LogLength { .. })));

    let mut nameless = builder();
    nameless.log_bytes(&sample.log);
    let first = &sample.facts[0];
    let (record, _) = batpak_core::codec::RecordRef::parse(&sample.log[first.offset as usize..]).unwrap();
    assert_eq!(nameless.event(&record, first.offset, first.leaf), Err(BuildError::Order { offset: first.offset }));
    nameless.frame(first.frame.0).unwrap();
    nameless.event(&record, first.offset, first.leaf).unwrap();
    assert!(matches!(nameless.frame(first.offset), Err(BuildError::Order { .. })));
    assert!(matches!(nameless.finish(), Err(BuildError::Names { given: 0, .. })));

    let mut unknown = builder();
    unknown.frame(first.frame.0).unwrap();
    let last = sample.facts.last().unwrap();
    let (record, _) = batpak_core::codec::RecordRef::parse(&sample.log[last.offset as usize..]).unwrap();
    assert!(matches!(unknown.event(&record, last.offset, last.leaf), Err(BuildError::UnknownName(_))));

    let mut outside = builder();
    sample.feed(&mut outside).unwrap();
    outside.log_bytes(&sample.log);
    outside.key(sample.keys[0].0, sample.keys[0].1, 9, 2);
    assert!(matches!(outside.finish(), Err(BuildError::Key)));
}
