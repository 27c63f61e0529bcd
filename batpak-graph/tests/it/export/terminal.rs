//! Text for terminals: an event a row, within the width.

use std::collections::BTreeSet;

use batpak_graph::export::{Direction, Drawing, Link, LinkKind, Paint, Part, Plain, lanes, tree};
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::{cases, dot, drawings};

/// Shows parts, so that they can be found again.
struct Marks;

impl Paint for Marks {
    fn paint(&self, part: Part, text: &str, out: &mut String) {
        match part {
            Part::Position => out.push_str(&format!("<{text}>")),
            Part::Reference => out.push_str(&format!("[{text}]")),
            _ => out.push_str(text),
        }
    }
}

fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = u64> + 'a {
    text.split(open).skip(1).filter_map(move |rest| rest.split(close).next()?.parse().ok())
}

fn reached(drawing: &Drawing, root: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::from([root]);
    for number in (0..=root).rev() {
        if reached.contains(&number) {
            reached.extend(drawing.links().iter().filter(|link| link.to == number).map(|link| link.from));
        }
    }
    reached
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn lanes_have_each_event_once_newest_first(drawing in drawings(60)) {
        let text = lanes(&drawing, 100, &Marks);
        let shown: Vec<_> = between(&text, "<", '>').collect();
        let mut positions: Vec<_> = drawing.dots().iter().map(|dot| dot.position.get()).collect();
        positions.reverse();
        prop_assert_eq!(shown, positions);
    }

    #[test]
    fn a_tree_has_each_event_once_and_each_link(drawing in drawings(40), root in any::<prop::sample::Index>()) {
        let root = root.index(drawing.dots().len());
        let text = tree(&drawing, &[root], Direction::Causes, 200, &Marks);
        let mut shown: Vec<_> = between(&text, "<", '>').collect();
        shown.sort_unstable();
        let reached = reached(&drawing, root);
        prop_assert_eq!(shown, reached.iter().map(|number| drawing.dots()[*number].position.get()).collect::<Vec<_>>());
        let links = drawing.links().iter().filter(|link| reached.contains(&link.to)).count();
        prop_assert_eq!(between(&text, "(see ", ')').count(), links + 1 - reached.len());
        prop_assert_eq!(text.lines().count(), links + 1);
    }

    #[test]
    fn no_line_is_wider_than_asked(drawing in drawings(40), width in 40..120_usize) {
        for line in tree(&drawing, &[drawing.dots().len() - 1], Direction::Causes, width, &Plain).lines() {
            prop_assert!(line.width() <= width, "{}", line);
        }
        for line in lanes(&drawing, width, &Plain).lines() {
            // The graph itself is as wide as it is.
            let graph = line.find(|c: char| c.is_ascii_digit()).map_or(line, |at| &line[..at]).width();
            prop_assert!(line.width() <= width.max(graph + 24), "{}", line);
        }
    }
}

#[test]
fn a_deep_chain_goes_straight_down() {
    let count = 50_000;
    let dots = (0..count).map(|number| dot(number, "漢字.approved", "案件")).collect();
    let links = (1..count).map(|to| Link { from: to - 1, to, kind: LinkKind::Required, count: 1 });
    let chain = Drawing::new("chain", dots, links.collect()).unwrap();
    for direction in [Direction::Causes, Direction::Effects] {
        let root = if direction == Direction::Causes { count - 1 } else { 0 };
        let text = tree(&chain, &[root], direction, 60, &Plain);
        assert_eq!(text.lines().count(), count);
        assert!(text.lines().all(|line| line.starts_with('○') || line.starts_with('◆')));
        assert!(text.lines().all(|line| line.width() <= 60));
    }
    assert_eq!(tree(&chain, &[count], Direction::Causes, 60, &Plain), "");
}

#[test]
fn a_join_of_many_does_not_widen_the_graph() {
    let count = 500;
    let dots = (0..count).map(|number| dot(number, "kind", "entity")).collect();
    let links = (0..count - 1).map(|from| Link { from, to: count - 1, kind: LinkKind::Required, count: 1 });
    let text = lanes(&Drawing::new("join", dots, links.collect()).unwrap(), 60, &Plain);
    assert!(text.contains(" causes)"));
    assert!(text.lines().all(|line| line.width() <= 2 * 40 + 2 + 24));
}
