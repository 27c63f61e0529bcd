//! Random bytes: segment salts, store identities, event ids.

/// Gives random bytes.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `into`.
    fn fill(&self, into: &mut [u8]);
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// # Panics
    /// If the system has no randomness to give, which a working one never says.
    #[expect(
        clippy::panic,
        reason = "no id and no salt may be made without randomness, and no supported system lacks it"
    )]
    fn fill(&self, into: &mut [u8]) {
        if let Err(error) = getrandom::fill(into) {
            panic!("the operating system gives no random bytes: {error}");
        }
    }
}

/// Bytes from a seed, the same in every run.
#[cfg(any(test, feature = "simulated"))]
#[derive(Debug)]
pub struct SeededEntropy(std::sync::atomic::AtomicU64);

#[cfg(any(test, feature = "simulated"))]
impl SeededEntropy {
    /// Bytes from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.into())
    }
}

#[cfg(any(test, feature = "simulated"))]
impl Entropy for SeededEntropy {
    fn fill(&self, into: &mut [u8]) {
        for chunk in into.chunks_mut(8) {
            let mut x = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, std::sync::atomic::Ordering::SeqCst);
            x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            for (byte, random) in chunk.iter_mut().zip((x ^ (x >> 31)).to_le_bytes()) {
                *byte = random;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_differ_from_call_to_call_and_a_seed_repeats_them() {
        let take = |entropy: &dyn Entropy| {
            let mut bytes = [[0; 19]; 2];
            bytes.iter_mut().for_each(|bytes| entropy.fill(bytes));
            bytes
        };
        let system = take(&SystemEntropy);
        assert!(system[0] != system[1] && system != take(&SystemEntropy));
        let seeded = take(&SeededEntropy::new(1));
        assert!(
            seeded[0] != seeded[1] && seeded == take(&SeededEntropy::new(1)) && seeded != take(&SeededEntropy::new(2))
        );
    }
}
