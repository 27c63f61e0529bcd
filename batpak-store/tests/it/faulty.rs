//! A disk that fails where a test says so, counts its calls, and can keep syncs waiting.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};

use batpak_store::disk::{Access, Disk, DiskFile, DiskLock, FileName, Listed, LockError, Mapped, MemoryDisk};

/// What is done to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    Read,
    Write,
    Sync,
    SetLen,
    Rename,
    SyncDirectory,
}

/// What happens instead.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Nothing is done.
    Error(io::ErrorKind),
    /// Half of a write is done, then it fails.
    Torn(io::ErrorKind),
    /// Nothing is done, and the call panics.
    Panic,
}

struct Rule {
    call: Call,
    on: fn(&FileName) -> bool,
    skip: u64,
    times: u64,
    fault: Fault,
}

#[derive(Default)]
struct Plan {
    rules: Vec<Rule>,
    calls: BTreeMap<Call, u64>,
    bytes_read: u64,
    held: Option<fn(&FileName) -> bool>,
    waiting: usize,
    /// What the open files are called now.
    names: Vec<Name>,
}

/// The name of an open file, which a rename changes.
type Name = Arc<Mutex<FileName>>;

#[derive(Default)]
struct Shared {
    plan: Mutex<Plan>,
    released: Condvar,
}

/// A disk in memory with faults.
#[derive(Clone, Default)]
pub struct FaultyDisk {
    pub memory: MemoryDisk,
    shared: Arc<Shared>,
}

impl FaultyDisk {
    /// Lets the next `skip` such calls on log segments pass, and fails `times` after them.
    pub fn fail(&self, call: Call, skip: u64, times: u64, fault: Fault) {
        let on = |name: &FileName| matches!(name, FileName::Segment(_));
        self.fail_on(call, on, skip, times, fault);
    }

    /// As [`FaultyDisk::fail`], on the files that `on` accepts; a rename counts for the old name.
    pub fn fail_on(&self, call: Call, on: fn(&FileName) -> bool, skip: u64, times: u64, fault: Fault) {
        let rule = Rule { call, on, skip, times, fault };
        self.shared.plan.lock().unwrap().rules.push(rule);
    }

    /// From now on nothing fails.
    pub fn heal(&self) {
        self.shared.plan.lock().unwrap().rules.clear();
    }

    /// How often this was called on log segments (or the folder).
    pub fn calls(&self, call: Call) -> u64 {
        let plan = self.shared.plan.lock().unwrap();
        plan.calls.get(&call).copied().unwrap_or(0)
    }

    /// Bytes of log read.
    pub fn bytes_read(&self) -> u64 {
        self.shared.plan.lock().unwrap().bytes_read
    }

    /// Syncs of log segments wait until what this returns is dropped.
    pub fn hold_syncs(&self) -> Held {
        self.hold_syncs_on(|name| matches!(name, FileName::Segment(_)))
    }

    /// Syncs of the files that `on` accepts wait until what this returns is dropped.
    pub fn hold_syncs_on(&self, on: fn(&FileName) -> bool) -> Held {
        self.shared.plan.lock().unwrap().held = Some(on);
        Held(Arc::clone(&self.shared))
    }

    /// Syncs that wait.
    pub fn waiting(&self) -> usize {
        self.shared.plan.lock().unwrap().waiting
    }

    fn file(&self, name: FileName, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        let shared = Arc::clone(&self.shared);
        let name = Arc::new(Mutex::new(name));
        shared.plan.lock().unwrap().names.push(Arc::clone(&name));
        Box::new(FaultyFile { name, file, shared })
    }
}

impl Shared {
    /// Counts the call; the fault that is due, if one is.
    fn due(&self, call: Call, name: Option<FileName>) -> Option<Fault> {
        let mut plan = self.plan.lock().unwrap();
        let counted = name.is_none_or(|name| matches!(name, FileName::Segment(_)));
        *plan.calls.entry(call).or_default() += u64::from(counted);
        let on = |rule: &Rule| rule.call == call && rule.times > 0 && name.is_none_or(|name| (rule.on)(&name));
        let rule = plan.rules.iter_mut().find(|rule| on(rule))?;
        if rule.skip > 0 {
            rule.skip -= 1;
            return None;
        }
        rule.times -= 1;
        Some(rule.fault)
    }

    fn pass(&self, call: Call, name: Option<FileName>) -> io::Result<()> {
        match self.due(call, name) {
            None => Ok(()),
            Some(Fault::Error(kind) | Fault::Torn(kind)) => Err(kind.into()),
            Some(Fault::Panic) => panic!("the disk panics as planned"),
        }
    }

    fn wait(&self, name: FileName) {
        let mut plan = self.plan.lock().unwrap();
        plan.waiting += 1;
        while plan.held.is_some_and(|on| on(&name)) {
            plan = self.released.wait(plan).unwrap();
        }
        plan.waiting -= 1;
    }
}

/// Syncs wait as long as this lives, so that a test that fails lets them go.
pub struct Held(Arc<Shared>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.plan.lock().unwrap().held = None;
        self.0.released.notify_all();
    }
}

impl Disk for FaultyDisk {
    fn open(&self, name: &FileName, access: Access) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.file(*name, self.memory.open(name, access)?))
    }

    fn create(&self, name: &FileName) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.file(*name, self.memory.create(name)?))
    }

    fn list(&self) -> io::Result<Vec<Listed>> {
        self.memory.list()
    }

    fn rename(&self, from: &FileName, to: &FileName) -> io::Result<()> {
        self.shared.pass(Call::Rename, Some(*from))?;
        self.memory.rename(from, to)?;
        for name in &self.shared.plan.lock().unwrap().names {
            let mut name = name.lock().unwrap();
            if *name == *from {
                *name = *to;
            }
        }
        Ok(())
    }

    fn remove(&self, name: &FileName) -> io::Result<()> {
        self.memory.remove(name)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.shared.pass(Call::SyncDirectory, None)
    }

    fn lock(&self) -> Result<Box<dyn DiskLock>, LockError> {
        self.memory.lock()
    }

    fn location(&self) -> &Path {
        self.memory.location()
    }
}

struct FaultyFile {
    name: Name,
    file: Box<dyn DiskFile>,
    shared: Arc<Shared>,
}

impl FaultyFile {
    fn name(&self) -> FileName {
        *self.name.lock().unwrap()
    }
}

impl DiskFile for FaultyFile {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        self.shared.pass(Call::Read, Some(self.name()))?;
        self.shared.plan.lock().unwrap().bytes_read += into.len() as u64;
        self.file.read_at(offset, into)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        match self.shared.due(Call::Write, Some(self.name())) {
            None => self.file.write_at(offset, bytes),
            Some(Fault::Error(kind)) => Err(kind.into()),
            Some(Fault::Torn(kind)) => {
                self.file.write_at(offset, &bytes[..bytes.len() / 2])?;
                Err(kind.into())
            }
            Some(Fault::Panic) => panic!("the disk panics as planned"),
        }
    }

    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        self.shared.pass(Call::SetLen, Some(self.name()))?;
        self.file.set_len(bytes)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.shared.wait(self.name());
        self.shared.pass(Call::Sync, Some(self.name()))?;
        self.file.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn sync_and_drop_cache(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn map(&self, bytes: u64) -> io::Result<Mapped> {
        self.file.map(bytes)
    }
}
