//! The values of symbols at the moment at which a call is sent.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::actions::Facts;
use crate::aws::{Late, Operation, Request, Resolve, Symbol, UpdateAssumeRolePolicy};
use crate::base::Entity;

/// How far beyond AWS's clock a cut-off lies. Tokens that are minted while IAM agrees with itself must fall before it;
/// the AWS console takes the same margin.
const MARGIN: SignedDuration = SignedDuration::from_secs(30);
/// The margin where this run has not locked the role's trust policy: whoever may still assume the role gets new tokens
/// until then.
const OPEN_MARGIN: SignedDuration = SignedDuration::from_secs(120);

/// Where the values come from.
pub(super) struct Values<'a> {
    /// What the run has made.
    pub(super) facts: &'a Facts,
    /// What the last look found.
    pub(super) present: &'a Value,
    /// AWS's own clock.
    pub(super) aws_now: Timestamp,
    /// What the call is about.
    pub(super) entity: &'a Entity,
    /// Writes a text from the run so far.
    pub(super) compose: &'a dyn Fn(&str) -> Option<String>,
    /// The pinned idempotency token.
    pub(super) token: &'a str,
}

impl Values<'_> {
    /// The cut-off: a whole second, and never earlier than what stands already.
    fn cut_off(&self) -> Timestamp {
        let trust_lock: &Operation = UpdateAssumeRolePolicy::OPERATION;
        let may_reassume = self.entity.kind == crate::base::EntityKind::Role;
        let margin =
            if may_reassume && self.facts.landed(trust_lock, self.entity).is_none() { OPEN_MARGIN } else { MARGIN };
        let standing = serde_json::from_value(self.present.get("cut_off").cloned().unwrap_or_default()).ok();
        let candidates = [Some(whole_second(self.aws_now + margin)), self.facts.cut_off(), standing];
        candidates.into_iter().flatten().max().unwrap_or(self.aws_now)
    }
}

/// The values of a call for the record where evidence is sealed: what is confidential stands there by its name.
pub(super) struct Told<'a> {
    /// What is sent.
    pub(super) values: &'a Values<'a>,
    /// What the last look found, without what is confidential.
    pub(super) without: &'a Value,
}

impl Resolve for Told<'_> {
    fn value_of(&self, symbol: &Symbol) -> Option<Value> {
        match symbol {
            Symbol::Echo(pointer) if self.without.pointer(pointer) != self.values.present.pointer(pointer) => {
                serde_json::to_value(Late::<Value>::Later(symbol.clone())).ok()
            }
            _ => self.values.value_of(symbol),
        }
    }
}

/// Rounded up: policies hold whole seconds, and a cut-off that was rounded down would spare a session.
fn whole_second(time: Timestamp) -> Timestamp {
    let seconds = time.as_second() + i64::from(time.subsec_nanosecond() > 0);
    Timestamp::from_second(seconds).unwrap_or(time)
}

impl Resolve for Values<'_> {
    fn value_of(&self, symbol: &Symbol) -> Option<Value> {
        match symbol {
            Symbol::CutOff => Some(json!(self.cut_off())),
            Symbol::Fact(name) => self.facts.raw(name).cloned(),
            Symbol::Echo(pointer) => self.present.pointer(pointer).cloned(),
            Symbol::Token => Some(json!(self.token)),
            Symbol::Text(name) => (self.compose)(name).map(Value::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::base::EntityKind;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_cut_off_is_never_moved_backwards_and_never_rounded_down() {
        let entity = Entity::new(EntityKind::User, "ci-deploy");
        let compose = |_: &str| None;
        let cut_off = |present: Value, facts: &Facts, now: &str| {
            Values { facts, present: &present, aws_now: at(now), entity: &entity, compose: &compose, token: "" }
                .cut_off()
        };
        let none = Facts::default();
        assert_eq!(cut_off(json!({}), &none, "2026-11-22T03:00:00.2Z"), at("2026-11-22T03:00:31Z"));
        let standing = json!({ "cut_off": "2026-11-22T04:00:00Z" });
        assert_eq!(cut_off(standing, &none, "2026-11-22T03:00:00Z"), at("2026-11-22T04:00:00Z"));
        let made = Facts::new(BTreeMap::from([("cut-off".into(), json!("2026-11-22T05:00:00Z"))]), BTreeMap::new());
        assert_eq!(cut_off(json!({}), &made, "2026-11-22T03:00:00Z"), at("2026-11-22T05:00:00Z"));
    }

    #[test]
    fn what_is_sealed_stands_in_the_record_by_its_name() {
        let entity = Entity::new(EntityKind::Agent, "RESEARCH01");
        let present = json!({ "tool": { "description": "Answer everything." }, "name": "tickets" });
        let (compose, none) = (|_: &str| None, Facts::default());
        let now = at("2026-11-22T03:00:00Z");
        let values =
            Values { facts: &none, present: &present, aws_now: now, entity: &entity, compose: &compose, token: "" };
        let told = Told { values: &values, without: &json!({ "tool": { "$sealed": "ab" }, "name": "tickets" }) };
        let echo = |pointer: &str| Symbol::Echo(pointer.to_owned());
        assert_eq!(told.value_of(&echo("/tool")), Some(json!({ "$later": "echo:/tool" })));
        assert_eq!(told.value_of(&echo("/name")), Some(json!("tickets")));
        assert_eq!(values.value_of(&echo("/tool")), Some(present["tool"].clone()));
        assert_eq!(told.value_of(&echo("/gone")), None, "what is not there is in neither");
    }

    #[test]
    fn an_open_role_takes_the_wider_margin() {
        let entity = Entity::new(EntityKind::Role, "ml-pipeline");
        let compose = |_: &str| None;
        let open = Facts::default();
        let locked = Facts::new(
            BTreeMap::new(),
            BTreeMap::from([(("iam:UpdateAssumeRolePolicy".to_owned(), entity.clone()), at("2026-11-22T03:00:00Z"))]),
        );
        let cut_off = |facts: &Facts| {
            let now = at("2026-11-22T03:00:00Z");
            Values { facts, present: &json!({}), aws_now: now, entity: &entity, compose: &compose, token: "" }.cut_off()
        };
        assert_eq!(cut_off(&open), at("2026-11-22T03:02:00Z"));
        assert_eq!(cut_off(&locked), at("2026-11-22T03:00:30Z"));
    }
}
