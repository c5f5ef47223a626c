//! The types of parameters, of what queries find and of what actions take.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize as _;
use serde_json::Value;

use crate::base::{
    AccessKeyId, AccountId, AgentId, Arn, DataSourceId, FlowId, IpRange, KnowledgeBaseId, PromptId, QId, Region,
    RoleName, SecretName, UserName, format_duration, parse_duration,
};
use crate::iam::PolicyDocument;
use crate::secrets::Recipient;

/// What would mend a bare number, `true` or `false` where a text is wanted, if what would be read in quotes is one that fits.
pub(super) fn quotes_mend(value: &Value, read: impl FnOnce(&Value) -> Result<Value, String>) -> Option<String> {
    let bare = value.is_number() || value.is_boolean();
    let fits = bare && read(&Value::String(value.to_string())).is_ok();
    fits.then(|| "put the value in quotes".to_owned())
}

macro_rules! scalars {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal;)*) => {
        /// A type without parts.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Scalar {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Scalar {
            /// Every scalar type.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in runbooks, which is also the `format` in JSON Schemas.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

scalars! {
    /// Any text.
    String = "string";
    /// A whole number.
    Integer = "integer";
    /// True or false.
    Boolean = "boolean";
    /// A duration such as `90s` or `24h`.
    Duration = "duration";
    /// A point in time, RFC 3339.
    Timestamp = "timestamp";
    /// A twelve-digit account id.
    AwsAccountId = "aws_account_id";
    /// A Region's name.
    AwsRegion = "aws_region";
    /// The ARN of an IAM principal, or another ARN.
    IamArn = "iam_arn";
    /// A user's name.
    IamUserName = "iam_user_name";
    /// A role's name.
    IamRoleName = "iam_role_name";
    /// The id of an access key.
    AccessKeyId = "access_key_id";
    /// A range of IP addresses in CIDR notation.
    IpRange = "ip_range";
    /// Somebody to whom secrets are sealed, as an age recipient.
    AgeRecipient = "age_recipient";
    /// The name of a secret in AWS Secrets Manager.
    SecretName = "secret_name";
    /// An IAM policy document: a mapping, or its JSON on the command line.
    PolicyDocument = "policy_document";
    /// The id of a Bedrock agent.
    BedrockAgentId = "bedrock_agent_id";
    /// The id of a Bedrock flow.
    BedrockFlowId = "bedrock_flow_id";
    /// The id of a Bedrock prompt.
    BedrockPromptId = "bedrock_prompt_id";
    /// The id of a Bedrock knowledge base.
    BedrockKnowledgeBaseId = "bedrock_knowledge_base_id";
    /// The id of a data source of a Bedrock knowledge base.
    BedrockDataSourceId = "bedrock_data_source_id";
    /// The id of an Amazon Q Business application, or of something that it holds.
    QBusinessId = "q_business_id";
}

impl Scalar {
    /// Whether values are texts that stand for themselves.
    pub fn is_text(self) -> bool {
        !matches!(self, Self::Integer | Self::Boolean | Self::Duration | Self::Timestamp | Self::PolicyDocument)
    }

    /// The scalar of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scalar| scalar.as_str() == name)
    }

    /// Checks a value and gives it back in its one form. The error says what is wrong, as a fragment.
    pub fn read(self, value: &Value) -> Result<Value, String> {
        let wrong = || {
            let what = match value {
                Value::Null => "nothing".to_owned(),
                Value::Array(_) => "a list".to_owned(),
                Value::Object(_) => "a mapping".to_owned(),
                other => format!("`{other}`"),
            };
            format!("expected {}, found {what}", self.with_article())
        };
        match (self, value) {
            (Self::Integer, Value::Number(number)) if number.is_i64() => Ok(value.clone()),
            (Self::Boolean, Value::Bool(_)) => Ok(value.clone()),
            (Self::PolicyDocument, Value::Object(_)) => {
                PolicyDocument::deserialize(value).map(|_| value.clone()).map_err(|error| error.to_string())
            }
            (Self::Integer | Self::Boolean | Self::PolicyDocument, _) => Err(wrong()),
            (_, Value::String(text)) => self.read_text(text),
            _ => Err(wrong()),
        }
    }

    /// Reads a value from text alone, such as the command line.
    pub fn read_text(self, text: &str) -> Result<Value, String> {
        fn own<T>(text: &str, read: Result<T, impl fmt::Display>) -> Result<Value, String> {
            read.map(|_| text.into()).map_err(|error| error.to_string())
        }
        match self {
            Self::String => Ok(text.into()),
            Self::Integer => {
                text.parse::<i64>().map(Value::from).map_err(|_| format!("`{text}` is not a whole number"))
            }
            Self::Boolean => match text {
                "true" => Ok(true.into()),
                "false" => Ok(false.into()),
                _ => Err(format!("`{text}` is neither `true` nor `false`")),
            },
            Self::Duration => {
                parse_duration(text).map(|time| format_duration(time).into()).map_err(|error| error.to_string())
            }
            Self::Timestamp => text
                .parse::<Timestamp>()
                .map(|time| time.to_string().into())
                .map_err(|_| format!("`{text}` is not a timestamp (such as `2026-11-22T03:00:00Z`)")),
            Self::AwsAccountId => own(text, AccountId::new(text)),
            Self::AwsRegion => own(text, Region::new(text)),
            Self::IamArn => own(text, text.parse::<Arn>()),
            Self::IamUserName => own(text, UserName::new(text)),
            Self::IamRoleName => own(text, RoleName::new(text)),
            Self::AccessKeyId => own(text, AccessKeyId::new(text)),
            Self::IpRange => own(text, IpRange::new(text)),
            Self::AgeRecipient => own(text, text.parse::<Recipient>()),
            Self::SecretName => own(text, SecretName::new(text)),
            Self::PolicyDocument => {
                let document = PolicyDocument::parse(text).map_err(|error| error.to_string())?;
                serde_json::to_value(document).map_err(|error| error.to_string())
            }
            Self::BedrockAgentId => own(text, AgentId::new(text)),
            Self::BedrockFlowId => own(text, FlowId::new(text)),
            Self::BedrockPromptId => own(text, PromptId::new(text)),
            Self::BedrockKnowledgeBaseId => own(text, KnowledgeBaseId::new(text)),
            Self::BedrockDataSourceId => own(text, DataSourceId::new(text)),
            Self::QBusinessId => own(text, QId::new(text)),
        }
    }

    /// The name with its article.
    pub fn with_article(self) -> String {
        let article = match self {
            Self::Integer
            | Self::AwsAccountId
            | Self::AwsRegion
            | Self::IamArn
            | Self::IamUserName
            | Self::IamRoleName
            | Self::AccessKeyId
            | Self::IpRange
            | Self::AgeRecipient => "an",
            _ => "a",
        };
        format!("{article} `{}`", self.as_str())
    }
}

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// A value without parts.
    Scalar(Scalar),
    /// A list of one type.
    List(Box<Type>),
    /// An object with known fields.
    Object(Arc<BTreeMap<String, Field>>),
    /// Not known here; checked when the value is.
    Unknown,
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its type.
    pub of: Type,
    /// Whether it is always there.
    pub required: bool,
}

impl Type {
    /// A list of a type.
    pub fn list(of: Self) -> Self {
        Self::List(Box::new(of))
    }

    /// Whether a value of type `given` can stand where this type is expected. A text of any kind is a `string`, but a
    /// `string` is never an ARN or an id: that is how pasted text is kept out of them.
    pub fn accepts(&self, given: &Self) -> bool {
        match (self, given) {
            (Self::Unknown, _) | (_, Self::Unknown) => true,
            (Self::Scalar(Scalar::String), Self::Scalar(given)) => given.is_text(),
            (Self::Scalar(wanted), Self::Scalar(given)) => wanted == given,
            (Self::List(wanted), Self::List(given)) => wanted.accepts(given),
            (Self::Object(wanted), Self::Object(given)) => wanted.iter().all(|(name, field)| match given.get(name) {
                Some(found) => field.of.accepts(&found.of) && (found.required || !field.required),
                None => !field.required,
            }),
            _ => false,
        }
    }

    /// Whether values of the two types can be compared with `==`.
    pub(super) fn comparable(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Scalar(one), Self::Scalar(two)) => one == two || (one.is_text() && two.is_text()),
            (Self::List(one), Self::List(two)) => one.comparable(two),
            _ => self.accepts(other),
        }
    }

    /// What a JSON Schema with inlined subschemas describes.
    pub fn of_schema(schema: &Value) -> Self {
        let alternatives = ["anyOf", "oneOf"].into_iter().find_map(|key| schema.get(key)?.as_array());
        if let Some(alternatives) = alternatives {
            let mut types =
                alternatives.iter().filter(|one| one.get("type").is_none_or(|of| of != "null")).map(Self::of_schema);
            let first = types.next().unwrap_or(Self::Unknown);
            return if types.all(|other| other == first) { first } else { Self::Unknown };
        }
        if let Some([only]) = schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
            return Self::of_schema(only);
        }
        let of = match schema.get("type") {
            Some(Value::String(of)) => of.as_str(),
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).find(|of| *of != "null").unwrap_or(""),
            _ if schema.get("const").is_some_and(Value::is_string) || schema.get("enum").is_some() => "string",
            _ => "",
        };
        let format = schema.get("format").and_then(Value::as_str);
        match of {
            "string" => Self::Scalar(match format {
                Some("date-time") => Scalar::Timestamp,
                Some(format) => Scalar::named(format).unwrap_or(Scalar::String),
                None => Scalar::String,
            }),
            "integer" => Self::Scalar(Scalar::Integer),
            "boolean" => Self::Scalar(Scalar::Boolean),
            "array" => Self::list(schema.get("items").map_or(Self::Unknown, Self::of_schema)),
            "object" => match schema.get("properties").and_then(Value::as_object) {
                Some(properties) => {
                    let required = schema.get("required").and_then(Value::as_array);
                    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|one| one == name));
                    let field = |(name, schema): (&String, &Value)| {
                        (name.clone(), Field { of: Self::of_schema(schema), required: is_required(name) })
                    };
                    Self::Object(Arc::new(properties.iter().map(field).collect()))
                }
                None => Self::Unknown,
            },
            _ => Self::Unknown,
        }
    }
}

impl From<Scalar> for Type {
    fn from(scalar: Scalar) -> Self {
        Self::Scalar(scalar)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(scalar) => out.write_str(scalar.as_str()),
            Self::List(of) => write!(out, "list<{of}>"),
            Self::Object(fields) => {
                let names: Vec<&str> = fields.keys().map(String::as_str).collect();
                write!(out, "object{{{}}}", names.join(", "))
            }
            Self::Unknown => out.write_str("unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_string_is_never_an_arn() {
        let string = Type::from(Scalar::String);
        let arn = Type::from(Scalar::IamArn);
        assert!(string.accepts(&arn));
        assert!(!arn.accepts(&string));
        assert!(Type::list(Type::Unknown).accepts(&Type::list(arn)));
    }

    #[test]
    fn schemas_become_types() {
        let schema = json!({ "type": "object", "required": ["id"], "properties": {
            "id": { "type": "string", "format": "bedrock_agent_id" },
            "since": { "type": ["string", "null"], "format": "date-time" },
            "role": { "anyOf": [{ "type": "string", "format": "iam_arn" }, { "type": "null" }] },
            "level": { "oneOf": [{ "const": "low", "type": "string" }, { "const": "high", "type": "string" }] },
            "many": { "type": "array", "items": { "type": "integer" } },
        }});
        let Type::Object(fields) = Type::of_schema(&schema) else { panic!("an object") };
        let of = |name: &str| fields[name].of.to_string();
        assert_eq!(of("id"), "bedrock_agent_id");
        assert!(fields["id"].required && !fields["since"].required);
        assert_eq!(of("since"), "timestamp");
        assert_eq!(of("role"), "iam_arn");
        assert_eq!(of("level"), "string");
        assert_eq!(of("many"), "list<integer>");
    }

    #[test]
    fn values_are_read_into_one_form() {
        assert_eq!(Scalar::Duration.read(&json!("90m")), Ok(json!("1h30m")));
        assert_eq!(Scalar::Timestamp.read_text("2026-11-22T04:00:00+01:00"), Ok(json!("2026-11-22T03:00:00Z")));
        assert_eq!(
            Scalar::AwsAccountId.read(&json!(111_122_223_333_u64)).unwrap_err(),
            "expected an `aws_account_id`, found `111122223333`"
        );
        assert!(Scalar::IamArn.read_text("arn:aws:iam::111122223333:role/*").is_err());
        let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:Get*", "Resource": "*" }] });
        assert_eq!(Scalar::PolicyDocument.read(&policy), Ok(policy.clone()));
        assert_eq!(Scalar::PolicyDocument.read_text(&policy.to_string()), Ok(policy.clone()));
        assert!(Scalar::PolicyDocument.read(&policy.to_string().into()).is_err(), "a text is no mapping");
        assert!(Scalar::PolicyDocument.read(&json!({ "Statement": [{ "Effect": "Perhaps" }] })).is_err());
    }
}
