//! Shows findings the way a compiler does: the source line, underlined.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Diagnostics, Severity, Source};

/// Columns that a rendered finding may take.
const WIDTH: usize = 100;

/// The findings as text; `colour` adds ANSI styles. Ends with a new line unless there is nothing to show.
pub fn render(diagnostics: &Diagnostics, source: &Source, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.term_width(WIDTH);
    let mut text = String::new();
    for finding in diagnostics {
        text.push_str(&renderer.render(&[group(finding, source)]));
        text.push_str("\n\n");
    }
    text.truncate(text.trim_end().len());
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn group<'a>(finding: &'a Diagnostic, source: &'a Source) -> Group<'a> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let spans = || std::iter::once(finding.span).chain(finding.labels.iter().map(|label| label.span));
    let first = spans().map(|span| span.start).min().unwrap_or(0);
    let last = spans().map(|span| span.end.saturating_sub(1).max(span.start)).max().unwrap_or(0);
    let (line, cut) = source.excerpt(first, last);
    let within = |span: super::Span| {
        let start = span.start.clamp(cut.start, cut.end);
        start - cut.start..span.end.clamp(start, cut.end) - cut.start
    };
    let snippet = Snippet::source(&source.text()[cut.range()])
        .line_start(line)
        .path(finding.file.as_str())
        .annotation(AnnotationKind::Primary.span(within(finding.span)))
        .annotations(
            finding
                .labels
                .iter()
                .map(|label| AnnotationKind::Context.span(within(label.span)).label(label.text.as_str())),
        );
    let title = level.primary_title(finding.message.as_str()).id(finding.code.as_str());
    let group = match source.text().is_empty() {
        true => title.element(Origin::path(finding.file.as_str())),
        false => title.element(snippet),
    };
    match &finding.help {
        Some(help) => group.element(Level::HELP.message(wrapped(help))),
        None => group,
    }
}

/// A text in lines that fit beside the word `help`.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > 0 && line + 1 + word.chars().count() > WIDTH - 15 {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}
