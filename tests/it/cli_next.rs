//! What the program says comes next is a command that works when it is typed.

use std::process::{Command, Output};

use crate::cli_quell::{FREEZE, Quell, RUNBOOK, Said, Served, VALUES};

/// Types a line into a shell, where `quell` is the program.
fn typed(quell: &Quell, line: &str) -> Said {
    let line = line.trim_start_matches("Next: ").split("  # ").next().expect("a line");
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
