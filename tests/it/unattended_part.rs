//! The harmless part of a plan is carried out with nobody there; the rest waits for somebody who agrees to all of it.

use std::collections::BTreeSet;

use quell::base::{Digest, Effect, Impact, Phase, StepKey};
use quell::guard::{ApprovedPlan, Clearance, Consent, Denied, Guardrails, Part, approve, approve_part, continue_run};
use quell::journal::{Agreed, RunOutcome, SimDisk, StepState, World, read};
use quell::plan::{Plan, VALID_FOR};
use quell::run::{GivenAnswers, RunEnd};
use tokio::sync::watch;

use crate::drill::{Drill, Site, changes, in_parallel, paused, rehearsals};
use crate::stage::yes_to_all;

const SEED: u64 = 7;
/// What has to be protected before anything happens unattended; none of it is in the scenarios.
const PREPARED: &str = r#"{
    "protected_accounts": ["999999999999"],
    "protected_principals": ["arn:aws:iam::999999999999:role/precious"]
}"#;

fn guardrails(setting: &str) -> Guardrails {
    Guardrails::new(serde_json::from_str(setting).expect("a setting"), &[]).expect("guardrails")
}

/// What a detection lets happen of a plan.
fn part_of(plan: &Plan) -> Part {
    guardrails(PREPARED).harmless(plan, plan.made)
}

fn by_detection(site: &Site<'_>) -> ApprovedPlan {
    let plan = site.drill.plan.clone();
    let part = part_of(&plan);
    approve_part(plan, &site.drill.around, World::Range, site.clock.now(), &part, Digest::ZERO).expect("a part")
}

async fn carry_out(site: &Site<'_>, approved: &ApprovedPlan, disk: &SimDisk, begins: bool) -> RunEnd {
    let (_stop, stop) = watch::channel(false);
    let nobody = GivenAnswers::default();
    let answers = yes_to_all(&site.drill.plan);
    let gates: &dyn quell::run::Gatekeeper = if begins { &nobody } else { &answers };
    site.carry_out(approved, disk.clone(), begins, gates, stop, |_| ()).await.expect("an end")
}

fn drills() -> Vec<Drill> {
    let all = rehearsals().filter(|variant| variant.values.is_empty());
    let contain = all.map(|variant| (variant.name, Phase::Contain));
    let recover = [("invocation-logging-off", Phase::Recover)];
    contain.chain(recover).map(|(name, phase)| Drill::of(name, phase, SEED)).collect()
}

/// What the range saw of changes, by operation and resource.
fn changed(site: &Site<'_>) -> Vec<String> {
    let own = site.range.responder().access_key;
    let seen = site.range.trail().into_iter().filter(|event| {
        let by = event.user_identity.as_ref().and_then(|who| who.access_key_id.as_deref());
        by == Some(own.as_str()) && changes(&event.event_name)
    });
    seen.map(|event| event.event_name).collect()
}

#[test]
fn of_every_runbook_only_what_is_harmless_happens_before_somebody_agrees_and_all_of_it_after() {
    let drills = drills();
    let with_both = std::sync::atomic::AtomicUsize::new(0);
    in_parallel(drills, |drill| {
        paused(async {
            let name = &drill.name;
            let whole = {
                let site = drill.open();
                let end = site.go(SimDisk::new(), true).await.map_err(|error| format!("{name}: {error:?}"))?;
                (end.outcome, site.range.state())
            };
            let site = drill.open();
            let part = part_of(&drill.plan);
            for (step, action) in drill.plan.actions().filter(|(step, _)| part.steps().contains(&step.key)) {
                let harmless = action.refusal().is_some()
                    || (action.weight() != Some(Effect::Irreversible) && action.story.impact == Impact::NoneSeen);
                assert!(harmless, "{name}: {} is not harmless", step.key);
            }
            let before = site.range.state();
            let (disk, approved) = (SimDisk::new(), by_detection(&site));
            let end = carry_out(&site, &approved, &disk, true).await;
            for (step, view) in end.fold.steps() {
                let acted = view.calls.iter().filter_map(|call| end.fold.calls().get(call));
                let acted = acted.filter(|call| call.intent.effect.is_mutating()).count();
                assert!(acted == 0 || part.steps().contains(step), "{name}: {step} acted with nobody there");
            }
            if part.changes() == 0 && site.range.state() != before {
                return Err(format!("{name}: something changed, and nothing harmless was to be done"));
            }
            let left: BTreeSet<StepKey> = part.left().keys().cloned().collect();
            assert_eq!(end.to_approve.iter().cloned().collect::<BTreeSet<_>>(), left, "{name}");
            if left.is_empty() {
                return Ok(());
            }
            if part.changes() > 0 {
                with_both.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                assert!(!changed(&site).is_empty(), "{name}: the harmless part has changed nothing");
            }
            assert_eq!(end.outcome, None, "{name}: what waits keeps the run open");
            // Whoever goes on without a new agreement does no more than before.
            let calls = changed(&site).len();
            let agreed = read(&disk.synced()).expect("a sound journal").fold.agreed();
            assert!(matches!(agreed, Agreed::Part(_)), "{name}");
            let (plan, around, now) = (drill.plan.clone(), &drill.around, site.clock.now());
            let again = continue_run(plan.clone(), agreed, around, World::Range, now).expect("it goes on");
            let end = carry_out(&site, &again, &disk, false).await;
            assert_eq!((end.outcome, changed(&site).len()), (None, calls), "{name}");
            // With somebody's agreement the rest follows, and it comes to the same as if all had been agreed to at once.
            let clearance = Clearance::in_range(&plan).expect("a range");
            let all = approve(plan, around, World::Range, site.clock.now(), &Consent::Scenario, &clearance);
            let end = carry_out(&site, &all.expect("an agreement"), &disk, false).await;
            let states = |fold: &quell::journal::Fold| fold.counts().clone();
            match end.outcome == whole.0 {
                true => Ok(()),
                false => {
                    Err(format!("{name}: it ended {:?} and not {:?}: {:?}", end.outcome, whole.0, states(&end.fold)))
                }
            }
        })
    });
    assert!(with_both.into_inner() >= 2, "runbooks in which something is harmless and something is not");
}

#[test]
fn what_nobody_has_agreed_to_in_time_stays_undone_and_the_run_ends() {
    let drill = Drill::of("poisoned-knowledge-base", Phase::Contain, SEED);
    paused(async {
        let site = drill.open();
        let (disk, approved) = (SimDisk::new(), by_detection(&site));
        carry_out(&site, &approved, &disk, true).await;
        let calls = changed(&site).len();
        let agreed = read(&disk.synced()).expect("a sound journal").fold.agreed();
        let later = site.drill.plan.made + VALID_FOR;
        let over = continue_run(drill.plan.clone(), agreed, &drill.around, World::Range, later).expect("it goes on");
        assert!(over.is_over());
        let end = carry_out(&site, &over, &disk, false).await;
        assert_eq!(end.outcome, Some(RunOutcome::Partial), "{:?}", end.fold.counts());
        let part = part_of(&drill.plan);
        for step in part.left().keys() {
            let view = end.fold.step(step).expect("a step");
            assert_eq!(view.state, StepState::Held, "{step}");
            assert_eq!(view.why.as_deref(), Some("nobody agreed to it while the plan was valid"), "{step}");
        }
        assert_eq!(changed(&site).len(), calls);
        let clearance = Clearance::in_range(&drill.plan).expect("a range");
        let late = approve(drill.plan.clone(), &drill.around, World::Range, later, &Consent::Scenario, &clearance);
        assert!(matches!(late, Err(Denied::Expired { .. })), "{late:?}");
    });
}

#[test]
fn nothing_is_harmless_where_a_guardrail_says_so() {
    let drill = Drill::of("poisoned-knowledge-base", Phase::Contain, SEED);
    let plan = &drill.plan;
    let part = |setting: &str| guardrails(setting).harmless(plan, plan.made);
    assert!(part_of(plan).changes() > 0);
    for (setting, why) in [
        ("{}", "before at least one account"),
        (
            r#"{ "protected_accounts": ["111122223333"], "protected_principals": ["arn:aws:iam::999999999999:role/p"] }"#,
            "protected account",
        ),
        (
            r#"{ "protected_accounts": ["999999999999"], "protected_principals": ["arn:aws:iam::999999999999:role/p"],
                 "freezes": [{ "from": "2020-01-01T00:00:00Z", "until": "2040-01-01T00:00:00Z", "why": "audit" }] }"#,
            "freezes",
        ),
    ] {
        let part = part(setting);
        assert_eq!(part.changes(), 0, "{setting}");
        assert!(part.left().values().any(|left| left.contains(why)), "{setting}: {:?}", part.left());
    }
}

#[test]
fn a_part_counts_for_its_own_plan_only_and_in_its_time() {
    let drill = Drill::of("poisoned-knowledge-base", Phase::Contain, SEED);
    let (plan, around) = (&drill.plan, &drill.around);
    let part = part_of(plan);
    let ask = |plan: &Plan, now| approve_part(plan.clone(), around, World::Range, now, &part, Digest::ZERO);
    assert!(ask(plan, plan.made).is_ok());
    let other = Plan { nonce: "another".to_owned(), ..plan.clone() };
    assert_eq!(ask(&other, plan.made), Err(Denied::OtherPlan));
    assert!(matches!(ask(plan, plan.made + VALID_FOR), Err(Denied::Expired { .. })));
    let live = approve_part(plan.clone(), around, World::Live, plan.made, &part, Digest::ZERO);
    assert!(matches!(live, Err(Denied::OtherWorld { .. })), "{live:?}");
    let nothing = continue_run(plan.clone(), Agreed::Nothing, around, World::Range, plan.made);
    assert!(matches!(nothing, Err(Denied::Consent(_))), "{nothing:?}");
}
