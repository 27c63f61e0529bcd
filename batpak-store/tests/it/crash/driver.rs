//! One seed: a store that lives several lives on a failing disk, held against the model after each.

use std::sync::Arc;
use std::time::Duration;

use batpak_core::{Batch, Codec, Coordinate, Draft, Event, Expected, IdempotencyKey, Kind, Revision};
use batpak_store::disk::Disk;
use batpak_store::disk::simulated::{Faults, Random, SimulatedDisk, Stats};
use batpak_store::platform::{SeededEntropy, SimulatedClock};
use batpak_store::{Durability, Helpers, Options, Read, Reader, Store, StoreError, verify_on};

use super::model::{Commit, Entry, Fate, Model};

/// Calls that a seed makes at least.
const CALLS_MIN: u64 = 400;

/// What happened in some seeds; each must be more than zero, or the seeds prove nothing about it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    pub unknown_kept: u64,
    pub unknown_lost: u64,
    pub cached_lost: u64,
    pub died_in_recovery: u64,
    pub tails_cut: u64,
    pub sealed: u64,
    pub poisoned: u64,
    pub disk_full: u64,
    pub duplicates: u64,
    pub conflicts: u64,
    pub clean_opens: u64,
}

impl Seen {
    pub fn counters(&self) -> Vec<(&'static str, u64)> {
        let Self {
            unknown_kept,
            unknown_lost,
            cached_lost,
            died_in_recovery,
            tails_cut,
            sealed,
            poisoned,
            disk_full,
            duplicates,
            conflicts,
            clean_opens,
        } = *self;
        vec![
            ("an unknown outcome that was kept", unknown_kept),
            ("an unknown outcome that was lost", unknown_lost),
            ("a cached commit that was lost", cached_lost),
            ("a death during recovery", died_in_recovery),
            ("a torn tail that was cut", tails_cut),
            ("a segment that was sealed", sealed),
            ("a writer that was poisoned", poisoned),
            ("a full disk", disk_full),
            ("a duplicate that was answered", duplicates),
            ("a conflict", conflicts),
            ("a clean opening", clean_opens),
        ]
    }

    pub fn add(&mut self, other: &Self) {
        self.unknown_kept += other.unknown_kept;
        self.unknown_lost += other.unknown_lost;
        self.cached_lost += other.cached_lost;
        self.died_in_recovery += other.died_in_recovery;
        self.tails_cut += other.tails_cut;
        self.sealed += other.sealed;
        self.poisoned += other.poisoned;
        self.disk_full += other.disk_full;
        self.duplicates += other.duplicates;
        self.conflicts += other.conflicts;
        self.clean_opens += other.clean_opens;
    }
}

struct Run {
    random: Random,
    disk: SimulatedDisk,
    faults: Faults,
    clock: Arc<SimulatedClock>,
    model: Model,
    seen: Seen,
    serial: u64,
}

/// Runs a seed: at least four lives and `CALLS_MIN` disk calls.
pub fn run(seed: u64) -> Result<(Stats, Seen), String> {
    let mut random = Random::new(seed);
    let faults = if random.per_mille(300) { Faults::all() } else { Faults::drawn(&mut random) };
    let mut run = Run {
        disk: SimulatedDisk::new(random.next_u64(), faults),
        random,
        faults,
        clock: Arc::new(SimulatedClock::at(1_700_000_000_000_000)),
        model: Model::default(),
        seen: Seen::default(),
        serial: 0,
    };
    let mut lives = 0;
    while lives < 4 || run.disk.stats().calls < CALLS_MIN {
        run.life().map_err(|broken| format!("life {lives}: {broken}"))?;
        lives += 1;
    }
    Ok((run.disk.stats(), run.seen))
}

impl Run {
    fn options(&mut self) -> Options {
        let entropy = Arc::new(SeededEntropy::new(self.random.next_u64()));
        Options::new()
            .segment_bytes(16 << 10)
            .helpers(Helpers::Inline)
            .os_sync_interval(Duration::from_millis(5))
            .clock(Arc::clone(&self.clock) as _)
            .entropy(entropy)
    }

    /// Opens, works, and ends in one of several ways.
    fn life(&mut self) -> Result<(), String> {
        let store = self.open()?;
        let steps = self.random.between(1, 30);
        if self.random.per_mille(500) {
            self.disk.arm(self.random.between(1, 120));
        }
        for _ in 0..steps {
            self.clock.advance_us(self.random.below(4000));
            if self.disk.is_dead() || !self.step(&store)? {
                break;
            }
        }
        self.end(store)
    }

    /// Opens under faults, dying and trying again; at last without faults, which must succeed. Then settles the model.
    fn open(&mut self) -> Result<Store, String> {
        for attempt in 0.. {
            let hard = attempt < 4 && self.random.per_mille(700);
            self.disk.set_faults(if hard {
                self.faults
            } else {
                Faults { names: self.faults.names, ..Faults::none() }
            });
            if hard && self.random.per_mille(300) {
                self.disk.arm(self.random.between(1, 40));
            }
            let disk: Arc<dyn Disk> = Arc::new(self.disk.clone());
            let opened = self.options().open_on(disk);
            if self.disk.is_dead() {
                self.seen.died_in_recovery += 1;
                drop(opened);
                self.reborn();
                continue;
            }
            self.disk.arm(0);
            match opened {
                Ok(store) => {
                    self.seen.tails_cut += store.opened().cut.len() as u64;
                    self.seen.clean_opens += u64::from(store.opened().clean);
                    self.disk.set_faults(Faults { names: self.faults.names, ..Faults::none() });
                    self.settle(&store)?;
                    self.disk.set_faults(self.faults);
                    return Ok(store);
                }
                Err(error @ (StoreError::Corrupt { .. } | StoreError::Unsupported { .. })) => {
                    return Err(format!("a crash is taken for damage: {error}"));
                }
                Err(error) if hard => {
                    drop(error);
                    // The failed opening may have left the page cache untrue; a process that goes on sees the same.
                    if self.random.coin() {
                        self.disk.kill();
                        self.reborn();
                    }
                }
                Err(error) => return Err(format!("does not open without faults: {error}")),
            }
        }
        unreachable!("the fifth attempt has no faults")
    }

    /// After the end of a life: the page cache survives, or the power is gone.
    fn reborn(&mut self) {
        if self.random.coin() {
            self.disk.power_cut();
        }
        self.disk = self.disk.restart();
    }

    fn settle(&mut self, store: &Store) -> Result<(), String> {
        let events = all(store)?;
        let before = self.model.commits.clone();
        self.model.settle(&events)?;
        let kept: usize = self.model.commits.len();
        let open = before.iter().filter(|commit| commit.fate != Fate::Durable).count();
        let lost = before.len() - kept;
        self.seen.unknown_kept +=
            (open - lost) as u64 * u64::from(before.iter().any(|commit| commit.fate == Fate::Unknown));
        self.seen.unknown_lost += lost as u64 * u64::from(before.iter().any(|commit| commit.fate == Fate::Unknown));
        self.seen.cached_lost += lost as u64 * u64::from(before.iter().any(|commit| commit.fate == Fate::Cached));
        self.seen.sealed += u64::from(store.stats().map_err(|error| error.to_string())?.segments_sealed > 0);
        if self.random.per_mille(150) {
            let report = verify_on(&self.disk).map_err(|error| error.to_string())?;
            if !report.is_clean() || report.events != events.len() as u64 {
                return Err(format!("verify: {report:?}"));
            }
        }
        Ok(())
    }

    /// One call of the store; false once the writer takes no more.
    fn step(&mut self, store: &Store) -> Result<bool, String> {
        match self.random.below(100) {
            0..=74 => self.append(store),
            75..=82 => self.resubmit(store),
            83..=89 => self.conflict(store),
            90..=95 => self.compare(store).map(|()| true),
            _ => self.read_beside(store).map(|()| true),
        }
    }

    fn entry(&mut self) -> Entry {
        self.serial += 1;
        let entity = format!("e{}", self.random.below(6));
        let mut payload = format!("{}-", self.serial).into_bytes();
        let filler = if self.random.per_mille(60) { self.random.below(6000) } else { self.random.below(90) };
        payload.resize(payload.len() + filler as usize, b'.');
        Entry { entity, payload }
    }

    fn append(&mut self, store: &Store) -> Result<bool, String> {
        let count = if self.random.per_mille(300) { self.random.between(2, 20) } else { 1 };
        let entries: Vec<Entry> = (0..count).map(|_| self.entry()).collect();
        let key = self.random.per_mille(400).then(|| format!("key {}", self.serial));
        let durability = if self.random.per_mille(200) { Durability::Os } else { Durability::Disk };
        let mut drafts: Vec<Draft<'_>> = entries.iter().map(draft).collect();
        if !self.model.is_open() && self.random.per_mille(300) {
            let revision = Revision::new(self.model.revision(&entries[0].entity));
            drafts[0].expected =
                if revision == Revision::NONE { Expected::NoStream } else { Expected::Exact(revision) };
        }
        let mut batch = Batch::new(drafts);
        if let Some(key) = &key {
            batch = batch.key(IdempotencyKey::new(key).unwrap());
        }
        let result = store.append_with(batch, durability);
        let commit = |fate| Commit { entries, key, fate };
        match result {
            Ok(receipt) => {
                let first = self.model.commits.iter().map(|commit| commit.entries.len() as u64).sum::<u64>() + 1;
                if receipt.first().map(|event| event.position.get()) != Some(first) {
                    return Err(format!("position {:?} instead of {first}", receipt.first()));
                }
                if durability == Durability::Disk {
                    // One sync covers everything before it too.
                    self.model.commits.iter_mut().for_each(|commit| commit.fate = Fate::Durable);
                }
                self.model.commits.push(commit(if durability == Durability::Disk {
                    Fate::Durable
                } else {
                    Fate::Cached
                }));
                Ok(true)
            }
            Err(StoreError::DiskFull { .. } | StoreError::WriteFailed { .. }) if !self.disk.is_dead() => {
                self.seen.disk_full += 1;
                Ok(true)
            }
            Err(StoreError::Poisoned { .. }) if !self.disk.is_dead() => {
                self.seen.poisoned += 1;
                Ok(false)
            }
            Err(StoreError::OutcomeUnknown { .. }) => {
                self.model.commits.push(commit(Fate::Unknown));
                self.seen.poisoned += 1;
                Ok(false)
            }
            Err(error) if self.disk.is_dead() => {
                drop(error);
                self.model.commits.push(commit(Fate::Unknown));
                Ok(false)
            }
            Err(error) => Err(format!("append: {error}")),
        }
    }

    /// A key that was used answers with the first receipt, also with an expectation that has moved on; with another command it refuses.
    fn resubmit(&mut self, store: &Store) -> Result<bool, String> {
        let keyed: Vec<usize> =
            (0..self.model.commits.len()).filter(|number| self.model.commits[*number].key.is_some()).collect();
        if keyed.is_empty() || self.model.is_open() {
            return Ok(true);
        }
        let number = keyed[self.random.index(keyed.len())];
        let commit = self.model.commits[number].clone();
        let key = IdempotencyKey::new(commit.key.unwrap_or_default()).unwrap();
        let mut drafts: Vec<Draft<'_>> = commit.entries.iter().map(draft).collect();
        drafts[0].expected = Expected::NoStream;
        match store.append(Batch::new(drafts).key(key.clone())) {
            Ok(receipt)
                if receipt.duplicate
                    && receipt.first().map(|event| event.position) == Some(self.model.position(number)) =>
            {
                self.seen.duplicates += 1
            }
            Ok(receipt) => return Err(format!("a used key answers {receipt:?}")),
            Err(_) if self.disk.is_dead() => return Ok(false),
            Err(StoreError::Poisoned { .. } | StoreError::OutcomeUnknown { .. }) => return Ok(false),
            // The answer had to be made durable first, and the disk did not let it.
            Err(StoreError::DiskFull { .. } | StoreError::WriteFailed { .. }) => return Ok(true),
            Err(error) => return Err(format!("a used key: {error}")),
        }
        self.model.commits.iter_mut().for_each(|commit| commit.fate = Fate::Durable);
        let other = Entry { entity: "other".to_owned(), payload: b"another command".to_vec() };
        match store.append(Batch::new(vec![draft(&other)]).key(key)) {
            Err(StoreError::KeyReused { .. }) => Ok(true),
            Err(_) if self.disk.is_dead() => Ok(false),
            other => Err(format!("a used key with another command: {other:?}")),
        }
    }

    /// An expectation that does not hold is refused, and nothing is appended.
    fn conflict(&mut self, store: &Store) -> Result<bool, String> {
        if self.model.is_open() {
            return Ok(true);
        }
        let entry = self.entry();
        let wrong = Revision::new(self.model.revision(&entry.entity) + 1 + self.random.below(3));
        match store.append(draft(&entry).expect(Expected::Exact(wrong))) {
            Err(StoreError::ExpectedRevision { .. }) => {
                self.model.commits.iter_mut().for_each(|commit| commit.fate = Fate::Durable);
                self.seen.conflicts += 1;
                Ok(true)
            }
            Err(_) if self.disk.is_dead() => Ok(false),
            Err(StoreError::Poisoned { .. } | StoreError::OutcomeUnknown { .. }) => Ok(false),
            Err(StoreError::DiskFull { .. } | StoreError::WriteFailed { .. }) => Ok(true),
            other => Err(format!("a wrong expectation: {other:?}")),
        }
    }

    /// What is visible is what was acknowledged.
    fn compare(&mut self, store: &Store) -> Result<(), String> {
        if self.model.is_open() {
            return Ok(());
        }
        let faults = self.disk.faults();
        self.disk.set_faults(Faults::none());
        let events: Result<Vec<Event>, StoreError> = store.view_visible().read(Read::all()).collect();
        self.disk.set_faults(faults);
        match events {
            Ok(events) => self.model.shows(&events),
            Err(_) if self.disk.is_dead() => Ok(()),
            Err(error) => Err(format!("reading: {error}")),
        }
    }

    /// A reader in another process shows nothing that is not durable, and writes nothing.
    fn read_beside(&mut self, store: &Store) -> Result<(), String> {
        let faults = self.disk.faults();
        self.disk.set_faults(Faults::none());
        let before = self.disk.mutations();
        let reader = Reader::open_on(Arc::new(self.disk.clone()));
        self.disk.set_faults(faults);
        match reader {
            Ok(reader) if reader.view().position() > store.durable() => {
                Err(format!("a reader shows {} of {} durable", reader.view().position(), store.durable()))
            }
            Ok(_) if self.disk.mutations() != before => Err("a reader writes".to_owned()),
            Ok(_) => Ok(()),
            Err(_) if self.disk.is_dead() => Ok(()),
            Err(error) => Err(format!("a reader does not open: {error}")),
        }
    }

    /// Ends the life: closed, killed, or without power.
    fn end(&mut self, store: Store) -> Result<(), String> {
        let closes = !self.disk.is_dead() && self.random.per_mille(300);
        if closes {
            if store.close().is_ok() && !self.disk.is_dead() {
                self.model
                    .commits
                    .iter_mut()
                    .filter(|commit| commit.fate == Fate::Cached)
                    .for_each(|commit| commit.fate = Fate::Durable);
            }
        } else {
            // Nothing a dying process does reaches the disk.
            self.disk.kill();
            drop(store);
        }
        if self.random.coin() {
            self.disk.power_cut();
        } else {
            self.disk.kill();
        }
        self.disk = self.disk.restart();
        Ok(())
    }
}

fn draft(entry: &Entry) -> Draft<'_> {
    Draft::new(
        Coordinate::new("sim", &entry.entity).unwrap(),
        Kind::new("thing.happened").unwrap(),
        Codec::RAW,
        &entry.payload[..],
    )
}

fn all(store: &Store) -> Result<Vec<Event>, String> {
    store.view().read(Read::all()).collect::<Result<_, _>>().map_err(|error| format!("reading after opening: {error}"))
}
