//! Credentials that end while a run is under way.

use std::collections::BTreeMap;
use std::time::Duration;

use super::account::Session;
use super::arguments::Globals;
use super::execute::{Carried, Desk};
use super::failure::Failure;
use super::phases::denied;
use super::rules::{Circumstances, Rules};
use super::{exit, sink};
use crate::base::Clock;
use crate::guard::{ApprovedPlan, Denied, continue_run};
use crate::journal::{Agreed, Fold, StepState};
use crate::plan::Plan;
use crate::run::Event;

/// How often it is looked whether somebody has renewed them.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// What was approved stays approved, and is finished. What no approval lifts may have been said since.
pub(super) fn may_go_on(
    plan: &Plan,
    agreed: Agreed,
    session: &Session,
    rules: &Rules,
    with: Circumstances<'_>,
) -> Result<Result<ApprovedPlan, Denied>, Failure> {
    let verdict = rules.judge(plan, with, Clock::real().now())?.clearance.verdict;
    Ok(match verdict.needs {
        None => Err(Denied::Guardrails(Box::new(verdict))),
        Some(_) => continue_run(plan.clone(), agreed, &session.around, session.world, session.clock.now()),
    })
}

/// A run at a terminal, whose credentials may end.
pub(super) struct Renewal<'a> {
    pub(super) plan: &'a Plan,
    /// What it was carried out with by then; the account is reached anew.
    pub(super) desk: Desk<'a>,
    pub(super) with: Circumstances<'a>,
}

impl Renewal<'_> {
    /// Where the credentials have ended and a person is there, says how they are renewed, waits for that, and goes on. Without a person, and
    /// where this program could not see new ones, the run stays stopped as it is. Nothing may hold the run meanwhile.
    pub(super) async fn outlive(
        mut self,
        mut carried: Carried,
        tell: &mut dyn FnMut(&Event),
    ) -> Result<Carried, Failure> {
        let Desk { globals, store, .. } = self.desk;
        let mut before = None;
        while carried.credentials_ended && sink::is_at_terminal() && can_change(globals) {
            // Where new credentials have brought it no further, they are not what is wrong.
            let reached = Some(reached(&carried.fold));
            if before == reached {
                break;
            }
            before = reached;
            let Some(session) = self.renewed().await else { break };
            let locked = store.lock(&carried.run).map_err(|error| Failure::store(&error, globals))?;
            let with = Circumstances { applies: Some(&session.around.caller), ..self.with };
            let approved = may_go_on(self.plan, carried.fold.agreed(), &session, &Rules::read(globals)?, with)?;
            let approved = approved.map_err(|why| denied(&why, &self.desk.resume))?;
            let desk = Desk { session: &session, ..self.desk.clone() };
            carried = desk.go_on(&approved, &locked, "the credentials were renewed", tell).await?;
        }
        Ok(carried)
    }

    /// The account again, with credentials that somebody has renewed; nothing when the run was told to stop.
    async fn renewed(&mut self) -> Option<Session> {
        sink::talk(&format!(
            "the credentials have ended, and nothing is sent\nin another terminal: {}\n\
             it goes on by itself then; Ctrl-C leaves it stopped, and it goes on with: {}\n",
            self.desk.globals.renewal(),
            self.desk.resume
        ));
        let mut said = String::new();
        while !*self.desk.stop.borrow() {
            tokio::select! {
                stopped = self.desk.stop.changed() => if stopped.is_err() { return None },
                () = tokio::time::sleep(LOOK_AGAIN) => match Session::reach(self.desk.globals).await {
                    Ok(session) => return Some(session),
                    // Said once, and waited out: a network that is gone comes back.
                    Err(failure) if failure.code != exit::CREDENTIALS && failure.what != said => {
                        failure.tell();
                        said = failure.what;
                    }
                    Err(_) => {}
                },
            }
        }
        None
    }
}

/// How far a run has come: the calls that have landed, and where its steps stand.
fn reached(fold: &Fold) -> (usize, BTreeMap<StepState, u64>) {
    let landed = fold.calls().values().filter(|call| call.state.has_landed()).count();
    (landed, fold.counts().clone())
}

/// Whether new credentials could reach this program: what stands in its environment stays as it was.
fn can_change(globals: &Globals) -> bool {
    globals.profile.is_some() || std::env::var_os("AWS_ACCESS_KEY_ID").is_none()
}
