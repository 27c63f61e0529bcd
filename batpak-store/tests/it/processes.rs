//! More than one process, or handle, on one folder: one writes, any number read, nobody is shown what is not durable.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use batpak_store::disk::{Disk, MemoryDisk, RealDisk};
use batpak_store::{Durability, ErrorClass, Options, Read, Reader, Store, StoreError, verify};
use tempfile::tempdir;

use crate::sample::{TINY, at, event, events, fill_until_sealed, inline, open, open_tiny, series, texts};

const SECOND: Duration = Duration::from_secs(1);
/// Set for the child processes of these tests: the folder to write to.
const FOLDER: &str = "BATPAK_TEST_FOLDER";

/// All files of a folder.
fn contents(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(path).unwrap().map(Result::unwrap);
    let read = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap())
    };
    entries.map(read).collect()
}

/// Starts this test again, in a process of its own that writes to `path`; returns once it has acknowledged `events`.
fn writer(path: &Path, events: u64) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["processes::a_process_that_writes", "--exact", "--nocapture"])
        .env(FOLDER, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.as_mut().unwrap());
    let wanted = format!("acknowledged {events}");
    assert!(output.lines().any(|line| line.unwrap().ends_with(&wanted)), "the child writes");
    child
}

/// Not a test of its own: what [`writer`] starts. Writes batches of three until it is killed.
#[test]
fn a_process_that_writes() {
    let Some(path) = std::env::var_os(FOLDER) else {
        return;
    };
    let store = Options::new().segment_bytes(TINY).open(path).unwrap();
    for number in 0.. {
        let receipt = store.append(series("a", &format!("{number:0>100}"), 3)).unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "acknowledged {}", receipt.last().unwrap().position).unwrap();
        out.flush().unwrap();
    }
}

/// Trap 16.
#[test]
fn one_handle_writes_and_the_second_opener_is_told_who() {
    let folder = tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(event("a", "first")).unwrap();
    let error = Store::open(folder.path()).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Locked);
    let StoreError::AlreadyOpen { path, holder } = error else { panic!("{error}") };
    assert_eq!(path, folder.path());
    assert!(holder.contains(&format!("process {}", std::process::id())), "{holder}");
    let seen = RealDisk::existing(folder.path()).unwrap().writer().unwrap();
    assert_eq!(seen, Some(holder));
    store.append(event("a", "second")).unwrap();
    store.close().unwrap();
    assert_eq!(RealDisk::existing(folder.path()).unwrap().writer().unwrap(), None);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(texts(&store.view()), ["first", "second"]);
    let disk = MemoryDisk::new();
    let _store = open(&disk);
    let error = inline().open_on(Arc::new(disk.clone())).unwrap_err();
    assert!(matches!(error, StoreError::AlreadyOpen { .. }), "{error}");
}

/// Trap 16, across processes; and SIGKILL.
#[test]
fn a_killed_writer_leaves_its_acknowledged_events_and_no_lock() {
    let folder = tempdir().unwrap();
    let mut child = writer(folder.path(), 150);
    let error = Store::open(folder.path()).unwrap_err();
    let StoreError::AlreadyOpen { holder, .. } = error else { panic!("{error}") };
    assert!(holder.contains(&format!("process {}", child.id())), "{holder}");
    let reader = Reader::open(folder.path()).unwrap();
    assert!(reader.wait_for(at(150), SECOND).unwrap() >= at(150));
    let seen = events(&reader.view());
    child.kill().unwrap();
    child.wait().unwrap();

    let store = inline().open(folder.path()).unwrap();
    let kept = events(&store.view());
    assert!(kept.len() >= seen.len());
    assert_eq!(kept[..seen.len()], seen);
    let next = store.append(event("a", "after")).unwrap();
    assert_eq!(next.events[0].position, at(kept.len() as u64 + 1));
    store.close().unwrap();
    assert!(verify(folder.path()).unwrap().is_clean());
}

#[test]
fn a_reader_beside_a_writer_sees_everything_durable_within_a_second() {
    let folder = tempdir().unwrap();
    let store = Options::new().segment_bytes(TINY).open(folder.path()).unwrap();
    let reader = Reader::open(folder.path()).unwrap();
    assert_eq!((reader.id(), reader.view().position()), (store.id(), at(0)));
    for number in 0..60 {
        let last = store.append(series("a", &format!("{number:0>300}"), 3)).unwrap();
        let last = last.last().unwrap().position;
        let start = Instant::now();
        assert_eq!(reader.wait_for(last, SECOND).unwrap(), last);
        assert!(start.elapsed() < SECOND);
        assert_eq!(reader.view().position(), last);
    }
    assert!(store.stats().unwrap().segments_sealed >= 2);
    assert_eq!(events(&reader.view()), events(&store.view()));
    assert_eq!(reader.view().root().unwrap(), store.view().root().unwrap());
    assert_eq!(events(&Reader::open(folder.path()).unwrap().view()), events(&store.view()));
}

#[test]
fn a_reader_never_shows_what_is_not_durable() {
    let folder = tempdir().unwrap();
    let never = Duration::from_secs(3600);
    let options = Options::new().durability(Durability::Os).os_sync_interval(never);
    let store = options.open(folder.path()).unwrap();
    store.append_with(event("a", "durable"), Durability::Disk).unwrap();
    let reader = Reader::open(folder.path()).unwrap();
    assert_eq!(reader.wait_for(at(1), SECOND).unwrap(), at(1));
    for number in 0..50 {
        store.append(event("a", number.to_string())).unwrap();
        assert_eq!(reader.refresh().unwrap(), at(1));
        let late = Reader::open(folder.path()).unwrap();
        assert_eq!(late.view().position(), at(1));
        assert_eq!(late.unproven().unwrap().events, number + 1);
    }
    assert_eq!(texts(&reader.view()), ["durable"]);
    store.append_with(event("a", "last"), Durability::Disk).unwrap();
    assert_eq!(reader.wait_for(at(52), SECOND).unwrap(), at(52));
    assert_eq!(reader.unproven(), None);
}

#[test]
fn a_reader_beside_a_busy_writer_is_never_ahead_of_what_is_durable() {
    let folder = tempdir().unwrap();
    let options = Options::new().segment_bytes(TINY).os_sync_interval(Duration::from_millis(2));
    let store = options.open(folder.path()).unwrap();
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for number in 0..400 {
                let durability = if number % 10 == 0 { Durability::Disk } else { Durability::Os };
                store.append_with(series("a", &format!("{number:0>80}"), 3), durability).unwrap();
            }
        });
        let reader = Reader::open(folder.path()).unwrap();
        let mut last = at(0);
        while !writing.is_finished() {
            let seen = reader.refresh().unwrap();
            assert!(seen <= store.durable() && seen >= last);
            assert_eq!(seen.get() % 3, 0, "a batch is seen in part");
            last = seen;
        }
        assert_eq!(reader.wait_for(at(1200), SECOND).unwrap(), at(1200));
        assert_eq!(events(&reader.view()), events(&store.view()));
    });
}

/// No mark was written after the last commit, so nothing proves that it was synced.
#[test]
fn a_reader_after_a_crash_proves_the_tail_itself_and_changes_nothing() {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    store.append(series("a", "a", 3)).unwrap();
    store.append(series("a", "b", 2)).unwrap();
    let left = disk.fork();
    let before = crate::folder::files(&left);
    // While a writer may be at work, nothing vouches for the last commit.
    let held = left.lock().unwrap();
    let reader = Reader::open_on(Arc::new(left.clone())).unwrap();
    assert_eq!(texts(&reader.view()).len(), 3);
    let unproven = reader.unproven().unwrap();
    assert_eq!(unproven.events, 2);
    assert!(unproven.bytes > 0);
    drop(held);
    // Without one, a sync proves it.
    let alone = Reader::open_on(Arc::new(left.clone())).unwrap();
    assert_eq!(texts(&alone.view()).len(), 5);
    assert_eq!(alone.unproven(), None);
    assert!(crate::folder::files(&left) == before, "a reader changes nothing");
    // Opening for writing keeps what the reader could not vouch for.
    let recovered = open(&left);
    assert_eq!(texts(&recovered.view()).len(), 5);
    recovered.close().unwrap();
    assert_eq!(reader.refresh().unwrap(), at(5));
    assert_eq!(reader.unproven(), None);
}

#[test]
fn a_reader_follows_into_sealed_segments_and_keeps_its_views() {
    let disk = MemoryDisk::new();
    let store = open_tiny(&disk);
    store.append(series("a", "a", 3)).unwrap();
    store.append(event("a", "proof")).unwrap();
    let reader = Reader::open_on(Arc::new(disk.clone())).unwrap();
    let early = reader.view();
    assert_eq!(early.position(), at(3));
    fill_until_sealed(&store, 3);
    let last = reader.refresh().unwrap();
    assert!(last.get() + 2 >= store.durable().get());
    // Memory is given back a look later.
    assert_eq!(reader.refresh().unwrap(), last);
    assert_eq!(reader.stats().unwrap().segments_sealed, 3);
    let wanted: Vec<_> = store.view().read(Read::all().to(last)).map(Result::unwrap).collect();
    assert_eq!(events(&reader.view()), wanted);
    assert_eq!(events(&early).len(), 3);
}

/// Trap 39.
#[test]
fn opening_for_reading_creates_nothing() {
    let folder = tempdir().unwrap();
    let missing = folder.path().join("missing");
    let not_found = |error: StoreError| {
        assert_eq!(error.class(), ErrorClass::NotFound);
        assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
    };
    not_found(Reader::open(&missing).unwrap_err());
    not_found(Options::new().read_only(&missing).unwrap_err());
    not_found(Options::new().create(false).open(&missing).unwrap_err());
    not_found(verify(&missing).unwrap_err());
    assert!(!missing.exists());
    not_found(Reader::open(folder.path()).unwrap_err());
    not_found(Options::new().read_only(folder.path()).unwrap_err());
    not_found(verify(folder.path()).unwrap_err());
    assert!(contents(folder.path()).is_empty());

    let store = Store::open(folder.path()).unwrap();
    store.append(series("a", "a", 3)).unwrap();
    store.close().unwrap();
    let before = contents(folder.path());
    let reader = Reader::open(folder.path()).unwrap();
    assert_eq!(texts(&reader.view()).len(), 3);
    drop(reader);
    assert!(contents(folder.path()) == before);
}

/// A folder that holds no store is refused for want of permission to create one, and left as it is.
#[test]
fn opening_without_permission_to_create_leaves_an_empty_folder_as_it_is() {
    let folder = tempdir().unwrap();
    let error = Options::new().create(false).open(folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
    let files: Vec<String> = contents(folder.path()).into_keys().collect();
    assert!(files.iter().all(|name| name == "lock"), "{files:?}");

    let torn = folder.path().join("0000000000000000.log");
    fs::write(&torn, [0; 10]).unwrap();
    let error = Options::new().create(false).open(folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
    assert!(torn.exists(), "a refused open changes nothing");
}

#[test]
fn files_that_are_none_of_the_stores_are_reported_and_left_alone() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.opened().unknown, ["notes.txt"]);
    store.append(event("a", "first")).unwrap();
    store.close().unwrap();
    assert_eq!(contents(folder.path())["notes.txt"], b"mine");
}

/// Trap 46.
#[cfg(unix)]
#[test]
fn a_link_in_the_folder_is_not_followed() {
    let folder = tempdir().unwrap();
    let outside = tempdir().unwrap();
    let target = outside.path().join("target");
    fs::write(&target, "precious").unwrap();
    for name in ["lock", "spare.new", "0000000000000000.log"] {
        let path = folder.path().join(name);
        std::os::unix::fs::symlink(&target, &path).unwrap();
        let opened = inline().open(folder.path()).map(|store| store.append(event("a", "x")));
        drop(opened);
        assert_eq!(fs::read(&target).unwrap(), b"precious", "{name}");
        for entry in fs::read_dir(folder.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
}
