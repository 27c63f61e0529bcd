//! The three relations between events, as types that are never mixed.

use crate::graph::Graph;
use crate::rows::Cursor;

/// Which edges a question follows.
///
/// | relation | edges |
/// |---|---|
/// | caused | the declared causes, of every kind |
/// | observed | caused, plus an event to what its decision read |
/// | happened before | caused, plus an event to the previous one of its stream |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Relation {
    /// The declared causes. What every question means unless it says otherwise.
    #[default]
    Caused,
    /// The declared causes and the reads of decisions.
    Observed,
    /// The declared causes and the order of streams.
    HappenedBefore,
}

/// The edges of a relation, in both directions.
pub(crate) trait Arcs {
    /// Calls `found` with every earlier node that a node rests on.
    fn back(&mut self, node: u32, found: impl FnMut(u32));
    /// Calls `found` with every later node that rests on a node.
    fn forth(&mut self, node: u32, found: impl FnMut(u32));
    /// Whether a node rests on one that passes. Stops at the first.
    fn any_back(&mut self, node: u32, passes: impl FnMut(u32) -> bool) -> bool;
}

/// Declared causes.
#[derive(Clone, Copy)]
pub(crate) struct Caused<'g> {
    graph: &'g Graph,
    cursor: Cursor<'g>,
}

/// Declared causes and reads.
#[derive(Clone, Copy)]
pub(crate) struct Observed<'g>(Caused<'g>);

/// Declared causes and the order of streams.
#[derive(Clone, Copy)]
pub(crate) struct Before<'g>(Caused<'g>);

impl<'g> Caused<'g> {
    pub(crate) fn new(graph: &'g Graph) -> Self {
        Self { graph, cursor: Cursor::new(graph) }
    }
}

impl<'g> Observed<'g> {
    pub(crate) fn new(graph: &'g Graph) -> Self {
        Self(Caused::new(graph))
    }
}

impl<'g> Before<'g> {
    pub(crate) fn new(graph: &'g Graph) -> Self {
        Self(Caused::new(graph))
    }
}

impl Arcs for Caused<'_> {
    #[inline]
    fn back(&mut self, node: u32, mut found: impl FnMut(u32)) {
        // A cause that is not earlier is a forged piece's: to go strictly back is what ends every walk.
        let causes = self.cursor.causes(node).iter().map(|cause| u32::from_le_bytes(*cause));
        causes.filter(|cause| *cause < node).for_each(&mut found);
    }

    #[inline]
    fn forth(&mut self, node: u32, found: impl FnMut(u32)) {
        self.graph.effects_index().each(self.graph, node, found);
    }

    #[inline]
    fn any_back(&mut self, node: u32, mut passes: impl FnMut(u32) -> bool) -> bool {
        self.cursor.causes(node).iter().any(|cause| passes(u32::from_le_bytes(*cause)))
    }
}

impl Arcs for Observed<'_> {
    fn back(&mut self, node: u32, mut found: impl FnMut(u32)) {
        self.0.back(node, &mut found);
        self.0.graph.observed_by(node).iter().copied().for_each(found);
    }

    fn forth(&mut self, node: u32, mut found: impl FnMut(u32)) {
        self.0.forth(node, &mut found);
        self.0.graph.effects_index().observers(node).iter().copied().for_each(found);
    }

    fn any_back(&mut self, node: u32, mut passes: impl FnMut(u32) -> bool) -> bool {
        self.0.any_back(node, &mut passes) || self.0.graph.observed_by(node).iter().any(|read| passes(*read))
    }
}

impl Arcs for Before<'_> {
    #[inline]
    fn back(&mut self, node: u32, mut found: impl FnMut(u32)) {
        self.0.back(node, &mut found);
        self.0.cursor.previous(node).filter(|previous| *previous < node).into_iter().for_each(found);
    }

    #[inline]
    fn forth(&mut self, node: u32, mut found: impl FnMut(u32)) {
        self.0.forth(node, &mut found);
        self.0.graph.effects_index().next(node).filter(|next| *next > node).into_iter().for_each(found);
    }

    #[inline]
    fn any_back(&mut self, node: u32, mut passes: impl FnMut(u32) -> bool) -> bool {
        self.0.any_back(node, &mut passes) || self.0.cursor.previous(node).is_some_and(passes)
    }
}

/// Runs generic code with the edges of a relation.
macro_rules! with_arcs {
    ($relation:expr, $graph:expr, |$arcs:ident| $body:expr) => {
        match $relation {
            $crate::relation::Relation::Caused => {
                let mut $arcs = $crate::relation::Caused::new($graph);
                $body
            }
            $crate::relation::Relation::Observed => {
                let mut $arcs = $crate::relation::Observed::new($graph);
                $body
            }
            $crate::relation::Relation::HappenedBefore => {
                let mut $arcs = $crate::relation::Before::new($graph);
                $body
            }
        }
    };
}
pub(crate) use with_arcs;
