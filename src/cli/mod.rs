//! The command line: the only room that composes the others, prints, and talks to a person.
//!
//! One file per verb. Each verb reads its arguments, asks the other rooms, hands what they made to `report`, and prints
//! that through [`sink`]: data on stdout, talk on stderr. Whatever ends with an exit code other than 0 is a
//! [`Failure`](failure::Failure) and says, in one last line on stderr, which command comes next.

mod account;
mod approve;
mod arguments;
mod ask;
mod autopilot;
mod check;
mod checkpoint;
mod confirm;
mod decode_key;
mod describe;
mod detections;
mod diff;
mod endpoint;
mod entry;
mod evidence;
mod execute;
mod exit;
mod failure;
mod follow_up;
mod followed;
mod from_event;
mod graph;
mod guardrails;
mod help;
mod load;
mod match_events;
mod matching;
mod next;
mod permissions;
mod phases;
mod pilot;
mod plan;
mod randomness;
mod range;
mod rehearse;
mod rehearse_story;
mod renewal;
mod responders;
mod resume;
mod rules;
mod run;
mod schema;
mod show;
mod signals;
mod signing;
mod sink;
mod state;
mod status;
mod triggers;
mod undo;
mod verify;
mod watch;

pub use entry::main;
pub use exit::EXIT_CODES;
