//! Chance for ids and jitter, from the operating system.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Where ids and seeds come from: the operating system, or the seed of a rehearsal.
#[derive(Debug)]
pub(super) struct Randomness(ChaCha8Rng);

impl Randomness {
    /// Chance that nobody can foretell.
    pub(super) fn of_this_machine() -> Self {
        let mut seed = [0; 32];
        for part in seed.chunks_mut(8) {
            // The keys of a `RandomState` come from the operating system.
            part.copy_from_slice(&RandomState::new().build_hasher().finish().to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(seed))
    }

    /// The same chance for the same seed.
    pub(super) fn of_seed(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number.
    pub(super) fn number(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Hexadecimal digits, 16 at most.
    pub(super) fn digits(&mut self, count: usize) -> String {
        let mut digits = format!("{:016x}", self.number());
        digits.truncate(count);
        digits
    }
}
