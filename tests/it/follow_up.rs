//! What a plan does beyond one that was signed before it: each way in which it may do more is told, and less needs nobody.

use std::collections::BTreeSet;

use quell::actions::Move;
use quell::base::{Digest, Impact, Phase};
use quell::plan::{Outlook, Plan, PlannedAction, PlannedStep, PlannedWork, Since, beyond};
use serde_json::json;

use crate::stage::Stage;

async fn plan(phase: Phase) -> Plan {
    Stage::shipped(7).plan(phase).await
}

/// A plan with one of its steps changed.
fn with(plan: &Plan, step: &str, change: impl FnOnce(&mut PlannedStep)) -> Plan {
    let mut other = plan.clone();
    change(other.steps.iter_mut().find(|one| one.key.step.as_str() == step).expect("a step"));
    other
}

/// The same for what a step does.
fn with_action(plan: &Plan, step: &str, change: impl FnOnce(&mut PlannedAction)) -> Plan {
    with(plan, step, |step| match &mut step.work {
        PlannedWork::Action(action) => change(action),
        other => panic!("no action: {other:?}"),
    })
}

fn moves(action: &mut PlannedAction) -> &mut Vec<Move> {
    match &mut action.outlook {
        Outlook::Moves { moves } => moves,
        Outlook::Refused { because } => panic!("refused: {because}"),
    }
}

fn more(earlier: &Plan, later: &Plan) -> String {
    beyond(earlier, later, &Since::default()).join("\n")
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_same_and_less_need_nobody() {
    let contain = plan(Phase::Contain).await;
    assert_eq!(more(&contain, &contain), "");
    let less = with_action(&contain, "freeze", |action| moves(action).clear());
    assert_eq!(more(&contain, &less), "");
    let mut gone = contain.clone();
    gone.steps.retain(|step| step.key.step.as_str() != "pause");
    assert!(gone.steps.len() < contain.steps.len());
    assert_eq!(more(&contain, &gone), "");
    let later =
        Plan { made: contain.made + jiff::SignedDuration::from_hours(2), nonce: "n".to_owned(), ..contain.clone() };
    assert_eq!(more(&contain, &later), "");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn every_call_that_nobody_has_read_is_told() {
    let contain = plan(Phase::Contain).await;
    let none = with_action(&contain, "freeze", |action| moves(action).clear());
    let told = more(&none, &contain);
    assert!(told.starts_with("freeze: iam:PutRolePolicy on role ml-pipeline") && told.lines().count() == 1, "{told}");
    let mut without = contain.clone();
    without.steps.retain(|step| step.key.step.as_str() != "pause");
    let told = more(&without, &contain);
    assert!(told.lines().count() > 1 && told.lines().all(|line| line.starts_with("pause[")), "{told}");
    // Each call is approved once, and not once for every plan.
    let (step, call) = contain.calls().find(|(step, _)| step.key.step.as_str() == "freeze").expect("a call");
    let sent = Since { sent: BTreeSet::from([(step.key.clone(), Digest::of(call))]), ..Since::default() };
    let told = beyond(&contain, &contain, &sent).join("\n");
    assert!(told.starts_with("freeze: ") && told.ends_with(" once more"), "{told}");
    assert_eq!(beyond(&contain, &none, &sent), Vec::<String>::new());
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn another_thing_and_another_way_are_more() {
    let contain = plan(Phase::Contain).await;
    let namesake = with_action(&contain, "freeze", |action| action.state["found"]["id"] = "AROAANOTHERONE".into());
    assert!(more(&contain, &namesake).contains("is another one than was signed for: iam:PutRolePolicy"));
    // Also where it has nothing to do now: its envelope would be used on a thing that nobody has read of.
    let idle = with_action(&namesake, "freeze", |action| moves(action).clear());
    assert!(more(&contain, &idle).contains("is another one than was signed for: up to 4 unlisted"));
    let cases: [(Plan, &str); 5] = [
        (with_action(&contain, "freeze", |action| action.envelope += 1), "up to 5 unlisted calls"),
        (with_action(&contain, "freeze", |action| action.timeout_seconds += 1), "it may take "),
        (
            with_action(&contain, "freeze", |action| action.input["issued_before"] = "2036-01-01T00:00:00Z".into()),
            "it is asked for otherwise",
        ),
        (with(&contain, "freeze", |step| step.edges.clear()), "it no longer waits for lock_trust"),
        (with_action(&contain, "case", |action| moves(action).reverse()), ""),
    ];
    for (later, expected) in cases {
        assert!(more(&contain, &later).contains(expected), "{expected}: {}", more(&contain, &later));
    }
    let seen = with_action(&contain, "freeze", |action| action.story.impact = Impact::NoneSeen);
    let hurts = with_action(&contain, "freeze", |action| action.story.impact = Impact::Outage);
    assert!(more(&seen, &hurts).contains("its impact is now: "), "{}", more(&seen, &hurts));
    assert_eq!(more(&hurts, &seen), "");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_plan_about_something_else_covers_nothing() {
    let contain = plan(Phase::Contain).await;
    let change = |change: &dyn Fn(&mut Plan)| {
        let mut other = contain.clone();
        change(&mut other);
        other
    };
    let others = [
        change(&|plan| plan.incident = "INC-9".parse().expect("an incident")),
        change(&|plan| plan.place.account = "444455556666".parse().expect("an account")),
        change(&|plan| plan.caller.id = "AIDANOTHERONE".to_owned()),
        change(&|plan| plan.runbook.digest = Digest::of(&"other")),
        change(&|plan| plan.quell = "9.9.9".to_owned()),
        change(&|plan| {
            plan.parameters.insert("language".to_owned(), json!("ja"));
        }),
        change(&|plan| plan.undoes = Some("abcdef123456".parse().expect("a run"))),
        change(&|plan| plan.made += jiff::SignedDuration::from_hours(25)),
        change(&|plan| plan.made -= jiff::SignedDuration::from_secs(1)),
    ];
    for other in others {
        assert_eq!(more(&contain, &other).lines().count(), 1, "{}", more(&contain, &other));
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_goes_for_good_is_as_it_was_read_or_less() {
    let eradicate = plan(Phase::Eradicate).await;
    let changed = with_action(&eradicate, "delete", |action| {
        action.state["agent"]["status"] = "FAILED".into();
        action.fingerprint = Digest::of(&action.state);
    });
    let told = more(&eradicate, &changed);
    assert!(told.contains("what goes for good has changed") || told.contains("another one"), "{told}");
    // What the run itself has left of it is the rest of what was read.
    let key = changed.actions().find(|(step, _)| step.key.step.as_str() == "delete").expect("a step");
    let left = Since { left: [(key.0.key.clone(), key.1.fingerprint)].into(), ..Since::default() };
    assert_eq!(beyond(&eradicate, &changed, &left), Vec::<String>::new());
}
