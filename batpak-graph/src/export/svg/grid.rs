//! The measures of the picture: how large boxes are, where columns are, and which cells are taken.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::drawing::Drawing;
use super::measure;
use super::place::{Cell, Placement};
use super::route::Gap;

/// Up to this many events boxes are large, and up to this many they have two lines. A lane needs as much room as some
/// events.
const LANE_LOAD: usize = 4;
const ROOMY_MAX: usize = 60;
const TWO_LINES_MAX: usize = 200;
/// Space at the edge of the picture.
pub(crate) const EDGE: f64 = 20.0;
/// Links that run along the left margin side by side.
const MARGIN_TRACKS: usize = 8;

/// Sizes of a box and of the text in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BoxSize {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Font size of the kind; everything else is smaller.
    pub(crate) text: f64,
    /// Whether there is a second line.
    pub(crate) two_lines: bool,
}

impl BoxSize {
    /// Space between the side of the box and its text.
    pub(crate) const PADDING: f64 = 12.0;

    /// Font size of what is not the kind.
    pub(crate) fn small_text(&self) -> f64 {
        self.text - 2.0
    }
}

/// Columns, rows and sizes, everything across but nothing down.
#[derive(Debug)]
pub(crate) struct Grid {
    pub(crate) cells: Vec<Cell>,
    pub(crate) size: BoxSize,
    /// Width of the space between two columns.
    pub(crate) channel: f64,
    /// How far from the box a line has reached its height, so that a number can stand on it.
    pub(crate) approach: f64,
    /// Width of the labels at the left.
    pub(crate) labels: f64,
    /// Columns of each system.
    pub(crate) systems: Vec<Range<usize>>,
    /// Rows of each system that have events there, from top to bottom.
    pub(crate) rows: Vec<Vec<usize>>,
    margin: f64,
    taken: BTreeMap<usize, BTreeSet<usize>>,
}

impl Grid {
    /// Chooses sizes so that the picture gets about as wide as wanted, and cuts it into systems if it would not.
    pub(crate) fn of(drawing: &Drawing, placement: &Placement, wanted: f64) -> Self {
        let counts = drawing.links().iter().any(|link| link.count > 1);
        let load = drawing.dots().len().max(placement.lanes.len() * LANE_LOAD);
        let size = box_size(drawing, counts, load);
        let (channel, approach) = match load {
            _ if counts => (84.0, 26.0),
            ..=ROOMY_MAX => (40.0, 0.0),
            _ => (30.0, 0.0),
        };
        let label = |(scope, entity): &(String, String)| {
            measure::width(scope, 10.0).max(measure::width(entity, 12.0 * measure::BOLD))
        };
        let labels = placement.lanes.iter().map(label).fold(0.0, f64::max).min(190.0);
        let labels = if labels > 0.0 { labels + 16.0 } else { 0.0 };
        let room = wanted - 2.0 * EDGE - labels - channel;
        let mut columns_max = 4;
        while (columns_max + 1) as f64 * (size.width + channel) <= room {
            columns_max += 1;
        }
        let systems = placement.systems(columns_max);
        let mut rows = vec![BTreeSet::new(); systems.len()];
        let mut taken = BTreeMap::<usize, BTreeSet<usize>>::new();
        for cell in &placement.cells {
            taken.entry(cell.row).or_default().insert(cell.column);
            if let Some(rows) = rows.get_mut(system_of(&systems, cell.column)) {
                rows.insert(cell.row);
            }
        }
        let margin = if systems.len() > 2 || !placement.timed && systems.len() > 1 { 24.0 } else { 0.0 };
        let rows = rows.into_iter().map(|rows| rows.into_iter().collect()).collect();
        Self { cells: placement.cells.clone(), size, channel, approach, labels, systems, rows, margin, taken }
    }

    /// The system that a column is in.
    pub(crate) fn system_of(&self, column: usize) -> usize {
        system_of(&self.systems, column)
    }

    /// The place of a row among those of a system.
    pub(crate) fn slot_of(&self, system: usize, row: usize) -> usize {
        self.rows.get(system).and_then(|rows| rows.binary_search(&row).ok()).unwrap_or(0)
    }

    /// The gap below all rows of a system, where links go over to the next.
    pub(crate) fn gutter_of(&self, system: usize) -> Gap {
        (system, self.rows.get(system).map_or(0, Vec::len) + 1)
    }

    /// Whether a row has no box in these columns.
    pub(crate) fn is_free(&self, row: usize, columns: Range<usize>) -> bool {
        columns.is_empty() || self.taken.get(&row).is_none_or(|taken| taken.range(columns).next().is_none())
    }

    /// Where the bands begin.
    pub(crate) fn left(&self) -> f64 {
        EDGE + self.margin
    }

    /// Where the links of the left margin turn.
    pub(crate) fn margin_at(&self, link: usize) -> f64 {
        self.left() - 2.0 - (link % MARGIN_TRACKS) as f64
    }

    /// The left side of the boxes in a column.
    pub(crate) fn left_of(&self, column: usize) -> f64 {
        let first = self.systems.get(self.system_of(column)).map_or(0, |system| system.start);
        let before = column.saturating_sub(first) as f64;
        self.left() + self.labels + self.channel + before * (self.size.width + self.channel)
    }

    /// The right side of the boxes in a column.
    pub(crate) fn right_of(&self, column: usize) -> f64 {
        self.left_of(column) + self.size.width
    }

    /// Where the bands end: right of the widest system.
    pub(crate) fn right(&self) -> f64 {
        let lasts = self.systems.iter().map(|system| self.right_of(system.end.saturating_sub(1)));
        lasts.fold(self.left() + self.labels, f64::max) + self.channel
    }
}

fn system_of(systems: &[Range<usize>], column: usize) -> usize {
    systems.partition_point(|system| system.end <= column).min(systems.len().saturating_sub(1))
}

fn box_size(drawing: &Drawing, counts: bool, load: usize) -> BoxSize {
    let (text, height, least, most, two_lines) = if counts {
        (13.0, 48.0, 110.0, 240.0, true)
    } else if load <= ROOMY_MAX {
        (13.0, 44.0, 110.0, 220.0, true)
    } else if load <= TWO_LINES_MAX {
        (11.0, 34.0, 88.0, 150.0, true)
    } else {
        (11.0, 22.0, 60.0, 150.0, false)
    };
    let mut size = BoxSize { width: 0.0, height, text, two_lines };
    let beside = if two_lines { 0.0 } else { 6.0 };
    let names = drawing.dots().iter().map(|dot| {
        let place = if two_lines { 0.0 } else { measure::width(&dot.position.to_string(), size.small_text()) };
        measure::width(&dot.name(), text) + beside + place
    });
    size.width = (names.fold(0.0, f64::max) + 2.0 * BoxSize::PADDING).clamp(least, most);
    size
}
