//! A runbook that was checked.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{
    Classification, Expression, Gate, ParameterType, Phase, Seat, Source, Span, Spanned, Techniques, Template,
};
use crate::base::{Digest, Region, StepId};
use crate::detect::Trigger;

/// A runbook: what is named in it exists, and what is typed in it fits.
#[derive(Debug, Clone)]
pub struct Runbook {
    pub(super) source: Arc<Source>,
    pub(super) digest: Digest,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) scenario: Option<String>,
    pub(super) techniques: Techniques,
    pub(super) classification: Classification,
    pub(super) use_when: Option<String>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) triggers: Vec<Trigger>,
    pub(super) steps: Vec<Step>,
}

impl Runbook {
    /// The text it was read from.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The digest of the text's bytes, to which plans are bound.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The name by which it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One line for people.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Its rehearsal, as a path from its folder.
    pub fn scenario(&self) -> Option<&str> {
        self.scenario.as_deref()
    }

    /// The frameworks' ids of what it answers and does.
    pub fn techniques(&self) -> &Techniques {
        &self.techniques
    }

    /// What kind of incident it is for.
    pub fn classification(&self) -> &Classification {
        &self.classification
    }

    /// When to take it.
    pub fn use_when(&self) -> Option<&str> {
        self.use_when.as_deref()
    }

    /// What it must be told, in the order of the text.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Which detections ask for it, as it says itself.
    pub fn triggers(&self) -> &[Trigger] {
        &self.triggers
    }

    /// The steps, in the order of the text.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The step of an id.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }
}

/// Something that a runbook must be told.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name: snake_case.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Its type.
    pub of: ParameterType,
    /// What it is, for people.
    pub description: Option<String>,
    /// The value when none is given.
    pub default: Option<Template>,
    /// Whether it may have no value at all.
    pub optional: bool,
    /// Others of which one will do: one of them and this has to be given.
    pub or: Vec<String>,
    /// The values it may have; any when empty.
    pub allowed: Vec<Value>,
}

impl Parameter {
    /// Whether a run may be without a value of it.
    pub fn may_be_absent(&self) -> bool {
        self.optional && self.default.is_none()
    }
}

/// A node of a runbook.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its id.
    pub id: StepId,
    /// Where the id stands.
    pub span: Span,
    /// The phase it belongs to.
    pub phase: Phase,
    /// One line for people.
    pub title: Option<Template>,
    /// What it does.
    pub work: Work,
    /// Steps that must have succeeded.
    pub needs: Vec<Spanned<StepId>>,
    /// Steps that must have ended, however they ended.
    pub after: Vec<Spanned<StepId>>,
    /// The condition under which it runs, decided while planning.
    pub when: Option<Spanned<Expression>>,
    /// The list for each item of which it runs.
    pub for_each: Option<Spanned<Expression>>,
    /// With which role in which account it acts.
    pub seat: Seat,
    /// How long one execution may take; by default what the action says.
    pub timeout: Option<Duration>,
}

/// What a step does.
#[derive(Debug, Clone)]
pub enum Work {
    /// Changes something.
    Action {
        /// The action's name.
        name: String,
        /// What it takes.
        with: Template,
    },
    /// Reads something, while planning.
    Query {
        /// The query's name.
        name: String,
        /// What it takes.
        with: Template,
        /// Where it is asked; nothing for queries of global services.
        regions: Option<Regions>,
    },
    /// Waits for a person.
    Gate {
        /// What for.
        gate: Gate,
        /// What the person reads.
        message: Template,
    },
}

/// The Regions in which a query is asked.
#[derive(Debug, Clone)]
pub enum Regions {
    /// All that are enabled in the account.
    Enabled,
    /// These.
    Listed(Vec<Region>),
    /// Those that the expression gives, a `list<aws_region>`.
    Expression(Expression),
}

impl Step {
    /// What the step's action or query takes; nothing for a gate.
    pub fn with(&self) -> Option<&Template> {
        match &self.work {
            Work::Action { with, .. } | Work::Query { with, .. } => Some(with),
            Work::Gate { .. } => None,
        }
    }

    /// The name of its action, if it has one.
    pub fn action(&self) -> Option<&str> {
        match &self.work {
            Work::Action { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The name of its query, if it has one.
    pub fn query(&self) -> Option<&str> {
        match &self.work {
            Work::Query { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Calls `seen` with every expression of the step.
    pub fn expressions<'a>(&'a self, seen: &mut dyn FnMut(&'a Expression)) {
        let conditions = self.when.iter().chain(&self.for_each);
        conditions.for_each(|expression| seen(&expression.value));
        if let Some(title) = &self.title {
            title.expressions(seen);
        }
        match &self.work {
            Work::Action { with, .. } => with.expressions(seen),
            Work::Query { with, regions, .. } => {
                with.expressions(seen);
                if let Some(Regions::Expression(expression)) = regions {
                    seen(expression);
                }
            }
            Work::Gate { message, .. } => message.expressions(seen),
        }
    }

    /// The queries whose items the step uses, each once, with the place of the use.
    pub fn references(&self) -> Vec<Spanned<StepId>> {
        let mut found: Vec<Spanned<StepId>> = Vec::new();
        let mut add = |expression: &Expression, span: Span| {
            for step in expression.steps() {
                if !found.iter().any(|one| one.value == *step) {
                    found.push(Spanned { value: step.clone(), span });
                }
            }
        };
        for expression in self.when.iter().chain(&self.for_each) {
            add(&expression.value, expression.span);
        }
        let texts = self.title.iter().chain(match &self.work {
            Work::Action { with, .. } | Work::Query { with, .. } => Some(with),
            Work::Gate { message, .. } => Some(message),
        });
        for template in texts {
            template.expressions(&mut |expression| add(expression, template.span));
        }
        if let Work::Query { regions: Some(Regions::Expression(expression)), .. } = &self.work {
            add(expression, self.span);
        }
        found
    }
}
