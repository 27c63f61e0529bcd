//! Folds keep every event, and say what they leave out.

use std::collections::BTreeMap;

use batpak_graph::export::{Drawing, FoldBy, Link, LinkKind, Picture, fold, fold_by, svg};
use proptest::prelude::*;

use super::{cases, dot, drawings};

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn events_are_kept_and_links_counted(drawing in drawings(150)) {
        for by in [FoldBy::Stream, FoldBy::Kind] {
            let folded = fold_by(&drawing, by);
            prop_assert_eq!(folded.events(), drawing.events());
            prop_assert_eq!(folded.span_us(), drawing.span_us());
            prop_assert!(folded.dots().len() <= 60);
            prop_assert!(folded.dots().windows(2).all(|two| two[0].position < two[1].position));
            let links: u64 = folded.links().iter().map(|link| link.count).sum();
            prop_assert!(links <= drawing.links().len() as u64);
            prop_assert!(folded.links().iter().all(|link| link.from != link.to));
            prop_assert_eq!(folded.dots().iter().any(|dot| dot.marked), drawing.dots().iter().any(|dot| dot.marked));
            prop_assert_eq!(&fold_by(&drawing, by), &folded);
        }
    }

    #[test]
    fn few_events_stay_as_they_are(drawing in drawings(40)) {
        prop_assert_eq!(fold(&drawing, 40), drawing);
    }
}

/// Many cases that run through the same kinds.
fn runs(cases: usize, kinds: usize) -> Drawing {
    let event = |number: usize| dot(number, &format!("step.{}", number % kinds), &format!("case-{}", number / kinds));
    let links = (1..cases * kinds).filter(|number| !number.is_multiple_of(kinds));
    let links = links.map(|to| Link { from: to - 1, to, kind: LinkKind::Required, count: 1 });
    Drawing::new("all", (0..cases * kinds).map(event).collect(), links.collect()).unwrap()
}

#[test]
fn many_cases_of_a_few_kinds_become_one_chain() {
    let folded = fold(&runs(100, 8), 500);
    let names: Vec<_> = folded.dots().iter().map(|dot| dot.name()).collect();
    assert_eq!(names, (0..8).map(|kind| format!("100 x step.{kind}")).collect::<Vec<_>>());
    let links: BTreeMap<_, _> = folded.links().iter().map(|link| ((link.from, link.to), link.count)).collect();
    assert_eq!(links, (1..8).map(|to| ((to - 1, to), 100)).collect());
    assert_eq!(folded.title(), "all (800 events folded by kind)");
}

#[test]
fn the_rarest_share_a_box() {
    let folded = fold_by(&runs(2, 100), FoldBy::Kind);
    assert_eq!(folded.dots().len(), 31);
    assert!(folded.dots().iter().any(|dot| dot.name() == "140 x other kinds"));
    let folded = fold_by(&runs(100, 2), FoldBy::Stream);
    assert!(folded.dots().iter().any(|dot| dot.entity == "90 others"));
}

#[test]
fn a_picture_folds_what_is_too_large() {
    let picture = Picture { dots_max: 100, ..Picture::default() };
    assert!(svg(&runs(50, 8), &picture).contains("400 events folded by kind"));
    assert!(!svg(&runs(10, 8), &picture).contains("folded"));
}
