//! Values that take time to reach everybody who reads them.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// When a write reaches its readers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Landing {
    /// When the slower copies that answer reads have it.
    pub(crate) read_at: Timestamp,
    /// When the authorisation of requests goes by it.
    pub(crate) enforced_at: Timestamp,
}

impl Landing {
    /// A write that everybody has at once.
    pub(crate) fn at_once(when: Timestamp) -> Self {
        Self { read_at: when, enforced_at: when }
    }
}

/// Which copy answers a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replica {
    /// The copy that takes the writes.
    Fresh,
    /// A copy that may lag behind.
    Lagging,
}

#[derive(Debug)]
struct Revision<T> {
    value: Option<T>,
    landing: Landing,
}

/// Named values, each with the revisions that somebody may still see.
#[derive(Debug)]
pub(crate) struct Store<T> {
    revisions: BTreeMap<String, Vec<Revision<T>>>,
}

impl<T> Default for Store<T> {
    fn default() -> Self {
        Self { revisions: BTreeMap::new() }
    }
}

impl<T> Store<T> {
    /// Writes a value, or with none takes it away. Later writes never land before earlier ones.
    pub(crate) fn write(&mut self, name: &str, value: Option<T>, landing: Landing, now: Timestamp) {
        let revisions = self.revisions.entry(name.to_owned()).or_default();
        let landing = revisions.last().map_or(landing, |last| Landing {
            read_at: landing.read_at.max(last.landing.read_at),
            enforced_at: landing.enforced_at.max(last.landing.enforced_at),
        });
        let settled = revisions.iter().rposition(|r| r.landing.read_at <= now && r.landing.enforced_at <= now);
        revisions.drain(..settled.unwrap_or(0));
        revisions.push(Revision { value, landing });
    }

    fn pick(&self, name: &str, seen: impl Fn(&Landing) -> bool) -> Option<&T> {
        self.revisions.get(name)?.iter().rev().find(|r| seen(&r.landing))?.value.as_ref()
    }

    /// The value as the last writer left it.
    pub(crate) fn latest(&self, name: &str) -> Option<&T> {
        self.pick(name, |_| true)
    }

    /// The value as a reader sees it.
    pub(crate) fn seen(&self, name: &str, at: Timestamp, replica: Replica) -> Option<&T> {
        self.pick(name, |landing| replica == Replica::Fresh || landing.read_at <= at)
    }

    /// The value that requests are authorised by.
    pub(crate) fn enforced(&self, name: &str, at: Timestamp) -> Option<&T> {
        self.pick(name, |landing| landing.enforced_at <= at)
    }

    /// All names that were ever written, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.revisions.keys().map(String::as_str)
    }

    /// All values as the last writers left them, by name.
    pub(crate) fn all_latest(&self) -> impl Iterator<Item = (&str, &T)> {
        self.names().filter_map(|name| Some((name, self.latest(name)?)))
    }

    /// All values as a reader sees them, by name.
    pub(crate) fn all_seen(&self, at: Timestamp, replica: Replica) -> impl Iterator<Item = (&str, &T)> {
        self.names().filter_map(move |name| Some((name, self.seen(name, at, replica)?)))
    }

    /// All values that requests are authorised by, by name.
    pub(crate) fn all_enforced(&self, at: Timestamp) -> impl Iterator<Item = (&str, &T)> {
        self.names().filter_map(move |name| Some((name, self.enforced(name, at)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_land_in_their_order() {
        let at = |s| Timestamp::from_second(s).expect("a timestamp");
        let mut store = Store::default();
        store.write("a", Some(1), Landing::at_once(at(0)), at(0));
        store.write("a", Some(2), Landing { read_at: at(12), enforced_at: at(14) }, at(10));
        store.write("a", None, Landing { read_at: at(11), enforced_at: at(13) }, at(11));
        assert_eq!(store.latest("a"), None);
        assert_eq!(store.seen("a", at(11), Replica::Fresh), None);
        assert_eq!(store.seen("a", at(11), Replica::Lagging), Some(&1));
        assert_eq!(store.enforced("a", at(13)), Some(&1));
        assert_eq!(store.enforced("a", at(14)), None);
    }
}
