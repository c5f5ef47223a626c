//! What the autopilot has decided: one line of JSON each.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::books::Incident;
use super::entry::Alarm;

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// It could not be read as an event.
    Unread,
    /// No trigger is about it.
    Ignored,
    /// A trigger is about it that starts nothing.
    Noticed,
    /// It was here before.
    Repeated,
    /// It counts towards an incident.
    Counted,
    /// It is about an incident that is known.
    Joined,
    /// An incident begins.
    Opened,
    /// It is about another account than that of the credentials.
    Elsewhere,
    /// It is about what quell itself did.
    Own,
    /// AWS has confirmed it.
    Confirmed,
    /// AWS does not confirm it.
    Unconfirmed,
    /// Budgets or breaker let nothing happen unattended.
    OverBudget,
    /// The breaker has tripped.
    Tripped,
    /// What was to be done without a person is done.
    Concluded,
    /// It will be tried again.
    Delayed,
    /// People could not be told.
    Untold,
    /// The configuration was read again.
    Reloaded,
    /// The configuration was not read again, since something is wrong with it.
    NotReloaded,
}

impl What {
    /// Everything that can be decided.
    pub const ALL: [Self; 18] = [
        Self::Unread,
        Self::Ignored,
        Self::Noticed,
        Self::Repeated,
        Self::Counted,
        Self::Joined,
        Self::Opened,
        Self::Elsewhere,
        Self::Own,
        Self::Confirmed,
        Self::Unconfirmed,
        Self::OverBudget,
        Self::Tripped,
        Self::Concluded,
        Self::Delayed,
        Self::Untold,
        Self::Reloaded,
        Self::NotReloaded,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Ignored => "ignored",
            Self::Noticed => "noticed",
            Self::Repeated => "repeated",
            Self::Counted => "counted",
            Self::Joined => "joined",
            Self::Opened => "opened",
            Self::Elsewhere => "elsewhere",
            Self::Own => "own",
            Self::Confirmed => "confirmed",
            Self::Unconfirmed => "unconfirmed",
            Self::OverBudget => "over-budget",
            Self::Tripped => "tripped",
            Self::Concluded => "concluded",
            Self::Delayed => "delayed",
            Self::Untold => "untold",
            Self::Reloaded => "reloaded",
            Self::NotReloaded => "not-reloaded",
        }
    }
}

/// What was decided, about what, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What.
    pub what: What,
    /// What else there is to say, as members of an object.
    pub told: Value,
}

impl Decision {
    /// A decision about something that is no alarm.
    pub fn about(what: What, told: Value) -> Self {
        Self { what, told }
    }

    /// One about a alarm.
    pub(super) fn of_alarm(what: What, alarm: &Alarm) -> Self {
        let told = json!({
            "trigger": alarm.trigger,
            "runbook": alarm.runbook,
            "detected": alarm.what,
            "event": alarm.event,
            "subject": alarm.subject,
        });
        Self { what, told }
    }

    /// One about an incident.
    pub(super) fn of_incident(what: What, incident: &Incident) -> Self {
        Self::of_alarm(what, &incident.alarm).with("incident", json!(incident.id))
    }

    /// The same with one thing more.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        if let Value::Object(members) = &mut self.told {
            members.insert(name.to_owned(), value);
        }
        self
    }

    /// The line.
    pub fn line(&self, at: Timestamp) -> Value {
        let mut line = json!({ "format": 1, "at": at, "decision": self.what.as_str() });
        if let (Value::Object(line), Value::Object(told)) = (&mut line, &self.told) {
            line.extend(
                told.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), value.clone())),
            );
        }
        line
    }
}
