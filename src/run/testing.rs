//! A plan for the tests of this room.

use crate::aws::Place;
use crate::base::{Digest, Partition, Phase};
use crate::journal::{FORMAT, RunOpened, World};
use crate::plan::{Caller, Plan, PlannedStep, RunbookRef};

/// A plan of these steps.
pub(super) fn plan_of(steps: Vec<PlannedStep>) -> Plan {
    let made: jiff::Timestamp = "2026-11-22T03:00:00Z".parse().expect("a timestamp");
    let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
    let arn = "arn:aws:iam::111122223333:user/responder".parse().expect("an ARN");
    Plan {
        format: crate::plan::FORMAT,
        quell: "0.1.0".to_owned(),
        world: World::Range,
        incident: "INC-4711".parse().expect("an incident id"),
        place,
        alias: None,
        caller: Caller {
            arn,
            id: "AIDARESPONDER".to_owned(),
            came_through: Vec::new(),
            keys_of_unknown_owner: Vec::new(),
            acts_as: None,
        },
        runbook: RunbookRef { name: "a".to_owned(), title: "A".to_owned(), digest: Digest::ZERO },
        parameters: std::collections::BTreeMap::new(),
        phase: Phase::Contain,
        undoes: None,
        follows: None,
        made,
        expires: made,
        nonce: "n".to_owned(),
        queries: Vec::new(),
        steps,
        not_read: Vec::new(),
        tags: Vec::new(),
        responder: None,
    }
}

/// The first record of a run of a plan.
pub(super) fn opened(plan: &Plan) -> RunOpened {
    RunOpened {
        format: FORMAT,
        quell: plan.quell.clone(),
        run: "7c1e0000".parse().expect("a run id"),
        incident: plan.incident.clone(),
        plan: plan.digest(),
        phase: plan.phase,
        undoes: None,
        world: plan.world,
        partition: plan.place.partition,
        account: plan.place.account.clone(),
        caller: plan.caller.arn.clone(),
        acts_as: None,
        detected: None,
        steps: plan.steps.iter().map(|step| step.key.clone()).collect(),
        sealed_to: vec![],
    }
}
