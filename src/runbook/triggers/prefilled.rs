//! What an event has for a runbook, of the types that the runbook takes, and what a person has to add.

use std::collections::BTreeMap;

use crate::detect::{Facts, Filled, Missing, Trigger};
use crate::runbook::Parameter;

/// The values of a runbook's parameters, as far as an event has them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prefilled {
    /// Values by parameter, in their one form.
    pub values: BTreeMap<String, Filled>,
    /// What the runbook must be told, and the event does not say.
    pub open: Vec<Missing>,
    /// What the trigger speaks of, the event does not say, and the runbook does without.
    pub left_out: Vec<Missing>,
}

/// Fills the parameters of a trigger's runbook from what an event says. Nothing is guessed.
pub fn prefilled(trigger: &Trigger, facts: &Facts, declared: &[Parameter]) -> Prefilled {
    let mapped = trigger.parameters(facts);
    let mut missing = mapped.missing;
    let mut values = BTreeMap::new();
    for (name, filled) in mapped.values {
        let parameter = declared.iter().find(|parameter| parameter.name == name);
        match parameter.map(|parameter| parameter.read(&filled.value)) {
            Some(Ok(value)) => drop(values.insert(name, Filled { value, ..filled })),
            Some(Err(error)) => {
                missing.push(Missing { why: format!("the event has no value for it: {error}"), parameter: name })
            }
            // The runbook is another one by now, and is not told what it does not take.
            None => {}
        }
    }
    let why = |name: &str| missing.iter().find(|one| one.parameter == name).map(|one| one.why.clone());
    let mut open: Vec<Missing> = Vec::new();
    for parameter in declared.iter().filter(|parameter| !values.contains_key(&parameter.name)) {
        let name = &parameter.name;
        let is_one_of = !parameter.or.is_empty();
        if is_one_of && !parameter.or.iter().any(|other| values.contains_key(other)) {
            let names: Vec<String> = [name].into_iter().chain(&parameter.or).map(|name| format!("`{name}`")).collect();
            let reasons: Vec<String> = [name].into_iter().chain(&parameter.or).filter_map(|name| why(name)).collect();
            let why = format!("one of {} has to be given: {}", names.join(", "), reasons.join("; "));
            open.push(Missing { parameter: name.clone(), why });
        } else if !is_one_of && parameter.default.is_none() && !parameter.optional {
            let why = why(name).unwrap_or_else(|| "the trigger does not speak of it".to_owned());
            open.push(Missing { parameter: name.clone(), why });
        }
    }
    missing.retain(|one| !open.iter().any(|known| known.parameter == one.parameter));
    missing.sort_by(|one, other| one.parameter.cmp(&other.parameter));
    Prefilled { values, open, left_out: missing }
}
