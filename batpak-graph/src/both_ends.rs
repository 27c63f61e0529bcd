//! A search for a path from both of its ends, in the order of events.
//!
//! The one side takes the oldest event that the start reaches and looks at its effects, the other the newest one that reaches the end and
//! looks at its causes. An event on both sides is a yes. When the sides have passed one another it is a no: a path between them would have
//! an event on both. So each side sees only its half of what lies between, which in a graph that spreads is far less than a half.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use foldhash::fast::RandomState;

use crate::relation::Arcs;

/// What is known of events on the way between two, without a search. `None` is: nobody knows.
pub(crate) trait Known {
    /// Whether the start of the path reaches `node`, which reaches its end.
    fn start_reaches(&mut self, node: u32) -> Option<bool>;
    /// Whether `node`, which the start of the path reaches, reaches its end.
    fn reaches_end(&mut self, node: u32) -> Option<bool>;
}

/// Nothing is known but the order of nodes.
pub(crate) struct Nothing;

impl Known for Nothing {
    fn start_reaches(&mut self, _: u32) -> Option<bool> {
        None
    }

    fn reaches_end(&mut self, _: u32) -> Option<bool> {
        None
    }
}

/// Events to follow with heaps and sets, before bits are faster: one for each event between, which takes time to make.
fn few(start: u32, end: u32) -> u64 {
    32 + u64::from((end - start) / 32_768)
}

/// How many events the backward side follows in the time that the forward side takes for one.
const BACK_PER_FORTH: u64 = 3;

/// What one side found, by the order in which it follows it.
struct Side<T> {
    open: BinaryHeap<T>,
    seen: HashSet<u32, RandomState>,
}

impl<T: Ord> Side<T> {
    fn starting(node: u32, open: T) -> Self {
        Self { open: BinaryHeap::from([open]), seen: HashSet::from_iter([node]) }
    }
}

/// Whether there is a path from `start` to the later `end`; `None` if that is not known after following `steps_max` events.
///
/// Follows effects as well as causes if `both`; then whichever side has less to follow.
pub(crate) fn is_path(
    arcs: &mut impl Arcs,
    known: &mut impl Known,
    (start, end): (u32, u32),
    both: bool,
    steps_max: u64,
) -> Option<bool> {
    let (mut back, mut forth) = (Side::starting(end, end), Side::starting(start, Reverse(start)));
    let few = few(start, end);
    for _ in 0..steps_max.min(few) {
        let (Some(high), Some(Reverse(low))) = (back.open.peek(), forth.open.peek()) else { return Some(false) };
        if low >= high {
            return Some(false);
        }
        let mut found = false;
        if both && forth.open.len() < back.open.len() {
            let Some(Reverse(node)) = forth.open.pop() else { return Some(false) };
            arcs.forth(node, |effect| {
                if effect > end || found || !forth.seen.insert(effect) {
                } else if back.seen.contains(&effect) {
                    found = true;
                } else {
                    match known.reaches_end(effect) {
                        Some(answer) => found = answer,
                        None => forth.open.push(Reverse(effect)),
                    }
                }
            });
        } else {
            let Some(node) = back.open.pop() else { return Some(false) };
            arcs.back(node, |cause| {
                if cause < start || found || !back.seen.insert(cause) {
                } else if forth.seen.contains(&cause) {
                    found = true;
                } else {
                    match known.start_reaches(cause) {
                        Some(answer) => found = answer,
                        None => back.open.push(cause),
                    }
                }
            });
        }
        if found {
            return Some(true);
        }
    }
    let steps_left = steps_max.checked_sub(few).filter(|left| *left > 0)?;
    let (Some(high), Some(Reverse(low))) = (back.open.peek(), forth.open.peek()) else { return Some(false) };
    let (low, high) = (low - start, high - start);
    let mut between = Between::new(start, end);
    // What was followed lies behind: where the sides meet is still to be followed by both.
    forth.open.into_iter().for_each(|Reverse(node)| between.forth.insert(node - start));
    back.open.into_iter().for_each(|node| between.back.insert(node - start));
    between.search(arcs, known, both, (low, high), steps_left)
}

/// A search over the bits of the events between two.
struct Between {
    start: u32,
    /// What the start reaches, and what reaches the end, by the distance from the start.
    forth: Bits,
    back: Bits,
}

impl Between {
    fn new(start: u32, end: u32) -> Self {
        let bits = || Bits(vec![0; ((end - start) / u64::BITS) as usize + 1]);
        Self { start, forth: bits(), back: bits() }
    }

    /// Follows what is there from `low` on and from `high` down.
    fn search(
        mut self,
        arcs: &mut impl Arcs,
        known: &mut impl Known,
        both: bool,
        (low, high): (u32, u32),
        steps_max: u64,
    ) -> Option<bool> {
        let (mut low, mut high) = (Some(low), Some(high));
        // Followed so far, in steps back.
        let (mut forth_cost, mut back_cost) = (0, 0);
        for _ in 0..steps_max {
            let (Some(oldest), Some(newest)) = (low, high) else { return Some(false) };
            if oldest >= newest {
                return Some(oldest == newest);
            }
            let mut found = false;
            if both && forth_cost < back_cost {
                forth_cost += BACK_PER_FORTH;
                let node = self.start + oldest;
                match known.reaches_end(node) {
                    Some(answer) => found = answer,
                    None => arcs.forth(node, |effect| {
                        self.forth.insert(effect - self.start);
                        found |= self.back.contains(effect - self.start);
                    }),
                }
                low = self.forth.from(oldest + 1);
            } else {
                back_cost += 1;
                let node = self.start + newest;
                match known.start_reaches(node) {
                    Some(answer) => found = answer,
                    None => arcs.back(node, |cause| {
                        if let Some(distance) = cause.checked_sub(self.start) {
                            self.back.insert(distance);
                            found |= self.forth.contains(distance);
                        }
                    }),
                }
                high = newest.checked_sub(1).and_then(|next| self.back.up_to(next));
            }
            if found {
                return Some(true);
            }
        }
        None
    }
}

/// A set of small numbers, of which those beyond its size are left out.
struct Bits(Vec<u64>);

impl Bits {
    #[inline]
    fn insert(&mut self, number: u32) {
        if let Some(word) = self.0.get_mut((number / u64::BITS) as usize) {
            *word |= 1 << (number % u64::BITS);
        }
    }

    #[inline]
    fn contains(&self, number: u32) -> bool {
        self.0.get((number / u64::BITS) as usize).is_some_and(|word| word >> (number % u64::BITS) & 1 == 1)
    }

    /// The smallest number from this one on.
    #[inline]
    fn from(&self, number: u32) -> Option<u32> {
        let first = number / u64::BITS;
        let mut word = self.0.get(first as usize)? & (u64::MAX << (number % u64::BITS));
        let mut at = first;
        while word == 0 {
            at += 1;
            word = *self.0.get(at as usize)?;
        }
        Some(at * u64::BITS + word.trailing_zeros())
    }

    /// The greatest number up to this one.
    #[inline]
    fn up_to(&self, number: u32) -> Option<u32> {
        let last = u32::try_from(self.0.len()).unwrap_or(u32::MAX).checked_sub(1)?;
        let mut at = (number / u64::BITS).min(last);
        let shift = if at == number / u64::BITS { u64::BITS - 1 - number % u64::BITS } else { 0 };
        let mut word = self.0.get(at as usize)? & (u64::MAX >> shift);
        while word == 0 {
            at = at.checked_sub(1)?;
            word = *self.0.get(at as usize)?;
        }
        Some(at * u64::BITS + u64::BITS - 1 - word.leading_zeros())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_found_in_both_directions() {
        let mut bits = Bits(vec![0; 4]);
        let numbers = [0, 5, 63, 64, 191, 255];
        numbers.iter().chain(&[256, 9999]).for_each(|number| bits.insert(*number));
        for number in 0..300 {
            assert_eq!(bits.from(number), numbers.iter().copied().find(|found| *found >= number));
            assert_eq!(bits.up_to(number), numbers.iter().copied().rfind(|found| *found <= number));
            assert_eq!(bits.contains(number), numbers.contains(&number));
        }
    }
}
