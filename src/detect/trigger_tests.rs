use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::base::TriggerName;

const ROLE: &str = "arn:aws:iam::111122223333:role/web-task";

fn trigger(parameters: &[(&str, Filling)]) -> Trigger {
    let written = json!({ "source": ["aws.bedrock"] });
    Trigger {
        name: TriggerName::new("agent-made").expect("a name"),
        title: "Somebody made an agent".to_owned(),
        grade: Grade::Suspicious,
        runbook: "rogue-bedrock-agent".to_owned(),
        unattended: Unattended::Never,
        pattern: Pattern::read(&written.to_string()).expect("a pattern"),
        written,
        parameters: parameters.iter().map(|(name, filling)| ((*name).to_owned(), filling.clone())).collect(),
        dedupe: vec![Fact::Account, Fact::Principal],
        window: Duration::from_secs(6 * 3600),
        after: None,
    }
}

fn facts(said: &[(Fact, &str)], unsaid: &[(Fact, &str)]) -> Facts {
    let mut facts = Facts::default();
    for (number, (fact, value)) in said.iter().enumerate() {
        let said = Said { value: (*value).to_owned(), at: format!("detail.{number}") };
        facts.said.entry(*fact).or_default().push(said);
    }
    facts.unsaid = unsaid.iter().map(|(fact, why)| Unsaid { fact: *fact, why: (*why).to_owned() }).collect();
    facts
}

fn value(mapped: &Mapped, parameter: &str) -> Option<Value> {
    mapped.values.get(parameter).map(|filled| filled.value.clone())
}

#[test]
fn one_incident_is_one_runbook_about_one_principal() {
    let said = facts(&[(Fact::Account, "111122223333"), (Fact::Principal, ROLE)], &[]);
    let key = trigger(&[]).key(&said).expect("all of it is said");
    assert_eq!(key, ["runbook=rogue-bedrock-agent", "account=111122223333", &format!("principal={ROLE}")]);
    let other = Trigger { name: TriggerName::new("agent-changed").expect("a name"), ..trigger(&[]) };
    assert_eq!(other.key(&said), Some(key.clone()), "two triggers of one runbook tell of one incident");
    let elsewhere = Trigger { runbook: "llmjacking".to_owned(), ..trigger(&[]) };
    assert_ne!(elsewhere.key(&said), Some(key.clone()));
    let nobody = facts(&[(Fact::Account, "111122223333")], &[]);
    assert_eq!(trigger(&[]).key(&nobody), None, "whom the event does not name is nobody's namesake");
    let several = |order: [&str; 2]| {
        let all = [(Fact::Account, "1"), (Fact::Principal, order[0]), (Fact::Principal, order[1])];
        trigger(&[]).key(&facts(&all, &[]))
    };
    assert_eq!(several(["a", "b"]), several(["b", "a"]));
}

#[test]
fn values_come_from_the_event_with_their_places() {
    let trigger = trigger(&[
        ("principal", Filling::From { fact: Fact::Role, earlier: Duration::ZERO }),
        ("since", Filling::From { fact: Fact::Time, earlier: Duration::from_secs(3600) }),
        ("principals", Filling::All(Fact::Role)),
        ("delete_unknown", Filling::Is(json!(false))),
    ]);
    let mapped = trigger.parameters(&facts(&[(Fact::Role, ROLE), (Fact::Time, "2026-11-22T03:00:00.25Z")], &[]));
    assert_eq!(mapped.missing, []);
    assert_eq!(value(&mapped, "principal"), Some(json!(ROLE)));
    assert_eq!(value(&mapped, "since"), Some(json!("2026-11-22T02:00:00Z")));
    assert_eq!(value(&mapped, "principals"), Some(json!([ROLE])));
    assert_eq!(value(&mapped, "delete_unknown"), Some(json!(false)));
    let origin = |fact, at: &str, earlier| Origin::Event { fact, at: vec![at.to_owned()], earlier };
    assert_eq!(mapped.values["since"].origin, origin(Fact::Time, "detail.1", Duration::from_secs(3600)));
    assert_eq!(mapped.values["delete_unknown"].origin, Origin::Trigger);
}

#[test]
fn what_the_event_does_not_say_is_not_guessed() {
    let trigger = trigger(&[
        ("principal", Filling::From { fact: Fact::Role, earlier: Duration::ZERO }),
        ("user", Filling::From { fact: Fact::User, earlier: Duration::ZERO }),
        ("since", Filling::From { fact: Fact::Time, earlier: Duration::from_secs(60) }),
        ("key", Filling::Ask("the key that was stolen".to_owned())),
    ]);
    let said = facts(&[(Fact::Role, "a"), (Fact::Role, "b"), (Fact::Time, "today")], &[(Fact::User, "it was a role")]);
    let mapped = trigger.parameters(&said);
    assert_eq!(mapped.values, BTreeMap::new());
    let why: Vec<(&str, &str)> = mapped.missing.iter().map(|one| (one.parameter.as_str(), one.why.as_str())).collect();
    assert_eq!(
        why,
        [
            ("key", "no event says it: the key that was stolen"),
            ("principal", "the event names 2 for `role`, and which is meant only a person can say: `a`, `b`"),
            ("since", "`today` at `detail.2` is no point in time"),
            ("user", "it was a role"),
        ]
    );
}
