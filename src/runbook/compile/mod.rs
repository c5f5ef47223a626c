//! From the text to the runbook: everything that one text can tell about itself, all findings in one pass.

mod draft;
mod parameters;
mod steps;
mod top;
mod work;

pub(crate) use top::compile;
pub(super) use top::declared;
