//! What a step does next, from what it found missing: pure, so that it can be tried on every case.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::desk::Requests;
use crate::actions::Move;
use crate::aws::{Call, Operation, Service};
use crate::base::{Digest, StepKey};

/// How long AWS may take to agree with itself. IAM usually takes 3 to 4 seconds; what was changed is looked at again only
/// after this time, and what looks undone before it may only be a stale answer.
pub const WINDOW: Duration = Duration::from_secs(12);
/// The same for AWS Support, of whose lists nobody knows how late they are. A case that does not show yet must not be opened
/// twice.
const SUPPORT_WINDOW: Duration = Duration::from_secs(60);

/// What a step does next.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Agenda {
    /// Nothing is missing.
    Done,
    /// What is missing was sent a moment ago: AWS has to agree with itself before it can be judged.
    AwaitWindow,
    /// Something that had landed is missing again.
    Undone {
        /// What.
        what: String,
    },
    /// Everything that is still missing was refused by AWS.
    Refused {
        /// Why, call by call.
        why: String,
    },
    /// These moves, in order.
    Moves(Vec<Move>),
}

/// What the run knows of the step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// The calls that landed, as approved, and when.
    pub(super) landed: &'a [(Digest, Timestamp)],
    /// The step.
    pub(super) step: &'a StepKey,
    /// The calls of the whole run that landed or may have.
    pub(super) of_run: &'a Requests,
    /// The calls that AWS has refused for good, and why.
    pub(super) refused: &'a BTreeMap<Digest, String>,
    /// It is on record already that somebody has undone the step, so that what has landed is sent again.
    pub(super) undone: bool,
    /// The time of the step is up: it waits for no other step.
    pub(super) time_is_up: bool,
    /// The time.
    pub(super) now: Timestamp,
}

impl Known<'_> {
    /// When a call last landed.
    fn landed(&self, call: &Call) -> Option<Timestamp> {
        let planned = Digest::of(call);
        self.landed.iter().filter(|(landed, _)| *landed == planned).map(|(_, at)| *at).max()
    }

    /// Whether a call has landed.
    pub(super) fn has_landed(&self, call: &Call) -> bool {
        self.landed(call).is_some()
    }

    /// Whether a call landed so recently that a look may not show it yet, by this step or by another: two steps may take one thing
    /// away, such as a policy from the role that goes and from the policy that goes.
    pub(super) fn may_be_stale(&self, call: &Call) -> bool {
        let window = window_of(call.operation());
        let waits = !self.time_is_up && is_left_to_another(Digest::of(call), window, self.step, self.of_run, self.now);
        waits || (!self.undone && self.landed(call).is_some_and(|at| window_left(at, window, self.now).is_some()))
    }
}

/// Whether another step has sent the same call and does not know the end of it yet, or what it did may not show yet.
pub(super) fn is_left_to_another(
    planned: Digest,
    window: Duration,
    step: &StepKey,
    of_run: &Requests,
    now: Timestamp,
) -> bool {
    let of_run = of_run.borrow();
    let elsewhere = of_run.get(&planned).filter(|request| request.by != *step);
    elsewhere.is_some_and(|request| request.over.is_none_or(|at| window_left(at, window, now).is_some()))
}

/// What a step does next about the moves that a look has found missing.
pub(super) fn agenda(moves: Vec<Move>, known: Known<'_>) -> Agenda {
    if moves.is_empty() {
        return Agenda::Done;
    }
    let stale = moves.iter().filter_map(Move::call).any(|call| known.may_be_stale(call));
    let refused: Vec<&String> =
        moves.iter().filter_map(Move::call).filter_map(|call| known.refused.get(&Digest::of(call))).collect();
    let why = refused.iter().map(|why| why.as_str()).collect::<Vec<_>>().join("; ");
    let open = |one: &Move| match one.call() {
        Some(call) => !known.may_be_stale(call) && !known.refused.contains_key(&Digest::of(call)),
        None => true,
    };
    let rest: Vec<Move> = moves.into_iter().filter(open).collect();
    let sends = rest.iter().filter_map(Move::call);
    if sends.clone().next().is_none() && !why.is_empty() && !stale {
        return Agenda::Refused { why };
    }
    if rest.is_empty() {
        return Agenda::AwaitWindow;
    }
    match sends.clone().find(|call| !known.undone && known.has_landed(call)) {
        Some(call) => Agenda::Undone { what: format!("{} on {}", call.operation(), call.entity()) },
        None => Agenda::Moves(rest),
    }
}

/// How long AWS may take to agree with itself about an operation.
pub(super) fn window_of(operation: &Operation) -> Duration {
    if operation.service == Service::Support { SUPPORT_WINDOW } else { WINDOW }
}

/// What is left of a window after a change.
pub(super) fn window_left(changed: Timestamp, window: Duration, now: Timestamp) -> Option<Duration> {
    let window = SignedDuration::try_from(window).unwrap_or(SignedDuration::ZERO);
    Duration::try_from((changed + window).duration_since(now)).ok().filter(|left| !left.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::{Await, Condition};
    use crate::aws::{KeyStatus, Place, UpdateAccessKey};
    use crate::base::{Entity, EntityKind, Partition};
    use crate::run::desk::Request;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("a time")
    }

    fn key(number: u8) -> Move {
        UpdateAccessKey {
            user: "ci-deploy".parse().expect("a user"),
            key: format!("AKIA00000000000000{number:02}").parse().expect("a key"),
            status: KeyStatus::Inactive,
        }
        .into()
    }

    fn wait() -> Move {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        let what = place.target(None, Entity::new(EntityKind::User, "ci-deploy"));
        Move::Await(Await { what, until: Condition::Settled, within: Duration::from_secs(60) })
    }

    fn digest(one: &Move) -> Digest {
        Digest::of(one.call().expect("a call"))
    }

    fn decide(moves: Vec<Move>, landed: &[(Digest, Timestamp)], refused: &[(Digest, &str)], undone: bool) -> Agenda {
        let refused = refused.iter().map(|(call, why)| (*call, (*why).to_owned())).collect();
        let (step, of_run) = (of_step("retire"), Requests::default());
        let known =
            Known { landed, step: &step, of_run: &of_run, refused: &refused, undone, time_is_up: false, now: at(100) };
        agenda(moves, known)
    }

    fn of_step(name: &str) -> StepKey {
        StepKey::once(name.parse().expect("an id"))
    }

    #[test]
    fn what_another_step_sent_a_moment_ago_is_not_sent_again() {
        let (step, none) = (of_step("retire"), BTreeMap::new());
        let decide = |by: &str, over: Option<i64>, time_is_up: bool| {
            let of_run = Requests::default();
            of_run.borrow_mut().insert(digest(&key(1)), Request { by: of_step(by), over: over.map(at) });
            let (landed, refused, undone) = (&[][..], &none, false);
            let known = Known { landed, step: &step, of_run: &of_run, refused, undone, time_is_up, now: at(100) };
            agenda(vec![key(1)], known)
        };
        let sent = Agenda::Moves(vec![key(1)]);
        assert_eq!(decide("stop", Some(95), false), Agenda::AwaitWindow);
        assert_eq!(decide("stop", Some(50), false), sent, "by now AWS agrees with itself: it is missing");
        assert_eq!(decide("stop", None, false), Agenda::AwaitWindow, "however long its reply takes");
        assert_eq!(decide("stop", None, true), sent, "no step waits for another beyond its own time");
        assert_eq!(decide("retire", Some(95), false), sent, "what a step knows of itself counts for it");
        assert_eq!(decide("retire", None, false), sent, "and finding out what it did is up to the step itself");
    }

    #[test]
    fn what_is_sent_again_gives_way_to_another_step_too() {
        let (step, none) = (of_step("retire"), BTreeMap::new());
        let of_run = Requests::default();
        of_run.borrow_mut().insert(digest(&key(1)), Request { by: of_step("stop"), over: Some(at(95)) });
        let earlier = [(digest(&key(1)), at(20))];
        let known = |undone, now| Known {
            landed: &earlier,
            step: &step,
            of_run: &of_run,
            refused: &none,
            undone,
            time_is_up: false,
            now: at(now),
        };
        assert_eq!(agenda(vec![key(1)], known(true, 100)), Agenda::AwaitWindow, "the other one has just done it");
        assert_eq!(agenda(vec![key(1)], known(true, 120)), Agenda::Moves(vec![key(1)]));
    }

    #[test]
    fn what_was_sent_a_moment_ago_is_not_judged() {
        let just_now = [(digest(&key(1)), at(95))];
        assert_eq!(decide(vec![key(1)], &just_now, &[], false), Agenda::AwaitWindow);
        assert_eq!(decide(vec![key(1), key(2)], &just_now, &[], false), Agenda::Moves(vec![key(2)]));
        assert_eq!(decide(vec![key(1), wait()], &just_now, &[], false), Agenda::Moves(vec![wait()]));
        assert_eq!(decide(vec![key(1)], &just_now, &[], true), Agenda::Moves(vec![key(1)]));
    }

    #[test]
    fn what_is_missing_again_after_the_window_was_undone() {
        let earlier = [(digest(&key(1)), at(50))];
        assert!(matches!(decide(vec![key(1)], &earlier, &[], false), Agenda::Undone { .. }));
        assert_eq!(decide(vec![key(1)], &earlier, &[], true), Agenda::Moves(vec![key(1)]));
        assert_eq!(decide(vec![key(2)], &earlier, &[], false), Agenda::Moves(vec![key(2)]));
        assert_eq!(decide(vec![], &earlier, &[], false), Agenda::Done);
    }

    #[test]
    fn a_refused_call_does_not_hold_its_siblings() {
        let no = [(digest(&key(1)), "AccessDenied")];
        assert_eq!(decide(vec![key(1), key(2)], &[], &no, false), Agenda::Moves(vec![key(2)]));
        assert_eq!(decide(vec![key(1), wait()], &[], &no, false), Agenda::Refused { why: "AccessDenied".into() });
        assert_eq!(decide(vec![key(1)], &[], &no, false), Agenda::Refused { why: "AccessDenied".into() });
    }
}
