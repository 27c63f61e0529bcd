//! Whether one event caused another: tests of a few reads each, then a search from both ends.

use crate::both_ends::{Known, is_path};
use crate::chunk::Rank;
use crate::graph::Graph;
use crate::landmarks::Sights;
use crate::node::Node;
use crate::relation::Caused;

/// Events that a search follows before landmarks are made for it.
const UNAIDED: u64 = 1024;

impl Graph {
    /// Whether there is a path of declared causes, of whatever kind, from `effect` back to `cause`. No event causes itself.
    ///
    /// Cost: below a microsecond where order, component, generation or the tree of deepest causes decide, which is nearly always so for
    /// logs of many processes. Otherwise a search from both ends, or from the effect alone while nobody has asked for effects; one that
    /// grows long makes landmarks first (see [`Graph::index`]).
    #[must_use]
    pub fn caused_by(&self, effect: Node, cause: Node) -> bool {
        self.caused_by_within(effect, cause, u64::MAX).unwrap_or(false)
    }

    /// As [`Graph::caused_by`], but follows the edges of at most `steps_max` events; `None` if the answer is not known by then. Half of a
    /// microsecond a step is a cautious guess.
    #[must_use]
    pub fn caused_by_within(&self, effect: Node, cause: Node, steps_max: u64) -> Option<bool> {
        let (start, end) = (cause.number(), effect.number());
        if start >= end || end >= self.len() {
            return Some(false);
        }
        let mut ranks = Ranks { graph: self, start: self.rank_of(start), end: self.rank_of(end) };
        if !may_cause(&ranks.start, &ranks.end) || !self.root_table().together(ranks.start.lowest, ranks.end.lowest) {
            return Some(false);
        }
        if self.climbs_to(end, start, ranks.start.generation) {
            return Some(true);
        }
        let (mut arcs, both) = (Caused::new(self), self.indexes.effects.get().is_some());
        let few = steps_max.min(UNAIDED);
        if self.indexes.sights.get().is_none()
            && let answer = is_path(&mut arcs, &mut ranks, (start, end), both, few)
            && (answer.is_some() || few == steps_max)
        {
            return answer;
        }
        let landmarks = self.sights_index();
        match Sights::between(landmarks, (start, end), || false) {
            Ok(sights) => is_path(&mut arcs, &mut Both(ranks, sights), (start, end), both, steps_max),
            Err(answer) => Some(answer),
        }
    }

    /// Whether `to`, of this generation, is above `from` in the tree of deepest causes. A parent's generation is one less, so there is only
    /// one event to look at. Cost: logarithmic (Myers' jump pointers).
    fn climbs_to(&self, from: u32, to: u32, generation: u32) -> bool {
        let (mut at, mut rank) = (from, self.rank_of(from));
        while rank.generation > generation && at > to {
            let mut above = (rank.jump, self.rank_of(rank.jump));
            if above.1.generation < generation {
                let Some(parent) = self.deepest_cause(at) else { return false };
                above = (parent, self.rank_of(parent));
            }
            // Ranks may come from a file: no loops.
            if above.0 >= at {
                return false;
            }
            (at, rank) = above;
        }
        at == to
    }
}

/// Whether generation and lowest root admit that an event causes another.
const fn may_cause(cause: &Rank, effect: &Rank) -> bool {
    cause.generation < effect.generation && effect.lowest <= cause.lowest
}

/// What ranks say of the events between two.
struct Ranks<'g> {
    graph: &'g Graph,
    start: Rank,
    end: Rank,
}

impl Known for Ranks<'_> {
    #[inline]
    fn start_reaches(&mut self, node: u32) -> Option<bool> {
        if may_cause(&self.start, &self.graph.rank_of(node)) { None } else { Some(false) }
    }

    #[inline]
    fn reaches_end(&mut self, node: u32) -> Option<bool> {
        if may_cause(&self.graph.rank_of(node), &self.end) { None } else { Some(false) }
    }
}

/// What ranks and landmarks say of the events between two.
struct Both<'g>(Ranks<'g>, Sights<'g>);

impl Known for Both<'_> {
    #[inline]
    fn start_reaches(&mut self, node: u32) -> Option<bool> {
        self.0.start_reaches(node).or_else(|| self.1.start_reaches(node))
    }

    #[inline]
    fn reaches_end(&mut self, node: u32) -> Option<bool> {
        self.0.reaches_end(node).or_else(|| self.1.reaches_end(node))
    }
}
