//! How long a run takes on the virtual clock, over what AWS alone makes it take.

use std::error::Error;
use std::time::Duration;

use quell::base::Phase;
use quell::plan::Plan;
use serde_yaml::{Mapping, Value};
use tokio::time::Instant;

use crate::bound::lower_bound;
use crate::figure::{Bound, Figure};
use crate::stage::Stage;

const SEED: u64 = 7;

/// Measures the shipped runbook, in the account of its scenario and with fifty agents. Nobody attacks meanwhile: how often
/// an intruder is put back is no matter of speed.
pub(crate) fn measure() -> Result<Vec<Figure>, Box<dyn Error>> {
    let scenario = include_str!("../rogue-bedrock-agent.yaml");
    let mut figures = runs("shipped scenario", scenario)?;
    figures.extend(runs("50 agents", &with_agents(scenario, 50)?)?);
    Ok(figures)
}

/// Runs the phases one after the other, as `quell run` does.
fn runs(which: &str, scenario: &str) -> Result<Vec<Figure>, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(async {
        let stage = Stage::open(include_str!("../../runbooks/rogue-bedrock-agent.yaml"), scenario, SEED);
        let state = tempfile::tempdir()?;
        let mut figures = Vec::new();
        for (number, phase) in [Phase::Contain, Phase::Eradicate].into_iter().enumerate() {
            let plan: Plan = stage.plan(phase).await;
            let approved = stage.approve(plan).await;
            let (account, calls_before) = (stage.range.state(), stage.range.trail().len());
            let started = Instant::now();
            let end = stage.execute(&approved, &format!("be9c000{number}"), state.path(), |_| {}).await;
            let makespan = started.elapsed();
            let trail = stage.range.trail().split_off(calls_before);
            let bound = lower_bound(approved.plan(), &end.fold, &trail, (&account, &stage.scenario.knobs));
            figures.push(Figure {
                what: format!("makespan of {phase} over its bound, {which}"),
                value: makespan.as_secs_f64() / bound.time.as_secs_f64(),
                unit: "",
                bound: Bound::AtMost(1.15),
                note: format!("{} over {}: {}", seconds(makespan), seconds(bound.time), bound.because),
            });
        }
        Ok(figures)
    })
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// The scenario with so many more rogue agents, spread over two Regions.
fn with_agents(scenario: &str, count: usize) -> Result<String, Box<dyn Error>> {
    let mut scenario: Value = serde_yaml::from_str(scenario)?;
    let agents = scenario["account"]["agents"].as_sequence_mut().ok_or("the scenario has agents")?;
    for number in 0..count {
        let region = ["us-east-1", "eu-west-1"][number % 2];
        let mut agent = Mapping::new();
        agent.insert("name".into(), format!("rogue-{number}").into());
        agent.insert("region".into(), region.into());
        agent.insert("role".into(), "agent-runner".into());
        agent.insert("aliases".into(), serde_yaml::from_str("[{ name: live }]")?);
        agent.insert("created_ago".into(), "2h".into());
        // Of whom nobody is known to be the maker would be shut, and stay.
        let maker = "arn:aws:sts::111122223333:assumed-role/ml-pipeline/stolen-session";
        agent.insert("created_by".into(), maker.into());
        agents.push(agent.into());
    }
    Ok(serde_yaml::to_string(&scenario)?)
}
