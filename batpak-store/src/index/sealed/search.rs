//! Finding a place in a sorted table whose keys are spread evenly: guess, widen, halve.

use super::damage::IndexDamage;

/// Where the search in a table starts: at a place, and how far off that may well be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Guess {
    place: u32,
    spread: u32,
}

impl Guess {
    /// Where `part` of `whole` is in a table of `count` entries at even distances.
    pub fn even(count: u32, part: u64, whole: u64) -> Self {
        let place = u128::from(count) * u128::from(part) / u128::from(whole.max(1));
        Self { place: u32::try_from(place).unwrap_or(u32::MAX), spread: 1 }
    }

    /// Where the hash `half` is in a table of `count` hashes: at an even distance, give or take a root of their number.
    pub fn hashed(count: u32, half: u32) -> Self {
        Self { spread: (count.isqrt() / 2).max(1), ..Self::even(count, u64::from(half), 1 << 32) }
    }
}

/// The first of `count` sorted entries of which `less` is false, or `count`.
///
/// Cost: two logarithms of how far the guess is off, rather than one of the whole table; a good guess keeps all of it
/// within a page or two.
pub(super) fn lower_bound(
    count: u32,
    guess: Guess,
    mut less: impl FnMut(u32) -> Result<bool, IndexDamage>,
) -> Result<u32, IndexDamage> {
    let Some(last) = count.checked_sub(1) else {
        return Ok(0);
    };
    let mut step = guess.spread;
    let guess = guess.place.min(last);
    // Everything before `low` is less; `high` and everything after it is not.
    let (mut low, mut high);
    if less(guess)? {
        (low, high) = (guess.saturating_add(1), count);
        while let Some(probe) = low.checked_add(step).filter(|probe| *probe < high) {
            if !less(probe)? {
                high = probe;
                break;
            }
            low = probe.saturating_add(1);
            step = step.saturating_mul(2);
        }
    } else {
        (low, high) = (0, guess);
        while let Some(probe) = high.checked_sub(step) {
            if less(probe)? {
                low = probe.saturating_add(1);
                break;
            }
            high = probe;
            step = step.saturating_mul(2);
        }
    }
    while low < high {
        let middle = low.midpoint(high);
        if less(middle)? {
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    Ok(low)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::cast_possible_truncation, reason = "tables in tests are small")]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_guess_leads_to_the_partition_point(
            mut table in prop::collection::vec(0_u32..500, 0..400),
            wanted in 0_u32..520,
            place in 0_u32..450,
            spread in 1_u32..100,
        ) {
            table.sort_unstable();
            let guess = Guess { place, spread };
            let found = lower_bound(table.len() as u32, guess, |at| Ok(table[at as usize] < wanted));
            prop_assert_eq!(found, Ok(table.partition_point(|e| *e < wanted) as u32));
        }
    }

    #[test]
    fn guesses_stay_in_range() {
        assert_eq!(Guess::even(100, 1, 2), Guess { place: 50, spread: 1 });
        assert_eq!(Guess::even(u32::MAX, u64::MAX, 1).place, u32::MAX);
        assert_eq!(Guess::even(0, 5, 0).place, 0);
        assert_eq!(Guess::hashed(1 << 20, 1 << 31), Guess { place: 1 << 19, spread: 512 });
    }
}
