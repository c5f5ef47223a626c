//! Runbooks: from the text to something that a graph can be made of.
//!
//! The text is read once into a tree with places, where everything about the text itself is settled: size, nesting,
//! aliases, keys that stand twice. The tree is decoded piece by piece, names are looked up, expressions are typed, and
//! what stands under `with:` is tried on the action's own input type. All findings come in one pass, each with a stable
//! [`Code`], its place and what to do about it.
//!
//! [`Runbook`]s are only made here. The room knows the registry of actions and queries, and does no I/O but reading the
//! file that it is told to.

mod allowed;
mod code;
mod compile;
mod decode;
mod deserializer;
mod diagnostic;
mod document;
mod embedded;
mod expression;
mod model;
mod near;
mod parameters;
mod place;
mod render;
mod sample;
mod schema;
mod source;
mod template;
mod text;
mod tree;
mod triggers;
mod types;
mod with;

pub use code::{Code, Severity};
pub(crate) use compile::compile;
pub(crate) use diagnostic::Findings;
pub use diagnostic::{Diagnostic, Diagnostics, Label};
pub use document::{Classification, Gate, ParameterType, Phase, Seat, Techniques};
pub use embedded::{FindError, Shipped, embedded, find, shipped};
pub use expression::{EvaluationError, Expression, Scope};
pub use model::{Parameter, Regions, Runbook, Step, Work};
pub(crate) use near::nearest;
pub use parameters::{ParameterError, Parameters};
pub use place::place;
pub use render::render;
pub(crate) use sample::{Flavour, Samples};
pub use schema::schema;
pub use source::{Source, Span, Spanned};
pub use template::{Part, Template, TemplateKind};
pub use triggers::{
    CheckedTriggers, Prefilled, ShippedTriggers, TakenNames, TriggersDocument, are_triggers, check_triggers,
    data_events, prefilled, shipped_trigger_files, shipped_triggers, takes,
};
pub use types::{Field, Scalar, Type};
