//! Finding a place in a sorted table whose keys are spread evenly: guess, widen, halve.

use super::damage::IndexDamage;

/// Entries by which the first widening goes.
const FIRST_STEP: u32 = 16;

/// The first of `count` sorted entries of which `less` is false, or `count`.
///
/// Cost: two logarithms of how far the guess is off, rather than one of the whole table; a good guess keeps all of it
/// within a page or two.
pub(super) fn lower_bound(
    count: u32,
    guess: u32,
    mut less: impl FnMut(u32) -> Result<bool, IndexDamage>,
) -> Result<u32, IndexDamage> {
    let Some(last) = count.checked_sub(1) else {
        return Ok(0);
    };
    let guess = guess.min(last);
    let mut step = FIRST_STEP;
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

/// Where in a table of `count` entries one expects `part` of `whole`.
pub(super) fn expected_place(count: u32, part: u64, whole: u64) -> u32 {
    let place = u128::from(count) * u128::from(part) / u128::from(whole.max(1));
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_guess_leads_to_the_partition_point(
            mut table in prop::collection::vec(0_u32..500, 0..400),
            wanted in 0_u32..520,
            guess in 0_u32..450,
        ) {
            table.sort_unstable();
            let found = lower_bound(table.len() as u32, guess, |at| Ok(table[at as usize] < wanted));
            prop_assert_eq!(found, Ok(table.partition_point(|e| *e < wanted) as u32));
        }
    }

    #[test]
    fn expected_places_stay_in_range() {
        assert_eq!(expected_place(100, 1, 2), 50);
        assert_eq!(expected_place(u32::MAX, u64::MAX, 1), u32::MAX);
        assert_eq!(expected_place(0, 5, 0), 0);
    }
}
