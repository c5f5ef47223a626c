//! The exit codes. No two mean the same.

use std::fmt::Write as _;

macro_rules! exit_codes {
    ($($name:ident = $code:literal, $meaning:literal;)+) => {
        $(#[doc = $meaning] pub(super) const $name: u8 = $code;)+

        /// Every exit code, and what it means.
        pub const EXIT_CODES: &[(u8, &str)] = &[$(($code, $meaning)),+];
    };
}

exit_codes! {
    OK = 0, "All that was asked for is done, and verified where something was changed.";
    ERROR = 1, "Something could not be done, and nothing was changed by it; `match`: the event does not match, or fires no trigger.";
    FINDINGS = 2, "`check` has found errors in a file; `match`: AWS would reject the pattern, or something is no event.";
    PARTIAL = 20, "The run has ended: part of it is done; the rest stands in its status.";
    STUCK = 21, "The run has ended: a person has to decide something that quell must not guess.";
    REFUSED = 22, "The run has ended: nothing was changed, a refusal or a difference came first.";
    WAITING = 23, "The run waits for the answer to a gate.";
    NEEDS_CONFIRMATION = 24, "Nobody was there to confirm the plan, and the flags do not; nothing of it was sent.";
    DECLINED = 25, "The person at the terminal did not confirm the plan; nothing of it was sent.";
    CREDENTIALS = 26, "The credentials have ended or were refused; a run that has begun waits to be resumed.";
    DAMAGED = 27, "A journal, or the plan or evidence beside it, is not what was written.";
    HELD = 28, "Another process is at work on the same run or the same target.";
    NOT_CONTAINED = 29, "The rehearsal has ended otherwise than it should: the adversary can still do what it must not, workload was refused what the scenario does not expect, or the scenario has no answer for a gate.";
    UNWRITABLE = 30, "The journal or evidence could not be written, so nothing more was sent; the run can be resumed.";
    NOT_APPLICABLE = 31, "The plan may not be applied here and now: another account, caller, world or state directory, its time is over, or it was changed.";
    UNAPPROVED = 32, "The guardrails do not allow the plan, or people have yet to sign it; nothing of it was sent.";
    USAGE = 64, "The command line is wrong.";
    INTERRUPTED = 130, "It was told to stop; a run that has begun waits to be resumed.";
}

/// The table, for `--help`.
pub(super) fn table() -> String {
    let mut text = String::from("Exit codes:\n");
    for (code, meaning) in EXIT_CODES {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  {code:>3}  {meaning}");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::journal::RunOutcome;
    use crate::run::exit_code;

    #[test]
    fn no_two_mean_the_same_and_a_run_ends_with_one_of_them() {
        let codes: BTreeSet<u8> = EXIT_CODES.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes.len(), EXIT_CODES.len());
        let ends = [RunOutcome::Complete, RunOutcome::Partial, RunOutcome::Stuck, RunOutcome::Refused].map(exit_code);
        assert_eq!(ends, [OK, PARTIAL, STUCK, REFUSED]);
    }
}
