//! Everything that ends with an exit code other than 0.

use std::error::Error;

use super::arguments::Globals;
use super::entry::{quoted, same_command_with};
use super::{exit, sink};
use crate::aws::{Fault, FaultKind};
use crate::base::Exposed;
use crate::journal::{JournalError, ReopenError, StoreError};

/// Who has to do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The person who typed the command.
    Yours,
    /// AWS said no, or nothing.
    Aws,
    /// AWS said no, since a permission is missing.
    Forbidden,
    /// This machine: files, sockets.
    Machine,
    /// A mistake in quell.
    Bug,
    /// It has been told on the screen already.
    Told,
}

/// A state directory that can be written where the command is typed.
pub(super) const ELSEWHERE: &str = "--state-dir ./quell-state";

/// An end with an exit code other than 0, and what comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) code: u8,
    pub(super) kind: Kind,
    pub(super) what: String,
    pub(super) next: String,
}

impl Failure {
    /// A mistake of the person who typed the command.
    pub(super) fn yours(code: u8, what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { code, kind: Kind::Yours, what: what.into(), next: next.into() }
    }

    /// An end that the screen has told already.
    pub(super) fn told(code: u8, next: impl Into<String>) -> Self {
        Self { code, kind: Kind::Told, what: String::new(), next: next.into() }
    }

    /// An error of this machine.
    pub(super) fn machine(error: &(dyn Error + 'static), next: impl Into<String>) -> Self {
        Self { code: exit::ERROR, kind: Kind::Machine, what: chain(error), next: next.into() }
    }

    /// A mistake in quell.
    pub(super) fn bug(what: impl Into<String>) -> Self {
        let next = "quell --version  # report it, with the command and what stands above";
        Self { code: exit::ERROR, kind: Kind::Bug, what: what.into(), next: next.to_owned() }
    }

    /// A refusal of AWS, outside of a run.
    pub(super) fn aws(fault: &Fault, renewal: &str) -> Self {
        let (code, kind, next) = match fault.kind {
            FaultKind::Expired => (exit::CREDENTIALS, Kind::Aws, renewal.to_owned()),
            FaultKind::Forbidden => (
                exit::ERROR,
                Kind::Forbidden,
                "quell runbooks  # `quell permissions` with the name of one prints the policy that it needs".to_owned(),
            ),
            _ => (exit::ERROR, Kind::Aws, same_command_with(&[])),
        };
        Self { code, kind, what: fault.to_string(), next }
    }

    /// The same for those who know which runbook lacks a permission.
    pub(super) fn about(self, runbook: Option<&str>) -> Self {
        match runbook {
            Some(runbook) if self.kind == Kind::Forbidden => {
                let next = format!("quell permissions {}  # prints the policy that is needed", quoted(runbook));
                Self { next, ..self }
            }
            _ => self,
        }
    }

    /// The store of runs cannot do something.
    pub(super) fn store(error: &StoreError, globals: &Globals) -> Self {
        let status = |of: &str| globals.about_run(format!("status {of}").trim_end());
        match error {
            StoreError::Held(run) => Self::yours(exit::HELD, error.to_string(), status(run.as_str())),
            StoreError::Leased { by, .. } => Self::yours(exit::HELD, error.to_string(), status(by.as_str())),
            StoreError::NoJournal(_) => Self::yours(
                exit::DAMAGED,
                error.to_string(),
                status("") + "  # keep the folder as it is; CloudTrail still has the calls",
            ),
            StoreError::NoRun(_) => Self::yours(exit::ERROR, error.to_string(), status("")),
            StoreError::RunExists(_) => Self::yours(exit::ERROR, error.to_string(), same_command_with(&[])),
            StoreError::Exposed { path, why } => {
                let next = match why {
                    Exposed::Writable(_) => format!("chmod 700 {}", quoted(&path.display().to_string())),
                    Exposed::Foreign(_) | Exposed::ForeignLink(_) => same_command_with(&[ELSEWHERE.to_owned()]),
                };
                Self::yours(exit::ERROR, error.to_string(), next)
            }
            StoreError::Io { .. } => {
                Self { code: exit::UNWRITABLE, ..Self::machine(error, same_command_with(&[ELSEWHERE.to_owned()])) }
            }
        }
    }

    /// A journal that cannot be begun.
    pub(super) fn journal(error: &JournalError, next: impl Into<String>) -> Self {
        Self { code: exit::UNWRITABLE, ..Self::machine(error, next) }
    }

    /// A journal that cannot be gone on with.
    pub(super) fn reopen(error: &ReopenError, run: &str, globals: &Globals) -> Self {
        match error {
            ReopenError::Damaged(_) => {
                Self { code: exit::DAMAGED, ..Self::machine(error, globals.about_run(&format!("audit verify {run}"))) }
            }
            ReopenError::Disk { .. } => {
                Self { code: exit::UNWRITABLE, ..Self::machine(error, globals.at_account(&format!("resume {run}"))) }
            }
            ReopenError::Empty => Self::machine(error, globals.about_run("status")),
        }
    }

    /// Says it, on stderr.
    pub(super) fn tell(&self) {
        let kind = match self.kind {
            Kind::Yours | Kind::Machine => "error",
            Kind::Aws | Kind::Forbidden => "AWS",
            Kind::Bug => "mistake in quell",
            Kind::Told => "",
        };
        if self.kind != Kind::Told {
            sink::talk(&format!("{kind}: {}\n", self.what));
        }
        sink::talk(&format!("Next: {}\n", self.next));
    }
}

impl Globals {
    /// What renews the credentials.
    pub(super) fn renewal(&self) -> String {
        if self.range {
            let keys = crate::range::Credentials::of_responder();
            let (id, secret) = (keys.access_key, keys.secret_key);
            return format!("export AWS_ACCESS_KEY_ID={id} AWS_SECRET_ACCESS_KEY={secret}");
        }
        match self.profile_in_use() {
            Some(profile) => format!("aws sso login --profile {}", quoted(&profile)),
            None => "aws sts get-caller-identity".to_owned(),
        }
    }
}

/// An error and its causes on one line.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let said = next.to_string();
        if !text.ends_with(&said) {
            text = format!("{text}: {said}");
        }
        cause = next.source();
    }
    text
}
