//! How much of the large matrices a run of the tests goes through.
//!
//! They grow with every runbook and every action. `cargo test` takes a few cases of each group, and some groups stand for others; a
//! seed chooses. With `QUELL_MATRICES=whole`, as `.ci/run` sets it, every case is played, and nothing goes without.

use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

/// Whether every case is played.
pub(crate) fn whole() -> bool {
    std::env::var("QUELL_MATRICES").is_ok_and(|extent| extent == "whole")
}

/// The cases of each group that are played: all of them, or some that the seed chooses.
pub(crate) fn played<T>(groups: impl IntoIterator<Item = Vec<T>>, of_each: usize, seed: u64) -> Vec<T> {
    let mut luck = ChaCha8Rng::seed_from_u64(seed);
    let mut chosen = Vec::new();
    for mut group in groups {
        if !whole() {
            group.shuffle(&mut luck);
            group.truncate(of_each);
        }
        chosen.extend(group);
    }
    chosen
}
