//! Which column and which row each event gets.
//!
//! Lanes fix the rows and the log fixes the order of the columns, so there is nothing left that a general layout could
//! decide. Only folds by kind, whose links go both ways, are laid out by a library of layered layouts.

use std::ops::Range;

use petgraph::algo::has_path_connecting;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::stable_graph::StableDiGraph;
use rust_sugiyama::configure::Config;

use super::super::drawing::{Arrangement, Drawing, Link};

/// Columns and rows of all events.
#[derive(Debug)]
pub(crate) struct Placement {
    /// The cell of each event.
    pub(crate) cells: Vec<Cell>,
    /// How many columns there are.
    pub(crate) columns: usize,
    /// The stream of each row; empty if rows mean nothing.
    pub(crate) lanes: Vec<(String, String)>,
    /// Whether columns follow the log, so that each has a time.
    pub(crate) timed: bool,
}

/// A place in the grid: no two events share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cell {
    /// From left to right.
    pub(crate) column: usize,
    /// From top to bottom.
    pub(crate) row: usize,
}

impl Placement {
    /// Lanes, unless the drawing says otherwise.
    pub(crate) fn of(drawing: &Drawing) -> Self {
        match drawing.arrangement() {
            Arrangement::Log => lanes(drawing, cells(drawing)),
            Arrangement::Cells(cells) => {
                lanes(drawing, cells.iter().map(|&(column, row)| Cell { column, row }).collect())
            }
            Arrangement::Layers => layers(drawing),
        }
    }

    /// The columns cut into systems, as music is written: each at most this many columns wide.
    pub(crate) fn systems(&self, columns_max: usize) -> Vec<Range<usize>> {
        let count = self.columns.div_ceil(columns_max.max(1)).max(1);
        let each = self.columns.div_ceil(count).max(1);
        (0..count)
            .map(|system| system * each..((system + 1) * each).min(self.columns))
            .filter(|range| !range.is_empty())
            .collect()
    }
}

/// A stream a row.
fn lanes(drawing: &Drawing, cells: Vec<Cell>) -> Placement {
    let columns = cells.iter().map(|cell| cell.column + 1).max().unwrap_or(0);
    let rows = cells.iter().map(|cell| cell.row + 1).max().unwrap_or(0);
    let mut lanes = vec![(String::new(), String::new()); rows];
    for (dot, cell) in drawing.dots().iter().zip(&cells) {
        if let Some(lane) = lanes.get_mut(cell.row).filter(|(scope, entity)| scope.is_empty() && entity.is_empty()) {
            *lane = (dot.scope.clone(), dot.entity.clone());
        }
    }
    Placement { cells, columns, lanes, timed: true }
}

/// A stream a row, and columns of events that follow one another in the log, none of which is a cause of another or of
/// the same stream.
fn cells(drawing: &Drawing) -> Vec<Cell> {
    let (streams, rows) = drawing.streams();
    let mut effects = vec![Vec::new(); rows.len()];
    for link in drawing.links() {
        if let Some(effects) = effects.get_mut(link.from) {
            effects.push(link.to);
        }
    }
    let mut earliest = vec![0; rows.len()];
    let mut free = vec![0; streams.len()];
    let mut column = 0;
    let mut cells = Vec::with_capacity(rows.len());
    for (number, row) in rows.into_iter().enumerate() {
        let after_causes = earliest.get(number).copied().unwrap_or(0);
        column = column.max(after_causes).max(free.get(row).copied().unwrap_or(0));
        if let Some(free) = free.get_mut(row) {
            *free = column + 1;
        }
        for effect in effects.get(number).into_iter().flatten() {
            if let Some(earliest) = earliest.get_mut(*effect) {
                *earliest = column + 1;
            }
        }
        cells.push(Cell { column, row });
    }
    cells
}

/// Layers by the strongest links that make no circle. Cost: quadratic in the links, which are few after a fold.
fn layers(drawing: &Drawing) -> Placement {
    let mut links: Vec<&Link> = drawing.links().iter().filter(|link| link.from != link.to).collect();
    links.sort_by_key(|link| (std::cmp::Reverse(link.count), link.from, link.to));
    let mut acyclic = DiGraph::<(), ()>::new();
    for _ in drawing.dots() {
        acyclic.add_node(());
    }
    for link in links {
        let (cause, effect) = (NodeIndex::new(link.from), NodeIndex::new(link.to));
        if !has_path_connecting(&acyclic, effect, cause, None) {
            acyclic.update_edge(cause, effect, ());
        }
    }
    // The library names its nodes by their index, which is the number of the event.
    let stable = StableDiGraph::<(), ()>::from(acyclic);
    let config = Config { vertex_spacing: 1.0, ..Config::default() };
    let mut cells = vec![Cell::default(); drawing.dots().len()];
    let (mut columns, mut first_row) = (0, 0);
    for (nodes, _, _) in rust_sugiyama::from_graph(&stable, &|_, ()| (1.0, 1.0), &config) {
        // Layers lie along its y, and its x orders a layer: the picture is turned.
        let mut levels: Vec<f64> = nodes.iter().map(|(_, (_, y))| *y).collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        let mut offsets: Vec<f64> = nodes.iter().map(|(_, (x, _))| *x).collect();
        offsets.sort_by(f64::total_cmp);
        offsets.dedup();
        for (node, (x, y)) in nodes {
            let column = levels.iter().position(|level| *level == y).unwrap_or(0);
            let row = first_row + offsets.iter().position(|offset| *offset == x).unwrap_or(0);
            if let Some(cell) = cells.get_mut(node.index()) {
                *cell = Cell { column, row };
            }
        }
        columns = columns.max(levels.len());
        first_row += offsets.len();
    }
    Placement { cells, columns, lanes: Vec::new(), timed: false }
}
