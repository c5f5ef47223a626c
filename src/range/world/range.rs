//! The range: one simulated account that everybody calls through the same door.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::base::Clock;
use crate::range::dice::Dice;
use crate::range::judge::Judgement;
use crate::range::model::{Caller, Principal, Replica};
use crate::range::scenario::{CredentialSpec, FaultKind, PATIENCE, Scenario};
use crate::range::services;
use crate::range::wire::{Answer, Answered, ApiCall, ApiError, ServiceName, World};

use super::fault::{self, InFlight, Moment};
use super::identify::{describe, identify, issuer};
use super::state::{Party, State};
use super::{Handled, Refuse, TrailEvent, TrailIdentity, Turn, Verdict, build, normal, trail};

/// Credentials of somebody in the range.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The key id.
    pub access_key: String,
    /// The secret key.
    pub secret_key: String,
    /// The session token of temporary credentials.
    pub session_token: Option<String>,
}

impl Credentials {
    /// The responder's, in every range: the pair of AWS's documentation.
    pub fn of_responder() -> Self {
        Self {
            access_key: build::RESPONDER_KEY.to_owned(),
            secret_key: build::RESPONDER_SECRET.to_owned(),
            session_token: None,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Credentials").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

type Hook = Box<dyn Fn(&InFlight<'_>) -> Option<FaultKind> + Send + Sync>;

/// What a request for messages is told while it is held.
enum Held {
    Done(Answer, Timestamp),
    Until(Timestamp),
}

struct Inner {
    clock: Clock,
    state: Mutex<State>,
    hook: Mutex<Option<Hook>>,
    /// Wakes those who wait for messages of a queue.
    messages: Notify,
}

/// A simulated AWS account. Clones share it.
#[derive(Clone)]
pub struct Range {
    inner: Arc<Inner>,
}

impl fmt::Debug for Range {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Range").finish_non_exhaustive()
    }
}

impl Range {
    /// Opens a range. The same scenario, seed and calls give the same world, to the byte.
    pub fn open(scenario: &Scenario, seed: u64, clock: Clock) -> Self {
        let state = build::state(scenario, Dice::new(seed), clock.now());
        Self {
            inner: Arc::new(Inner { clock, state: Mutex::new(state), hook: Mutex::new(None), messages: Notify::new() }),
        }
    }

    /// The clock that the range goes by.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// The credentials of the responder, an administrator: the pair of AWS's documentation.
    pub fn responder(&self) -> Credentials {
        Credentials::of_responder()
    }

    /// Every call that anybody made, oldest first.
    pub fn trail(&self) -> Vec<TrailEvent> {
        self.lock().trail.clone()
    }

    /// The whole account in a form that two runs can be compared by: no secrets, no times, no sessions.
    pub fn state(&self) -> Value {
        let mut state = self.lock();
        state.advance_to(self.inner.clock.now());
        normal::picture(&state.account)
    }

    /// Asks `hook` before and after the effect of each call of the responder whether it goes wrong there.
    pub fn set_hook(&self, hook: impl Fn(&InFlight<'_>) -> Option<FaultKind> + Send + Sync + 'static) {
        *self.inner.hook.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(hook));
    }

    /// Starts the judge's watch: the moment from which containment is measured.
    pub fn start_watch(&self) {
        let now = self.inner.clock.now();
        let mut state = self.lock();
        state.advance_to(now);
        state.start_watch(now);
    }

    /// What the judge has seen up to now.
    pub fn judgement(&self) -> Judgement {
        let now = self.inner.clock.now();
        let mut state = self.lock();
        state.advance_to(now);
        state.look(now);
        state.judge.judgement()
    }

    /// The key id of a credential that the scenario names.
    pub(crate) fn holding(&self, name: &str) -> Option<String> {
        self.lock().holdings.get(name).cloned()
    }

    /// What a secret says; for tests, since no call of the range tells it.
    pub fn secret(&self, region: &str, name: &str) -> Option<String> {
        let state = self.lock();
        let secret = state.account.secrets.get(&(region.to_owned(), name.to_owned()))?;
        secret.versions.get(secret.labels.get(crate::range::model::CURRENT)?).cloned()
    }

    /// Every secret that there is or ever was, of everybody; for tests, which look for them where none belongs.
    pub fn secrets(&self) -> Vec<String> {
        let state = self.lock();
        let stored = state.account.secrets.values().flat_map(|secret| secret.versions.values());
        let issued = state.dice.secrets().iter().chain(stored).cloned();
        issued.chain([build::RESPONDER_SECRET.to_owned()]).collect()
    }

    /// Lets a service assume a role for its workload; gives the key id of the session, if the role trusts the service.
    pub(crate) fn assume_for_service(&self, spec: &CredentialSpec) -> Option<String> {
        let (service, name) = (spec.service.as_ref()?, spec.role.as_ref()?);
        let now = self.inner.clock.now();
        let mut state = self.lock();
        let state = &mut *state;
        state.advance_to(now);
        let principal = Principal::Service { name: service.clone() };
        let caller = Caller::without_key(principal);
        let role = state.account.roles.enforced(name, now)?.clone();
        let verdict = state.authorizer.may_assume(&state.account, &caller, &role, None, now);
        let call = ApiCall {
            service: ServiceName::Sts,
            operation: "AssumeRole",
            region: "us-east-1".to_owned(),
            input: json!({ "RoleArn": state.account.role_arn(&role), "RoleSessionName": spec.name }),
            access_key: None,
            session_token: None,
            request_id: state.dice.uuid(&format!("request AssumeRole {service}")),
            user_agent: service.clone(),
            source_ip: service.clone(),
        };
        let denied = Refuse::AccessDenied.by(ServiceName::Sts, None);
        let handled = if verdict == Verdict::Allowed { Ok(json!({})) } else { Err(denied) };
        record(state, &call, Some(&caller), &handled, now);
        handled.ok()?;
        let principal = Principal::Role { role: role.name.clone(), id: role.id.clone(), session: spec.name.clone() };
        let lasts = Duration::from_secs(6 * 3_600);
        let key = state.issue(principal, &format!("{name}/{}", spec.name), Vec::new(), now, lasts);
        let before = state.holdings.insert(spec.name.clone(), key.clone());
        state.inherit_party(before.as_deref(), &key);
        Some(key)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hooked(&self, call: &ApiCall, nth: u32, moment: Moment) -> Option<FaultKind> {
        let hook = self.inner.hook.lock().unwrap_or_else(PoisonError::into_inner);
        hook.as_ref().and_then(|hook| hook(&InFlight { call, nth, moment }))
    }

    /// Counts the call and takes its latency and its fault of the scenario.
    fn arrive(&self, call: &ApiCall) -> (Duration, Option<FaultKind>, u32, Party) {
        let mut state = self.lock();
        // FACT latency
        let middle = state.knobs.latency.0;
        let latency = state.dice.around(&purpose("latency", call), middle);
        let party = state.caller(call);
        if party != Party::Responder {
            return (latency, None, 0, party);
        }
        for key in [(call.operation, None), (call.operation, Some(call.region.clone()))] {
            *state.counts.entry(key).or_default() += 1;
        }
        let count = |region: Option<&str>| {
            state.counts.get(&(call.operation, region.map(String::from))).copied().unwrap_or_default()
        };
        let nth = count(None);
        let planned = fault::planned(&state.faults, call, count);
        (latency, planned, nth, party)
    }

    async fn pass(&self, call: ApiCall) -> Answered {
        let (latency, planned, nth, party) = self.arrive(&call);
        let clock = &self.inner.clock;
        clock.sleep(latency / 2).await;
        let strikes = |moment| {
            let hooked = if party == Party::Responder { self.hooked(&call, nth, moment) } else { None };
            hooked.or(planned.filter(|kind| fault::strikes_at(*kind) == moment))
        };
        if let Some(kind) = strikes(Moment::BeforeEffect) {
            match kind {
                FaultKind::TimeoutBefore | FaultKind::Latency => clock.sleep(PATIENCE.0).await,
                _ => {}
            }
            if let Some(answer) = fault::answer(kind, &call, &Answer::NoReply) {
                self.witness_refusal(&call, &answer);
                return Answered { answer, date: clock.now() };
            }
        }
        let (mut answer, mut date) = self.take_effect(&call, party);
        if matches!(&answer, Answer::Reply(reply) if found_no_message(reply)) {
            (answer, date) = self.hold(&call).await.unwrap_or((answer, date));
        }
        if let Some(kind) = strikes(Moment::AfterEffect) {
            if kind == FaultKind::TimeoutAfter {
                clock.sleep(PATIENCE.0).await;
            }
            answer = fault::answer(kind, &call, &answer).unwrap_or(answer);
        }
        clock.sleep(latency / 2).await;
        Answered { answer, date }
    }

    /// Holds a request for messages that found none, until there are some or its time is over; nothing for any other request.
    /// Nobody else has to wait for it. FACT sqs-long-poll
    async fn hold(&self, call: &ApiCall) -> Option<(Answer, Timestamp)> {
        let clock = &self.inner.clock;
        let until = services::held_until(&self.lock(), call, clock.now())?;
        loop {
            let mut change = std::pin::pin!(self.inner.messages.notified());
            // What happens from here on is noticed, also before it is waited for.
            change.as_mut().enable();
            let wake = match self.look_for_messages(call, until)? {
                Held::Done(answer, date) => return Some((answer, date)),
                Held::Until(wake) => wake,
            };
            tokio::select! {
                () = change => {}
                () = clock.sleep_until(wake) => {}
            }
        }
    }

    /// Asks once more for messages; nothing when the credentials have ended meanwhile.
    fn look_for_messages(&self, call: &ApiCall, until: Timestamp) -> Option<Held> {
        let now = self.inner.clock.now();
        let mut state = self.lock();
        let state = &mut *state;
        state.advance_to(now);
        let (caller, before) = (identify(&state.account, call, now).ok()?, state.queue_changes);
        let mut turn = Turn { state, call, caller: &caller, now, replica: Replica::Fresh };
        let held = match services::received(&mut turn) {
            Ok(reply) if found_no_message(&reply) && now < until => {
                Held::Until(services::next_change(&turn).map_or(until, |next| next.min(until)))
            }
            Ok(reply) => Held::Done(Answer::Reply(reply), now),
            Err(error) => Held::Done(Answer::Error(error), now),
        };
        if turn.state.queue_changes > before {
            self.inner.messages.notify_waiters();
        }
        Some(held)
    }

    /// Records a refusal that an injected fault made; what got no reply was never seen by AWS.
    fn witness_refusal(&self, call: &ApiCall, answer: &Answer) {
        if let Answer::Error(error) = answer {
            let now = self.inner.clock.now();
            let mut state = self.lock();
            state.advance_to(now);
            let caller = identify(&state.account, call, now).ok();
            record(&mut state, call, caller.as_ref(), &Err(error.clone()), now);
        }
    }

    /// The one moment in which a call is judged, does its work and is recorded.
    fn take_effect(&self, call: &ApiCall, party: Party) -> (Answer, Timestamp) {
        let now = self.inner.clock.now();
        let mut state = self.lock();
        let state = &mut *state;
        state.advance_to(now);
        let before = state.queue_changes;
        let (caller, handled) = answer(state, call, now);
        record(state, call, caller.as_ref(), &handled, now);
        if state.queue_changes > before {
            self.inner.messages.notify_waiters();
        }
        state.judge.note_call(party, call, handled.as_ref().err(), now);
        if changes(call, &handled) {
            state.look(now);
        }
        let answer = match handled {
            Ok(reply) => Answer::Reply(reply),
            Err(error) => Answer::Error(error),
        };
        (answer, now)
    }
}

/// Whether a reply is one to a request for messages that found none.
fn found_no_message(reply: &Value) -> bool {
    reply.as_object().is_some_and(serde_json::Map::is_empty)
}

/// A purpose of chance that is this caller's own, so that nobody's calls change anybody else's luck.
fn purpose(what: &str, call: &ApiCall) -> String {
    format!("{what} {} {}", call.operation, call.access_key.as_deref().unwrap_or_default())
}

/// Whether a call can have changed what anybody may do: reads cannot, but for those that hand out sessions.
fn changes(call: &ApiCall, handled: &Handled) -> bool {
    let row = services::find(call.service, call.operation);
    let by_service = match call.service {
        ServiceName::Sts => true,
        // Messages give nobody anything.
        ServiceName::Sqs => false,
        _ => row.is_some_and(|row| !row.reads),
    };
    handled.is_ok() && by_service
}

fn answer(state: &mut State, call: &ApiCall, now: Timestamp) -> (Option<Caller>, Handled) {
    let Some(row) = services::find(call.service, call.operation) else {
        return (None, Err(Refuse::UnknownOperation.by(call.service, None)));
    };
    if !state.throttle.admits(&state.knobs, call, now) {
        let caller = identify(&state.account, call, now).ok();
        return (caller, Err(Refuse::Throttled.by(call.service, None)));
    }
    // FACT region-not-enabled
    if call.service.is_regional() && !state.account.regions.contains_key(&call.region) {
        return (None, Err(Refuse::UnknownKey.by(call.service, None)));
    }
    let caller = match identify(&state.account, call, now) {
        Ok(caller) => caller,
        Err(refuse) => return (None, Err(refuse.by(call.service, None))),
    };
    state.note_use(&caller, call, now);
    let lagging = state.knobs.iam_stale_reads && state.dice.below(&purpose("replica", call), 4) == 0;
    let replica = if lagging { Replica::Lagging } else { Replica::Fresh };
    let handled = {
        let mut turn = Turn { state, call, caller: &caller, now, replica };
        services::handle(row, &mut turn)
    };
    (Some(caller), handled)
}

fn record(state: &mut State, call: &ApiCall, caller: Option<&Caller>, handled: &Handled, now: Timestamp) {
    let identity = caller.map(|caller| {
        let who = describe(&state.account, &caller.principal);
        TrailIdentity {
            r#type: who.kind.to_owned(),
            principal_id: who.user_id,
            arn: who.arn,
            account_id: who.account,
            access_key_id: caller.key.clone(),
            creation_date: caller.issued,
            issuer: issuer(&state.account, &caller.principal),
            source_identity: caller.source_identity.clone(),
            invoked_by: None,
            credential_id: None,
        }
    });
    let error = handled.as_ref().err();
    let reads = services::find(call.service, call.operation).is_some_and(|row| row.reads);
    let event = TrailEvent {
        event_time: now,
        event_source: call.service.event_source().to_owned(),
        event_name: call.operation.to_owned(),
        aws_region: call.region.clone(),
        source_ip_address: call.source_ip.clone(),
        user_agent: call.user_agent.clone(),
        request_id: call.request_id.clone(),
        event_id: state.dice.uuid(&purpose("event", call)),
        with_api_key: false,
        read_only: reads,
        user_identity: identity,
        error_code: error.map(|error: &ApiError| error.code.clone()),
        error_message: error.map(|error| error.message.clone()),
        request_parameters: trail::parameters(&call.input),
        response_elements: trail::reply(call.service, reads, handled),
        recipient_account_id: state.account.id.clone(),
    };
    state.trail.push(event);
}

impl World for Range {
    fn answer(&self, call: ApiCall) -> BoxFuture<'_, Answered> {
        Box::pin(self.pass(call))
    }
}
