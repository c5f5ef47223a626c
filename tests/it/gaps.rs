//! Somebody with every right takes back what a run has done, in each gap between its calls: the run does it again, or says that it did
//! not come about, and never calls a step verified that somebody has undone.

use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use quell::base::Phase;
use quell::journal::{RunOutcome, StepState};
use quell::range::Range;
use quell::range::wire::{Answer, Answered, ApiCall, World};
use serde_json::{Value, json};

use crate::cli_quell::calm;
use crate::drill::{Variant, changes, in_parallel, paused, rehearsals, scene, scratch};
use crate::extent::played;
use crate::stage::Stage;

const SEED: u64 = 7;
/// How many gaps are played where not all are.
const SOME: usize = 10;
/// Whoever meddles: an administrator whom nobody suspects.
const KEY: &str = "AKIARTX3GSDSMEDDLER1";
const RESPONDER: &str = "AKIAIOSFODNN7EXAMPLE";

/// After which change of the run somebody takes it back, and how many of the run's calls later.
#[derive(Debug, Clone, Copy)]
struct Gap {
    change: usize,
    later: usize,
}

/// A range in which somebody meddles once.
struct Meddled {
    range: Range,
    gap: Option<Gap>,
    state: Arc<Mutex<Meddling>>,
}

#[derive(Debug, Default)]
struct Meddling {
    /// How many changes of the run there have been.
    changes: usize,
    /// What takes the change back, and how many calls later.
    due: Option<(ApiCall, usize)>,
    /// What somebody did.
    done: Option<&'static str>,
}

impl World for Meddled {
    fn answer(&self, call: ApiCall) -> BoxFuture<'_, Answered> {
        Box::pin(async move {
            if call.access_key.as_deref() != Some(RESPONDER) {
                return self.range.answer(call).await;
            }
            let due = {
                let mut state = self.state.lock().expect("nobody panics with it");
                match state.due.take() {
                    Some((back, 0)) => Some(back),
                    Some((back, left)) => {
                        state.due = Some((back, left - 1));
                        None
                    }
                    None => None,
                }
            };
            if let Some(back) = due {
                let operation = back.operation;
                if replied(self.range.answer(back).await).is_some() {
                    self.state.lock().expect("nobody panics with it").done = Some(operation);
                }
            }
            let Some(gap) = self.gap.filter(|_| changes(call.operation)) else { return self.range.answer(call).await };
            let nth = self.state.lock().expect("nobody panics with it").changes;
            let back = if nth == gap.change { self.taken_back(&call).await } else { None };
            let answered = self.range.answer(call).await;
            let mut state = self.state.lock().expect("nobody panics with it");
            if matches!(answered.answer, Answer::Reply(_)) {
                state.changes += 1;
                if let Some(back) = back {
                    state.due = Some((back, gap.later));
                }
            }
            answered
        })
    }
}

fn replied(answered: Answered) -> Option<Value> {
    match answered.answer {
        Answer::Reply(reply) => Some(reply),
        _ => None,
    }
}

impl Meddled {
    /// The call that takes another one back, as things are before it; nothing for what cannot be taken back in one call.
    async fn taken_back(&self, call: &ApiCall) -> Option<ApiCall> {
        let with = |operation: &'static str, input: Value| ApiCall {
            operation,
            input,
            access_key: Some(KEY.to_owned()),
            session_token: None,
            request_id: format!("{}-taken-back", call.request_id),
            ..call.clone()
        };
        let only = |members: &[&str]| -> Value {
            members
                .iter()
                .map(|&member| (member.to_owned(), call.input[member].clone()))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        Some(match call.operation {
            "PutRolePolicy" => with("DeleteRolePolicy", only(&["RoleName", "PolicyName"])),
            "PutUserPolicy" => with("DeleteUserPolicy", only(&["UserName", "PolicyName"])),
            "AttachRolePolicy" => with("DetachRolePolicy", only(&["RoleName", "PolicyArn"])),
            "AttachUserPolicy" => with("DetachUserPolicy", only(&["UserName", "PolicyArn"])),
            "PutRolePermissionsBoundary" => with("DeleteRolePermissionsBoundary", only(&["RoleName"])),
            "PutUserPermissionsBoundary" => with("DeleteUserPermissionsBoundary", only(&["UserName"])),
            "UpdateAccessKey"
            | "UpdateSSHPublicKey"
            | "UpdateSigningCertificate"
            | "UpdateServiceSpecificCredential" => {
                let mut input = call.input.clone();
                input["Status"] = json!(if input["Status"] == "Active" { "Inactive" } else { "Active" });
                with(call.operation, input)
            }
            "UpdateAssumeRolePolicy" => {
                let known = replied(self.range.answer(with("GetRole", only(&["RoleName"]))).await)?;
                let mut input = call.input.clone();
                input["PolicyDocument"] = known["Role"]["AssumeRolePolicyDocument"].clone();
                with(call.operation, input)
            }
            "UpdateAgentAlias" => {
                let known =
                    replied(self.range.answer(with("GetAgentAlias", only(&["agentId", "agentAliasId"]))).await)?;
                let mut input = call.input.clone();
                for member in ["agentAliasName", "routingConfiguration", "aliasInvocationState", "description"] {
                    match &known["agentAlias"][member] {
                        Value::Null => drop(input.as_object_mut().map(|input| input.remove(member))),
                        was => input[member] = was.clone(),
                    }
                }
                with(call.operation, input)
            }
            _ => return None,
        })
    }
}

/// One phase of a shipped runbook, in its scenario without its adversary.
struct Meddle {
    one: Variant,
    phase: Phase,
    gap: Gap,
}

fn stage(one: &Variant, gap: Option<Gap>) -> (Stage, Arc<Mutex<Meddling>>) {
    let (text, mut scenario) = scene(one.name, one.values);
    calm(&mut scenario);
    let meddler = json!({
        "name": "meddler", "keys": [{ "id": KEY }], "attached": ["arn:aws:iam::aws:policy/AdministratorAccess"],
    });
    scenario.account.users.push(serde_json::from_value(meddler).expect("a user"));
    let state = Arc::new(Mutex::new(Meddling::default()));
    let world = |range: Range| Arc::new(Meddled { range, gap, state: Arc::clone(&state) });
    let stage = Stage::in_world(&text, scenario, SEED, world);
    (stage, state)
}

/// The gaps of a phase: after each change, at once, after the next looks, and after the window in which a change may come late.
fn gaps() -> Vec<Meddle> {
    let laters = [0, 3, 17];
    let phases = rehearsals().flat_map(|one| Phase::ALL.map(|phase| (one, phase)));
    let of_phase = |(one, phase): (Variant, Phase)| {
        let (stage, _) = stage(&one, None);
        let changes = paused(async { stage.plan(phase).await.calls().count() });
        (0..changes).map(move |change| {
            let later = laters[change % laters.len()];
            Meddle { one, phase, gap: Gap { change, later } }
        })
    };
    phases.flat_map(of_phase).collect()
}

fn play(case: &Meddle) -> Result<bool, String> {
    let told = format!("{} {:?} {}, {:?}, seed {SEED}", case.one.name, case.one.values, case.phase, case.gap);
    let (stage, meddling) = stage(&case.one, Some(case.gap));
    paused(async {
        let approved = stage.approve(stage.plan(case.phase).await).await;
        let state = scratch();
        let end = stage.execute(&approved, "00000001", state.path(), |_| {}).await;
        let done = {
            let mut meddling = meddling.lock().expect("nobody panics with it");
            // What is still to come would come while it is looked at, after the end.
            meddling.due = None;
            meddling.done
        };
        let Some(done) = done else { return Ok(false) };
        let outcome = end.fold.closed().map(|closing| closing.outcome);
        let again = stage.plan(case.phase).await;
        let verified = end.fold.steps().iter().filter(|(_, step)| step.state == StepState::Verified);
        for (key, _) in verified {
            let Some(action) = again.step(key).and_then(|step| step.action()) else { continue };
            if action.calls().next().is_some() {
                return Err(format!("{told}: {key} is verified, and after {done} it is not so: {:?}", action.outlook));
            }
        }
        let steps = || end.fold.steps().values();
        let is_complete = outcome == Some(RunOutcome::Complete);
        if outcome.is_none()
            || (is_complete && !steps().all(|step| matches!(step.state, StepState::Verified | StepState::Skipped)))
        {
            return Err(format!("{told}: after {done} it ended as {outcome:?}"));
        }
        Ok(true)
    })
}

#[test]
fn nothing_is_called_verified_that_somebody_took_back() {
    let cases = played([gaps()], SOME, SEED);
    let meddled = Mutex::new(0);
    in_parallel(cases, |case| {
        if play(case)? {
            *meddled.lock().expect("nobody panics with it") += 1;
        }
        Ok(())
    });
    let meddled = meddled.into_inner().expect("nobody panics with it");
    assert!(meddled >= SOME / 3, "hardly anybody meddled: {meddled}");
}
