//! Ctrl-C, SIGTERM and a terminal that goes away: the first one lets a run stop in good order, a second one of the first two ends
//! the program at once.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::entry::same_command_with;
use super::failure::Failure;
use super::{exit, sink};

/// Listens for signals for as long as the program lives.
#[derive(Debug, Clone)]
pub(super) struct Signals {
    stop: watch::Sender<bool>,
    /// What goes on with the run that is under way.
    next: Arc<Mutex<Option<String>>>,
}

impl Signals {
    /// Begins to listen. Until a run is under way, the first signal ends the program.
    pub(super) fn listen() -> Result<Self, Failure> {
        Self::listening(!outlives_its_terminal())
    }

    /// The same, and a hang-up is for somebody else: a service hears with it that it is to read its configuration again.
    pub(super) fn listen_for_the_end() -> Result<Self, Failure> {
        Self::listening(false)
    }

    fn listening(hangup_ends: bool) -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(|error| Failure::machine(&error, same_command_with(&[])));
        let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
        // Heard and passed over: a file that may grow no further is then an error of its writer, with a state and a way on, and not
        // the end of the program.
        drop(listen(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?);
        // Whoever has told this program to outlive its terminal means it.
        let mut hangup = if hangup_ends { Some(listen(SignalKind::hangup())?) } else { None };
        let signals = Self { stop: watch::Sender::new(false), next: Arc::default() };
        let heard = signals.clone();
        tokio::spawn(async move {
            loop {
                let hung_up = async {
                    match &mut hangup {
                        Some(hangup) => hangup.recv().await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    _ = interrupt.recv() => heard.hear(true),
                    _ = terminate.recv() => heard.hear(true),
                    // Nobody is there to mean a second one: kernel and shell both send it when a connection is lost.
                    _ = hung_up => heard.hear(false),
                }
            }
        });
        Ok(signals)
    }

    /// A run is under way: the first signal lets it stop in good order. `next` is the command that goes on with it.
    pub(super) fn run_begins(&self, next: String) -> watch::Receiver<bool> {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(next);
        self.stop.subscribe()
    }

    /// Lets what is under way stop in good order, as the first signal does.
    pub(super) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// The run has stopped or ended.
    pub(super) fn run_ends(&self) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A signal has come. `insists` says that a second one ends the program at once.
    fn hear(&self, insists: bool) {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let again = same_command_with(&[]);
        if let Some(next) = next.clone().filter(|_| !self.stop.send_replace(true)) {
            sink::talk("stopping: nothing new is sent, what is under way is waited for; once more ends at once\n");
            sink::talk(&format!("it goes on with: {next}\n"));
            return;
        }
        if next.is_some() && !insists {
            return;
        }
        let what = match &next {
            Some(_) => "ended at once: what a call did that was under way is settled when the run goes on",
            None => "interrupted while no run was under way",
        };
        Failure::yours(exit::INTERRUPTED, what, next.unwrap_or(again)).tell();
        std::process::exit(i32::from(exit::INTERRUPTED));
    }
}

/// Whether the program was started so that it ignores the end of its terminal, as `nohup` does it.
fn outlives_its_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // Bit 0 is SIGHUP.
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 != 0)
}
