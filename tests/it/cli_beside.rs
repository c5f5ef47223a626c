//! What is no longer as a run left it: its journal, its plan, its evidence. Each is found by the verbs that rest on it.

use std::path::PathBuf;

use serde_json::Value;

use crate::cli_next::{typed, with_yes};
use crate::cli_quell::{FREEZE, Quell, Said, Served, VALUES, calm};

/// A range in which one run has changed one thing, and the folder of that run.
fn frozen(quell: &Quell) -> (Served, String, PathBuf) {
    let range = Served::shipped(quell);
    let runbook = quell.file("freeze.yaml", FREEZE);
    let said = quell.at(&range, &["run", &runbook, VALUES[0], "--yes"]);
    assert_eq!(said.code, 0, "{}", said.talk);
    let run = quell.run_of("contain");
    let folder = quell.state().join("runs").join(&run);
    (range, run, folder)
}

fn verified(quell: &Quell, run: &str) -> (i32, Value) {
    let said = quell.say(&["audit", "verify", run, "--output", "json"]);
    (said.code, serde_json::from_str(&said.out).expect("JSON"))
}

#[test]
fn plan_and_evidence_are_verified_with_the_journal() {
    let quell = Quell::new();
    let (range, run, folder) = frozen(&quell);
    let (code, sound) = verified(&quell, &run);
    let files = sound["beside"].as_object().expect("the files beside it");
    assert!(code == 0 && sound["sound"] == true && files.len() >= 2, "{sound}");
    assert!(files.values().all(|kept| kept == "as-written"), "{sound}");
    let journal = folder.join("journal.jsonl");
    let same = quell.say(&["audit", "verify", &journal.display().to_string()]);
    assert!(same.code == 0 && same.out.contains(&format!("{} of {} files", files.len(), files.len())), "{}", same.out);

    // Nothing rests on the journal alone: each file that it names is looked at, whatever has become of it.
    for name in files.keys() {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).expect("a file that the journal names");
        let mut changed = bytes.clone();
        changed[bytes.len() / 2] ^= 1;
        for (kept, wrong) in [("changed", Some(changed)), ("missing", None)] {
            match wrong {
                Some(bytes) => std::fs::write(&path, bytes).expect("written"),
                None => std::fs::remove_file(&path).expect("removed"),
            }
            let (code, found) = verified(&quell, &run);
            assert!(code == 27 && found["sound"] == false && found["beside"][name] == kept, "{name}: {found}");
            let text = quell.say(&["audit", "verify", &run]);
            assert!(text.code == 27 && text.out.contains("DAMAGED") && text.out.contains(name), "{}", text.out);
            text.next();
            let shown = quell.say(&["show", &run]);
            let is_plan = name == "plan.json";
            assert_eq!(shown.code, if is_plan { 27 } else { 0 }, "{name} {kept}: {}", shown.talk);
            assert!(shown.out.contains("#0 OK iam:PutRolePolicy"), "it is shown all the same: {}", shown.out);
        }
        std::fs::write(&path, &bytes).expect("put back");
    }
    assert_eq!(verified(&quell, &run).0, 0);

    let evidence = std::fs::read_dir(folder.join("evidence")).expect("evidence");
    for file in evidence {
        let path = file.expect("a file").path();
        std::fs::write(&path, "{}").expect("written");
    }
    let undo = quell.at(&range, &["undo", &run, "--yes"]);
    assert_eq!((undo.code, undo.next()), (27, format!("Next: quell audit verify {run}").as_str()), "{}", undo.talk);
}

#[test]
fn a_journal_that_is_gone_is_damage_and_not_a_run_that_never_began() {
    let quell = Quell::new();
    let (range, run, folder) = frozen(&quell);
    let journal = folder.join("journal.jsonl");
    let gone = |said: Said, verb: &str| {
        assert_eq!(said.code, 27, "{verb}: {}", said.talk);
        assert!(said.talk.contains(&format!("the journal of run `{run}` is gone")), "{verb}: {}", said.talk);
        assert!(said.next().starts_with("Next: quell status  #"), "{}", said.talk);
    };
    let emptied: fn(&PathBuf) = |path| std::fs::write(path, "").expect("emptied");
    let removed: fn(&PathBuf) = |path| std::fs::remove_file(path).expect("removed");
    for take in [emptied, removed] {
        take(&journal);
        gone(quell.say(&["audit", "verify", &run]), "verify");
        gone(quell.say(&["show", &run]), "show");
        gone(quell.at(&range, &["resume", &run]), "resume");
        gone(quell.at(&range, &["undo", &run]), "undo");
        let status = quell.say(&["status", &run]);
        assert!(status.code == 0 && status.out.contains("is gone"), "{}", status.out);
    }
}

/// No run goes on from a damaged journal; what it may have left to do is done by a new one, and the screens name it, unless it was
/// taken back.
#[test]
fn the_way_past_a_damaged_journal_is_a_new_run() {
    let quell = Quell::new();
    let (range, run, folder) = frozen(&quell);
    let journal = folder.join("journal.jsonl");
    let sound = std::fs::read(&journal).expect("a journal");
    let second = sound.iter().position(|byte| *byte == b'\n').expect("a line") + 40;
    let mut damaged = sound.clone();
    damaged[second] ^= 1;
    std::fs::write(&journal, &damaged).expect("written");
    let verify = quell.at(&range, &["audit", "verify", &run]);
    assert_eq!(verify.code, 27, "{}", verify.talk);
    assert!(verify.next().contains(&format!("freeze.yaml {} --incident ", VALUES[0])), "{}", verify.talk);
    let status = quell.at(&range, &["status", &run]);
    let next = verify.next().split("  # ").next().expect("a line");
    assert!(status.out.contains(next), "{}", status.out);
    let again = typed(&quell, &with_yes(verify.next()));
    assert!(again.code == 0 && again.out.starts_with("CONTAINED"), "{}", again.talk);

    // Who damages the first record as well could have put another plan there: its values are named by nobody.
    let mut first = damaged.clone();
    first[40] ^= 1;
    std::fs::write(&journal, first).expect("written");
    let by_hand = quell.at(&range, &["audit", "verify", &run]);
    assert!(!by_hand.next().contains(VALUES[0]), "{}", by_hand.talk);

    std::fs::write(&journal, sound).expect("written");
    let undone = quell.at(&range, &["undo", &run, "--wrong-target=ml-pipeline", "--yes"]);
    assert_eq!(undone.code, 0, "{}", undone.talk);
    std::fs::write(&journal, damaged).expect("written");
    let verify = quell.at(&range, &["audit", "verify", &run]);
    assert!(verify.next().starts_with("Next: quell status"), "{}", verify.talk);
}

/// A journal that was taken elsewhere is judged alone: a plan that happens to lie there is none of its.
#[test]
fn a_journal_alone_is_sound_alone() {
    let quell = Quell::new();
    let (_range, run, folder) = frozen(&quell);
    let elsewhere = quell.home.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).expect("a folder");
    std::fs::write(elsewhere.join("plan.json"), "{}").expect("another plan");
    let copy = elsewhere.join("journal.jsonl");
    std::fs::copy(folder.join("journal.jsonl"), &copy).expect("copied");
    let copy = copy.display().to_string();
    let said = quell.say(&["audit", "verify", &copy]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.contains("   SOUND   ") && said.out.contains("neither plan nor evidence were"), "{}", said.out);

    // Nothing is written behind the end of a run.
    let sound = std::fs::read(&copy).expect("a journal");
    let lost = &sound[..sound.len() - 1];
    for (changed, code) in [([&sound[..], b"x"].concat(), 27), ([lost, b"\x0b"].concat(), 27), (lost.to_vec(), 0)] {
        std::fs::write(&copy, &changed).expect("written");
        let said = quell.say(&["audit", "verify", &copy]);
        assert_eq!(said.code, code, "{}", said.out);
        assert!(code == 27 || said.out.contains("are a whole record without its line"), "{}", said.out);
    }
    // A copy of the whole folder is looked at whole.
    let whole = quell.home.path().join("copy");
    let copied = std::process::Command::new("cp").arg("-r").arg(&folder).arg(&whole).status().expect("cp");
    assert!(copied.success());
    std::fs::write(whole.join("plan.json"), "{}").expect("written");
    let said = quell.say(&["audit", "verify", &whole.join("journal.jsonl").display().to_string()]);
    assert!(said.code == 27 && said.out.contains("DAMAGED BESIDE A SOUND JOURNAL"), "{run}: {}", said.out);
}

/// A run that lost what it kept cannot go on, and going on again would not help.
#[test]
fn a_run_that_lost_its_evidence_is_damaged() {
    let quell = Quell::new();
    let range = Served::with(&quell, &quell.scenario(calm));
    let runbook = quell.file("freeze.yaml", FREEZE);
    let mut under_way = quell.start_at(&range, &["run", &runbook, VALUES[0], "--yes"]);
    under_way.hears("DONE   freeze");
    under_way.child.kill().expect("killed");
    under_way.child.wait().expect("gone");
    let (run, _) = quell.journal().expect("a run");
    std::fs::remove_dir_all(quell.state().join("runs").join(&run).join("evidence")).expect("removed");
    let said = quell.at(&range, &["resume", &run]);
    assert_eq!((said.code, said.next()), (27, format!("Next: quell audit verify {run}").as_str()), "{}", said.talk);
}
