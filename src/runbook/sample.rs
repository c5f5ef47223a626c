//! Stand-ins for values that are only known when a plan is made.
//!
//! An input whose expressions are replaced by samples of their types can be decoded by its action, and says what it
//! touches. Every parameter and every field of a query's item has a sample of its own, so two inputs that name the same
//! sample name the same thing, whatever it will be.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Expression, Parameter, Scalar, Scope, Step, Template, TemplateKind, Type};
use crate::base::StepId;

/// Recipients that have nobody's secrets: those of age's own documentation and tests.
const RECIPIENTS: [&str; 2] = [
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
];

/// What an ARN of an unknown principal is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// A role.
    Role,
    /// A user.
    User,
}

impl Flavour {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Role, Self::User];
}

/// The samples of one runbook.
#[derive(Debug)]
pub(crate) struct Samples {
    flavour: Flavour,
    parameters: BTreeMap<String, Value>,
    items: BTreeMap<StepId, Vec<Value>>,
}

impl Samples {
    /// Samples for the parameters, and one item for each query.
    pub(crate) fn new<'a>(
        flavour: Flavour,
        parameters: &[Parameter],
        queries: impl Iterator<Item = (&'a StepId, &'a Value)>,
    ) -> Self {
        let mut maker = Maker { flavour, next: 0 };
        let parameters = parameters
            .iter()
            .map(|parameter| {
                // A text may have to be one of a few words; two ids that may have the same values are still two.
                let one = match parameter.allowed.first().filter(|_| parameter.of.scalar == Scalar::String) {
                    Some(value) => value.clone(),
                    None => maker.scalar(parameter.of.scalar),
                };
                (parameter.name.clone(), if parameter.of.list { json!([one]) } else { one })
            })
            .collect();
        let items = queries.map(|(id, schema)| (id.clone(), vec![maker.of_schema(schema)])).collect();
        Self { flavour, parameters, items }
    }

    fn scope(&self) -> Scope<'_> {
        Scope::new(&self.parameters, Timestamp::UNIX_EPOCH).with_items(&self.items)
    }

    /// The sample item of a step that fans out.
    pub(crate) fn item(&self, step: &Step) -> Option<Value> {
        self.item_of(&step.for_each.as_ref()?.value)
    }

    /// The sample item of a list.
    pub(crate) fn item_of(&self, list: &Expression) -> Option<Value> {
        if let Ok(Value::Array(values)) = list.evaluate(&self.scope())
            && let Some(first) = values.into_iter().next()
        {
            return Some(first);
        }
        // A filter may refuse the sample; what passes it still comes from the same query.
        let Type::List(of) = list.of() else { return None };
        let query = list.steps().next().and_then(|step| self.items.get(step)?.first());
        Some(
            query
                .cloned()
                .filter(|_| matches!(**of, Type::Object(_)))
                .unwrap_or_else(|| self.fallback(list.text(), of)),
        )
    }

    /// The input of a step, for its sample item.
    pub(crate) fn input(&self, with: &Template, item: Option<&Value>, schema: &Value) -> Value {
        match &with.kind {
            TemplateKind::Literal(value) => value.clone(),
            TemplateKind::Text(_) => "a sample text".into(),
            TemplateKind::List(list) => {
                let schema = schema.get("items").unwrap_or(&Value::Null);
                list.iter().map(|one| self.input(one, item, schema)).collect()
            }
            TemplateKind::Map(map) => {
                let schema_of =
                    |name: &str| schema.get("properties").and_then(|all| all.get(name)).unwrap_or(&Value::Null);
                map.iter()
                    .map(|(name, one)| (name.clone(), self.input(one, item, schema_of(name))))
                    .collect::<Map<_, _>>()
                    .into()
            }
            TemplateKind::Expression(expression) => {
                let scope = match item {
                    Some(item) => self.scope().for_item(item),
                    None => self.scope(),
                };
                // A plain text may have to be one of a few words, or of a certain form, which samples of texts are not.
                let text = Type::Scalar(Scalar::String);
                if *expression.of() == text
                    && let Some(word) = first_word(schema)
                {
                    return word;
                }
                if *expression.of() == Type::list(text)
                    && let Some(word) = schema.get("items").and_then(first_word)
                {
                    return json!([word]);
                }
                match expression.evaluate(&scope) {
                    Ok(value) if !value.is_null() => value,
                    _ => self.fallback(expression.text(), expression.of()),
                }
            }
        }
    }

    /// A sample of what a schema describes, for the place of a value that is wrong itself.
    pub(crate) fn of_schema(&self, schema: &Value) -> Value {
        Maker { flavour: self.flavour, next: 0 }.of_schema(schema)
    }

    /// A sample that only depends on the text it stands for.
    fn fallback(&self, text: &str, of: &Type) -> Value {
        let digest = crate::base::Digest::of_bytes(text.as_bytes()).short();
        let seed = u64::from_str_radix(&digest[..8], 16).unwrap_or(0) + 1_000_000;
        Maker { flavour: self.flavour, next: seed }.of_type(of)
    }
}

fn first_word(schema: &Value) -> Option<Value> {
    let one_of = |key| schema.get(key)?.get(0);
    if let Some(word) = schema.get("const").or_else(|| one_of("enum")).or_else(|| one_of("examples")) {
        return Some(word.clone());
    }
    let alternatives = ["anyOf", "oneOf"].into_iter().find_map(|key| schema.get(key)?.as_array())?;
    alternatives.iter().find_map(first_word)
}

struct Maker {
    flavour: Flavour,
    next: u64,
}

impl Maker {
    fn scalar(&mut self, scalar: Scalar) -> Value {
        self.next += 1;
        let n = self.next;
        match scalar {
            // Long enough for everything that has a length: a serial number has nine letters at least.
            Scalar::String => format!("sample-{n:03}").into(),
            Scalar::Integer => 1.into(),
            Scalar::Boolean => true.into(),
            Scalar::Duration => "1h".into(),
            Scalar::Timestamp => "2026-01-01T00:00:00Z".into(),
            Scalar::AwsAccountId => format!("{n:012}").into(),
            Scalar::AwsRegion => format!("sample-region{n}-1").into(),
            Scalar::IamArn => match self.flavour {
                Flavour::Role => format!("arn:aws:iam::111122223333:role/sample-{n}").into(),
                Flavour::User => format!("arn:aws:iam::111122223333:user/sample-{n}").into(),
            },
            Scalar::IamUserName | Scalar::IamRoleName | Scalar::SecretName => format!("sample-{n}").into(),
            Scalar::AccessKeyId => format!("AKIA{n:016}").into(),
            Scalar::IpRange => format!("203.0.{}.0/24", n % 256).into(),
            Scalar::AgeRecipient => RECIPIENTS[usize::try_from(n).unwrap_or_default() % RECIPIENTS.len()].into(),
            Scalar::PolicyDocument => json!({ "Version": "2012-10-17", "Statement": [
                { "Sid": format!("Sample{n}"), "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" },
            ]}),
            Scalar::BedrockAgentId
            | Scalar::BedrockFlowId
            | Scalar::BedrockPromptId
            | Scalar::BedrockKnowledgeBaseId
            | Scalar::BedrockDataSourceId => format!("{n:010}").into(),
            Scalar::QBusinessId => format!("{n:036}").into(),
        }
    }

    fn of_type(&mut self, of: &Type) -> Value {
        match of {
            Type::Scalar(scalar) => self.scalar(*scalar),
            Type::List(of) => json!([self.of_type(of)]),
            Type::Object(fields) => {
                fields.iter().map(|(name, field)| (name.clone(), self.of_type(&field.of))).collect::<Map<_, _>>().into()
            }
            Type::Unknown => self.scalar(Scalar::String),
        }
    }

    fn of_schema(&mut self, schema: &Value) -> Value {
        if let Some(word) = first_word(schema) {
            return word;
        }
        let alternatives = ["anyOf", "oneOf"].into_iter().find_map(|key| schema.get(key)?.as_array());
        if let Some(first) =
            alternatives.and_then(|all| all.iter().find(|one| one.get("type").is_none_or(|of| of != "null")))
        {
            return self.of_schema(first);
        }
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            return properties
                .iter()
                .map(|(name, schema)| (name.clone(), self.of_schema(schema)))
                .collect::<Map<_, _>>()
                .into();
        }
        match Type::of_schema(schema) {
            Type::List(_) => schema.get("items").map_or(json!([]), |items| json!([self.of_schema(items)])),
            of => self.of_type(&of),
        }
    }
}
