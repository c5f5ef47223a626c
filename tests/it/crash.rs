//! The crash matrix: a process may die anywhere, and whoever goes on brings the run to the same end.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use quell::base::Phase;
use quell::journal::{CallView, Record, SimDisk, read};
use quell::range::Moment;
use quell::range::scenario::FaultKind;
use quell::run::RunEnd;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use crate::crash_judge::{compare, differences};
use crate::drill::{Drill, SEED, Site, changes, in_parallel, paused};
use crate::extent::played;
use crate::fuse::{Done, Fuse, FusedDisk, Spot};
use crate::new_keys::as_if_made_first;

/// How many deaths of each kind are tried where not all are, a kind being what was under way, in whichever runbook.
const OF_EACH_KIND: usize = 1;
/// Where all are tried: at how many spots of each phase no call is under way, and how often somebody dies again while
/// recovering. Otherwise once in each runbook.
const OTHER_SPOTS: usize = 8;
const DOUBLE_DEATHS: usize = 8;
/// Longer than any run takes, on the virtual clock: what has not ended by then never ends.
const FOREVER: Duration = Duration::from_secs(24 * 3_600);

/// How a process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Death {
    /// At which of its spots.
    at: usize,
    /// Which share of what is not synced a loss of power leaves, in thousandths.
    kept: usize,
    /// Whether a request that was on its way arrives all the same.
    delivered: bool,
}

/// Another share for each spot: nothing, everything, and every so much in between.
fn torn(at: usize) -> usize {
    at * 379 % 1_001
}

/// A run that was never disturbed.
struct Undisturbed {
    state: Value,
    spots: Vec<Spot>,
    end: RunEnd,
}

impl Undisturbed {
    fn of(drill: &Drill) -> Self {
        paused(async {
            let site = drill.open();
            let (disk, fuse) = (SimDisk::new(), Fuse::default());
            let end = execute(&site, &disk, true, &fuse, false).await.expect("nobody dies");
            compare(&site, &disk.synced()).expect("an honest journal");
            Self { state: as_if_made_first(&site.range.state()), spots: fuse.passed(), end }
        })
    }

    /// Every way to die at a spot.
    fn deaths_at(&self, at: usize) -> impl Iterator<Item = Death> {
        let deaths = match self.spots[at].done {
            Done::Written => vec![(torn(at), false)],
            Done::Sent => vec![(0, false), (0, true)],
            Done::Decided | Done::Synced | Done::TakenEffect => vec![(0, false)],
        };
        deaths.into_iter().map(move |(kept, delivered)| Death { at, kept, delivered })
    }

    /// Whether a death leaves what one at the spot before leaves, which is played: nothing was written since, and nothing has taken
    /// effect. [`some_deaths_leave_the_same`] shows that it is so.
    fn leaves_the_same_as_before(&self, death: &Death) -> bool {
        let changes_nothing = match self.spots[death.at].done {
            Done::Decided => true,
            Done::Sent => !death.delivered,
            Done::Written | Done::Synced | Done::TakenEffect => false,
        };
        let before = death.at.checked_sub(1).map(|before| &self.spots[before]);
        changes_nothing && before.is_some_and(|before| before.is_of_call() && before.done != Done::Written)
    }

    /// Every way to die where a call is under way, and the spots of all others.
    fn deaths(&self) -> (Vec<Death>, Vec<Death>) {
        let (mut of_calls, mut others) = (Vec::new(), Vec::new());
        for (at, spot) in self.spots.iter().enumerate() {
            let deaths = self.deaths_at(at).filter(|death| !self.leaves_the_same_as_before(death));
            // Nothing has begun before the first record is on disk.
            let begun = self.spots[..at].iter().any(|before| before.done == Done::Synced);
            match begun {
                true if spot.is_of_call() => of_calls.extend(deaths),
                true => others.extend(deaths),
                false => {}
            }
        }
        (of_calls, others)
    }

    /// What kind of death it is: the operation of a request that was under way, else the boundary.
    fn kind(&self, death: &Death) -> String {
        let spot = &self.spots[death.at];
        match spot.operation {
            Some(operation) => format!("{operation:?}"),
            None => format!("{:?}", spot.done),
        }
    }
}

impl Spot {
    fn is_of_call(&self) -> bool {
        self.operation.is_some() || self.records.iter().any(|record| record.call().is_some())
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.done)?;
        self.operation.iter().try_for_each(|operation| write!(out, " {operation}"))?;
        for record in &self.records {
            match record {
                Record::Intended(intent) => write!(out, ", intent {} {}", intent.call, intent.operation)?,
                Record::Ended(ending) => write!(out, ", end {}", ending.call)?,
                Record::Step(moved) => write!(out, ", {} {}", moved.step, moved.to)?,
                _ => out.write_str(", …")?,
            }
        }
        Ok(())
    }
}

/// Runs until the end, or until the fuse has burnt down.
async fn execute(site: &Site<'_>, disk: &SimDisk, begins: bool, fuse: &Fuse, delivered: bool) -> Option<RunEnd> {
    let meeting = fuse.clone();
    site.range.set_hook(move |flight| {
        let done = if flight.moment == Moment::BeforeEffect { Done::Sent } else { Done::TakenEffect };
        let dies = changes(flight.call.operation) && meeting.meets(flight, done);
        (dies && done == Done::Sent && !delivered).then_some(FaultKind::TimeoutBefore)
    });
    let disk = FusedDisk { disk: disk.clone(), fuse: fuse.clone(), unsynced: Vec::new() };
    let going = AssertUnwindSafe(site.go(disk, begins)).catch_unwind();
    tokio::select! {
        biased;
        () = fuse.burnt() => None,
        end = tokio::time::timeout(FOREVER, going) => match end.expect("it ends") {
            Ok(end) => Some(end.expect("an end")),
            Err(_) if fuse.has_burnt() => None,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

/// Dies as told, goes on each time, and compares the end with that of the undisturbed run.
async fn die_and_go_on(drill: &Drill, undisturbed: &Undisturbed, deaths: &[Death]) -> Result<(), String> {
    let site = drill.open();
    let mut disk = SimDisk::new();
    let mut end = None;
    let fuses = deaths.iter().map(|death| (Fuse::of_length(death.at), *death));
    let last = (Fuse::default(), Death { at: usize::MAX, kept: 0, delivered: false });
    for (turn, (fuse, death)) in fuses.chain([last]).enumerate() {
        let closed = turn > 0 && read(&disk.synced()).is_ok_and(|journal| journal.fold.closed().is_some());
        if closed {
            return judge(&site, &disk, undisturbed);
        }
        end = execute(&site, &disk, turn == 0, &fuse, death.delivered).await;
        if end.is_some() {
            break;
        }
        let synced = disk.synced();
        disk = disk.after_crash(disk.unsynced() * death.kept / 1_000);
        assert!(disk.synced().starts_with(&synced), "the simulated disk keeps what is synced");
    }
    end.ok_or("the last process died of itself")?;
    judge(&site, &disk, undisturbed)
}

fn judge(site: &Site<'_>, disk: &SimDisk, undisturbed: &Undisturbed) -> Result<(), String> {
    let journal = read(&disk.synced()).map_err(|damage| format!("damaged: {damage}"))?;
    let outcome = journal.fold.closed().map(|closing| closing.outcome);
    if outcome != undisturbed.end.outcome {
        return Err(format!("the outcome is {outcome:?}"));
    }
    let is = as_if_made_first(&site.range.state());
    if is != undisturbed.state {
        return Err(differences(&undisturbed.state, &is).join("; "));
    }
    compare(site, &disk.synced())
}

/// Every spot of a call is there: what the matrix goes through is all that there is.
fn assert_all_boundaries(drill: &Drill, undisturbed: &Undisturbed) {
    let calls = undisturbed.end.fold.calls();
    for number in calls.keys() {
        for done in [Done::Decided, Done::Written, Done::Synced] {
            let about = |wanted: fn(&Record) -> bool| {
                let of_it = |record: &&Record| record.call() == Some(*number) && wanted(record);
                let spots = undisturbed.spots.iter().filter(|spot| spot.done == done);
                spots.flat_map(|spot| &spot.records).filter(of_it).count()
            };
            let intents = about(|record| matches!(record, Record::Intended(_)));
            let ends = about(|record| matches!(record, Record::Ended(_)));
            assert_eq!((intents, ends), (1, 1), "{}: {number} {done:?}", drill.name);
        }
    }
    for done in [Done::Sent, Done::TakenEffect] {
        let spots = undisturbed.spots.iter().filter(|spot| spot.done == done);
        assert_eq!(spots.count(), calls.len(), "{}: {done:?}", drill.name);
    }
}

/// What a call has made is never lost where its end is kept: the power fails while the group of both is written, with every
/// number of its bytes on disk.
#[test]
fn no_end_is_kept_without_what_the_call_made() {
    let drill = Drill::of("rogue-bedrock-agent", Phase::Contain, SEED);
    let undisturbed = Undisturbed::of(&drill);
    let of_case = |record: &Record| matches!(record, Record::Fact { name, .. } if name == "case-id");
    let written = |spot: &Spot| spot.done == Done::Written && spot.records.iter().any(of_case);
    let at = undisturbed.spots.iter().position(written).expect("a case is opened");
    let left = paused(async {
        let site = drill.open();
        let disk = SimDisk::new();
        assert!(execute(&site, &disk, true, &Fuse::of_length(at), false).await.is_none(), "it dies");
        disk
    });
    let mut ends = 0;
    for kept in 0..=left.unsynced() {
        let after = left.after_crash(kept).synced();
        let journal = read(&after).expect("a journal whose last line may be torn");
        let opened = |call: &&CallView| call.intent.operation.to_string() == "support:CreateCase";
        let call = journal.fold.calls().values().find(opened).expect("its intent was synced");
        let made = journal.fold.step(&call.intent.step).is_some_and(|step| step.facts.contains_key("case-id"));
        assert!(made || !call.state.has_landed(), "{kept} bytes are kept: the call has ended, and the case is lost");
        ends += usize::from(call.state.has_landed());
    }
    assert!(ends > 0, "all of the group may be kept");
    // At the end of each line, and in the middle: whoever goes on comes to the same end.
    for kept in (0..=10).map(|tenth| tenth * 100) {
        let death = Death { at, kept, delivered: false };
        paused(die_and_go_on(&drill, &undisturbed, &[death])).expect("the same end");
    }
}

/// The secret of a new key is in the memory of the process that made it, until a store has it. Wherever that process dies on the
/// way, the key is taken away and made anew, or was stored already: every death around these calls is played, and told in the journal.
#[test]
fn a_secret_that_died_with_its_process_is_made_anew() {
    let drill = Drill::of("rotate-user-keys", Phase::Eradicate, SEED);
    let undisturbed = Undisturbed::of(&drill);
    let about = |spot: &Spot| {
        let text = spot.to_string();
        ["CreateAccessKey", "PutSecretValue"].iter().any(|name| text.contains(name))
    };
    let first = undisturbed.spots.iter().position(about).expect("a key is made");
    let last = undisturbed.spots.iter().rposition(about).expect("its secret is stored") + 4;
    let (of_calls, others) = undisturbed.deaths();
    let deaths = of_calls.into_iter().chain(others).filter(|death| (first..=last).contains(&death.at));
    in_parallel(deaths.collect(), |death| {
        let played = paused(die_and_go_on(&drill, &undisturbed, &[*death]));
        played.map_err(|why| format!("{death:?}, {}: {why}", undisturbed.spots[death.at]))
    });
}

/// What is not played has been shown to be played elsewhere: the journal and the account are the same to the byte as after a death
/// at the spot before.
#[test]
fn some_deaths_leave_the_same() {
    let drill = Drill::of("compromised-role-sessions", Phase::Contain, SEED);
    let undisturbed = Undisturbed::of(&drill);
    let left = |death: Death| {
        paused(async {
            let (site, disk) = (drill.open(), SimDisk::new());
            let end = execute(&site, &disk, true, &Fuse::of_length(death.at), death.delivered).await;
            assert!(end.is_none(), "it dies at {death:?}");
            (disk.synced(), site.range.state())
        })
    };
    let deaths = (0..undisturbed.spots.len()).flat_map(|at| undisturbed.deaths_at(at));
    let same: Vec<Death> = deaths.filter(|death| undisturbed.leaves_the_same_as_before(death)).collect();
    assert!(same.len() > undisturbed.end.fold.calls().len(), "of each call at least one");
    in_parallel(same, |death| {
        let before = undisturbed.deaths_at(death.at - 1).last().expect("a way to die");
        let (is, was) = (left(*death), left(before));
        match is == was {
            true => Ok(()),
            false => Err(format!("{death:?} at {} leaves something else", undisturbed.spots[death.at])),
        }
    });
}

/// One way to die, perhaps twice, in one phase of a runbook.
struct Case<'a> {
    drill: &'a Drill,
    undisturbed: &'a Undisturbed,
    deaths: Vec<Death>,
}

fn sample<T: Copy>(luck: &mut ChaCha8Rng, from: &[T], count: usize) -> Vec<T> {
    (0..count.min(from.len())).map(|_| from[luck.random_range(0..from.len())]).collect()
}

#[test]
fn whoever_goes_on_comes_to_the_same_end() {
    let phases: Vec<(&Drill, Undisturbed)> =
        Drill::shipped().iter().map(|drill| (drill, Undisturbed::of(drill))).collect();
    let mut kinds: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for (drill, undisturbed) in &phases {
        assert_all_boundaries(drill, undisturbed);
        let (of_calls, others) = undisturbed.deaths();
        let mut luck = ChaCha8Rng::seed_from_u64(SEED);
        let case = |deaths| Case { drill, undisturbed, deaths };
        for death in &of_calls {
            kinds.entry(undisturbed.kind(death)).or_default().push(case(vec![*death]));
        }
        let runbook = &drill.plan.runbook.name;
        let others = sample(&mut luck, &others, OTHER_SPOTS).into_iter().map(|death| case(vec![death]));
        kinds.entry(format!("{runbook}, between calls")).or_default().extend(others);
        for first in sample(&mut luck, &of_calls, DOUBLE_DEATHS) {
            let second = Death { at: luck.random_range(0..30), kept: luck.random_range(0..=1_000), delivered: true };
            kinds.entry(format!("{runbook}, twice")).or_default().push(case(vec![first, second]));
        }
    }
    in_parallel(played(kinds.into_values(), OF_EACH_KIND, SEED), |Case { drill, undisturbed, deaths }| {
        paused(die_and_go_on(drill, undisturbed, deaths)).map_err(|why| {
            let spot = &undisturbed.spots[deaths[0].at];
            format!("{}, seed {SEED}, {deaths:?}, {spot}: {why}", drill.name)
        })
    });
}
