//! Leases: one run at a time changes a target.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::{Digest, RunId, Target};

use super::LockedRun;
use super::store::{RunStore, StoreError, failed};

/// The targets that a run, and no other on this machine, may change while this lives.
///
/// A lease is a file named for the digest of the target that holds the id of the run. It counts as long as that run is locked, so it ends
/// when the process dies, however it dies, and thousands of them cost no open files.
#[derive(Debug)]
#[must_use = "the targets are leased only as long as this lives"]
pub struct Leases<'a> {
    store: &'a RunStore,
    run: &'a LockedRun,
    names: Vec<String>,
    taken_over: BTreeMap<RunId, Vec<Target>>,
}

impl RunStore {
    /// Leases all targets to a run, or none. What is below an entity is leased with it: two runs never change two aliases of
    /// one agent at once.
    pub fn lease<'a>(
        &'a self,
        run: &'a LockedRun,
        targets: impl IntoIterator<Item = &'a Target>,
    ) -> Result<Leases<'a>, StoreError> {
        let roots: BTreeSet<Target> =
            targets.into_iter().map(|target| Target { entity: target.entity.root(), ..target.clone() }).collect();
        let folder = self.leases();
        let _quiet = self.quiet()?;

        let mut leases = Leases { store: self, run, names: Vec::new(), taken_over: BTreeMap::new() };
        let mut names = Vec::new();
        for target in roots {
            let name = Digest::of(&target).to_string();
            let holder = match folder.read(&name) {
                // A lease that was being written when its process died holds no id, and nobody.
                Ok(bytes) => String::from_utf8(bytes).ok().and_then(|text| RunId::new(text).ok()),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(error) => return Err(failed("read a lease in", folder.path())(error)),
            };
            if let Some(holder) = holder.filter(|holder| holder != run.run()) {
                if self.is_held_now(&holder)? {
                    return Err(StoreError::Leased { target, by: holder });
                }
                leases.taken_over.entry(holder).or_default().push(target);
            }
            names.push(name);
        }
        for name in names {
            // Not synced: after a loss of power no run is at work, and so no lease counts.
            let write = || {
                folder.remove(&name)?;
                std::io::Write::write_all(&mut folder.new_file(&name)?, run.run().as_str().as_bytes())
            };
            write().map_err(failed("write a lease in", folder.path()))?;
            leases.names.push(name);
        }
        Ok(leases)
    }
}

impl Leases<'_> {
    /// The runs that died while they held some of these targets, and which ones. Such a run may have left a call in doubt: it
    /// is worth saying before the target is changed again.
    pub fn taken_over(&self) -> &BTreeMap<RunId, Vec<Target>> {
        &self.taken_over
    }
}

impl Drop for Leases<'_> {
    /// Gives the targets back. What cannot be removed stops counting with the lock of the run.
    fn drop(&mut self) {
        let Ok(_quiet) = self.store.quiet() else { return };
        let folder = self.store.leases();
        for name in &self.names {
            if folder.read(name).is_ok_and(|holder| holder == self.run.run().as_str().as_bytes()) {
                let _ = folder.remove(name);
            }
        }
    }
}
