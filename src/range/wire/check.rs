//! Validates what a request says against the constraints of its shape, in AWS's words.

use serde_json::Value;

use super::table::{Kind, Service, Shape};

/// Longer values are not repeated in messages.
const LONGEST_SHOWN: usize = 256;

/// Every constraint that a value breaks, as one message, or nothing.
pub(super) fn violations(service: &Service, shape: &Shape, value: &Value) -> Option<String> {
    let mut found = Violations { service, found: Vec::new() };
    found.look(shape, value, "");
    match found.found.len() {
        0 => None,
        1 => Some(format!("1 validation error detected: {}", found.found[0])),
        count => Some(format!("{count} validation errors detected: {}", found.found.join("; "))),
    }
}

struct Violations<'a> {
    service: &'a Service,
    found: Vec<String>,
}

impl Violations<'_> {
    fn look(&mut self, shape: &Shape, value: &Value, path: &str) {
        match (shape.kind, value) {
            (Kind::Structure, Value::Object(members)) => {
                for member in &shape.members {
                    let path = below(path, &uncapitalised(&member.name));
                    match members.get(&member.name) {
                        Some(value) => self.look(self.service.shape_of(member), value, &path),
                        None if member.required => self.add(None, &path, "Member must not be null"),
                        None => {}
                    }
                }
                if shape.union && members.len() != 1 {
                    self.add(None, path, "Member must have exactly one of its fields set");
                }
            }
            (Kind::List, Value::Array(items)) => {
                self.length(shape, items.len(), None, path);
                for (index, item) in items.iter().enumerate() {
                    self.look(self.service.item_of(shape), item, &format!("{path}.{}.member", index + 1));
                }
            }
            (Kind::Map, Value::Object(entries)) => {
                self.length(shape, entries.len(), None, path);
                for (key, value) in entries {
                    let path = format!("{path}.{key}");
                    self.look(self.service.key_of(shape), &Value::String(key.clone()), &path);
                    self.look(self.service.value_of(shape), value, &format!("{path}.member"));
                }
            }
            (Kind::String, Value::String(text)) => self.text(shape, text, path),
            (Kind::Blob, Value::String(text)) => {
                let padding = text.bytes().rev().take_while(|&byte| byte == b'=').count();
                self.length(shape, (text.len() / 4 * 3).saturating_sub(padding), None, path);
            }
            (_, Value::Number(number)) => {
                let at = number.as_f64().unwrap_or(f64::NAN);
                if let Some(min) = shape.min.filter(|min| at < *min) {
                    let rule = format!("Member must have value greater than or equal to {min}");
                    self.add(Some(&number.to_string()), path, &rule);
                }
                if let Some(max) = shape.max.filter(|max| at > *max) {
                    let rule = format!("Member must have value less than or equal to {max}");
                    self.add(Some(&number.to_string()), path, &rule);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, shape: &Shape, text: &str, path: &str) {
        // A text that is too long is not put to its pattern: the time that takes would be the sender's to choose.
        if !self.length(shape, text.chars().count(), Some(text), path) {
            return;
        }
        if let Some(pattern) = shape.pattern.as_ref().filter(|pattern| !pattern.matches(text)) {
            let rule = format!("Member must satisfy regular expression pattern: {}", pattern.as_str());
            self.add(Some(text), path, &rule);
        }
        if !shape.allowed.is_empty() && !shape.allowed.iter().any(|allowed| allowed == text) {
            let rule = format!("Member must satisfy enum value set: [{}]", shape.allowed.join(", "));
            self.add(Some(text), path, &rule);
        }
    }

    fn length(&mut self, shape: &Shape, length: usize, shown: Option<&str>, path: &str) -> bool {
        let (length, before) = (length as f64, self.found.len());
        if let Some(min) = shape.min.filter(|min| length < *min) {
            self.add(shown, path, &format!("Member must have length greater than or equal to {min}"));
        }
        if let Some(max) = shape.max.filter(|max| length > *max) {
            self.add(shown, path, &format!("Member must have length less than or equal to {max}"));
        }
        self.found.len() == before
    }

    fn add(&mut self, value: Option<&str>, path: &str, rule: &str) {
        let value = match value {
            Some(text) if text.len() <= LONGEST_SHOWN => format!(" '{text}'"),
            None if rule.ends_with("null") => " null".to_owned(),
            _ => String::new(),
        };
        self.found.push(format!("Value{value} at '{path}' failed to satisfy constraint: {rule}"));
    }
}

fn below(path: &str, member: &str) -> String {
    if path.is_empty() { member.to_owned() } else { format!("{path}.{member}") }
}

fn uncapitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::ServiceName;
    use super::super::table::service;
    use super::*;

    fn of(name: ServiceName, shape: &str, value: Value) -> String {
        let service = service(name);
        violations(service, service.shape(shape), &value).unwrap_or_default()
    }

    #[test]
    fn messages_are_those_of_aws() {
        assert_eq!(
            of(ServiceName::Iam, "GetRoleRequest", json!({})),
            "1 validation error detected: Value null at 'roleName' failed to satisfy constraint: Member must not be null"
        );
        assert_eq!(
            of(ServiceName::Iam, "ListRolesRequest", json!({"PathPrefix": "x", "MaxItems": 1001})),
            "2 validation errors detected: Value 'x' at 'pathPrefix' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: \\u002F[\\u0021-\\u007F]*; Value '1001' at 'maxItems' failed to satisfy \
             constraint: Member must have value less than or equal to 1000"
        );
        assert_eq!(
            of(
                ServiceName::Iam,
                "UpdateAccessKeyRequest",
                json!({"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Off"})
            ),
            "1 validation error detected: Value 'Off' at 'status' failed to satisfy constraint: Member must satisfy enum \
             value set: [Active, Inactive, Expired]"
        );
        let long = "x".repeat(65);
        assert_eq!(
            of(ServiceName::Iam, "GetRoleRequest", json!({"RoleName": long})),
            format!(
                "1 validation error detected: Value '{long}' at 'roleName' failed to satisfy constraint: Member must \
                     have length less than or equal to 64"
            )
        );
    }

    #[test]
    fn nested_values_are_found() {
        let role = json!({"RoleName": "a", "AssumeRolePolicyDocument": "{}", "Tags": [{"Key": "k", "Value": "v"}, {"Key": ""}]});
        let found = of(ServiceName::Iam, "CreateRoleRequest", role);
        assert!(found.contains("at 'tags.2.member.key' failed"), "{found}");
        assert!(found.contains("null at 'tags.2.member.value' failed"), "{found}");
        let two = json!({"agentId": "AGENT00001", "agentVersion": "DRAFT", "actionGroupName": "a",
            "actionGroupExecutor": {"lambda": "arn:aws:lambda:us-east-1:111122223333:function:f", "customControl": "RETURN_CONTROL"}});
        let found = of(ServiceName::BedrockAgent, "CreateAgentActionGroupRequest", two);
        assert!(found.contains("at 'actionGroupExecutor' failed to satisfy constraint: Member must have exactly one"));
    }
}
