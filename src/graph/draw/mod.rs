//! Drawings of a graph, one file per format.

mod dot;
mod json;
mod mermaid;
mod text;

use super::Graph;

/// The format of a drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawing {
    /// For a terminal: phases, and in them what can run at the same time. At most 90 columns, readable without colour.
    Text,
    /// A Mermaid flowchart.
    Mermaid,
    /// Graphviz DOT.
    Dot,
    /// JSON, `"format": 1`.
    Json,
}

/// Draws a graph. Ends with a new line.
pub fn draw(graph: &Graph, drawing: Drawing) -> String {
    match drawing {
        Drawing::Text => text::draw(graph),
        Drawing::Mermaid => mermaid::draw(graph),
        Drawing::Dot => dot::draw(graph),
        Drawing::Json => json::draw(graph),
    }
}
