//! From what an event says to the values of a runbook's parameters. Nothing is guessed.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Fact, Facts, Said, Trigger};

/// Where the value of a parameter comes from, as a trigger says it.
#[derive(Debug, Clone, PartialEq)]
pub enum Filling {
    /// The one value of a fact.
    From {
        /// The fact.
        fact: Fact,
        /// How much earlier than the point in time that it is.
        earlier: Duration,
    },
    /// Every value of a fact, as a list.
    All(Fact),
    /// Always the same value.
    Is(Value),
    /// A person has to say it: what they have to find out.
    Ask(String),
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The event says it.
    Event {
        /// As which fact.
        fact: Fact,
        /// Its paths in the event.
        at: Vec<String>,
        /// How much earlier it is than what stands there.
        earlier: Duration,
    },
    /// The trigger says it.
    Trigger,
}

/// A value for a parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    /// The value.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

/// A parameter that got no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Its name.
    pub parameter: String,
    /// Why, as a fragment for people.
    pub why: String,
}

/// What a trigger makes of an event.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mapped {
    /// Values by parameter.
    pub values: BTreeMap<String, Filled>,
    /// Parameters that the trigger speaks of and that got none, by name.
    pub missing: Vec<Missing>,
}

impl Trigger {
    /// The values that an event has for the parameters of the runbook.
    pub fn parameters(&self, facts: &Facts) -> Mapped {
        let mut mapped = Mapped::default();
        for (parameter, filling) in &self.parameters {
            match filling.fill(facts) {
                Ok(filled) => drop(mapped.values.insert(parameter.clone(), filled)),
                Err(why) => mapped.missing.push(Missing { parameter: parameter.clone(), why }),
            }
        }
        mapped
    }
}

impl Filling {
    fn fill(&self, facts: &Facts) -> Result<Filled, String> {
        match self {
            Self::From { fact, earlier } => {
                let said = facts.one(*fact).ok_or_else(|| why_not(facts, *fact))?;
                let value = moved(said, *earlier)?;
                let origin = Origin::Event { fact: *fact, at: vec![said.at.clone()], earlier: *earlier };
                Ok(Filled { value: value.into(), origin })
            }
            Self::All(fact) => match facts.all(*fact) {
                [] => Err(why_not(facts, *fact)),
                all => Ok(Filled {
                    value: all.iter().map(|said| said.value.as_str()).collect(),
                    origin: Origin::Event {
                        fact: *fact,
                        at: all.iter().map(|said| said.at.clone()).collect(),
                        earlier: Duration::ZERO,
                    },
                }),
            },
            Self::Is(value) => Ok(Filled { value: value.clone(), origin: Origin::Trigger }),
            Self::Ask(what) => Err(format!("no event says it: {what}")),
        }
    }
}

/// A point in time as much earlier; anything else as it is.
fn moved(said: &Said, earlier: Duration) -> Result<String, String> {
    if earlier.is_zero() {
        return Ok(said.value.clone());
    }
    let moved = said.value.parse::<Timestamp>().ok().and_then(|time| {
        let time = time.checked_sub(SignedDuration::try_from(earlier).ok()?).ok()?;
        // Fractions are noise in what is compared with the times of CloudTrail.
        Timestamp::from_second(time.as_second()).ok()
    });
    moved.map(|time| time.to_string()).ok_or_else(|| format!("`{}` at `{}` is no point in time", said.value, said.at))
}

/// Why there is no one value of a fact.
fn why_not(facts: &Facts, fact: Fact) -> String {
    let several = facts.all(fact);
    if !several.is_empty() {
        let values: Vec<String> = several.iter().map(|said| format!("`{}`", said.value)).collect();
        return format!(
            "the event names {} for `{fact}`, and which is meant only a person can say: {}",
            values.len(),
            values.join(", ")
        );
    }
    match facts.unsaid().iter().find(|unsaid| unsaid.fact == fact) {
        Some(unsaid) => unsaid.why.clone(),
        None => format!("the event does not say `{fact}`"),
    }
}
