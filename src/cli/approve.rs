//! `quell approve`, and what `quell status` says of a plan.

use std::path::{Path, PathBuf};

use dialoguer::Input;
use ssh_key::{HashAlg, PublicKey};

use super::arguments::{Globals, Output};
use super::entry::{quoted, same_command_with};
use super::exit;
use super::failure::Failure;
use super::load::saved_plan;
use super::next::planned_by_hand;
use super::rules::{Circumstances, Rules};
use super::signing::{CannotSign, Key};
use super::sink;
use crate::base::{Clock, canonical_bytes};
use crate::guard::{NAMESPACE, signer};
use crate::plan::Plan;
use crate::report::{PlannedPhase, approvals_json, approvals_text, plan_text};

/// Signs a plan.
pub(super) fn approve(path: &Path, key: Option<&Path>, globals: &Globals) -> Result<(), Failure> {
    let plan = saved_plan(path)?;
    // What is signed is what was read and is shown, and not what the file holds a moment later.
    let bytes = canonical_bytes(&plan);
    let signers = Rules::read(globals)?.signers;
    let now = Clock::real().now();
    if now >= plan.expires {
        let what = format!("the plan was valid until {}: nobody can apply it any more", plan.expires);
        return Err(Failure::yours(exit::NOT_APPLICABLE, what, planned_by_hand(&plan, " --save NEW.json", globals)));
    }
    let nobody_is_named = signers.people(NAMESPACE, now).is_empty();
    let may = |key: &PublicKey| nobody_is_named || signers.person(key.key_data(), NAMESPACE, now).is_ok();
    let key = Key::choose(key, may).map_err(|error| cannot(&error, path, NAMESPACE))?;
    sink::talk(&plan_text(&[PlannedPhase { plan: plan.clone(), made: None }], "saved plan"));
    agree(&plan, globals)?;
    let signature = key.sign(&bytes, NAMESPACE).map_err(|error| cannot(&error, path, NAMESPACE))?;
    // What nobody could verify helps nobody.
    signer(&signature, &bytes, NAMESPACE)
        .map_err(|bad| Failure::yours(exit::ERROR, bad.to_string(), by_hand(path, NAMESPACE)))?;
    let file = signature_file(path, &key.public());
    // One that is there may be over an older plan of the same name.
    let there = std::fs::read_to_string(&file).ok();
    if there.is_some_and(|there| signer(&there, &bytes, NAMESPACE).is_ok()) {
        sink::talk(&format!("this key has signed already: {}\n", file.display()));
    } else {
        std::fs::write(&file, &signature).map_err(|error| Failure::machine(&error, same_command_with(&[])))?;
        sink::talk(&format!("signed: {}\n", file.display()));
    }
    standing(path, globals)
}

/// Says who has signed a plan, who may, and what is missing.
pub(super) fn standing(path: &Path, globals: &Globals) -> Result<(), Failure> {
    let plan = saved_plan(path)?;
    let with = Circumstances { file: Some(path), ..Circumstances::default() };
    let judged = Rules::read(globals)?.judge(&plan, with, Clock::real().now())?;
    let (found, verdict) = (&judged.approvals, &judged.clearance.verdict);
    match globals.output {
        Output::Text => sink::data(&approvals_text(&plan, found, verdict)),
        Output::Json => sink::json(&approvals_json(&plan, found, verdict)),
    }
    Ok(())
}

/// A person at the terminal types the beginning of the digest, which nothing on the screen can fake: it is counted here.
fn agree(plan: &Plan, globals: &Globals) -> Result<(), Failure> {
    if globals.yes {
        return Ok(());
    }
    if !sink::is_at_terminal() {
        let what = "nobody is at a terminal to approve the plan, and --yes is not there; nothing was signed";
        return Err(Failure::yours(exit::NEEDS_CONFIRMATION, what, same_command_with(&["--yes".to_owned()])));
    }
    let phrase = format!("approve {}", plan.digest().short());
    let prompt = format!("Type  {phrase}  to sign it");
    let typed = Input::<String>::new().with_prompt(prompt).default("no".to_owned()).report(false).interact_text();
    match typed {
        Ok(typed) if typed == phrase => Ok(()),
        Ok(_) => Err(Failure::yours(exit::DECLINED, "nothing was signed", same_command_with(&[]))),
        Err(error) => Err(Failure::machine(&error, same_command_with(&[]))),
    }
}

/// What somebody can do who cannot sign here: choose a key, or sign without quell.
pub(super) fn cannot(error: &CannotSign, path: &Path, namespace: &str) -> Failure {
    let next = match error {
        CannotSign::SeveralKeys(keys) => {
            return Failure::yours(
                exit::ERROR,
                format!("{error}: {}", keys.join(", ")),
                same_command_with(&["--key ~/.ssh/id_ed25519.pub".to_owned()]),
            );
        }
        _ => by_hand(path, namespace),
    };
    Failure::yours(exit::ERROR, error.to_string(), next)
}

/// The command that signs without quell.
fn by_hand(path: &Path, namespace: &str) -> String {
    format!("ssh-keygen -Y sign -n {namespace} -f ~/.ssh/id_ed25519 {}", quoted(&path.display().to_string()))
}

/// Beside the plan, named by the key, so that several people can sign into one folder.
fn signature_file(plan: &Path, key: &PublicKey) -> PathBuf {
    let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
    let letters: String =
        fingerprint.trim_start_matches("SHA256:").chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    let mut name = plan.as_os_str().to_owned();
    name.push(format!(".{letters}.sig"));
    PathBuf::from(name)
}
