//! Reading CloudTrail without believing that it is all there.

use std::collections::BTreeSet;

use super::{Look, LookError};
use crate::aws::{LookedUp, LookupEvents, Paged, TrailEvent};

/// How many pages of 50 events are read for one question: at two pages a second, more would hold the plan up for minutes.
const MOST_PAGES: usize = 200;

/// What CloudTrail has to a question.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrailFound {
    /// The events, newest first, each once.
    pub events: Vec<TrailEvent>,
    /// Why they may not be all that were recorded, if so.
    pub truncated: Option<String>,
}

/// Reads all pages of a question, up to a bound. What is left out or cannot be read is said, never dropped.
pub async fn trail_events(look: &Look<'_>, first: LookupEvents) -> Result<TrailFound, LookError> {
    let mut found = TrailFound::default();
    let mut seen = BTreeSet::new();
    let mut request = first;
    for _ in 0..MOST_PAGES {
        let page = look.ask(request.clone()).await?;
        for item in page.items {
            match item {
                // New events may shift the pages while they are read.
                LookedUp::Event(event) if seen.insert(event.id.clone()) => found.events.push(*event),
                LookedUp::Event(_) => {}
                LookedUp::Unreadable { id, why } => {
                    found.truncated = Some(format!("event {id} in {} cannot be read: {why}", request.region));
                }
            }
        }
        match page.next {
            None => return Ok(found),
            Some(next) => request = request.after(next),
        }
    }
    let why = format!("{} has more than {} events to read; ask for a shorter time", request.region, MOST_PAGES * 50);
    Ok(TrailFound { truncated: Some(why), ..found })
}
