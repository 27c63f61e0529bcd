//! The picture in numbers: boxes, bands and lines where they will be drawn.

use std::fmt::Write;

use super::super::drawing::Drawing;
use super::grid::{EDGE, Grid};
use super::place::Placement;
use super::route::{Gap, Routes, Run};

/// Height of the times above a system.
const TICKS: f64 = 32.0;
/// Space within a band above its boxes, without tracks, and below them.
const PAD: f64 = 8.0;
/// Space between two bands.
const BETWEEN_BANDS: f64 = 5.0;
/// Space between two systems, without tracks.
const BETWEEN_SYSTEMS: f64 = 26.0;
/// Space between two tracks of a gap, and how high a gap may get by them.
const TRACK: f64 = 6.0;
const TRACKS_HEIGHT_MAX: f64 = 108.0;

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// The horizontal band of a stream in one system.
#[derive(Debug)]
pub(crate) struct Band {
    /// Which row it is.
    pub(crate) row: usize,
    /// The whole band.
    pub(crate) rect: Rect,
    /// The middle of its boxes.
    pub(crate) middle: f64,
}

/// The line of a link, and where a number may stand beside its end.
#[derive(Debug)]
pub(crate) struct Curve {
    /// The `d` of an SVG path.
    pub(crate) path: String,
    /// The end of the line, at the left side of the effect.
    pub(crate) end: (f64, f64),
}

/// All of the picture but its title and legend.
#[derive(Debug)]
pub(crate) struct Scene {
    /// A box for each event.
    pub(crate) boxes: Vec<Rect>,
    /// The bands of all systems.
    pub(crate) bands: Vec<Band>,
    /// Top and bottom of each system.
    pub(crate) systems: Vec<(f64, f64)>,
    /// Where the times of a column stand: the column, its middle, and the top.
    pub(crate) ticks: Vec<(usize, f64, f64)>,
    /// A line for each link.
    pub(crate) curves: Vec<Curve>,
    /// Where it ends below.
    pub(crate) bottom: f64,
}

/// A point of a line and whether it runs to the right there (1) or to the left (-1).
type Point = (f64, f64, f64);

/// Heights of all rows and gaps.
struct Heights {
    /// Top of the boxes, by system and row of it.
    rows: Vec<Vec<f64>>,
    gaps: std::collections::BTreeMap<Gap, (f64, f64)>,
}

impl Scene {
    /// Puts a placement to scale below `top`.
    pub(crate) fn of(drawing: &Drawing, placement: &Placement, grid: &Grid, top: f64) -> Self {
        let routes = Routes::of(drawing, grid);
        let mut scene = Self {
            boxes: Vec::new(),
            bands: Vec::new(),
            systems: Vec::new(),
            ticks: Vec::new(),
            curves: Vec::new(),
            bottom: top,
        };
        let heights = scene.stack(placement, grid, &routes);
        let size = grid.size;
        for cell in &grid.cells {
            let system = grid.system_of(cell.column);
            let rows = heights.rows.get(system);
            let y = rows.and_then(|rows| rows.get(grid.slot_of(system, cell.row))).copied().unwrap_or(top);
            scene.boxes.push(Rect { x: grid.left_of(cell.column), y, width: size.width, height: size.height });
        }
        let ports = scene.ports(drawing);
        for ((link, runs), port) in drawing.links().iter().zip(&routes.runs).zip(ports) {
            let (Some(from), Some(to)) = (scene.boxes.get(link.from), scene.boxes.get(link.to)) else { continue };
            // The ring around what was asked about would hide the arrow.
            let ring = if drawing.dots().get(link.to).is_some_and(|dot| dot.marked) { 5.0 } else { 1.0 };
            let end = (to.x - ring, to.y + to.height / 2.0 + port);
            // Within a column, an arc from left to left.
            let beside = from.x == to.x && runs.is_empty();
            let start = if beside { (from.x, -1.0) } else { (from.x + from.width, 1.0) };
            let start = (start.0, from.y + from.height / 2.0, start.1);
            let points = points(start, (end.0, end.1, 1.0), runs, &heights, grid);
            scene.curves.push(Curve { path: path(&points, grid.channel - grid.approach), end });
        }
        scene
    }

    /// Goes from top to bottom through systems, rows and gaps.
    fn stack(&mut self, placement: &Placement, grid: &Grid, routes: &Routes) -> Heights {
        let mut heights = Heights { rows: Vec::new(), gaps: std::collections::BTreeMap::new() };
        let mut y = self.bottom;
        for (system, (columns, rows)) in grid.systems.iter().zip(&grid.rows).enumerate() {
            if placement.timed {
                let middle = |column| grid.left_of(column) + grid.size.width / 2.0;
                self.ticks.extend(columns.clone().map(|column| (column, middle(column), y)));
                y += TICKS;
            }
            let mut tops = Vec::with_capacity(rows.len());
            let system_top = y;
            let mut gap = |index: usize, y: f64| {
                let tracks = routes.tracks.get(&(system, index)).copied().unwrap_or(0) as f64;
                let height = (tracks * TRACK).min(TRACKS_HEIGHT_MAX);
                heights.gaps.insert((system, index), (y, if tracks > 0.0 { height / tracks } else { 0.0 }));
                height
            };
            for (slot, row) in rows.iter().enumerate() {
                let band_top = y;
                y += PAD / 2.0;
                y += gap(slot, y) + PAD / 2.0;
                tops.push(y);
                let middle = y + grid.size.height / 2.0;
                y += grid.size.height + PAD;
                let rect =
                    Rect { x: grid.left(), y: band_top, width: grid.right() - grid.left(), height: y - band_top };
                self.bands.push(Band { row: *row, rect, middle });
                y += BETWEEN_BANDS;
            }
            y += gap(rows.len(), y);
            heights.rows.push(tops);
            self.systems.push((system_top, y));
            let between = if system + 1 < grid.systems.len() { BETWEEN_SYSTEMS / 2.0 } else { 0.0 };
            y += between;
            y += gap(rows.len() + 1, y) + between;
        }
        self.bottom = y;
        heights
    }

    /// For each link, how far from the middle it enters its effect: lines from above enter above those from below.
    fn ports(&self, drawing: &Drawing) -> Vec<f64> {
        let mut incoming = vec![Vec::new(); drawing.dots().len()];
        for (number, link) in drawing.links().iter().enumerate() {
            let y = self.boxes.get(link.from).map_or(0.0, |rect| rect.y);
            if let Some(incoming) = incoming.get_mut(link.to) {
                incoming.push((y, link.from, number));
            }
        }
        let mut ports = vec![0.0; drawing.links().len()];
        for (mut links, rect) in incoming.into_iter().zip(&self.boxes) {
            links.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
            let count = links.len() as f64;
            let step = ((rect.height - 10.0) / count).min(12.0);
            for (place, (_, _, number)) in links.into_iter().enumerate() {
                if let Some(port) = ports.get_mut(number) {
                    *port = (place as f64 - (count - 1.0) / 2.0) * step;
                }
            }
        }
        ports
    }

    /// The right edge of the picture.
    pub(crate) fn right(&self, grid: &Grid) -> f64 {
        grid.right() + EDGE
    }
}

/// The points that a line goes through.
fn points(start: Point, end: Point, runs: &[Run], heights: &Heights, grid: &Grid) -> Vec<Point> {
    let mut points = vec![start];
    if runs.is_empty() && end.0 > start.0 + grid.channel {
        points.push((start.0 + grid.channel - grid.approach, end.1, 1.0));
    }
    for run in runs {
        let (top, step) = heights.gaps.get(&run.gap).copied().unwrap_or_default();
        let y = top + (run.track as f64 + 0.5) * step;
        let heading = if run.to < run.from { -1.0 } else { 1.0 };
        points.push((run.from, y, heading));
        points.push((run.to, y, heading));
    }
    if grid.approach > 0.0 {
        points.push((end.0 - grid.approach, end.1, 1.0));
    }
    points.push(end);
    points
}

/// A smooth line: straight where the height stays, an S where it changes, and an arc where the direction turns.
fn path(points: &[Point], channel: f64) -> String {
    let mut out = String::new();
    let mut last: Option<Point> = None;
    for &(x, y, heading) in points {
        // Writing to a string cannot fail.
        let _ = match last {
            None => write!(out, "M{x:.1} {y:.1}"),
            Some((_, y0, heading0)) if (y - y0).abs() < 0.05 && heading == heading0 => write!(out, "L{x:.1} {y:.1}"),
            Some((x0, y0, heading0)) => {
                let handle = if heading == heading0 { (x - x0).abs() / 2.0 } else { channel * 0.6 };
                let (x1, x2) = (x0 + heading0 * handle, x - heading * handle);
                write!(out, "C{x1:.1} {y0:.1} {x2:.1} {y:.1} {x:.1} {y:.1}")
            }
        };
        last = Some((x, y, heading));
    }
    out
}
