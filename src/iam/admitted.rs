//! Whom a trust policy admits, as far as its Allow statements name them.

use serde_json::Value;

use super::document::PolicyDocument;
use super::statement::{Statement, StatementEffect};

/// Whom the Allow statements of a trust policy name. Conditions may admit fewer; the lists are for people to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Admitted {
    /// AWS services, such as `ecs-tasks.amazonaws.com`.
    pub services: Vec<String>,
    /// Everybody else: accounts, principals, identity providers, `*`.
    pub others: Vec<String>,
    /// Principals that have been deleted: IAM shows their unique id, and refuses to write it back.
    pub dead: Vec<String>,
}

impl PolicyDocument {
    /// Whom the document's Allow statements name, each once, in order of appearance.
    pub fn admitted(&self) -> Admitted {
        let mut admitted = Admitted::default();
        for statement in self.statements().iter().filter(|one| one.effect() == StatementEffect::Allow) {
            match statement.json().get("Principal") {
                Some(Value::Object(kinds)) => {
                    for (kind, names) in kinds {
                        texts(names).for_each(|name| admitted.add(kind, name));
                    }
                }
                Some(Value::String(everybody)) => admitted.add("AWS", everybody),
                _ => {}
            }
        }
        admitted
    }

    /// The document without the principals that have been deleted, which IAM refuses to write back: they stand for nobody. A
    /// statement about nobody else goes; nothing where none is left.
    ///
    /// What names them in `NotPrincipal` stays as it is: without them it could be about everybody.
    pub fn without_dead(&self) -> Option<Self> {
        let left: Vec<Statement> = self.statements().iter().filter_map(without_dead).collect();
        (!left.is_empty()).then(|| self.with_statements(left))
    }
}

fn without_dead(statement: &Statement) -> Option<Statement> {
    let mut json = statement.json().clone();
    let Some(Value::Object(kinds)) = json.get_mut("Principal") else { return Some(statement.clone()) };
    let Some(names) = kinds.get_mut("AWS") else { return Some(statement.clone()) };
    if !texts(names).any(is_dead) {
        return Some(statement.clone());
    }
    let alive: Vec<Value> = texts(names).filter(|name| !is_dead(name)).map(Value::from).collect();
    match alive.is_empty() {
        true => kinds.remove("AWS"),
        false => kinds.insert("AWS".to_owned(), alive.into()),
    };
    if kinds.is_empty() {
        return None;
    }
    // It was read before, and less of it is as sound.
    Statement::try_from(Value::Object(json)).ok()
}

impl Admitted {
    fn add(&mut self, kind: &str, name: &str) {
        let list = match kind {
            "Service" => &mut self.services,
            _ if is_dead(name) => &mut self.dead,
            _ => &mut self.others,
        };
        if !list.iter().any(|known| known == name) {
            list.push(name.to_owned());
        }
    }
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let one = value.as_str();
    one.into_iter().chain(value.as_array().into_iter().flatten().filter_map(Value::as_str))
}

fn is_dead(name: &str) -> bool {
    ["AIDA", "AROA"].iter().any(|prefix| name.starts_with(prefix)) && !name.contains(':')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn services_people_and_the_dead_are_told_apart() {
        let text = r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Principal":{"Service":["ecs-tasks.amazonaws.com"],"AWS":["arn:aws:iam::444455556666:root","AROAEXAMPLEID"]},"Action":"sts:AssumeRole"},
            {"Effect":"Deny","Principal":{"AWS":"777788889999"},"Action":"sts:AssumeRole"}]}"#;
        let admitted = PolicyDocument::parse(text).expect("a policy").admitted();
        assert_eq!(admitted.services, ["ecs-tasks.amazonaws.com"]);
        assert_eq!(admitted.others, ["arn:aws:iam::444455556666:root"]);
        assert_eq!(admitted.dead, ["AROAEXAMPLEID"]);
    }

    #[test]
    fn the_dead_are_taken_out_and_nobody_else() {
        let of = |principals: &[Value]| {
            let statement =
                |principal| json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" });
            let statements: Vec<Value> = principals.iter().map(statement).collect();
            PolicyDocument::try_from(json!({ "Version": "2012-10-17", "Statement": statements })).expect("a policy")
        };
        let service = json!({ "Service": "ecs-tasks.amazonaws.com" });
        let (dead, root) = ("AIDAEXAMPLEID", "arn:aws:iam::444455556666:root");
        let with = of(&[service.clone(), json!({ "AWS": dead }), json!({ "AWS": [dead, root] }), json!("*")]);
        assert_eq!(with.without_dead(), Some(of(&[service.clone(), json!({ "AWS": [root] }), json!("*")])));
        let both = json!({ "AWS": dead, "Service": "ecs-tasks.amazonaws.com" });
        assert_eq!(of(&[both]).without_dead(), Some(of(std::slice::from_ref(&service))));
        assert_eq!(of(&[json!({ "AWS": [dead] })]).without_dead(), None);
    }
}
