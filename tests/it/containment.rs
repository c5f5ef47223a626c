//! The main job, whole: the shipped runbook against the shipped adversary.

use quell::base::Phase;
use quell::journal::{Record, RunOutcome};
use quell::range::Actors;
use quell::run::Event;

use crate::stage::Stage;

/// Plays all phases, as a rehearsal does, and says how each ended and what was told on the way.
pub(crate) async fn play(stage: &Stage) -> (Vec<RunOutcome>, Vec<Record>) {
    let state = tempfile::tempdir().expect("a folder");
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
        // The adversary made one more agent while the deny was on its way: told, not chased.
        let left_over = records.iter().filter(|record| matches!(record, Record::LeftOver { .. })).count();
        assert_eq!((outcomes[0], left_over), (RunOutcome::Partial, 1), "seed {seed}");
        assert_eq!(outcomes[1..], [RunOutcome::Complete, RunOutcome::Complete], "seed {seed}");
    }
}
