//! `quell autopilot`.

use std::cell::RefCell;
use std::fs::File;
use std::path::Path;
use std::rc::Rc;

use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

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
use crate::autopilot::sources::{QueueTrouble, files, queue, stdin};
use crate::autopilot::{
    AutopilotSetting, Decision, Ledger, LedgerError, Machine, MachineError, Parcel, Taken, Watchlist, What,
};
use crate::aws::Queue;
use crate::base::{AccountId, Clock, Digest, Folder, IncidentId, canonical_bytes};
use crate::detect::Unread;

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
/// How many deliveries wait to be taken in.
const WAITING: usize = 64;

/// Where events come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct From<'a> {
    /// Files, folders, and stdin.
    pub(super) files: &'a [String],
    /// The URL of a queue.
    pub(super) queue: Option<&'a str>,
    /// One's own triggers.
    pub(super) triggers: Option<&'a Path>,
    /// Whether it ends when all of it has been attended to.
    pub(super) once: bool,
}

/// Attends to detections until it is told to stop, or there is nothing more to come.
pub(super) async fn autopilot(from: From<'_>, globals: &Globals) -> Result<(), Failure> {
    if from.files.is_empty() && from.queue.is_none() {
        let what = "events come from a queue, files, folders or stdin, and none is named";
        return Err(Failure::yours(exit::USAGE, what, "quell autopilot --queue URL"));
    }
    let setting = read_setting(globals)?;
    let watchlist = Rc::new(watch(from.triggers, globals)?);
    // Read before anything is asked of AWS: mistakes in it show at once.
    Rules::read(globals)?;
    let folder = autopilot_folder(globals)?;
    let _lock = lock(&folder, globals)?;
    let clock = Clock::real();
    let ledger = open_ledger(&folder, &clock)?;
    let signals = Signals::listen_for_the_end()?;
    let session = Session::open(globals).await?;
    let account = session.around.place.account.clone();
    let stop = signals.run_begins(same_command_with(&[]));
    let pilot = Pilot { globals: globals.clone(), watchlist: RefCell::new(watchlist), stop: stop.clone() };
    let told_at = clock.clone();
    let tell = move |decision: &Decision| sink::json_line(&decision.line(told_at.now()));
    let machine = Machine::new(ledger, clock.clone(), setting.budgets, setting.patience(), pilot, tell);
    let station = Station { machine: &machine, folder: &folder, account: &account, clock: &clock, globals, from };
    station.attend(&session, stop).await?;
    signals.run_ends();
    Ok(())
}

/// The triggers that are watched for.
fn watch(own: Option<&Path>, globals: &Globals) -> Result<Watchlist, Failure> {
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
    account: &'a AccountId,
    clock: &'a Clock,
    globals: &'a Globals,
    from: From<'a>,
}

type Source<'a> = LocalBoxFuture<'a, Result<(), Failure>>;
type Attended<'a> = LocalBoxFuture<'a, Result<(), MachineError>>;

impl<'a> Station<'a> {
    /// Takes in what comes, and attends to what begins with it.
    async fn attend(&'a self, session: &Session, mut stop: tokio::sync::watch::Receiver<bool>) -> Result<(), Failure> {
        let mut hangups = signal(SignalKind::hangup()).map_err(|error| unwritable(&error))?;
        let (to, mut parcels) = mpsc::channel(WAITING);
        let mut sources = self.sources(session, &to)?;
        drop(to);
        let mut attended: FuturesUnordered<Attended<'_>> = FuturesUnordered::new();
        attended.extend(self.machine.unfinished().into_iter().map(|id| self.attention(id)));
        let (mut no_more, mut stopping) = (false, false);
        while !(no_more && attended.is_empty()) && !(stopping && !self.machine.is_busy()) {
            tokio::select! {
                biased;
                _ = stop.changed(), if !stopping => stopping = true,
                _ = hangups.recv() => self.reload(),
                Some(end) = attended.next(), if !attended.is_empty() => end.map_err(|error| self.stopped(&error))?,
                Some(end) = sources.next(), if !sources.is_empty() => end?,
                parcel = parcels.recv(), if !no_more && !stopping => match parcel {
                    Some(parcel) => {
                        let begun = self.take(parcel)?;
                        attended.extend(begun.into_iter().map(|id| self.attention(id)));
                    }
                    None => no_more = true,
                },
            }
        }
        Ok(())
    }

    fn attention(&'a self, id: IncidentId) -> Attended<'a> {
        Box::pin(async move { self.machine.attend(&id).await })
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
                    path => files(Path::new(path), follow, &to).await,
                };
                end.map_err(|error| Failure::yours(exit::ERROR, chain(&error), same_command_with(&[])))
            }));
        }
        if let Some(url) = self.from.queue {
            let opened = Queue::open(&session.connection, url);
            let opened = opened.map_err(|error| Failure::yours(exit::USAGE, chain(&error), same_command_with(&[])))?;
            let (to, once) = (to.clone(), self.from.once);
            sources.push(Box::pin(async move {
                queue(opened, once, to, |trouble| self.trouble(trouble)).await;
                Ok(())
            }));
        }
        Ok(sources)
    }

    /// Takes a delivery in, tells whoever delivered it, and returns the incidents that begin with it.
    fn take(&self, parcel: Parcel) -> Result<Vec<IncidentId>, Failure> {
        let Parcel { origin, body, taken } = parcel;
        let watchlist = Rc::clone(&self.machine.responder().watchlist.borrow());
        let (begun, unread) = match watchlist.read(&body, self.account) {
            Ok(delivery) => {
                let begun = self.machine.take(delivery.read).map_err(|error| self.stopped(&error))?;
                (begun, delivery.unread)
            }
            Err(bad) => (Vec::new(), vec![Unread { place: "the input".to_owned(), why: chain(&bad) }]),
        };
        let answer = match unread.first() {
            None => Taken::Recorded,
            Some(first) => {
                self.keep(&origin, &body, &unread)?;
                Taken::Unread(format!("{}: {}", first.place, first.why))
            }
        };
        // Whoever delivered it may be gone; it delivers it again then.
        let _ = taken.send(answer);
        Ok(begun)
    }

    /// Keeps what could not be read, with the reasons, and says so.
    fn keep(&self, origin: &str, body: &[u8], unread: &[Unread]) -> Result<(), Failure> {
        let name = Digest::of_bytes(body).to_string();
        let reasons: Vec<Value> = unread.iter().map(|one| json!({ "place": one.place, "why": one.why })).collect();
        let kept = || -> Result<bool, std::io::Error> {
            let folder = self.folder.folder_or_new(UNREAD_FOLDER)?;
            if folder.names()?.len() >= 2 * MOST_UNREAD {
                return Ok(false);
            }
            let why = json!({ "format": 1, "from": origin, "at": self.clock.now(), "unread": reasons });
            folder.put(&format!("{name}.why.json"), &canonical_bytes(&why))?;
            folder.put(&name, body)?;
            Ok(true)
        };
        let kept = kept().map_err(|error| unwritable(&error))?;
        let told = json!({ "from": origin, "unread": reasons, "kept": kept.then_some(name) });
        sink::json_line(&Decision::about(What::Unread, told).line(self.clock.now()));
        Ok(())
    }

    /// Reads triggers and settings again, where both are sound.
    fn reload(&self) {
        let decision = match read_setting(self.globals).and_then(|setting| {
            let watchlist = watch(self.from.triggers, self.globals)?;
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
        sink::json_line(&decision.line(self.clock.now()));
    }

    fn trouble(&self, trouble: &QueueTrouble) {
        let (doing, fault) = match trouble {
            QueueTrouble::Receive(fault) => ("no messages could be received", fault),
            QueueTrouble::Delete(fault) => ("a message could not be deleted, and comes again", fault),
        };
        let told = json!({ "from": self.from.queue, "why": format!("{doing}: {fault}") });
        sink::json_line(&Decision::about(What::Delayed, told).line(self.clock.now()));
    }

    fn stopped(&self, error: &MachineError) -> Failure {
        let MachineError::Ledger(error) = error;
        damaged(error, self.folder)
    }
}
