//! What the program says comes next is a command that works when it is typed.

use std::process::{Command, Output};

use quell::range::scenario::FaultKind;

use crate::cli_quell::{FREEZE, Quell, RUNBOOK, Said, Served, VALUES, calm, one_fault};

/// A `Next:` line with the flag that agrees to it, before the remark that it may end with.
pub(crate) fn with_yes(line: &str) -> String {
    format!("{} --yes", line.split("  # ").next().expect("a line"))
}

/// Types a line into a shell, where `quell` is the program.
pub(crate) fn typed(quell: &Quell, line: &str) -> Said {
    let line = line.trim_start().trim_start_matches("Next: ").split("  # ").next().expect("a line");
    let mut shell = Command::new("sh");
    let function = format!("quell() {{ '{}' \"$@\"; }}\n{line}", env!("CARGO_BIN_EXE_quell"));
    shell.arg("-c").arg(function);
    // The same surroundings as the program has elsewhere.
    let program = quell.command(&[]);
    shell.current_dir(program.get_current_dir().expect("a folder")).env_clear();
    for (name, value) in program.get_envs() {
        shell.env(name, value.expect("a value"));
    }
    let path = std::env::var("PATH").expect("a path");
    let output: Output = shell.env("PATH", path).output().expect("a shell");
    Said::of(&output)
}

#[test]
fn screens_name_commands_that_find_the_run_again() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let runbook = quell.file("freeze.yaml", FREEZE);
    let elsewhere = quell.home.path().join("other state");
    let run = |arguments: &[&str]| {
        let mut command = quell.command_at(&range, arguments);
        command.env_remove("QUELL_STATE_DIR").arg("--state-dir").arg(&elsewhere);
        Said::of(&command.output().expect("it runs"))
    };
    let said = run(&["run", &runbook, VALUES[0], "--yes"]);
    assert_eq!(said.code, 0, "{}", said.talk);
    let after = |text: &str, word: &str| {
        let at = text.find(word).unwrap_or_else(|| panic!("no `{word}` in {text}"));
        text[at..].lines().next().expect("a line").to_owned()
    };
    let verify = after(&said.out, "quell audit verify");
    assert_eq!(typed(&quell, &verify).code, 0, "{verify}");
    let undo = after(&said.out, "quell undo");
    assert!(typed(&quell, &undo).talk.contains("too early until"), "{undo}");
    let status = run(&["status"]);
    let undo = after(&status.out, "quell undo");
    let refused = typed(&quell, &undo);
    assert_eq!(refused.code, 22, "{undo}: {}", refused.talk);
    assert!(refused.next().contains("  # from 20"), "it says when: {}", refused.talk);
}

#[test]
fn a_plan_and_a_runbook_that_were_mixed_up_keep_their_flags() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let runbook = quell.file("freeze.yaml", FREEZE);
    let plan = quell.home.path().join("new folder").join("plan.json").display().to_string();
    let said = quell.at(&range, &["plan", &runbook, VALUES[0], "--phase", "contain", "--save", &plan]);
    assert_eq!(said.code, 1, "there is no such folder: {}", said.talk);
    let saved = typed(&quell, said.next());
    assert_eq!(saved.code, 0, "{}", saved.talk);
    let mixed = quell.at(&range, &["run", &plan, "--yes"]);
    assert_eq!(mixed.code, 1, "{}", mixed.talk);
    let applied = typed(&quell, mixed.next());
    assert!(applied.code == 0 && applied.out.starts_with("CONTAINED"), "{}", applied.talk);
    let mixed = quell.at(&range, &["apply", &runbook, "--yes", "--incident", "INC-7"]);
    assert_eq!(mixed.code, 1, "{}", mixed.talk);
    assert!(mixed.next().contains(" --incident INC-7 ") && mixed.next().ends_with(" --yes"), "{}", mixed.talk);
}

#[test]
fn a_scenario_of_another_runbook_is_told_as_one() {
    let quell = Quell::new();
    let said = quell.say(&["rehearse", RUNBOOK, "--scenario", "examples/stand-down.yaml"]);
    assert_eq!(said.code, 1, "{}", said.talk);
    assert!(said.talk.contains("the scenario is not one for this runbook: "), "{}", said.talk);
    assert_eq!(typed(&quell, said.next()).code, 0, "{}", said.talk);
}

#[test]
fn the_credentials_of_a_range_are_named() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let arguments = ["plan", RUNBOOK, VALUES[0], "--range", "--endpoint-url", &range.url];
    let output = quell.command(&arguments).env("AWS_ACCESS_KEY_ID", "AKIAXXXXXXXXXXXXXXXX").output().expect("it runs");
    let said = Said::of(&output);
    assert_eq!(said.code, 26, "{}", said.talk);
    let renewal = said.next().trim_start_matches("Next: ").split("  # ").next().expect("a line");
    let again = typed(&quell, &format!("{renewal}; quell {}", arguments.join(" ")));
    assert_eq!(again.code, 0, "{}", again.talk);
}

/// What was done in a range says so wherever it is asked about, and the command that is named finds that range again.
#[test]
fn what_is_typed_in_the_wrong_world_names_the_right_one() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let runbook = quell.file("freeze.yaml", FREEZE);
    let plan = quell.home.path().join("plan.json").display().to_string();
    let save = ["plan", &runbook, VALUES[0], "--phase", "contain", "--save", &plan];
    assert_eq!(quell.at(&range, &save).code, 0);
    let said = quell.say(&["apply", &plan, "--yes"]);
    assert_eq!(said.code, 31, "{}", said.talk);
    let applied = typed(&quell, said.next());
    assert!(applied.code == 0 && applied.out.starts_with("CONTAINED"), "{}", applied.talk);
    let run = quell.run_of("contain");
    let said = quell.say(&["undo", &run]);
    assert_eq!(said.code, 31, "{}", said.talk);
    assert_eq!(typed(&quell, said.next()).code, 22, "it is too early there: {}", said.talk);
    // An older run has no note of where it was: that is said in words, and no place is made up.
    std::fs::remove_dir_all(quell.state().join("origins")).expect("removed");
    let said = quell.say(&["undo", &run]);
    assert!(
        said.next().ends_with(" --range  # and --endpoint-url with the address that `quell range serve` has printed")
    );
}

/// A run that was reached by its path is begun anew by its path, from whichever folder, with the values that were given alone.
#[test]
fn a_new_run_is_named_with_what_was_given() {
    let quell = Quell::new();
    let faulty = quell.scenario(|scenario| {
        calm(scenario);
        scenario.faults = one_fault("PutRolePolicy", FaultKind::AccessDenied);
    });
    let range = Served::with(&quell, &faulty);
    let with_defaults = FREEZE.replace(
        "  principal: { type: iam_arn }\n",
        "  principal: { type: iam_arn }\n  why: { type: string, default: it is late, description: x }\n  \
         since: { type: timestamp, default: \"${{ plan_time - duration('24h') }}\" }\n",
    );
    let with_defaults = with_defaults.replace(
        "action: iam.revoke-sessions\n",
        "action: iam.revoke-sessions\n    when: \"${{ size(parameters.why) > 0 && parameters.since < plan_time }}\"\n",
    );
    let runbook = quell.file("freeze.yaml", &with_defaults);
    let plan = quell.home.path().join("plan.json").display().to_string();
    let save = ["plan", &runbook, VALUES[0], "--phase", "contain", "--save", &plan, "--incident", "INC-7"];
    let saved = quell.at(&range, &save);
    assert_eq!(saved.code, 0, "{}", saved.talk);
    let said = quell.at(&range, &["apply", &plan, "--yes"]);
    assert_eq!(said.code, 22, "{}", said.talk);
    let next = said.next();
    assert!(next.starts_with(&format!("Next: quell run {runbook} {} since=20", VALUES[0])), "{next}");
    let since = next.split(' ').find(|word| word.starts_with("since=")).expect("it is given");
    assert!(!next.contains("why=") && !since.contains('.'), "{next}");
    // It names what has to be otherwise first, and can be typed as it stands all the same.
    assert!(next.contains("  # once the caller may: "), "{next}");
    let again = typed(&quell, &with_yes(next));
    assert!(again.code == 0 && again.out.starts_with("CONTAINED"), "{}", again.talk);
}

/// What was agreed to on the command line is said again where the run stopped before it was written down.
#[test]
fn a_disk_that_is_full_at_the_start_is_gone_on_from_as_typed() {
    let quell = Quell::new();
    let range = Served::with(&quell, &quell.scenario(calm));
    let runbook = quell.file("freeze.yaml", FREEZE);
    let program = quell.command_at(&range, &["run", &runbook, VALUES[0], "--yes"]);
    let mut shell = Command::new("sh");
    // No file may become larger than 32 KiB: the plan fits, the space that is set aside for the journal does not. The signal that
    // comes with it must end nothing.
    shell.arg("-c").arg("ulimit -f 64; exec \"$0\" \"$@\"").arg(program.get_program());
    shell.args(program.get_args()).current_dir(env!("CARGO_MANIFEST_DIR")).env_clear();
    for (name, value) in program.get_envs() {
        shell.env(name, value.expect("a value"));
    }
    let said = Said::of(&shell.output().expect("it runs"));
    assert_eq!(said.code, 30, "{}", said.talk);
    // The run has not begun, and leaves nothing.
    assert!(said.next().contains("quell run ") && said.next().contains(" --yes"), "{}", said.talk);
    assert!(quell.runs().is_empty(), "{:?}", quell.runs());
    let again = typed(&quell, said.next());
    assert!(again.code == 0 && again.out.starts_with("CONTAINED"), "{}", again.talk);
}

#[test]
fn a_missing_permission_names_the_policy_of_the_runbook() {
    let quell = Quell::new();
    let refusing = quell.scenario(|scenario| {
        calm(scenario);
        scenario.faults = one_fault("GetCallerIdentity", FaultKind::AccessDenied);
    });
    let range = Served::with(&quell, &refusing);
    let said = quell.at(&range, &[&["plan", "rogue-bedrock-agent"], &VALUES[..]].concat());
    assert_eq!(said.code, 1, "{}", said.talk);
    assert!(said.next().starts_with("Next: quell permissions rogue-bedrock-agent  # "), "{}", said.talk);
    assert_eq!(typed(&quell, said.next()).code, 0);
}
