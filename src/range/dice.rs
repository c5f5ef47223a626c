//! Chance that a seed decides.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest as _, Sha256};

/// Seeded chance. Every throw is made for a purpose, and the n-th throw for one purpose depends on nothing but the
/// seed, so that two runs which differ in one call still get the same ids and delays for all others.
#[derive(Debug)]
pub(crate) struct Dice {
    seed: u64,
    thrown: BTreeMap<String, u64>,
    secrets: Vec<String>,
}

const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const HEX: &[u8] = b"0123456789abcdef";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, thrown: BTreeMap::new(), secrets: Vec::new() }
    }

    fn rng(&mut self, purpose: &str) -> ChaCha8Rng {
        let nth = self.thrown.entry(purpose.to_owned()).or_default();
        let mut hash = Sha256::new();
        hash.update(self.seed.to_le_bytes());
        hash.update(nth.to_le_bytes());
        hash.update(purpose.as_bytes());
        *nth += 1;
        ChaCha8Rng::from_seed(hash.finalize().into())
    }

    fn letters(&mut self, purpose: &str, alphabet: &[u8], count: usize) -> String {
        let mut rng = self.rng(purpose);
        (0..count).map(|_| char::from(alphabet[(rng.next_u64() % alphabet.len() as u64) as usize])).collect()
    }

    /// A whole number from 0 up to, not including, `below`.
    pub(crate) fn below(&mut self, purpose: &str, below: u64) -> u64 {
        if below == 0 { 0 } else { self.rng(purpose).next_u64() % below }
    }

    /// A duration from half of `middle` to one and a half times it.
    pub(crate) fn around(&mut self, purpose: &str, middle: Duration) -> Duration {
        let millis = u64::try_from(middle.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(millis / 2 + self.below(purpose, millis + 1))
    }

    /// A unique id of IAM: four letters that tell the kind, and 17 more.
    pub(crate) fn iam_id(&mut self, kind: &str, name: &str) -> String {
        format!("{kind}{}", self.letters(&format!("{kind} {name}"), BASE32, 17))
    }

    /// The id of an access key that belongs to the account: AWS writes the account's number into it.
    pub(crate) fn key_id(&mut self, kind: &str, account: &str, name: &str) -> String {
        let number: u64 = account.parse().unwrap_or(0);
        // 40 bits of account number behind one set bit, in base32: eight characters and one bit of the ninth.
        let head = (1_u64 << 47) | (number << 7);
        let account_part: String = (0..8).map(|i| char::from(BASE32[((head >> (43 - 5 * i)) & 31) as usize])).collect();
        let last = char::from(BASE32[((head >> 3) & 31) as usize]);
        format!("{kind}{account_part}{last}{}", self.letters(&format!("{kind} {name}"), BASE32, 7))
    }

    /// A secret access key.
    pub(crate) fn secret(&mut self, name: &str) -> String {
        let secret = self.letters(&format!("secret {name}"), BASE64, 40);
        self.secrets.push(secret.clone());
        secret
    }

    /// A session token.
    pub(crate) fn token(&mut self, name: &str) -> String {
        let token = format!("IQoJb3JpZ2luX2Vj{}", self.letters(&format!("token {name}"), BASE64, 120));
        self.secrets.push(token.clone());
        token
    }

    /// Every secret and every session token that was thrown, oldest first.
    pub(crate) fn secrets(&self) -> &[String] {
        &self.secrets
    }

    /// An id of bedrock-agent: ten upper-case letters and digits.
    pub(crate) fn agent_id(&mut self, kind: &str, name: &str) -> String {
        self.letters(&format!("{kind} {name}"), ALPHANUMERIC, 10)
    }

    /// Lower-case hexadecimal digits.
    pub(crate) fn hex(&mut self, purpose: &str, count: usize) -> String {
        self.letters(purpose, HEX, count)
    }

    /// A UUID.
    pub(crate) fn uuid(&mut self, purpose: &str) -> String {
        let hex = self.hex(purpose, 32);
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throw_depends_on_its_purpose_alone() {
        let (mut one, mut two) = (Dice::new(7), Dice::new(7));
        two.below("something else", 10);
        assert_eq!(one.agent_id("agent", "a"), two.agent_id("agent", "a"));
        assert_ne!(one.agent_id("agent", "a"), Dice::new(7).agent_id("agent", "b"));
        assert_ne!(Dice::new(1).uuid("x"), Dice::new(2).uuid("x"));
    }

    #[test]
    fn a_key_id_carries_its_account() {
        let id = Dice::new(1).key_id("AKIA", "111122223333", "ci-deploy");
        assert_eq!(id.len(), 20);
        let bits = id[4..]
            .bytes()
            .take(10)
            .fold(0_u64, |bits, c| (bits << 5) | BASE32.iter().position(|b| *b == c).expect("base32") as u64);
        let first_six_bytes = bits >> 2;
        assert_eq!((first_six_bytes & 0x7fff_ffff_ff80) >> 7, 111_122_223_333);
    }
}
