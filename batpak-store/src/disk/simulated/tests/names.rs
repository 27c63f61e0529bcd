//! What becomes of names.

use super::*;

#[test]
fn strictly_a_name_needs_a_sync_of_its_directory() {
    for (synced, there) in [(false, false), (true, true)] {
        let disk = SimulatedDisk::new(1, keeping(0));
        let file = disk.create(&NAME).unwrap();
        write_all_at(&*file, 0, b"bytes").unwrap();
        file.sync_all().unwrap();
        if synced {
            disk.sync_directory().unwrap();
        }
        let disk = cut(&disk);
        assert_eq!(disk.bytes(&NAME).as_deref(), there.then_some(b"bytes".as_slice()));
        assert_eq!(disk.stats().lost_names, u64::from(!there));
    }
}

#[test]
fn ext4_keeps_the_name_of_a_synced_file_and_what_was_done_to_names_before() {
    let disk = SimulatedDisk::new(1, Faults { names: NameLoss::Ext4, ..keeping(0) });
    disk.create(&OTHER).unwrap();
    let file = disk.create(&NAME).unwrap();
    file.sync_data().unwrap();
    disk.create(&FileName::Spare).unwrap();
    assert_eq!(cut(&disk).files(), [NAME, OTHER]);
}

#[test]
fn a_journal_keeps_a_prefix_and_strict_names_any_subset() {
    let mut seen = [BTreeSet::new(), BTreeSet::new()];
    for seed in 0..400 {
        for (names, seen) in [NameLoss::Journal, NameLoss::Strict].into_iter().zip(&mut seen) {
            let disk = SimulatedDisk::new(seed, Faults { names, ..Faults::none() });
            for number in 0..3 {
                disk.create(&FileName::Segment(number)).unwrap();
            }
            seen.insert(cut(&disk).files().iter().map(|name| format!("{name}").remove(15)).collect::<String>());
        }
    }
    assert_eq!(seen[0].iter().collect::<Vec<_>>(), ["", "0", "01", "012"]);
    assert_eq!(seen[1].len(), 8);
}

#[test]
fn a_rename_replaces_and_is_lost_or_kept_whole() {
    for kept in [0, 1_000] {
        let disk = SimulatedDisk::new(1, keeping(kept));
        for (name, byte) in [(NAME, b"1"), (OTHER, b"2")] {
            let file = disk.create(&name).unwrap();
            write_all_at(&*file, 0, byte).unwrap();
            file.sync_data().unwrap();
        }
        disk.sync_directory().unwrap();
        disk.rename(&NAME, &OTHER).unwrap();
        assert_eq!((disk.files(), disk.bytes(&OTHER).unwrap()), (vec![OTHER], b"1".to_vec()));
        let disk = cut(&disk);
        let expected =
            if kept == 0 { vec![(NAME, b"1".to_vec()), (OTHER, b"2".to_vec())] } else { vec![(OTHER, b"1".to_vec())] };
        let found: Vec<_> = disk.files().into_iter().map(|name| (name, disk.bytes(&name).unwrap())).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_file_never_has_two_names() {
    for seed in 0..200 {
        let disk = SimulatedDisk::new(seed, Faults { kept: Some(500), ..Faults::none() });
        durable(&disk);
        disk.rename(&NAME, &OTHER).unwrap();
        disk.rename(&OTHER, &FileName::Spare).unwrap();
        assert_eq!(cut(&disk).files().len(), 1, "seed {seed}");
    }
}

#[test]
fn a_removed_file_may_come_back() {
    let disk = SimulatedDisk::new(1, keeping(0));
    durable(&disk);
    disk.remove(&NAME).unwrap();
    assert_eq!(disk.remove(&NAME).unwrap_err().kind(), ErrorKind::NotFound);
    disk.kill();
    let disk = disk.restart();
    assert!(disk.files().is_empty());
    assert_eq!(cut(&disk).bytes(&NAME).unwrap(), [1; 2_048]);
}

#[test]
fn failed_names() {
    let faults = Faults { failed_renames: 1_000, failed_directory_syncs: 1_000, ..keeping(0) };
    let mut kept = 0;
    for seed in 0..50 {
        let disk = SimulatedDisk::new(seed, faults);
        disk.create(&NAME).unwrap();
        disk.rename(&NAME, &OTHER).unwrap_err();
        disk.sync_directory().unwrap_err();
        assert_eq!(disk.files(), [NAME]);
        kept += cut(&disk).files().len();
        assert_eq!((disk.stats().failed_renames, disk.stats().failed_directory_syncs), (1, 1));
    }
    assert!((5..45).contains(&kept), "{kept}");
}

#[test]
fn lists_come_in_any_order() {
    let disk = SimulatedDisk::new(1, Faults { shuffled_lists: 1_000, ..Faults::none() });
    (0..9).for_each(|number| drop(disk.create(&FileName::Segment(number)).unwrap()));
    let mut list = disk.list().unwrap();
    assert_ne!(list, disk.list().unwrap());
    list.sort();
    assert_eq!(list, disk.files().into_iter().map(Listed::Known).collect::<Vec<_>>());
}
