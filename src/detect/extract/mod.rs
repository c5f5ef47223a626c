//! The facts of an event, read with suspicion.

mod asff;
mod cloudtrail;
mod forms;
mod guardduty;
mod identity;
mod ocsf;
mod reader;
#[cfg(test)]
mod tests;

use reader::Reader;

use super::detection::matter;
use super::shape::Shape;
use super::{Detection, Fact, Facts};

impl Facts {
    /// Reads what an event says, by what its detail is and whatever its `source` is.
    ///
    /// Every value has the form of its fact. Nothing is guessed: what does not fit, what envelope and detail contradict each other in,
    /// and principals of other accounts than the event's stand in [`Facts::unsaid`].
    ///
    /// Findings name roles and users by their names, without paths. [`Facts::is_by_name`] tells of such ARNs.
    pub fn of(detection: &Detection) -> Self {
        let envelope = detection.envelope();
        let mut reader = Reader::of(&envelope);
        match matter(&envelope) {
            Some((Shape::GuardDuty, finding, path)) => guardduty::read(&mut reader, finding, path),
            Some((Shape::Asff, finding, path)) => asff::read(&mut reader, finding, path),
            Some((Shape::Ocsf, finding, path)) => ocsf::read(&mut reader, finding, path),
            Some((Shape::CloudTrail, record, path)) => cloudtrail::read(&mut reader, record, path),
            Some((Shape::EventBridge | Shape::GuardDutyOfApi, ..)) | None => {
                reader.place(&envelope, "", &["account"], &["region"]);
                reader.say(Fact::Time, &envelope, "", &["time"]);
                reader.miss(Fact::Principal, "it is no kind of event of which principals are known to be read");
            }
        }
        reader.done()
    }
}
