//! A role outlives what AWS does with it, as far as a plan can know.

use quell::actions::Refusal;
use quell::journal::StepState;
use quell::plan::{Outlook, Plan, PlannedStep};
use serde_json::{Value, json};

use super::{BASE, Bench, Case, Undone, case, with_base};

const SERVICE_ROLE: &str = "arn:aws:iam::111122223333:role/service-role/kb-service";

fn account() -> Case {
    with_base(case("roles", "iam.delete-role", json!({}), Undone::ForGood))
}

/// A knowledge base goes, and its role is taken away by `taking`; the steps have `order` on top.
fn bench(taking: (&str, Value), order: [Value; 2]) -> Bench {
    let base = json!({ "knowledge_base": { "region": "us-east-1", "id": BASE } });
    let mut steps = json!([
        { "id": "base", "action": "bedrock.delete-knowledge-base", "with": base },
        { "id": "taking", "action": taking.0, "with": taking.1 },
        { "id": "sure", "gate": "confirm", "message": "sure?" },
    ]);
    for (at, more) in order.into_iter().enumerate() {
        steps[at].as_object_mut().expect("a step").extend(more.as_object().expect("members").clone());
    }
    Bench::of_steps(steps, &account().scenario, 1)
}

fn drop_role() -> (&'static str, Value) {
    ("iam.delete-role", json!({ "role": SERVICE_ROLE, "even_if_used": true }))
}

fn lock(services: bool) -> (&'static str, Value) {
    ("iam.lock-trust", json!({ "role": SERVICE_ROLE, "lock_aws_services": services }))
}

fn step<'p>(plan: &'p Plan, id: &str) -> (usize, &'p PlannedStep) {
    let at = plan.steps.iter().position(|step| step.key.step.as_str() == id).expect("a step");
    (at, &plan.steps[at])
}

fn refusal(plan: &Plan, id: &str) -> Option<Refusal> {
    match &step(plan, id).1.action().expect("an action").outlook {
        Outlook::Refused { because } => Some(because.clone()),
        Outlook::Moves { .. } => None,
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_role_that_goes_before_its_knowledge_base_stays() {
    for taking in [drop_role(), lock(true)] {
        let bench = bench(taking, [json!({ "after": ["taking"] }), json!({})]);
        let plan = bench.plan().await;
        let Some(Refusal::Protected { why, instead }) = refusal(&plan, "taking") else { panic!("{plan:#?}") };
        for said in [&why, &instead] {
            assert!(said.contains("`taking`") && said.contains("`base`"), "{said}");
        }
        assert!(why.contains(BASE) && why.contains("kb-service"), "{why}");
        assert_eq!(refusal(&plan, "base"), None);
        let ran = bench.run(plan).await;
        assert!(
            ran.end
                .fold
                .steps()
                .iter()
                .any(|(key, step)| key.step.as_str() == "base" && step.state == StepState::Verified)
        );
    }
    // A lock that lets AWS services in keeps nothing from going.
    let plan = bench(lock(false), [json!({ "after": ["taking"] }), json!({})]).plan().await;
    assert_eq!(refusal(&plan, "taking"), None);
}

/// The gate holds up the knowledge base alone, so the runbook's graph has no order; what the account shows makes one.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_role_waits_for_its_knowledge_base_where_nothing_contradicts() {
    for (taking, waits) in [(drop_role(), true), (lock(true), true), (lock(false), false)] {
        let bench = bench(taking, [json!({ "needs": ["sure"] }), json!({})]);
        let plan = bench.plan().await;
        assert_eq!(refusal(&plan, "taking"), None);
        let ((base, _), (taking, step)) = (step(&plan, "base"), step(&plan, "taking"));
        let edge = step.edges.iter().find(|edge| edge.before.step.as_str() == "base");
        assert_eq!(edge.is_some(), waits, "{edge:?}");
        if let Some(edge) = edge {
            assert!(base < taking, "the steps stay in an order that respects their edges");
            assert!(edge.because.as_deref().is_some_and(|why| why.contains("role")), "{edge:?}");
        }
    }
}

/// A role that nothing in the plan works with goes when the runbook says.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn another_role_may_go_before() {
    let other = ("iam.delete-role", json!({ "role": "arn:aws:iam::111122223333:role/service/ml-pipeline" }));
    let plan = bench(other, [json!({ "after": ["taking"] }), json!({})]).plan().await;
    assert_eq!(refusal(&plan, "taking"), None);
}
