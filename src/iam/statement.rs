//! One statement of a policy document.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::compare::arn_matches;
use super::condition::Condition;
use super::context::Context;
use super::error::PolicyError;
use super::pattern::{NoPattern, Pattern, Reading};
use super::principal_element::PrincipalElement;
use super::truth::{Doubt, Truth};

/// What a statement does when it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementEffect {
    /// Allows.
    Allow,
    /// Denies, whatever else allows.
    Deny,
}

/// A list of texts, or everything but them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Scope {
    names: Vec<String>,
    except: bool,
}

/// A statement: its JSON as it was read or built, and what that means.
#[derive(Debug, Clone)]
pub struct Statement {
    json: Map<String, Value>,
    sid: Option<String>,
    effect: StatementEffect,
    principal: Option<(PrincipalElement, bool)>,
    actions: Scope,
    resources: Option<Scope>,
    conditions: Vec<Condition>,
    strange: Vec<String>,
}

impl PartialEq for Statement {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

const ELEMENTS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

impl TryFrom<Value> for Statement {
    type Error = PolicyError;

    fn try_from(json: Value) -> Result<Self, PolicyError> {
        let Value::Object(json) = json else { return Err(PolicyError::malformed("a statement is not an object")) };
        refuse_other_case(&json, &ELEMENTS)?;
        let sid = match json.get("Sid") {
            None => None,
            Some(Value::String(sid)) if sid.bytes().all(|b| b.is_ascii_alphanumeric()) => Some(sid.clone()),
            Some(_) => return Err(PolicyError::malformed("`Sid` is not made of letters and digits")),
        };
        let effect = match json.get("Effect").and_then(Value::as_str) {
            Some("Allow") => StatementEffect::Allow,
            Some("Deny") => StatementEffect::Deny,
            _ => return Err(PolicyError::malformed("`Effect` is neither `Allow` nor `Deny`")),
        };
        let principal = match either(&json, "Principal", "NotPrincipal")? {
            Some((element, except)) => Some((PrincipalElement::read(element)?, except)),
            None => None,
        };
        let actions = Scope::read(&json, "Action", "NotAction")?
            .ok_or_else(|| PolicyError::malformed("a statement has neither `Action` nor `NotAction`"))?;
        if let Some(action) = actions.names.iter().find(|name| *name != "*" && !name.contains(':')) {
            return Err(PolicyError::malformed(format!("the action `{action}` does not name a service")));
        }
        let conditions = json.get("Condition").map_or(Ok(Vec::new()), Condition::read_all)?;
        let strange = json.keys().filter(|name| !ELEMENTS.contains(&name.as_str())).cloned().collect();
        let resources = Scope::read(&json, "Resource", "NotResource")?;
        Ok(Self { sid, effect, principal, actions, resources, conditions, strange, json })
    }
}

impl Statement {
    /// The statement's id.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// Whether it allows or denies.
    pub fn effect(&self) -> StatementEffect {
        self.effect
    }

    /// The statement as JSON.
    pub fn json(&self) -> &Map<String, Value> {
        &self.json
    }

    /// The Principal element, and whether it was NotPrincipal.
    pub(super) fn principal(&self) -> Option<(&PrincipalElement, bool)> {
        self.principal.as_ref().map(|(element, except)| (element, *except))
    }

    pub(super) fn has_resource(&self) -> bool {
        self.resources.is_some()
    }

    /// Whether action, resource and conditions match; who asks is not looked at.
    pub(super) fn matches(&self, action: &str, resource: &str, context: &Context, has_variables: bool) -> Truth {
        let variables = has_variables.then_some(context);
        let action_matches =
            self.actions.holds(|name| Pattern::with_wildcards(name).matches_ignoring_case(action).into());
        let resource_matches = match &self.resources {
            None => Truth::Yes,
            Some(scope) => scope.holds(|name| resource_matches(name, resource, variables, scope.except)),
        };
        let strange = Truth::all(self.strange.iter().map(|name| Truth::doubt(Doubt::Member(name.clone()))));
        let conditions = self.conditions.iter().map(|condition| condition.is_met(context, variables));
        Truth::all([action_matches, resource_matches, strange].into_iter().chain(conditions))
    }
}

impl Serialize for Statement {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Statement {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Value::deserialize(from)?.try_into().map_err(D::Error::custom)
    }
}

impl Scope {
    fn read(json: &Map<String, Value>, plain: &str, negated: &str) -> Result<Option<Self>, PolicyError> {
        let Some((value, except)) = either(json, plain, negated)? else { return Ok(None) };
        let names: Option<Vec<String>> = match value {
            Value::String(name) => Some(vec![name.clone()]),
            Value::Array(names) => names.iter().map(|name| name.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        match names {
            Some(names) if !names.is_empty() => Ok(Some(Self { names, except })),
            _ => Err(PolicyError::malformed(format!("`{plain}` is neither text nor a list of texts"))),
        }
    }

    fn holds(&self, test: impl Fn(&str) -> Truth) -> Truth {
        let some = Truth::any(self.names.iter().map(|name| test(name)));
        if self.except { some.not() } else { some }
    }
}

/// Whether a resource is named. Each of the six parts of an ARN is matched for itself; a shorter one is filled up with
/// `*` as IAM does. The resource `*`, which is that of actions without one, is named by `*` only.
fn resource_matches(name: &str, resource: &str, variables: Option<&Context>, except: bool) -> Truth {
    if name == "*" {
        return Truth::Yes;
    }
    let pattern = match Pattern::read(name, Reading { wildcards: true, variables }) {
        Ok(pattern) => pattern,
        Err(NoPattern::NoValue) if except => return Truth::doubt(Doubt::Value(name.to_owned())),
        Err(NoPattern::NoValue) => return Truth::No,
        Err(NoPattern::Doubt(doubt)) => return Truth::doubt(doubt),
    };
    let mut parts = pattern.arn_parts();
    while parts.len() < 6 {
        parts.push(Pattern::with_wildcards("*"));
    }
    arn_matches(&parts, resource).into()
}

/// The one of two elements that is there.
fn either<'a>(
    json: &'a Map<String, Value>,
    plain: &str,
    negated: &str,
) -> Result<Option<(&'a Value, bool)>, PolicyError> {
    match (json.get(plain), json.get(negated)) {
        (Some(_), Some(_)) => Err(PolicyError::malformed(format!("a statement has both `{plain}` and `{negated}`"))),
        (Some(value), None) => Ok(Some((value, false))),
        (None, Some(value)) => Ok(Some((value, true))),
        (None, None) => Ok(None),
    }
}

/// Refuses `effect` for `Effect`: a reader that took it for an unknown member would drop what it says.
pub(super) fn refuse_other_case(json: &Map<String, Value>, known: &[&str]) -> Result<(), PolicyError> {
    for name in json.keys() {
        if let Some(right) = known.iter().find(|right| name.eq_ignore_ascii_case(right) && name != *right) {
            return Err(PolicyError::malformed(format!("the element `{name}` has to be written `{right}`")));
        }
    }
    Ok(())
}

impl schemars::JsonSchema for Statement {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Statement".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "object", "description": "A statement of an IAM policy document." })
    }
}
