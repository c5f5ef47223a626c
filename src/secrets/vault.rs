//! Secrets that are on their way from the call that made them to the one that stores them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::Secret;
use super::secret::Bytes;
use crate::base::AccessKeyId;

/// Holds the secrets of new access keys in memory, until they are where they belong. It is never written anywhere: what it
/// holds when the program ends is lost.
#[derive(Default)]
pub struct Vault(Mutex<HashMap<AccessKeyId, Arc<Secret>>>);

impl Vault {
    fn held(&self) -> MutexGuard<'_, HashMap<AccessKeyId, Arc<Secret>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what belongs to a key, as JSON.
    pub fn keep(&self, key: AccessKeyId, value: &impl Serialize) -> Result<(), serde_json::Error> {
        // Large enough not to move while it is written: a piece that was moved would stay behind.
        let mut plain = Bytes::new(Vec::with_capacity(16 * 1024));
        serde_json::to_writer(&mut *plain, value)?;
        let text = String::from_utf8_lossy(&plain).into_owned();
        self.held().insert(key, Arc::new(Secret::new(text)));
        Ok(())
    }

    /// What belongs to a key.
    pub fn of(&self, key: &AccessKeyId) -> Option<Arc<Secret>> {
        self.held().get(key).cloned()
    }

    /// Whether it holds what belongs to a key.
    pub fn holds(&self, key: &AccessKeyId) -> bool {
        self.held().contains_key(key)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Vault")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_it_holds_is_not_printed() {
        let vault = Vault::default();
        let key: AccessKeyId = "AKIAIOSFODNN7EXAMPLE".parse().expect("a key id");
        vault.keep(key.clone(), &json!({ "secret": "wJalrXUtnFEMI" })).expect("it is JSON");
        assert!(vault.holds(&key));
        assert_eq!(format!("{vault:?}"), "Vault");
        assert_eq!(vault.of(&key).expect("it holds it").expose(), r#"{"secret":"wJalrXUtnFEMI"}"#);
    }
}
