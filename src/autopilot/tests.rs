//! The autopilot over a simulated disk, with an account that counts what is done to it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::base::{AccountId, Clock, IncidentId, RunId};
use crate::journal::{DiskError, DiskFault, SimDisk};

const START: &str = "2026-11-22T03:00:00Z";
const AN_HOUR: Duration = Duration::from_secs(3600);

fn start() -> Timestamp {
    START.parse().expect("a time")
}

fn account() -> AccountId {
    "111122223333".parse().expect("an account")
}

/// A detection about a principal.
fn alarm(event: &str, principal: &str) -> Alarm {
    Alarm {
        trigger: "stolen-key".to_owned(),
        runbook: "compromised-iam-user".to_owned(),
        key: format!("compromised-iam-user 111122223333 {principal}"),
        what: "CredentialAccess:IAMUser/CompromisedCredentials".to_owned(),
        event: event.to_owned(),
        subject: Some(format!("finding-of-{principal}")),
        claim: Claim::Nothing { why: "the account of the test knows".to_owned() },
        by_name: false,
        principal_id: None,
        account: Some(account()),
        happened: None,
        values: BTreeMap::from([("user".to_owned(), json!(principal))]),
        from: BTreeMap::new(),
        missing: BTreeMap::new(),
        window: 6 * AN_HOUR,
        after: None,
        unattended: true,
        text: Value::Null,
    }
}

/// What is done to the account, which outlives every process.
#[derive(Default)]
struct World {
    /// Principals whose findings are true.
    true_ones: RefCell<BTreeSet<String>>,
    /// How many answers it takes until AWS knows.
    late: Cell<u32>,
    /// How often each run acted on its principal: a run that goes on does not act again.
    acted: RefCell<BTreeMap<RunId, String>>,
    /// Every time that something was changed.
    changes: Cell<u32>,
    answers: Cell<u32>,
}

/// How far a process comes before it dies.
#[derive(Clone)]
struct Fuse(Rc<Cell<u32>>);

impl Fuse {
    /// One more step; one that never ends where the process is dead.
    async fn step(&self) {
        match self.0.get().checked_sub(1) {
            Some(left) => self.0.set(left),
            None => std::future::pending().await,
        }
    }
}

struct Account {
    world: Rc<World>,
    fuse: Fuse,
}

impl Responder for Account {
    async fn ask(&self, incident: &Incident) -> Answer {
        self.fuse.step().await;
        self.world.answers.set(self.world.answers.get() + 1);
        if self.world.answers.get() <= self.world.late.get() {
            return Answer::NotYet("AWS does not know it yet".to_owned());
        }
        let principal = incident.alarm.values["user"].as_str().expect("a text");
        match self.world.true_ones.borrow().contains(principal) {
            true => Answer::Confirmed("AWS says so".to_owned()),
            false => Answer::Never("AWS does not know it".to_owned()),
        }
    }

    async fn respond(&self, incident: &Incident, may_act: bool, purse: &dyn Purse) -> Response {
        self.fuse.step().await;
        let principal = incident.alarm.values["user"].as_str().expect("a text").to_owned();
        let waits = |why: &str| Response::Concluded {
            outcome: Outcome::Waits,
            why: why.to_owned(),
            plans: if purse.may_plan() { vec![format!("{}.json", incident.id)] } else { vec![] },
            next: None,
        };
        if !may_act {
            return waits("nobody confirmed it");
        }
        let has_begun = self.world.acted.borrow().contains_key(&incident.run);
        if !has_begun {
            match purse.pay(&account(), &BTreeSet::from([format!("user {principal}")])) {
                Ok(Ok(())) => {}
                Ok(Err(spent)) => return waits(&spent.to_string()),
                // As in a process whose disk has failed: it does not come any further.
                Err(_) => std::future::pending().await,
            }
            self.fuse.step().await;
            self.world.acted.borrow_mut().insert(incident.run.clone(), principal);
            self.world.changes.set(self.world.changes.get() + 1);
        }
        self.fuse.step().await;
        Response::Concluded { outcome: Outcome::PartlyContained, why: String::new(), plans: vec![], next: None }
    }
}

type Told = Rc<RefCell<Vec<(What, Value)>>>;

/// A process that may die.
struct Process {
    machine: Machine<Account>,
    told: Told,
}

fn process(disk: &SimDisk, world: &Rc<World>, clock: &Clock, fuse: u32, budgets: Budgets) -> Process {
    let told: Told = Rc::default();
    let hear = Rc::clone(&told);
    let ledger = Ledger::open(disk.clone()).expect("a sound ledger");
    let account = Account { world: Rc::clone(world), fuse: Fuse(Rc::new(Cell::new(fuse))) };
    let tell = move |decision: &Decision| hear.borrow_mut().push((decision.what, decision.told.clone()));
    Process { machine: Machine::new(ledger, clock.clone(), budgets, Duration::from_secs(900), account, tell), told }
}

impl Process {
    /// Takes in and attends to everything, as long as it lives.
    async fn work(&self, deliveries: &[Alarm]) -> Result<(), MachineError> {
        for one in deliveries {
            self.machine.take(vec![Read::Detected(Box::new(one.clone()))])?;
        }
        let unfinished = self.machine.unfinished();
        for end in join_all(unfinished.iter().map(|id| self.machine.attend(id))).await {
            end?;
        }
        Ok(())
    }

    fn count(&self, what: What) -> usize {
        self.told.borrow().iter().filter(|(told, _)| *told == what).count()
    }
}

fn world(true_ones: &[&str]) -> Rc<World> {
    let world = World::default();
    world.true_ones.borrow_mut().extend(true_ones.iter().map(|&one| one.to_owned()));
    Rc::new(world)
}

#[tokio::test(start_paused = true)]
async fn the_same_detection_starts_one_run_however_often_it_comes() {
    let (disk, world, clock) = (SimDisk::new(), world(&["ana"]), Clock::starting_at(start()));
    let process = process(&disk, &world, &clock, u32::MAX, Budgets::default());
    let twice = [alarm("e1", "ana"), alarm("e1", "ana"), alarm("e2", "ana"), alarm("e1", "ana")];
    process.work(&twice).await.expect("an end");
    assert_eq!(world.changes.get(), 1);
    assert_eq!([What::Opened, What::Repeated, What::Joined].map(|what| process.count(what)), [1, 2, 1]);
    // After the window another event of the same kind is another incident; an update of the same finding is not.
    tokio::time::advance(7 * AN_HOUR).await;
    process.work(&[alarm("e3", "ana")]).await.expect("an end");
    assert_eq!((process.count(What::Opened), process.count(What::Joined)), (1, 2));
    tokio::time::advance(7 * AN_HOUR).await;
    let other = Alarm { subject: Some("another finding".to_owned()), ..alarm("e4", "ana") };
    process.work(&[other]).await.expect("an end");
    assert_eq!((process.count(What::Opened), world.changes.get()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn wherever_the_process_dies_there_is_one_run_of_each_detection() {
    let deliveries: Vec<Alarm> =
        [("e1", "ana"), ("e2", "ben"), ("e1", "ana"), ("e3", "ana")].map(|(event, who)| alarm(event, who)).into();
    let (mut died, mut points) = (0, 0);
    for fuse in 0.. {
        // What was written and not synced may be lost, or not.
        for keeps_unsynced in [false, true] {
            let (disk, world, clock) = (SimDisk::new(), world(&["ana", "ben"]), Clock::starting_at(start()));
            let first = process(&disk, &world, &clock, fuse, Budgets::default());
            let end = tokio::time::timeout(AN_HOUR, first.work(&deliveries)).await;
            died += u32::from(end.is_err());
            points += 1;
            let kept = if keeps_unsynced { disk.unsynced() } else { 0 };
            let disk = disk.after_crash(kept);
            // Nothing was acknowledged for certain, so all of it comes again.
            let second = process(&disk, &world, &clock, u32::MAX, Budgets::default());
            second.work(&deliveries).await.expect("an end");
            assert_eq!(world.changes.get(), 2, "dead after {fuse} steps: {:?}", second.told.borrow());
            let ledger = Ledger::open(disk.after_crash(0)).expect("a sound ledger");
            assert_eq!((ledger.books().incidents().count(), ledger.books().open().len()), (2, 0));
            if end.is_ok() {
                assert!(died > 4 && points > 8, "it died at {died} points");
                return;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whichever_write_fails_nothing_follows_from_what_is_not_on_disk() {
    let deliveries = [alarm("e1", "ana"), alarm("e2", "ben")];
    for at in 0.. {
        let (disk, world, clock) = (SimDisk::new(), world(&["ana", "ben"]), Clock::starting_at(start()));
        disk.fail(DiskFault { at, error: DiskError::Short, lasting: true });
        let opened = Ledger::open(disk.clone()).is_ok();
        if opened {
            let first = process(&disk, &world, &clock, u32::MAX, Budgets::default());
            let end = tokio::time::timeout(AN_HOUR, first.work(&deliveries)).await;
            let synced = Ledger::open(SimDisk::holding(disk.synced())).expect("what was synced is whole");
            let charged = synced.books().incidents().filter(|incident| incident.charged.is_some()).count();
            assert!(world.changes.get() as usize <= charged, "at {at} something was done that is not paid for");
            if matches!(end, Ok(Ok(()))) {
                assert!(at > 4, "{at} operations");
                return;
            }
        }
        let second = process(&SimDisk::holding(disk.synced()), &world, &clock, u32::MAX, Budgets::default());
        second.work(&deliveries).await.expect("an end");
        assert_eq!(world.changes.get(), 2, "at {at}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_aws_does_not_confirm_waits_for_a_person_and_what_it_confirms_late_does_not() {
    let (disk, world, clock) = (SimDisk::new(), world(&["ana"]), Clock::starting_at(start()));
    let process = process(&disk, &world, &clock, u32::MAX, Budgets::default());
    process.work(&[alarm("e1", "mallory")]).await.expect("an end");
    assert_eq!((world.changes.get(), process.count(What::Unconfirmed)), (0, 1));
    world.late.set(world.answers.get() + 10);
    process.work(&[alarm("e2", "ana")]).await.expect("an end");
    assert_eq!((world.changes.get(), process.count(What::Confirmed)), (1, 1));
    world.late.set(u32::MAX);
    world.true_ones.borrow_mut().insert("ben".to_owned());
    process.work(&[alarm("e3", "ben")]).await.expect("an end");
    assert_eq!((world.changes.get(), process.count(What::Unconfirmed)), (1, 2), "its time is over");
}

#[tokio::test(start_paused = true)]
async fn a_forged_flood_changes_nothing_and_a_true_one_as_much_as_the_budget_holds() {
    let flood: Vec<Alarm> = (0..10_000)
        .map(|number| Alarm { subject: None, ..alarm(&format!("e{number}"), &format!("user-{}", number % 5_000)) })
        .collect();
    let (disk, forged, clock) = (SimDisk::new(), world(&[]), Clock::starting_at(start()));
    let process_of = |world: &Rc<World>, disk: &SimDisk| process(disk, world, &clock, u32::MAX, Budgets::default());
    let process = process_of(&forged, &disk);
    process.work(&flood).await.expect("an end");
    assert_eq!(forged.changes.get(), 0);
    let plans = |process: &Process| {
        let told = process.told.borrow();
        told.iter().filter(|(_, told)| told["plans"].as_array().is_some_and(|plans| !plans.is_empty())).count()
    };
    assert_eq!(plans(&process), Budgets::default().plans, "and no more plans than people could read");

    let all: Vec<String> = (0..5_000).map(|number| format!("user-{number}")).collect();
    let (disk, confirmed) = (SimDisk::new(), world(&all.iter().map(String::as_str).collect::<Vec<_>>()));
    let process = process_of(&confirmed, &disk);
    process.work(&flood).await.expect("an end");
    let most = u32::try_from(Budgets::default().principals_per_account).expect("a small number");
    assert_eq!(confirmed.changes.get(), most);
    // A restart does not fill the purse; an hour does.
    let again = process_of(&confirmed, &disk.after_crash(0));
    again.work(&[alarm("later", "user-0"), alarm("other", "nobody-yet")]).await.expect("an end");
    assert_eq!(confirmed.changes.get(), most);
    assert_eq!(again.machine.spent(), (most as usize, Budgets::default().principals));
    tokio::time::advance(AN_HOUR).await;
    assert_eq!(again.machine.spent().0, 0);
    confirmed.true_ones.borrow_mut().insert("late".to_owned());
    again.work(&[alarm("much later", "late")]).await.expect("an end");
    assert_eq!(confirmed.changes.get(), most + 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_for_more_than_all_accounts_may_trips_the_breaker_and_it_outlives_the_process() {
    let (disk, clock) = (SimDisk::new(), Clock::starting_at(start()));
    let world = world(&["a", "b", "c", "d", "e"]);
    let budgets = Budgets { principals_per_account: 2, principals: 2, ..Budgets::default() };
    let first = process(&disk, &world, &clock, u32::MAX, budgets);
    let events = ["a", "b", "c"].map(|who| alarm(who, who));
    first.work(&events).await.expect("an end");
    assert_eq!((world.changes.get(), first.count(What::Tripped)), (2, 1));
    tokio::time::advance(Duration::from_secs(59 * 60)).await;
    let generous = Budgets { principals_per_account: 50, principals: 50, ..Budgets::default() };
    let second = process(&disk.after_crash(0), &world, &clock, u32::MAX, generous);
    second.work(&[alarm("d", "d")]).await.expect("an end");
    assert_eq!((world.changes.get(), second.count(What::OverBudget)), (2, 1), "it is open still");
    tokio::time::advance(Duration::from_secs(61)).await;
    second.work(&[alarm("e", "e")]).await.expect("an end");
    assert_eq!(world.changes.get(), 3);
}

#[tokio::test(start_paused = true)]
async fn so_many_within_so_long_make_an_incident() {
    let (disk, world, clock) = (SimDisk::new(), world(&["ana"]), Clock::starting_at(start()));
    let process = process(&disk, &world, &clock, u32::MAX, Budgets::default());
    let after = Some(Threshold { times: 3, within: Duration::from_secs(600) });
    let read = |event: &str| Alarm { after, subject: None, ..alarm(event, "ana") };
    process.work(&[read("1"), read("1"), read("2")]).await.expect("an end");
    tokio::time::advance(Duration::from_secs(601)).await;
    process.work(&[read("3"), read("4")]).await.expect("an end");
    assert_eq!((process.count(What::Counted), process.count(What::Opened)), (4, 0));
    process.work(&[read("5")]).await.expect("an end");
    assert_eq!((process.count(What::Opened), world.changes.get()), (1, 1));
}

#[test]
fn a_torn_line_is_taken_off_and_a_damaged_one_is_an_error() {
    let disk = SimDisk::new();
    let mut ledger = Ledger::open(disk.clone()).expect("an empty ledger");
    let tripped =
        |until: &str| Entry::Tripped { until: until.parse().expect("a time"), why: "x".to_owned(), at: start() };
    ledger.append(&tripped("2026-11-22T04:00:00Z")).expect("written");
    ledger.append(&tripped("2026-11-22T05:00:00Z")).expect("written");
    ledger.sync().expect("synced");
    let whole = disk.synced();
    for length in 0..=whole.len() {
        let ledger = Ledger::open(SimDisk::holding(whole[..length].to_vec())).expect("what is whole");
        let lines = whole[..length].iter().filter(|byte| **byte == b'\n').count();
        let until = ["", "2026-11-22T04:00:00Z", "2026-11-22T05:00:00Z"][lines].parse().ok();
        assert_eq!(ledger.books().tripped(start()), until);
    }
    let damaged = [b"{\"entry\":\"trippe\"}\n".to_vec(), whole].concat();
    let why = Ledger::open(SimDisk::holding(damaged)).expect_err("it is damaged").to_string();
    assert!(why.contains("line 1"), "{why}");
}

#[test]
fn what_is_over_is_left_out_and_what_is_open_stays() {
    let disk = SimDisk::new();
    let mut ledger = Ledger::open(disk.clone()).expect("an empty ledger");
    let id = |text: &str| text.parse::<IncidentId>().expect("an incident");
    let opened = |name: &str| Entry::Opened {
        incident: id(name),
        run: "0123456789ab".parse().expect("a run"),
        at: start(),
        alarm: Box::new(alarm(name, name)),
    };
    let concluded = Entry::Concluded {
        incident: id("over"),
        outcome: Outcome::Waits,
        why: String::new(),
        plans: vec![],
        next: None,
        at: start(),
    };
    for entry in [opened("over"), opened("open"), concluded] {
        ledger.append(&entry).expect("written");
    }
    ledger.sync().expect("synced");
    let left = |days: i64| {
        let now = start() + jiff::SignedDuration::from_hours(days * 24);
        Ledger::without_what_is_over(&disk.synced(), now).expect("a sound ledger")
    };
    assert_eq!(left(13), None);
    let left = Ledger::open(SimDisk::holding(left(15).expect("something is over"))).expect("a sound ledger");
    let ids: Vec<&str> = left.books().incidents().map(|incident| incident.id.as_str()).collect();
    assert_eq!(ids, ["open"]);
}
