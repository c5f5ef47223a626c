//! Files, folders and stdin.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::sync::mpsc;

use crate::autopilot::parcel::{Parcel, deliver};

/// How often a folder is looked through.
const LOOK: Duration = Duration::from_secs(2);
/// The most bytes of a file: what is larger is no delivery of events.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Why files cannot be delivered.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// One could not be read.
    #[error("failed to read `{path}`")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// One is larger than any delivery of events.
    #[error("`{path}` has more than {LARGEST} bytes")]
    Large {
        /// Which.
        path: PathBuf,
    },
    /// What came from stdin is no JSON from somewhere on.
    #[error("what came from stdin is no JSON behind its {after} values")]
    Stdin {
        /// How many values were read before.
        after: usize,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
}

/// Delivers a file, or what is in a folder. With `follow` a folder is looked through again and again, until nobody takes anything in.
///
/// # Errors
/// Where something cannot be read. With `follow` that is told, and passed over.
pub async fn files(
    path: &Path,
    follow: bool,
    to: &mpsc::Sender<Parcel>,
    trouble: impl Fn(&FilesError),
) -> Result<(), FilesError> {
    let mut delivered = BTreeSet::new();
    loop {
        for (file, version) in listed(path)? {
            if delivered.contains(&(file.clone(), version)) {
                continue;
            }
            let body = match read(&file) {
                // Another one may be there the next time, or the same under another name.
                Err(error) if follow => {
                    trouble(&error);
                    delivered.insert((file, version));
                    continue;
                }
                read => read?,
            };
            if deliver(to, &file.display().to_string(), body).await.is_none() {
                return Ok(());
            }
            delivered.insert((file, version));
        }
        if !follow || !path.is_dir() {
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = to.closed() => return Ok(()),
        }
    }
}

/// When a file was written last, and its length: one that is written anew is another delivery.
type Version = (Option<std::time::SystemTime>, u64);

fn listed(path: &Path) -> Result<Vec<(PathBuf, Version)>, FilesError> {
    let failed = |source| FilesError::Io { path: path.to_owned(), source };
    let version = |path: &Path| -> io::Result<Option<Version>> {
        let known = std::fs::metadata(path)?;
        Ok(known.is_file().then(|| (known.modified().ok(), known.len())))
    };
    if !path.is_dir() {
        let known = version(path).map_err(failed)?;
        let known = known.ok_or_else(|| failed(io::Error::other("it is neither a file nor a folder")))?;
        return Ok(vec![(path.to_owned(), known)]);
    }
    let mut all = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        // Whoever writes a file writes it under another name first, which begins with a point.
        let hidden = file.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if let (false, Ok(Some(known))) = (hidden, version(&file)) {
            all.push((file, known));
        }
    }
    all.sort();
    Ok(all)
}

fn read(path: &Path) -> Result<Vec<u8>, FilesError> {
    let failed = |source| FilesError::Io { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(failed)?.len() > LARGEST {
        return Err(FilesError::Large { path: path.to_owned() });
    }
    std::fs::read(path).map_err(failed)
}

/// Delivers what comes from stdin, value by value as it comes: lines of JSON, or JSON of any layout.
///
/// # Errors
/// Where it is no JSON from somewhere on. What came before was delivered.
pub async fn stdin(to: &mpsc::Sender<Parcel>) -> Result<(), FilesError> {
    let (hand, mut handed) = mpsc::channel::<Result<Box<RawValue>, serde_json::Error>>(1);
    // Reading stdin cannot be given up half way: the thread ends with the program.
    std::thread::spawn(move || {
        let values = serde_json::Deserializer::from_reader(io::stdin().lock()).into_iter::<Box<RawValue>>();
        for value in values {
            let over = value.is_err();
            if hand.blocking_send(value).is_err() || over {
                return;
            }
        }
    });
    let mut after = 0;
    while let Some(value) = handed.recv().await {
        let value = value.map_err(|source| FilesError::Stdin { after, source })?;
        if deliver(to, "stdin", value.get().as_bytes().to_vec()).await.is_none() {
            return Ok(());
        }
        after += 1;
    }
    Ok(())
}
