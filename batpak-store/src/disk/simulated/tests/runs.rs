//! Whole runs: all outcomes of a crash, the same run twice, every fault met.

use super::*;

#[test]
fn every_outcome_of_a_power_cut_can_be_asked_for() {
    let disk = SimulatedDisk::new(1, Faults::none());
    let file = durable(&disk);
    write_all_at(&*file, 1_536, &[2; 1_024]).unwrap();
    disk.create(&OTHER).unwrap();
    assert_eq!(disk.unsynced(), 4, "a name, a length, two sectors");
    let outcomes: BTreeSet<_> = (0..16)
        .map(|bits| {
            let fork = disk.fork();
            fork.power_cut_keeping(bits);
            let fork = fork.restart();
            (fork.files(), fork.bytes(&NAME))
        })
        .collect();
    assert_eq!(outcomes.len(), 12, "the last sector matters only with the new length");
    assert!(!disk.is_dead() && disk.bytes(&NAME).unwrap().len() == 2_560, "a fork leaves its disk alone");
}

/// Some lives of a careless program.
fn run(seed: u64, faults: Faults) -> SimulatedDisk {
    let mut random = Random::new(!seed);
    let mut disk = SimulatedDisk::new(seed, faults);
    for _ in 0..4 {
        disk.arm(random.between(20, 300));
        while !disk.is_dead() {
            let name = FileName::Segment(random.below(4));
            let Ok(file) = disk.open(&name, Access::Write).or_else(|_| disk.create(&name)) else { continue };
            let bytes = vec![1 + name_byte(&name); random.index(3_000)];
            let _ = match random.below(12) {
                0 => file.set_len(random.below(6_000)),
                1 => file.sync_and_drop_cache(),
                2 => disk.sync_directory(),
                3 => disk.rename(&name, &FileName::Segment(random.below(4))),
                4 => disk.remove(&name),
                5 => disk.list().map(drop),
                6 | 7 => file.sync_data(),
                8 => read_full_at(&*file, random.below(4_000), &mut [0; 700]).map(drop),
                _ => write_all_at(&*file, random.below(4_000), &bytes),
            };
        }
        disk.spoil(&FileName::Segment(random.below(4)), random.index(4_000));
        if random.coin() {
            disk.power_cut();
            for name in disk.files() {
                assert_eq!(disk.bytes(&name), disk.durable_bytes(&name), "after a power cut the cache is the disk");
            }
            assert_eq!(disk.unsynced(), 0);
        }
        disk = disk.restart();
    }
    disk
}

fn name_byte(name: &FileName) -> u8 {
    name.to_string().as_bytes()[15]
}

#[test]
fn a_seed_runs_the_same_twice_and_other_seeds_run_otherwise() {
    let digests: BTreeSet<_> = (0..100)
        .map(|seed| {
            let (one, two) = (run(seed, Faults::all()), run(seed, Faults::all()));
            assert_eq!((one.digest(), one.stats()), (two.digest(), two.stats()));
            one.digest()
        })
        .collect();
    assert_eq!(digests.len(), 100);
}

#[test]
fn every_fault_comes_up() {
    let mut all = Stats::default();
    for seed in 0..300 {
        let faults = if seed % 2 == 0 { Faults::all() } else { Faults::drawn(&mut Random::new(seed)) };
        all.add(&run(seed, faults).stats());
    }
    for (name, count) in all.counters() {
        assert!(count > 0, "{name} never happened");
    }
}
