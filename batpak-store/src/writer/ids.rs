//! Fresh event ids (UUID version 7) without a system call an event.

use batpak_core::EventId;

use crate::format::checksum::mix;
use crate::platform::Entropy;
use crate::sync::{AtomicU64, Ordering};

/// Gives out ids: the wall time, and 74 bits made of randomness drawn when the store was opened and a counter.
///
/// Ids of one handle never repeat: the counter goes through a bijection. Ids of two handles differ as far as their random
/// seeds do.
#[derive(Debug)]
pub(crate) struct IdSource {
    seed: u64,
    tail: u16,
    counter: AtomicU64,
}

impl IdSource {
    pub(crate) fn new(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0_u8; 8];
        entropy.fill(&mut bytes);
        let mut tail = [0_u8; 2];
        entropy.fill(&mut tail);
        Self { seed: u64::from_le_bytes(bytes), tail: u16::from_le_bytes(tail), counter: AtomicU64::new(0) }
    }

    /// The next id, for an event made at `wall_us`.
    pub(crate) fn next(&self, wall_us: u64) -> EventId {
        // The version-7 layout overwrites six bits of these ten bytes; the counter's bijection is spread over eight of them, the
        // counter itself also over the first two, so that neighbours differ in more than the overwritten bits.
        let count = self.counter.fetch_add(1, Ordering::Relaxed);
        let mixed = mix(self.seed.wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let head = self.tail.wrapping_add(u16::try_from(count & 0xffff).unwrap_or_default());
        let mut random = [0_u8; 10];
        let (first, rest) = random.split_at_mut(2);
        first.copy_from_slice(&head.to_be_bytes());
        rest.copy_from_slice(&mixed.to_be_bytes());
        EventId::v7(wall_us / 1000, random)
    }
}
