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
    let drawn = draw(&graph, drawing);
    match drawing {
        // What could change what a screen says is escaped as JSON does it, so that the value stays the same.
        Drawing::Json => sink::json(&serde_json::from_str(&drawn).map_err(|error| Failure::bug(error.to_string()))?),
        _ => sink::data(&drawn),
    }
    Ok(())
}
