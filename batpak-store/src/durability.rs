//! How safe an append is when it returns.

use serde::{Deserialize, Serialize};

/// How safe an append is when it returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// A sync covered the bytes: they survive a power cut, as far as the disk keeps its word. Costs one `fdatasync` for each
    /// group of commits, whatever their number.
    #[default]
    Disk,
    /// The bytes are in the operating system's page cache: they survive a crash of this process, not a power cut. A sync follows
    /// within [`Options::os_sync_interval`](crate::Options::os_sync_interval).
    Os,
}
