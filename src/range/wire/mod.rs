//! The wire of the range: simulated AWS that speaks the real protocols.
//!
//! The real SDK clients, boto3 and the AWS CLI run against it unchanged. Everything about a request's form comes from
//! one table made of the public service models, so that a [`World`] only ever sees an [`ApiCall`] of the right shape,
//! and only says an [`Answer`]:
//!
//! 1. `route`: the credential scope names the service and the Region; action, target or path name the operation.
//! 2. `form`, `read`: the request becomes JSON by its shape; `check` validates it in AWS's words.
//! 3. The world answers.
//! 4. `write`, `xml`, `event_stream`: the answer becomes a body by its shape; `reply` puts it into HTTP. An answer
//!    that its operation cannot give is an `InternalFailure` which names the member, so that tests see it.
//!
//! Two ways lead in: [`in_process`] is an HTTP client for the SDK, [`listen`] serves loopback. Signatures are not
//! verified; who calls is decided by access key id and session token, which is the world's business.

mod call;
mod check;
#[cfg(test)]
mod clients;
mod endpoint;
mod event_stream;
#[cfg(test)]
mod fit;
#[cfg(test)]
mod fixtures;
mod form;
mod given;
mod in_process;
mod moment;
mod pattern;
mod read;
mod reply;
#[cfg(test)]
mod round_trip;
mod route;
mod serve;
mod table;
mod write;
mod xml;

use pattern::Pattern;

pub use call::{Answer, Answered, ApiCall, ApiError, ServiceName, World};
pub use endpoint::{Endpoint, MAX_BODY};
#[cfg(test)]
pub(crate) use fit::misfit;
pub(crate) use given::given;
pub use in_process::in_process;
pub use serve::{ListenError, Listening, listen};
pub use table::{models_error, operations};
