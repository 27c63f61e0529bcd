//! How a store is opened.

use crate::sync::Arc;
use std::path::Path;
use std::time::Duration;

use crate::disk::{Disk, RealDisk};
use crate::durability::Durability;
use crate::error::StoreError;
use crate::platform::{Clock, Entropy, SystemClock, SystemEntropy};
use crate::reader::Reader;
use crate::recovery::files;
use crate::store::Store;
use crate::writer::RestartPolicy;

/// Smallest segment that can be asked for, in bytes.
pub const SEGMENT_BYTES_MIN: u64 = 16 << 10;
/// Largest segment that can be asked for, in bytes; offsets in a segment are 32 bits wide.
pub const SEGMENT_BYTES_MAX: u64 = 1 << 30;
/// Default target of a segment, in bytes.
pub const SEGMENT_BYTES_DEFAULT: u64 = 64 << 20;
/// Default limit of the write queue, in bytes.
pub const PRESSURE_BYTES_DEFAULT: u64 = 64 << 20;
/// Default time within which commits at [`Durability::Os`] are synced.
pub const OS_SYNC_INTERVAL_DEFAULT: Duration = Duration::from_millis(100);

/// Where the work runs that no caller waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Helpers {
    /// On two helper threads, asleep unless something is due.
    #[default]
    Threads,
    /// On the callers' threads: the run is deterministic, tickets progress only when somebody waits.
    Inline,
}

/// What a writer needs to know; see [`Options`].
#[derive(Clone)]
pub(crate) struct Settings {
    pub durability: Durability,
    pub restart: RestartPolicy,
    pub create: bool,
    pub segment_bytes: u64,
    pub pressure_bytes: u64,
    pub os_sync_interval: Duration,
    pub helpers: Helpers,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

/// How a store is opened. The defaults are the safe ones.
#[derive(Clone)]
pub struct Options(Settings);

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Settings { durability, restart, create, segment_bytes, pressure_bytes, os_sync_interval, helpers, .. } =
            &self.0;
        f.debug_struct("Options")
            .field("durability", durability)
            .field("restart", restart)
            .field("create", create)
            .field("segment_bytes", segment_bytes)
            .field("pressure_bytes", pressure_bytes)
            .field("os_sync_interval", os_sync_interval)
            .field("helpers", helpers)
            .finish_non_exhaustive()
    }
}

impl Options {
    /// The defaults: [`Durability::Disk`], 64 MiB segments, the folder is created if it is missing.
    #[must_use]
    pub fn new() -> Self {
        Self(Settings {
            durability: Durability::Disk,
            restart: RestartPolicy::default(),
            create: true,
            segment_bytes: SEGMENT_BYTES_DEFAULT,
            pressure_bytes: PRESSURE_BYTES_DEFAULT,
            os_sync_interval: OS_SYNC_INTERVAL_DEFAULT,
            helpers: Helpers::Threads,
            clock: Arc::new(SystemClock::default()),
            entropy: Arc::new(SystemEntropy),
        })
    }

    /// What [`Store::append`] waits for.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.0.durability = durability;
        self
    }

    /// How often the writer may recover from a panic of its own. Default: 3 times a minute.
    #[must_use]
    pub fn restart(mut self, policy: RestartPolicy) -> Self {
        self.0.restart = policy;
        self
    }

    /// Whether a missing folder or store is created. Default: yes.
    #[must_use]
    pub fn create(mut self, create: bool) -> Self {
        self.0.create = create;
        self
    }

    /// Target size of a segment in bytes, within [`SEGMENT_BYTES_MIN`] and [`SEGMENT_BYTES_MAX`]. The first segments are smaller.
    #[must_use]
    pub fn segment_bytes(mut self, bytes: u64) -> Self {
        self.0.segment_bytes = bytes.clamp(SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX);
        self
    }

    /// Bytes that may wait to be written before [`Store::submit`] blocks and [`Store::try_submit`] refuses.
    #[must_use]
    pub fn pressure_bytes(mut self, bytes: u64) -> Self {
        self.0.pressure_bytes = bytes;
        self
    }

    /// Time within which commits at [`Durability::Os`] are synced in the background.
    #[must_use]
    pub fn os_sync_interval(mut self, interval: Duration) -> Self {
        self.0.os_sync_interval = interval;
        self
    }

    /// Where background work runs.
    #[must_use]
    pub fn helpers(mut self, helpers: Helpers) -> Self {
        self.0.helpers = helpers;
        self
    }

    /// The clock for recorded times.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.0.clock = clock;
        self
    }

    /// The source of salts and ids.
    #[must_use]
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.0.entropy = entropy;
        self
    }

    #[cfg(all(test, loom))]
    pub(crate) fn into_settings(self) -> Settings {
        self.0
    }

    /// Opens the store at `path` for writing; recovers first if the last writer did not close it.
    ///
    /// Cost: constant after a clean close; else the unsealed segments (at most 128 MiB or so) are read.
    ///
    /// # Errors
    /// [`StoreError::AlreadyOpen`], [`StoreError::Corrupt`], [`StoreError::NotFound`] (without [`Options::create`]), I/O.
    pub fn open(self, path: impl AsRef<Path>) -> Result<Store, StoreError> {
        let path = path.as_ref();
        let disk = if self.0.create { RealDisk::create(path) } else { RealDisk::existing(path) };
        self.open_on(Arc::new(disk.map_err(|error| files::folder(path, error))?))
    }

    /// Opens the store on any disk for writing; see [`Options::open`].
    ///
    /// # Errors
    /// As for [`Options::open`].
    pub fn open_on(self, disk: Arc<dyn Disk>) -> Result<Store, StoreError> {
        Store::open_with(disk, self.0)
    }

    /// Opens the store at `path` for reading; see [`Reader`].
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Corrupt`], I/O.
    pub fn read_only(self, path: impl AsRef<Path>) -> Result<Reader, StoreError> {
        let path = path.as_ref();
        Reader::open_on(Arc::new(RealDisk::existing(path).map_err(|error| files::folder(path, error))?))
    }
}
