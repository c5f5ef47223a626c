//! People sign plans, with quell or with `ssh-keygen`, and what the guardrails ask for is asked for.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::cli_quell::{Quell, RUNBOOK, Said, Served, VALUES, calm, flat};
use crate::company::Company;

/// Two of three, of whom the one who made the plan is none.
const RULES: &str = "groups: { leads: [ana, kai, lee] }\nrules: { many: { of: leads, at_least: 2 } }\npeople: { incident-responder: zoe }\n";
const ONE_PERSON_DECIDES_NOTHING: &str = "caps: { principals: 0 }\n";

#[test]
fn a_plan_waits_for_two_people_and_is_applied_when_they_have_signed() {
    // The plan is made as the user `incident-responder`, which is Zoe.
    let company = Company::new(&["ana", "kai", "lee", "zoe", "ida"], RULES, ONE_PERSON_DECIDES_NOTHING);
    let range = Served::with(&company.quell, &company.quell.scenario(calm));
    let plan = company.saved(&range);
    let waits = company.at(&range, &["apply", &plan, "--yes"]);
    assert_eq!(waits.code, 32, "{}", waits.talk);
    assert!(
        flat(&waits.talk).contains("needs the approval `many`") && flat(&waits.talk).contains("caps.principals"),
        "{}",
        waits.talk
    );

    let one = company.signs("ana", &plan);
    assert_eq!(one.code, 0, "{}", one.talk);
    assert!(flat(&one.out).contains("many: 1 of 2 (ana); may sign: kai, lee"), "{}", one.out);
    assert_eq!(company.signs("ana", &plan).code, 0, "again is as good as once");
    let stranger = company.signs("ida", &plan);
    assert!(flat(&stranger.out).contains("many: 1 of 2 (ana)"), "Ida is in no group: {}", stranger.out);
    let maker = company.signs("zoe", &plan);
    assert!(
        flat(&maker.out).contains("does not count: whoever made or applies the plan does not count"),
        "{}",
        maker.out
    );
    assert_eq!(company.at(&range, &["apply", &plan, "--yes"]).code, 32);

    // The other one signs with ssh-keygen, under the name that it gives the file.
    let signed = Command::new("ssh-keygen")
        .args(["-q", "-Y", "sign", "-n", "quell-plan", "-f"])
        .args([company.key("lee"), PathBuf::from(&plan)])
        .output();
    assert!(signed.expect("ssh-keygen").status.success());
    let status = company.say(&["status", &plan]);
    assert!(
        flat(&status.out).contains("many: 2 of 2 (ana, lee)") && flat(&status.out).contains("allow it"),
        "{}",
        status.out
    );
    let done = company.at(&range, &["apply", &plan, "--yes"]);
    assert!(done.code == 0 && done.out.starts_with("CONTAINED"), "{}{}", done.out, done.talk);
    let (run, _) = company.quell.journal().expect("a run");
    let shown = company.say(&["show", &run]);
    assert!(
        flat(&shown.out).contains("signed by ana, ida, lee") && flat(&shown.out).contains("approvals: many"),
        "{}",
        shown.out
    );
}

/// What `quell approve` writes is verified by `ssh-keygen`, and what it does not sign is refused: the key of nobody, a key that is locked.
#[test]
fn ssh_keygen_takes_what_quell_signs() {
    let company = Company::new(&["ana", "zoe"], RULES, "");
    let range = Served::with(&company.quell, &company.quell.scenario(calm));
    let plan = company.saved(&range);
    assert_eq!(company.signs("ana", &plan).code, 0);
    let folder = company.quell.home.path();
    let signature = std::fs::read_dir(folder).expect("a folder").filter_map(|entry| Some(entry.ok()?.path()));
    let signature =
        signature.into_iter().find(|path| path.extension().is_some_and(|one| one == "sig")).expect("a signature");
    let verified = Command::new("ssh-keygen")
        .args(["-Y", "verify", "-n", "quell-plan", "-I", "ana", "-f"])
        .arg(company.config().join("allowed_signers"))
        .arg("-s")
        .arg(&signature)
        .stdin(std::fs::File::open(&plan).expect("the plan"))
        .status();
    assert!(verified.expect("ssh-keygen").success());
    let nobody = company.say(&["approve", &plan, "--yes"]);
    assert!(nobody.code == 1 && nobody.next().contains("ssh-keygen -Y sign -n quell-plan"), "{}", nobody.talk);
    let unasked = company.say(&["approve", &plan, "--key", &company.key("ana").display().to_string()]);
    assert_eq!(unasked.code, 24, "without a terminal nothing is assumed: {}", unasked.talk);
}

/// An agent that holds keys, until this is dropped.
struct Agent {
    child: Child,
    socket: PathBuf,
}

impl Agent {
    fn holding(company: &Company, people: &[&str]) -> Self {
        let socket = company.quell.home.path().join("agent");
        let child = Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn();
        let agent = Self { child: child.expect("ssh-agent"), socket };
        while UnixStream::connect(&agent.socket).is_err() {
            std::thread::yield_now();
        }
        for person in people {
            let mut add = Command::new("ssh-add");
            add.arg("-q").arg(company.key(person)).env("SSH_AUTH_SOCK", &agent.socket);
            assert!(add.status().expect("ssh-add").success());
        }
        agent
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Of the keys in the agent the one that may sign is taken; where several may, the person says which.
#[test]
fn the_agent_signs_with_the_key_that_may() {
    let company = Company::new(&["ana", "kai", "zoe"], RULES, ONE_PERSON_DECIDES_NOTHING);
    let range = Served::with(&company.quell, &company.quell.scenario(calm));
    let plan = company.saved(&range);
    let signers = company.config().join("allowed_signers");
    let everybody = std::fs::read_to_string(&signers).expect("signers");
    let but_kai: Vec<&str> = everybody.lines().filter(|line| !line.starts_with("kai ")).collect();
    std::fs::write(&signers, but_kai.join("\n") + "\n").expect("written");
    let agent = Agent::holding(&company, &["ana", "kai"]);
    let approve = |more: &[&str]| {
        let words = [&["approve", &plan, "--yes"], more].concat();
        let mut command = company.quell.command(&words);
        command.env("SSH_AUTH_SOCK", &agent.socket);
        company.with_config(command)
    };
    let said = approve(&[]);
    assert!(said.code == 0 && flat(&said.out).contains("many: 1 of 2 (ana)"), "{}{}", said.out, said.talk);
    std::fs::write(&signers, &everybody).expect("written");
    let said = approve(&[]);
    assert!(said.code == 1 && said.talk.contains("holds 2 keys that may sign"), "{}", said.talk);
    let public = company.key("kai").with_extension("pub").display().to_string();
    let said = approve(&["--key", &public]);
    assert!(said.code == 0 && flat(&said.out).contains("many: 2 of 2 (ana, kai)"), "{}{}", said.out, said.talk);
}

/// A plan that was carried elsewhere, with its signatures, is applied there by another user; not a byte of it may be another one.
#[test]
fn a_signed_plan_is_applied_elsewhere_and_an_altered_one_is_not() {
    let company = Company::new(&["ana", "lee", "zoe"], RULES, ONE_PERSON_DECIDES_NOTHING);
    let range = Served::with(&company.quell, &company.quell.scenario(calm));
    let plan = company.saved(&range);
    let elsewhere = Quell::new();
    let folder = elsewhere.home.path().join("inbox");
    std::fs::create_dir_all(&folder).expect("a folder");
    let carried = folder.join("plan.json");
    let carry = || {
        for entry in std::fs::read_dir(Path::new(&plan).parent().expect("a folder")).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if name.starts_with("plan.json") {
                std::fs::copy(&path, folder.join(name)).expect("copied");
            }
        }
    };
    let apply = || {
        let mut command = elsewhere.command_at(&range, &["apply", &carried.display().to_string(), "--yes"]);
        Said::of(&command.env("QUELL_CONFIG_DIR", company.config()).output().expect("it runs"))
    };
    carry();
    let unsigned = apply();
    assert_eq!(unsigned.code, 31, "{}", unsigned.talk);
    for person in ["ana", "lee"] {
        assert_eq!(company.signs(person, &plan).code, 0);
    }
    carry();
    let bytes = std::fs::read(&carried).expect("the plan");
    // Every byte is another one once, in places spread over the file: what can still be read is signed by nobody.
    for at in (0..bytes.len()).step_by(bytes.len() / 25) {
        let mut altered = bytes.clone();
        altered[at] = if altered[at] == b'1' { b'2' } else { b'1' };
        std::fs::write(&carried, &altered).expect("written");
        let refused = apply();
        assert!([1, 27, 31].contains(&refused.code), "byte {at}: {} {}", refused.code, refused.talk);
        assert!(!elsewhere.state().join("runs").exists() || elsewhere.runs().is_empty(), "byte {at} began a run");
    }
    // What is signed all the same is refused where it claims to be an undo, which nobody has to approve, or to be from tomorrow.
    for (member, value) in [("undoes", "abcdef123456"), ("made", "2036-11-22T03:00:00Z")] {
        let mut doctored: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
        doctored[member] = value.into();
        std::fs::write(&carried, quell::base::canonical_bytes(&doctored)).expect("written");
        for person in ["ana", "lee"] {
            company.signs(person, &carried.display().to_string());
        }
        let refused = apply();
        assert_eq!(refused.code, 31, "{member}: {}", refused.talk);
        assert!(!elsewhere.state().join("runs").exists() || elsewhere.runs().is_empty(), "{member} began a run");
    }
    std::fs::write(&carried, &bytes).expect("written");
    for person in ["ana", "lee"] {
        assert_eq!(company.signs(person, &carried.display().to_string()).code, 0, "an older signature gives way");
    }
    let done = apply();
    assert!(done.code == 0 && done.out.starts_with("CONTAINED"), "{}{}", done.out, done.talk);
}

#[test]
fn breaking_the_glass_takes_one_signature_and_a_reason_and_is_told_everywhere() {
    let company = Company::new(&["ana", "lee", "zoe"], RULES, ONE_PERSON_DECIDES_NOTHING);
    let range = Served::with(&company.quell, &company.quell.scenario(calm));
    let plan = company.saved(&range);
    let apply = ["apply", &plan, "--yes", "--break-glass", "nobody of the leads can be reached"];
    let alone = company.at(&range, &apply);
    assert_eq!(alone.code, 32, "whoever made the plan does not break it alone: {}", alone.talk);
    assert_eq!(company.signs("ana", &plan).code, 0);
    let done = company.at(&range, &apply);
    assert!(
        done.code == 0 && flat(&done.out).contains("BREAK-GLASS signed by ana: nobody of the leads"),
        "{}{}",
        done.out,
        done.talk
    );
    let (run, _) = company.quell.journal().expect("a run");
    assert!(flat(&company.say(&["show", &run]).out).contains("BREAK-GLASS: nobody of the leads can be reached"));
}

#[test]
fn guardrails_are_tested_and_checked_without_an_account() {
    let company = Company::new(
        &["ana", "lee", "zoe"],
        RULES,
        "protected_accounts: [\"444455556666\"]\nprotected_principals: [\"arn:aws:iam::111122223333:role/service/ml-pipeline\"]\n",
    );
    let range = Served::with(&company.quell, &company.quell.scenario(calm));
    let plan = company.saved(&range);
    let tested = company.say(&["guardrails", "test", &plan]);
    assert_eq!(tested.code, 32, "{}", tested.talk);
    assert!(flat(&tested.out).contains("GUARDRAILS, A PERSON needs: protected"), "{}", tested.out);
    assert!(flat(&tested.out).contains("GUARDRAILS, UNATTENDED no approval helps"), "{}", tested.out);
    let status = company.say(&["status", &plan]);
    assert!(flat(&status.out).contains("no rule `protected` stands in approvals.yaml"), "{}", status.out);
    let planned = company.at(&range, &["plan", RUNBOOK, VALUES[0], "--phase", "contain"]);
    assert!(
        planned.code == 0 && flat(&planned.out).contains("GUARDRAILS, A PERSON needs: protected"),
        "{}",
        planned.out
    );
    let run = company.at(&range, &["run", RUNBOOK, VALUES[0], VALUES[1], "--yes"]);
    assert!(run.code == 32 && run.next().contains("--save plan.json"), "{} {}", run.code, run.talk);
    let own = company.quell.file("own.cedar", "forbid (principal, action, resource) when { resource.colour == 1 };\n");
    let checked = company.say(&["check", &own]);
    assert_eq!(checked.code, 2, "{}", checked.out);
    assert!(
        flat(&checked.out).contains("own.cedar:1:") && flat(&checked.out).contains("bad-guardrail"),
        "{}",
        checked.out
    );
    std::fs::create_dir(company.config().join("guardrails")).expect("a folder");
    std::fs::copy(&own, company.config().join("guardrails/own.cedar")).expect("copied");
    let stopped = company.at(&range, &["apply", &plan, "--yes"]);
    assert!(stopped.code == 1 && stopped.next().contains("quell check "), "{} {}", stopped.code, stopped.talk);
}

#[test]
fn two_plans_are_held_against_each_other_without_an_account() {
    let company = Company::new(&[], "", "");
    let range = Served::with(&company.quell, &company.quell.scenario(calm));
    let save = |name: &str, values: &[&str]| {
        // The default of `since` follows the moment of each plan, and so do the two that are compared.
        let file = company.quell.home.path().join(name).display().to_string();
        let plan = ["plan", RUNBOOK, "--phase", "contain", "--incident", "INC-1", "--save", &file];
        let said = company.at(&range, &[&plan, values].concat());
        assert_eq!(said.code, 0, "{}", said.talk);
        file
    };
    let (one, same) = (save("one.json", &VALUES), save("same.json", &VALUES));
    let diff = company.say(&["diff", &one, &same]);
    assert!(diff.code == 0 && flat(&diff.out).contains("SAME both do the same"), "{}", diff.out);
    let other = save("other.json", &VALUES[..1]);
    let diff = company.say(&["diff", &one, &other]);
    assert!(
        flat(&diff.out).contains("parameters: user") && flat(&diff.out).contains("- iam:UpdateAccessKey on access key"),
        "{}",
        diff.out
    );
    assert!(!flat(&diff.out).contains("MORE"), "{}", diff.out);
    let back = company.say(&["diff", &other, &one, "--output", "json"]);
    let back: serde_json::Value = serde_json::from_str(&back.out).expect("JSON");
    assert!(back["more_calls"].as_array().is_some_and(|calls| !calls.is_empty()), "{back}");
}

/// The policy of a plan names the things that it is about, where that of a runbook cannot know them.
#[test]
fn the_permissions_of_a_plan_are_on_what_it_names() {
    let company = Company::new(&[], "", "");
    let range = Served::with(&company.quell, &company.quell.scenario(calm));
    let plan = company.saved(&range);
    let policy = |arguments: &[&str]| -> serde_json::Value {
        let said = company.say(&[&["permissions"], arguments].concat());
        assert_eq!(said.code, 0, "{}", said.talk);
        serde_json::from_str(&said.out).expect("JSON")
    };
    let allows = |policy: &serde_json::Value, action: &str, resource: &str| {
        policy["Statement"].as_array().expect("statements").iter().any(|statement| {
            let actions = statement["Action"].as_array().expect("actions");
            actions.iter().any(|one| one == action) && statement["Resource"] == resource
        })
    };
    let act = policy(&[&plan]);
    for role in ["role/ml-pipeline", "role/*/ml-pipeline"] {
        assert!(allows(&act, "iam:PutRolePolicy", &format!("arn:aws:iam::111122223333:{role}")), "{act:#}");
    }
    assert!(!allows(&act, "iam:PutRolePolicy", "arn:aws:iam::111122223333:role/*"), "{act:#}");
    let reading = policy(&[&plan, "--for", "plan"]).to_string();
    assert!(reading.contains("iam:GetRole\"") && !reading.contains("iam:Put"), "{reading}");
    let runbook = policy(&[RUNBOOK, "--for", "plan"]).to_string();
    assert!(runbook.contains("bedrock:ListAgents") && !runbook.contains("bedrock:DeleteAgent"), "{runbook}");
}

/// Where nobody knows who made a plan, it may have been the one who signs it.
#[test]
fn nobody_counts_where_the_maker_is_not_known() {
    let rules = "groups: { leads: [ana, lee] }\nrules: { many: { of: leads, at_least: 1 } }\n";
    let company = Company::new(&["ana", "lee"], rules, ONE_PERSON_DECIDES_NOTHING);
    let range = Served::with(&company.quell, &company.quell.scenario(calm));
    let plan = company.saved(&range);
    let signed = company.signs("ana", &plan);
    assert!(flat(&signed.out).contains("nobody is known by the name `incident-responder`"), "{}", signed.out);
    assert_eq!(company.at(&range, &["apply", &plan, "--yes"]).code, 32);
    let known = format!("{rules}people: {{ incident-responder: nobody }}\n");
    std::fs::write(company.config().join("approvals.yaml"), known).expect("written");
    assert_eq!(company.at(&range, &["apply", &plan, "--yes"]).code, 0);
}
