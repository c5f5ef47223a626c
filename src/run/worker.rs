//! Brings one step about: looks, proposes, sends, looks again, waits the window, verifies.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::agenda::{Agenda, Known, WINDOW, agenda, window_left};
use super::cover::{Cover, Standing, cover};
use super::desk::{Desk, Halt, Snapshot};
use super::event::Pausing;
use super::send::{Sending, Sent};
use crate::actions::{AnyAction, Assignment, Await, Facts, Look, LookError, Move, Refusal, SeenJson};
use crate::aws::{Call, FaultKind, Made, Reader, RetryClass, SEALED, Sealed};
use crate::base::{Clock, Digest, Effect, StepKey};
use crate::evidence::EvidenceStore;
use crate::journal::{Record, StepMoved, StepState};
use crate::plan::{Plan, PlannedAction};

/// How often a step is put back after somebody has undone it, before it counts as contested.
pub const MOST_REAPPLIES: usize = 5;
/// When a change that may be sent twice is looked at for the first time: an attacker who undoes it waits for nothing, and
/// sending it again is harmless even where AWS only answered late.
const EARLY_LOOK: Duration = Duration::from_secs(5);
/// The first pause between two looks at a thing that is settling, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LAST_PAUSE: Duration = Duration::from_secs(15);
/// What a pause is longer than the one before it. With a quarter, a look comes at most a second and a quarter of the time
/// that AWS took too late, and a thing that takes AWS a minute is looked at a dozen times: where fifty settle at once they
/// share what AWS lets us read.
const PAUSE_GROWTH: f64 = 1.25;
/// The pause between two looks within the window.
const WINDOW_PAUSE: Duration = Duration::from_secs(1);

/// One step at work.
pub(super) struct Worker<'a> {
    pub(super) plan: &'a Plan,
    /// Whether somebody has agreed to all of it.
    pub(super) attended: bool,
    pub(super) key: &'a StepKey,
    pub(super) planned: &'a PlannedAction,
    pub(super) known: &'static dyn AnyAction,
    pub(super) to: Assignment,
    pub(super) desk: Desk<'a>,
    pub(super) reader: &'a Reader,
    pub(super) evidence: &'a EvidenceStore,
    pub(super) clock: &'a Clock,
}

/// What became of an attempt to bring the step about.
enum Brought {
    /// No moves are left.
    Done(Box<Snapshot>),
    /// The step has ended otherwise.
    Ended,
}

/// What a look led to.
pub(super) struct Sight {
    pub(super) seen: SeenJson,
    pub(super) moves: Result<Vec<Move>, Refusal>,
    /// Calls that only take away what the step has made and cannot use.
    pub(super) takes_away: Vec<Call>,
}

impl Worker<'_> {
    /// Works until the step has ended, or the run stops.
    pub(super) async fn work(&self) -> Result<(), Halt> {
        if let Some(refusal) = self.planned.refusal() {
            self.end(state_of(refusal), words(refusal)).await?;
            return Ok(());
        }
        let mut snapshot = self.desk.record(self.key, vec![]).await?;
        for (number, call) in snapshot.open.clone() {
            match self.settle_left_open(number, &call).await? {
                Some(next) => snapshot = next,
                None => return Ok(()),
            }
        }
        self.work_from(snapshot, false).await
    }

    /// Looks at a step that was verified once more, and works on where somebody has undone it since.
    pub(super) async fn check_again(&self) -> Result<(), Halt> {
        let snapshot = self.desk.record(self.key, vec![]).await?;
        match self.see(&snapshot).await {
            Ok(Sight { moves: Ok(moves), .. }) if !moves.is_empty() => {
                match self.undone(&snapshot, what_is_missing(&moves)).await? {
                    Some(again) => self.work_from(again, true).await,
                    None => Ok(()),
                }
            }
            // It was verified, and nothing speaks against it.
            _ => Ok(()),
        }
    }

    async fn work_from(&self, first: Snapshot, mut known_undone: bool) -> Result<(), Halt> {
        let deadline = Instant::now() + self.planned.timeout();
        let mut snapshot = first;
        let mut early_looks = 0;
        loop {
            match self.bring_about(deadline, snapshot, known_undone).await? {
                Brought::Ended => return Ok(()),
                Brought::Done(done) => snapshot = *done,
            }
            known_undone = false;
            if early_looks < MOST_REAPPLIES && self.looks_undone_early(&snapshot).await? {
                early_looks += 1;
                known_undone = true;
                snapshot = self.desk.record(self.key, vec![]).await?;
                continue;
            }
            if let Some(left) = self.window_left(&snapshot) {
                self.desk.pause(self.key, Pausing::ForTheWindow, left).await?;
            }
            match self.see(&snapshot).await {
                Err(error) => {
                    let why = format!("it could not be looked at again: {}", self.look_failed(error)?);
                    self.end(StepState::NotVerified, why).await?;
                    return Ok(());
                }
                Ok(Sight { seen, moves: Ok(moves), .. }) if moves.is_empty() => {
                    let mut records = self.differs_beside(&snapshot, &seen)?;
                    records.push(self.movement(StepState::Verified, None, Some(&seen))?);
                    self.desk.record(self.key, records).await?;
                    return Ok(());
                }
                Ok(Sight { moves: Ok(moves), .. }) => {
                    let Some(again) = self.undone(&snapshot, what_is_missing(&moves)).await? else { return Ok(()) };
                    snapshot = again;
                    known_undone = true;
                }
                // Things are such that nothing can be said: the next look ends the step with the reason.
                Ok(Sight { moves: Err(_), .. }) => {}
            }
        }
    }

    /// Looks and sends until no moves are left. `known_undone`: it is on record already that somebody has undone the step.
    async fn bring_about(&self, deadline: Instant, first: Snapshot, mut known_undone: bool) -> Result<Brought, Halt> {
        let mut snapshot = first;
        let mut waiting: Option<(Await, Instant, Duration)> = None;
        let mut refused: BTreeMap<Digest, String> = BTreeMap::new();
        let mut refusals: Vec<Box<Call>> = Vec::new();
        let mut sending = Sending::new(self, deadline);
        loop {
            // The last look comes after the time is up: what landed just before has been brought about.
            let time_is_up = Instant::now() >= deadline;
            let facts = refusals.iter().fold(snapshot.facts.clone(), |facts, call| facts.with_refused(call));
            let sight = match self.see_with(&snapshot, &facts).await {
                Ok(sight) => sight,
                Err(error) => {
                    let why = format!("it could not be looked at: {}", self.look_failed(error)?);
                    self.end(StepState::Failed, why).await?;
                    return Ok(Brought::Ended);
                }
            };
            snapshot = self.note_look(snapshot, &sight.seen).await?;
            let missing = match sight.moves {
                Ok(moves) => moves,
                Err(refusal) => {
                    self.end(state_of(&refusal), words(&refusal)).await?;
                    return Ok(Brought::Ended);
                }
            };
            let now = self.clock.now();
            let Snapshot { landed, of_run, .. } = &snapshot;
            let known = Known { landed, step: self.key, of_run, refused: &refused, undone: false, time_is_up, now };
            let again = || missing.iter().filter_map(Move::call);
            let mut taken_away = again().filter(|call| sight.takes_away.contains(call));
            // What was taken away a moment ago may show for a while. Nothing comes of taking it away twice.
            if taken_away.clone().any(|call| known.may_be_stale(call)) {
                self.desk.pause(self.key, Pausing::ForTheWindow, WINDOW_PAUSE).await?;
                continue;
            }
            // What the step takes away itself was undone by nobody, and what made it is sent again.
            let in_vain = taken_away.next().is_some();
            let is_made_again = in_vain && again().any(|call| known.has_landed(call));
            if is_made_again {
                let text =
                    format!("{}: what it has made is of no use, and is taken away before it is made again", self.key);
                snapshot = self.desk.record(self.key, vec![Record::note(text)]).await?;
            }
            let Snapshot { landed, of_run, .. } = &snapshot;
            let undone = known_undone || in_vain;
            let known = Known { landed, step: self.key, of_run, refused: &refused, undone, time_is_up, now };
            let moves = match agenda(missing, known) {
                Agenda::Done => {
                    let done = self.moved(StepState::Done, None, Some(&sight.seen)).await?;
                    return Ok(Brought::Done(Box::new(done)));
                }
                Agenda::AwaitWindow => {
                    self.desk.pause(self.key, Pausing::ForTheWindow, WINDOW_PAUSE).await?;
                    continue;
                }
                Agenda::Refused { why } => {
                    let goes_on = self.known.goes_on(&self.planned.input, &sight.seen.state);
                    let goes_on = goes_on.map_err(|bad| Halt::Bug(format!("{}: {bad}", self.key)))?;
                    let why = goes_on.map_or_else(|| why.clone(), |more| format!("{why}; {more}"));
                    self.end(StepState::Failed, why).await?;
                    return Ok(Brought::Ended);
                }
                Agenda::Undone { .. } | Agenda::Moves(_) if time_is_up => {
                    self.end(StepState::Stuck, "its time is up; what it changed stays as it is".to_owned()).await?;
                    return Ok(Brought::Ended);
                }
                Agenda::Undone { what } => match self.undone(&snapshot, what).await? {
                    None => return Ok(Brought::Ended),
                    Some(again) => {
                        snapshot = again;
                        known_undone = true;
                        continue;
                    }
                },
                Agenda::Moves(moves) => moves,
            };
            let was_known = std::mem::take(&mut known_undone);
            match self.judge(&snapshot, &sight.seen, &moves, &sight.takes_away)? {
                Cover::Listed => {}
                Cover::Differs(what) if snapshot.step.drift.contains(&what) => {}
                Cover::Differs(what) => {
                    snapshot = self.desk.record(self.key, vec![Record::Drift { step: self.key.clone(), what }]).await?;
                }
                Cover::NotApproved(why) => {
                    self.end(StepState::Drifted, why).await?;
                    return Ok(Brought::Ended);
                }
            }
            let for_good = |call: &Call| call.operation().effect == Effect::Irreversible;
            let in_order = self.known.in_order() || moves.iter().filter_map(Move::call).any(for_good);
            for one in moves {
                if Instant::now() >= deadline {
                    break;
                }
                match one {
                    Move::Await(awaited) => {
                        let (until, pause) = match &waiting {
                            Some((known, until, pause)) if *known == awaited => {
                                (*until, pause.mul_f64(PAUSE_GROWTH).min(LAST_PAUSE))
                            }
                            _ => (Instant::now() + awaited.within, FIRST_PAUSE),
                        };
                        if Instant::now() >= until {
                            let why = format!("{} did not settle in time", awaited.what);
                            self.end(StepState::Stuck, why).await?;
                            return Ok(Brought::Ended);
                        }
                        waiting = Some((awaited, until, pause));
                        self.desk.pause(self.key, Pausing::ForAws, pause).await?;
                        break;
                    }
                    Move::Send { call } => match sending.send(&snapshot, &sight.seen, &call).await? {
                        Sent::Plainly(next) => snapshot = *next,
                        Sent::LeftToAnother => {
                            known_undone = was_known;
                            snapshot = self.desk.record(self.key, vec![]).await?;
                            break;
                        }
                        Sent::LookAgain => {
                            snapshot = self.desk.record(self.key, vec![]).await?;
                            break;
                        }
                        // What is for good goes in order, with all that prepares it, and so does what its action says goes so.
                        Sent::Refused(why) if in_order => {
                            self.end(StepState::Failed, why).await?;
                            return Ok(Brought::Ended);
                        }
                        // Of what can be put back, each part counts on its own.
                        Sent::Refused(why) => {
                            snapshot = self.desk.record(self.key, vec![]).await?;
                            refused.insert(Digest::of(&*call), why);
                            refusals.push(call);
                        }
                        Sent::Ended => return Ok(Brought::Ended),
                    },
                }
            }
        }
    }

    /// Looks before the window is over, where what is missing may be sent again without harm. Whether somebody has undone
    /// it or AWS only answers late is not known yet, so it is recorded as a suspicion: at the end CloudTrail is asked.
    async fn looks_undone_early(&self, snapshot: &Snapshot) -> Result<bool, Halt> {
        if self.window_left(snapshot).is_none_or(|left| left > WINDOW || left < WINDOW - EARLY_LOOK) {
            return Ok(false);
        }
        self.desk.pause(self.key, Pausing::ForTheWindow, EARLY_LOOK).await?;
        let Ok(Sight { moves: Ok(moves), .. }) = self.see(snapshot).await else { return Ok(false) };
        let harmless =
            |call: &Call| call.operation().retry == RetryClass::Safe && call.operation().effect == Effect::Reversible;
        let missing: Vec<&Call> = moves.iter().filter_map(Move::call).collect();
        if missing.is_empty() || !missing.iter().all(|call| harmless(call)) {
            return Ok(false);
        }
        self.desk.record(self.key, vec![self.undone_by_other(what_is_missing(&moves), true)]).await?;
        Ok(true)
    }

    /// What is left of the window after the step's last change.
    fn window_left(&self, snapshot: &Snapshot) -> Option<Duration> {
        window_left(snapshot.landed.iter().map(|(_, at)| *at).max()?, WINDOW, self.clock.now())
    }

    /// Looks, and says what is missing.
    pub(super) async fn see(&self, snapshot: &Snapshot) -> Result<Sight, LookError> {
        self.see_with(snapshot, &snapshot.facts).await
    }

    async fn see_with(&self, snapshot: &Snapshot, facts: &Facts) -> Result<Sight, LookError> {
        let look = Look::new(self.reader).everywhere(self.planned.restores.is_some() || facts.stands_elsewhere());
        let seen = self.known.observe(&self.to, look, &self.planned.input).await?;
        let moves = self
            .planned
            .missing(&self.to, &seen.state, facts, self.clock.now())
            .map_err(|bad| LookError::Nonsense(bad.to_string()))?;
        let forth = (snapshot.doubted || snapshot.facts.is_anything()) && self.planned.restores.is_none();
        let takes_away = match forth {
            true => self.known.takes_away(&self.to, &self.planned.input, &seen.state, facts),
            false => Ok(vec![]),
        };
        let takes_away = takes_away.map_err(|bad| LookError::Nonsense(bad.to_string()))?;
        Ok(Sight { seen, moves, takes_away })
    }

    /// Records a look that found something new.
    async fn note_look(&self, snapshot: Snapshot, seen: &SeenJson) -> Result<Snapshot, Halt> {
        let known = matches!(snapshot.step.state, StepState::Looked | StepState::Acting)
            && snapshot.step.fingerprint == Some(seen.fingerprint());
        if known { Ok(snapshot) } else { self.moved(StepState::Looked, None, Some(seen)).await }
    }

    fn judge(&self, snapshot: &Snapshot, seen: &SeenJson, moves: &[Move], own: &[Call]) -> Result<Cover, Halt> {
        let same_thing = self
            .known
            .same_thing(&self.planned.state, &seen.state)
            .map_err(|bad| Halt::Bug(format!("{}: {bad}", self.key)))?;
        // What is put back is judged by its calls alone.
        let covered = match self.planned.restores {
            None => self.known.covers(&self.planned.state, &seen.state),
            Some(_) => Ok(false),
        };
        let covered = covered.map_err(|bad| Halt::Bug(format!("{}: {bad}", self.key)))?;
        let landed: Vec<Digest> = snapshot.landed.iter().map(|(planned, _)| *planned).collect();
        let now = Standing {
            same_thing,
            state: &seen.state,
            fingerprint: seen.fingerprint(),
            covered,
            landed: &landed,
            own,
            attended: self.attended,
        };
        Ok(cover(self.plan, self.planned, moves, now))
    }

    /// What the step brought about is missing again. Nothing if that has happened too often.
    async fn undone(&self, snapshot: &Snapshot, what: String) -> Result<Option<Snapshot>, Halt> {
        let again = self.desk.record(self.key, vec![self.undone_by_other(what, false)]).await?;
        if snapshot.step.undone.iter().filter(|undone| !undone.suspected).count() < MOST_REAPPLIES {
            return Ok(Some(again));
        }
        if !matches!(again.step.state, StepState::Looked | StepState::Acting) {
            self.moved(StepState::Looked, None, None).await?;
        }
        let why = format!("somebody has undone it more than {MOST_REAPPLIES} times");
        self.end(StepState::Contested, why).await?;
        Ok(None)
    }

    fn undone_by_other(&self, what: String, suspected: bool) -> Record {
        Record::UndoneByOther { step: self.key.clone(), what, who: None, suspected }
    }

    pub(super) async fn end(&self, to: StepState, why: String) -> Result<Snapshot, Halt> {
        self.moved(to, Some(why), None).await
    }

    async fn moved(&self, to: StepState, why: Option<String>, seen: Option<&SeenJson>) -> Result<Snapshot, Halt> {
        self.desk.record(self.key, vec![self.movement(to, why, seen)?]).await
    }

    fn movement(&self, to: StepState, why: Option<String>, seen: Option<&SeenJson>) -> Result<Record, Halt> {
        Ok(Record::Step(StepMoved {
            step: self.key.clone(),
            to,
            why,
            fingerprint: seen.map(SeenJson::fingerprint),
            state: seen.map(|seen| self.keep(&seen.state)).transpose()?,
        }))
    }

    /// What else than the goal has changed since the step captured what was there, and what an undo could not put back, as far
    /// as that is not told yet.
    fn differs_beside(&self, snapshot: &Snapshot, seen: &SeenJson) -> Result<Vec<Record>, Halt> {
        let lost = self.planned.restores.as_ref().map(|undone| self.known.lost(&undone.present, &seen.state));
        let beside = snapshot.step.pre_state(&self.planned.target).map(|captured| {
            let captured: serde_json::Value = self.evidence.get(captured)?;
            // What is open of the one is compared with what would be of the other.
            let without = self.open_part(&seen.present)?;
            Ok::<_, Halt>(self.known.differs_beside(&captured, without.as_ref().unwrap_or(&seen.present)))
        });
        let mut differs = Vec::new();
        for found in lost.into_iter().chain(beside.transpose()?) {
            differs.extend(found.map_err(|bad| Halt::Bug(format!("{}: {bad}", self.key)))?);
        }
        let new = differs.into_iter().filter(|what| !snapshot.step.drift.contains(what));
        Ok(new.map(|what| Record::Drift { step: self.key.clone(), what }).collect())
    }

    fn keep(&self, value: &serde_json::Value) -> Result<Digest, Halt> {
        Ok(self.evidence.keep(value)?)
    }

    /// Keeps what a target was. Where that is confidential and evidence is sealed: what is left open of it, and the sealed whole.
    pub(super) fn capture(&self, present: &serde_json::Value) -> Result<(Digest, Option<Digest>), Halt> {
        match self.open_part(present)? {
            None => Ok((self.keep(present)?, None)),
            Some(without) => {
                let sealed = self.evidence.seal(present)?;
                Ok((self.keep(&without)?, sealed))
            }
        }
    }

    /// What is left open of a pre-state where evidence is sealed and this one is confidential.
    pub(super) fn open_part(&self, present: &serde_json::Value) -> Result<Option<serde_json::Value>, Halt> {
        if !self.evidence.is_sealing() {
            return Ok(None);
        }
        self.known.without_confided(present).map_err(|bad| Halt::Bug(format!("{}: {bad}", self.key)))
    }

    /// Puts what a call has sealed beside the evidence; in its place the records get the name of the file and its digest.
    pub(super) fn put_sealed(&self, mut made: Made) -> Result<Made, Halt> {
        let Some(sealed) = made.remove(SEALED) else { return Ok(made) };
        let unreadable = |why: String| Halt::Bug(format!("{}: what was sealed cannot be read: {why}", self.key));
        let sealed: Sealed = serde_json::from_value(sealed).map_err(|error| unreadable(error.to_string()))?;
        let content = sealed.content().map_err(|error| unreadable(error.to_string()))?;
        let digest = self.evidence.put_sealed(&sealed.file, &content)?;
        let told = serde_json::json!({ "key": sealed.key, "file": sealed.file, "sha256": digest });
        made.insert(SEALED.to_owned(), told);
        Ok(made)
    }

    /// A look that failed ends the step, unless the reason is the caller's own.
    pub(super) fn look_failed(&self, error: LookError) -> Result<String, Halt> {
        match error {
            LookError::Fault(fault) if fault.kind == FaultKind::Expired => Err(Halt::Credentials(fault)),
            LookError::Fault(fault) => Ok(fault.to_string()),
            other => Ok(other.to_string()),
        }
    }
}

/// Which end a refusal is.
fn state_of(refusal: &Refusal) -> StepState {
    match refusal {
        Refusal::ByHand { .. } => StepState::Manual,
        Refusal::Ambiguous { .. } => StepState::Stuck,
        _ => StepState::Refused,
    }
}

/// A refusal with what to do about it.
fn words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::ByHand { instructions, .. } => format!("{refusal}. {}", instructions.join(". ")),
        Refusal::Protected { instead, .. } => format!("{refusal}. Instead: {instead}"),
        other => other.to_string(),
    }
}

fn what_is_missing(moves: &[Move]) -> String {
    match moves.iter().find_map(Move::call) {
        Some(call) => format!("{} on {}", call.operation(), call.entity()),
        None => "it is changing again".to_owned(),
    }
}
