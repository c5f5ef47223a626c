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
    pub fn lease<'a, 't>(
        &'a self,
        run: &'a LockedRun,
        targets: impl IntoIterator<Item = &'t Target>,
    ) -> Result<Leases<'a>, StoreError> {
        let roots: BTreeSet<Target> =
            targets.into_iter().map(|target| Target { entity: target.entity.root(), ..target.clone() }).collect();
        let folder = self.leases();
        let _quiet = self.quiet()?;

        let mut taken_over: BTreeMap<RunId, Vec<Target>> = BTreeMap::new();
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
                    return Err(StoreError::Leased { target: Box::new(target), by: holder });
                }
                taken_over.entry(holder).or_default().push(target);
            }
            names.push(name);
        }
        for name in &names {
            // Not synced: after a loss of power no run is at work, and so no lease counts.
            let write = || {
                folder.remove(name)?;
                std::io::Write::write_all(&mut folder.new_file(name)?, run.run().as_str().as_bytes())
            };
            write().map_err(failed("write a lease in", folder.path()))?;
        }
        // Made last: dropping it takes the same lock that is held here.
        Ok(Leases { store: self, run, names, taken_over })
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

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};

    use super::*;
    use crate::journal::testing::{opened, target};
    use crate::journal::{Record, verify};

    const STATE_DIR: &str = "QUELL_TEST_STATE_DIR";

    fn run(text: &str) -> RunId {
        RunId::new(text).expect("a run id")
    }

    #[test]
    fn one_run_at_a_time_and_one_process_for_each() {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, other) = (RunStore::open(dir.path()), RunStore::open(dir.path()));
        let (store, other) = (store.expect("a store"), other.expect("a store"));
        let one = store.create(run("aaaaaaaa")).expect("new");
        assert!(matches!(other.create(run("aaaaaaaa")), Err(StoreError::RunExists(_))));
        assert!(matches!(other.lock(&run("aaaaaaaa")), Err(StoreError::Held(_))));
        assert!(matches!(other.lock(&run("cccccccc")), Err(StoreError::NoRun(_))));
        let two = other.create(run("bbbbbbbb")).expect("new");

        let held = store.lease(&one, [&target(0), &target(1), &target(4)]).expect("free");
        assert!(matches!(other.lease(&two, [&target(2), &target(1)]),
            Err(StoreError::Leased { by, .. }) if by == run("aaaaaaaa")));
        let free = other.lease(&two, [&target(2)]).expect("a refusal leases nothing");
        assert!(matches!(store.lease(&one, [&target(2)]), Err(StoreError::Leased { .. })));
        drop(held);
        let taken = other.lease(&two, [&target(1)]).expect("given back");
        assert!(taken.taken_over().is_empty(), "the run before ended in good order");
        drop((taken, free));
        assert_eq!(store.leases().names().expect("names"), ["lock"]);
        drop(one);
        // A process that another test starts holds whatever is open here until it has become another program.
        let is_free = || {
            std::thread::yield_now();
            !store.is_held(&run("aaaaaaaa")).expect("known")
        };
        assert!((0..100_000).any(|_| is_free()), "nobody has the run any more");
        assert!((0..100_000).any(|_| other.lock(&run("aaaaaaaa")).is_ok()));
    }

    /// What the other process of the tests does: it takes a run and a target, says so, and waits to be killed.
    #[test]
    #[ignore = "only runs as the other process"]
    fn the_other_process() {
        let Some(dir) = std::env::var_os(STATE_DIR) else { return };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let _inside = runtime.enter();
        let store = RunStore::open(std::path::Path::new(&dir)).expect("a store");
        let locked = store.create(run("dddddddd")).expect("new");
        let mut writer = locked.begin(crate::journal::testing::clock(), opened()).expect("begun");
        let target = target(0);
        let _leases = store.lease(&locked, [&target]).expect("free");
        writer.append(vec![Record::note("still here")]).expect("written");
        std::fs::write(std::path::Path::new(&dir).join("ready"), "").expect("written");
        let mut line = String::new();
        let _ = std::io::stdin().read_line(&mut line);
    }

    fn other_process(dir: &std::path::Path) -> Child {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "journal::lease::tests::the_other_process", "--ignored", "--nocapture"])
            .env(STATE_DIR, dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the other process");
        // Its output ends only with it, so its file says that it is ready; until then its lines are what is waited for.
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        while !dir.join("ready").exists() {
            if child.try_wait().expect("its state").is_some() {
                panic!("the other process ended: {:?}", lines.by_ref().collect::<Vec<_>>());
            }
            std::thread::yield_now();
        }
        child
    }

    #[tokio::test]
    async fn a_killed_process_gives_back_its_run_and_its_targets() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut child = other_process(dir.path());
        let store = RunStore::open(dir.path()).expect("a store");
        let mine = store.create(run("eeeeeeee")).expect("new");
        assert!(store.is_held(&run("dddddddd")).expect("known"));
        assert!(matches!(store.lock(&run("dddddddd")), Err(StoreError::Held(_))));
        assert!(
            matches!(store.lease(&mine, [&target(1)]), Err(StoreError::Leased { by, .. }) if by == run("dddddddd"))
        );
        let running = store.journal(&run("dddddddd")).expect("a run at work may be read");
        assert_eq!(verify(&running).expect("sound").records, 2);

        child.kill().expect("killed");
        child.wait().expect("gone");
        let leases = store.lease(&mine, [&target(1)]).expect("taken over");
        assert_eq!(leases.taken_over().keys().collect::<Vec<_>>(), [&run("dddddddd")]);
        let locked = store.lock(&run("dddddddd")).expect("free");
        let (writer, torn) = locked.reopen(crate::journal::testing::clock()).expect("sound");
        assert_eq!((writer.fold().opened(), torn), (Some(&opened()), None));
        let listed = store.list_incident(&opened().incident).expect("listed");
        assert_eq!(listed.iter().map(|run| (&run.run, run.held)).collect::<Vec<_>>(), [(&run("dddddddd"), true)]);
        assert_eq!(store.list().expect("listed").len(), 2, "a run that never began is listed as well");
    }
}
