//! What loom explores: the real gate, lease, budget and writer, every interleaving up to the preemption bound.
//!
//! Each promise comes with a twin that takes one guard out (see `sync::planted`) and must fail.

use crate::sync::Arc;
use std::sync::atomic::{AtomicUsize as Count, Ordering::SeqCst};

use batpak_core::{Batch, Codec, Coordinate, Draft, Expected, IdempotencyKey, Kind, Position};
use loom::thread;

use super::Writer;
use super::lease::Lease;
use super::restart::{RestartBudget, RestartPolicy};
use super::stage::{Resume, SegmentEnd};
use crate::disk::{Disk, DiskFile, FileName, Listed, LockError, MemoryDisk};
use crate::durability::Durability;
use crate::error::StoreError;
use crate::options::{Helpers, Options};
use crate::read::{Read, View};
use crate::segment::SegmentSet;
use crate::sequence::SequenceGate;
use crate::sync::planted::{Bug, current, plant};

/// Explores `model` with a guard taken out; passes if some interleaving breaks the promise.
fn must_fail(bug: Bug, model: fn()) {
    let caught = std::panic::catch_unwind(move || {
        loom::model(move || {
            plant(Some(bug));
            model();
        });
    });
    plant(None);
    assert!(caught.is_err(), "the model does not notice {bug:?}");
}

/// Starts a second thread of a model, with the same guard taken out.
fn race<T: 'static>(work: impl FnOnce() -> T + 'static) -> thread::JoinHandle<T> {
    let bug = current();
    thread::spawn(move || {
        plant(bug);
        work()
    })
}

fn holds(model: fn()) {
    plant(None);
    loom::model(model);
}

// -- the gate ------------------------------------------------------------------------------------------------------

/// Index entries are plain data to the gate: written before `publish`, read after `visible`.
fn gate_publishes_whole_batches() {
    let gate = Arc::new(SequenceGate::new(Position::START));
    let index = Arc::new([loom::sync::atomic::AtomicU64::new(0), loom::sync::atomic::AtomicU64::new(0)]);
    let writer = {
        let (gate, index) = (Arc::clone(&gate), Arc::clone(&index));
        race(move || {
            for entry in &*index {
                entry.store(1, loom::sync::atomic::Ordering::Relaxed);
            }
            gate.publish(Position::new(2));
        })
    };
    if gate.visible() == Position::new(2) {
        for entry in &*index {
            assert_eq!(entry.load(loom::sync::atomic::Ordering::Relaxed), 1, "published, but not in the index");
        }
    }
    writer.join().unwrap();
}

#[test]
fn published_events_are_in_the_index() {
    holds(gate_publishes_whole_batches);
}

#[test]
fn published_events_are_in_the_index_fails_with_relaxed_ordering() {
    must_fail(Bug::PublishRelaxed, gate_publishes_whole_batches);
}

// -- the lease -----------------------------------------------------------------------------------------------------

fn lease_has_one_owner() {
    let lease = Arc::new(Lease::new());
    let inside = Arc::new(loom::sync::atomic::AtomicUsize::new(0));
    let work = |lease: &Lease, inside: &loom::sync::atomic::AtomicUsize| {
        // Twice: an attempt that fails must not give the owner's lease back.
        for _ in 0..2 {
            let Some(held) = lease.try_take() else { continue };
            assert_eq!(inside.fetch_add(1, loom::sync::atomic::Ordering::SeqCst), 0, "two owners");
            inside.fetch_sub(1, loom::sync::atomic::Ordering::SeqCst);
            drop(held);
        }
    };
    let other = {
        let (lease, inside) = (Arc::clone(&lease), Arc::clone(&inside));
        race(move || work(&lease, &inside))
    };
    work(&lease, &inside);
    other.join().unwrap();
}

#[test]
fn an_exclusive_job_has_one_owner_at_a_time() {
    holds(lease_has_one_owner);
}

#[test]
fn an_exclusive_job_has_one_owner_fails_without_the_check() {
    must_fail(Bug::LeaseUnchecked, lease_has_one_owner);
}

// -- the restart budget --------------------------------------------------------------------------------------------

fn budget_of_two_admits_two() {
    let policy = RestartPolicy::Bounded { max: 2, within: std::time::Duration::from_secs(1) };
    let budget = Arc::new(RestartBudget::new(policy));
    let admitted = Arc::new(Count::new(0));
    let claim = |budget: &RestartBudget, admitted: &Count| {
        if budget.claim(5) {
            admitted.fetch_add(1, SeqCst);
        }
    };
    let others: Vec<_> = (0..2)
        .map(|_| {
            let (budget, admitted) = (Arc::clone(&budget), Arc::clone(&admitted));
            race(move || claim(&budget, &admitted))
        })
        .collect();
    claim(&budget, &admitted);
    others.into_iter().for_each(|other| other.join().unwrap());
    assert_eq!(admitted.load(SeqCst), 2);
}

#[test]
fn a_restart_budget_of_n_admits_exactly_n() {
    holds(budget_of_two_admits_two);
}

#[test]
fn a_restart_budget_of_n_fails_if_it_looks_and_takes_in_two_steps() {
    must_fail(Bug::BudgetInSteps, budget_of_two_admits_two);
}

// -- the writer ----------------------------------------------------------------------------------------------------

/// A disk that knows how much of the log was synced.
struct Watched {
    disk: MemoryDisk,
    written: Arc<Count>,
    synced: Arc<Count>,
}

struct WatchedFile {
    file: Box<dyn DiskFile>,
    written: Arc<Count>,
    synced: Arc<Count>,
}

impl Watched {
    fn wrap(&self, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(WatchedFile { file, written: Arc::clone(&self.written), synced: Arc::clone(&self.synced) })
    }
}

impl Disk for Watched {
    fn open(&self, name: &FileName, access: crate::disk::Access) -> std::io::Result<Box<dyn DiskFile>> {
        Ok(self.wrap(self.disk.open(name, access)?))
    }
    fn create(&self, name: &FileName) -> std::io::Result<Box<dyn DiskFile>> {
        Ok(self.wrap(self.disk.create(name)?))
    }
    fn list(&self) -> std::io::Result<Vec<Listed>> {
        self.disk.list()
    }
    fn rename(&self, from: &FileName, to: &FileName) -> std::io::Result<()> {
        self.disk.rename(from, to)
    }
    fn remove(&self, name: &FileName) -> std::io::Result<()> {
        self.disk.remove(name)
    }
    fn sync_directory(&self) -> std::io::Result<()> {
        self.disk.sync_directory()
    }
    fn lock(&self) -> Result<Box<dyn crate::disk::DiskLock>, LockError> {
        self.disk.lock()
    }
    fn location(&self) -> &std::path::Path {
        self.disk.location()
    }
}

impl DiskFile for WatchedFile {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> std::io::Result<usize> {
        self.file.read_at(offset, into)
    }
    fn write_at(&self, offset: u64, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write_at(offset, bytes)?;
        if bytes.iter().any(|byte| *byte != 0) {
            self.written.fetch_max(usize::try_from(offset).unwrap() + written, SeqCst);
        }
        Ok(written)
    }
    fn len(&self) -> std::io::Result<u64> {
        self.file.len()
    }
    fn set_len(&self, bytes: u64) -> std::io::Result<()> {
        self.file.set_len(bytes)
    }
    fn sync_data(&self) -> std::io::Result<()> {
        let written = self.written.load(SeqCst);
        self.file.sync_data()?;
        self.synced.fetch_max(written, SeqCst);
        Ok(())
    }
    fn sync_all(&self) -> std::io::Result<()> {
        self.sync_data()
    }
    fn sync_and_drop_cache(&self) -> std::io::Result<()> {
        self.sync_data()
    }
    fn map(&self, bytes: u64) -> std::io::Result<crate::disk::Mapped> {
        self.file.map(bytes)
    }
}

/// A writer on an empty disk, and the account of what was synced.
fn writer() -> (Arc<Writer>, Arc<Count>) {
    let synced = Arc::new(Count::new(0));
    let disk = Watched { disk: MemoryDisk::new(), written: Arc::new(Count::new(0)), synced: Arc::clone(&synced) };
    let settings = Options::new().helpers(Helpers::Inline).segment_bytes(16 << 10).into_settings();
    let set = SegmentSet::new(batpak_core::StoreId::from_bytes([1; 16]), Vec::new(), Vec::new());
    let writer = Writer::new(Arc::new(disk), settings, set, Resume { tip: None, end: SegmentEnd::before_everything() });
    writer.begin().unwrap();
    (Arc::new(writer), synced)
}

fn draft(entity: &str, payload: &'static [u8]) -> Draft<'static> {
    Draft::new(Coordinate::new("default", entity).unwrap(), Kind::new("thing.done").unwrap(), Codec::RAW, payload)
}

fn view(writer: &Writer) -> View {
    let visible = writer.gate.visible();
    View::pinned(writer.set.load_full(), visible)
}

fn one_key_commits_once() {
    let (writer, _) = writer();
    let append = |writer: &Writer| {
        let batch = Batch::new(vec![draft("a", b"x")]).key(IdempotencyKey::new("once").unwrap());
        writer.append(batch, Durability::Disk).unwrap().first().unwrap().position
    };
    let other = {
        let writer = Arc::clone(&writer);
        race(move || append(&writer))
    };
    let mine = append(&writer);
    assert_eq!(mine, other.join().unwrap(), "the same key, the same receipt");
    assert_eq!(writer.gate.visible(), Position::new(1), "committed once");
}

#[test]
fn racing_appends_with_one_idempotency_key_commit_once() {
    holds(one_key_commits_once);
}

#[test]
fn racing_appends_with_one_idempotency_key_fails_without_the_check_under_the_lock() {
    must_fail(Bug::KeyUnchecked, one_key_commits_once);
}

fn one_revision_has_one_winner() {
    let (writer, _) = writer();
    let append = |writer: &Writer| writer.append(draft("a", b"x").expect(Expected::NoStream).into(), Durability::Disk);
    let other = {
        let writer = Arc::clone(&writer);
        race(move || append(&writer).is_ok())
    };
    let mine = append(&writer);
    let winners = usize::from(mine.is_ok()) + usize::from(other.join().unwrap());
    assert_eq!(winners, 1);
    if let Err(error) = mine {
        assert!(matches!(error, StoreError::ExpectedRevision { .. }), "{error}");
        assert!(writer.gate.durable() >= Position::new(1), "a refusal rests on what is durable");
    }
}

#[test]
fn two_racing_appends_expecting_the_same_revision_have_one_winner() {
    holds(one_revision_has_one_winner);
}

#[test]
fn two_racing_appends_expecting_the_same_revision_fails_without_the_check() {
    must_fail(Bug::RevisionUnchecked, one_revision_has_one_winner);
}

/// The reader is the second thread: loom remembers only the last access to an atomic, so it turns a race around from the side that
/// comes later, which must be the load.
fn readers_see_whole_durable_batches() {
    let (writer, synced) = writer();
    let reading = {
        let writer = Arc::clone(&writer);
        race(move || {
            let view = view(&writer);
            let seen = view.read(Read::all()).total().unwrap();
            assert!(seen == 0 || seen == 2, "part of a batch: {seen}");
            if seen > 0 {
                let end = view.set().unsealed().last().unwrap().index.log_bytes();
                assert!(synced.load(SeqCst) as u64 >= end, "visible before it is durable");
            }
        })
    };
    writer.append(Batch::new(vec![draft("a", b"x"), draft("b", b"y")]), Durability::Disk).unwrap();
    reading.join().unwrap();
}

#[test]
fn a_reader_sees_none_or_all_of_a_batch_and_only_what_is_durable() {
    holds(readers_see_whole_durable_batches);
}

#[test]
fn a_reader_sees_none_or_all_fails_if_batches_are_published_in_steps() {
    must_fail(Bug::PublishInSteps, readers_see_whole_durable_batches);
}

#[test]
fn a_reader_sees_only_what_is_durable_fails_if_syncs_are_skipped() {
    must_fail(Bug::AckBeforeSync, readers_see_whole_durable_batches);
}

fn tickets_and_closing_lose_nobody() {
    let (writer, _) = writer();
    let appending = {
        let writer = Arc::clone(&writer);
        race(move || writer.append(draft("a", b"x").into(), Durability::Disk))
    };
    writer.close().unwrap();
    match appending.join().unwrap() {
        Ok(_) => assert_eq!(writer.gate.durable(), Position::new(1)),
        Err(StoreError::Closed) => assert_eq!(writer.gate.durable(), Position::START),
        Err(error) => panic!("neither done nor refused: {error}"),
    }
}

#[test]
fn closing_during_an_append_loses_nobody() {
    holds(tickets_and_closing_lose_nobody);
}
