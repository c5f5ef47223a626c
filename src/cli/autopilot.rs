//! `quell autopilot`.

use std::cell::RefCell;
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use serde_json::{Value, json};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};

use super::account::Session;
use super::arguments::Globals;
use super::detections::{STDIN, known_triggers};
use super::entry::same_command_with;
use super::failure::{ELSEWHERE, Failure, chain};
use super::pilot::Pilot;
use super::rules::{Rules, setting_of};
use super::signals::Signals;
use super::state::autopilot_folder;
use super::{exit, sink};
use crate::actions::registry;
use crate::autopilot::notices::{Notice, Notifier, WaitingPlan};
use crate::autopilot::sources::{Door, FilesError, QueueTrouble, files, listen, queue, stdin};
use crate::autopilot::{
    AutopilotSetting, Decision, Health, Incident, Ledger, LedgerError, Machine, MachineError, Metrics, Parcel,
    SharedSecret, Taken, Watcher, Watchlist, What,
};
use crate::aws::Queue;
use crate::base::{Clock, Digest, Effect, Folder, IncidentId, canonical_bytes};
use crate::detect::Unread;
use crate::plan::{Caller, read_plan};

/// The file of settings.
const SETTING_FILE: &str = "autopilot.yaml";
/// What is known.
const LEDGER_FILE: &str = "ledger.jsonl";
/// Held by the one process that works with it.
const LOCK_FILE: &str = "lock";
/// What could not be read, with the reason.
const UNREAD_FOLDER: &str = "unread";
/// How much of what could not be read is kept: whoever floods a queue with nonsense fills no disk.
const MOST_UNREAD: usize = 1_000;
/// How often it says that it is well.
const TURN: Duration = Duration::from_secs(5);
/// What says how it is configured.
const SEE_HELP: &str = "quell help autopilot  # shows `autopilot.yaml`";
/// How many deliveries wait to be taken in.
const WAITING: usize = 64;

/// Where events come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct From<'a> {
    /// Files, folders, and stdin.
    pub(super) files: &'a [String],
    /// The URL of a queue.
    pub(super) queue: Option<&'a str>,
    /// The address that events are sent to.
    pub(super) listen: Option<SocketAddr>,
    /// One's own triggers.
    pub(super) triggers: Option<&'a Path>,
    /// Whether it ends when all of it has been attended to.
    pub(super) once: bool,
}

/// Attends to detections until it is told to stop, or there is nothing more to come.
pub(super) async fn autopilot(from: From<'_>, globals: &Globals) -> Result<(), Failure> {
    if from.files.is_empty() && from.queue.is_none() && from.listen.is_none() {
        let what = "events come from a queue, an address, files, folders or stdin, and none is named";
        return Err(Failure::yours(exit::USAGE, what, "quell autopilot --queue URL"));
    }
    let setting = read_setting(globals)?;
    let watchlist = Rc::new(watchlist(from.triggers, globals)?);
    // Read before anything is asked of AWS: mistakes in it show at once.
    if !Rules::read(globals)?.guardrails().is_prepared() {
        sink::talk("nothing happens unattended: `guardrails.yaml` protects no account and no principal yet\n");
    }
    let folder = autopilot_folder(globals)?;
    let _lock = lock(&folder, globals)?;
    let clock = Clock::real();
    let ledger = open_ledger(&folder, &clock)?;
    let signals = Signals::listen_for_the_end()?;
    // Heard from now on: one that comes while the account is being reached ends nothing.
    let hangups = signal(SignalKind::hangup()).map_err(|error| unwritable(&error))?;
    let session = Rc::new(Session::open(globals).await?);
    let Caller { arn, acts_as, .. } = &session.around.caller;
    let own = [arn.clone()].into_iter().chain(acts_as.as_ref().map(|acts_as| acts_as.role.clone()));
    let watcher = Watcher { account: session.around.place.account.clone(), own: own.collect() };
    let stop = signals.run_begins(same_command_with(&[]));
    let (watchlist, asking) = (RefCell::new(watchlist), Rc::clone(&session));
    let pilot = Pilot { globals: globals.clone(), watchlist, session: asking, stop: stop.clone() };
    let voice = Voice { clock: clock.clone(), metrics: Arc::default() };
    let health = Arc::new(Health::new(clock.now()));
    let notifier = setting.notify.tells().then(|| Notifier::new(&setting.notify, &clock)).transpose();
    let notifier = notifier.map_err(|error| Failure::yours(exit::ERROR, chain(&error), SEE_HELP))?;
    let told = voice.clone();
    let tell = move |decision: &Decision| told.say(decision);
    let machine = Machine::new(ledger, clock.clone(), setting.budgets, setting.patience(), pilot, tell);
    let (folder, watcher) = (&folder, &watcher);
    let station = Station {
        machine: &machine,
        folder,
        watcher,
        globals,
        from,
        voice,
        health,
        notifier: notifier.as_ref(),
        signals: &signals,
    };
    let end = station.attend(&session, setting.listen_secret_file.as_deref(), stop, hangups).await;
    signals.run_ends();
    end
}

/// What says what is decided, and counts it.
#[derive(Clone)]
struct Voice {
    clock: Clock,
    metrics: Arc<Metrics>,
}

impl Voice {
    fn say(&self, decision: &Decision) {
        let now = self.clock.now();
        self.metrics.decided(decision, now);
        sink::json_line(&decision.line(now));
    }
}

/// The triggers that are watched for.
fn watchlist(own: Option<&Path>, globals: &Globals) -> Result<Watchlist, Failure> {
    let (watchlist, lost) = Watchlist::new(known_triggers(own, globals)?, registry());
    match lost.first() {
        None => Ok(watchlist),
        Some(trigger) => {
            let what = format!("the runbook of trigger `{trigger}` is not sound");
            Err(Failure::yours(exit::FINDINGS, what, "quell triggers"))
        }
    }
}

fn read_setting(globals: &Globals) -> Result<AutopilotSetting, Failure> {
    setting_of(globals, SETTING_FILE, "autopilot", AutopilotSetting::mistakes)
}

/// Two that work with the same ledger would both begin what it tells of.
fn lock(folder: &Folder, globals: &Globals) -> Result<File, Failure> {
    let lock = folder.file_or_new(LOCK_FILE).map_err(|error| unwritable(&error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(_) => {
            let what = format!("another autopilot is at work with `{}`", folder.path().display());
            Err(Failure::yours(exit::HELD, what, globals.about_run("status")))
        }
    }
}

/// Opens the ledger, without what is over.
fn open_ledger(folder: &Folder, clock: &Clock) -> Result<Ledger, Failure> {
    let open = || -> Result<File, std::io::Error> {
        folder.file_or_new(LEDGER_FILE)?;
        folder.open_to_append(LEDGER_FILE)
    };
    let bytes = open().and_then(|_| folder.read(LEDGER_FILE)).map_err(|error| unwritable(&error))?;
    if let Some(left) = Ledger::without_what_is_over(&bytes, clock.now()).map_err(|error| damaged(&error, folder))? {
        folder.put(LEDGER_FILE, &left).map_err(|error| unwritable(&error))?;
    }
    Ledger::open(open().map_err(|error| unwritable(&error))?).map_err(|error| damaged(&error, folder))
}

fn unwritable(error: &std::io::Error) -> Failure {
    Failure { code: exit::UNWRITABLE, ..Failure::machine(error, same_command_with(&[ELSEWHERE.to_owned()])) }
}

fn damaged(error: &LedgerError, folder: &Folder) -> Failure {
    let code = if matches!(error, LedgerError::Damaged { .. }) { exit::DAMAGED } else { exit::UNWRITABLE };
    let next = format!(
        "quell status  # shows what was begun; then move `{}` away, and start it again",
        folder.path().join(LEDGER_FILE).display()
    );
    Failure { code, ..Failure::machine(error, next) }
}

/// The autopilot between its sources and its incidents.
struct Station<'a> {
    machine: &'a Machine<Pilot>,
    folder: &'a Folder,
    watcher: &'a Watcher,
    globals: &'a Globals,
    from: From<'a>,
    voice: Voice,
    health: Arc<Health>,
    notifier: Option<&'a Notifier>,
    signals: &'a Signals,
}

type Source<'a> = LocalBoxFuture<'a, Result<(), Failure>>;
type Attended<'a> = LocalBoxFuture<'a, Result<IncidentId, MachineError>>;

impl<'a> Station<'a> {
    /// Takes in what comes, and attends to what begins with it.
    async fn attend(
        &'a self,
        session: &Session,
        secret: Option<&Path>,
        mut stop: watch::Receiver<bool>,
        mut hangups: Signal,
    ) -> Result<(), Failure> {
        let (to, mut parcels) = mpsc::channel(WAITING);
        let mut sources = self.sources(session, &to)?;
        sources.extend(self.door(secret, &to, stop.clone()).await?);
        drop(to);
        let mut notices: FuturesUnordered<LocalBoxFuture<'_, ()>> = FuturesUnordered::new();
        let mut turns = tokio::time::interval(TURN);
        let mut attended: FuturesUnordered<Attended<'_>> = FuturesUnordered::new();
        attended.extend(self.machine.unfinished().into_iter().map(|id| self.attention(id)));
        let (mut no_more, mut stopping, mut failed) = (false, false, None);
        loop {
            // What waits to be tried again is for the next start; what is under way, and what people are about to be told, is not.
            if failed.as_ref().is_some_and(|failure: &Failure| matches!(failure.code, exit::UNWRITABLE | exit::DAMAGED))
            {
                // Nothing may follow from what cannot be written. What is under way stops in good order.
                self.signals.stop();
                stopping = true;
            }
            let nothing_begun = if stopping { !self.machine.is_busy() } else { no_more && attended.is_empty() };
            if nothing_begun && notices.is_empty() {
                break;
            }
            tokio::select! {
                biased;
                _ = stop.changed(), if !stopping => stopping = true,
                _ = hangups.recv() => self.reload(),
                _ = turns.tick() => self.stands(),
                Some(()) = notices.next(), if !notices.is_empty() => {}
                Some(end) = attended.next(), if !attended.is_empty() => match end {
                    Ok(id) => notices.extend(self.notice(&id)),
                    Err(error) => failed = failed.or(Some(self.stopped(&error))),
                },
                Some(end) = sources.next(), if !sources.is_empty() => {
                    if let Err(failure) = end {
                        self.voice.say(&Decision::about(What::Unread, json!({ "why": failure.what })));
                        failed = failed.or(Some(failure));
                    }
                }
                parcel = parcels.recv(), if !no_more && !stopping => match parcel.map(|parcel| self.take(parcel)) {
                    Some(Ok(begun)) => attended.extend(begun.into_iter().map(|id| self.attention(id))),
                    Some(Err(failure)) => failed = failed.or(Some(failure)),
                    None => no_more = true,
                },
            }
        }
        match failed {
            Some(failure) => Err(failure),
            None if stopping && self.machine.standing().0 > 0 => {
                Err(Failure::told(exit::INTERRUPTED, same_command_with(&[])))
            }
            None => Ok(()),
        }
    }

    fn attention(&'a self, id: IncidentId) -> Attended<'a> {
        Box::pin(async move { self.machine.attend(&id).await.map(|()| id) })
    }

    /// Says how it is, for whoever asks.
    fn stands(&self) {
        let (open, tripped) = self.machine.standing();
        let (used, most) = self.machine.spent();
        self.health.turned(self.voice.clock.now());
        self.voice.metrics.stands(open, tripped.is_some());
        self.voice.metrics.spent(used, most);
    }

    /// Tells people what an incident has come to, beside everything else. What cannot be told is said where decisions are.
    fn notice(&'a self, id: &IncidentId) -> Option<LocalBoxFuture<'a, ()>> {
        let (notifier, incident) = (self.notifier?, self.machine.known(id)?);
        let notice = notice_of(&incident)?;
        Some(Box::pin(async move {
            if let Err(unsent) = notifier.send(&notice).await {
                self.voice.metrics.unsent();
                let told = json!({ "incident": notice.incident, "why": unsent.to_string() });
                self.voice.say(&Decision::about(What::Untold, told));
            }
        }))
    }

    /// The address that events are sent to, once it is taken.
    async fn door(
        &'a self,
        secret: Option<&Path>,
        to: &mpsc::Sender<Parcel>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<Option<Source<'a>>, Failure> {
        let Some(address) = self.from.listen else { return Ok(None) };
        let failed = |error: &(dyn std::error::Error + 'static)| Failure::yours(exit::ERROR, chain(error), SEE_HELP);
        let secret = secret.map(SharedSecret::of_file).transpose().map_err(|error| failed(&error))?;
        let Voice { clock, metrics } = self.voice.clone();
        let door = Door { secret, to: to.clone(), clock, health: Arc::clone(&self.health), metrics };
        let listening = listen(address, door).await.map_err(|error| failed(&error))?;
        sink::talk(&format!("events are taken at http://{}/events\n", listening.address()));
        Ok(Some(Box::pin(async move {
            listening
                .serve(async move {
                    // Where nobody can stop it any more, it has stopped.
                    let _ = stop.wait_for(|stop| *stop).await;
                })
                .await;
            Ok(())
        })))
    }

    fn sources(
        &'a self,
        session: &Session,
        to: &mpsc::Sender<Parcel>,
    ) -> Result<FuturesUnordered<Source<'a>>, Failure> {
        let sources: FuturesUnordered<Source<'a>> = FuturesUnordered::new();
        for file in self.from.files {
            let (to, follow) = (to.clone(), !self.from.once);
            sources.push(Box::pin(async move {
                let end = match file.as_str() {
                    STDIN => stdin(&to).await,
                    path => {
                        let passed_over = |error: &FilesError| {
                            self.voice
                                .say(&Decision::about(What::Unread, json!({ "from": path, "why": chain(error) })));
                        };
                        files(Path::new(path), follow, &to, passed_over).await
                    }
                };
                end.map_err(|error| Failure::yours(exit::ERROR, chain(&error), same_command_with(&[])))
            }));
        }
        if let Some(url) = self.from.queue {
            let opened = Queue::open(&session.connection, url);
            let opened = opened.map_err(|error| Failure::yours(exit::USAGE, chain(&error), same_command_with(&[])))?;
            let (to, once) = (to.clone(), self.from.once);
            sources.push(Box::pin(async move {
                let end = queue(opened, once, to, |trouble| self.trouble(trouble)).await;
                end.map_err(|fault| Failure::aws(&fault, &self.globals.renewal()))
            }));
        }
        Ok(sources)
    }

    /// Takes a delivery in, tells whoever delivered it, and returns the incidents that begin with it.
    fn take(&self, parcel: Parcel) -> Result<Vec<IncidentId>, Failure> {
        let Parcel { origin, body, taken } = parcel;
        self.voice.metrics.delivered(self.voice.clock.now());
        let watchlist = Rc::clone(&self.machine.responder().watchlist.borrow());
        let (begun, unread) = match watchlist.read(&body, self.watcher) {
            Ok(delivery) => {
                let begun = self.machine.take(delivery.read).map_err(|error| self.stopped(&error))?;
                (begun, delivery.unread)
            }
            Err(bad) => (Vec::new(), vec![Unread { place: "the input".to_owned(), why: chain(&bad) }]),
        };
        let answer = match unread.first() {
            None => Taken::Recorded,
            Some(first) => match self.keep(&origin, &body, &unread) {
                Ok(()) => Taken::Unread(format!("{}: {}", first.place, first.why)),
                // It comes again, when there may be room for it.
                Err(error) => Taken::NotNow(format!("it could not be kept: {error}")),
            },
        };
        // Whoever delivered it may be gone; it delivers it again then.
        let _ = taken.send(answer);
        Ok(begun)
    }

    /// Keeps what could not be read, with the reasons, and says so.
    fn keep(&self, origin: &str, body: &[u8], unread: &[Unread]) -> Result<(), std::io::Error> {
        let name = Digest::of_bytes(body).to_string();
        let reasons: Vec<Value> = unread.iter().map(|one| json!({ "place": one.place, "why": one.why })).collect();
        let kept = || -> Result<bool, std::io::Error> {
            let folder = self.folder.folder_or_new(UNREAD_FOLDER)?;
            if folder.names()?.len() >= 2 * MOST_UNREAD {
                return Ok(false);
            }
            let why = json!({ "format": 1, "from": origin, "at": self.voice.clock.now(), "unread": reasons });
            folder.put(&format!("{name}.why.json"), &canonical_bytes(&why))?;
            folder.put(&name, body)?;
            Ok(true)
        };
        let kept = kept()?;
        let told = json!({ "from": origin, "unread": reasons, "kept": kept.then_some(name) });
        self.voice.say(&Decision::about(What::Unread, told));
        Ok(())
    }

    /// Reads triggers and settings again, where both are sound.
    fn reload(&self) {
        let decision = match read_setting(self.globals).and_then(|setting| {
            let watchlist = watchlist(self.from.triggers, self.globals)?;
            Rules::read(self.globals)?;
            Ok((setting, watchlist))
        }) {
            Ok((setting, watchlist)) => {
                let told = json!({ "triggers": watchlist.len() });
                self.machine.budget(setting.budgets);
                *self.machine.responder().watchlist.borrow_mut() = Rc::new(watchlist);
                Decision::about(What::Reloaded, told)
            }
            Err(failure) => Decision::about(What::NotReloaded, json!({ "why": failure.what, "next": failure.next })),
        };
        self.voice.say(&decision);
    }

    fn trouble(&self, trouble: &QueueTrouble) {
        let (doing, fault) = match trouble {
            QueueTrouble::Receive(fault) => ("no messages could be received", fault),
            QueueTrouble::Delete(fault) => ("a message could not be deleted, and comes again", fault),
        };
        let told = json!({ "from": self.from.queue, "why": format!("{doing}: {fault}") });
        self.voice.say(&Decision::about(What::Delayed, told));
    }

    fn stopped(&self, error: &MachineError) -> Failure {
        self.health.stopped(error.to_string());
        let MachineError::Ledger(error) = error;
        damaged(error, self.folder)
    }
}

/// What people are told of an incident that was attended to.
fn notice_of(incident: &Incident) -> Option<Notice> {
    let concluded = incident.concluded.as_ref()?;
    let plans = concluded.plans.iter().filter_map(|path| {
        let plan = read_plan(Path::new(path)).ok()?;
        Some(WaitingPlan {
            path: path.clone(),
            digest: plan.digest(),
            phase: plan.phase,
            reversible: plan.count(Effect::Reversible),
            irreversible: plan.count(Effect::Irreversible),
        })
    });
    Some(Notice {
        incident: incident.id.clone(),
        trigger: incident.alarm.trigger.clone(),
        runbook: incident.alarm.runbook.clone(),
        detected: incident.alarm.what.clone(),
        outcome: concluded.outcome,
        account: incident.alarm.account.clone(),
        run: incident.has_run().then(|| incident.run.clone()),
        // Why an event does not say something may quote what it says, and whoever sends events chooses that.
        why: match incident.alarm.missing.is_empty() {
            true => concluded.why.clone(),
            false => {
                let names: Vec<&str> = incident.alarm.missing.keys().map(String::as_str).collect();
                format!("a person has to say {}", names.join(", "))
            }
        },
        plans: plans.collect(),
        next: concluded.next.clone(),
    })
}
