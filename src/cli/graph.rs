//! `quell graph`.

use super::arguments::{DrawingFormat, Globals, Output};
use super::failure::Failure;
use super::load::sound;
use super::sink;
use crate::graph::{Drawing, draw};

/// Draws the graph of a runbook.
pub(super) fn graph(name: &str, format: Option<DrawingFormat>, globals: &Globals) -> Result<(), Failure> {
    let drawing = match (format, globals.output) {
        (Some(DrawingFormat::Text), _) | (None, Output::Text) => Drawing::Text,
        (Some(DrawingFormat::Mermaid), _) => Drawing::Mermaid,
        (Some(DrawingFormat::Dot), _) => Drawing::Dot,
        (Some(DrawingFormat::Json), _) | (None, Output::Json) => Drawing::Json,
    };
    let (_, graph) = sound(name)?;
    sink::data(&draw(&graph, drawing));
    Ok(())
}
