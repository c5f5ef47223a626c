//! A whole policy document.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::error::PolicyError;
use super::json::StrictJson;
use super::statement::{Statement, StatementEffect, refuse_other_case};

const MEMBERS: [&str; 3] = ["Version", "Id", "Statement"];

/// An IAM policy document. It serialises as the document itself.
///
/// Reading follows IAM's grammar: one statement or a list, text or a list of texts, names of elements as documented,
/// no member twice, no character outside Latin-1. Members and operators that we do not know survive unchanged, and make
/// the statements they concern undecidable.
#[derive(Debug, Clone)]
pub struct PolicyDocument {
    json: Map<String, Value>,
    statements: Vec<Statement>,
}

impl PartialEq for PolicyDocument {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

impl PolicyDocument {
    /// Reads a document. IAM returns documents URL-encoded; decode them first.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let StrictJson(json) = serde_json::from_str(text).map_err(|error| PolicyError::malformed(error.to_string()))?;
        json.try_into()
    }

    /// Makes a document of version 2012-10-17 with one statement.
    pub fn of(statement: Statement) -> Self {
        let json = json!({ "Version": "2012-10-17", "Statement": [statement.json()] });
        Self { json: as_object(json), statements: vec![statement] }
    }

    /// The document as compact JSON, its members in the order they were read or built in.
    pub fn to_json(&self) -> String {
        Value::Object(self.json.clone()).to_string()
    }

    /// The characters that IAM's quotas count: all but white space.
    pub fn size(&self) -> usize {
        self.to_json().chars().filter(|c| !c.is_whitespace()).count()
    }

    /// The statements, in order.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Finds a statement by its id.
    pub fn find_statement(&self, sid: &str) -> Option<&Statement> {
        self.statements.iter().find(|statement| statement.sid() == Some(sid))
    }

    /// Returns the document with one statement more, in front of the others. IAM wants statement ids to be unique: take
    /// an earlier statement of the same id out first.
    pub fn with_statement_first(&self, statement: Statement) -> Self {
        let mut statements = vec![statement];
        statements.extend(self.statements.iter().cloned());
        self.with_statements(statements)
    }

    /// Returns the document without the statements of this id; nothing if none would be left, since IAM accepts no
    /// document without statements.
    pub fn without_statement(&self, sid: &str) -> Option<Self> {
        let left: Vec<Statement> =
            self.statements.iter().filter(|statement| statement.sid() != Some(sid)).cloned().collect();
        (!left.is_empty()).then(|| self.with_statements(left))
    }

    /// Whether it gives nobody anything: every statement denies.
    pub fn only_denies(&self) -> bool {
        self.statements.iter().all(|statement| statement.effect() == StatementEffect::Deny)
    }

    /// Checks what IAM asks of an identity policy: every statement names resources and no principal.
    pub fn check_identity(&self) -> Result<(), PolicyError> {
        for statement in &self.statements {
            if statement.principal().is_some() {
                return Err(PolicyError::malformed("an identity policy names a principal"));
            }
            if !statement.has_resource() {
                return Err(PolicyError::malformed("a statement names no resource"));
            }
        }
        Ok(())
    }

    /// Checks what IAM asks of a trust policy: every statement names a principal, without NotPrincipal, and no resource.
    pub fn check_trust(&self) -> Result<(), PolicyError> {
        for statement in &self.statements {
            match statement.principal() {
                Some((_, false)) => {}
                Some((_, true)) => return Err(PolicyError::malformed("a trust policy has `NotPrincipal`")),
                None => return Err(PolicyError::malformed("a statement names no principal")),
            }
            if statement.has_resource() {
                return Err(PolicyError::malformed("a trust policy names a resource"));
            }
        }
        Ok(())
    }

    pub(super) fn with_statements(&self, statements: Vec<Statement>) -> Self {
        let mut json = self.json.clone();
        let list = statements.iter().map(|statement| Value::Object(statement.json().clone())).collect();
        json.insert("Statement".to_owned(), Value::Array(list));
        Self { json, statements }
    }

    /// Whether `${…}` stands for a value: only in version 2012-10-17.
    pub(super) fn has_variables(&self) -> bool {
        self.json.get("Version").and_then(Value::as_str) == Some("2012-10-17")
    }

    /// The members of the document itself that we do not know.
    pub(super) fn strange_members(&self) -> impl Iterator<Item = &String> {
        self.json.keys().filter(|name| !MEMBERS.contains(&name.as_str()))
    }
}

impl TryFrom<Value> for PolicyDocument {
    type Error = PolicyError;

    fn try_from(json: Value) -> Result<Self, PolicyError> {
        let Value::Object(json) = json else { return Err(PolicyError::malformed("it is not an object")) };
        refuse_other_case(&json, &MEMBERS)?;
        let text = Value::Object(json.clone()).to_string();
        if let Some(character) = text.chars().find(|c| !matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FF}')) {
            return Err(PolicyError::Character { character });
        }
        match json.get("Version") {
            None => {}
            Some(Value::String(version)) if version == "2012-10-17" || version == "2008-10-17" => {}
            Some(_) => return Err(PolicyError::malformed("`Version` is neither `2012-10-17` nor `2008-10-17`")),
        }
        let statements = match json.get("Statement") {
            Some(Value::Array(list)) if !list.is_empty() => list.clone(),
            Some(one @ Value::Object(_)) => vec![one.clone()],
            _ => return Err(PolicyError::malformed("`Statement` is neither a statement nor a list of statements")),
        };
        let statements = statements.into_iter().map(Statement::try_from).collect::<Result<Vec<_>, _>>()?;
        let mut sids = BTreeSet::new();
        if let Some(sid) = statements.iter().filter_map(Statement::sid).find(|sid| !sids.insert(*sid)) {
            return Err(PolicyError::malformed(format!("the statement id `{sid}` stands twice")));
        }
        Ok(Self { json, statements })
    }
}

fn as_object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

impl FromStr for PolicyDocument {
    type Err = PolicyError;
    fn from_str(text: &str) -> Result<Self, PolicyError> {
        Self::parse(text)
    }
}

impl fmt::Display for PolicyDocument {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_json())
    }
}

impl Serialize for PolicyDocument {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(to)
    }
}

impl<'de> Deserialize<'de> for PolicyDocument {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let StrictJson(json) = StrictJson::deserialize(from)?;
        json.try_into().map_err(D::Error::custom)
    }
}

impl schemars::JsonSchema for PolicyDocument {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PolicyDocument".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "object", "description": "An IAM policy document." })
    }
}
