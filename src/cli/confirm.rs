//! Asks a person whether a plan may be applied, or takes the flags for it.

use dialoguer::Input;

use super::arguments::Globals;
use super::entry::{quoted, same_command_with};
use super::exit;
use super::failure::Failure;
use super::sink;
use crate::base::Effect;
use crate::guard::{Consent, may_change_reversibly, wrong_target_name};
use crate::plan::Plan;
use crate::report::question;

/// What stands for a no, and is the default.
const NO: &str = "no";

/// Gets the consent to a plan. Without a terminal nobody is asked, and what is missing is named with its flag. `named` is
/// the wrong target as the command line names it. `exact` says that the number of irreversible steps has to be the plan's also
/// where it has none.
pub(super) async fn consent(
    plan: &Plan,
    named: Option<&str>,
    exact: bool,
    globals: &Globals,
) -> Result<Consent, Failure> {
    let (reversible, irreversible) = (plan.count(Effect::Reversible), plan.count(Effect::Irreversible));
    let agreed = globals.allow_irreversible.filter(|_| exact || irreversible > 0);
    let flags = Consent::Flags { yes: globals.yes, irreversible: agreed, wrong_target: named.map(str::to_owned) };
    let reversible_covered = globals.yes || !may_change_reversibly(plan);
    let irreversible_covered = agreed.unwrap_or(0) == irreversible;
    let unnamed = wrong_target_name(plan).filter(|name| named != Some(name.as_str()));
    if reversible_covered && irreversible_covered && unnamed.is_none() {
        return Ok(flags);
    }
    if sink::is_at_terminal() {
        return ask(plan).await;
    }
    let for_good = if irreversible > 0 { format!(" --allow-irreversible={irreversible}") } else { String::new() };
    // A run that died before anybody agreed to it was never begun, and going on with it names no target.
    let to_name = |name: &str| match &plan.undoes {
        Some(run) => globals.at_account(&format!("undo {run} --wrong-target={} --yes{for_good}", quoted(name))),
        None => same_command_with(&[format!("--wrong-target={}", quoted(name))]),
    };
    let mut missing = Vec::new();
    if !reversible_covered {
        missing.push("--yes".to_owned());
    }
    if !irreversible_covered {
        missing.push(format!("--allow-irreversible={irreversible}"));
    }
    if let Some(name) = &unnamed {
        missing.push(format!("--wrong-target={}", quoted(name)));
    }
    if let (Some(name), Some(other)) = (&unnamed, named) {
        let what =
            format!("the wrong target of this plan is `{name}`, and not `{other}`: nothing of this plan was sent");
        return Err(Failure::yours(exit::NEEDS_CONFIRMATION, what, to_name(name)));
    }
    let other = agreed.filter(|agreed| *agreed != irreversible);
    let other = other.map(|other| format!(", where {other} was given")).unwrap_or_default();
    let why = match reversible {
        0 if !reversible_covered => " (its steps may put back what somebody undoes meanwhile)",
        _ => "",
    };
    let what = format!(
        "the plan has {reversible} reversible and {irreversible} irreversible steps, nobody is at a terminal to confirm \
         them, and {} is not there{why}{other}; nothing of this plan was sent",
        missing.join(" ")
    );
    let next = unnamed.as_ref().map_or_else(|| same_command_with(&missing), |name| to_name(name));
    Err(Failure::yours(exit::NEEDS_CONFIRMATION, what, next))
}

/// Asks at the terminal. The answer is read away from the runtime's thread, so that signals are heard meanwhile.
async fn ask(plan: &Plan) -> Result<Consent, Failure> {
    let (prompt, phrase) = question(plan);
    let asked = tokio::task::spawn_blocking(move || {
        Input::<String>::new().with_prompt(prompt).default(NO.to_owned()).report(false).interact()
    });
    let typed = match asked.await {
        Ok(Ok(typed)) => typed,
        Ok(Err(dialoguer::Error::IO(error))) if error.kind() == std::io::ErrorKind::Interrupted => {
            let what = "interrupted: nothing of this plan was sent";
            return Err(Failure::yours(exit::INTERRUPTED, what, same_command_with(&[])));
        }
        // The terminal has gone: nobody said yes.
        Ok(Err(_)) | Err(_) => NO.to_owned(),
    };
    let typed = typed.trim().to_owned();
    if typed == phrase {
        return Ok(Consent::Typed(typed));
    }
    let what = format!("that was not `{phrase}`: nothing of this plan was sent");
    Err(Failure::yours(exit::DECLINED, what, same_command_with(&[])))
}
