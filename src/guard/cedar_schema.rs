//! What guardrails can speak of: the schema against which Cedar checks them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::aws::operations;
use crate::base::Effect;

/// What stands in front of the actions.
const TYPES: &str = r#"// What guardrails can speak of. Written by quell: a test keeps it as it is.

// Who applies the plan: a person, a detection, or `quell rehearse`.
entity Commander, Automation, Rehearsal = { name: String };

entity Account = { id: String, partition: String };

// What a call is about. `kind` and `name` are as the plan shows them, `path` leads to it from its parent, such as `alice/AKIA…`; `region` is empty for what is
// global. `protected` and `break_glass` are those of guardrails.yaml. The tags are those of the thing itself, or of what it
// belongs to: none where AWS did not tell them, and in an undo or a rehearsal, which ask for none.
entity Thing in [Account] = {
  kind: String,
  name: String,
  path: String,
  region: String,
  protected: Bool,
  break_glass: Bool,
  tags_known: Bool,
} tags String;

type Circumstances = {
  // The plan.
  incident: String,
  runbook: String,
  phase: String,
  undo: Bool,
  principals: Long, // roles and users that its calls are about, with what is theirs
  reversible: Long, // steps
  irreversible: Long, // steps
  // The step of the call: `none seen`, `degrades`, `not known` or `outage`.
  impact: String,
  // Whether the call is for good. Taking back what quell itself has made and can make again is not, whatever the group of the call.
  for_good: Bool,
  // Where the incident comes from: `person`, or the source of an event.
  source: String,
  // guardrails.yaml.
  account_listed: Bool,
  account_protected: Bool,
  prepared: Bool,
  frozen: Bool,
  most_principals: Long,
  most_irreversible: Long,
  // The moment, in UTC: seconds since 1970, the hour, and the day from 1 for Monday to 7.
  time: Long,
  hour: Long,
  weekday: Long,
  // The rules of approvals.yaml that signatures meet.
  approvals: Set<String>,
  break_glass: Bool,
};
"#;

/// The schema: the types, and every call that changes an account, in the group of its effect and of its service.
pub fn cedar_schema() -> String {
    let changing = || operations().filter(|row| row.effect.is_mutating());
    let mut text = TYPES.to_owned();
    let groups: BTreeSet<&str> = [Effect::Reversible, Effect::Irreversible]
        .map(Effect::as_str)
        .into_iter()
        .chain(changing().map(|row| row.service.as_str()))
        .collect();
    let groups: Vec<String> = groups.into_iter().map(|group| format!("\"{group}\"")).collect();
    // Writing to a text cannot fail.
    let _ = write!(text, "\naction {};\n", groups.join(", "));
    let calls: BTreeSet<(&str, String, &str)> =
        changing().map(|row| (row.service.as_str(), row.full_name().to_string(), row.effect.as_str())).collect();
    for (service, name, effect) in calls {
        let _ = write!(
            text,
            "\naction \"{name}\" in [\"{effect}\", \"{service}\"] appliesTo {{\n  principal: [Commander, Automation, Rehearsal],\n  \
             resource: Thing,\n  context: Circumstances,\n}};\n"
        );
    }
    text
}
