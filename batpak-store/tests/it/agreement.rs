//! Every way of reading gives what a plain filter over all events gives. Trap 40.

use std::sync::Arc;

use batpak_core::query::{Field, Pattern, QueryItem, Term};
use batpak_core::{Coordinate, Correlation, Draft, Event, Kind, Position, Query};
use batpak_store::disk::MemoryDisk;
use batpak_store::{Read, Reader, View};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::sample::{at, crashed, events, inline, open_tiny, tag};

/// Few names, each the beginning of another, so that queries hit and miss.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![Just("1"), Just("10"), Just("a"), Just("a:b"), Just("b"), Just("ab")].prop_map(str::to_owned)
}

fn draft() -> impl Strategy<Value = Draft<'static>> {
    let names = (name(), name(), name(), vec(name(), 0..3), option::of(name()));
    (names, vec(any::<u8>(), 0..600)).prop_map(|((scope, entity, kind, tags, tx), payload)| {
        let coordinate = Coordinate::new(&scope, &entity).unwrap();
        let mut draft = Draft::raw(coordinate, Kind::new(&kind).unwrap(), payload);
        draft.tags = tags.iter().map(|text| tag(text)).collect();
        draft.correlation = tx.map(|name| Correlation::new(name).unwrap());
        draft
    })
}

fn term() -> impl Strategy<Value = Term> {
    let fields = [Field::Kind, Field::Scope, Field::Entity, Field::Tag, Field::Correlation];
    let pattern = prop_oneof![
        4 => name().prop_map(Pattern::exact),
        2 => "[1ab]{0,1}".prop_map(Pattern::prefix),
        2 => "[1ab*?:]{0,3}".prop_map(Pattern::glob),
        2 => "\\^?[1ab.]{0,2}".prop_map(|text| Pattern::regex(text).unwrap()),
    ];
    (prop::sample::select(fields.to_vec()), pattern).prop_map(|(field, pattern)| Term { field, pattern })
}

fn any_query() -> impl Strategy<Value = Query> {
    let item = vec(term(), 0..4).prop_map(|terms| QueryItem { terms, system: false });
    vec(item, 0..4).prop_map(Query::any)
}

/// A query, a range, a limit, a direction.
type Question = (Query, u64, u64, Option<u64>, bool);

fn question() -> impl Strategy<Value = Question> {
    let limit = option::of(0_u64..20);
    (any_query(), 0_u64..130, prop_oneof![Just(u64::MAX), 0_u64..130], limit, any::<bool>())
}

/// What the question asks for, found the slow way.
fn filter(log: &[Event], (query, from, to, limit, backward): &Question) -> Vec<Event> {
    let wanted = |event: &&Event| (*from..=*to).contains(&event.position.get()) && query.matches(*event);
    let mut found: Vec<Event> = log.iter().filter(wanted).cloned().collect();
    if *backward {
        found.reverse();
    }
    found.truncate(limit.map_or(usize::MAX, |limit| limit as usize));
    found
}

fn agree(view: &View, log: &[Event], question: &Question) -> Result<(), TestCaseError> {
    let wanted = filter(log, question);
    let (query, from, to, limit, backward) = question.clone();
    let mut read = Read::query(query.clone()).from(at(from)).to(at(to));
    read = limit.map_or(read.clone(), |limit| read.limit(limit));
    read = if backward { read.backward() } else { read };
    let found: Vec<Event> = view.read(read.clone()).collect::<Result<_, _>>().unwrap();
    prop_assert_eq!(&found, &wanted);
    prop_assert_eq!(view.read(read.clone()).total().unwrap(), wanted.len() as u64);
    let mut scan = view.read(read.clone());
    let mut positions = Vec::new();
    while let Some(position) = scan.next_position().unwrap() {
        positions.push(position);
    }
    let places: Vec<Position> = wanted.iter().map(|event| event.position).collect();
    prop_assert_eq!(positions, places);
    let mut scan = view.read(read);
    let mut borrowed = Vec::new();
    while let Some(event) = scan.next_ref() {
        borrowed.push(event.unwrap().to_owned_event().unwrap());
    }
    prop_assert_eq!(&borrowed, &wanted);
    let newest = log.iter().rev().find(|event| event.position > at(from) && query.matches(*event));
    let newest = newest.map(|event| event.position);
    prop_assert_eq!(view.newest_match(&query, at(from)).unwrap(), newest);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        rng_seed: RngSeed::Fixed(40),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Trap 40: the live store, the reopened one, the recovered one and a reader agree with a plain filter.
    #[test]
    fn every_reading_agrees_with_a_plain_filter(
        batches in vec(vec(draft(), 1..6), 30..60),
        questions in vec(question(), 40),
    ) {
        let disk = MemoryDisk::new();
        let store = open_tiny(&disk);
        for batch in batches.clone() {
            store.append(batch).unwrap();
        }
        let log = events(&store.view());
        prop_assert_eq!(log.len(), batches.iter().map(Vec::len).sum::<usize>());
        for (event, draft) in log.iter().zip(batches.iter().flatten()) {
            prop_assert_eq!(&event.payload[..], &draft.payload[..]);
        }
        let (_left, recovered) = crashed(&disk);
        let live = store.view();
        store.close().unwrap();
        let reader = Reader::open_on(Arc::new(disk.clone())).unwrap();
        let reopened = inline().create(false).open_on(Arc::new(disk)).unwrap();
        for view in [live, recovered.view(), reopened.view(), reader.view()] {
            prop_assert_eq!(&events(&view), &log);
            for question in &questions {
                agree(&view, &log, question)?;
            }
        }
    }
}
