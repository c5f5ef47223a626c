//! What the folder of the configuration says: who may approve, and what asks for it.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy, choose_base_strategy};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::arguments::Globals;
use super::entry::{quoted, same_command_with};
use super::failure::{Failure, chain};
use super::followed::followed;
use super::{exit, sink};
use crate::base::{Arn, Digest, Exposed, Folder};
use crate::evidence::EvidenceSetting;
use crate::guard::{
    AllowedSigners, Approvals, Approvers, Clearance, GivenApprovals, GuardrailSetting, Guardrails, Initiators, Who,
    approvals, signatures,
};
use crate::plan::{Caller, Plan};
use crate::report::open_evidence_text;
use crate::secrets::Recipient;

/// The people, in OpenSSH's format.
const SIGNERS_FILE: &str = "allowed_signers";
/// Groups and rules.
const RULES_FILE: &str = "approvals.yaml";
/// Accounts and principals that are precious, and how much one person decides.
const SETTING_FILE: &str = "guardrails.yaml";
/// Who can open evidence.
const EVIDENCE_FILE: &str = "evidence.yaml";
/// Policies of the company.
const POLICIES: &str = "guardrails";
/// The most bytes that a file of signatures has.
const LARGEST: u64 = 64 * 1024;

/// Who may sign, and what is asked for.
pub(super) struct Rules {
    pub(super) signers: AllowedSigners,
    approvers: Approvers,
    guardrails: Guardrails,
    evidence: EvidenceSetting,
    /// Of all that a plan is judged by.
    digest: Digest,
    /// Where the runs are that a plan may follow.
    globals: Globals,
}

/// What others than whoever applies a plan say of it, and the signatures from which that is known.
pub(super) struct Judged {
    pub(super) clearance: Clearance,
    pub(super) approvals: Approvals,
    pub(super) signatures: Vec<String>,
}

/// What a plan is judged with.
#[derive(Default, Clone, Copy)]
pub(super) struct Circumstances<'a> {
    /// The plan's file, beside which signatures lie; a plan that no file holds has none.
    pub(super) file: Option<&'a Path>,
    /// Why one signature has to do.
    pub(super) break_glass: Option<&'a str>,
    /// Who applies it, where somebody does.
    pub(super) applies: Option<&'a Caller>,
}

impl Rules {
    /// Reads the folder: one that is named has to be there, and nobody else may write in it. Where none is named and none is there, nobody may
    /// sign, and what is part of the program holds.
    pub(super) fn read(globals: &Globals) -> Result<Self, Failure> {
        let (dir, is_named) = config_dir(globals)?;
        refuse_exposed(&dir, is_named)?;
        let mut texts = Vec::new();
        let mut keep = |path: PathBuf| -> Result<Option<(PathBuf, String)>, Failure> {
            let text = text_of(&path)?;
            texts.push((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text.clone()));
            Ok(text.map(|text| (path, text)))
        };
        let signers = match keep(dir.join(SIGNERS_FILE))? {
            None => AllowedSigners::default(),
            Some((path, text)) => AllowedSigners::parse(&text).map_err(|bad| {
                let all: Vec<String> = bad.iter().map(ToString::to_string).collect();
                wrong(&path, &all.join("; "), "approve")
            })?,
        };
        let approvers: Approvers = yaml(keep(dir.join(RULES_FILE))?, "approve", Approvers::mistakes)?;
        let setting: GuardrailSetting = yaml(keep(dir.join(SETTING_FILE))?, "guardrails", GuardrailSetting::mistakes)?;
        let mut files = Vec::new();
        // No plan is judged by it.
        let evidence = setting_of(globals, EVIDENCE_FILE, "run", EvidenceSetting::mistakes)?;
        for path in policies(&dir.join(POLICIES))? {
            let found = keep(path)?;
            files.extend(found.map(|(path, text)| (path.display().to_string(), text)));
        }
        let guardrails = Guardrails::new(setting, &files).map_err(|bad| {
            let all: Vec<String> = bad.iter().map(|one| format!("`{}`: {}", one.file, one.what)).collect();
            let first = bad.first().map_or(String::new(), |one| quoted(&one.file));
            Failure::yours(exit::ERROR, all.join("; "), format!("quell check {first}  # shows each place"))
        })?;
        Ok(Self { signers, approvers, guardrails, evidence, digest: Digest::of(&texts), globals: globals.clone() })
    }

    /// What others than whoever applies a plan say of it.
    pub(super) fn judge(&self, plan: &Plan, with: Circumstances<'_>, now: Timestamp) -> Result<Judged, Failure> {
        let found = with.file.map_or(Ok(Vec::new()), signatures_beside)?;
        let (earlier, gone) = followed(plan, &self.globals)?;
        let initiators = Initiators::of(plan, &earlier, with.applies);
        let mut approvals = approvals(plan, &found, &earlier, &self.signers, &self.approvers, &initiators, now);
        approvals.lent.extend(gone);
        let who = approvals.given.iter().filter_map(|one| one.by.as_ref().ok()?.first().cloned());
        let signed: BTreeSet<String> = who.collect();
        let met = approvals.rules.iter().filter(|(_, met)| met.is_met()).map(|(name, _)| name.clone());
        let given = GivenApprovals {
            approvals: met.collect(),
            known: approvals.rules.keys().cloned().collect(),
            break_glass: with.break_glass.is_some() && !signed.is_empty(),
        };
        let verdict = self.guardrails.judge(plan, Who::Commander, now, &given);
        let break_glass = with.break_glass.filter(|_| given.break_glass).map(str::to_owned);
        let clearance = Clearance { verdict, signed, rules: Some(self.digest), break_glass };
        let signatures = found.into_iter().map(|(_, text)| text).collect();
        Ok(Judged { clearance, approvals, signatures })
    }

    /// The digest of all that a plan is judged by.
    pub(super) fn digest(&self) -> Digest {
        self.digest
    }

    /// Whom no plan touches.
    pub(super) fn break_glass(&self) -> &BTreeSet<Arn> {
        self.guardrails.break_glass()
    }

    /// Who can open what of the evidence is confidential.
    pub(super) fn recipients(&self) -> &[Recipient] {
        &self.evidence.recipients
    }

    /// What a run of a plan would leave open, where nobody is named to whom it could be sealed.
    pub(super) fn warn_of_open_evidence(&self, plan: &Plan) {
        if self.recipients().is_empty() {
            sink::talk(&open_evidence_text(plan));
        }
    }

    /// The guardrails alone.
    pub(super) fn guardrails(&self) -> &Guardrails {
        &self.guardrails
    }
}

/// A file of settings by itself, from the folder of the configuration. `verb` is the one whose help shows the file.
pub(super) fn setting_of<T: DeserializeOwned + Default>(
    globals: &Globals,
    file: &str,
    verb: &str,
    mistakes: impl Fn(&T) -> Vec<String>,
) -> Result<T, Failure> {
    let (dir, is_named) = config_dir(globals)?;
    refuse_exposed(&dir, is_named)?;
    let path = dir.join(file);
    yaml(text_of(&path)?.map(|text| (path, text)), verb, mistakes)
}

/// A folder in that of the configuration, where it is there. Nobody else may write in either.
pub(super) fn own_folder(name: &str, globals: &Globals) -> Result<Option<PathBuf>, Failure> {
    let (dir, is_named) = config_dir(globals)?;
    refuse_exposed(&dir, is_named)?;
    let folder = dir.join(name);
    if !folder.is_dir() {
        return Ok(None);
    }
    refuse_exposed(&folder, true)?;
    Ok(Some(folder))
}

/// Where the configuration is, as told or `quell` in the XDG configuration directory, and whether it was told.
fn config_dir(globals: &Globals) -> Result<(PathBuf, bool), Failure> {
    if let Some(dir) = &globals.config_dir {
        return Ok((dir.clone(), true));
    }
    let strategy = choose_base_strategy()
        .map_err(|error| Failure::machine(&error, same_command_with(&["--config-dir ./quell".to_owned()])))?;
    Ok((strategy.config_dir().join("quell"), false))
}

/// A folder that is named and is not there would decide that nobody has to be asked, and one in which others write, whatever they like.
fn refuse_exposed(dir: &Path, is_named: bool) -> Result<(), Failure> {
    if !dir.is_dir() {
        if !is_named {
            return Ok(());
        }
        let what = format!("there is no folder `{}`, which is to say who may approve", dir.display());
        return Err(Failure::yours(exit::ERROR, what, same_command_with(&["--config-dir DIR".to_owned()])));
    }
    let exposed = Folder::at(dir).and_then(|folder| folder.exposed());
    let exposed = exposed.map_err(|error| Failure::machine(&error, same_command_with(&[])))?;
    let Some(exposed) = exposed else { return Ok(()) };
    let shown = quoted(&dir.display().to_string());
    let next = match exposed {
        Exposed::Writable(_) => format!("chmod go-w {shown}"),
        Exposed::Foreign(_) | Exposed::ForeignLink(_) => same_command_with(&["--config-dir DIR".to_owned()]),
    };
    let what = format!("`{}`, which says who may approve, is not yours alone: {exposed}", dir.display());
    Err(Failure::yours(exit::ERROR, what, next))
}

fn wrong(path: &Path, what: &str, verb: &str) -> Failure {
    Failure::yours(exit::ERROR, format!("`{}`: {what}", path.display()), format!("quell help {verb}  # shows the file"))
}

/// A file of settings; what it leaves out, and all of one that is not there or empty, is as it is without.
fn yaml<T: DeserializeOwned + Default>(
    found: Option<(PathBuf, String)>,
    verb: &str,
    mistakes: impl Fn(&T) -> Vec<String>,
) -> Result<T, Failure> {
    let Some((path, text)) = found else { return Ok(T::default()) };
    let read = Option::<T>::deserialize(serde_yaml::Deserializer::from_str(&text));
    let read = read.map_err(|error| wrong(&path, &error.to_string(), verb))?.unwrap_or_default();
    match mistakes(&read) {
        none if none.is_empty() => Ok(read),
        all => Err(wrong(&path, &all.join("; "), verb)),
    }
}

fn policies(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error: std::io::Error| {
        let what = format!("failed to read `{}`: {error}", folder.display());
        Failure::yours(exit::ERROR, what, same_command_with(&[]))
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "cedar") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The signatures beside a plan: every file whose name is the plan's with something before `.sig`. What cannot be read as one is no reason to
/// wait for a person, and stands in the list as what it is.
pub(super) fn signatures_beside(plan: &Path) -> Result<Vec<(String, String)>, Failure> {
    let folder = plan.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = plan.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let failed = |error: &std::io::Error| Failure::machine(error, same_command_with(&[]));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| failed(&error))? {
        let path = entry.map_err(|error| failed(&error))?.path();
        let of_plan = path.file_name().is_some_and(|file| {
            let file = file.to_string_lossy();
            file.starts_with(&format!("{name}.")) && file.ends_with(".sig")
        });
        if !of_plan {
            continue;
        }
        let text = signature_text(&path).unwrap_or_default();
        let shown = path.strip_prefix("./").unwrap_or(&path).display().to_string();
        let before = found.len();
        found.extend(signatures(&text).map(|one| (shown.clone(), one)));
        if found.len() == before {
            found.push((shown, text));
        }
    }
    found.sort();
    Ok(found)
}

/// The text of a plain file that is no larger than signatures are. A pipe is not opened: it would keep everybody waiting.
fn signature_text(path: &Path) -> Option<String> {
    let is_plain = std::fs::metadata(path).is_ok_and(|known| known.is_file() && known.len() <= LARGEST);
    let mut text = String::new();
    std::fs::File::open(path).ok().filter(|_| is_plain)?.take(LARGEST).read_to_string(&mut text).ok()?;
    Some(text)
}

fn text_of(path: &Path) -> Result<Option<String>, Failure> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let what = format!("failed to read `{}`: {}", path.display(), chain(&error));
            Err(Failure::yours(exit::ERROR, what, same_command_with(&[])))
        }
    }
}
