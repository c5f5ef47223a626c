//! What each kind of attacker can do to the record of a run, and whether it shows: a line of the README each.

use std::fs;
use std::path::PathBuf;

use quell::base::{Digest, canonical_bytes};
use quell::journal::JOURNAL_FILE;
use serde_json::{Map, Value};

use crate::cli_quell::{Said, Served, calm, flat};
use crate::company::Company;

/// A run that has ended, and a checkpoint of it that Ana has signed.
struct Kept {
    company: Company,
    run: String,
    journal: PathBuf,
    checkpoint: String,
}

impl Kept {
    fn new() -> Self {
        let company = Company::new(&["ana", "eve"], "", "");
        let range = Served::with(&company.quell, &company.quell.scenario(calm));
        let plan = company.saved(&range);
        assert_eq!(company.at(&range, &["apply", &plan, "--yes"]).code, 0);
        let (run, journal) = company.quell.journal().expect("a run");
        assert_eq!(journal.file_name().expect("a name"), JOURNAL_FILE);
        let checkpoint = company.quell.home.path().join("kept.json").display().to_string();
        let key = company.key("ana").display().to_string();
        let said = company.say(&["audit", "checkpoint", &run, "--key", &key, "--to", &checkpoint]);
        assert_eq!(said.code, 0, "{}", said.talk);
        Self { company, run, journal, checkpoint }
    }

    fn verify(&self) -> Said {
        self.company.say(&["audit", "verify", &self.run, "--checkpoint", &self.checkpoint])
    }

    fn alone(&self) -> Said {
        self.company.say(&["audit", "verify", &self.run])
    }

    fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.journal).expect("a journal");
        text.lines().map(str::to_owned).collect()
    }

    fn write(&self, lines: &[String]) {
        fs::write(&self.journal, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).expect("written");
    }

    /// Writes the journal anew with another record, and every check sum computed again.
    fn forge(&self) {
        let mut prev: Option<String> = None;
        let mut forged = Vec::new();
        for line in self.lines() {
            let mut entry: Map<String, Value> = serde_json::from_str(&line).expect("a line");
            entry.remove("check");
            let record = &mut entry["record"];
            if let Some(text) = record.get("text").and_then(Value::as_str).map(|text| format!("{text} --really")) {
                record["text"] = text.into();
            }
            if let Some(prev) = &prev {
                entry["prev"] = prev.clone().into();
            }
            let check = Digest::of(&entry).to_string();
            entry.insert("check".to_owned(), check.clone().into());
            forged.push(String::from_utf8(canonical_bytes(&entry)).expect("text"));
            prev = Some(check);
        }
        assert_ne!(forged, self.lines(), "nothing was forged");
        self.write(&forged);
    }
}

#[test]
fn a_journal_that_is_as_it_was_holds_against_its_checkpoint() {
    let kept = Kept::new();
    let held = kept.verify();
    assert_eq!(held.code, 0, "{}{}", held.out, held.talk);
    assert!(
        flat(&held.out).contains("signed by ana") && flat(&held.out).contains("Up to the checkpoint"),
        "{}",
        held.out
    );
    let json: Value = serde_json::from_str(
        &kept.company.say(&["audit", "verify", &kept.run, "--checkpoint", &kept.checkpoint, "--output", "json"]).out,
    )
    .expect("JSON");
    assert_eq!((&json["sound"], &json["checkpoint"]["signed_by"]), (&Value::from(true), &Value::from("ana")));
    // A checkpoint that was kept is never written over.
    let key = kept.company.key("ana").display().to_string();
    let again = kept.company.say(&["audit", "checkpoint", &kept.run, "--key", &key, "--to", &kept.checkpoint]);
    assert_eq!(again.code, 1, "{}", again.talk);
}

/// Whoever can edit the file and nothing else.
#[test]
fn an_edited_record_shows_without_a_checkpoint() {
    let kept = Kept::new();
    let mut lines = kept.lines();
    let last = lines.len() - 1;
    lines[last] = lines[last].replace("\"exit_code\":0", "\"exit_code\":1");
    kept.write(&lines);
    assert_eq!((kept.alone().code, kept.verify().code), (27, 27));
}

/// Whoever takes the end away: the journal alone looks like a run that is still open.
#[test]
fn a_journal_that_was_cut_off_shows_with_a_checkpoint_alone() {
    let kept = Kept::new();
    let lines = kept.lines();
    kept.write(&lines[..lines.len() - 2]);
    assert_eq!(kept.alone().code, 0, "this is what the journal alone cannot prove");
    let cut = kept.verify();
    assert!(cut.code == 27 && flat(&cut.out).contains("its end was taken away"), "{}", cut.out);
}

/// Whoever computes every check sum again.
#[test]
fn a_journal_that_was_written_anew_shows_with_a_checkpoint_alone() {
    let kept = Kept::new();
    kept.forge();
    assert_eq!(kept.alone().code, 0, "{}", kept.alone().out);
    let forged = kept.verify();
    assert!(forged.code == 27 && flat(&forged.out).contains("written anew"), "{}", forged.out);
}

/// Whoever forges the checkpoint as well, but has no key that counts; and whoever alters it.
#[test]
fn a_checkpoint_that_nobody_has_signed_proves_nothing() {
    let kept = Kept::new();
    kept.forge();
    fs::remove_file(&kept.checkpoint).expect("it is there");
    fs::remove_file(format!("{}.sig", kept.checkpoint)).expect("it is there");
    let signers = kept.company.config().join("allowed_signers");
    let text = fs::read_to_string(&signers).expect("signers");
    let without: String =
        text.lines().filter(|line| !line.starts_with("eve")).map(|line| format!("{line}\n")).collect();
    fs::write(signers, without).expect("written");
    let key = kept.company.key("eve").display().to_string();
    let made = kept.company.say(&["audit", "checkpoint", &kept.run, "--key", &key, "--to", &kept.checkpoint]);
    assert_eq!(made.code, 0, "{}", made.talk);
    let unsigned = kept.verify();
    assert!(
        unsigned.code == 27 && flat(&unsigned.talk).contains("nobody who may sign has signed it"),
        "{}",
        unsigned.talk
    );

    let honest = Kept::new();
    let text = fs::read_to_string(&honest.checkpoint).expect("a checkpoint");
    fs::write(&honest.checkpoint, text.replacen("\"records\":", "\"records\":1", 1)).expect("written");
    assert_eq!(honest.verify().code, 27);
}

/// Whoever holds the key of somebody who may sign writes both anew, and nothing shows: the README says so.
#[test]
fn whoever_holds_a_key_that_counts_can_forge_both() {
    let kept = Kept::new();
    kept.forge();
    let (forged, key) = (format!("{}.forged", kept.checkpoint), kept.company.key("eve").display().to_string());
    assert_eq!(kept.company.say(&["audit", "checkpoint", &kept.run, "--key", &key, "--to", &forged]).code, 0);
    let said = kept.company.say(&["audit", "verify", &kept.run, "--checkpoint", &forged]);
    assert!(said.code == 0 && flat(&said.out).contains("signed by eve"), "who signed it is told: {}", said.out);
    assert_eq!(kept.verify().code, 27, "the checkpoint that was kept elsewhere still shows it");
}
