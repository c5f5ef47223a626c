//! How plugins and data sources of Q Business change.

use serde_json::json;

use crate::range::model::{QKind, QStatus};
use crate::range::services::Row;
use crate::range::world::{Handled, Turn};

use super::life::{at_rest, conflict, found, found_mut, on};

use QKind::{DataSource, Plugin};

pub(super) const ROWS: &[Row] = &[
    Row::write("UpdatePlugin", |turn| on(turn, Plugin), |turn| update(turn, Plugin)),
    Row::write("UpdateDataSource", |turn| on(turn, DataSource), |turn| update(turn, DataSource)),
];

fn update(turn: &mut Turn<'_>, kind: QKind) -> Handled {
    let thing = found(turn, kind)?;
    at_rest(thing)?;
    // FACT q-sync-blocks-update
    if turn.state.knobs.q_sync_blocks_update && thing.open_job().is_some() {
        return Err(conflict(thing, "is being synchronised"));
    }
    let given = turn.members(kind.config());
    let replaces = turn.state.knobs.q_update_replaces;
    let due = turn.state.after("update in q", turn.state.knobs.q_change.0, turn.now);
    let now = turn.now;
    let thing = found_mut(turn, kind)?;
    if replaces {
        // FACT q-update-replaces
        thing.config.retain(|member, _| member == "type");
    }
    thing.config.extend(given);
    thing.status = QStatus::Updating;
    thing.due = Some(due);
    thing.updated = now;
    Ok(json!({}))
}
