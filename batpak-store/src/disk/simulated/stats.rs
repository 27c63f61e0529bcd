//! Counters of what a simulated disk did, so that a run can prove that it met the faults it was meant to meet.

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// How often things happened, over all lives of a disk.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Stats {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Stats {
            /// Adds the counters of another disk.
            pub fn add(&mut self, other: &Self) {
                $(self.$name += other.$name;)*
            }

            /// All counters with their names: one that stays 0 over many seeds means that the seeds test less than they claim.
            #[must_use]
            pub fn counters(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

counters! {
    /// Calls of living processes.
    calls,
    /// Calls that changed bytes, a length or names.
    mutations,
    /// Syncs of files and of the directory, failed ones too.
    syncs,
    /// Deaths of the process, those in power cuts too.
    deaths,
    /// Deaths in a call, see `SimulatedDisk::arm`.
    deaths_in_calls,
    /// Deaths in a write of which some but not all bytes reached the cache.
    deaths_inside_writes,
    /// Power cuts.
    power_cuts,
    /// Unsynced sectors that survived a power cut whole.
    kept_sectors,
    /// Unsynced sectors that a power cut took.
    lost_sectors,
    /// Unsynced sectors of which a power cut left a part.
    torn_sectors,
    /// Unsynced changes of names that survived a power cut.
    kept_names,
    /// Unsynced changes of names that a power cut took.
    lost_names,
    /// Files that had neither the old nor the new length after a power cut.
    lengths_between,
    /// Files that kept the old length in a power cut although the new one was shorter.
    lost_truncations,
    /// Files that showed bytes of deleted ones after a power cut.
    garbage_tails,
    /// Syncs of files that failed.
    failed_syncs,
    /// Sectors that a failed sync left lost and clean.
    sectors_lost_by_syncs,
    /// Failed syncs that threw the lost bytes out of the cache too.
    reverting_syncs,
    /// Lost and clean sectors that a dropped cache or a power cut brought to light.
    sectors_found_lost,
    /// Syncs of the directory that failed.
    failed_directory_syncs,
    /// Renames that failed.
    failed_renames,
    /// Calls that found no room.
    full,
    /// Writes that found no room after a part was written.
    full_after_part,
    /// Reads and maps of a spoilt sector.
    failed_reads,
    /// Reads cut short.
    short_reads,
    /// Writes cut short.
    short_writes,
    /// Interrupted calls.
    interrupted,
    /// Sectors that the system wrote to the disk unasked.
    writebacks,
}
