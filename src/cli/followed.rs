//! The plans that a plan follows, with their signatures, from the folders of their runs.

use super::arguments::Globals;
use super::exit;
use super::failure::Failure;
use super::resume::recorded;
use super::rules::signatures_beside;
use super::state::store;
use super::status::undone_by;
use crate::base::{Digest, RunId};
use crate::guard::{Earlier, Lent};
use crate::journal::{CallState, Fold, ListedRun, PLAN_FILE, RunStore};
use crate::plan::{Follows, Plan, Since, read_plan};

/// The most plans that stand behind one another.
const MOST: usize = 16;

/// The plans that a plan follows, the latest first, and the one that is not here any more, where there is one. What a plan says of another is
/// not believed: a run that carried out another plan than that is a reason to stop.
pub(super) fn followed(plan: &Plan, globals: &Globals) -> Result<(Vec<Earlier>, Option<Lent>), Failure> {
    let (mut found, mut next) = (Vec::new(), plan.follows.clone());
    if next.is_none() {
        return Ok((found, None));
    }
    let store = store(globals)?;
    let all = store.list().map_err(|error| Failure::store(&error, globals))?;
    let (mut follower, mut since, mut over) = (plan.digest(), Since::default(), None);
    while let Some(Follows { run, plan: digest }) = next.filter(|_| found.len() < MOST) {
        if !all.iter().any(|listed| listed.run == run) {
            let more =
                vec![format!("run {run} and the signatures that were kept with it are not in this state directory")];
            return Ok((found, Some(Lent { run, plan: digest, more })));
        }
        let (before, journal) = recorded(&store, &run, globals)?;
        if before.digest() != digest {
            return Err(other_plan(&run, digest, &before, globals));
        }
        let fold = &journal.fold;
        take_up(&mut since, fold);
        over = over.or_else(|| why_over(&store, &run, fold, follower, &all));
        next = before.follows.clone();
        follower = digest;
        found.push(Earlier {
            signatures: signatures_of(&store, &run, globals)?,
            counted: fold.confirmations().iter().flat_map(|agreed| agreed.signed.clone()).collect(),
            since: since.clone(),
            over: over.clone(),
            plan: before,
            run,
        });
    }
    Ok((found, None))
}

fn other_plan(run: &RunId, named: Digest, carried_out: &Plan, globals: &Globals) -> Failure {
    let what = format!(
        "the plan says that it follows run {run} and plan {}, and that run has carried out plan {}",
        named.short(),
        carried_out.digest().short()
    );
    let next = globals.at_account(&format!("plan --from {run} --save follow-up-{run}.json"));
    Failure::yours(exit::NOT_APPLICABLE, what, next)
}

/// Adds what a run has done: every call that is not known not to have happened. What later runs have left of a step stays.
fn take_up(since: &mut Since, fold: &Fold) {
    for call in fold.calls().values().filter(|call| !matches!(call.state, CallState::Failed | CallState::DidNotHappen))
    {
        since.sent.insert((call.intent.step.clone(), call.intent.planned));
    }
    for call in fold.calls().values().filter(|call| call.state.has_landed()) {
        let key = &call.intent.step;
        if let Some(seen) = fold.step(key).and_then(|step| step.fingerprint) {
            since.left.entry(key.clone()).or_insert(seen);
        }
    }
}

/// Why what was signed for a run is at its end, where it is: every call is approved once, so that one plan alone follows another.
fn why_over(store: &RunStore, run: &RunId, fold: &Fold, follower: Digest, all: &[ListedRun]) -> Option<String> {
    if fold.closed().is_none() {
        return Some(format!("run {run} has not ended: it can be resumed"));
    }
    if let Some(undo) = undone_by(store, run, all) {
        return Some(format!("run {run} was taken back by run {}", undo.run));
    }
    let follows = |other: &&ListedRun| {
        let folder = store.folder(&other.run).ok();
        let plan = folder.and_then(|folder| read_plan(&folder.path().join(PLAN_FILE)).ok());
        plan.and_then(|plan| plan.follows).is_some_and(|follows| follows.run == *run)
    };
    let has_begun = |other: &&ListedRun| other.opened.as_ref().is_some_and(|opened| opened.plan != follower);
    let other = all.iter().filter(has_begun).find(follows)?;
    Some(format!("run {} has followed run {run} already", other.run))
}

/// The signatures that were kept with the plan of a run.
fn signatures_of(store: &RunStore, run: &RunId, globals: &Globals) -> Result<Vec<(String, String)>, Failure> {
    let folder = store.folder(run).map_err(|error| Failure::store(&error, globals))?;
    let found = signatures_beside(&folder.path().join(PLAN_FILE))?;
    let name = |file: &str| file.rsplit('/').next().unwrap_or(file).to_owned();
    Ok(found.into_iter().map(|(file, text)| (name(&file), text)).collect())
}
