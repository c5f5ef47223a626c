//! What the README tells a reader to type is typed, as it stands there.

use crate::cli_quell::{Quell, Said, Served};

/// The address that stands for a range's in the README.
const ADDRESS: &str = "http://127.0.0.1:4566";
/// The profile that a reader has.
const PROFILE: &str = "[profile responder]
region = us-east-1
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
";

/// The command lines of the README's blocks for a shell, without their comments; continued ones are one line.
fn commands() -> Vec<String> {
    let readme = include_str!("../../README.md").replace("\\\n", " ");
    let mut in_shell = false;
    let mut commands = Vec::new();
    for line in readme.lines().map(str::trim) {
        match line {
            "```sh" => in_shell = true,
            "```" => in_shell = false,
            _ if in_shell && !line.is_empty() => {
                let command = line.split("  #").next().unwrap_or(line);
                commands.push(command.split_whitespace().collect::<Vec<_>>().join(" "));
            }
            _ => {}
        }
    }
    commands
}

/// Types a command of quell: at the range in the place of the README's, with files in the place of those in the reader's folder.
fn typed(command: &str, quell: &Quell, range: &Served) -> Said {
    let home = quell.home.path().display();
    let command = command.replace(ADDRESS, &range.url).replace("contain.json", &format!("{home}/contain.json"));
    let mut words: Vec<&str> = command.split(' ').skip(1).collect();
    if words.contains(&"--profile") {
        // The account that a reader has stands for is the range, and nothing else is reached.
        words.extend(["--range", "--endpoint-url", range.url.as_str()]);
    }
    let mut program = quell.command(&words);
    program.env("AWS_CONFIG_FILE", quell.home.path().join("config")).env("AWS_REGION", "us-east-1");
    Said::of(&program.output().expect("it runs"))
}

#[test]
fn every_command_of_the_readme_does_what_it_says() {
    let quell = Quell::new();
    quell.file("config", PROFILE);
    let range = Served::shipped(&quell);
    let mut seen = Vec::new();
    for command in commands() {
        let first = command.split(' ').next().unwrap_or_default().to_owned();
        match command.as_str() {
            // The one command of a newcomer.
            "cargo run -- rehearse runbooks/rogue-bedrock-agent.yaml" => {
                let said = typed(&command.replace("cargo run --", "quell"), &quell, &range);
                assert_eq!(said.code, 0, "{command}\n{}", said.talk);
                assert!(said.out.contains("\nCONTAINED after "), "{}", said.out);
            }
            // This is what runs now; and what other programs do at a range is the matter of other judges.
            "cargo test" => {}
            _ if ["aws", "export"].contains(&first.as_str()) => {}
            "quell range serve --scenario examples/rogue-bedrock-agent.yaml" => {
                assert!(range.url.starts_with("http://127.0.0.1:"), "{}", range.url);
            }
            "quell range serve --scenario examples/invocation-logging-off.yaml" => {}
            // A finding lies in the queue of that range.
            _ if command.starts_with("quell autopilot ") => {
                let range = Served::with(&quell, "examples/invocation-logging-off.yaml");
                let said = typed(&command, &quell, &range);
                assert_eq!(said.code, 0, "{command}\n{}\n{}", said.out, said.talk);
                assert!(said.out.contains("\"outcome\":\"partly-contained\""), "{}", said.out);
            }
            // It shows the plan, and then wants somebody to agree.
            _ if command.starts_with("quell apply ") => {
                let said = typed(&command, &quell, &range);
                assert_eq!(said.code, 24, "{command}\n{}", said.talk);
                assert!(said.next().ends_with(" --yes"), "{}", said.talk);
            }
            _ => {
                assert_eq!(first, "quell", "the README has a command that nobody tries: {command}");
                let said = typed(&command, &quell, &range);
                assert_eq!(said.code, 0, "{command}\n{}", said.talk);
                assert!(!said.out.is_empty(), "{command}");
            }
        }
        seen.push(first);
    }
    for program in ["cargo", "quell", "aws"] {
        assert!(seen.iter().any(|one| one == program), "no command of {program} was found");
    }
}
