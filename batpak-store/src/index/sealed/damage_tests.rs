//! Damaged, cut, stale and forged index files: an error or no difference, never a wrong answer, never a panic.
#![allow(clippy::cast_possible_truncation, reason = "made-up segments are small")]

use batpak_core::{KeyDigest, Position};
use proptest::prelude::*;
use twox_hash::XxHash3_64;

use super::blocks::block_check;
use super::layout::{HEADER_BYTES, Part};
use super::sample::{Numbers, Sample, realistic};
use super::tests::naive_terms;
use super::{Binding, IndexDamage, SealedIndex};
use crate::index::postings::{Direction, PostingsCursor};

/// Everything an index says, or the first damage met.
fn everything(bytes: Vec<u8>, sample: &Sample) -> Result<Vec<String>, IndexDamage> {
    let index = SealedIndex::open(bytes, &sample.binding)?;
    let mut said = vec![format!("{} {}", index.events(), index.first_position())];
    for term in index.terms(b"")? {
        said.push(format!("{:?}", term?));
    }
    for key in naive_terms(sample).keys() {
        said.push(format!("{:?}", index.stream(key)?));
        for direction in [Direction::Forward, Direction::Backward] {
            let Some(mut cursor) = index.postings(key, direction)? else { continue };
            let mut bound = if direction == Direction::Forward { 0 } else { u32::MAX };
            // A forged list may not be longer than the events.
            for _ in 0..=index.events() {
                let Some(rel) = cursor.seek(bound)? else { break };
                said.push(rel.to_string());
                let next = if direction == Direction::Forward { rel.checked_add(1) } else { rel.checked_sub(1) };
                let Some(next) = next else { break };
                bound = next;
            }
        }
    }
    for (rel, fact) in (0..).zip(&sample.facts) {
        said.push(format!("{} {:?}", index.offset(rel)?, index.frame_of(rel)?));
        said.push(index.maybe_contains(super::id_hash(&fact.id))?.to_string());
        for candidate in index.id_candidates(&fact.id)? {
            said.push(candidate?.to_string());
        }
    }
    for number in 0..sample.names.len() as u32 {
        said.push(format!("{:?}", index.name_offset(number)?));
    }
    for (digest, ..) in &sample.keys {
        said.push(format!("{:?}", index.key(digest)?));
    }
    said.push(format!("{:?}", index.key(&KeyDigest::from_bytes([9; 16]))?));
    said.push(format!("{:?} {:?} {:?}", index.tree_before()?, index.tree_after()?, index.consumers()?));
    for number in index.nodes().take(100) {
        said.push(format!("{:?}", index.node(number)?));
    }
    index.log_blocks().check(&sample.log, 0..sample.log.len())?;
    index.check_all()?;
    Ok(said)
}

fn sample() -> Sample {
    Sample::new(200, 0, &realistic(600))
}

#[test]
fn any_flipped_byte_is_noticed() {
    let sample = sample();
    let good = sample.build().unwrap();
    assert!(everything(good.clone(), &sample).is_ok());
    let mut numbers = Numbers(3);
    // Every byte of the header, and one in a few of the rest.
    let rest = (HEADER_BYTES..good.len()).step_by(23).chain(good.len() - 64..good.len());
    for at in (0..300).chain(4000..HEADER_BYTES).chain(rest) {
        let mut bad = good.clone();
        bad[at] ^= 1 << numbers.below(8);
        let opened = SealedIndex::open(bad, &sample.binding);
        let noticed = opened.and_then(|index| index.check_all());
        assert!(noticed.is_err(), "byte {at}");
    }
}

#[test]
fn a_flipped_byte_is_noticed_by_the_look_up_that_touches_it() {
    let sample = sample();
    let good = sample.build().unwrap();
    let said = everything(good.clone(), &sample).unwrap();
    for at in (0..good.len()).step_by(good.len() / 60) {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        match everything(bad, &sample) {
            Ok(same) => assert_eq!(same, said),
            Err(damage) => assert!(!damage.to_string().is_empty()),
        }
    }
}

#[test]
fn a_file_of_another_length_is_refused() {
    let sample = sample();
    let good = sample.build().unwrap();
    for length in (0..good.len()).step_by(97).chain([HEADER_BYTES - 1, HEADER_BYTES, good.len() - 1]) {
        let cut = SealedIndex::open(good[..length].to_vec(), &sample.binding);
        assert!(matches!(cut, Err(IndexDamage::Header | IndexDamage::Length { .. })), "{length}");
    }
    let longer = [&good[..], b"x"].concat();
    assert!(matches!(SealedIndex::open(longer, &sample.binding), Err(IndexDamage::Length { .. })));
    assert!(SealedIndex::open(vec![0; 1 << 20], &sample.binding).is_err());
}

#[test]
fn the_index_of_another_segment_is_stale() {
    let sample = sample();
    let good = sample.build().unwrap();
    let Binding { store, segment, salt, log_length, log_checksum } = sample.binding;
    let others = [
        Binding { store: batpak_core::StoreId::from_bytes([6; 16]), ..sample.binding },
        Binding { segment: segment + 1, ..sample.binding },
        Binding { salt: salt ^ 1, ..sample.binding },
        Binding { log_length: log_length - 1, ..sample.binding },
        Binding { log_checksum: log_checksum ^ (1 << 63), ..sample.binding },
    ];
    for other in others {
        assert_eq!(SealedIndex::open(good.clone(), &other).err(), Some(IndexDamage::Stale));
    }
    assert!(SealedIndex::open(good, &Binding { store, ..sample.binding }).is_ok());
}

#[test]
fn damage_of_the_log_is_the_logs() {
    let sample = sample();
    let blocks = sample.open().log_blocks();
    let mut log = sample.log.clone();
    let at = log.len() - 5;
    log[at] ^= 1;
    let block = (at / 16_384) as u64;
    assert_eq!(blocks.check(&log, at - 10..at - 8), Err(IndexDamage::LogBlock(block)));
    assert!(blocks.check(&log, 0..100).is_ok(), "other blocks are whole");
}

/// Makes every checksum of a file right again, as somebody would who forges one.
fn forge(bytes: &mut [u8]) {
    let lengths_at = 104;
    let lengths: Vec<u64> = bytes[lengths_at..lengths_at + 8 * Part::ALL.len()]
        .chunks(8)
        .map(|length| u64::from_le_bytes(length.try_into().unwrap()))
        .collect();
    let before: u64 = lengths[..Part::Blocks as usize].iter().fold(0, |sum: u64, l| sum.wrapping_add(*l));
    let Some(table) = usize::try_from(before).ok().and_then(|b| b.checked_add(HEADER_BYTES)) else { return };
    if table <= bytes.len() {
        let checks: Vec<u8> =
            bytes[HEADER_BYTES..table].chunks(16_384).flat_map(|b| block_check(b).to_le_bytes()).collect();
        let room = bytes.len() - table;
        bytes[table..].copy_from_slice(&[&checks[..], &vec![0; room]].concat()[..room]);
        let pages: Vec<u8> = bytes[table..].chunks(16_384).flat_map(|p| block_check(p).to_le_bytes()).collect();
        bytes[216..216 + pages.len()].copy_from_slice(&pages);
    }
    let checksum = XxHash3_64::oneshot(&bytes[..HEADER_BYTES - 8]);
    bytes[HEADER_BYTES - 8..HEADER_BYTES].copy_from_slice(&checksum.to_le_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn forged_bytes_never_panic_or_loop(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        in_header: bool,
    ) {
        thread_local!(static GOOD: (Sample, Vec<u8>) = {
            let sample = Sample::new(200, 3, &realistic(300));
            let bytes = sample.build().unwrap();
            (sample, bytes)
        });
        GOOD.with(|(sample, good)| {
            let mut bad = good.clone();
            for (at, byte) in &changes {
                // Past the binding, the header's counts and lengths; or the parts.
                let at = if in_header { 60 + at.index(156) } else { HEADER_BYTES + at.index(good.len() - HEADER_BYTES) };
                bad[at] = *byte;
            }
            forge(&mut bad);
            let _ = everything(bad, sample);
        });
    }
}

#[test]
fn hostile_counts_do_not_allocate() {
    let sample = Sample::new(1, 0, &[]);
    let good = sample.build().unwrap();
    for at in (60..216).step_by(4) {
        let mut bad = good.clone();
        bad[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        forge(&mut bad);
        if let Ok(index) = SealedIndex::open(bad, &sample.binding) {
            assert!(index.first_position() >= Position::new(1));
            let _ = index.check_all();
        }
    }
}
