//! Which faults a simulated disk has, and how often.

use super::Random;

/// What a power cut does to creations, renames and removals that no directory sync covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameLoss {
    /// What POSIX promises and no more: each is kept or lost by itself.
    Strict,
    /// A journal: the first ones are kept, the rest are lost.
    Journal,
    /// A journal in which a sync of a file also keeps its name and whatever was done to names before, as ext4 and XFS do.
    Ext4,
}

/// Rates of faults, in cases of 1,000. A field at a time: `Faults { failed_syncs: 20, ..Faults::none() }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// Reads that return less than asked for.
    pub short_reads: u16,
    /// Writes that write less than asked for.
    pub short_writes: u16,
    /// Reads and writes that a signal interrupts. Must stay below 1,000, or the loops around them never end.
    pub interrupted: u16,
    /// Creations that find no room.
    pub full_creates: u16,
    /// Writes that find no room, half of them after a part was written.
    pub full_writes: u16,
    /// Extensions that find no room. Nothing changes then.
    pub full_extensions: u16,
    /// Syncs of a file that fail: some sectors land, the others are lost and count as clean, so that the next sync succeeds.
    pub failed_syncs: u16,
    /// Failed syncs after which even the cache shows the old bytes of what was lost.
    pub reverting_syncs: u16,
    /// Syncs of the directory that fail: the first of the pending names are durable, the others still pending.
    pub failed_directory_syncs: u16,
    /// Renames that fail and change nothing.
    pub failed_renames: u16,
    /// Writes after which the system happens to write some sectors of the file to the disk, unasked.
    pub writebacks: u16,
    /// Listings in random order.
    pub shuffled_lists: u16,
    /// What a power cut does to names.
    pub names: NameLoss,
    /// Unsynced sectors and names that survive a power cut; `None` draws 0, 100, 500 or 900 for each cut, once for sectors and once for
    /// names. A journal keeps a random prefix, unless this is 0 or 1,000.
    pub kept: Option<u16>,
    /// Surviving sectors that are torn at a byte.
    pub torn_sectors: u16,
    /// Files whose unsynced extension shows bytes of deleted files after a power cut, instead of zeros.
    pub garbage: u16,
}

impl Faults {
    /// No call fails. A power cut still takes its share, strictly.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            short_reads: 0,
            short_writes: 0,
            interrupted: 0,
            full_creates: 0,
            full_writes: 0,
            full_extensions: 0,
            failed_syncs: 0,
            reverting_syncs: 0,
            failed_directory_syncs: 0,
            failed_renames: 0,
            writebacks: 0,
            shuffled_lists: 0,
            names: NameLoss::Strict,
            kept: None,
            torn_sectors: 100,
            garbage: 300,
        }
    }

    /// Every fault, rare enough that a store gets something done.
    #[must_use]
    pub const fn all() -> Self {
        Self {
            short_reads: 100,
            short_writes: 100,
            interrupted: 50,
            full_creates: 10,
            full_writes: 5,
            full_extensions: 10,
            failed_syncs: 10,
            reverting_syncs: 300,
            failed_directory_syncs: 10,
            failed_renames: 10,
            writebacks: 50,
            shuffled_lists: 1_000,
            ..Self::none()
        }
    }

    /// A random half of the faults at random rates: runs that miss a fault altogether reach states that runs with all of them never reach.
    #[must_use]
    pub fn drawn(random: &mut Random) -> Self {
        let mut rate = |most: u64| if random.coin() { u16::try_from(random.between(1, most)).unwrap_or(0) } else { 0 };
        Self {
            short_reads: rate(400),
            short_writes: rate(400),
            interrupted: rate(300),
            full_creates: rate(40),
            full_writes: rate(20),
            full_extensions: rate(40),
            failed_syncs: rate(40),
            reverting_syncs: rate(1_000),
            failed_directory_syncs: rate(40),
            failed_renames: rate(40),
            writebacks: rate(300),
            shuffled_lists: 1_000,
            torn_sectors: rate(300),
            garbage: rate(1_000),
            kept: None,
            names: random
                .pick(&[NameLoss::Strict, NameLoss::Journal, NameLoss::Ext4])
                .copied()
                .unwrap_or(NameLoss::Strict),
        }
    }
}
