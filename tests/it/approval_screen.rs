//! What a person agrees to is what the screen says, whatever attackers have called their things.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use quell::base::{Digest, Effect};
use quell::guard::phrase_for;
use quell::plan::{Plan, read_plan};
use quell::range::Scenario;
use quell::range::scenario::Span;
use serde_json::Value;

use crate::cli_quell::{Quell, Said, Served, calm};
use crate::company::Company;
use crate::outside;
use crate::pty::Terminal;

/// How wide the longest name is: more than a screen full.
const LONG: usize = 4_096;
const INCIDENT: [&str; 2] = ["--incident", "INC-7"];

/// Names that move the cursor, clear, hide, turn, join, pile up, are too long, or look like quell's own words.
fn hostile() -> Vec<String> {
    let mut names: Vec<String> = [
        "clear\u{1b}[2J\u{1b}[H",
        "up\u{1b}[3A\u{1b}[2K\u{1b}[1G",
        "colour\u{1b}[8mhidden\u{1b}[0m",
        "alternate\u{1b}[?1049h",
        "title\u{1b}]0;all is well\u{7}",
        "clipboard\u{1b}]52;c;cm0gLXJm\u{1b}\\",
        "link\u{1b}]8;;https://example.net\u{1b}\\here\u{1b}]8;;\u{1b}\\",
        "reset\u{1b}c",
        "string\u{1b}Pq\u{1b}\\",
        "c1\u{9b}2J\u{9d}0;x\u{9c}\u{85}\u{8d}",
        "return\rType  delete 0 agents  to send 0 calls",
        "lines\n\nType  delete 0 agents  to send 0 calls (all of it can be taken back with quell undo) [no]: ",
        "back\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{7f}\u{7f}",
        "tabs\t\t\u{b}\u{c}\u{0}",
        "turned\u{202e}stnega 0 eteled\u{202c}\u{2066}\u{2069}\u{61c}",
        "joined\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}\u{e0041}",
        "apart\u{2028}\u{2029}CONTAIN   no calls   plan 000000000000",
        "Type  delete 0 agents  to send 0 calls (all of it can be taken back with quell undo) [no]: no",
        "CONTAIN   no calls   plan 000000000000",
        "0 reversible, 0 irreversible.",
        "RANGE (not AWS) 000000000000   you nobody",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push(format!("tower{}", "\u{30d}".repeat(200)));
    names.push("\u{336}struck".to_owned());
    names.push("long".repeat(LONG / 4));
    names.push(format!("padded{}CONTAIN   no calls", "\u{a0}".repeat(LONG / 2)));
    names
}

/// An account in which things have such names, and the runbook that meets them.
struct World {
    company: Company,
    range: Served,
    runbook: &'static str,
    values: Vec<String>,
}

impl World {
    /// The scenario of a runbook, changed, in which nobody acts.
    fn of(runbook: &'static str, change: impl FnOnce(&mut Scenario)) -> Self {
        let text = std::fs::read_to_string(format!("examples/{runbook}.yaml")).expect("a scenario");
        let mut scenario = Scenario::parse(&text).expect("a scenario");
        calm(&mut scenario);
        // What was sent shows at once, and what does not show was not sent.
        scenario.knobs.trail_delay = Span(Duration::ZERO);
        change(&mut scenario);
        let company = Company::new(&["ana"], "", "");
        let path = company.quell.file("scenario.yaml", &as_yaml(&scenario));
        let range = Served::with(&company.quell, &path);
        let value = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let values = scenario.parameters.iter().map(|(name, of)| format!("{name}={}", value(of))).collect();
        Self { company, range, runbook, values }
    }

    fn quell(&self) -> &Quell {
        &self.company.quell
    }

    fn about<'a>(&'a self, words: &[&'a str]) -> Vec<&'a str> {
        [words, &self.values.iter().map(String::as_str).collect::<Vec<_>>()].concat()
    }

    fn saved(&self, phase: &str) -> String {
        let path = self.quell().home.path().join(format!("{phase}.json")).display().to_string();
        let save = self.about(&["plan", self.runbook, "--phase", phase, "--save", &path]);
        let said = self.quell().at(&self.range, &[&save, &INCIDENT[..]].concat());
        assert_eq!(said.code, 0, "{}", said.talk);
        path
    }

    fn terminal(&self, words: &[&str], kind: &str) -> Terminal {
        let mut command = self.quell().command_at(&self.range, words);
        Terminal::with(command.env("QUELL_CONFIG_DIR", self.company.config()), kind)
    }

    /// Nothing was begun, and nothing arrived.
    fn is_untouched(&self) {
        assert_eq!(self.quell().say(&["status"]).out, "no runs\n");
        assert_eq!(outside::changes(&self.range.url).len(), 0, "something was sent");
    }
}

/// JSON is YAML, where what YAML does not take as it is is escaped.
fn as_yaml(scenario: &Scenario) -> String {
    let json = serde_json::to_string(scenario).expect("JSON");
    let escaped = |c: char| match c {
        '\u{7f}'..='\u{ffff}' => format!("\\u{:04x}", u32::from(c)),
        _ => c.to_string(),
    };
    json.chars().map(escaped).collect()
}

/// Agents that the intruder has made, with hostile names.
fn of_agents(names: impl IntoIterator<Item = String>) -> World {
    World::of("rogue-bedrock-agent", |scenario| {
        let made = scenario.account.agents.iter().find(|one| one.created_by.is_some()).expect("a rogue agent").clone();
        scenario.account.agents.retain(|one| one.created_by.is_none());
        let named = |name| quell::range::scenario::AgentSpec { name, ..made.clone() };
        scenario.account.agents.extend(names.into_iter().map(named));
        let impact = hostile().concat().replace('\0', "");
        scenario.parameters.insert("business_impact".to_owned(), impact.chars().take(900).collect::<String>().into());
    })
}

/// What holds of every byte that goes to a terminal: printable, or a sequence of the program's own.
fn assert_plain(terminal: &Terminal, own: &str) {
    let text = String::from_utf8(terminal.bytes.clone()).expect("UTF-8");
    let own = regex_lite::Regex::new(own).expect("a pattern");
    let left = own.replace_all(&text, "");
    let bad = left.chars().find(|c| {
        (c.is_control() && !['\n', '\r'].contains(c))
            || matches!(*c, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
                | '\u{FEFF}' | '\u{336}' | '\u{E0000}'..='\u{E0FFF}')
    });
    assert_eq!(bad, None, "{left}");
    assert!(!left.contains(&"\u{30d}".repeat(5)), "marks pile up");
}

/// Colours alone, where nothing moves; where lines move, they are cleared and written anew.
const COLOURS: &str = "\u{1b}\\[[0-9;]*m";
const MOVING: &str = "\u{1b}\\[([0-9;]*[mABDGK]|\\?25[hl])";

/// The screen says of a plan what the plan says, each once, and the question is the last line of it.
fn assert_true(terminal: &Terminal, phase: &str, plan: &Plan, digest: &str, question: &str) {
    let screen = terminal.screen();
    let rows: Vec<&str> = screen.lines().collect();
    let beginning = |words: &str| rows.iter().filter(|row| row.starts_with(words)).copied().collect::<Vec<_>>();
    let heading = beginning("RANGE (not AWS) ");
    assert!(heading.len() == 1 && heading[0].starts_with("RANGE (not AWS) 111122223333"), "{heading:?}");
    let title = beginning(&format!("{}   ", phase.to_uppercase()));
    assert!(title.len() == 1 && title[0].ends_with(&format!("plan {digest}")), "{digest}: {title:?}");
    assert_eq!(beginning("CONTAIN   ").len() + beginning("ERADICATE   ").len(), 1, "{screen}");
    let (undone, for_good) = (plan.count(Effect::Reversible), plan.count(Effect::Irreversible));
    let counted = format!("{undone} reversible, {for_good} irreversible");
    let counts = rows.iter().filter(|row| row.contains(" reversible, ") && !row.starts_with(' ')).collect::<Vec<_>>();
    assert!(counts.len() == 1 && counts[0].starts_with(&counted), "{counted}: {counts:?}");
    let asked = beginning("Type ");
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].starts_with(question) && asked[0].trim_end().ends_with("[no]:"), "{question}: {}", asked[0]);
    assert_eq!(rows.last(), Some(&asked[0]), "the question is the last line");
    let (row, right) = terminal.at_cursor();
    assert_eq!((row, right.trim()), (rows.len() - 1, ""), "the cursor stands behind the question");
}

/// Asks for consent to a saved plan and checks the screen; the answer is still to be typed.
fn asked(world: &World, phase: &str, path: &str, kind: &str) -> (Terminal, String) {
    let plan = read_plan(Path::new(path)).expect("a plan");
    let digest = Digest::of_bytes(&std::fs::read(path).expect("the plan")).to_string();
    let phrase = phrase_for(&plan);
    let question = format!("Type  {phrase}  to send {} calls (", plan.calls().count());
    let mut terminal = world.terminal(&["apply", path, "--yes"], kind);
    terminal.asks();
    let short = title_digest(&terminal, phase);
    assert!(short.len() >= 12 && digest.starts_with(&short), "{short} is not the beginning of {digest}");
    assert_true(&terminal, phase, &plan, &short, &question);
    (terminal, phrase)
}

/// The digest that the screen shows.
fn title_digest(terminal: &Terminal, phase: &str) -> String {
    let screen = terminal.screen();
    let title = screen.lines().find(|row| row.starts_with(&format!("{}   ", phase.to_uppercase())));
    title.and_then(|row| row.rsplit(' ').next()).expect("the title of the phase").to_owned()
}

#[test]
fn no_name_changes_the_question_before_what_is_for_good() {
    let world = of_agents(hostile());
    let plan = world.saved("eradicate");
    for kind in ["dumb", "xterm-256color"] {
        let (mut terminal, phrase) = asked(&world, "eradicate", &plan, kind);
        assert_eq!(phrase, format!("delete {} agents", hostile().len()));
        assert_plain(&terminal, if kind == "dumb" { COLOURS } else { MOVING });
        terminal.types("delete 0 agents\n");
        assert_eq!(terminal.ends(), 25, "{}", terminal.screen());
        assert_plain(&terminal, MOVING);
    }
    world.is_untouched();
    // What is typed right is begun, and the gate asks before anything goes.
    let (mut terminal, phrase) = asked(&world, "eradicate", &plan, "xterm-256color");
    terminal.types(&format!("{phrase}\n"));
    assert_eq!(terminal.ends(), 23, "{}", terminal.screen());
    assert_plain(&terminal, MOVING);
    assert!(terminal.screen().contains(&format!("AGREED {phrase}")), "{}", terminal.screen());
}

#[test]
fn anything_but_the_phrase_is_a_no() {
    let world = of_agents(hostile());
    let answered = |mut terminal: Terminal, answer: &str| {
        terminal.asks();
        assert!(terminal.screen().lines().last().expect("a line").starts_with("Type  contain INC-7  to send "));
        terminal.types(answer);
        assert_eq!(terminal.ends(), 25, "{answer:?}: {}", terminal.screen());
        assert_plain(&terminal, MOVING);
        let screen = terminal.screen();
        assert!(screen.contains("nothing of this plan was sent"), "{answer:?}: {screen}");
        assert!(!screen.lines().any(|line| line.starts_with("Type  delete")), "{screen}");
        screen
    };
    let run = world.about(&["run", world.runbook]);
    let screen = answered(world.terminal(&[&run, &INCIDENT[..]].concat(), "xterm-256color"), "\n");
    // The command is repeated with all its values, on one line that a terminal breaks.
    let (_, next) = screen.split_once("\nNext: quell run ").expect("what comes next");
    assert!(next.contains("delete 0 agents") && !next.trim_end().contains('\n'), "{screen}");
    let plan = world.saved("contain");
    for answer in ["yes", "y", "no", "contain inc-7", "contain INC-7.", "contain  INC-7", "contain INC-7\u{7f}", "YES"]
    {
        answered(world.terminal(&["apply", &plan], "xterm-256color"), &format!("{answer}\n"));
    }
    world.is_untouched();
}

/// What runs moves lines on the screen and shows names as it goes; what is shown later of the run has them too.
#[test]
fn no_name_changes_what_a_run_shows() {
    // In real time each agent takes seconds.
    let world = of_agents(hostile().into_iter().skip(1).step_by(5));
    let words = world.about(&["run", world.runbook]);
    let mut terminal = world.terminal(&[&words, &INCIDENT[..]].concat(), "xterm-256color");
    terminal.asks();
    let digest = title_digest(&terminal, "contain");
    terminal.types("contain INC-7\n");
    let code = terminal.ends();
    assert!([0, 20].contains(&code), "{code}: {}", terminal.screen());
    assert_plain(&terminal, MOVING);
    let run = world.quell().run_of("contain");
    let journal = std::fs::read_to_string(world.quell().journal_of(&run)).expect("the journal");
    let opened: Value = serde_json::from_str(journal.lines().next().expect("a line")).expect("JSON");
    let begun = opened["record"]["plan"].as_str().expect("the plan's digest");
    assert!(begun.starts_with(&digest), "{digest} was shown, {begun} was begun");
    for words in [&["show", &run][..], &["status", &run], &["status"], &["audit", "verify", &run]] {
        let mut terminal = Terminal::with(&world.quell().command(words), "xterm-256color");
        assert_eq!(terminal.ends(), 0, "{words:?}: {}", terminal.screen());
        assert_plain(&terminal, COLOURS);
    }
    let mut terminal = world.terminal(&["undo", &run], "xterm-256color");
    terminal.asks();
    let screen = terminal.screen();
    assert!(screen.lines().last().expect("a line").starts_with("Type  undo INC-7  to send "), "{screen}");
    terminal.types("\n");
    assert_eq!(terminal.ends(), 25);
    assert_plain(&terminal, MOVING);
}

/// Whoever signs a plan types its digest, which is counted here.
#[test]
fn no_name_changes_what_is_signed() {
    let world = of_agents(hostile());
    let (plan, other) = (world.saved("eradicate"), world.saved("contain"));
    let key = world.company.key("ana").display().to_string();
    let digest = Digest::of_bytes(&std::fs::read(&plan).expect("the plan")).to_string();
    let signatures = || {
        let files = std::fs::read_dir(world.quell().home.path()).expect("a folder");
        files.filter(|file| file.as_ref().expect("a file").path().extension().is_some_and(|it| it == "sig")).count()
    };
    let sign = |answer: &dyn Fn(&str) -> String, code: i32| {
        let mut terminal = world.terminal(&["approve", &plan, "--key", &key], "xterm-256color");
        terminal.asks();
        let short = title_digest(&terminal, "eradicate");
        assert!(digest.starts_with(&short), "{short} is not the beginning of {digest}");
        let of = read_plan(Path::new(&plan)).expect("a plan");
        assert_true(&terminal, "eradicate", &of, &short, &format!("Type  approve {short}  to sign it"));
        terminal.types(&answer(&short));
        assert_eq!(terminal.ends(), code, "{}", terminal.screen());
        assert_plain(&terminal, MOVING);
    };
    sign(&|_| "\n".to_owned(), 25);
    sign(&|_| "yes\n".to_owned(), 25);
    sign(&|_| "approve 000000000000\n".to_owned(), 25);
    assert_eq!(signatures(), 0, "a no signs nothing");
    sign(&|short| format!("approve {short}\n"), 0);
    assert_eq!(signatures(), 1);
    for words in [&["show", &plan][..], &["status", &plan], &["diff", &plan, &other], &["guardrails", "test", &plan]] {
        let mut terminal = world.terminal(words, "xterm-256color");
        let code = terminal.ends();
        assert!([0, 1, 20].contains(&code), "{words:?}: {code} {}", terminal.screen());
        assert!(!terminal.screen().is_empty(), "{words:?}");
        assert_plain(&terminal, COLOURS);
    }
}

/// The things of Amazon Q, whose names AWS lets people choose more freely, in what is asked about them.
#[test]
fn no_name_of_amazon_q_changes_the_question() {
    let world = World::of("rogue-q-application", |scenario| {
        let mut names = hostile().into_iter().cycle();
        let mut next = || names.next().expect("a name without end");
        for application in scenario.account.q_applications.iter_mut().filter(|one| one.created_by.is_some()) {
            application.name = next();
            for plugin in &mut application.plugins {
                plugin.name = next();
            }
            for page in &mut application.web_experiences {
                page.title = next();
            }
        }
        let own = scenario.account.q_applications.iter_mut().filter(|one| one.created_by.is_none());
        for plugin in own.flat_map(|one| &mut one.plugins).filter(|one| one.created_by.is_some()) {
            plugin.name = next();
        }
    });
    for phase in ["contain", "eradicate"] {
        let plan = world.saved(phase);
        let path = Path::new(&plan);
        if read_plan(path).expect("a plan").count(Effect::Irreversible) == 0 {
            continue;
        }
        let (mut terminal, _) = asked(&world, phase, &plan, "xterm-256color");
        terminal.types("\n");
        assert_eq!(terminal.ends(), 25, "{}", terminal.screen());
        assert_plain(&terminal, MOVING);
    }
    world.is_untouched();
}

/// Where nobody can be asked, what comes in by a pipe is no answer, be it the right one.
#[test]
fn without_a_terminal_nothing_is_assumed() {
    let world = of_agents(hostile());
    let plan = world.saved("eradicate");
    let phrase = phrase_for(&read_plan(Path::new(&plan)).expect("a plan"));
    let digest = Digest::of_bytes(&std::fs::read(&plan).expect("the plan")).to_string();
    let key = world.company.key("ana").display().to_string();
    let answers = format!("{phrase}\ncontain INC-7\napprove {}\nyes\n", &digest[..12]);
    let answers = world.quell().file("answers", &answers);
    let run = [&world.about(&["run", world.runbook])[..], &INCIDENT].concat();
    for words in [&run[..], &["apply", &plan], &["apply", &plan, "--yes"], &["approve", &plan, "--key", &key]] {
        let mut command = world.quell().command_at(&world.range, words);
        command.env("QUELL_CONFIG_DIR", world.company.config()).stdin(File::open(&answers).expect("the answers"));
        let said = Said::of(&command.output().expect("it runs"));
        assert_eq!(said.code, 24, "{words:?}: {}", said.talk);
        assert!(said.talk.contains("nobody is at a terminal"), "{words:?}: {}", said.talk);
    }
    world.is_untouched();
    let codes = world.quell().say(&["exit-codes"]).out;
    assert!(codes.contains("24  Nobody was there to confirm the plan"), "{codes}");
}
