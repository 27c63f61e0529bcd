//! How a process dies, and what is dead then.

use super::*;

#[test]
fn the_handles_of_a_dead_process_fail() {
    let disk = SimulatedDisk::new(1, Faults::none());
    let file = durable(&disk);
    disk.kill();
    let next = disk.restart();
    assert!(disk.is_dead() && !next.is_dead());
    let before = (next.digest(), next.stats());
    for error in [
        file.read_at(0, &mut [0]).unwrap_err(),
        file.write_at(0, &[9]).unwrap_err(),
        file.sync_data().unwrap_err(),
        file.set_len(0).unwrap_err(),
        file.len().unwrap_err(),
        file.map(1).err().unwrap(),
        disk.open(&NAME, Access::Read).err().unwrap(),
        disk.create(&OTHER).err().unwrap(),
        disk.remove(&NAME).unwrap_err(),
        disk.list().unwrap_err(),
        disk.sync_directory().unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Other, "the process died"));
    }
    assert!(matches!(disk.lock(), Err(LockError::Io(_))));
    assert_eq!((next.digest(), next.stats()), before, "the dead change nothing");
    assert_eq!(next.open(&NAME, Access::Read).unwrap().len().unwrap(), 2_048);
}

#[test]
fn death_frees_the_lock_and_an_old_lock_frees_nothing() {
    let disk = SimulatedDisk::new(1, Faults::none());
    let held = disk.lock().unwrap();
    assert!(matches!(disk.clone().lock(), Err(LockError::Held { .. })));
    drop(held);
    let old = disk.lock().unwrap();
    let next = disk.restart();
    let _new = next.lock().unwrap();
    drop(old);
    assert!(matches!(next.lock(), Err(LockError::Held { .. })));
}

#[test]
fn an_armed_call_is_the_last() {
    let mut prefixes = BTreeSet::new();
    for seed in 0..200 {
        let disk = SimulatedDisk::new(seed, Faults::none());
        let file = durable(&disk);
        disk.arm(3);
        file.len().unwrap();
        file.len().unwrap();
        assert_eq!(file.write_at(0, &[2; 9]).unwrap_err().to_string(), "the process died");
        assert!(disk.is_dead() && file.len().is_err());
        let bytes = disk.bytes(&NAME).unwrap();
        let prefix = bytes.iter().take_while(|byte| **byte == 2).count();
        assert!(bytes[prefix..].iter().all(|byte| *byte == 1));
        prefixes.insert(prefix);
    }
    assert_eq!(prefixes, (0..=9).collect());
}

#[test]
fn a_call_at_the_instant_of_death_was_done_or_was_not() {
    let mut done = 0;
    for seed in 0..100 {
        let disk = SimulatedDisk::new(seed, keeping(0));
        let file = durable(&disk);
        write_all_at(&*file, 0, &[2; 2_048]).unwrap();
        disk.arm(1);
        file.sync_data().unwrap_err();
        let bytes = cut(&disk).bytes(&NAME).unwrap();
        assert!(bytes == [1; 2_048] || bytes == [2; 2_048]);
        done += usize::from(bytes == [2; 2_048]);
    }
    assert!((20..80).contains(&done), "{done}");
}

#[test]
fn a_restart_disarms_and_a_removed_file_stays_readable_until_death() {
    let disk = SimulatedDisk::new(1, Faults::none());
    disk.kill();
    disk.arm(1);
    let disk = disk.restart();
    let file = durable(&disk);
    disk.remove(&NAME).unwrap();
    disk.sync_directory().unwrap();
    assert_eq!(read_full_at(&*file, 0, &mut [0; 9]).unwrap(), 9);
    assert!(disk.restart().files().is_empty() && file.len().is_err());
}
