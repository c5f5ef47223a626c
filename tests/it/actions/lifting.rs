//! `iam.lift-denies` and `iam.denies`: what an incident refuses is found, and taken off when it may be.

use quell::actions::Refusal;
use quell::journal::StepState;
use serde_json::{Value, json};

use super::trail::ask;
use super::{Bench, ROLE, USER, refusal, scenario};

const LIFT: &str = "iam.lift-denies";

fn lift(of: &Bench, with: &Value) -> Bench {
    Bench::of_action(LIFT, with, &scenario(), 1).in_range_of(of)
}

/// What other actions have put there is found, held back until the last old session has ended, and taken off.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_an_incident_refuses_is_lifted_when_old_sessions_have_ended() {
    let bench = Bench::of_steps(
        json!([
            { "id": "deny", "action": "iam.deny-ai-services", "with": { "principal": ROLE } },
            { "id": "lock", "action": "iam.lock-trust", "with": { "role": ROLE } },
            { "id": "revoke", "action": "iam.revoke-sessions", "with": { "principal": ROLE } },
            { "id": "session", "action": "iam.deny-session", "with": { "role": ROLE, "session": "task-1" } },
            { "id": "user", "action": "iam.quarantine", "with": { "principal": USER } },
        ]),
        &scenario(),
        1,
    );
    let before = bench.stage.range.state();
    let ran = bench.go().await;
    assert_eq!(ran.end.outcome, Some(quell::journal::RunOutcome::Complete));
    let found = ask(&bench, "iam.denies", None, json!({})).await;
    let denies = |at: usize| found.items[at]["denies"].as_array().expect("a list").len();
    assert_eq!((found.items.len(), denies(0), denies(1)), (2, 4, 1), "{:?}", found.items);
    assert!(found.items[0]["cut_off"].is_string());

    let role = lift(&bench, &json!({ "principal": ROLE }));
    let early = role.plan().await;
    let Some(Refusal::TooEarly { until, .. }) = refusal(&early) else { panic!("{:?}", refusal(&early)) };
    assert!(until.to_string().starts_with("2026-11-22T15:0"), "twelve hours after the cut-off: {until}");
    // A deny without a cut-off is held back by the time that is given.
    let user = lift(&bench, &json!({ "principal": USER, "contained_at": "2026-11-22T03:05:00Z" }));
    assert!(matches!(refusal(&user.plan().await), Some(Refusal::TooEarly { .. })));

    bench.stage.clock.sleep(std::time::Duration::from_secs(37 * 3_600)).await;
    for one in [&role, &user] {
        let lifted = one.go().await;
        assert_eq!(lifted.state(), StepState::Verified, "{}", lifted.told());
    }
    let left = ask(&bench, "iam.denies", None, json!({})).await;
    assert!(left.items.is_empty(), "{:?}", left.items);
    // What goes with the quarantine names no incident: it stays, and the plan says so.
    let mut after = bench.stage.range.state();
    let attached = &mut after["users"]["ci-deploy"]["permissions"]["attached"];
    assert_eq!(*attached, json!(["arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"]));
    *attached = json!([]);
    super::assert_same("lifted", &after, &before);
    let told = serde_json::to_string(&user.plan().await).expect("JSON");
    assert!(told.contains("names no incident"), "{told}");
}
