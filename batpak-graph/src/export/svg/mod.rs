//! SVG: streams as lanes from left to right, kinds as colours, causes as lines.

mod canvas;
mod grid;
mod legend;
mod measure;
mod place;
mod route;
mod scene;

use std::io;

use self::canvas::{Anchor, Canvas, Line, Weight, number};
use self::grid::{BoxSize, EDGE, Grid};
use self::legend::{fill_class, link_class, tip};
pub(crate) use self::measure::FONTS;
use self::measure::{BOLD, fit, fit_ends};
use self::place::Placement;
use self::scene::{Rect, Scene};
use super::colour::{COLOURS, COLOURS_IN_THE_DARK, NEUTRAL, Palette};
use super::detail::details;
use super::drawing::{Dot, Drawing, LinkKind, grouped};
use super::fold::fold;
use super::when;

/// How a picture is to come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// How wide it should be, in pixels. Longer histories go on below, as music does. Boxes and labels have a least
    /// width, so that a picture of very few columns may be wider than this.
    pub width: u16,
    /// From how many events on they are folded, see [`fold`](crate::export::fold).
    pub dots_max: usize,
}

impl Default for Picture {
    /// 1,600 pixels, 500 events.
    fn default() -> Self {
        Self { width: 1600, dots_max: 500 }
    }
}

const TITLE: f64 = 17.0;
const SUBTITLE: f64 = 12.0;

/// The drawing as an SVG of its own, in light or dark as the reader prefers.
///
/// Time runs to the right. A stream is a lane; a column holds events that follow one another in the log, none of which
/// is a cause of another, below the time of the first. Lines pass between the boxes. Every box and line has a tooltip,
/// with the full names and the beginning of the payload. Cost: n log n in events and links.
#[must_use]
pub fn svg(drawing: &Drawing, picture: &Picture) -> String {
    if drawing.dots().len() > picture.dots_max {
        return svg_of(&fold(drawing, picture.dots_max), picture);
    }
    svg_of(drawing, picture)
}

fn svg_of(drawing: &Drawing, picture: &Picture) -> String {
    let mut canvas = Canvas::new();
    // Writing to memory cannot fail.
    let _ = draw(drawing, picture, &mut canvas);
    canvas.finish()
}

fn draw(drawing: &Drawing, picture: &Picture, canvas: &mut Canvas) -> io::Result<()> {
    let placement = Placement::of(drawing);
    let grid = Grid::of(drawing, &placement, f64::from(picture.width));
    let palette = Palette::of(drawing);
    let top = EDGE + TITLE + 14.0 + SUBTITLE + 14.0;
    let scene = Scene::of(drawing, &placement, &grid, top);
    let width = scene.right(&grid).max(480.0);

    // The legend's height is known once it is drawn.
    let mut legend = Canvas::new();
    let legend_end = legend::draw(drawing, &palette, &mut legend, (EDGE, width - EDGE), scene.bottom + 16.0)?;
    let height = legend_end + EDGE;

    let size = [number(width), number(height)];
    let view = format!("0 0 {} {}", size[0], size[1]);
    let root = [
        ("xmlns", "http://www.w3.org/2000/svg"),
        ("class", "batpak"),
        ("role", "img"),
        ("width", size[0].as_str()),
        ("height", size[1].as_str()),
        ("viewBox", view.as_str()),
    ];
    canvas.open("svg", &root)?;
    canvas.line_break()?;
    canvas.text("title", &[], &super::plain::plain(drawing.title()))?;
    canvas.text("style", &[], &style())?;
    canvas.open("defs", &[])?;
    for (id, class) in [("batpak-tip", "tip"), ("batpak-tip-faint", "stream-order-tip")] {
        let marker = [
            ("id", id),
            ("viewBox", "0 0 8 8"),
            ("refX", "7.5"),
            ("refY", "4"),
            ("markerWidth", "8"),
            ("markerHeight", "8"),
            ("markerUnits", "userSpaceOnUse"),
            ("orient", "auto"),
        ];
        canvas.open("marker", &marker)?;
        canvas.empty("path", &[("class", class), ("d", "M0 .6L8 4L0 7.4L1.6 4z")])?;
        canvas.close("marker")?;
    }
    canvas.close("defs")?;
    canvas.line_break()?;
    canvas.rect("paper", Rect { x: 0.0, y: 0.0, width, height }, 0.0)?;
    heading(drawing, canvas, width - 2.0 * EDGE)?;
    bands(&placement, &grid, &scene, canvas)?;
    ticks(drawing, &grid, &scene, canvas)?;
    links(drawing, &scene, canvas)?;
    for ((number, dot), rect) in drawing.dots().iter().enumerate().zip(&scene.boxes) {
        node(number, dot, *rect, grid.size, fill_class(palette.slot(&dot.kind)), placement.lanes.is_empty(), canvas)?;
    }
    counts(drawing, &scene, canvas)?;
    canvas.append(legend)?;
    canvas.close("svg")
}

fn heading(drawing: &Drawing, canvas: &mut Canvas, room: f64) -> io::Result<()> {
    let title = fit(drawing.title(), room, TITLE * BOLD);
    let mut line = Line {
        text: &title,
        x: EDGE,
        y: EDGE + TITLE,
        size: TITLE,
        room,
        weight: Weight::Bold,
        anchor: Anchor::Start,
        class: "",
    };
    canvas.line(line)?;
    let events = drawing.events();
    let mut about = format!("{} event{}", grouped(events), if events == 1 { "" } else { "s" });
    if let Some((first, last)) = drawing.span_us() {
        let (first, last) = (when::second(first), when::second(last));
        about = if first == last {
            format!("{about} at {first} UTC")
        } else {
            format!("{about} from {first} to {last} UTC")
        };
    }
    let about = fit(&about, room, SUBTITLE);
    line = Line {
        text: &about,
        y: EDGE + TITLE + 8.0 + SUBTITLE,
        size: SUBTITLE,
        weight: Weight::Normal,
        class: "quiet",
        ..line
    };
    canvas.line(line)?;
    canvas.line_break()
}

fn bands(placement: &Placement, grid: &Grid, scene: &Scene, canvas: &mut Canvas) -> io::Result<()> {
    if placement.lanes.is_empty() {
        for &(top, bottom) in &scene.systems {
            let rect = Rect { x: grid.left(), y: top, width: grid.right() - grid.left(), height: bottom - top };
            canvas.rect("band", rect, 8.0)?;
        }
        return canvas.line_break();
    }
    for band in &scene.bands {
        let Some((scope, entity)) = placement.lanes.get(band.row) else { continue };
        canvas.open("g", &[("class", "lane")])?;
        canvas.text("title", &[], &super::plain::plain(&format!("{scope}/{entity}")))?;
        canvas.rect("band", band.rect, 8.0)?;
        let room = grid.labels - 12.0;
        let x = band.rect.x + 10.0;
        let (scope, entity) = (fit(scope, room, 10.0), fit_ends(entity, room, 12.0 * BOLD));
        let label =
            |text, y, size, weight, class| Line { text, x, y, size, room, weight, anchor: Anchor::Start, class };
        // In the lowest bands there is only room for one line; the scope is in the tooltip.
        let two_lines = grid.size.two_lines;
        if two_lines {
            canvas.line(label(scope.as_str(), band.middle - 6.0, 10.0, Weight::Normal, "quiet"))?;
        }
        let y = if two_lines { band.middle + 10.0 } else { band.middle + 4.0 };
        canvas.line(label(entity.as_str(), y, 12.0, Weight::Bold, ""))?;
        canvas.close("g")?;
        canvas.line_break()?;
    }
    Ok(())
}

fn ticks(drawing: &Drawing, grid: &Grid, scene: &Scene, canvas: &mut Canvas) -> io::Result<()> {
    let mut times = vec![None; scene.ticks.len()];
    for (dot, cell) in drawing.dots().iter().zip(&grid.cells) {
        if let Some(time) = times.get_mut(cell.column) {
            time.get_or_insert(dot.time_us);
        }
    }
    let (mut last_date, mut last_time, mut last_top) = (String::new(), String::new(), -1.0);
    for ((_, middle, top), time) in scene.ticks.iter().zip(times) {
        let Some(time_us) = time else { continue };
        let date = fit(&when::date(time_us), grid.size.width, 10.0 * BOLD);
        let time = fit(&when::time_of_day(time_us), grid.size.width, 10.0);
        let line = |text, y, weight| Line {
            text,
            x: *middle,
            y,
            size: 10.0,
            room: grid.size.width,
            weight,
            anchor: Anchor::Middle,
            class: "quiet",
        };
        // Every system says its date once more.
        let same_date = date == last_date && *top == last_top;
        if !same_date {
            canvas.line(line(&date, top + 12.0, Weight::Bold))?;
        }
        if !(same_date && time == last_time) && time != date {
            canvas.line(line(&time, top + 25.0, Weight::Normal))?;
        }
        (last_date, last_time, last_top) = (date, time, *top);
    }
    canvas.line_break()
}

fn links(drawing: &Drawing, scene: &Scene, canvas: &mut Canvas) -> io::Result<()> {
    // The faint lines below the others.
    for faint in [true, false] {
        for (link, curve) in drawing.links().iter().zip(&scene.curves) {
            if (link.kind == LinkKind::StreamOrder) != faint {
                continue;
            }
            let Some((cause, effect)) = drawing.ends(link) else { continue };
            let width = number(1.4 + (link.count.max(1) as f64).log10() * 0.7);
            let attributes = [
                ("class", &*link_class(link.kind)),
                ("d", &curve.path),
                ("marker-end", tip(link.kind)),
                ("stroke-width", &width),
                ("data-from", &link.from.to_string()),
                ("data-to", &link.to.to_string()),
            ];
            canvas.open("path", &attributes)?;
            let group = link.kind.group().map(|group| format!(" (group {group})")).unwrap_or_default();
            let count = if link.count > 1 { format!(", {} times", grouped(link.count)) } else { String::new() };
            let (from, to) =
                (format!("{} {}", cause.position, cause.name()), format!("{} {}", effect.position, effect.name()));
            let text = format!("{}{group}: {from} → {to}{count}", link.kind.name());
            canvas.text("title", &[], &super::plain::plain(&text))?;
            canvas.close("path")?;
            canvas.line_break()?;
        }
    }
    Ok(())
}

fn node(
    number: usize,
    dot: &Dot,
    rect: Rect,
    size: BoxSize,
    class: String,
    no_lanes: bool,
    canvas: &mut Canvas,
) -> io::Result<()> {
    canvas.open("g", &[("class", "node"), ("data-node", &number.to_string())])?;
    canvas.text("title", &[], &details(dot).join("\n"))?;
    if dot.is_fold() {
        let behind = Rect { x: rect.x + 3.0, y: rect.y + 3.0, ..rect };
        canvas.rect("card", behind, 6.0)?;
        canvas.rect(&format!("tint {class}"), behind, 6.0)?;
    }
    if dot.marked {
        let around = Rect { x: rect.x - 3.5, y: rect.y - 3.5, width: rect.width + 7.0, height: rect.height + 7.0 };
        canvas.rect("ring", around, 9.0)?;
    }
    canvas.rect("card", rect, 6.0)?;
    canvas.rect(&format!("tint {class} s{class}"), rect, 6.0)?;
    canvas.rect(&class, Rect { width: 5.0, ..rect }, 2.5)?;
    let room = rect.width - 2.0 * BoxSize::PADDING + 4.0;
    let middle = rect.y + rect.height / 2.0;
    let x = rect.x + BoxSize::PADDING;
    let place = match (dot.is_fold(), no_lanes, size.two_lines) {
        (true, true, _) => dot.stream(),
        (true, false, _) => format!("from {}", dot.position),
        (false, _, true) => format!("{}  @{}", dot.position, dot.revision),
        (false, _, false) => dot.position.to_string(),
    };
    let place = fit(&place, room, size.small_text());
    let beside = if size.two_lines { 0.0 } else { measure::width(&place, size.small_text()) + 6.0 };
    let name = fit_ends(&dot.name(), room - beside, size.text);
    let y = if size.two_lines { middle - 2.0 } else { middle + size.text * 0.36 };
    let line = Line {
        text: &name,
        x,
        y,
        size: size.text,
        room: room - beside,
        weight: Weight::Medium,
        anchor: Anchor::Start,
        class: "",
    };
    canvas.line(line)?;
    let line = Line { text: &place, size: size.small_text(), weight: Weight::Normal, class: "quiet", room, ..line };
    if size.two_lines {
        canvas.line(Line { y: middle + size.text, ..line })?;
    } else {
        canvas.line(Line { x: x + room, room: beside, anchor: Anchor::End, ..line })?;
    }
    canvas.close("g")?;
    canvas.line_break()
}

/// Numbers beside the ends of lines that stand for many.
fn counts(drawing: &Drawing, scene: &Scene, canvas: &mut Canvas) -> io::Result<()> {
    for (link, curve) in drawing.links().iter().zip(&scene.curves) {
        if link.count > 1 {
            let text = grouped(link.count);
            let (x, y) = (curve.end.0 - 11.0, curve.end.1 - 2.0);
            canvas.line(Line {
                text: &text,
                x,
                y,
                size: 9.0,
                room: 60.0,
                weight: Weight::Normal,
                anchor: Anchor::End,
                class: "quiet halo",
            })?;
        }
    }
    Ok(())
}

/// The style sheet, with a class for each colour as filling and as outline.
fn style() -> String {
    let rules = |colours: &[&str]| {
        let all = colours
            .iter()
            .enumerate()
            .map(|(slot, colour)| (slot.to_string(), *colour))
            .chain([("n".to_owned(), NEUTRAL)]);
        all.map(|(slot, colour)| format!(".batpak .k{slot}{{fill:{colour}}}.batpak .sk{slot}{{stroke:{colour}}}\n"))
            .collect::<String>()
    };
    let (light, dark) = (rules(&COLOURS), rules(&COLOURS_IN_THE_DARK));
    let base = include_str!("style.css").replace("FONTS", FONTS);
    format!("\n{base}{light}@media (prefers-color-scheme:dark){{\n{dark}}}\n")
}
