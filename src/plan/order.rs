//! Puts work on the same entity in order. The graph knows steps; only the plan knows that two of them mean the same role.

use std::collections::{BTreeMap, BTreeSet};

use super::{Edge, EdgeKind, PlannedStep};
use crate::actions::BadInput;
use crate::base::{Entity, EntityKind, Region, StepKey, Touch};

/// Where an entity lives, and its outermost ancestor: children are worked on together with their parent.
type Room = (Option<Region>, EntityKind, String);

/// Adds an `after` edge wherever two steps touch the same entity, one of them changes it, and neither comes before the
/// other yet. The steps must be in an order that respects their edges; they stay in it.
pub(super) fn put_in_order(steps: &mut [PlannedStep]) -> Result<(), BadInput> {
    let mut last_change: BTreeMap<Room, StepKey> = BTreeMap::new();
    let mut reads_since: BTreeMap<Room, BTreeSet<StepKey>> = BTreeMap::new();
    for step in steps.iter_mut() {
        let Some(action) = step.action() else { continue };
        let touches = action.of_registry()?.touches(&action.input)?;
        let region = action.target.region.clone();
        let mut before: BTreeSet<(StepKey, String)> = BTreeSet::new();
        for (entity, touch) in &touches {
            let room = room(region.clone(), entity);
            let why = format!("both work on {entity}");
            before.extend(last_change.get(&room).map(|other| (other.clone(), why.clone())));
            if *touch != Touch::Reads {
                let readers = reads_since.remove(&room).unwrap_or_default();
                before.extend(readers.into_iter().map(|other| (other, why.clone())));
            }
        }
        for (other, why) in before {
            if other != step.key && !step.edges.iter().any(|edge| edge.before == other) {
                step.edges.push(Edge { before: other, kind: EdgeKind::After, because: Some(why) });
            }
        }
        for (entity, touch) in &touches {
            let room = room(region.clone(), entity);
            if *touch == Touch::Reads {
                reads_since.entry(room).or_default().insert(step.key.clone());
            } else {
                last_change.insert(room, step.key.clone());
            }
        }
    }
    Ok(())
}

fn room(region: Option<Region>, entity: &Entity) -> Room {
    let root = entity.root();
    (region, root.kind, root.id().to_owned())
}
