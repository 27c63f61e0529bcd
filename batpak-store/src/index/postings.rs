//! Postings cursors: where the events of a term, or of a combination of terms, are within one segment.

use std::collections::BinaryHeap;

use super::sealed::IndexDamage;

/// Which way a cursor goes through a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the first event to the last.
    Forward,
    /// From the last event to the first.
    Backward,
}

/// Walks an ascending or descending list of events, each given by its place in the segment, from 0.
pub(crate) trait PostingsCursor: Send {
    /// The next event at or after `bound` in the cursor's direction: the smallest that is at least `bound` going
    /// forward, the largest that is at most `bound` going backward; `None` once there is none.
    ///
    /// Bounds never go against the direction from one call to the next; the same bound again gives the same answer.
    fn seek(&mut self, bound: u32) -> Result<Option<u32>, IndexDamage>;
}

impl<C: PostingsCursor + ?Sized> PostingsCursor for Box<C> {
    fn seek(&mut self, bound: u32) -> Result<Option<u32>, IndexDamage> {
        (**self).seek(bound)
    }
}

/// Every event of a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct All {
    events: u32,
    direction: Direction,
}

impl All {
    /// The events 0 up to, not including, `events`.
    pub(crate) const fn new(events: u32, direction: Direction) -> Self {
        Self { events, direction }
    }
}

impl PostingsCursor for All {
    fn seek(&mut self, bound: u32) -> Result<Option<u32>, IndexDamage> {
        Ok(match self.direction {
            Direction::Forward => (bound < self.events).then_some(bound),
            Direction::Backward => self.events.checked_sub(1).map(|last| last.min(bound)),
        })
    }
}

/// The events that all of some cursors have, which must go the same way. Of no cursors: nothing.
///
/// The cursors leapfrog: each moves to where the one before it stands, so a rare term first makes all of them jump.
pub(crate) struct Intersect {
    cursors: Vec<Box<dyn PostingsCursor>>,
}

impl Intersect {
    /// Give the cursor with the fewest events first.
    pub(crate) fn new(cursors: Vec<Box<dyn PostingsCursor>>) -> Self {
        Self { cursors }
    }
}

impl PostingsCursor for Intersect {
    fn seek(&mut self, bound: u32) -> Result<Option<u32>, IndexDamage> {
        let wanted = self.cursors.len();
        let (mut candidate, mut agreeing, mut turn) = (bound, 0, 0);
        while agreeing < wanted {
            let Some(cursor) = self.cursors.get_mut(turn) else {
                return Ok(None);
            };
            let Some(found) = cursor.seek(candidate)? else {
                return Ok(None);
            };
            agreeing = if found == candidate { agreeing + 1 } else { 1 };
            candidate = found;
            turn = (turn + 1) % wanted;
        }
        Ok((wanted > 0).then_some(candidate))
    }
}

/// The events that any of some cursors have, each once; the cursors must go the same way. Of no cursors: nothing.
///
/// A heap holds where each cursor stands, so a step costs the logarithm of their number.
pub(crate) struct Union {
    direction: Direction,
    cursors: Vec<Box<dyn PostingsCursor>>,
    /// Where each cursor that is not at its end stands, the next one in the direction on top.
    heads: BinaryHeap<Head>,
    started: bool,
}

/// A place, turned so that the next one in the direction is the greatest, and the cursor that stands there.
type Head = (u32, usize);

impl Union {
    /// A union of cursors that go in `direction`.
    pub(crate) fn new(cursors: Vec<Box<dyn PostingsCursor>>, direction: Direction) -> Self {
        Self { direction, heads: BinaryHeap::with_capacity(cursors.len()), cursors, started: false }
    }

    /// Turns a place into its rank in the heap, and back.
    const fn turn(&self, place: u32) -> u32 {
        match self.direction {
            Direction::Forward => u32::MAX - place,
            Direction::Backward => place,
        }
    }

    fn advance(&mut self, cursor: usize, bound: u32) -> Result<(), IndexDamage> {
        if let Some(found) = self.cursors.get_mut(cursor).map(|c| c.seek(bound)).transpose()?.flatten() {
            self.heads.push((self.turn(found), cursor));
        }
        Ok(())
    }
}

impl PostingsCursor for Union {
    fn seek(&mut self, bound: u32) -> Result<Option<u32>, IndexDamage> {
        if !self.started {
            self.started = true;
            for cursor in 0..self.cursors.len() {
                self.advance(cursor, bound)?;
            }
        }
        let rank = self.turn(bound);
        while let Some(&(top, cursor)) = self.heads.peek() {
            if top <= rank {
                return Ok(Some(self.turn(top)));
            }
            self.heads.pop();
            self.advance(cursor, bound)?;
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// The naive cursor that the others are held against.
    struct Naive {
        set: BTreeSet<u32>,
        direction: Direction,
    }

    impl PostingsCursor for Naive {
        fn seek(&mut self, bound: u32) -> Result<Option<u32>, IndexDamage> {
            Ok(match self.direction {
                Direction::Forward => self.set.range(bound..).next().copied(),
                Direction::Backward => self.set.range(..=bound).next_back().copied(),
            })
        }
    }

    fn boxed(sets: &[BTreeSet<u32>], direction: Direction) -> Vec<Box<dyn PostingsCursor>> {
        let naive = |set: &BTreeSet<u32>| Naive { set: set.clone(), direction };
        sets.iter().map(|set| Box::new(naive(set)) as Box<dyn PostingsCursor>).collect()
    }

    /// Asks both cursors the same, with bounds that jump by `jumps` from each answer.
    fn same(mut cursor: impl PostingsCursor, set: BTreeSet<u32>, direction: Direction, jumps: &[u32]) {
        let mut naive = Naive { set, direction };
        let mut bound = if direction == Direction::Forward { 0 } else { u32::MAX };
        for jump in jumps.iter().cycle().take(300) {
            let answer = naive.seek(bound).unwrap();
            assert_eq!(cursor.seek(bound).unwrap(), answer, "{direction:?} {bound}");
            assert_eq!(cursor.seek(bound).unwrap(), answer, "again {direction:?} {bound}");
            let Some(found) = answer else { break };
            let Some(next) = (match direction {
                Direction::Forward => found.checked_add(*jump),
                Direction::Backward => found.checked_sub(*jump),
            }) else {
                break;
            };
            bound = next;
        }
    }

    const BOTH: [Direction; 2] = [Direction::Forward, Direction::Backward];

    proptest! {
        #[test]
        fn combinations_equal_those_of_sets(
            sets in prop::collection::vec(prop::collection::btree_set(0_u32..200, 0..120), 0..5),
            events in 0_u32..250,
            jumps in prop::collection::vec(0_u32..20, 1..8),
        ) {
            let jumps: Vec<u32> = jumps.into_iter().chain([1]).collect();
            let common = sets.iter().cloned().reduce(|a, b| &a & &b).unwrap_or_default();
            let any: BTreeSet<u32> = sets.iter().flatten().copied().collect();
            for direction in BOTH {
                same(Intersect::new(boxed(&sets, direction)), common.clone(), direction, &jumps);
                same(Union::new(boxed(&sets, direction), direction), any.clone(), direction, &jumps);
                same(All::new(events, direction), (0..events).collect(), direction, &jumps);
                let nested: Vec<Box<dyn PostingsCursor>> = vec![
                    Box::new(All::new(events, direction)),
                    Box::new(Union::new(boxed(&sets, direction), direction)),
                ];
                let within = any.iter().copied().filter(|rel| *rel < events).collect();
                same(Intersect::new(nested), within, direction, &jumps);
            }
        }
    }
}
