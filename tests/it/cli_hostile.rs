//! Names that would change what a screen says, were they printed as they are.

use crate::cli_quell::{Quell, RUNBOOK, Served, VALUES};

/// Clears the line, hides text, turns its direction, ends the line.
const HOSTILE: &str = r"x\e[2K\e[1A\u202Egnihton\u200B\u2028\u009B2J";

#[test]
fn no_name_of_an_agent_can_change_a_screen() {
    let quell = Quell::new();
    let scenario = std::fs::read_to_string("examples/rogue-bedrock-agent.yaml").expect("a scenario");
    let scenario = scenario.replace("- name: summary-helper\n", &format!("- name: \"{HOSTILE}\"\n")).replace(
        "agents: [market-research, summary-helper, translate-fast]",
        "agents: [market-research, translate-fast]",
    );
    assert!(scenario.contains(HOSTILE));
    let path = quell.file("hostile.yaml", &scenario);
    let range = Served::with(&quell, &path);
    for output in ["text", "json"] {
        let said = quell.at(&range, &[&["plan", RUNBOOK, "--output", output], &VALUES[..]].concat());
        assert_eq!(said.code, 0, "{}", said.talk);
        assert_plain(&said.out);
        assert_plain(&said.talk);
        assert!(said.out.contains("202e") && said.out.contains("gnihton"), "the name is shown, escaped: {}", said.out);
    }
    let said = quell.say(&["rehearse", RUNBOOK, "--scenario", &path]);
    assert_plain(&said.out);
    let said = quell.at(&range, &[&["run", RUNBOOK], &VALUES[..]].concat());
    assert_plain(&said.talk);
}

fn assert_plain(text: &str) {
    let bad = text.chars().find(|c| {
        (c.is_control() && *c != '\n')
            || matches!(*c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
    });
    assert_eq!(bad, None, "{text}");
}
