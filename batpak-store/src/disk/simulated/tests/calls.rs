//! Calls that fail or do less than asked for, and what no call does.

use super::*;

#[test]
fn no_room() {
    let full = Faults { full_creates: 1_000, full_writes: 1_000, full_extensions: 1_000, ..keeping(0) };
    let mut parts = 0;
    for seed in 0..50 {
        let disk = SimulatedDisk::new(seed, keeping(0));
        let file = durable(&disk);
        disk.set_faults(full);
        assert_eq!(disk.create(&OTHER).err().unwrap().kind(), ErrorKind::StorageFull);
        assert_eq!(file.set_len(9_000).unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!((disk.files(), file.len().unwrap()), (vec![NAME], 2_048));
        assert_eq!(write_all_at(&*file, 2_048, &[2; 100]).unwrap_err().kind(), ErrorKind::StorageFull);
        let len = disk.bytes(&NAME).unwrap().len();
        assert!((2_048..2_148).contains(&len));
        parts += u64::from(len > 2_048);
        assert_eq!((disk.stats().full, disk.stats().full_after_part), (3, u64::from(len > 2_048)));
        file.set_len(10).unwrap();
    }
    assert!(parts > 5);
}

#[test]
fn short_and_interrupted_calls_lose_nothing() {
    let disk = SimulatedDisk::new(
        4,
        Faults { short_reads: 700, short_writes: 700, interrupted: 300, writebacks: 500, ..Faults::none() },
    );
    let file = disk.create(&NAME).unwrap();
    let mut bytes = vec![0; 50_000];
    Random::new(5).fill(&mut bytes);
    for (at, chunk) in bytes.chunks(700).enumerate() {
        write_all_at(&*file, at as u64 * 700, chunk).unwrap();
        let mut read = vec![0; chunk.len()];
        assert_eq!(read_full_at(&*file, at as u64 * 700, &mut read).unwrap(), chunk.len());
        assert_eq!(read, chunk);
    }
    file.sync_data().unwrap();
    write_all_at(&*file, 0, &bytes).unwrap();
    let stats = disk.stats();
    assert!(
        stats.short_reads > 0 && stats.short_writes > 0 && stats.interrupted > 0 && stats.writebacks > 0,
        "{stats:?}"
    );
    assert_eq!(read_full_at(&*file, 50_000, &mut [0; 9]).unwrap(), 0);
}

#[test]
fn damage_changes_both_images_and_is_no_mutation() {
    let disk = SimulatedDisk::new(1, keeping(0));
    let file = durable(&disk);
    let before = disk.mutations();
    assert!(disk.flip(&NAME, 5, 3) && disk.overwrite(&NAME, 600, b"stale") && disk.truncate(&NAME, 1_000));
    assert!(
        !disk.flip(&NAME, 1_000, 0)
            && !disk.overwrite(&NAME, 998, b"stale")
            && !disk.truncate(&NAME, 1_000)
            && !disk.flip(&OTHER, 0, 0)
    );
    assert_eq!((disk.mutations(), file.len().unwrap(), disk.unsynced()), (before, 1_000, 0));
    let bytes = disk.bytes(&NAME).unwrap();
    assert_eq!((bytes[5], &bytes[600..605]), (1 ^ 8, b"stale".as_slice()));
    assert_eq!(cut(&disk).bytes(&NAME).unwrap(), bytes);
}

#[test]
fn a_spoilt_sector_stays_unreadable_until_it_is_written() {
    let disk = SimulatedDisk::new(1, keeping(0));
    durable(&disk);
    assert!(disk.spoil(&NAME, 600) && !disk.spoil(&NAME, 2_048) && !disk.spoil(&OTHER, 0));
    let disk = cut(&disk);
    let file = disk.open(&NAME, Access::Write).unwrap();
    for (offset, fails) in [(0, false), (1, true), (600, true), (1_023, true), (1_024, false)] {
        assert_eq!(read_full_at(&*file, offset, &mut [0; 512]).is_err(), fails, "{offset}");
    }
    assert!(file.map(512).is_ok() && file.map(513).is_err());
    assert_eq!(disk.stats().failed_reads, 4);
    write_all_at(&*file, 512, &[2; 512]).unwrap();
    assert_eq!(read_full_at(&*file, 0, &mut [0; 2_048]).unwrap(), 2_048);
}

#[test]
fn reading_is_no_mutation_and_a_handle_for_reading_writes_nothing() {
    let disk = SimulatedDisk::new(1, Faults::none());
    durable(&disk);
    let before = disk.mutations();
    let file = disk.open(&NAME, Access::Read).unwrap();
    assert_eq!(&*file.map(3).unwrap(), [1; 3]);
    assert_eq!(file.map(2_049).err().unwrap().kind(), ErrorKind::UnexpectedEof);
    file.sync_and_drop_cache().unwrap();
    disk.list().unwrap();
    assert_eq!(file.write_at(0, &[2]).unwrap_err().kind(), ErrorKind::PermissionDenied);
    assert_eq!(file.set_len(0).unwrap_err().kind(), ErrorKind::PermissionDenied);
    assert_eq!(disk.mutations(), before);
    let file = disk.open(&NAME, Access::Write).unwrap();
    assert_eq!(file.set_len(u64::MAX).unwrap_err().kind(), ErrorKind::FileTooLarge);
    assert_eq!(file.write_at(u64::MAX, &[2]).unwrap_err().kind(), ErrorKind::FileTooLarge);
    assert_eq!(disk.open(&OTHER, Access::Read).err().unwrap().kind(), ErrorKind::NotFound);
    assert_eq!(disk.create(&NAME).err().unwrap().kind(), ErrorKind::AlreadyExists);
}
