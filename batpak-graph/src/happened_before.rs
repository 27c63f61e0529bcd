//! Whether one event happened before another: components, landmarks, then a search from both ends.

use crate::both_ends::{Known, is_path};
use crate::graph::Graph;
use crate::landmarks::{LEVELS, Landmarks, Sights};
use crate::node::Node;
use crate::relation::Before;
use crate::roots::Roots;
use crate::rows::Cursor;

/// What is known of *happened before*: 12 bytes an event, and 12 for each that nothing happened before.
#[derive(Clone, Debug)]
pub(crate) struct BeforeIndex {
    /// With the number of the earliest root that happened before an event.
    landmarks: Landmarks<u32>,
    /// The events that nothing happened before.
    roots: Roots,
}

impl BeforeIndex {
    /// The index of a whole graph.
    pub(crate) fn of(graph: &Graph, spacing: [u32; LEVELS]) -> Self {
        let mut index = Self { landmarks: Landmarks::new(spacing), roots: Roots::default() };
        let mut cursor = Cursor::new(graph);
        for node in 0..graph.len() {
            let causes = cursor.causes(node).iter().map(|cause| u32::from_le_bytes(*cause));
            index.add(graph, node, causes.chain(cursor.previous(node)));
        }
        index
    }

    /// Adds the next event of the graph, which rests on those `earlier`.
    #[inline]
    pub(crate) fn add(&mut self, graph: &Graph, node: u32, earlier: impl Iterator<Item = u32> + Clone) {
        let mut known = earlier.clone().filter_map(|earlier| self.landmarks.beside(earlier));
        let lowest = match known.next() {
            None => self.roots.push(node),
            Some(first) => known.fold(first, |lowest, other| {
                if lowest != other {
                    self.roots.join(lowest, other);
                }
                lowest.min(other)
            }),
        };
        self.landmarks.add(node, lowest, earlier, &mut Before::new(graph));
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.landmarks.heap_bytes() + self.roots.heap_bytes()
    }
}

impl Graph {
    /// Whether there is a path of declared causes and of the order of streams from `later` back to `earlier`. No event happened before
    /// itself. Without streams (see [`Graph::with_streams`]) this is [`Graph::caused_by`].
    ///
    /// Cost: about a microsecond where landmarks decide; otherwise a search from both ends, of some ten or hundred microseconds. Builds the
    /// index of landmarks and the one of effects if they are not there yet.
    #[must_use]
    pub fn happened_before(&self, earlier: Node, later: Node) -> bool {
        self.happened_before_within(earlier, later, u64::MAX).unwrap_or(false)
    }

    /// As [`Graph::happened_before`], but follows the edges of at most `steps_max` events; `None` if the answer is not known by then.
    #[must_use]
    pub fn happened_before_within(&self, earlier: Node, later: Node, steps_max: u64) -> Option<bool> {
        if !self.follows_streams() {
            return self.caused_by_within(later, earlier, steps_max);
        }
        let (start, end) = (earlier.number(), later.number());
        if start >= end || end >= self.len() {
            return Some(false);
        }
        let index = self.before_index();
        let lowest = |node| index.landmarks.beside(node).unwrap_or(0);
        let (start_lowest, end_lowest) = (lowest(start), lowest(end));
        if end_lowest > start_lowest {
            return Some(false);
        }
        let cannot = || !index.roots.together(start_lowest, end_lowest);
        let sights = match Sights::between(&index.landmarks, (start, end), cannot) {
            Ok(sights) => sights,
            Err(answer) => return Some(answer),
        };
        let mut known = Lowest { landmarks: &index.landmarks, sights, start: start_lowest, end: end_lowest };
        self.effects_index();
        is_path(&mut Before::new(self), &mut known, (start, end), true, steps_max)
    }
}

/// What landmarks and the earliest roots say of those between two.
struct Lowest<'g> {
    landmarks: &'g Landmarks<u32>,
    sights: Sights<'g, u32>,
    start: u32,
    end: u32,
}

impl Known for Lowest<'_> {
    #[inline]
    fn start_reaches(&mut self, node: u32) -> Option<bool> {
        if self.landmarks.beside(node).is_some_and(|lowest| lowest > self.start) {
            return Some(false);
        }
        self.sights.start_reaches(node)
    }

    #[inline]
    fn reaches_end(&mut self, node: u32) -> Option<bool> {
        if self.landmarks.beside(node).is_some_and(|lowest| lowest < self.end) {
            return Some(false);
        }
        self.sights.reaches_end(node)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use batpak_core::Edge;
    use proptest::prelude::*;

    use super::*;
    use crate::graph::Arrival;

    /// A graph of these events, each with distances back to causes and a stream; and what reaches each of them.
    fn graph(drawn: &[(Vec<u32>, usize)]) -> (Graph, Vec<Vec<bool>>) {
        let (mut graph, mut streams, mut reach) = (Graph::with_streams(), [None; 8], Vec::<Vec<bool>>::new());
        for (back, stream) in drawn {
            let earlier = |back: &u32| graph.len().checked_sub(*back).map(|cause| (Node::new(cause), Edge::Required));
            let causes: Vec<_> = back.iter().filter_map(earlier).collect();
            let previous = streams[*stream];
            let mut past = vec![false; drawn.len()];
            past[graph.len() as usize] = true;
            for above in causes.iter().map(|(cause, _)| *cause).chain(previous) {
                past.iter_mut().zip(&reach[above.number() as usize]).for_each(|(past, above)| *past |= above);
            }
            reach.push(past);
            streams[*stream] = graph.push(Arrival { causes: &causes, previous, ..Arrival::default() }).ok();
        }
        (graph, reach)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 8))]
        #[test]
        fn landmarks_at_every_corner_change_no_answer(
            drawn in proptest::collection::vec((proptest::collection::vec(1..60_u32, 0..3), 0..8_usize), 1..300),
            finest in 0..3_u32,
            ratio in 1..3_u32,
        ) {
            let (mut graph, reach) = graph(&drawn);
            let spacing = std::array::from_fn(|level| finest + ratio * u32::try_from(level).unwrap());
            graph.indexes.before = OnceLock::from(Box::new(BeforeIndex::of(&graph, spacing)));
            for (end, past) in (0..).zip(&reach) {
                for (start, truth) in (0..end).zip(past) {
                    prop_assert_eq!(graph.happened_before(Node::new(start), Node::new(end)), *truth, "{} -> {}", start, end);
                }
            }
        }
    }
}
