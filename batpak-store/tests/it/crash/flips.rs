//! Bits that flip in what was durable: reported, or harmless, but never a silently shorter log.

use std::sync::Arc;

use batpak_core::{Batch, Codec, Coordinate, Draft, Event, Kind};
use batpak_store::disk::FileName;
use batpak_store::disk::simulated::{Faults, Random, SimulatedDisk};
use batpak_store::platform::{SeededEntropy, SimulatedClock};
use batpak_store::{Helpers, Options, Read, StoreError, verify_on};

fn options(seed: u64) -> Options {
    Options::new()
        .segment_bytes(16 << 10)
        .helpers(Helpers::Inline)
        .clock(Arc::new(SimulatedClock::at(1_700_000_000_000_000)))
        .entropy(Arc::new(SeededEntropy::new(seed)))
}

fn events(disk: &SimulatedDisk) -> Result<Vec<Event>, StoreError> {
    options(9).open_on(Arc::new(disk.clone()))?.view().read(Read::all()).collect()
}

#[test]
fn a_flipped_bit_is_reported_or_harmless() {
    let mut reported = 0;
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let disk = SimulatedDisk::new(seed, Faults::none());
        let store = options(seed).open_on(Arc::new(disk.clone())).unwrap();
        for number in 0..random.between(3, 120) {
            let drafts = (0..random.between(1, 6)).map(|_| {
                let coordinate = Coordinate::new("sim", &format!("e{}", random.below(5))).unwrap();
                Draft::new(
                    coordinate,
                    Kind::new("thing.happened").unwrap(),
                    Codec::RAW,
                    format!("{number}").into_bytes(),
                )
            });
            store.append(Batch::new(drafts.collect())).unwrap();
        }
        store.close().unwrap();
        let before = events(&disk.fork().restart()).unwrap();
        for _ in 0..20 {
            let disk = disk.fork().restart();
            let files: Vec<FileName> = disk
                .files()
                .into_iter()
                .filter(|name| matches!(name, FileName::Segment(_) | FileName::Index(_)))
                .collect();
            let name = files[random.index(files.len())];
            let length = disk.bytes(&name).unwrap().len() as u64;
            let byte = random.below(length);
            assert!(disk.flip(&name, byte as usize, random.below(8) as u8));
            let verified = verify_on(&disk).unwrap();
            let found = !verified.is_clean();
            reported += u64::from(found);
            match events(&disk) {
                Ok(after) if after == before => {}
                // The mark that closing leaves protects every commit; only the mark itself may be lost unnoticed.
                Ok(after) => panic!(
                    "seed {seed}: {} events instead of {} after a flip at {byte} of {name}",
                    after.len(),
                    before.len()
                ),
                Err(StoreError::Corrupt { .. } | StoreError::Unsupported { .. }) => {
                    assert!(found, "seed {seed}: verify misses a flip at {byte} of {name}")
                }
                Err(error) => panic!("seed {seed}: {error}"),
            }
        }
    }
    assert!(reported > 200, "only {reported} of 1,200 flips reported");
}
