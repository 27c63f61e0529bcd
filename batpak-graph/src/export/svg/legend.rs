//! What colours and lines mean, below the picture.

use std::collections::BTreeSet;
use std::io;

use super::super::colour::Palette;
use super::super::drawing::{Drawing, LinkKind};
use super::canvas::{Anchor, Canvas, Line, Weight, number};
use super::measure;
use super::scene::Rect;

const TEXT: f64 = 11.0;
const ROW: f64 = 22.0;
const NAME_MAX: f64 = 220.0;

/// One sign and what it means.
enum Sign {
    Kind(Option<usize>),
    Link(LinkKind),
    Marked,
}

/// Draws the legend between two sides, from `top` down; gives back where it ends.
pub(crate) fn draw(
    drawing: &Drawing,
    palette: &Palette,
    canvas: &mut Canvas,
    sides: (f64, f64),
    top: f64,
) -> io::Result<f64> {
    let mut y = top;
    for group in [kinds(drawing, palette), lines(drawing)] {
        let mut x = sides.0;
        for (sign, name) in &group {
            let sign_width = if matches!(sign, Sign::Link(_)) { 40.0 } else { 16.0 };
            let name = measure::fit(name, NAME_MAX, TEXT);
            let width = measure::width(&name, TEXT);
            if x > sides.0 && x + sign_width + width > sides.1 {
                x = sides.0;
                y += ROW;
            }
            draw_sign(sign, canvas, x, y)?;
            let (x0, y0) = (x + sign_width + 6.0, y + 15.0);
            canvas.line(Line {
                text: &name,
                x: x0,
                y: y0,
                size: TEXT,
                room: width,
                weight: Weight::Normal,
                anchor: Anchor::Start,
                class: "quiet",
            })?;
            x += sign_width + width + 24.0;
        }
        if !group.is_empty() {
            y += ROW;
        }
    }
    Ok(y)
}

fn draw_sign(sign: &Sign, canvas: &mut Canvas, x: f64, y: f64) -> io::Result<()> {
    let square = Rect { x, y: y + 4.0, width: 14.0, height: 14.0 };
    match sign {
        Sign::Kind(slot) => canvas.rect(&fill_class(*slot), square, 3.0),
        Sign::Marked => canvas.rect("ring", square, 4.0),
        Sign::Link(kind) => {
            let path = format!("M{} {}h33", number(x), number(y + 11.0));
            canvas.empty(
                "path",
                &[("class", &link_class(*kind)), ("d", &path), ("marker-end", tip(*kind)), ("stroke-width", "1.5")],
            )
        }
    }
}

fn kinds(drawing: &Drawing, palette: &Palette) -> Vec<(Sign, String)> {
    let mut kinds: Vec<_> = palette.kinds().map(|(kind, slot)| (Sign::Kind(Some(slot)), kind.to_owned())).collect();
    let others: BTreeSet<_> =
        drawing.dots().iter().filter(|dot| palette.slot(&dot.kind).is_none()).map(|dot| &dot.kind).collect();
    if !others.is_empty() {
        kinds.push((Sign::Kind(None), format!("{} other kinds", others.len())));
    }
    kinds
}

fn lines(drawing: &Drawing) -> Vec<(Sign, String)> {
    let used: BTreeSet<_> = drawing.links().iter().map(|link| (order(link.kind), link.kind.name())).collect();
    let all = [
        LinkKind::Required,
        LinkKind::Alternative { group: 0 },
        LinkKind::Context,
        LinkKind::Observed,
        LinkKind::Indirect,
        LinkKind::StreamOrder,
    ];
    let used = all.into_iter().filter(|kind| used.contains(&(order(*kind), kind.name())));
    let mut lines: Vec<_> = used.map(|kind| (Sign::Link(kind), format!("{} cause", kind.name()))).collect();
    for (sign, name) in &mut lines {
        match sign {
            Sign::Link(LinkKind::StreamOrder) => *name = "next in its stream".to_owned(),
            Sign::Link(LinkKind::Indirect) => *name = "by events left out".to_owned(),
            _ => {}
        }
    }
    if drawing.dots().iter().any(|dot| dot.marked) {
        lines.push((Sign::Marked, "asked about".to_owned()));
    }
    lines
}

fn order(kind: LinkKind) -> u8 {
    match kind {
        LinkKind::Required => 0,
        LinkKind::Alternative { .. } => 1,
        LinkKind::Context => 2,
        LinkKind::Observed => 3,
        LinkKind::Indirect => 4,
        LinkKind::StreamOrder => 5,
    }
}

/// The class of a kind's swatch.
pub(crate) fn fill_class(slot: Option<usize>) -> String {
    slot.map_or_else(|| "kn".to_owned(), |slot| format!("k{slot}"))
}

/// The classes of a line.
pub(crate) fn link_class(kind: LinkKind) -> String {
    format!("link {}", kind.name().replace(' ', "-"))
}

/// The arrow of a line.
pub(crate) fn tip(kind: LinkKind) -> &'static str {
    if kind == LinkKind::StreamOrder { "url(#batpak-tip-faint)" } else { "url(#batpak-tip)" }
}
