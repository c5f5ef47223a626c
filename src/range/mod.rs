//! The range: simulated AWS accounts.
//!
//! It refuses what AWS refuses, is eventually consistent where AWS is, throttles, and authorises every call. It is the
//! witness in every test, so it shares no type with what it judges: it knows only the rooms `base` and `iam`.
//!
//! A [`Scenario`] says what is in the account, who works there, who attacks and what breaks. [`Range::open`] makes the
//! world of it, [`Range`] answers calls, [`Actors`] play the scenario's people, and [`Judgement`] is what came of it.
//! What AWS does and how that is known stands in `FACTS.md`.

mod actors;
mod dice;
mod judge;
mod model;
pub mod scenario;
mod services;
#[cfg(test)]
mod tests;
pub mod wire;
mod world;

pub use actors::Actors;
pub use judge::{Attempt, Holder, Judgement, SeenCall};
pub use scenario::{Scenario, ScenarioError};
pub use world::{Credentials, InFlight, Moment, Range, TrailEvent, TrailIdentity};
