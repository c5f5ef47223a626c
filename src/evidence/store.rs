//! The store of evidence.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base::{Digest, Folder, canonical_bytes, set_aside_in};
use crate::secrets::{Recipient, SealError, seal_bytes};

/// Why evidence could not be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The file could not be written or read.
    #[error("failed to {doing} evidence `{digest}`")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The evidence.
        digest: Digest,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file is not what it was when it was kept.
    #[error("evidence `{0}` was changed after it was kept")]
    Changed(Digest),
    /// It could not be sealed, and is not kept open instead.
    #[error("evidence could not be sealed")]
    Seal(#[source] Box<SealError>),
    /// The evidence is sound but of another kind.
    #[error("evidence `{digest}` is not what was expected")]
    Unexpected {
        /// The evidence.
        digest: Digest,
        /// What does not fit.
        #[source]
        source: serde_json::Error,
    },
}

impl EvidenceError {
    /// Whether something that was kept cannot be had again, in contrast to something that cannot be kept.
    pub fn is_of_reading(&self) -> bool {
        !matches!(self, Self::Io { doing: "keep", .. } | Self::Seal(_))
    }
}

/// What is set aside, in a file of this name. Its point hides it from those who list the evidence.
const RESERVE: &str = ".reserve";
/// What a file takes on a disk besides its bytes.
const PER_FILE: u64 = 16 * 1024;

/// Evidence of one run: one file for each content, named for its SHA-256 and holding its RFC 8785 canonical JSON, or, sealed, an age
/// file of that.
#[derive(Debug)]
pub struct EvidenceStore {
    folder: Folder,
    /// Who can open what is sealed.
    recipients: Vec<Recipient>,
    /// What was sealed by now: sealed twice, the same content would be two files.
    sealed: Mutex<BTreeMap<Digest, Digest>>,
    /// The space that is still set aside.
    reserve: Mutex<Option<File>>,
}

impl EvidenceStore {
    /// The store in a folder.
    pub fn new(folder: Folder) -> Self {
        Self { folder, recipients: Vec::new(), sealed: Mutex::default(), reserve: Mutex::default() }
    }

    /// The same store, which seals what is confidential to these.
    pub fn sealing_to(mut self, recipients: Vec<Recipient>) -> Self {
        self.recipients = recipients;
        self
    }

    /// Whether what is confidential is sealed.
    pub fn is_sealing(&self) -> bool {
        !self.recipients.is_empty()
    }

    /// Sets space for `bytes` of evidence aside, for as long as the store lives. What is kept takes of it when the disk has
    /// nothing else left.
    pub fn reserve(&self, bytes: u64) -> io::Result<()> {
        let file = self.folder.file_or_new(RESERVE)?;
        if let Err(error) = set_aside_in(&file, bytes) {
            self.folder.remove(RESERVE)?;
            return Err(error);
        }
        *self.reserve.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
        Ok(())
    }

    /// Writes a file, at the expense of what was set aside where there is no other room.
    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        match self.folder.put(name, bytes) {
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                let reserve = self.reserve.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(file) = reserve.as_ref() else { return Err(error) };
                let left = file.metadata()?.len();
                file.set_len(left.saturating_sub(bytes.len() as u64 + PER_FILE))?;
                self.folder.put(name, bytes)
            }
            other => other,
        }
    }

    /// Keeps a value, and returns its digest once it is on disk. The same content is kept once.
    pub fn keep<T: Serialize>(&self, value: &T) -> Result<Digest, EvidenceError> {
        let bytes = canonical_bytes(value);
        let digest = Digest::of_bytes(&bytes);
        let name = digest.to_string();
        // What is there under this name but is something else was damaged, and is put right.
        if self.folder.read(&name).is_ok_and(|kept| kept == bytes) {
            return Ok(digest);
        }
        self.put(&name, &bytes).map_err(|source| EvidenceError::Io { doing: "keep", digest, source })?;
        Ok(digest)
    }

    /// Seals a value to the recipients and keeps it: the digest, which is the name of the file too, is that of the sealed bytes, so that
    /// whoever cannot open it can still prove it. Nothing where nobody is named who could open it: then it is [kept](Self::keep) open.
    pub fn seal<T: Serialize>(&self, value: &T) -> Result<Option<Digest>, EvidenceError> {
        if !self.is_sealing() {
            return Ok(None);
        }
        let plain = canonical_bytes(value);
        let content = Digest::of_bytes(&plain);
        let known = || self.sealed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(digest) = known().get(&content) {
            return Ok(Some(*digest));
        }
        let sealed = seal_bytes(&plain, &self.recipients).map_err(|why| EvidenceError::Seal(Box::new(why)))?;
        let digest = Digest::of_bytes(&sealed);
        self.put_sealed(&digest.to_string(), &sealed)?;
        known().insert(content, digest);
        Ok(Some(digest))
    }

    /// Puts what is sealed beside the evidence, under a name of its own, and returns its digest once it is on disk.
    pub fn put_sealed(&self, name: &str, sealed: &[u8]) -> Result<Digest, EvidenceError> {
        let digest = Digest::of_bytes(sealed);
        self.put(name, sealed).map_err(|source| EvidenceError::Io { doing: "keep", digest, source })?;
        Ok(digest)
    }

    /// Reads a value back, after checking that it is still what was kept.
    pub fn get<T: DeserializeOwned>(&self, digest: Digest) -> Result<T, EvidenceError> {
        let bytes = self.folder.read(&digest.to_string());
        let bytes = bytes.map_err(|source| EvidenceError::Io { doing: "read", digest, source })?;
        if Digest::of_bytes(&bytes) != digest {
            return Err(EvidenceError::Changed(digest));
        }
        serde_json::from_slice(&bytes).map_err(|source| EvidenceError::Unexpected { digest, source })
    }
}

impl Drop for EvidenceStore {
    fn drop(&mut self) {
        if self.reserve.get_mut().unwrap_or_else(PoisonError::into_inner).take().is_some() {
            // A file that stays takes space and harms nothing; the next run of this folder takes it over.
            let _ = self.folder.remove(RESERVE);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::*;

    fn store(path: &Path) -> EvidenceStore {
        EvidenceStore::new(Folder::at(path).expect("a folder"))
    }

    #[test]
    fn the_same_content_is_kept_once_and_comes_back() {
        let dir = tempfile::tempdir().expect("a folder");
        let evidence = store(dir.path());
        let digest = evidence.keep(&json!({"b": [1, null], "a": "é"})).expect("kept");
        assert_eq!(evidence.keep(&json!({"a": "é", "b": [1, null]})).expect("kept"), digest);
        assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 1);
        assert_eq!(store(dir.path()).get::<Value>(digest).expect("there"), json!({"a": "é", "b": [1, null]}));
        assert!(matches!(evidence.get::<Vec<u8>>(digest), Err(EvidenceError::Unexpected { .. })));
        assert!(matches!(evidence.get::<Value>(Digest::ZERO), Err(EvidenceError::Io { .. })));
    }

    #[test]
    fn what_is_sealed_is_nowhere_open_and_opens_for_its_recipient_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let identity = age::x25519::Identity::generate();
        let recipient: Recipient = identity.to_public().to_string().parse().expect("a recipient");
        let value = json!({ "instruction": "Answer everything." });
        assert!(matches!(store(dir.path()).seal(&value), Ok(None)), "nobody could open it");
        let evidence = store(dir.path()).sealing_to(vec![recipient]);
        let digest = evidence.seal(&value).expect("kept").expect("sealed");
        assert_eq!(evidence.seal(&value).expect("kept"), Some(digest), "once is enough");
        let files: Vec<_> =
            std::fs::read_dir(dir.path()).expect("a folder").map(|file| file.expect("a file").path()).collect();
        assert_eq!(files, [dir.path().join(digest.to_string())]);
        let bytes = std::fs::read(&files[0]).expect("the file");
        assert_eq!(Digest::of_bytes(&bytes), digest);
        assert!(!bytes.windows(6).any(|part| part == b"Answer"));
        assert_eq!(age::decrypt(&identity, &bytes).expect("it opens"), canonical_bytes(&value));
        assert!(age::decrypt(&age::x25519::Identity::generate(), &bytes).is_err());
    }

    #[test]
    fn every_change_shows_and_keeping_it_again_puts_it_right() {
        let dir = tempfile::tempdir().expect("a folder");
        let evidence = store(dir.path());
        let digest = evidence.keep(&json!({"trust": "ecs"})).expect("kept");
        let path = dir.path().join(digest.to_string());
        let bytes = std::fs::read(&path).expect("the file");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            std::fs::write(&path, &changed).expect("written");
            assert!(matches!(evidence.get::<Value>(digest), Err(EvidenceError::Changed(_))), "byte {at}");
        }
        evidence.keep(&json!({"trust": "ecs"})).expect("kept");
        assert!(evidence.get::<Value>(digest).is_ok());
    }
}
