//! The values that a runbook is given.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::near::suggestion;
use super::{EvaluationError, Parameter, ParameterType, Scalar, Scope};

/// Why a value is not that of a parameter.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ParameterError {
    /// An argument is not of the form `name=value`.
    #[error("`{0}` is not of the form `name=value`")]
    NotAnAssignment(String),
    /// The runbook has no such parameter.
    #[error("there is no parameter `{name}`{}", hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default())]
    Unknown {
        /// The name as it was given.
        name: String,
        /// What may have been meant.
        hint: Option<String>,
    },
    /// A parameter is given twice.
    #[error("parameter `{0}` is given twice")]
    Twice(String),
    /// A parameter without default is not given.
    #[error("parameter `{name}` ({of}) is not given{}", about.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
    Missing {
        /// The parameter.
        name: String,
        /// Its type.
        of: ParameterType,
        /// Its description.
        about: Option<String>,
    },
    /// None of several is given, of which one has to be.
    #[error("none of the parameters {} is given: one of them has to be", quoted(names))]
    NoneOf {
        /// The parameters.
        names: Vec<String>,
    },
    /// A value does not have the parameter's type.
    #[error("parameter `{name}`: {why}")]
    Wrong {
        /// The parameter.
        name: String,
        /// The reason, as a fragment.
        why: String,
    },
    /// A value is not one of those that are allowed.
    #[error("parameter `{name}` cannot be `{value}`: allowed are {allowed}")]
    NotAllowed {
        /// The parameter.
        name: String,
        /// The value.
        value: String,
        /// The allowed ones.
        allowed: String,
    },
    /// A default has no value.
    #[error("the default of parameter `{name}` has no value")]
    Default {
        /// The parameter.
        name: String,
        /// Why.
        #[source]
        source: EvaluationError,
    },
}

/// The values of all parameters of one runbook; those that are optional and not given are `null`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Parameters(BTreeMap<String, Value>);

impl Parameters {
    /// Reads `name=value` texts of a command line, for [`Parameters::complete`]. A list is written `a,b` or as JSON.
    pub fn arguments(
        declared: &[Parameter],
        arguments: &[String],
    ) -> Result<BTreeMap<String, Value>, Vec<ParameterError>> {
        let mut values = BTreeMap::new();
        let mut errors = Vec::new();
        for argument in arguments {
            let Some((name, text)) = argument.split_once('=') else {
                errors.push(ParameterError::NotAnAssignment(argument.clone()));
                continue;
            };
            match find(declared, name).and_then(|parameter| {
                parameter.of.read_text(text).map_err(|why| ParameterError::Wrong { name: name.to_owned(), why })
            }) {
                Ok(value) => {
                    if values.insert(name.to_owned(), value).is_some() {
                        errors.push(ParameterError::Twice(name.to_owned()));
                    }
                }
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(values) } else { Err(errors) }
    }

    /// Checks given values and fills in the defaults as of `plan_time`. All that is wrong is in the error.
    pub fn complete(
        declared: &[Parameter],
        given: BTreeMap<String, Value>,
        plan_time: Timestamp,
    ) -> Result<Self, Vec<ParameterError>> {
        let mut errors: Vec<ParameterError> = given.keys().filter_map(|name| find(declared, name).err()).collect();
        let mut values = BTreeMap::new();
        for parameter in declared {
            let name = parameter.name.clone();
            let value = match given.get(&name) {
                Some(value) if !value.is_null() => parameter.read(value),
                _ => match &parameter.default {
                    Some(default) => default
                        .evaluate(&Scope::new(&values, plan_time))
                        .map_err(|source| ParameterError::Default { name: name.clone(), source })
                        .and_then(|value| if value.is_null() { Ok(value) } else { parameter.read(&value) }),
                    None if parameter.optional => Ok(Value::Null),
                    None => Err(ParameterError::Missing {
                        name: name.clone(),
                        of: parameter.of,
                        about: parameter.description.clone(),
                    }),
                },
            };
            match value {
                Ok(value) => drop(values.insert(name, value)),
                Err(error) => errors.push(error),
            }
        }
        // What is wrong was given all the same, so only what stands as absent counts.
        let absent = |name: &str| values.get(name).is_some_and(Value::is_null);
        for parameter in declared.iter().filter(|parameter| !parameter.or.is_empty()) {
            let names: Vec<String> = [&parameter.name].into_iter().chain(&parameter.or).cloned().collect();
            if names.iter().all(|name| absent(name)) {
                errors.push(ParameterError::NoneOf { names });
            }
        }
        if errors.is_empty() { Ok(Self(values)) } else { Err(errors) }
    }

    /// The values by name, for [`Scope::new`].
    pub fn values(&self) -> &BTreeMap<String, Value> {
        &self.0
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn find<'a>(declared: &'a [Parameter], name: &str) -> Result<&'a Parameter, ParameterError> {
    declared.iter().find(|parameter| parameter.name == name).ok_or_else(|| ParameterError::Unknown {
        name: name.to_owned(),
        hint: suggestion(name, declared.iter().map(|parameter| parameter.name.as_str())),
    })
}

impl Parameter {
    /// Checks a value and gives it back in its one form.
    pub(super) fn read(&self, value: &Value) -> Result<Value, ParameterError> {
        let value = self.of.read(value).map_err(|why| ParameterError::Wrong { name: self.name.clone(), why })?;
        let each = if self.of.list {
            value.as_array().map(Vec::as_slice).unwrap_or_default()
        } else {
            std::slice::from_ref(&value)
        };
        match each.iter().find(|one| !self.allowed.is_empty() && !self.allowed.contains(one)) {
            None => Ok(value),
            Some(one) => Err(ParameterError::NotAllowed {
                name: self.name.clone(),
                value: bare(one),
                allowed: self.allowed.iter().map(|one| format!("`{}`", bare(one))).collect::<Vec<_>>().join(", "),
            }),
        }
    }
}

/// A text without the quotes that JSON puts around it.
fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl ParameterType {
    /// Checks a value and gives it back in its one form.
    pub(super) fn read(self, value: &Value) -> Result<Value, String> {
        match (self.list, value) {
            (false, _) => self.scalar.read(value),
            (true, Value::Array(values)) => {
                Ok(values.iter().map(|one| self.scalar.read(one)).collect::<Result<Vec<_>, _>>()?.into())
            }
            (true, _) => Err(format!("expected a list of `{}`", self.scalar.as_str())),
        }
    }

    fn read_text(self, text: &str) -> Result<Value, String> {
        match self.list {
            false => self.scalar.read_text(text),
            true if text.trim_start().starts_with('[') => {
                let value = serde_json::from_str(text).map_err(|error| format!("`{text}` is not JSON: {error}"))?;
                self.read(&value)
            }
            true => text
                .split(',')
                .map(str::trim)
                .filter(|one| !one.is_empty())
                .map(|one| self.scalar.read_text(one))
                .collect::<Result<Vec<_>, _>>()
                .map(Value::from),
        }
    }

    /// The type of the values, in expressions.
    pub(super) fn to_type(self) -> super::Type {
        let scalar = super::Type::from(self.scalar);
        if self.list { super::Type::list(scalar) } else { scalar }
    }

    /// Whether the values are texts.
    pub(super) fn is_text(self) -> bool {
        !self.list && (self.scalar.is_text() || matches!(self.scalar, Scalar::Duration | Scalar::Timestamp))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Source, compile};
    use super::*;

    fn declared() -> Vec<Parameter> {
        let text = "quell: 1\nname: t\ntitle: t\nparameters:\n  principal: { type: iam_arn }\n  since: { type: timestamp, default: \
                    \"${{ plan_time - duration('24h') }}\" }\n  until: { type: timestamp, default: \"${{ parameters.since + \
                    duration('1h') }}\" }\n  regions: { type: list<aws_region>, optional: true }\n  level: { type: string, default: \
                    low, allowed: [low, high] }\nsteps:\n  - { id: a, phase: contain, gate: confirm, message: x }\n";
        let (runbook, _) = compile(std::sync::Arc::new(Source::new("t", text)), crate::actions::registry());
        runbook.expect("it is sound").parameters().to_vec()
    }

    fn complete(arguments: &[&str]) -> Result<Parameters, Vec<String>> {
        let declared = declared();
        let arguments: Vec<String> = arguments.iter().map(|one| (*one).to_owned()).collect();
        Parameters::arguments(&declared, &arguments)
            .and_then(|given| Parameters::complete(&declared, given, "2026-11-22T03:00:00Z".parse().expect("a time")))
            .map_err(|errors| errors.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn defaults_are_filled_in_from_above() {
        let values = complete(&["principal=arn:aws:iam::111122223333:role/r", "regions=eu-west-1, us-east-1"]);
        assert_eq!(
            serde_json::to_value(values.expect("all is given")).expect("plain data"),
            json!({
                "principal": "arn:aws:iam::111122223333:role/r",
                "since": "2026-11-21T03:00:00Z",
                "until": "2026-11-21T04:00:00Z",
                "regions": ["eu-west-1", "us-east-1"],
                "level": "low",
            })
        );
    }

    #[test]
    fn one_of_several_has_to_be_given() {
        let of = |parameters: &str| {
            let text = format!(
                "quell: 1\nname: t\ntitle: t\nparameters:\n{parameters}steps:\n  - {{ id: a, phase: contain, gate: confirm, message: \
                 \"${{{{ has(parameters.user) || has(parameters.role) ? 'x' : 'y' }}}}\" }}\n"
            );
            let (runbook, findings) = compile(std::sync::Arc::new(Source::new("t", &text)), crate::actions::registry());
            (runbook, findings.into_list().into_iter().map(|finding| finding.message).collect::<Vec<_>>())
        };
        let both = "  user: { type: iam_arn, optional: true, or: [role] }\n  role: { type: iam_arn, optional: true }\n";
        let declared = of(both).0.expect("it is sound").parameters().to_vec();
        let now = "2026-11-22T03:00:00Z".parse().expect("a time");
        let complete = |given: &[&str]| {
            let given =
                given.iter().map(|name| ((*name).to_owned(), json!("arn:aws:iam::111122223333:role/r"))).collect();
            Parameters::complete(&declared, given, now)
        };
        let told = |errors: Vec<ParameterError>| errors.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            complete(&[]).map_err(told),
            Err(vec!["none of the parameters `user`, `role` is given: one of them has to be".to_owned()])
        );
        assert!(complete(&["user"]).is_ok() && complete(&["role"]).is_ok() && complete(&["user", "role"]).is_ok());
        let (_, findings) = of("  user: { type: iam_arn, or: [rol] }\n  role: { type: iam_arn, optional: true }\n");
        assert_eq!(findings, ["`or`: parameter `user` is never without a value", "there is no parameter `rol`"]);
        let (_, findings) = of("  user: { type: iam_arn, optional: true, or: [role] }\n  role: { type: iam_arn }\n");
        assert_eq!(findings, ["`or`: parameter `role` is no other that may be left out"]);
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let errors = complete(&["principl=x", "since=yesterday", "level", "regions=eu"]).expect_err("all is wrong");
        assert_eq!(
            errors,
            [
                "there is no parameter `principl`; did you mean `principal`?",
                "parameter `since`: `yesterday` is not a timestamp (such as `2026-11-22T03:00:00Z`)",
                "`level` is not of the form `name=value`",
                "parameter `regions`: `eu` is not an AWS Region (such as `eu-west-1`)",
            ]
        );
        let errors = complete(&["level=medium"]).expect_err("two are wrong");
        assert_eq!(
            errors,
            [
                "parameter `principal` (iam_arn) is not given",
                "parameter `level` cannot be `medium`: allowed are `low`, `high`",
            ]
        );
        let twice = ["level=low", "level=high"].map(str::to_owned);
        assert_eq!(Parameters::arguments(&declared(), &twice), Err(vec![ParameterError::Twice("level".to_owned())]));
    }
}
