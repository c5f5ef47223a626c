//! Whom a trust policy admits, as far as its Allow statements name them.

use serde_json::Value;

use super::document::PolicyDocument;
use super::statement::StatementEffect;

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
}
