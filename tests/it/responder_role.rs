//! Runs that act as a role: its session may do what the plan may, on the things that the plan names, and nothing else.

use std::collections::BTreeSet;
use std::time::Duration;

use quell::aws::{
    AssumeRole, Bounds, Call, Clients, CreateAccessKey, DeleteAgent, Fault, FaultKind, GetCallerIdentity, GetRole,
    KeyStatus, LONGEST_SESSION_POLICY, PutRolePolicy, Reader, RoleSession, UpdateAccessKey,
};
use quell::base::{AccessKeyId, AgentId, Arn, Phase, Region, RoleName, UserName};
use quell::iam::PolicyDocument;
use quell::plan::{Need, NoSessionPolicy, Plan, needs_of_plan, policy_of, session_policy};
use quell::range::scenario::RoleSpec;
use quell::range::{Scenario, TrailEvent};
use serde_json::json;

use crate::drill::{Variant, paused, rehearsals, scene, scratch};
use crate::extent::played;
use crate::stage::{RUNBOOK, SCENARIO, Stage};

const SEED: u64 = 7;
/// How many phases are carried out where not all are.
const SOME: usize = 6;
const ROLE: &str = "arn:aws:iam::111122223333:role/quell-responder";
const POLICY: &str = "arn:aws:iam::111122223333:policy/quell-plan";
const EXTERNAL_ID: &str = "4f1c9a";
const RUN: &str = "5e551073d0a1";

fn arn(text: &str) -> Arn {
    text.parse().expect("an ARN")
}

/// Adds the role to an account: it may do everything, and lets the responder in who knows its external id.
pub(crate) fn add_role(scenario: &mut Scenario) {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::111122223333:user/incident-responder" },
        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"],
        "Condition": { "StringEquals": { "sts:ExternalId": EXTERNAL_ID } },
    }] });
    let role = json!({ "name": "quell-responder", "trust": trust, "attached": ["arn:aws:iam::aws:policy/AdministratorAccess"] });
    scenario.account.roles.push(serde_json::from_value(role).expect("a role"));
}

fn request(bounds: Bounds) -> AssumeRole {
    AssumeRole {
        role: arn(ROLE),
        session: format!("quell-{RUN}"),
        source_identity: RUN.to_owned(),
        external_id: Some(EXTERNAL_ID.to_owned()),
        bounds,
    }
}

fn bounds_of(plan: &Plan) -> Bounds {
    match session_policy(plan) {
        Ok(policy) => Bounds::Policy(policy.document),
        Err(NoSessionPolicy::TooLong { .. }) => Bounds::Managed(vec![arn(POLICY)]),
        Err(error) => panic!("{error}"),
    }
}

/// One phase of a shipped runbook, planned in its scenario with the role; for what does not fit into a session policy the account has a
/// managed one.
async fn planned(one: &Variant, phase: Phase) -> (Stage, Plan) {
    let (text, mut scenario) = scene(one.name, one.values);
    add_role(&mut scenario);
    let stage = Stage::with(&text, scenario.clone(), SEED);
    let (_, needs) = plan_as_role(&stage, phase).await;
    let document = policy_of(&needs);
    let policy = json!({ "name": "quell-plan", "document": document });
    scenario.account.policies.push(serde_json::from_value(policy).expect("a policy"));
    let stage = Stage::with(&text, scenario, SEED);
    let (plan, _) = plan_as_role(&stage, phase).await;
    (stage, plan)
}

async fn plan_as_role(stage: &Stage, phase: Phase) -> (Plan, BTreeSet<Need>) {
    let around = stage.around().await.acting_as(arn(ROLE), &stage.planning()).await;
    let plan = stage.plan_for(phase, around).await;
    let needs = needs_of_plan(&plan).expect("known actions");
    (plan, needs)
}

async fn session(stage: &Stage, bounds: Bounds) -> Result<RoleSession, Fault> {
    RoleSession::begin(&stage.connection, &stage.clock, SEED, request(bounds)).await
}

fn reader(stage: &Stage, session: &RoleSession) -> Reader {
    Reader::new(Clients::acting(&session.over(&stage.connection)), stage.clock.clone(), SEED)
}

/// Whether an event is the session's.
fn is_of_session(event: &TrailEvent) -> bool {
    event
        .user_identity
        .as_ref()
        .is_some_and(|who| who.arn.ends_with(&format!(":assumed-role/quell-responder/quell-{RUN}")))
}

/// Changes that no shipped runbook plans.
fn elsewhere() -> Vec<Call> {
    let deny =
        PolicyDocument::parse(r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#);
    let put = PutRolePolicy {
        role: RoleName::new("quell-responder").expect("a role"),
        policy: "deny".to_owned(),
        document: deny.expect("a policy").into(),
    };
    let agent = AgentId::new("ZZZZZZZZZZ").expect("an agent");
    let delete = DeleteAgent { region: Region::new("us-east-1").expect("a Region"), agent, skip_in_use_check: true };
    let user = UserName::new("incident-responder").expect("a user");
    let create = CreateAccessKey { user, seal_to: vec![], smtp_regions: vec![], hold: false };
    vec![Call::PutRolePolicy(put), Call::DeleteAgent(delete), Call::CreateAccessKey(create)]
}

#[test]
fn a_session_does_what_its_plan_may_and_nothing_else() {
    let phases = rehearsals().flat_map(|one| Phase::ALL.map(|phase| (one, phase))).collect();
    let mut forms = [0; 2];
    for (one, phase) in played([phases], SOME, SEED) {
        let told = format!("{} {:?} {phase}, seed {SEED}", one.name, one.values);
        paused(async {
            let (stage, plan) = planned(&one, phase).await;
            let bounds = bounds_of(&plan);
            forms[usize::from(matches!(bounds, Bounds::Managed(_)))] += 1;
            let session = session(&stage, bounds).await.expect("a session");
            let around = stage.around().await.acting_as(arn(ROLE), &stage.planning()).await;
            let approved = stage.approve_for(plan.clone(), &around);
            let state = scratch();
            let reader = reader(&stage, &session);
            let end = stage.execute_with(&approved, RUN, state.path(), &reader, |_| {}).await;
            assert!(end.credentials.is_none(), "{told}: {:?}", end.credentials);
            for call in elsewhere() {
                let refused = reader.send(&call).await.expect_err("it is not in the plan");
                assert_eq!(refused.kind, FaultKind::Forbidden, "{told}: {refused}");
            }
            let changes = plan.actions().flat_map(|(_, action)| action.calls()).count();
            let events: Vec<_> = stage.range.trail().into_iter().filter(is_of_session).collect();
            // What refuses it is the bounds: some things AWS shows nobody but whoever they belong to.
            let by_bounds = |event: &&TrailEvent| {
                event.error_message.as_ref().is_some_and(|message| message.contains("session policy"))
            };
            let (denied, let_through): (Vec<_>, Vec<_>) = events.iter().partition(by_bounds);
            let sent = let_through.iter().filter(|event| !event.read_only && event.error_code.is_none()).count();
            assert!(sent >= changes.min(1), "{told}: {changes} were planned");
            let denied: Vec<&str> = denied.iter().map(|event| event.event_name.as_str()).collect();
            assert_eq!(denied.len(), elsewhere().len(), "{told}: {denied:?}");
            for event in events {
                let who = event.user_identity.as_ref().expect("whoever it was");
                assert_eq!(who.source_identity.as_deref(), Some(RUN), "{told}: {}", event.event_name);
            }
        });
    }
    let [own, managed] = forms;
    assert!(own > managed, "{own} were bound by a policy of their own, {managed} by a managed one");
}

/// A name that ends like that of a thing in the plan is the name of another thing.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_is_called_like_a_thing_of_the_plan_is_out_of_reach() {
    let mut scenario = Scenario::parse(SCENARIO).expect("a scenario");
    add_role(&mut scenario);
    let role = scenario.account.roles.iter().find(|role| role.name == "ml-pipeline").expect("the role").clone();
    scenario.account.roles.push(RoleSpec { name: "other-ml-pipeline".to_owned(), ..role });
    let stage = Stage::with(RUNBOOK, scenario, SEED);
    let (plan, _) = plan_as_role(&stage, Phase::Contain).await;
    let session = session(&stage, bounds_of(&plan)).await.expect("a session");
    let reader = reader(&stage, &session);
    let put = |role: &str| {
        let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
        Call::PutRolePolicy(PutRolePolicy {
            role: RoleName::new(role).expect("a role"),
            policy: "deny".to_owned(),
            document: PolicyDocument::parse(document).expect("a policy").into(),
        })
    };
    reader.send(&put("ml-pipeline")).await.expect("it is in the plan");
    let refused = reader.send(&put("other-ml-pipeline")).await.expect_err("it is not");
    assert!(refused.kind == FaultKind::Forbidden && refused.message.contains("session policy"), "{refused}");
}

fn code(begun: Result<RoleSession, Fault>) -> String {
    begun.expect_err("refused").code
}

/// The shipped scenario with the role.
fn shipped() -> Stage {
    let mut scenario = Scenario::parse(SCENARIO).expect("a scenario");
    add_role(&mut scenario);
    Stage::with(RUNBOOK, scenario, SEED)
}

fn everything() -> Bounds {
    Bounds::Policy(r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#.to_owned())
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_role_is_assumed_as_its_trust_policy_says_and_in_bounds_that_aws_takes() {
    let stage = shipped();
    let begin = async |request| RoleSession::begin(&stage.connection, &stage.clock, SEED, request).await;
    let bounded = |bounds| request(bounds);
    let stranger = AssumeRole { external_id: None, ..request(everything()) };
    assert_eq!(code(begin(stranger).await), "AccessDenied", "whoever does not know the external id stays outside");
    let long = Bounds::Policy(format!("{{{}}}", " ".repeat(LONGEST_SESSION_POLICY)));
    assert_eq!(code(begin(bounded(long)).await), "ValidationError");
    assert_eq!(code(begin(bounded(Bounds::Policy("{".to_owned()))).await), "MalformedPolicyDocument");
    assert_eq!(code(begin(bounded(Bounds::Managed(vec![arn(POLICY)]))).await), "MalformedPolicyDocument");
    let session = begin(request(everything())).await.expect("a session");
    // Whoever comes after says no other name than the one that it has.
    let chained = session.over(&stage.connection);
    let other = AssumeRole { source_identity: "somebody".to_owned(), ..request(everything()) };
    assert_eq!(code(RoleSession::begin(&chained, &stage.clock, SEED, other).await), "AccessDenied");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_session_is_renewed_in_its_bounds_until_the_sign_in_ends() {
    let stage = shipped();
    let bounds = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:GetRole","Resource":"*"}}"#;
    let session = session(&stage, Bounds::Policy(bounds.to_owned())).await.expect("a session");
    let reader = reader(&stage, &session);
    let role = || GetRole { role: RoleName::new("ml-pipeline").expect("a role") };
    let assumed = || {
        let events = stage.range.trail().into_iter().filter(|event| event.event_name == "AssumeRole");
        let ours = events.filter(|event| event.request_parameters["roleArn"] == ROLE && event.error_code.is_none());
        ours.map(|event| event.request_parameters["policy"].clone()).collect::<Vec<_>>()
    };
    for minutes in [0, 30, 54] {
        stage.clock.sleep(Duration::from_secs(minutes * 60)).await;
        reader.ask(role()).await.expect("it may");
    }
    assert_eq!(assumed(), [bounds, bounds], "30 and then 54 minutes are more than an hour");
    let before = reader.ask(GetCallerIdentity {}).await.expect("an identity").user_id;
    assert_eq!(before, session.user_id().await);
    // The key with which the session was made is switched off: it goes on to its end, and no further.
    let key = UpdateAccessKey {
        user: UserName::new("incident-responder").expect("a user"),
        key: AccessKeyId::new("AKIAIOSFODNN7EXAMPLE").expect("a key"),
        status: KeyStatus::Inactive,
    };
    stage.acting().send(&Call::UpdateAccessKey(key)).await.expect("switched off");
    stage.clock.sleep(Duration::from_secs(57 * 60)).await;
    reader.ask(role()).await.expect("it lasts its hour");
    stage.clock.sleep(Duration::from_secs(4 * 60)).await;
    let fault = reader.ask(role()).await.expect_err("it has ended");
    assert_eq!(fault.kind, FaultKind::Expired, "a run waits for whoever signs in: {fault}");
    assert!(fault.message.contains(ROLE) && fault.message.contains("InvalidClientTokenId"), "{fault}");
}
