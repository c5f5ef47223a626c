//! What the members of an envelope must be.

use super::node::Node;
use super::shape::Shape;

/// The members that are texts.
const TEXTS: [&str; 6] = ["id", "detail-type", "source", "account", "time", "region"];
/// The longest of them.
const LONGEST: usize = 1024;

/// Refuses an envelope that EventBridge never delivers.
///
/// # Errors
/// Which member is missing or of another kind. A finding that came without an envelope need not have them all.
pub(super) fn bad_envelope(envelope: &Node, came_as: Shape) -> Result<(), String> {
    let is_bare = came_as != Shape::EventBridge;
    for name in TEXTS {
        match envelope.get(name) {
            Some(Node::Text(text)) if text.is_empty() => return Err(format!("its `{name}` is empty")),
            Some(Node::Text(text)) if text.len() > LONGEST => {
                return Err(format!("its `{name}` has more than {LONGEST} bytes"));
            }
            Some(Node::Text(_)) => {}
            Some(other) => return Err(format!("its `{name}` is {}, and must be a text", other.kind())),
            None if is_bare => {}
            None => return Err(format!("its `{name}` is missing")),
        }
    }
    match envelope.get("detail") {
        Some(Node::Object(_)) => {}
        Some(other) => return Err(format!("its `detail` is {}, and must be an object", other.kind())),
        None => return Err("its `detail` is missing".to_owned()),
    }
    match envelope.get("resources") {
        None => Ok(()),
        Some(Node::Array(resources)) if resources.iter().all(|one| one.text().is_some()) => Ok(()),
        Some(_) => Err("its `resources` are no list of texts".to_owned()),
    }
}
