//! A membership filter over ids, keys and streams: most look-ups end here with "surely not in this segment".
//!
//! A binary fuse filter (Graf and Lemire, <https://arxiv.org/abs/2201.01174>): 9 bits an entry, three places a probe,
//! false positives one in 256. It is built and probed here rather than by a crate: the same entries must give the same
//! bytes for ever, only the touched blocks of the mapped file need to be verified, and no shape, however wrong, leads
//! outside the bytes.

use batpak_core::{EventId, KeyDigest};
use twox_hash::XxHash3_64;

/// The seeds that keep the hashes of ids, keys and streams apart.
const ID_DOMAIN: u64 = 1;
const KEY_DOMAIN: u64 = 2;
const STREAM_DOMAIN: u64 = 3;

/// The hash under which an event's id is found: XXH3-64, seeded.
pub(crate) fn id_hash(id: &EventId) -> u64 {
    XxHash3_64::oneshot_with_seed(ID_DOMAIN, id.as_bytes())
}

/// The hash under which an idempotency key is in the filter.
pub(crate) fn key_hash(key: &KeyDigest) -> u64 {
    XxHash3_64::oneshot_with_seed(KEY_DOMAIN, key.as_bytes())
}

/// The hash under which a stream is in the filter; `term` is its term key.
pub(crate) fn stream_hash(term: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(STREAM_DOMAIN, term)
}

/// The most entries of a filter: a segment has fewer events than bytes.
const ENTRIES_MAX: u64 = 1 << 31;
/// How often to mix the entries otherwise before there is more room, and altogether.
const ATTEMPTS_PER_SIZE: u32 = 8;
const ATTEMPTS_MAX: u32 = 64;

/// How a filter is laid out; a default one says "maybe" to everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FilterShape {
    pub seed: u64,
    /// A power of two, or 0 if there is no filter.
    pub segment_length: u32,
    /// Places where the first of the three can be: a multiple of the segment length.
    pub segment_count_length: u32,
}

impl FilterShape {
    /// Whether a filter of this shape has so many bytes, so that every probe stays within them.
    pub fn fits(&self, bytes: u64) -> bool {
        let Self { seed, segment_length, segment_count_length } = *self;
        if segment_length == 0 {
            return seed == 0 && segment_count_length == 0 && bytes == 0;
        }
        segment_length.is_power_of_two()
            && segment_count_length > 0
            && segment_count_length.is_multiple_of(segment_length)
            && bytes == u64::from(segment_count_length) + 2 * u64::from(segment_length)
    }

    /// The shape for so many entries, and, if that failed, for the attempts after it; `None` if there are too many.
    fn of(entries: usize, attempt: u32) -> Option<Self> {
        let entries = u64::try_from(entries).ok().filter(|entries| (1..=ENTRIES_MAX).contains(entries))?;
        let bits = u64::from(entries.ilog2().max(1));
        // 0.875 + 0.25 log(10^6) / log(entries), at least 1.125; a little more for each attempt that failed.
        let thousandths = (875 + 4983 / bits).max(1125) + 25 * u64::from(attempt / ATTEMPTS_PER_SIZE);
        // The power of two below about 3.33^(log2(entries) + 2.25): 0.576 bits for each bit of the number.
        let segment_length = 1_u32 << (bits * 576 / 1000 + 2).min(18);
        let segments = (entries * thousandths / 1000).div_ceil(u64::from(segment_length)).saturating_sub(2).max(1);
        let segment_count_length = u32::try_from(segments).ok()?.checked_mul(segment_length)?;
        Some(Self { seed: mix(u64::from(attempt).wrapping_add(1)), segment_length, segment_count_length })
    }

    /// The three places to look at for `hash`, and what they must add up to; `None` if there is no filter.
    pub fn probe(&self, hash: u64) -> Option<([u64; 3], u8)> {
        let mixed = mix(hash.wrapping_add(self.seed));
        (self.segment_length > 0).then(|| (self.places(mixed), fingerprint(mixed)))
    }

    /// The places of a hash that is mixed already: one in each of three neighbouring segments.
    fn places(&self, mixed: u64) -> [u64; 3] {
        let scaled = (u128::from(mixed) * u128::from(self.segment_count_length)) >> 64;
        let (length, mask) = (u64::from(self.segment_length), u64::from(self.segment_length.saturating_sub(1)));
        // The product of a u64 and a u32, shifted by 64, is below 2^32.
        let first = u64::try_from(scaled).unwrap_or_default();
        [first, (first + length) ^ ((mixed >> 18) & mask), (first + 2 * length) ^ (mixed & mask)]
    }
}

/// What a filter keeps of a mixed hash.
const fn fingerprint(mixed: u64) -> u8 {
    let [byte, ..] = (mixed ^ (mixed >> 32)).to_le_bytes();
    byte
}

/// The finalizer of MurmurHash3: a bijection, so that distinct entries stay distinct.
const fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// A filter over `hashes`, the same for the same set in any order; the shape of none if it cannot be built.
///
/// Cost: about 100 ns and, while it runs, 50 bytes an entry.
pub(super) fn build(mut hashes: Vec<u64>) -> (FilterShape, Vec<u8>) {
    hashes.sort_unstable();
    hashes.dedup();
    let built = (0..ATTEMPTS_MAX).find_map(|attempt| {
        let shape = FilterShape::of(hashes.len(), attempt)?;
        Some((shape, fill(&shape, &hashes)?))
    });
    built.unwrap_or_default()
}

/// What is known of a place while entries are taken off one by one.
#[derive(Clone, Copy, Default)]
struct Place {
    /// Mixed hashes of the entries that have this place, added up.
    sum: u64,
    /// How many those are.
    entries: u32,
}

/// The fingerprints of a filter of this shape, or `None` if the entries have to be mixed otherwise.
///
/// Entries that have a place to themselves are taken off, which leaves others with a place to themselves, until none
/// is left; then, in the opposite order, each sets its own place so that its three add up to its fingerprint.
fn fill(shape: &FilterShape, hashes: &[u64]) -> Option<Vec<u8>> {
    let mut mixed: Vec<u64> = hashes.iter().map(|hash| mix(hash.wrapping_add(shape.seed))).collect();
    // Neighbours in this order have neighbouring places.
    mixed.sort_unstable();
    let count = usize::try_from(u64::from(shape.segment_count_length) + 2 * u64::from(shape.segment_length)).ok()?;
    let mut places = vec![Place::default(); count];
    for hash in &mixed {
        for at in shape.places(*hash) {
            let place = places.get_mut(usize::try_from(at).ok()?)?;
            place.sum ^= *hash;
            place.entries = place.entries.checked_add(1)?;
        }
    }
    let alone = |(at, place): (u64, &Place)| (place.entries == 1).then_some(at);
    let mut queue: Vec<u64> = (0..).zip(&places).filter_map(alone).collect();
    let mut order = Vec::with_capacity(mixed.len());
    while let Some(own) = queue.pop() {
        let place = places.get(usize::try_from(own).ok()?)?;
        if place.entries != 1 {
            continue;
        }
        let hash = place.sum;
        order.push((hash, own));
        for at in shape.places(hash) {
            let place = places.get_mut(usize::try_from(at).ok()?)?;
            place.sum ^= hash;
            place.entries = place.entries.checked_sub(1)?;
            if place.entries == 1 {
                queue.push(at);
            }
        }
    }
    if order.len() != mixed.len() {
        return None;
    }
    let mut fingerprints = vec![0_u8; count];
    for (hash, own) in order.into_iter().rev() {
        let mut sum = fingerprint(hash);
        for at in shape.places(hash) {
            sum ^= fingerprints.get(usize::try_from(at).ok()?)?;
        }
        // Its own place is still zero.
        *fingerprints.get_mut(usize::try_from(own).ok()?)? = sum;
    }
    Some(fingerprints)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::cast_possible_truncation, reason = "tables in tests are small")]

    use proptest::prelude::*;

    use super::*;

    fn contains(shape: &FilterShape, places: &[u8], hash: u64) -> bool {
        shape
            .probe(hash)
            .is_none_or(|(at, fingerprint)| at.iter().fold(fingerprint, |sum, at| sum ^ places[*at as usize]) == 0)
    }

    fn spread(count: u64, from: u64) -> Vec<u64> {
        (from..from + count).map(|n| XxHash3_64::oneshot(&n.to_le_bytes())).collect()
    }

    #[test]
    fn every_entry_is_found_and_few_others_whatever_the_number() {
        let powers = (3..17).flat_map(|bits| [(1 << bits) - 1, 1 << bits, (1 << bits) + 1]);
        for count in (0..300).chain(powers).chain([1500, 3000, 20_000, 50_000]) {
            let hashes = spread(count, 0);
            let (shape, places) = build(hashes.clone());
            assert!(shape.fits(places.len() as u64), "{count}");
            assert_eq!(shape.segment_length > 0, count > 0, "no filter for {count}");
            assert!(hashes.iter().all(|hash| contains(&shape, &places, *hash)), "{count}");
            if count >= 1000 {
                let wrong = spread(20_000, 1 << 40).iter().filter(|h| contains(&shape, &places, **h)).count();
                assert!(wrong < 150, "{wrong} of 20,000 with {count}");
                assert!(places.len() as u64 * 100 < count * 160, "{} for {count}", places.len());
            }
        }
    }

    #[test]
    fn order_and_repetition_do_not_matter() {
        let hashes = spread(500, 0);
        let backward = hashes.iter().rev().chain(&hashes).copied().collect();
        assert_eq!(build(hashes), build(backward));
    }

    #[test]
    fn the_bytes_are_locked() {
        let (shape, places) = build(spread(1000, 0));
        let digest = XxHash3_64::oneshot(&places);
        // A difference here means that stored filters no longer equal rebuilt ones: that is a new format.
        assert_eq!((shape.segment_length, shape.segment_count_length, digest), (128, 1280, 14_617_763_589_021_556_215));
    }

    #[test]
    fn entries_that_cannot_be_told_apart_leave_no_filter() {
        let shape = FilterShape { seed: 1, segment_length: 1, segment_count_length: 1 };
        assert_eq!(fill(&shape, &[1, 2, 3]), None);
        assert!(contains(&FilterShape::default(), &[], 7), "no filter says maybe");
    }

    proptest! {
        #[test]
        fn no_shape_leads_outside(seed: u64, exponent in 0_u32..32, segments in 1_u32..2000, hash: u64) {
            let segment_length = 1_u32 << exponent;
            let Some(segment_count_length) = segment_length.checked_mul(segments) else { return Ok(()) };
            let shape = FilterShape { seed, segment_length, segment_count_length };
            let bytes = u64::from(segment_count_length) + 2 * u64::from(segment_length);
            prop_assert!(shape.fits(bytes));
            let (places, _) = shape.probe(hash).unwrap();
            prop_assert!(places.iter().all(|place| *place < bytes));
        }

        #[test]
        fn shapes_that_do_not_fit_are_refused(seed: u64, length: u32, count_length: u32, bytes: u64) {
            let shape = FilterShape { seed, segment_length: length, segment_count_length: count_length };
            if shape.fits(bytes) && length > 0 {
                prop_assert_eq!(bytes, u64::from(count_length) + 2 * u64::from(length));
            }
        }
    }
}
