//! What is wrong with a runbook, and where.

use std::sync::Arc;

use serde::Serialize;

use super::{Code, Severity, Source, Span};
use crate::base::on_screen_within;

/// Columns of a text of a finding: what is quoted in it may be as long as the source.
const LONGEST: usize = 600;

/// A second place that explains a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What it has to do with the finding.
    pub text: String,
}

/// One finding. As JSON it has its code, severity, message, file, line, column and help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use]
pub struct Diagnostic {
    /// What is wrong, as a stable code.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong, in words.
    pub message: String,
    /// The name of the source.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What to do about it.
    pub help: Option<String>,
    /// The place in the text.
    #[serde(skip)]
    pub span: Span,
    /// Further places.
    #[serde(skip)]
    pub labels: Vec<Label>,
}

impl Diagnostic {
    /// A finding at a place.
    pub fn new(source: &Source, code: Code, span: Span, message: impl AsRef<str>) -> Self {
        let (line, column) = source.position(span.start);
        Self {
            code,
            severity: code.severity(),
            message: on_screen_within(message.as_ref(), LONGEST),
            file: source.name().to_owned(),
            line,
            column,
            help: None,
            span,
            labels: Vec::new(),
        }
    }

    /// Adds what to do about it.
    pub fn help(mut self, help: impl AsRef<str>) -> Self {
        self.help = Some(on_screen_within(help.as_ref(), LONGEST));
        self
    }

    /// Adds what to do about it, if that is known.
    pub(crate) fn maybe_help(self, help: Option<String>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// Adds a second place.
    pub fn label(mut self, span: Span, text: impl AsRef<str>) -> Self {
        self.labels.push(Label { span, text: on_screen_within(text.as_ref(), LONGEST) });
        self
    }
}

/// All findings of one text, in the order of their places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

#[derive(Serialize)]
struct Report<'a> {
    format: u32,
    diagnostics: &'a [Diagnostic],
}

impl Diagnostics {
    /// Puts findings in the order of their places.
    pub fn sorted(mut list: Vec<Diagnostic>) -> Self {
        list.sort_by_key(|finding| (finding.span, finding.code));
        list.dedup();
        Self(list)
    }

    /// The findings.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them refuses the runbook.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The findings as JSON: `{"format":1,"diagnostics":[…]}`.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(Report { format: 1, diagnostics: &self.0 }).expect("findings are plain data")
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// Collects findings while a text is read.
#[derive(Debug)]
pub(crate) struct Findings {
    source: Arc<Source>,
    list: Vec<Diagnostic>,
}

impl Findings {
    pub(crate) fn new(source: Arc<Source>) -> Self {
        Self { source, list: Vec::new() }
    }

    pub(crate) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// A finding of this text; it counts once it is pushed.
    pub(crate) fn at(&self, code: Code, span: Span, message: impl AsRef<str>) -> Diagnostic {
        Diagnostic::new(&self.source, code, span, message)
    }

    pub(crate) fn push(&mut self, finding: Diagnostic) {
        self.list.push(finding);
    }

    pub(crate) fn count(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.list.iter().any(|finding| finding.severity == Severity::Error)
    }

    pub(crate) fn into_list(self) -> Vec<Diagnostic> {
        self.list
    }
}
