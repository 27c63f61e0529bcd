//! What a power cut and a failed sync leave of the bytes and the length of a file.

use super::*;

#[test]
fn a_power_cut_takes_what_was_not_synced_and_nothing_else() {
    let disk = SimulatedDisk::new(1, keeping(0));
    let file = durable(&disk);
    write_all_at(&*file, 512, &[2; 512]).unwrap();
    file.sync_all().unwrap();
    write_all_at(&*file, 1_024, &[3; 512]).unwrap();
    let seen = disk.bytes(&NAME).unwrap();
    let synced = [vec![1; 512], vec![2; 512], vec![1; 1_024]].concat();
    assert_eq!((seen[1_024], disk.durable_bytes(&NAME).unwrap() == synced), (3, true));
    let disk = cut(&disk);
    assert_eq!(disk.bytes(&NAME).unwrap(), synced);
    assert_eq!((disk.stats().lost_sectors, disk.stats().kept_sectors), (1, 0));
}

#[test]
fn the_death_of_the_process_takes_nothing_but_a_later_power_cut_does() {
    let disk = SimulatedDisk::new(1, keeping(0));
    let file = durable(&disk);
    write_all_at(&*file, 0, &[2; 512]).unwrap();
    disk.kill();
    let disk = disk.restart();
    assert_eq!(disk.bytes(&NAME).unwrap()[0], 2);
    assert_eq!(cut(&disk).bytes(&NAME).unwrap()[0], 1);
}

#[test]
fn after_a_failed_sync_the_cache_shows_what_the_disk_lost() {
    let mut lost = 0;
    for seed in 0..50 {
        let disk = SimulatedDisk::new(seed, keeping(1_000));
        let file = durable(&disk);
        write_all_at(&*file, 0, &[2; 2_048]).unwrap();
        disk.set_faults(Faults { failed_syncs: 1_000, ..keeping(1_000) });
        file.sync_data().unwrap_err();
        disk.set_faults(keeping(1_000));
        file.sync_data().expect("the error is reported once");
        assert_eq!(disk.bytes(&NAME).unwrap(), [2; 2_048], "seed {seed}");
        assert_eq!(disk.unsynced(), 0, "what was lost counts as clean");
        let truth = disk.durable_bytes(&NAME).unwrap();
        lost += truth.iter().filter(|byte| **byte == 1).count();
        let fork = disk.fork();
        assert_eq!(cut(&fork).bytes(&NAME).unwrap(), truth, "seed {seed}");
        file.sync_and_drop_cache().unwrap();
        assert_eq!(disk.bytes(&NAME).unwrap(), truth, "seed {seed}");
    }
    assert!(lost > 0 && lost < 50 * 2_048, "some sectors land, some do not");
}

#[test]
fn a_rewritten_sector_is_no_longer_lost() {
    let disk = SimulatedDisk::new(3, keeping(0));
    let file = durable(&disk);
    write_all_at(&*file, 0, &[2; 2_048]).unwrap();
    disk.set_faults(Faults { failed_syncs: 1_000, ..keeping(0) });
    file.sync_data().unwrap_err();
    disk.set_faults(keeping(0));
    write_all_at(&*file, 0, &[3; 2_048]).unwrap();
    file.sync_data().unwrap();
    assert_eq!(cut(&disk).bytes(&NAME).unwrap(), [3; 2_048]);
}

#[test]
fn a_failed_sync_may_revert_the_cache() {
    let reverting = Faults { failed_syncs: 1_000, reverting_syncs: 1_000, ..keeping(0) };
    let mut reverted = 0;
    for seed in 0..50 {
        let disk = SimulatedDisk::new(seed, keeping(0));
        let file = durable(&disk);
        write_all_at(&*file, 0, &[2; 4_096]).unwrap();
        disk.set_faults(reverting);
        file.sync_data().unwrap_err();
        disk.set_faults(keeping(0));
        file.sync_data().unwrap();
        assert_eq!(disk.bytes(&NAME), disk.durable_bytes(&NAME), "seed {seed}");
        reverted += disk.stats().sectors_lost_by_syncs;
    }
    assert!(reverted > 0);
}

#[test]
fn a_failed_sync_that_knew_a_shorter_file_loses_the_last_sector_whole() {
    for seed in 0..100 {
        let disk = SimulatedDisk::new(seed, keeping(0));
        let file = disk.create(&NAME).unwrap();
        write_all_at(&*file, 0, &[1; 700]).unwrap();
        file.sync_data().unwrap();
        disk.sync_directory().unwrap();
        write_all_at(&*file, 600, &[2; 300]).unwrap();
        disk.set_faults(Faults { failed_syncs: 1_000, ..keeping(0) });
        file.sync_data().unwrap_err();
        disk.set_faults(keeping(0));
        file.sync_and_drop_cache().unwrap();
        let shown = disk.bytes(&NAME).unwrap();
        assert_eq!(Some(&shown), disk.durable_bytes(&NAME).as_ref(), "seed {seed}");
        assert_eq!(shown.len(), 900);
    }
}

#[test]
fn a_sector_is_torn_at_a_byte() {
    let mut fronts = 0;
    for seed in 0..100 {
        let disk = SimulatedDisk::new(seed, Faults { torn_sectors: 1_000, ..keeping(1_000) });
        let file = durable(&disk);
        write_all_at(&*file, 512, &[2; 512]).unwrap();
        let disk = cut(&disk);
        let bytes = disk.bytes(&NAME).unwrap();
        let sector = &bytes[512..1_024];
        assert_eq!(sector.windows(2).filter(|pair| pair[0] != pair[1]).count(), 1, "seed {seed}");
        fronts += usize::from(sector[0] == 2);
        assert_eq!(disk.stats().torn_sectors, 1);
        assert!(bytes[..512].iter().chain(&bytes[1_024..]).all(|byte| *byte == 1));
    }
    assert!((20..80).contains(&fronts));
}

#[test]
fn a_length_is_old_or_new_or_between() {
    for (from, to) in [(2_048, 4_000), (2_048, 100)] {
        let mut seen = [0; 3];
        for seed in 0..200 {
            let disk = SimulatedDisk::new(seed, keeping(0));
            let file = durable(&disk);
            file.set_len(to).unwrap();
            let bytes = cut(&disk).bytes(&NAME).unwrap();
            let len = bytes.len() as u64;
            assert!((from.min(to)..=from.max(to)).contains(&len));
            seen[if len == from { 0 } else { 1 + usize::from(len != to) }] += 1;
            assert!(bytes.iter().take(2_048).all(|byte| *byte == 1) && bytes.iter().skip(2_048).all(|byte| *byte == 0));
        }
        assert!(seen.iter().all(|count| *count > 20), "{from} to {to}: {seen:?}");
    }
}

#[test]
fn a_lost_truncation_shows_stale_bytes_behind_new_ones() {
    let mut stale = 0;
    for seed in 0..200 {
        let disk = SimulatedDisk::new(seed, Faults { torn_sectors: 0, ..Faults::none() });
        let file = durable(&disk);
        file.set_len(512).unwrap();
        write_all_at(&*file, 512, &[2; 512]).unwrap();
        file.set_len(2_048).unwrap();
        assert!(disk.bytes(&NAME).unwrap()[1_024..].iter().all(|byte| *byte == 0));
        let bytes = cut(&disk).bytes(&NAME).unwrap();
        stale += usize::from(bytes.get(512) == Some(&2) && bytes.get(1_024) == Some(&1));
    }
    assert!(stale > 5, "{stale}");
}

#[test]
fn a_synced_truncation_leaves_nothing_stale() {
    for seed in 0..50 {
        let disk = SimulatedDisk::new(seed, Faults { garbage: 0, ..Faults::none() });
        let file = durable(&disk);
        file.set_len(700).unwrap();
        file.sync_data().unwrap();
        file.set_len(2_048).unwrap();
        file.sync_data().unwrap();
        let bytes = cut(&disk).bytes(&NAME).unwrap();
        assert!(bytes.len() == 2_048 && bytes[700..].iter().all(|byte| *byte == 0));
    }
}

#[test]
fn an_unsynced_extension_shows_deleted_bytes() {
    let mut shown = 0;
    for seed in 0..100 {
        let disk = SimulatedDisk::new(seed, Faults { garbage: 1_000, ..keeping(0) });
        durable(&disk);
        disk.remove(&NAME).unwrap();
        disk.sync_directory().unwrap();
        let disk = disk.restart();
        let file = disk.create(&OTHER).unwrap();
        disk.sync_directory().unwrap();
        write_all_at(&*file, 0, &[2; 1_024]).unwrap();
        let bytes = cut(&disk).bytes(&OTHER).unwrap();
        assert!(bytes.iter().all(|byte| *byte == 1));
        shown += usize::from(!bytes.is_empty());
        assert_eq!(disk.stats().garbage_tails, u64::from(!bytes.is_empty()));
    }
    assert!(shown > 30);
}
