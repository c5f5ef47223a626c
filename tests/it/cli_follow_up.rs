//! What a run has left is planned from it, and what people have signed for counts as far as nothing is more.

use std::path::{Path, PathBuf};

use quell::base::{Digest, canonical_bytes};
use quell::journal::{Origin, RunStore};
use quell::range::scenario::FaultKind;
use serde_json::Value;

use crate::cli_next::typed;
use crate::cli_quell::{Said, Served, VALUES, calm, flat, one_fault};
use crate::company::Company;

const RULES: &str = "groups: { leads: [ana, kai, lee] }\nrules: { many: { of: leads, at_least: 2 } }\npeople: { incident-responder: zoe }\n";
const ONE_PERSON_DECIDES_NOTHING: &str = "caps: { principals: 0 }\n";
const ROLE: &str = "principal=arn:aws:iam::111122223333:role/service/chat-app";
/// A runbook of two steps of which AWS refuses the first one once.
const BOTH: &str = "quell: 1
name: both
title: End the sessions of a role, and switch the keys of a user off
parameters:
  principal: { type: iam_arn }
  user: { type: iam_arn }
  since: { type: timestamp, default: \"${{ plan_time - duration('24h') }}\" }
steps:
  - id: freeze
    phase: contain
    action: iam.revoke-sessions
    when: \"${{ parameters.since < plan_time }}\"
    with: { principal: \"${{ parameters.principal }}\" }
  - id: deactivate
    phase: contain
    action: iam.deactivate-access-keys
    with: { user: \"${{ parameters.user.user_name }}\" }
";
/// Somebody makes the user one more key.
const ONE_MORE_KEY: &str = "quell: 1
name: one-more-key
title: Make a key
steps:
  - id: key
    phase: contain
    action: iam.create-access-key
    with:
      user: ci-deploy
      seal_to: [age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj]
";
/// Somebody takes the role away.
const AWAY: &str = "quell: 1
name: away
title: Take a role away
steps:
  - id: away
    phase: eradicate
    action: iam.delete-role
    with: { role: \"arn:aws:iam::111122223333:role/service/chat-app\", even_if_used: true }
";
/// Somebody makes it anew.
const ANEW: &str = "quell: 1
name: anew
title: Make a role anew
steps:
  - id: anew
    phase: recover
    action: iam.create-role
    with:
      name: chat-app
      path: /service/
      trust:
        Version: \"2012-10-17\"
        Statement: [{ Effect: Allow, Principal: { Service: ecs-tasks.amazonaws.com }, Action: \"sts:AssumeRole\" }]
      policy:
        Version: \"2012-10-17\"
        Statement: [{ Effect: Allow, Action: [\"s3:GetObject\"], Resource: \"arn:aws:s3:::reports/*\" }]
";

/// A company, and a run of a plan that two people have signed: one of its two steps was refused.
struct Left {
    company: Company,
    range: Served,
    run: String,
    /// How it ended.
    end: Said,
}

impl Left {
    fn open() -> Self {
        let company = Company::new(&["ana", "kai", "lee", "zoe"], RULES, ONE_PERSON_DECIDES_NOTHING);
        let scenario = company.quell.scenario(|scenario| {
            calm(scenario);
            // The older key stays alone, so that there is room for one more.
            for user in &mut scenario.account.users {
                user.keys.truncate(1);
            }
            scenario.faults = one_fault("PutRolePolicy", FaultKind::AccessDenied);
        });
        let range = Served::with(&company.quell, &scenario);
        let runbook = company.quell.file("both.yaml", BOTH);
        let plan = company.quell.home.path().join("plan.json").display().to_string();
        let save = ["plan", &runbook, ROLE, VALUES[1], "--phase", "contain", "--incident", "INC-7", "--save", &plan];
        let saved = company.at(&range, &save);
        assert_eq!(saved.code, 0, "{}", saved.talk);
        for person in ["ana", "lee"] {
            assert_eq!(company.signs(person, &plan).code, 0);
        }
        let end = company.at(&range, &["apply", &plan, "--yes"]);
        assert_eq!(end.code, 20, "{}{}", end.out, end.talk);
        let (run, _) = company.quell.journal().expect("a run");
        Self { company, range, run, end }
    }

    fn file(&self, name: &str) -> String {
        self.company.quell.home.path().join(name).display().to_string()
    }

    /// Plans what is left, and saves it.
    fn saved(&self, name: &str) -> (String, Said) {
        let file = self.file(name);
        let said = self.company.at(&self.range, &["plan", "--from", &self.run[..6], "--save", &file]);
        assert_eq!(said.code, 0, "{}", said.talk);
        (file, said)
    }

    fn status(&self, plan: &str) -> String {
        flat(&self.company.say(&["status", plan]).out)
    }

    fn apply(&self, plan: &str) -> Said {
        self.company.at(&self.range, &["apply", plan, "--yes"])
    }

    /// Somebody who asks nobody does something at the same account.
    fn somebody_runs(&self, name: &str, runbook: &str, more: &[&str]) {
        let runbook = self.company.quell.file(name, runbook);
        let said = self.company.quell.at(&self.range, &[&["run", &runbook, "--yes"], more].concat());
        assert_eq!(said.code, 0, "{}{}", said.out, said.talk);
    }

    fn folder(&self) -> PathBuf {
        self.company.quell.state().join("runs").join(&self.run)
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("a plan")).expect("JSON")
}

#[test]
fn what_a_signed_run_has_left_needs_no_new_signature() {
    let left = Left::open();
    // What comes next is typed as it stands, but for the folder.
    let next = left.end.next();
    let named = format!("quell plan --from {} --save ", left.run);
    assert!(next.contains(&named) && next.contains("  # once the caller may: "), "{next}");
    let said = typed(
        &left.company.quell,
        &next.replace("--save ", &format!("--save {}/", left.company.quell.home.path().display())),
    );
    assert_eq!(said.code, 0, "{}", said.talk);
    let plan = left.file(&format!("follow-up-{}.json", left.run));
    let before = json(&left.folder().join("plan.json"));
    let after = json(Path::new(&plan));
    assert_eq!(after["parameters"], before["parameters"], "a day ago is the day that it was");
    assert_eq!((&after["incident"], &after["phase"]), (&before["incident"], &before["phase"]));
    assert_eq!(after["follows"]["plan"], Digest::of(&before).to_string());
    let status = left.status(&plan);
    assert!(
        status.contains(&format!("of run {}: this one does nothing more", left.run))
            && status.contains("many: 2 of 2 (ana, lee)")
            && status.contains("allow it"),
        "{status}"
    );
    let shown = left.company.say(&["show", &plan]);
    assert!(flat(&shown.out).contains(&format!("follows run {}", left.run)), "{}", shown.out);
    // Two plans are made, and one of them alone follows the run.
    let (other, _) = left.saved("other.json");
    let done = left.apply(&plan);
    assert!(done.code == 0 && done.out.starts_with("CONTAINED"), "{}{}", done.out, done.talk);
    let (run, _) = left.company.quell.journal_but_of(std::slice::from_ref(&left.run)).expect("a run");
    let shown = flat(&left.company.say(&["show", &run]).out);
    assert!(shown.contains("signed by ana, lee") && shown.contains("approvals: many"), "{shown}");
    let twice = left.apply(&other);
    assert_eq!(twice.code, 32, "{}", twice.talk);
    assert!(left.status(&other).contains(&format!("run {run} has followed run {} already", left.run)));
    // The same plan again is the same run.
    assert_eq!(left.apply(&plan).code, 0);
    assert_eq!(left.company.quell.runs().len(), 2);
}

/// A key that the adversary has made since, and a role that is another one under the name of the first.
#[test]
fn what_nobody_has_read_of_needs_signatures_again() {
    let left = Left::open();
    left.somebody_runs("key.yaml", ONE_MORE_KEY, &[]);
    let (plan, said) = left.saved("key.json");
    let told = "deactivate: iam:UpdateAccessKey on access key";
    assert!(
        flat(&said.out).contains(told) && said.talk.contains("it waits for approvals"),
        "{}{}",
        said.out,
        said.talk
    );
    let status = left.status(&plan);
    assert!(status.contains(told) && status.contains("many: 0 of 2"), "{status}");
    assert!(status.contains("it is over an earlier plan, and does not cover this one"), "{status}");
    let runs = left.company.quell.runs().len();
    assert_eq!(left.apply(&plan).code, 32);
    left.somebody_runs("away.yaml", AWAY, &["--through", "eradicate", "--allow-irreversible=1"]);
    left.somebody_runs("anew.yaml", ANEW, &["--through", "recover"]);
    let (plan, _) = left.saved("namesake.json");
    let status = left.status(&plan);
    assert!(status.contains("freeze: role chat-app is another one than was signed for"), "{status}");
    assert_eq!(left.apply(&plan).code, 32);
    assert_eq!(left.company.quell.runs().len(), runs + 2, "only the two runs of somebody else");
    for person in ["ana", "kai"] {
        assert_eq!(left.company.signs(person, &plan).code, 0);
    }
    let done = left.apply(&plan);
    assert!(done.code == 0 && done.out.starts_with("CONTAINED"), "{}{}", done.out, done.talk);
}

#[test]
fn what_a_file_says_of_another_plan_is_not_believed() {
    let left = Left::open();
    let (plan, _) = left.saved("left.json");
    left.somebody_runs("key.yaml", ONE_MORE_KEY, &[]);
    let known = [left.run.clone()];
    let (other, _) = left.company.quell.journal_but_of(&known).expect("a run");
    let runs = left.company.quell.runs().len();
    let digest_of = |run: &str| Digest::of(&json(&left.company.quell.state().join("runs").join(run).join("plan.json")));
    let store = RunStore::open(&left.company.quell.state()).expect("a store");
    let refused = |name: &str, change: &dyn Fn(&mut Value), codes: [i32; 2]| {
        let mut forged = json(Path::new(&plan));
        change(&mut forged);
        let file = left.company.quell.file(name, &String::from_utf8(canonical_bytes(&forged)).expect("text"));
        assert_eq!(left.apply(&file).code, codes[0], "{name}: it was not saved from here");
        // Even where it was, the two plans are read, and nothing that one says of the other counts.
        store.note_plan(Digest::of(&forged), &Origin::default()).expect("noted");
        let said = left.apply(&file);
        assert_eq!(said.code, codes[1], "{name}: {}", said.talk);
        assert_eq!(left.company.quell.runs().len(), runs, "{name} began a run");
    };
    refused("digest.json", &|plan| plan["follows"]["plan"] = Digest::of(&"other").to_string().into(), [31, 31]);
    refused("other-run.json", &|plan| plan["follows"]["run"] = other.as_str().into(), [31, 31]);
    refused(
        "other.json",
        &|plan| plan["follows"] = serde_json::json!({ "run": other, "plan": digest_of(&other) }),
        [31, 32],
    );
    refused("nowhere.json", &|plan| plan["follows"]["run"] = "abcdef123456".into(), [31, 32]);
    // A call that nobody has signed for, in a plan that names the right one.
    let with_more = |plan: &mut Value| {
        let steps = plan["steps"].as_array_mut().expect("steps");
        let freeze = steps.iter_mut().find(|step| step["key"]["step"] == "freeze").expect("a step");
        let moves = freeze["work"]["outlook"]["moves"].as_array_mut().expect("moves");
        moves.push(moves[0].clone());
    };
    refused("more.json", &with_more, [31, 32]);
    // Nor is a plan in the folder of the run that is not what its journal names.
    let folder = left.folder().join("plan.json");
    let mut altered = json(&folder);
    altered["steps"][0]["work"]["envelope"] = 5_000.into();
    std::fs::write(&folder, canonical_bytes(&altered)).expect("written");
    let said = left.apply(&plan);
    assert_eq!(said.code, 27, "{}", said.talk);
    let said = left.company.at(&left.range, &["plan", "--from", &left.run]);
    assert_eq!(said.code, 27, "{}", said.talk);
    assert_eq!(left.company.quell.runs().len(), runs);
}

#[test]
fn what_cannot_be_followed_says_what_can_be_done() {
    let left = Left::open();
    let usage: [&[&str]; 5] = [
        &["plan"],
        &["plan", "--from", &left.run, "both.yaml"],
        &["plan", "--from", &left.run, "--phase", "contain"],
        &["plan", "--from", &left.run, "both.yaml", ROLE],
        &["plan", "--from", &left.run, "--incident", "INC-8"],
    ];
    for arguments in usage {
        let said = left.company.at(&left.range, arguments);
        assert_eq!(said.code, 64, "{arguments:?}: {}", said.talk);
        said.next();
    }
    assert_eq!(left.company.at(&left.range, &["plan", "--from", "zzz"]).code, 1);
    let runbook = left.file("both.yaml");
    std::fs::write(&runbook, BOTH.replace("switch the keys", "switch all keys")).expect("written");
    let changed = left.company.at(&left.range, &["plan", "--from", &left.run]);
    assert!(changed.code == 31 && changed.next().contains("quell plan "), "{} {}", changed.code, changed.talk);
    std::fs::write(&runbook, BOTH).expect("written");
    // What was taken back is not done again because somebody has signed it once.
    let (plan, _) = left.saved("left.json");
    let undone = left.company.quell.at(&left.range, &["undo", &left.run, "--yes"]);
    assert_eq!(undone.code, 0, "{}{}", undone.out, undone.talk);
    let known = [left.run.clone()];
    let (undo, _) = left.company.quell.journal_but_of(&known).expect("a run");
    assert!(left.status(&plan).contains(&format!("run {} was taken back by run {undo}", left.run)));
    assert_eq!(left.apply(&plan).code, 32);
    for run in [&left.run, &undo] {
        let said = left.company.at(&left.range, &["plan", "--from", run]);
        assert_eq!(said.code, 1, "{}", said.talk);
        said.next();
    }
}
