//! The picture: nothing lies on anything else.

use batpak_graph::export::{Drawing, FoldBy, fold_by, svg};
use proptest::prelude::*;
use roxmltree::{Document, Node};

use super::{NARROW, cases, drawings};

#[derive(Debug, Clone, Copy)]
struct Rect {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Rect {
    fn of(node: Node) -> Self {
        Self {
            x: number(node, "x"),
            y: number(node, "y"),
            width: number(node, "width"),
            height: number(node, "height"),
        }
    }

    fn meets(&self, other: &Self) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }

    fn holds(&self, (x, y): (f64, f64), slack: f64) -> bool {
        x > self.x + slack && x < self.x + self.width - slack && y > self.y + slack && y < self.y + self.height - slack
    }
}

fn number(node: Node, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

fn has_class(node: &Node, class: &str) -> bool {
    node.attribute("class").is_some_and(|classes| classes.split(' ').any(|one| one == class))
}

fn check(drawing: &Drawing) {
    let source = svg(drawing, &NARROW);
    let document = Document::parse(&source).unwrap();
    let root = document.root_element();
    let page = Rect { x: 0.0, y: 0.0, width: number(root, "width"), height: number(root, "height") };
    let nodes: Vec<_> = document.descendants().filter(|node| has_class(node, "node")).collect();
    let card = |node: &Node| Rect::of(node.children().rfind(|child| has_class(child, "card")).unwrap());
    let boxes: Vec<_> = nodes.iter().map(card).collect();
    let bands: Vec<_> = document.descendants().filter(|node| has_class(node, "band")).map(Rect::of).collect();
    for rects in [&boxes, &bands] {
        for (at, one) in rects.iter().enumerate() {
            assert!(page.holds((one.x, one.y), 0.0) && page.holds((one.x + one.width, one.y + one.height), 0.0));
            assert!(rects[at + 1..].iter().all(|other| !one.meets(other)), "{one:?}\n{source}");
        }
    }
    for rect in &boxes {
        let corners = [(rect.x, rect.y), (rect.x + rect.width, rect.y + rect.height)];
        assert_eq!(bands.iter().filter(|band| corners.iter().all(|corner| band.holds(*corner, 0.0))).count(), 1);
    }
    for (node, rect) in nodes.iter().zip(&boxes) {
        for line in node.children().filter(|child| child.has_tag_name(("http://www.w3.org/2000/svg", "text"))) {
            // What letters take in a wide font of usual weight.
            let ems = |c: char| if " .,:;il|'/".contains(c) { 0.34 } else { 0.63 };
            let width = line.text().unwrap_or_default().chars().map(ems).sum::<f64>() * number(line, "font-size");
            let x = if line.attribute("text-anchor") == Some("end") {
                number(line, "x") - width
            } else {
                number(line, "x")
            };
            assert!(x > rect.x && x + width < rect.x + rect.width, "{:?} {rect:?}", line.text());
        }
    }
    for path in document.descendants().filter(|node| node.has_attribute("data-from")) {
        for point in points(path.attribute("d").unwrap()) {
            assert!(page.holds(point, 0.0), "{point:?}\n{source}");
            let through = boxes.iter().position(|rect| rect.holds(point, 0.5));
            assert!(
                through.is_none(),
                "{point:?} of {:?} lies in box {through:?}\n{source}",
                path.attribute("data-from")
            );
        }
    }
    let texts = texts(&document);
    for (at, one) in texts.iter().enumerate() {
        assert!(texts[at + 1..].iter().all(|other| !one.meets(other)), "{one:?}\n{source}");
    }
}

/// A small rectangle where each text begins or ends, outside of the legend's and the numbers' own rules.
fn texts(document: &Document) -> Vec<Rect> {
    let texts = document.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")));
    texts
        .map(|node| {
            let (size, y) = (number(node, "font-size"), number(node, "y"));
            let width = node.text().unwrap_or_default().chars().count() as f64 * size * 0.5;
            let x = number(node, "x");
            let x = match node.attribute("text-anchor") {
                Some("end") => x - width,
                Some("middle") => x - width / 2.0,
                _ => x,
            };
            Rect { x, y: y - size * 0.7, width, height: size * 0.7 }
        })
        .collect()
}

/// Points along the `d` of a path made of `M`, `L` and `C`.
fn points(d: &str) -> Vec<(f64, f64)> {
    let spaced: String =
        d.chars().flat_map(|c| if c.is_ascii_alphabetic() { vec![' ', c, ' '] } else { vec![c] }).collect();
    let mut words = spaced.split_whitespace();
    let mut found: Vec<(f64, f64)> = Vec::new();
    while let Some(command) = words.next() {
        let mut point =
            || (words.next().unwrap().parse::<f64>().unwrap(), words.next().unwrap().parse::<f64>().unwrap());
        match command {
            "M" => found.push(point()),
            "L" => {
                let (from, to) = (*found.last().unwrap(), point());
                found.extend((1..=20).map(|step| {
                    let t = f64::from(step) / 20.0;
                    (from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * t)
                }));
            }
            "C" => {
                let (a, b, c, d) = (*found.last().unwrap(), point(), point(), point());
                found.extend((1..=20).map(|step| {
                    let t = f64::from(step) / 20.0;
                    let u = 1.0 - t;
                    let mix = |a: f64, b: f64, c: f64, d: f64| {
                        u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d
                    };
                    (mix(a.0, b.0, c.0, d.0), mix(a.1, b.1, c.1, d.1))
                }));
            }
            other => panic!("{other} in {d}"),
        }
    }
    found
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn boxes_lanes_lines_and_texts_keep_apart(drawing in drawings(70)) {
        check(&drawing);
    }

    #[test]
    fn those_of_folds_as_well(drawing in drawings(120)) {
        check(&fold_by(&drawing, FoldBy::Kind));
        check(&fold_by(&drawing, FoldBy::Stream));
    }
}
