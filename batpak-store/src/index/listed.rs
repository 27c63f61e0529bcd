//! Two more cursors: over a list made beforehand, and over what one cursor has and another has not.

use super::postings::{Direction, PostingsCursor};
use super::sealed::IndexDamage;

/// The events of a sorted list.
pub(crate) struct Listed {
    /// In the direction of the walk, the next one last.
    left: Vec<u32>,
    direction: Direction,
}

impl Listed {
    /// A cursor over `list`, which is ascending.
    pub(crate) fn new(mut list: Vec<u32>, direction: Direction) -> Self {
        if direction == Direction::Forward {
            list.reverse();
        }
        Self { left: list, direction }
    }
}

impl PostingsCursor for Listed {
    fn seek(&mut self, bound: u32) -> Result<Option<u32>, IndexDamage> {
        let keep = match self.direction {
            Direction::Forward => self.left.partition_point(|rel| *rel >= bound),
            Direction::Backward => self.left.partition_point(|rel| *rel <= bound),
        };
        self.left.truncate(keep);
        Ok(self.left.last().copied())
    }
}

/// The events that one cursor has and another, which goes the same way, has not.
pub(crate) struct Except {
    cursor: Box<dyn PostingsCursor>,
    hidden: Box<dyn PostingsCursor>,
    direction: Direction,
}

impl Except {
    pub(crate) fn new(cursor: Box<dyn PostingsCursor>, hidden: Box<dyn PostingsCursor>, direction: Direction) -> Self {
        Self { cursor, hidden, direction }
    }
}

impl PostingsCursor for Except {
    fn seek(&mut self, mut bound: u32) -> Result<Option<u32>, IndexDamage> {
        loop {
            let Some(found) = self.cursor.seek(bound)? else { return Ok(None) };
            if self.hidden.seek(found)? != Some(found) {
                return Ok(Some(found));
            }
            let next = match self.direction {
                Direction::Forward => found.checked_add(1),
                Direction::Backward => found.checked_sub(1),
            };
            match next {
                Some(next) => bound = next,
                None => return Ok(None),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(mut cursor: impl PostingsCursor, direction: Direction) -> Vec<u32> {
        let mut out = Vec::new();
        let mut bound = if direction == Direction::Forward { Some(0) } else { Some(u32::MAX) };
        while let Some(found) = bound.and_then(|bound| cursor.seek(bound).unwrap()) {
            out.push(found);
            bound = if direction == Direction::Forward { found.checked_add(1) } else { found.checked_sub(1) };
        }
        out
    }

    #[test]
    fn what_is_hidden_is_left_out_both_ways() {
        for direction in [Direction::Forward, Direction::Backward] {
            let list = |items: &[u32]| Box::new(Listed::new(items.to_vec(), direction)) as Box<dyn PostingsCursor>;
            let mut expected = vec![1, 5, 7];
            if direction == Direction::Backward {
                expected.reverse();
            }
            assert_eq!(
                walk(Except::new(list(&[0, 1, 3, 5, 7, 9]), list(&[0, 3, 4, 9]), direction), direction),
                expected
            );
        }
    }
}
