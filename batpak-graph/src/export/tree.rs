//! The causes of an event, or its effects, as an indented tree.

use super::drawing::{Drawing, Link};
use super::lanes::{glyph_of, push_dot};
use super::paint::{Paint, Part, Row, columns};

/// Wider lines are of no use, and indentation would take memory by the square of the depth.
const WIDTH_MAX: usize = 1000;

/// Which way a tree grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From an event to what caused it.
    Causes,
    /// From an event to what it led to.
    Effects,
}

/// The events that are reached from some by links, an event a line, below the event through which they are reached.
///
/// Each event is printed once with all below it; where it comes up again, `(see 123)` stands for it. An only child
/// keeps the indentation of its parent, so that a long chain goes straight down. Lines end at `width` columns;
/// indentation takes at most half of them. Unknown `roots` give nothing. Cost: linear in events and links; no
/// recursion.
#[must_use]
pub fn tree<P: Paint + ?Sized>(
    drawing: &Drawing,
    roots: &[usize],
    direction: Direction,
    width: usize,
    paint: &P,
) -> String {
    let width = width.min(WIDTH_MAX);
    let mut next = vec![Vec::new(); drawing.dots().len()];
    for link in drawing.links() {
        let (at, other) = ends(link, direction);
        if let Some(next) = next.get_mut(at) {
            next.push((other, link));
        }
    }
    let mut printed = vec![false; drawing.dots().len()];
    let mut out = String::new();
    // What is still to be printed, the next one last.
    let root = |dot: &usize| Entry { dot: *dot, link: None, lines: String::new(), branch: Branch::Root };
    let mut open: Vec<Entry<'_>> = roots.iter().rev().map(root).collect();
    while let Some(entry) = open.pop() {
        let Some(dot) = drawing.dots().get(entry.dot) else { continue };
        let (before, below) = entry.indentation(width / 2);
        let seen = printed.get(entry.dot).copied().unwrap_or(true);
        out.push_str(&before);
        let mut row = Row::new(width.saturating_sub(columns(&before)), paint);
        let remark = entry.link.map(remark).unwrap_or_default();
        if seen {
            row.push(Part::Reference, &format!("(see {})", dot.position));
            row.push(Part::Kind, &dot.name());
            row.push(Part::Reference, &remark);
        } else {
            row.push(if dot.marked { Part::MarkedGlyph } else { Part::Glyph }, &format!("{} ", glyph_of(dot)));
            push_dot(&mut row, dot, &remark);
            row.push(Part::Payload, &dot.payload_head);
        }
        out.push_str(row.finish().trim_end());
        out.push('\n');
        if seen {
            continue;
        }
        if let Some(printed) = printed.get_mut(entry.dot) {
            *printed = true;
        }
        let children = next.get(entry.dot).map_or(&[][..], Vec::as_slice);
        let only = children.len() == 1;
        for (place, (child, link)) in children.iter().enumerate().rev() {
            let branch = match (only, place + 1 == children.len()) {
                (true, _) => Branch::Only,
                (false, true) => Branch::Last,
                (false, false) => Branch::Fork,
            };
            open.push(Entry { dot: *child, link: Some(link), lines: below.clone(), branch });
        }
    }
    out
}

fn ends(link: &Link, direction: Direction) -> (usize, usize) {
    match direction {
        Direction::Causes => (link.to, link.from),
        Direction::Effects => (link.from, link.to),
    }
}

fn remark(link: &Link) -> String {
    let count = if link.count > 1 { format!("{} times", link.count) } else { String::new() };
    let note = match link.kind {
        super::drawing::LinkKind::StreamOrder => link.kind.name().to_owned(),
        kind => kind.note(),
    };
    match (note.is_empty(), count.is_empty()) {
        (true, true) => String::new(),
        (false, false) => format!("[{note}, {count}]"),
        _ => format!("[{note}{count}]"),
    }
}

/// How an event hangs on the one above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Branch {
    Root,
    Only,
    Fork,
    Last,
}

struct Entry<'a> {
    dot: usize,
    link: Option<&'a Link>,
    /// The lines of those above, which go on beside this one.
    lines: String,
    branch: Branch,
}

impl Entry<'_> {
    /// What stands before this event, and before those below it. At `most` columns, deeper ones are not indented
    /// further.
    fn indentation(&self, most: usize) -> (String, String) {
        let full = columns(&self.lines) + 3 > most;
        let lines = &self.lines;
        match self.branch {
            Branch::Root | Branch::Only => (lines.clone(), lines.clone()),
            Branch::Fork | Branch::Last if full => (lines.clone(), lines.clone()),
            Branch::Fork => (format!("{lines}├─ "), format!("{lines}│  ")),
            Branch::Last => (format!("{lines}└─ "), format!("{lines}   ")),
        }
    }
}
