//! What the members of an envelope must be.

use super::node::Node;

/// The members that are texts, and whether an event can do without: a bare finding need not say where and when.
const TEXTS: [(&str, bool); 6] =
    [("id", false), ("detail-type", false), ("source", false), ("account", true), ("time", true), ("region", true)];
/// The longest of them.
const LONGEST: usize = 1024;

/// Refuses an envelope that EventBridge never delivers.
///
/// # Errors
/// Which member is missing or of another kind.
pub(super) fn bad_envelope(envelope: &Node) -> Result<(), String> {
    for (name, may_miss) in TEXTS {
        match envelope.get(name) {
            Some(Node::Text(text)) if text.is_empty() => return Err(format!("its `{name}` is empty")),
            Some(Node::Text(text)) if text.len() > LONGEST => {
                return Err(format!("its `{name}` has more than {LONGEST} bytes"));
            }
            Some(Node::Text(_)) => {}
            Some(other) => return Err(format!("its `{name}` is {}, and must be a text", other.kind())),
            None if may_miss => {}
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
