//! Reads scenarios and says where they are wrong.

use super::Scenario;
use super::check::check;

/// Why a text is not a scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{place}`: {why}")]
pub struct ScenarioError {
    /// The path of the place, such as `adversary.holds[0].role`.
    pub place: String,
    /// The reason, as a fragment; with line and column where the text itself is wrong.
    pub why: String,
}

impl ScenarioError {
    pub(super) fn at(place: impl Into<String>, why: impl Into<String>) -> Self {
        Self { place: place.into(), why: why.into() }
    }
}

impl Scenario {
    /// Reads a scenario. Of what is not YAML or of a wrong type the first is an error, of names that lead nowhere all are.
    pub fn parse(text: &str) -> Result<Self, Vec<ScenarioError>> {
        let scenario: Self = serde_path_to_error::deserialize(serde_yaml::Deserializer::from_str(text))
            .map_err(|error| vec![ScenarioError::at(error.path().to_string(), error.inner().to_string())])?;
        let mistakes = check(&scenario);
        if mistakes.is_empty() { Ok(scenario) } else { Err(mistakes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> ScenarioError {
        let mut all = Scenario::parse(text).expect_err("not a scenario");
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    #[test]
    fn names_that_lead_nowhere_are_told_all_at_once() {
        let text = "scenario: 1\naccount: { agents: [{ name: a, region: mars-1, role: nobody }] }\nadversary: { holds: [{ name: a, kind: key }] }";
        let all = Scenario::parse(text).expect_err("not a scenario");
        let places: Vec<&str> = all.iter().map(|one| one.place.as_str()).collect();
        assert_eq!(places, ["account.agents[0].region", "account.agents[0].role", "adversary.holds[0].key"]);
    }

    #[test]
    fn an_error_names_its_place() {
        assert_eq!(refused("scenario: 1\nknobs: { latency: soon }").place, "knobs.latency");
        assert_eq!(refused("scenario: 1\nknobs: { no_such_knob: 1 }").place, "knobs.no_such_knob");
        assert_eq!(refused("scenario: 2").place, "scenario");
        assert_eq!(refused("scenario: 1\nfaults: [{ operation: PutRole, kind: reset }]").place, "faults[0].operation");
        let missing = refused("scenario: 1\nadversary: { holds: [{ name: a, kind: session, role: nobody }] }");
        assert_eq!(missing.to_string(), "`adversary.holds[0].role`: the account has no role `nobody`");
    }

    #[test]
    fn an_empty_account_is_a_scenario() {
        let scenario = Scenario::parse("scenario: 1").expect("a scenario");
        assert_eq!(scenario.account.id, "111122223333");
        assert_eq!(scenario.start.to_string(), "2026-11-22T03:00:00Z");
    }

    #[test]
    fn the_schema_knows_every_part() {
        let schema = serde_json::to_value(schemars::schema_for!(Scenario)).expect("JSON");
        assert!(schema["properties"]["adversary"].is_object());
    }
}
