//! Makes what brings events in a scenario, and what confirms them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::range::model::{Detector, Message, Queue};
use crate::range::scenario::{AccountSpec, QueueSpec};
use crate::range::wire::{ServiceName, given};

use super::build::Builder;

/// Who puts events into queues.
const EVENTS: &str = "events.amazonaws.com";

impl Builder {
    /// The queues and the detectors of an account.
    pub(super) fn events(&mut self, spec: &AccountSpec) {
        for queue in &spec.queues {
            self.queue(queue);
        }
        for here in &spec.guardduty {
            // What is no finding was refused when the scenario was read.
            let read = |finding: &Value| given(ServiceName::Guardduty, "Finding", finding).ok();
            let findings = here.findings.iter().filter_map(read).collect();
            self.account.detectors.insert(here.region.clone(), Detector { id: here.detector.clone(), findings });
        }
    }

    fn queue(&mut self, spec: &QueueSpec) {
        let mut attributes = BTreeMap::new();
        if let Some(hidden) = spec.visibility_timeout {
            attributes.insert("VisibilityTimeout".to_owned(), hidden.0.as_secs().to_string());
        }
        if let Some(dead) = &spec.dead_letter {
            let target = self.account.queue_arn(&spec.region, &dead.queue);
            let policy = json!({ "deadLetterTargetArn": target, "maxReceiveCount": dead.after });
            attributes.insert("RedrivePolicy".to_owned(), policy.to_string());
        }
        let mut queue = Queue::new(&spec.name, self.now, attributes);
        for given in &spec.messages {
            let body = given.as_str().map_or_else(|| given.to_string(), str::to_owned);
            let id = self.dice.uuid(&format!("message to {}", spec.name));
            queue.messages.push(Message { sender: EVENTS.to_owned(), ..Message::new(id, &body, self.now) });
        }
        self.account.queues.insert((spec.region.clone(), spec.name.clone()), queue);
    }
}
