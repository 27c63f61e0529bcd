//! Transitive reduction: the fewest links that still say what rests on what.

use batpak_core::Edge;

use crate::error::GraphError;
use crate::graph::Graph;
use crate::node::Node;
use crate::node_set::NodeSet;
use crate::relation::Relation;
use crate::rows::Cursor;
use crate::selection::Selection;

/// Events that a selection may have to be reduced.
pub const REDUCED_EVENTS_MAX: usize = 1 << 14;
/// Links that a reduction may have.
const LINKS_MAX: usize = 1 << 22;
/// Entries in the lists of selected events that are nearest to one left out.
const ENTRIES_MAX: usize = 1 << 24;
/// Entries that may be looked at.
const LOOKS_MAX: usize = 1 << 27;

/// Which paths count when a selection is reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Paths {
    /// Those by selected events alone.
    Inside,
    /// Those by events left out as well: each becomes a single link.
    Any,
}

/// One event rests on another, and no third one of the selection stands between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// The earlier event.
    pub cause: Node,
    /// The later event.
    pub effect: Node,
    /// The kind of the declared cause; `None` if only events left out lead from one to the other.
    pub edge: Option<Edge>,
}

impl Graph {
    /// The links of a selection without those that longer paths imply, by effect and then by cause.
    ///
    /// # Errors
    /// [`GraphError::TooManySelected`] for more than [`REDUCED_EVENTS_MAX`] events, or if there are millions of links, or what was left out is
    /// too entangled. Select fewer events, or show the causes as they are.
    ///
    /// Cost: for each link, a pass over a bit for each earlier event of the selection; with [`Paths::Any`], also about 20 ns for each event on a path
    /// between two of them. At most 100 MB, and 8 bytes for each of those events.
    pub fn reduced(&self, within: &NodeSet, paths: Paths) -> Result<Vec<Link>, GraphError> {
        let within = within.fitted(self.len());
        let selected: Vec<Node> = within.iter().collect();
        let refused = GraphError::TooManySelected { events: selected.len(), most: REDUCED_EVENTS_MAX };
        if selected.len() > REDUCED_EVENTS_MAX {
            return Err(refused);
        }
        let around = match paths {
            Paths::Inside => within.clone(),
            Paths::Any => self.between(&within, &within, Relation::Caused),
        };
        let mut reduction = Reduction::new(&selected);
        let places = Selection::new(&around);
        // For each event around, the list of the selected events nearest to it; of a selected one, itself.
        let mut lists: Vec<u32> = Vec::with_capacity(places.len());
        let mut links = Vec::new();
        let mut cursor = Cursor::new(self);
        let mut of_causes = Vec::new();
        for node in around.iter() {
            of_causes.clear();
            let causes =
                cursor.causes(node.number()).iter().filter_map(|cause| places.place(u32::from_le_bytes(*cause)));
            of_causes.extend(causes.filter_map(|place| lists.get(place)));
            of_causes.sort_unstable();
            of_causes.dedup();
            if !within.contains(node) {
                lists.push(reduction.pass(&of_causes));
            } else {
                let (own, nearest) = reduction.select(&of_causes);
                lists.push(own);
                for cause in nearest.iter().rev().filter_map(|place| selected.get(*place as usize)).copied() {
                    let edge = self.causes(node).find(|(named, _)| *named == cause).map(|(_, edge)| edge);
                    links.push(Link { cause, effect: node, edge });
                }
            }
            if links.len() > LINKS_MAX || reduction.lists.len() > ENTRIES_MAX || reduction.looks > LOOKS_MAX {
                return Err(refused);
            }
        }
        Ok(links)
    }
}

/// What is known of the selected events so far, which go by their place in the selection.
struct Reduction {
    /// Number of selected events in all.
    selected: u32,
    /// Of each selected event so far, a bit for each selected one that it rests on, and for itself.
    rows: Vec<Vec<u64>>,
    /// Lists of more than one event, newest first, one after the other. They are numbered from `selected` on: a lower number stands for that
    /// event alone.
    lists: Vec<u32>,
    /// Where each list ends.
    ends: Vec<usize>,
    looks: usize,
}

impl Reduction {
    fn new(selected: &[Node]) -> Self {
        let count = u32::try_from(selected.len()).unwrap_or(u32::MAX);
        Self {
            selected: count,
            rows: Vec::with_capacity(selected.len()),
            lists: Vec::new(),
            ends: Vec::new(),
            looks: 0,
        }
    }

    /// The list of an event left out, given those of its causes.
    fn pass(&mut self, of_causes: &[u32]) -> u32 {
        if let [only] = of_causes {
            return *only;
        }
        let (nearest, _) = self.nearest(of_causes);
        if let [only] = nearest.as_slice() {
            return *only;
        }
        if let Some(number) = of_causes.iter().find(|number| self.list(number) == nearest) {
            return *number;
        }
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX).saturating_add(self.selected);
        self.lists.extend(nearest);
        self.ends.push(self.lists.len());
        number
    }

    /// The list with a number.
    fn list<'l>(&'l self, number: &'l u32) -> &'l [u32] {
        let Some(at) = number.checked_sub(self.selected) else { return std::slice::from_ref(number) };
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before as usize)).copied().unwrap_or(0);
        let end = self.ends.get(at as usize).copied().unwrap_or(start);
        self.lists.get(start..end).unwrap_or_default()
    }

    /// The list of the next selected event, itself alone; and of the selected events that it rests on, the nearest.
    fn select(&mut self, of_causes: &[u32]) -> (u32, Vec<u32>) {
        let own = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let (nearest, mut row) = self.nearest(of_causes);
        row.resize(own as usize / 64 + 1, 0);
        if let Some(word) = row.last_mut() {
            *word |= 1 << (own % 64);
        }
        self.rows.push(row);
        (own, nearest)
    }

    /// Of the events in some lists, those that no other one rests on, newest first; and the bits of all that they rest on.
    fn nearest(&mut self, lists: &[u32]) -> (Vec<u32>, Vec<u64>) {
        let mut candidates: Vec<u32> = Vec::new();
        lists.iter().for_each(|number| candidates.extend(self.list(number)));
        self.looks += candidates.len();
        candidates.sort_unstable_by(|left, right| right.cmp(left));
        candidates.dedup();
        let mut row: Vec<u64> = Vec::new();
        candidates.retain(|place| {
            let word = row.get(*place as usize / 64).copied().unwrap_or(0);
            let implied = word & (1 << (place % 64)) != 0;
            if let Some(other) = self.rows.get(*place as usize).filter(|_| !implied) {
                if row.is_empty() {
                    row.clone_from(other);
                } else {
                    row.iter_mut().zip(other).for_each(|(to, from)| *to |= from);
                }
            }
            !implied
        });
        (candidates, row)
    }
}
