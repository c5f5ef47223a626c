//! Runbook, graph and account become a plan: the exact calls of one phase, bound to what was seen.
//!
//! A plan is `propose(observe())` for every step. Making one reads the account and nothing else: the reader it is given
//! refuses everything but reads. Three pure checks follow, since all depend on real ids: work on the same entity is put
//! in order, a role outlives what AWS does with it, and whatever would cut the caller's own principal is refused. The result is data: the file that is saved
//! is the plan, its bytes are canonical, and their digest is what people approve.

mod caller;
mod diff;
mod expand;
mod file;
mod follow;
mod goal;
mod lock_out;
mod order;
mod permissions;
mod planned;
mod planner;
mod responder;
mod roles;
mod session_policy;
mod sweep;
mod tags;
mod undo;

pub use caller::{ActsAs, Caller, Surroundings, look_around};
pub use diff::PlanDiff;
pub use file::{PlanFileError, read_plan, write_plan};
pub use follow::{FOLLOWED_FOR, Follows, Since, beyond};
pub use permissions::{Need, needs_besides, needs_of_actions, needs_of_plan, needs_of_planning, policy_of};
pub use planned::{
    Edge, EdgeKind, FORMAT, NotRead, Outlook, Plan, PlannedAction, PlannedQuery, PlannedStep, PlannedWork, Restoring,
    RunbookRef, VALID_FOR,
};
pub use planner::{PlanError, PlanReport, Planner, Setting};
pub use responder::{HangsOn, Lacking, Part, Responder, Simulation, simulated};
pub use session_policy::{NoSessionPolicy, Reads, SessionPolicy, session_policy};
pub use sweep::{Sweep, enabled_regions, sweep};
pub use tags::{Tags, tagged};
pub use undo::{HeldStep, RunToUndo, StepToUndo, plan_undo};
