//! Judges a finished plan by policies in Cedar, call by call.
//!
//! The policies are those of `policies/guardrails/`, which are part of the program, and those of the company beside them. What they can speak of
//! is [`cedar_schema`]. A plan is allowed when each of its calls is, and so is what its steps may do within their envelopes.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

use cedar_policy::{
    AuthorizationError, Authorizer, Context, Decision, Entities, EntityId, EntityUid, ParseErrors, PolicyId, PolicySet,
    Request, Schema, ValidationMode, Validator,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use miette::Diagnostic;
use serde_json::{Value, json};

use super::cedar_schema::cedar_schema;
use super::guardrail_setting::{GuardrailSetting, is_of, owner};
use super::verdict::{Reason, SaidHere, Verdict, Who};
use crate::aws::Operation;
use crate::base::{Arn, Effect, StepKey, Target};
use crate::plan::{Plan, PlannedAction};

/// The policies that are part of the program.
const SHIPPED: [(&str, &str); 4] = [
    ("basis.cedar", include_str!("../../policies/guardrails/basis.cedar")),
    ("break-glass.cedar", include_str!("../../policies/guardrails/break-glass.cedar")),
    ("attended.cedar", include_str!("../../policies/guardrails/attended.cedar")),
    ("unattended.cedar", include_str!("../../policies/guardrails/unattended.cedar")),
];
/// With more approvals than this, not every set of them is tried: each that is not needed is left out, one after the other.
const MOST_TRIED: usize = 10;

/// Those that are part of the program. A test holds them against the schema, so that no command has to.
static OURS: LazyLock<PolicySet> = LazyLock::new(|| {
    let mut policies = PolicySet::new();
    for (file, text) in SHIPPED {
        let read = parsed(file, text).and_then(|read| named(file, text, &read)).expect("a test reads them");
        policies.merge(&read, false).expect("a test reads them");
    }
    policies
});

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let (schema, _) = Schema::from_cedarschema_str(&cedar_schema()).expect("a test reads the schema");
    schema
});

/// Policies, and what the company tells them.
#[derive(Debug, Clone)]
pub struct Guardrails {
    policies: PolicySet,
    setting: GuardrailSetting,
}

/// What is wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadGuardrail {
    /// The file.
    pub file: String,
    /// Where in its text, in bytes; all of it where nothing tells.
    pub at: Range<usize>,
    /// What is wrong.
    pub what: String,
    /// What would mend it, where that is known.
    pub help: Option<String>,
}

impl Default for Guardrails {
    fn default() -> Self {
        Self { policies: OURS.clone(), setting: GuardrailSetting::default() }
    }
}

/// What a plan is judged with besides the policies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenApprovals {
    /// The rules that signatures meet.
    pub approvals: BTreeSet<String>,
    /// All rules that there are.
    pub known: BTreeSet<String>,
    /// Whether one signature and a reason stand for the rest.
    pub break_glass: bool,
}

impl Guardrails {
    /// The policies that are part of the program, with files of the company: each a name and a text.
    ///
    /// # Errors
    /// Everything that is wrong with the company's files, each with its place.
    pub fn new(setting: GuardrailSetting, files: &[(String, String)]) -> Result<Self, Vec<BadGuardrail>> {
        let mut policies = OURS.clone();
        let mut bad = Vec::new();
        for (file, text) in files {
            match read(file, text) {
                Ok(read) => {
                    for policy in read.policies() {
                        if policies.add(policy.clone()).is_err() {
                            bad.push(BadGuardrail {
                                file: file.clone(),
                                at: 0..text.len(),
                                what: format!("there is another guardrail `{}`", policy.id()),
                                help: Some("give it another `@id`".to_owned()),
                            });
                        }
                    }
                }
                Err(found) => bad.extend(found),
            }
        }
        if bad.is_empty() { Ok(Self { policies, setting }) } else { Err(bad) }
    }

    /// Holds against the schema what a plan is judged with, which no judgement has to, since it is always of the same form.
    ///
    /// # Errors
    /// What does not fit.
    pub fn fits_the_schema(&self, plan: &Plan, now: Timestamp) -> Result<(), String> {
        for who in Who::ALL {
            let asked = Asked::of(plan, who, now, &self.setting, false, None);
            Entities::from_json_value(Value::Array(asked.things()), Some(&SCHEMA)).map_err(|error| chain(&error))?;
            for call in &asked.calls {
                let mut context = call.context.clone();
                context["approvals"] = json!(["one"]);
                let action = uid("Action", &call.operation.full_name().to_string());
                let context =
                    Context::from_json_value(context, Some((&SCHEMA, &action))).map_err(|error| chain(&error))?;
                Request::new(asked.principal.clone(), action, call.thing.clone(), context, Some(&SCHEMA))
                    .map_err(|error| chain(&error))?;
            }
        }
        Ok(())
    }

    /// Whether anything may happen unattended at all: what is precious has to be named first.
    pub fn is_prepared(&self) -> bool {
        self.setting.is_prepared()
    }

    /// Whom no plan touches.
    pub fn break_glass(&self) -> &BTreeSet<Arn> {
        &self.setting.break_glass
    }

    /// Judges a plan for one who would apply it.
    pub fn judge(&self, plan: &Plan, who: Who, now: Timestamp, given: &GivenApprovals) -> Verdict {
        let asked = Asked::of(plan, who, now, &self.setting, given.break_glass, None);
        // A call that nothing forbids and nothing permits is not allowed either.
        let allows = |approvals: &BTreeSet<String>| {
            asked.calls.iter().all(|call| self.forbids(call, &asked, approvals).is_none())
        };
        let none = BTreeSet::new();
        let mut reasons: BTreeMap<String, Reason> = BTreeMap::new();
        for call in &asked.calls {
            let Some(forbidding) = self.forbids(call, &asked, &none) else { continue };
            let named = forbidding.iter().map(|id| (id.to_string(), self.reason(id)));
            let unnamed = forbidding.is_empty().then(|| (String::new(), nothing_permits()));
            for (id, reason) in named.chain(unnamed) {
                reasons.entry(id).or_insert(reason).calls.insert(call.told.clone());
            }
        }
        let needs = if reasons.is_empty() {
            Some(none)
        } else {
            // A rule that no policy speaks of lifts nothing.
            let texts: Vec<String> = self.policies.policies().map(ToString::to_string).collect();
            let spoken_of = |name: &&String| texts.iter().any(|text| text.contains(&format!("{name:?}")));
            let named = self.policies.policies().filter_map(|policy| policy.annotation("approval"));
            let known = given.known.iter().filter(spoken_of).cloned();
            smallest(&named.map(str::to_owned).chain(known).collect(), allows)
        };
        Verdict {
            plan: plan.digest(),
            who,
            allowed: if given.approvals.is_empty() { reasons.is_empty() } else { allows(&given.approvals) },
            needs,
            given: given.approvals.clone(),
            break_glass: given.break_glass,
            reasons: reasons.into_values().collect(),
            said_here: SaidHere,
        }
    }

    /// What the company tells the policies.
    pub(super) fn setting(&self) -> &GuardrailSetting {
        &self.setting
    }

    /// The steps with a call that is forbidden without any approval, and why.
    pub(super) fn forbidden(&self, asked: &Asked) -> BTreeMap<StepKey, String> {
        let none = BTreeSet::new();
        let forbidden = asked.calls.iter().filter_map(|call| {
            let by = self.forbids(call, asked, &none)?;
            let why = by.first().map_or_else(nothing_permits, |id| self.reason(id)).why;
            Some((call.step.clone(), format!("{}: {why}", call.told)))
        });
        forbidden.collect()
    }

    /// The policies that forbid a call; nothing where it is allowed.
    fn forbids(&self, call: &AskedCall, asked: &Asked, approvals: &BTreeSet<String>) -> Option<Vec<PolicyId>> {
        let mut context = call.context.clone();
        context["approvals"] = json!(approvals);
        let action = uid("Action", &call.operation.full_name().to_string());
        let context = Context::from_json_value(context, None).expect("plain values");
        let request = Request::new(asked.principal.clone(), action, call.thing.clone(), context, None);
        let request = request.expect("nothing to hold it against");
        let response = Authorizer::new().is_authorized(&request, &self.policies, &asked.entities);
        // A policy that fails says nothing, and what nobody has understood is not allowed.
        let failed = response.diagnostics().errors().map(|error| match error {
            AuthorizationError::PolicyEvaluationError(error) => error.policy_id().clone(),
        });
        let failed: Vec<PolicyId> = failed.collect();
        if response.decision() == Decision::Allow && failed.is_empty() {
            return None;
        }
        let forbidding = match response.decision() {
            Decision::Deny => response.diagnostics().reason().cloned().collect(),
            Decision::Allow => vec![],
        };
        Some([failed, forbidding].concat())
    }

    fn reason(&self, id: &PolicyId) -> Reason {
        let said = self.policies.annotation(id, "reason").filter(|why| !why.is_empty());
        Reason {
            guardrail: id.to_string(),
            why: said.map_or_else(|| "it is forbidden, and the guardrail gives no `@reason`".to_owned(), str::to_owned),
            calls: BTreeSet::new(),
        }
    }
}

fn nothing_permits() -> Reason {
    let why = "no guardrail permits it".to_owned();
    Reason { guardrail: "none".to_owned(), why, calls: BTreeSet::new() }
}

/// The smallest set of approvals with which something is allowed.
fn smallest(all: &BTreeSet<String>, allows: impl Fn(&BTreeSet<String>) -> bool) -> Option<BTreeSet<String>> {
    if all.len() > MOST_TRIED {
        if !allows(all) {
            return None;
        }
        let mut needed = all.clone();
        for one in all {
            let without: BTreeSet<String> = needed.iter().filter(|other| *other != one).cloned().collect();
            if allows(&without) {
                needed = without;
            }
        }
        return Some(needed);
    }
    let all: Vec<&String> = all.iter().collect();
    let mut sets: Vec<u32> = (0..1_u32 << all.len()).collect();
    sets.sort_by_key(|set| set.count_ones());
    let named =
        |set: u32| all.iter().enumerate().filter(move |(at, _)| set >> at & 1 == 1).map(|(_, one)| (*one).clone());
    sets.into_iter().map(|set| named(set).collect::<BTreeSet<_>>()).find(|set| allows(set))
}

/// What is asked about a plan, or a part of it.
pub(super) struct Asked {
    principal: EntityUid,
    entities: Entities,
    /// The entities as they were written, and how many of them are things: behind them come the actions.
    written: (Vec<Value>, usize),
    calls: Vec<AskedCall>,
}

struct AskedCall {
    operation: &'static Operation,
    thing: EntityUid,
    /// Without the approvals.
    context: Value,
    /// In words.
    told: String,
    step: StepKey,
}

impl Asked {
    pub(super) fn of(
        plan: &Plan,
        who: Who,
        now: Timestamp,
        setting: &GuardrailSetting,
        break_glass: bool,
        only: Option<&BTreeSet<StepKey>>,
    ) -> Self {
        let actions = || plan.actions().filter(|(step, _)| only.is_none_or(|only| only.contains(&step.key)));
        let name = plan.caller.arn.as_str();
        let principal = uid(who.cedar(), name);
        let account = &plan.place.account;
        let targets: Vec<Target> =
            actions().flat_map(|(_, action)| calls_of(plan, action)).map(|(_, target)| target).collect();
        let principals: BTreeSet<_> = targets.iter().filter_map(owner).collect();
        let clock = now.to_zoned(TimeZone::UTC);
        let around = json!({
            "incident": plan.incident,
            "runbook": plan.runbook.name,
            "phase": plan.phase.as_str(),
            "undo": plan.undoes.is_some(),
            "principals": principals.len(),
            "reversible": plan.count(Effect::Reversible),
            "irreversible": plan.count(Effect::Irreversible),
            "source": if who == Who::Automation { "detection" } else { "person" },
            "account_listed": setting.lists(account),
            "account_protected": setting.protected_accounts.contains(account),
            "prepared": setting.is_prepared(),
            "frozen": setting.is_frozen(now),
            "most_principals": setting.caps.principals,
            "most_irreversible": setting.caps.irreversible,
            "time": now.as_second(),
            "hour": clock.hour(),
            "weekday": clock.weekday().to_monday_one_offset(),
            "break_glass": break_glass,
        });
        let mut entities = vec![
            json!({ "uid": { "type": who.cedar(), "id": name }, "attrs": { "name": name }, "parents": [] }),
            json!({
                "uid": { "type": "Account", "id": account },
                "attrs": { "id": account, "partition": plan.place.partition },
                "parents": [],
            }),
        ];
        let mut things = BTreeSet::new();
        let mut calls = Vec::new();
        for (step, action) in actions() {
            let own = action.of_registry().map_or(&[][..], |known| known.own());
            for (operation, target) in calls_of(plan, action) {
                let mut context = around.clone();
                context["impact"] = action.story.impact.as_str().into();
                context["for_good"] = (operation.effect == Effect::Irreversible && !own.contains(&operation)).into();
                let id = format!("{target} of {}", target.account);
                if things.insert(id.clone()) {
                    entities.push(thing(&id, &target, plan.tags_of(&target), setting));
                }
                let told = format!("{} on {target}", operation.full_name());
                let step = step.key.clone();
                calls.push(AskedCall { operation, thing: uid("Thing", &id), context, told, step });
            }
        }
        let things = entities.len();
        // Without a schema nothing else says which group an action is in.
        let operations: BTreeSet<_> = calls.iter().map(|call| call.operation.full_name().to_string()).collect();
        let in_groups = operations.iter().filter_map(|name| {
            let row = calls.iter().map(|call| call.operation).find(|row| row.full_name().to_string() == *name)?;
            let groups = [row.effect.as_str(), row.service.as_str()];
            let parents = groups.map(|group| json!({ "type": "Action", "id": group }));
            Some(json!({ "uid": { "type": "Action", "id": name }, "attrs": {}, "parents": parents }))
        });
        entities.extend(in_groups);
        let written = (entities.clone(), things);
        let entities = Entities::from_json_value(Value::Array(entities), None).expect("plain values");
        Self { principal, entities, written, calls }
    }

    /// All entities but the actions, which a schema has itself.
    fn things(&self) -> Vec<Value> {
        self.written.0[..self.written.1].to_vec()
    }
}

/// What a step may send: the calls that the plan lists, and what it may put back on its own target when the account has moved on.
fn calls_of(plan: &Plan, action: &PlannedAction) -> Vec<(&'static Operation, Target)> {
    let listed = action.calls().map(|call| (call.operation(), plan.place.target(call.region(), call.entity())));
    let mut calls: Vec<_> = listed.collect();
    let declared = action.of_registry().map_or(&[][..], |known| known.sends());
    if action.refusal().is_none() && action.envelope > 0 {
        let reversible = declared.iter().filter(|operation| operation.effect == Effect::Reversible);
        calls.extend(reversible.map(|operation| (*operation, action.target.clone())));
    }
    calls
}

fn thing(id: &str, target: &Target, tags: Option<&BTreeMap<String, String>>, setting: &GuardrailSetting) -> Value {
    json!({
        "uid": { "type": "Thing", "id": id },
        "attrs": {
            "kind": target.entity.kind.as_str(),
            "name": target.entity.id(),
            "path": target.entity.path.join("/"),
            "region": target.region.as_ref().map_or("", |region| region.as_str()),
            "protected": is_of(target, &setting.protected_principals),
            "break_glass": is_of(target, &setting.break_glass),
            "tags_known": tags.is_some(),
        },
        "tags": tags.cloned().unwrap_or_default(),
        "parents": [{ "type": "Account", "id": target.account }],
    })
}

fn uid(kind: &str, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.parse().expect("a type of the schema"), EntityId::new(id))
}

/// An error with all that it says, for people.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn bad(file: &str, text: &str, error: &dyn Diagnostic) -> BadGuardrail {
    let label = error.labels().and_then(|mut labels| labels.next());
    let at = label.map_or(0..text.len(), |label| label.offset()..label.offset() + label.len());
    let help = error.help().map(|help| help.to_string());
    BadGuardrail { file: file.to_owned(), at, what: error.to_string(), help }
}

/// Reads a file of policies, and checks them against the schema.
fn read(file: &str, text: &str) -> Result<PolicySet, Vec<BadGuardrail>> {
    let parsed = parsed(file, text)?;
    let found = Validator::new(SCHEMA.clone()).validate(&parsed, ValidationMode::default());
    let wrong: Vec<BadGuardrail> = found.validation_errors().map(|error| bad(file, text, error)).collect();
    if wrong.is_empty() { named(file, text, &parsed) } else { Err(wrong) }
}

fn parsed(file: &str, text: &str) -> Result<PolicySet, Vec<BadGuardrail>> {
    let parsed: PolicySet = text
        .parse()
        .map_err(|errors: ParseErrors| errors.iter().map(|error| bad(file, text, error)).collect::<Vec<_>>())?;
    if let Some(template) = parsed.templates().next() {
        let what = format!("guardrail `{}` is a template, and nothing would fill it in", template.id());
        return Err(vec![BadGuardrail { file: file.to_owned(), at: 0..text.len(), what, help: None }]);
    }
    Ok(parsed)
}

/// The policies under their own names.
fn named(file: &str, text: &str, parsed: &PolicySet) -> Result<PolicySet, Vec<BadGuardrail>> {
    let mut named = PolicySet::new();
    let stem = file.trim_end_matches(".cedar");
    for (number, policy) in parsed.policies().enumerate() {
        let id = policy.annotation("id").map_or_else(|| format!("{stem}-{}", number + 1), str::to_owned);
        let twice = |_| {
            vec![BadGuardrail {
                file: file.to_owned(),
                at: 0..text.len(),
                what: format!("there are two guardrails `{id}`"),
                help: Some("give one of them another `@id`".to_owned()),
            }]
        };
        named.add(policy.new_id(PolicyId::new(&id))).map_err(twice)?;
    }
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_are_part_of_the_program_are_sound() {
        for (file, text) in SHIPPED {
            let read = read(file, text).unwrap_or_else(|bad| panic!("{bad:?}"));
            for policy in read.policies() {
                let forbids = policy.effect() == cedar_policy::Effect::Forbid;
                assert!(policy.annotation("id").is_some(), "{file}: a guardrail without a name");
                assert!(!forbids || policy.annotation("reason").is_some(), "{}: no reason", policy.id());
            }
        }
    }
}
