//! A lane graph for terminals, as `git log --graph` draws one.

use renderdag::{Ancestor, GraphRowRenderer, Renderer};

use super::drawing::{Dot, Drawing};
use super::paint::{Paint, Part, Row};
use super::when;

/// Columns left for an event's own text, however wide the graph beside it gets.
const TEXT_MIN: usize = 24;
/// Lanes that are drawn at most; an event says how many of its causes have none.
const LANES_MAX: u64 = 40;

/// The drawing as lines for a terminal: newest first, an event a row, and lines from each event down to its causes.
///
/// Lines of causes that come after their effects, which only folds have, are left out, and so are those beyond 40
/// lanes. No line is wider than `width` columns, or than the graph and 24 columns if that is more. Cost: n times the
/// lanes.
#[must_use]
pub fn lanes<P: Paint + ?Sized>(drawing: &Drawing, width: usize, paint: &P) -> String {
    let mut causes = vec![Vec::new(); drawing.dots().len()];
    for link in drawing.links().iter().filter(|link| link.from < link.to) {
        if let Some(causes) = causes.get_mut(link.to) {
            causes.push((link.kind, link.from));
        }
    }
    let mut renderer = GraphRowRenderer::<usize>::new().output().with_min_row_height(1).build_box_drawing();
    let mut out = String::new();
    for (number, (dot, mut causes)) in drawing.dots().iter().zip(causes).enumerate().rev() {
        // The strongest causes take the straight lines; each is drawn once.
        causes.sort_unstable();
        let mut seen = std::collections::BTreeSet::new();
        causes.retain(|(_, cause)| seen.insert(*cause));
        let mut left_out = 0_usize;
        let mut parents: Vec<Ancestor<usize>> = causes.iter().map(|(_, cause)| Ancestor::Parent(*cause)).collect();
        while !parents.is_empty() && renderer.width(Some(&number), Some(&parents)) > 2 * LANES_MAX {
            parents.pop();
            left_out += 1;
        }
        let graph = usize::try_from(renderer.width(Some(&number), Some(&parents))).unwrap_or(usize::MAX);
        let room = width.saturating_sub(graph.saturating_add(1)).max(TEXT_MIN);
        let mut glyph = String::new();
        let part = if dot.marked { Part::MarkedGlyph } else { Part::Glyph };
        paint.paint(part, glyph_of(dot), &mut glyph);
        let message = row(dot, left_out, room, paint);
        let lines = renderer.next_row(number, parents, glyph, message);
        for line in lines.lines() {
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    out
}

/// The sign of an event. Each takes one column.
pub(crate) fn glyph_of(dot: &Dot) -> &'static str {
    match (dot.marked, dot.is_fold()) {
        (true, _) => "◆",
        (false, true) => "◎",
        (false, false) => "○",
    }
}

fn row<P: Paint + ?Sized>(dot: &Dot, left_out: usize, room: usize, paint: &P) -> String {
    let mut row = Row::new(room, paint);
    let remark = if left_out > 0 { format!("(+{left_out} causes)") } else { String::new() };
    push_dot(&mut row, dot, &remark);
    row.push(Part::Payload, &dot.payload_head);
    row.finish()
}

/// Position, kind, a remark, stream and time, which every form of text shows.
pub(crate) fn push_dot<P: Paint + ?Sized>(row: &mut Row<'_, P>, dot: &Dot, remark: &str) {
    row.push(Part::Position, &dot.position.to_string());
    row.push(Part::Kind, &dot.name());
    row.push(Part::Reference, remark);
    row.push(Part::Stream, &dot.stream());
    row.push(Part::Time, &when::second(dot.time_us));
}
