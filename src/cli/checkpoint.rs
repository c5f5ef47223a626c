//! `quell audit checkpoint`, and what `quell audit verify --checkpoint` holds a journal against.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use ssh_key::PublicKey;

use super::approve::cannot;
use super::arguments::Globals;
use super::entry::{quoted, same_command_with};
use super::failure::{Failure, chain};
use super::resume::journal;
use super::rules::Rules;
use super::signing::Key;
use super::state::{find_run, store};
use super::{exit, sink};
use crate::base::Clock;
use crate::guard::{CHECKPOINT_NAMESPACE, signatures, signer};
use crate::journal::Checkpoint;

/// Writes the head of a run's journal to a file, and signs it. Needs no account.
pub(super) fn checkpoint(run: &str, to: Option<&Path>, key: Option<&Path>, globals: &Globals) -> Result<(), Failure> {
    let store = store(globals)?;
    let run = find_run(&store, run, globals)?;
    let journal = journal(&store, &run, globals)?;
    let Some(checkpoint) = Checkpoint::of(&journal, Clock::real().now()) else {
        let what = format!("run {run} never began: nothing was sent");
        return Err(Failure::yours(exit::ERROR, what, globals.about_run("status")));
    };
    let file =
        to.map_or_else(|| PathBuf::from(format!("{run}-{}.checkpoint.json", checkpoint.records)), Path::to_owned);
    let now = Clock::real().now();
    let signers = Rules::read(globals)?.signers;
    let nobody_is_named = signers.people(CHECKPOINT_NAMESPACE, now).is_empty();
    let may = |key: &PublicKey| nobody_is_named || signers.person(key.key_data(), CHECKPOINT_NAMESPACE, now).is_ok();
    let key = Key::choose(key, may).map_err(|error| cannot(&error, &file, CHECKPOINT_NAMESPACE))?;
    let bytes = checkpoint.bytes();
    let signature =
        key.sign(&bytes, CHECKPOINT_NAMESPACE).map_err(|error| cannot(&error, &file, CHECKPOINT_NAMESPACE))?;
    put(&file, &bytes)?;
    put(&signature_of(&file), signature.as_bytes()).inspect_err(|_| {
        // A checkpoint without its signature would be taken for one that somebody has signed.
        let _ = std::fs::remove_file(&file);
    })?;
    if let Err(not) = signers.person(key.public().key_data(), CHECKPOINT_NAMESPACE, now) {
        let add = format!("with `{CHECKPOINT_NAMESPACE}` among its namespaces");
        sink::talk(&format!("whoever verifies it needs this key in allowed_signers, {add}: {not}\n"));
    }
    let shown = quoted(&file.display().to_string());
    sink::data(&format!(
        "{} records of run {run}, head {}: {} and its .sig\n",
        checkpoint.records,
        checkpoint.head.short(),
        file.display()
    ));
    let verify = globals.about_run(&format!("audit verify {run} --checkpoint {shown}"));
    sink::talk(&format!("keep both where whoever could change the journal cannot; then: {verify}\n"));
    Ok(())
}

/// A checkpoint whose signature is somebody's who may sign, and who that is.
pub(super) fn signed(file: &Path, globals: &Globals) -> Result<(Checkpoint, String), Failure> {
    let next = || same_command_with(&[]) + "  # with the checkpoint as it was kept";
    let read = |path: &Path| {
        std::fs::read(path).map_err(|error| {
            Failure::yours(exit::ERROR, format!("failed to read `{}`: {error}", path.display()), next())
        })
    };
    let bytes = read(file)?;
    let text = String::from_utf8_lossy(&read(&signature_of(file))?).into_owned();
    let wrong = |what: String| Failure::yours(exit::DAMAGED, format!("`{}`: {what}", file.display()), next());
    let checkpoint = Checkpoint::read(&bytes).map_err(|bad| wrong(chain(&bad)))?;
    let signers = Rules::read(globals)?.signers;
    let now = Clock::real().now();
    let mut why = "it has no signature".to_owned();
    for signature in signatures(&text) {
        let key = match signer(&signature, &bytes, CHECKPOINT_NAMESPACE) {
            Ok(key) => key,
            Err(bad) => {
                why = bad.to_string();
                continue;
            }
        };
        // When it was signed is the word of whoever signed it: a key counts while it counts now.
        match signers.person(&key, CHECKPOINT_NAMESPACE, now) {
            Ok(person) => return Ok((checkpoint, person.into_iter().collect::<Vec<_>>().join(", "))),
            Err(not) => why = not.to_string(),
        }
    }
    Err(wrong(format!("nobody who may sign has signed it: {why}")))
}

/// Where the signature of a file is, as `ssh-keygen` puts it.
fn signature_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".sig");
    PathBuf::from(name)
}

/// Writes a new file: a checkpoint that was kept is never written over.
fn put(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let open = std::fs::OpenOptions::new().write(true).create_new(true).open(file);
    open.and_then(|mut open| open.write_all(bytes).and_then(|()| open.sync_all())).map_err(|error| {
        let what = format!("failed to write `{}`: {error}", file.display());
        Failure::yours(exit::ERROR, what, same_command_with(&["--to OTHER.checkpoint.json".to_owned()]))
    })
}
