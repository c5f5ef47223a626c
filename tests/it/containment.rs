//! The main job, whole: the shipped runbook against the shipped adversary.

use quell::base::Phase;
use quell::journal::{Record, RunOutcome};
use quell::range::scenario::FaultKind;
use quell::range::{Actors, Moment};
use quell::run::Event;

use crate::drill::scratch;
use crate::stage::Stage;

/// Plays all phases, as a rehearsal does, and says how each ended and what was told on the way.
pub(crate) async fn play(stage: &Stage) -> (Vec<RunOutcome>, Vec<Record>) {
    let state = scratch();
    let mut outcomes = Vec::new();
    let mut records = Vec::new();
    for (number, phase) in Phase::ALL.into_iter().enumerate() {
        let approved = stage.approve(stage.plan(phase).await).await;
        let end = stage
            .execute(&approved, &format!("0000000{number}"), state.path(), |event| {
                if let Event::Recorded { record, .. } = event {
                    records.push(record.as_ref().clone());
                }
            })
            .await;
        outcomes.push(end.outcome.expect("the phase ended"));
    }
    (outcomes, records)
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_shipped_runbook_contains_the_shipped_adversary() {
    for seed in [7, 8, 9] {
        let stage = Stage::shipped(seed);
        let actors = Actors::start(&stage.range, &stage.scenario);
        let (outcomes, records) = play(&stage).await;
        let judgement = stage.range.judgement();
        actors.stop().await;
        assert_eq!(judgement.still_allowed, Vec::<String>::new(), "seed {seed}");
        assert_eq!(judgement.succeeded_after_containment, [], "seed {seed}");
        assert_eq!(judgement.workload_refused, [], "seed {seed}");
        assert!(judgement.time_to_first_deny_seconds < judgement.time_to_contain_seconds, "seed {seed}");
        // The adversary made two more agents while the deny was on its way, one in place of those that stopped answering: told,
        // not chased.
        let left_over = records.iter().filter(|record| matches!(record, Record::LeftOver { .. })).count();
        assert_eq!((outcomes[0], left_over), (RunOutcome::Partial, 2), "seed {seed}");
        assert_eq!(outcomes[1..], [RunOutcome::Complete, RunOutcome::Complete], "seed {seed}");
    }
}

/// A Region that refuses to be read is not one in which all is well: it is asked again at the end, what is there then is left
/// over, and while it refuses the run is not complete.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_region_that_cannot_be_read_is_told_at_the_end() {
    for readable_later in [false, true] {
        let stage = Stage::shipped(7);
        let refuse = |refusing: bool| {
            stage.range.set_hook(move |flight| {
                let blind = flight.call.operation == "ListAgents" && flight.call.region == "eu-west-1";
                (refusing && blind && flight.moment == Moment::BeforeEffect).then_some(FaultKind::AccessDenied)
            });
        };
        refuse(true);
        let plan = stage.plan(Phase::Contain).await;
        let blind =
            |region: &Option<quell::base::Region>| region.as_ref().is_some_and(|one| one.as_str() == "eu-west-1");
        assert!(plan.not_read.iter().any(|missed| missed.what == "bedrock.agents" && blind(&missed.region)));
        let approved = stage.approve(plan).await;
        refuse(!readable_later);
        let state = scratch();
        let end = stage.execute(&approved, "00000001", state.path(), |_| ()).await;
        assert_eq!(end.outcome, Some(RunOutcome::Partial), "readable later: {readable_later}");
        let found = end.fold.left_over().keys().any(|step| blind(&step.region));
        assert_eq!(found, readable_later);
    }
}
