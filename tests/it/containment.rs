//! The main job, whole.

use quell::base::Phase;
use quell::journal::RunOutcome;
use quell::range::Actors;

use crate::stage::Stage;

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_shipped_runbook_contains_the_shipped_adversary() {
    let stage = Stage::shipped(7);
    let state = tempfile::tempdir().expect("a folder");
    let actors = Actors::start(&stage.range, &stage.scenario);
    for (number, phase) in Phase::ALL.into_iter().enumerate() {
        let plan = stage.plan(phase).await;
        for step in &plan.steps {
            eprintln!("{} {:?}", step.key, step.action().map(|a| (&a.outlook, &a.story.now)));
        }
        let approved = stage.approve(plan).await;
        let end = stage
            .execute(&approved, &format!("0000000{number}"), state.path(), |event| {
                if let quell::run::Event::Recorded { at, record } = event {
                    eprintln!("{at} {record:?}")
                }
            })
            .await;
        eprintln!("{phase}: {:?} {:?} {:?}", end.outcome, end.fold.counts(), end.waiting_for);
    }
    let judgement = stage.range.judgement();
    eprintln!("{judgement:#?}");
    actors.stop().await;
    assert_eq!(judgement.still_allowed, Vec::<String>::new());
    let _ = RunOutcome::Complete;
}
