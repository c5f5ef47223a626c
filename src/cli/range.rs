//! `quell range serve`.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use super::failure::{Failure, chain};
use super::{exit, sink};
use crate::base::Clock;
use crate::range::wire::{Endpoint, listen};
use crate::range::{Actors, Range, Scenario};
use crate::runbook::place;

/// Serves a simulated account in real time until it is told to stop.
pub(super) async fn serve(scenario: Option<&Path>, address: SocketAddr, seed: Option<u64>) -> Result<(), Failure> {
    let scenario = match scenario {
        Some(path) => read_scenario(path)?,
        None => Scenario::default(),
    };
    let seed = seed.unwrap_or(scenario.seed);
    let signals = |kind| signal(kind).map_err(|error| Failure::machine(&error, super::entry::same_command_with(&[])));
    let (mut interrupt, mut terminate) = (signals(SignalKind::interrupt())?, signals(SignalKind::terminate())?);
    let clock = Clock::real();
    let range = Range::open(&scenario, seed, clock.clone());
    let endpoint = Arc::new(Endpoint::new(Arc::new(range.clone()), clock, seed));
    let listening = listen(address)
        .await
        .map_err(|error| Failure::yours(exit::ERROR, chain(&error), "quell range serve --listen 127.0.0.1:0"))?;
    let url = format!("http://{}", listening.address());
    sink::data(&format!("{url}\n"));
    let keys = range.responder();
    sink::talk(&format!(
        "a range, not AWS: account {}, until Ctrl-C\nAWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1\n",
        scenario.account.id, keys.access_key, keys.secret_key
    ));
    let actors = Actors::start(&range, &scenario);
    let stop = async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    listening.serve(endpoint, stop).await;
    actors.stop().await;
    Ok(())
}

/// Reads a scenario from a file.
pub(super) fn read_scenario(path: &Path) -> Result<Scenario, Failure> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::yours(exit::ERROR, format!("failed to read scenario `{name}`: {error}"), "quell schema scenario")
    })?;
    parse_scenario(&text, &name.to_string())
}

/// Reads a scenario from its text.
pub(super) fn parse_scenario(text: &str, name: &str) -> Result<Scenario, Failure> {
    Scenario::parse(text).map_err(|mistakes| {
        let mut lines: Vec<String> = mistakes
            .iter()
            .map(|mistake| match place(text, &mistake.place) {
                Some((line, column)) => format!("{name}:{line}:{column}: {mistake}"),
                None => format!("{name}: {mistake}"),
            })
            .collect();
        if lines.len() > 1 {
            lines.insert(0, format!("`{name}` is not a sound scenario:"));
        }
        Failure::yours(exit::ERROR, lines.join("\n  "), "quell schema scenario")
    })
}
