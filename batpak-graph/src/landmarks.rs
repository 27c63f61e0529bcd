//! Landmarks: every so many events one of which all others in sight know whether they reach it, and whether it reaches them.
//!
//! An append-only form of the supportive vertices of O'Reach (Hanauer, Schulz and Trummer): landmarks of several levels at fixed places, and
//! 16 of each level in sight in either direction. Every answer is certain; for some pairs there is none.

use std::sync::Arc;

use crate::blocks::Blocks;
use crate::both_ends::Known;
use crate::relation::Arcs;

/// Levels, from the finest to the coarsest.
pub(crate) const LEVELS: usize = 2;
/// Landmarks of a level that are in sight of an event, in either direction.
const SIGHT: u32 = 16;
/// From so many blocks between them on, two events have no landmark in sight together.
const SIGHTS: u32 = 2 * SIGHT;

/// For each level, one bit a landmark in sight. Backwards, bit 0 is the last landmark that is not later than the event; forwards, bit 0 is
/// the first one that is later.
pub(crate) type Sight = [u16; LEVELS];

/// How many events from one landmark to the next, as a power of two, for each level.
pub(crate) const SPACING: [u32; LEVELS] = [13, 17];

/// Landmarks over one relation: 4 bytes an event and level, and what the relation wants to have beside them.
#[derive(Clone, Debug)]
pub(crate) struct Landmarks<B = ()> {
    /// For each event, the landmarks that reach it.
    events: Blocks<(Sight, B)>,
    levels: [Level; LEVELS],
    /// For each landmark of the coarsest level, those before it that reach it over landmarks in sight of one another: most, not all.
    far: Vec<Arc<[u64]>>,
}

/// The landmarks that events of one level reach.
#[derive(Clone, Debug)]
struct Level {
    /// Events from one landmark to the next, as a power of two.
    spacing: u32,
    /// Events of a tile, as a power of two.
    tile: u32,
    /// For each tile, and each landmark in sight of it: the events of the tile that reach it.
    tiles: Blocks<Tile>,
}

type Tile = [u64; SIGHT as usize];

/// An event and what is in its sight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outlook {
    node: u32,
    reached_from: Sight,
    reaches: Sight,
}

impl<B: Copy> Landmarks<B> {
    pub(crate) fn new(spacing: [u32; LEVELS]) -> Self {
        let level = |spacing: u32| Level { spacing, tile: spacing.min(u64::BITS.ilog2()), tiles: Blocks::default() };
        Self { events: Blocks::default(), levels: spacing.map(level), far: Vec::new() }
    }

    /// Adds the next event, which rests on those `earlier`.
    #[inline]
    pub(crate) fn add(
        &mut self,
        node: u32,
        beside: B,
        earlier: impl Iterator<Item = u32> + Clone,
        arcs: &mut impl Arcs,
    ) {
        let mut reached_from = [0; LEVELS];
        for cause in earlier {
            let above = self.reached_from(cause);
            for ((bits, above), level) in reached_from.iter_mut().zip(above).zip(&self.levels) {
                *bits |= shifted(above, level.block(node) - level.block(cause));
            }
        }
        for (bits, level) in reached_from.iter_mut().zip(&mut self.levels) {
            if node.trailing_zeros() >= level.tile {
                level.tiles.push(Tile::default());
            }
            if node.trailing_zeros() >= level.spacing {
                level.look_back(node, *bits, arcs);
                *bits |= 1;
            }
        }
        let [.., coarsest] = &self.levels;
        if node.trailing_zeros() >= coarsest.spacing {
            let [.., bits] = reached_from;
            self.far.push(self.far_row(coarsest.block(node), bits));
        }
        self.events.push((reached_from, beside));
    }

    /// Which earlier landmarks reach the one with this number, of whose sight these do.
    fn far_row(&self, number: u32, reached_from: u16) -> Arc<[u64]> {
        let mut row = vec![0; number.div_ceil(u64::BITS) as usize];
        for near in (1..SIGHT.min(number + 1)).filter(|near| reached_from >> near & 1 == 1).map(|near| number - near) {
            if let Some(word) = row.get_mut((near / u64::BITS) as usize) {
                *word |= 1 << (near % u64::BITS);
            }
            let beyond = self.far.get(near as usize).map_or(&[][..], |row| row);
            row.iter_mut().zip(beyond).for_each(|(word, beyond)| *word |= beyond);
        }
        row.into()
    }

    /// The landmarks that reach an event.
    #[inline]
    pub(crate) fn backwards(&self, node: u32) -> Outlook {
        Outlook { node, reached_from: self.reached_from(node), reaches: [0; LEVELS] }
    }

    #[inline]
    fn reached_from(&self, node: u32) -> Sight {
        self.events.get_ref(node).map_or([0; LEVELS], |event| event.0)
    }

    /// What the relation has beside an event.
    #[inline]
    pub(crate) fn beside(&self, node: u32) -> Option<B> {
        self.events.get_ref(node).map(|event| event.1)
    }

    /// Adds the landmarks that the event reaches.
    #[inline]
    pub(crate) fn forwards(&self, outlook: &mut Outlook) {
        let node = outlook.node;
        outlook.reaches.iter_mut().zip(&self.levels).for_each(|(bits, level)| *bits = level.reaches(node));
    }

    /// Whether `start` cannot reach the later `end`, judged by what reaches them alone.
    #[inline]
    pub(crate) fn is_apart(&self, start: &Outlook, end: &Outlook) -> bool {
        let sights = start.reached_from.iter().zip(&end.reached_from).zip(&self.levels);
        sights.fold(false, |apart, ((first, last), level)| {
            apart | (shifted(*first, level.block(end.node) - level.block(start.node)) & !last != 0)
        })
    }

    /// Whether `start` reaches the later `end`, as far as landmarks tell. Of `end`, what it reaches may be left out.
    #[inline]
    pub(crate) fn is_path(&self, start: &Outlook, end: &Outlook) -> Option<bool> {
        if self.is_apart(start, end) {
            return Some(false);
        }
        for (at, level) in self.levels.iter().enumerate().rev() {
            let of = |sight: &Sight| sight.get(at).copied().unwrap_or(0);
            let answer = level.is_path(
                (start.node, of(&start.reached_from), of(&start.reaches)),
                (end.node, of(&end.reached_from), of(&end.reaches)),
            );
            if answer.is_some() {
                return answer;
            }
        }
        self.is_far_path(start, end).then_some(true)
    }

    /// Whether `start` reaches a landmark of some level that reaches another one, which reaches `end`; each in sight of the next.
    fn is_path_over_two(&self, start: &Outlook, end: &Outlook) -> bool {
        self.levels.iter().enumerate().any(|(at, level)| {
            let of = |sight: &Sight| sight.get(at).copied().unwrap_or(0);
            let (first, last) = (level.block(start.node), level.block(end.node));
            if last - first > 3 * SIGHT {
                return false;
            }
            let near = (0..SIGHT.min(last - first)).filter(|near| of(&end.reached_from) >> near & 1 == 1);
            near.into_iter().any(|near| {
                let landmark = last - near;
                let sight = of(&self.reached_from(landmark << level.spacing));
                mirrored(sight, landmark - first - 1) & of(&start.reaches) != 0
            })
        })
    }

    /// Whether `start` reaches a landmark of the coarsest level that is known to reach another one, which reaches `end`.
    fn is_far_path(&self, start: &Outlook, end: &Outlook) -> bool {
        let ([.., level], [.., reaches], [.., reached_from]) = (&self.levels, start.reaches, end.reached_from);
        let (first, last) = (level.block(start.node) + 1, level.block(end.node));
        let near = (0..SIGHT.min(last + 1)).filter(|near| reached_from >> near & 1 == 1);
        reaches != 0 && near.into_iter().any(|near| self.far_window(last - near, first) & reaches != 0)
    }

    /// Of the landmarks that are known to reach one of the coarsest level, 16 from `first` on.
    fn far_window(&self, number: u32, first: u32) -> u16 {
        let Some(row) = self.far.get(number as usize) else { return 0 };
        let at = (first / u64::BITS) as usize;
        let word = |at: usize| u128::from(row.get(at).copied().unwrap_or(0));
        let pair = word(at) | word(at + 1) << u64::BITS;
        low_bits(pair >> (first % u64::BITS))
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let tiles: usize = self.levels.iter().map(|level| level.tiles.heap_bytes()).sum();
        let far: usize = self.far.iter().map(|row| size_of_val(&**row)).sum();
        self.events.heap_bytes() + tiles + far
    }
}

impl Level {
    /// The number of the last landmark that is not later than an event.
    #[inline]
    const fn block(&self, node: u32) -> u32 {
        node >> self.spacing
    }

    /// Marks what reaches a new landmark, of whose sight these others do.
    ///
    /// What reaches one of those is marked from their marks, a tile at a time. Only the rest is followed, so that in the end each event is
    /// followed about once a level.
    fn look_back(&mut self, landmark: u32, reached_from: u16, arcs: &mut impl Arcs) {
        let (spacing, tile) = (self.spacing, self.tile);
        let block = self.block(landmark);
        let oldest = block.saturating_sub(SIGHT) << spacing;
        let mut marks = vec![0_u64; ((landmark - oldest) >> tile) as usize];
        let place = |node: u32| (((node - oldest) >> tile) as usize, 1_u64 << (node & ((1 << tile) - 1)));
        let mark = |marks: &mut [u64], node: u32| {
            if node >= oldest
                && let (at, bit) = place(node)
                && let Some(word) = marks.get_mut(at)
            {
                *word |= bit;
            }
        };
        arcs.back(landmark, |cause| mark(&mut marks, cause));
        for at in (0..marks.len()).rev() {
            let Ok(offset) = u32::try_from(at) else { continue };
            let number = (oldest >> tile) + offset;
            let first = number << tile;
            let back = block - 1 - (first >> spacing);
            let Some(known) = self.tiles.get_ref(number) else { continue };
            let mut closed = 0;
            for (near, word) in (1..=back).rev().zip(known) {
                closed |= word & u64::from(reached_from >> near & 1).wrapping_neg();
            }
            if first.trailing_zeros() >= spacing {
                closed |= u64::from(reached_from) >> (back + 1) & 1;
            }
            let mut all = 0;
            loop {
                // Causes in the same tile are marked meanwhile and come with the next turn.
                let mut rest = marks.get(at).copied().unwrap_or(0) & !closed & !all;
                if rest == 0 {
                    break;
                }
                all |= rest;
                while rest != 0 {
                    let bit = rest.trailing_zeros();
                    rest &= rest - 1;
                    arcs.back(first + bit, |cause| mark(&mut marks, cause));
                }
            }
            if (all | closed) != 0
                && let Some(word) = self.tiles.get_mut(number).and_then(|tile| tile.get_mut(back as usize))
            {
                *word |= all | closed;
            }
        }
    }

    /// The landmarks in sight that an event reaches.
    #[inline]
    fn reaches(&self, node: u32) -> u16 {
        let Some(words) = self.tiles.get_ref(node >> self.tile) else { return 0 };
        let bit = node & ((1 << self.tile) - 1);
        words.iter().rev().fold(0, |bits, word| bits << 1 | low_bits(u128::from(word >> bit & 1)))
    }

    /// Whether `start` reaches the later `end`, from which it is not known to be apart; each comes with the landmarks that reach it, and
    /// those that it reaches.
    #[inline]
    fn is_path(&self, start: (u32, u16, u16), end: (u32, u16, u16)) -> Option<bool> {
        let (first, last) = (self.block(start.0), self.block(end.0));
        let blocks = last - first;
        if blocks < SIGHT {
            if start.0.trailing_zeros() >= self.spacing {
                return Some(end.1 >> blocks & 1 == 1);
            }
            // The start reaches every landmark that the end does.
            if shifted(end.2, blocks) & !start.2 != 0 {
                return Some(false);
            }
        }
        let between = blocks.checked_sub(1)?;
        if between < SIGHT && end.0.trailing_zeros() >= self.spacing {
            return Some(start.2 >> between & 1 == 1);
        }
        (mirrored(end.1, between) & start.2 != 0).then_some(true)
    }
}

/// Landmarks that reach an event, in the order of another one that is `between` + 1 blocks before it: bit 0 of the one is bit `between` of
/// the other.
#[inline]
const fn mirrored(sight: u16, between: u32) -> u16 {
    match between {
        ..SIGHTS => low_bits((sight.reverse_bits() as u128) << between >> (SIGHT - 1)),
        _ => 0,
    }
}

/// What landmarks say of the events between two.
pub(crate) struct Sights<'g, B = ()> {
    landmarks: &'g Landmarks<B>,
    start: Outlook,
    end: Outlook,
}

impl<'g, B: Copy> Sights<'g, B> {
    /// What is known of the way from `start` to the later `end`; or else the answer. `cannot` says in another way that there is none, and
    /// is asked when the cheaper half of the landmarks left the answer open.
    #[inline]
    pub(crate) fn between(
        landmarks: &'g Landmarks<B>,
        (start, end): (u32, u32),
        cannot: impl FnOnce() -> bool,
    ) -> Result<Self, bool> {
        let (mut start, mut end) = (landmarks.backwards(start), landmarks.backwards(end));
        if landmarks.is_apart(&start, &end) {
            return Err(false);
        }
        landmarks.forwards(&mut start);
        if let Some(answer) = landmarks.is_path(&start, &end) {
            return Err(answer);
        }
        if cannot() {
            return Err(false);
        }
        landmarks.forwards(&mut end);
        let answer = landmarks.is_path(&start, &end);
        let answer = answer.or_else(|| landmarks.is_path_over_two(&start, &end).then_some(true));
        answer.map_or(Ok(Self { landmarks, start, end }), Err)
    }
}

impl<B: Copy> Known for Sights<'_, B> {
    #[inline]
    fn start_reaches(&mut self, node: u32) -> Option<bool> {
        self.landmarks.is_path(&self.start, &self.landmarks.backwards(node))
    }

    #[inline]
    fn reaches_end(&mut self, node: u32) -> Option<bool> {
        let mut node = self.landmarks.backwards(node);
        if self.landmarks.is_apart(&node, &self.end) {
            return Some(false);
        }
        self.landmarks.forwards(&mut node);
        self.landmarks.is_path(&node, &self.end)
    }
}

/// What is in sight from so many blocks later on.
#[inline]
const fn shifted(sight: u16, blocks: u32) -> u16 {
    let blocks = if blocks < SIGHT { blocks } else { SIGHT };
    low_bits((sight as u128) << blocks)
}

#[inline]
const fn low_bits(bits: u128) -> u16 {
    (bits & 0xFFFF) as u16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The edges of a small graph: for each node, earlier ones.
    struct Edges<'a>(&'a [Vec<u32>]);

    impl Arcs for Edges<'_> {
        fn back(&mut self, node: u32, found: impl FnMut(u32)) {
            self.0[node as usize].iter().copied().for_each(found);
        }

        fn forth(&mut self, _: u32, _: impl FnMut(u32)) {}

        fn any_back(&mut self, _: u32, _: impl FnMut(u32) -> bool) -> bool {
            false
        }
    }

    fn outlook(landmarks: &Landmarks<()>, node: u32) -> Outlook {
        let mut outlook = landmarks.backwards(node);
        landmarks.forwards(&mut outlook);
        outlook
    }

    /// Nodes with up to three edges, `far` back at most.
    fn edges(far: u32) -> impl Strategy<Value = Vec<Vec<u32>>> {
        proptest::collection::vec(proptest::collection::vec(1..=far, 0..4), 1..400).prop_map(|drawn| {
            let node = |(node, back): (usize, Vec<u32>)| {
                back.into_iter().filter_map(|back| u32::try_from(node).unwrap().checked_sub(back)).collect()
            };
            drawn.into_iter().enumerate().map(node).collect()
        })
    }

    fn reach(edges: &[Vec<u32>]) -> Vec<Vec<bool>> {
        let mut reach: Vec<Vec<bool>> = Vec::new();
        for (node, causes) in edges.iter().enumerate() {
            let mut past = vec![false; edges.len()];
            past[node] = true;
            for cause in causes {
                let above = reach[*cause as usize].clone();
                past.iter_mut().zip(above).for_each(|(past, above)| *past |= above);
            }
            reach.push(past);
        }
        reach
    }

    /// Every pair, at every moment of growth: nothing wrong is said, sight is exact, and a path over two landmarks in sight is found.
    fn check(edges: &[Vec<u32>], spacing: [u32; LEVELS]) -> Result<(), TestCaseError> {
        let reach = reach(edges);
        let mut landmarks = Landmarks::new(spacing);
        for end in 0..u32::try_from(edges.len()).unwrap() {
            landmarks.add(end, (), edges[end as usize].iter().copied(), &mut Edges(edges));
            let past = &reach[end as usize];
            let last = outlook(&landmarks, end);
            for start in 0..end {
                let truth = past[start as usize];
                let first = outlook(&landmarks, start);
                let hasty = landmarks.is_path(&first, &landmarks.backwards(end));
                prop_assert!(
                    hasty.is_none_or(|said| said == truth),
                    "{start} -> {end} without the forward sight of the end"
                );
                prop_assert!(truth || !landmarks.is_path_over_two(&first, &last), "{start} -> {end} over two");
                let said = landmarks.is_path(&first, &last);
                prop_assert!(said.is_none_or(|said| said == truth), "{start} -> {end}: {said:?}");
                for (at, spacing) in spacing.iter().enumerate() {
                    let blocks = (end >> spacing) - (start >> spacing);
                    if start % (1 << spacing) == 0 && blocks < SIGHT {
                        prop_assert_eq!(last.reached_from[at] >> blocks & 1 == 1, truth);
                        prop_assert_eq!(said, Some(truth));
                    }
                    if end % (1 << spacing) == 0 && (1..=SIGHT).contains(&blocks) {
                        prop_assert_eq!(first.reaches[at] >> (blocks - 1) & 1 == 1, truth);
                        prop_assert_eq!(said, Some(truth));
                    }
                }
            }
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn landmarks_say_nothing_wrong(edges in prop_oneof![edges(3), edges(20), edges(200)], finest in 0..3_u32, ratio in 1..3_u32) {
            check(&edges, std::array::from_fn(|level| finest + ratio * u32::try_from(level).unwrap()))?;
        }

        #[test]
        fn far_ends_of_a_chain_are_found(length in 1..400_u32, spacing in 0..3_u32) {
            let edges: Vec<Vec<u32>> = (0..length).map(|node| node.checked_sub(1).into_iter().collect()).collect();
            let mut landmarks = Landmarks::new([spacing; LEVELS]);
            (0..length).for_each(|node| landmarks.add(node, (), node.checked_sub(1).into_iter(), &mut Edges(&edges)));
            let outlooks: Vec<Outlook> = (0..length).map(|node| outlook(&landmarks, node)).collect();
            for (end, last) in outlooks.iter().enumerate() {
                for first in outlooks.iter().take(end) {
                    let near = first.node >> spacing == last.node >> spacing;
                    prop_assert!(near || landmarks.is_path(first, last) == Some(true), "{} -> {end}", first.node);
                }
            }
        }
    }
}
