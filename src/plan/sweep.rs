//! Asks a query in every Region it is for.

use futures_util::future::join_all;
use serde_json::Value;

use super::{NotRead, PlannedQuery};
use crate::actions::{AnyQuery, Assignment, BadInput, Look, answered};
use crate::aws::{Fault, FaultKind, ListRegions, Reader};
use crate::base::{Region, StepId, StepKey};

/// What a query found in all Regions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sweep {
    /// What it found, Region by Region.
    pub items: Vec<Value>,
    /// The keys of the items.
    pub keys: Vec<String>,
    /// What was asked, one for each Region that answered.
    pub asked: Vec<PlannedQuery>,
    /// Where it could not look.
    pub not_read: Vec<NotRead>,
    /// Why what it found may not be all there is, if so. Nothing may be done on such a list.
    pub truncated: Option<String>,
    /// That the caller's credentials ended on the way, if so: nothing that was found can be relied on.
    pub expired: Option<Fault>,
}

impl Sweep {
    /// That nothing could be asked, since nobody knows where.
    pub(super) fn nowhere(query: &str, why: &Fault) -> Self {
        let not_read = NotRead { what: query.to_owned(), region: None, why: why.code.clone() };
        Self {
            not_read: vec![not_read],
            truncated: Some(format!("which Regions are enabled could not be read: {why}")),
            ..Self::default()
        }
    }
}

/// The Regions that are enabled in the account, in order: `account:ListRegions`.
pub async fn enabled_regions(reader: &Reader) -> Result<Vec<Region>, Fault> {
    let mut regions = reader.ask_all(ListRegions { next: None }).await?;
    regions.sort();
    Ok(regions)
}

/// Asks a query, in each of the Regions at once, or once where it is not regional. A Region that refuses is listed, not
/// fatal: an organisation may forbid it to everybody. `lacking`: why those whom it is asked about may not be all, if so.
pub async fn sweep(
    step: &StepId,
    query: &dyn AnyQuery,
    to: &Assignment,
    reader: &Reader,
    regions: &[Region],
    input: &Value,
    lacking: Option<&str>,
) -> Result<Sweep, BadInput> {
    let places: Vec<Option<&Region>> = if query.regional() { regions.iter().map(Some).collect() } else { vec![None] };
    let look = || Look::new(reader).where_makers_lack(lacking);
    let answers = join_all(places.iter().map(|region| answered(query, to, look(), *region, input))).await;
    let mut sweep = Sweep::default();
    for (region, answer) in places.into_iter().zip(answers) {
        match answer {
            Ok(answer) => {
                let key = match region {
                    Some(region) => StepKey::in_region(step.clone(), region.clone()),
                    None => StepKey::once(step.clone()),
                };
                sweep.asked.push(PlannedQuery {
                    key,
                    query: query.name().to_owned(),
                    input: input.clone(),
                    found: answer.keys.clone(),
                    makers: answer.makers,
                });
                sweep.items.extend(answer.items);
                sweep.keys.extend(answer.keys);
                sweep.truncated = sweep.truncated.or(answer.truncated);
            }
            Err(error) => {
                sweep.expired =
                    error.fault().filter(|fault| fault.kind == FaultKind::Expired).cloned().or(sweep.expired);
                let why = error.fault().map_or_else(|| error.to_string(), |fault| fault.code.clone());
                if let Some(fault) = error.fault().filter(|fault| fault.cuts_an_answer_short()) {
                    sweep.truncated = Some(fault.message.clone());
                }
                sweep.not_read.push(NotRead { what: query.name().to_owned(), region: region.cloned(), why });
            }
        }
    }
    if sweep.asked.is_empty() && !sweep.not_read.is_empty() {
        sweep.truncated = Some("nobody let us look anywhere".to_owned());
    }
    Ok(sweep)
}
