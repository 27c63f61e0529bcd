//! Pictures and exchange formats: whole, well-formed, harmless and the same each time.

mod folds;
mod formats;
mod hostile;
mod layout;
mod terminal;

use std::collections::BTreeMap;

use batpak_core::{EventId, Position, Scope};
use batpak_graph::export::{Dot, Drawing, Link, LinkKind, Picture};
use proptest::prelude::*;

/// An event with usual names.
pub fn dot(number: usize, kind: &str, entity: &str) -> Dot {
    let scope = Scope::new("loans").unwrap();
    Dot {
        position: Position::new(number as u64 * 3 + 1),
        id: EventId::from_source(&scope, &number.to_string()),
        kind: kind.to_owned(),
        scope: scope.to_string(),
        entity: entity.to_owned(),
        revision: number as u64 + 1,
        correlation: (!number.is_multiple_of(3)).then(|| format!("case-{}", number % 4)),
        tags: vec!["clerk:7".to_owned(); number % 3],
        time_us: 1_700_000_000_000_000 + number as i64 * 61_000_000,
        recorded_us: 1_700_000_000_500_000 + number as i64 * 61_000_000,
        payload_head: format!("{{\"amount\":{number}}}"),
        marked: number.is_multiple_of(17),
        count: 1,
    }
}

pub const KINDS: [LinkKind; 5] = [
    LinkKind::Required,
    LinkKind::Alternative { group: 2 },
    LinkKind::Context,
    LinkKind::Observed,
    LinkKind::StreamOrder,
];

/// Any drawing of up to so many events, some of which are linked.
pub fn drawings(dots_max: usize) -> impl Strategy<Value = Drawing> {
    (1..=dots_max, 1..9_usize, 1..15_usize).prop_flat_map(|(count, streams, kinds)| {
        let dots = prop::collection::vec((0..streams, 0..kinds), count);
        let links = prop::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..5_usize),
            0..2 * count,
        );
        (dots, links).prop_map(|(dots, links)| {
            let dots: Vec<_> = dots
                .into_iter()
                .enumerate()
                .map(|(number, (stream, kind))| {
                    dot(number, &format!("kind.number.{kind}"), &format!("entity-{stream}"))
                })
                .collect();
            let links = links.into_iter().filter_map(|(a, b, kind)| {
                let (a, b) = (a.index(dots.len()), b.index(dots.len()));
                (a != b).then(|| Link { from: a.min(b), to: a.max(b), kind: KINDS[kind], count: 1 })
            });
            let links = links.collect();
            Drawing::new("any", dots, links).unwrap()
        })
    })
}

/// So many cases in everyday runs, and as many as the environment says in deep ones.
pub fn cases(everyday: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_some() { default } else { ProptestConfig { cases: everyday, ..default } }
}

/// A picture that folds nothing and is narrow enough to have several systems.
pub const NARROW: Picture = Picture { width: 900, dots_max: usize::MAX };

/// How often each pair of events is linked.
pub fn pairs(links: impl Iterator<Item = (usize, usize)>) -> BTreeMap<(usize, usize), usize> {
    let mut pairs = BTreeMap::new();
    for pair in links {
        *pairs.entry(pair).or_default() += 1;
    }
    pairs
}

pub fn pairs_of(drawing: &Drawing) -> BTreeMap<(usize, usize), usize> {
    pairs(drawing.links().iter().map(|link| (link.from, link.to)))
}
