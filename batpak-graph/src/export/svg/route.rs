//! Which way each link takes between the boxes, never through one.
//!
//! A link leaves its cause to the right and enters its effect from the left. Between columns there are channels, in which
//! it changes its height; between rows there are gaps, in which it runs along on a track of its own.

use std::collections::BTreeMap;

use super::super::drawing::Drawing;
use super::grid::Grid;
use super::place::Cell;

/// A gap: the number of the system, and of the gap from top to bottom.
pub(crate) type Gap = (usize, usize);

/// A stretch along a gap.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// Where it lies.
    pub(crate) gap: Gap,
    /// Where it begins.
    pub(crate) from: f64,
    /// Where it ends; less than `from` if it runs back.
    pub(crate) to: f64,
    /// Its track within the gap, from the top.
    pub(crate) track: usize,
}

/// The runs of each link, and how many tracks each gap needs.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    /// No run: straight to the row of the effect. Two: over the left margin into another system.
    pub(crate) runs: Vec<Vec<Run>>,
    /// Tracks by gap.
    pub(crate) tracks: BTreeMap<Gap, usize>,
}

/// Space between two runs on one track.
const BETWEEN_RUNS: f64 = 10.0;

impl Routes {
    /// Chooses the way of every link.
    pub(crate) fn of(drawing: &Drawing, grid: &Grid) -> Self {
        let mut routes = Self::default();
        let mut margin = 0;
        for link in drawing.links() {
            let runs = match (grid.cells.get(link.from), grid.cells.get(link.to)) {
                (Some(from), Some(to)) => runs(*from, *to, grid, &mut margin),
                _ => Vec::new(),
            };
            routes.runs.push(runs);
        }
        routes.assign_tracks();
        routes
    }

    /// Gives runs that overlap different tracks: from left to right, each the first that is free.
    fn assign_tracks(&mut self) {
        let mut by_gap = BTreeMap::<Gap, Vec<&mut Run>>::new();
        for run in self.runs.iter_mut().flatten() {
            by_gap.entry(run.gap).or_default().push(run);
        }
        for (gap, mut runs) in by_gap {
            runs.sort_by(|a, b| a.from.min(a.to).total_cmp(&b.from.min(b.to)));
            let mut ends = Vec::<f64>::new();
            for run in runs {
                let (left, right) = (run.from.min(run.to), run.from.max(run.to));
                let free = ends.iter().position(|end| *end + BETWEEN_RUNS < left);
                run.track = free.unwrap_or(ends.len());
                match ends.get_mut(run.track) {
                    Some(end) => *end = right,
                    None => ends.push(right),
                }
            }
            self.tracks.insert(gap, ends.len());
        }
    }
}

fn runs(from: Cell, to: Cell, grid: &Grid, margin: &mut usize) -> Vec<Run> {
    let (cause_system, effect_system) = (grid.system_of(from.column), grid.system_of(to.column));
    let (leave, enter) = (grid.right_of(from.column), grid.left_of(to.column));
    let run = |gap, from, to| Run { gap, from, to, track: 0 };
    // Where there is only one channel, half of it has to do for each turn.
    let turn = if enter - leave > 1.5 * grid.channel { grid.channel } else { grid.channel / 2.0 };
    let forth = |gap| run(gap, leave + turn, enter - turn);
    let back = |gap| run(gap, leave, enter);
    if cause_system == effect_system {
        if from.column == to.column && from.row != to.row {
            return Vec::new();
        }
        if to.column > from.column && grid.is_free(to.row, from.column + 1..to.column) {
            return Vec::new();
        }
        let slot = grid.slot_of(effect_system, to.row);
        let gap = (effect_system, if from.row > to.row { slot + 1 } else { slot });
        return vec![if to.column > from.column { forth(gap) } else { back(gap) }];
    }
    let below = grid.gutter_of(cause_system);
    if effect_system == cause_system + 1 {
        return vec![if leave < enter { forth(below) } else { back(below) }];
    }
    // Over the left margin.
    *margin += 1;
    let edge = grid.margin_at(*margin);
    let above = if effect_system > cause_system { grid.gutter_of(effect_system - 1) } else { (effect_system, 0) };
    vec![run(below, leave, edge), run(above, edge, enter - grid.channel)]
}
