//! Keeps in full what queries find that is evidence, before a run destroys anything.

use futures_util::future::join_all;

use super::desk::Halt;
use crate::actions::{Look, LookError, registry};
use crate::aws::{FaultKind, Reader, Service};
use crate::base::Effect;
use crate::evidence::EvidenceStore;
use crate::journal::Record;
use crate::plan::Plan;

/// Whether the plan destroys something, so that evidence has to be kept first. Otherwise it is kept meanwhile: containing waits for
/// nobody.
pub(super) fn comes_first(plan: &Plan) -> bool {
    let destroys = |effect, service| effect == Effect::Irreversible && service != Service::Support;
    plan.calls().any(|(_, call)| destroys(call.operation().effect, call.operation().service))
}

/// Keeps what the plan's queries find that is evidence, and says in the run's journal what was kept where.
pub(super) async fn keep(plan: &Plan, reader: &Reader, evidence: &EvidenceStore) -> Result<Vec<Record>, Halt> {
    let to = plan.assignment();
    let questions = plan.questions();
    let kept = questions.iter().filter_map(|asked| {
        let query = registry().query(&asked.query).filter(|query| query.keeps())?;
        let to = &to;
        Some(async move { (asked, query.keep(to, Look::new(reader), asked.key.region.as_ref(), &asked.input).await) })
    });
    let mut records = Vec::new();
    for (asked, found) in join_all(kept).await {
        let place = asked.key.region.as_ref().map_or("the account".to_owned(), ToString::to_string);
        let (query, step) = (&asked.query, &asked.key.step);
        match found {
            Ok(found) if found.is_empty() => {}
            Ok(found) => {
                let sealed = evidence.seal(&found)?;
                let digest = sealed.map_or_else(|| evidence.keep(&found), Ok)?;
                let how = if sealed.is_some() { "kept, sealed," } else { "kept" };
                let text = format!("`{step}`: what `{query}` found in {place} is {how} as evidence {}", digest.short());
                records.push(Record::Note { text, undone_by: None, evidence: Some(digest) });
            }
            Err(LookError::Fault(fault)) if fault.kind == FaultKind::Expired => return Err(Halt::Credentials(fault)),
            Err(error) => {
                let why = error.fault().map_or_else(|| error.to_string(), ToString::to_string);
                // What AWS will not show is lost with what is destroyed, and whoever approved the plan knew. What only failed is not.
                let forbidden = error.fault().is_some_and(|fault| fault.kind == FaultKind::Forbidden);
                if comes_first(plan) && !forbidden && plan.queries.contains(asked) {
                    return Err(Halt::Evidence(format!("`{step}`: {why}")));
                }
                records.push(Record::note(format!("`{step}`: `{query}` could not be kept in {place}: {why}")));
            }
        }
    }
    Ok(records)
}
