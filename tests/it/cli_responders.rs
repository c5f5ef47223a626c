//! Runs that act as a role, from the command line: `responders.yaml`, what is refused, and credentials that end.

use std::fs;
use std::time::Duration;

use quell::journal::{Record, read};
use quell::plan::read_plan;
use quell::range::Scenario;
use quell::range::scenario::{FaultKind, Span};

use crate::cli_quell::{FREEZE, Said, Served, VALUES, calm, flat, one_fault};
use crate::company::Company;
use crate::outside;
use crate::pty::Terminal;
use crate::responder_role::add_role;

const ROLE: &str = "arn:aws:iam::111122223333:role/quell-responder";
const SETTING: &str = "- { role: 'arn:aws:iam::111122223333:role/quell-responder', external_id: 4f1c9a }\n";

/// A company whose runs act as a role, and an account that has it.
struct World {
    company: Company,
    range: Served,
}

impl World {
    fn new(setting: &str, change: impl FnOnce(&mut Scenario)) -> Self {
        let company = Company::new(&[], "", "");
        let scenario = company.quell.scenario(|scenario| {
            calm(scenario);
            // What was sent shows at once, and what does not show was not sent.
            scenario.knobs.trail_delay = Span(Duration::ZERO);
            add_role(scenario);
            change(scenario);
        });
        let range = Served::with(&company.quell, &scenario);
        let world = Self { company, range };
        world.says(setting);
        world
    }

    /// What the file says from now on.
    fn says(&self, setting: &str) {
        fs::write(self.company.config().join("responders.yaml"), setting).expect("written");
    }

    fn at(&self, words: &[&str]) -> Said {
        self.company.at(&self.range, words)
    }

    /// The words that carry the runbook out which has one step.
    fn freeze(&self) -> Vec<String> {
        let runbook = self.company.quell.file("freeze.yaml", FREEZE);
        ["run", &runbook, VALUES[0], "--yes", "--incident", "INC-1"].map(str::to_owned).to_vec()
    }

    fn run(&self) -> Said {
        let words = self.freeze();
        self.at(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Nothing was begun, and nothing was changed.
    fn is_untouched(&self) {
        assert_eq!(self.company.say(&["status"]).out, "no runs\n");
        assert!(outside::told(&self.range.url, "PutRolePolicy").is_empty(), "something was sent");
    }
}

#[test]
fn a_run_acts_as_the_role_and_cloudtrail_tells_its_id() {
    let world = World::new(SETTING, |_| {});
    let said = world.run();
    assert_eq!(said.code, 0, "{}", said.talk);
    let (run, path) = world.company.quell.journal().expect("a run");
    let plan = flat(&said.talk);
    assert!(plan.contains(&format!("{ROLE} (the run acts as it)")), "{}", said.talk);
    assert!(plan.contains("in a session that may change what this plan may, and nothing else"), "{}", said.talk);
    let journal = read(&fs::read(path).expect("a journal")).expect("sound");
    let Record::RunOpened(opened) = &journal.entries[0].record else { panic!("it begins") };
    let acts_as = opened.acts_as.as_ref().expect("a role");
    assert_eq!(acts_as.role.as_str(), ROLE);
    assert!(acts_as.user_id.ends_with(&format!(":quell-{run}")), "{}", acts_as.user_id);
    assert!(acts_as.policy.is_some() && acts_as.managed.is_empty());
    let changed = outside::told(&world.range.url, "PutRolePolicy");
    assert_eq!(changed.len(), 1);
    let who = &changed[0]["userIdentity"];
    assert!(
        who["arn"].as_str().expect("an ARN").ends_with(&format!("assumed-role/quell-responder/quell-{run}")),
        "{who}"
    );
    assert_eq!(who["sessionContext"]["sourceIdentity"], run.as_str());
    // Undoing is a plan of its own, with a session of its own.
    let said = world.at(&["undo", &run, "--wrong-target=ml-pipeline", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.talk);
    assert_eq!(outside::told(&world.range.url, "DeleteRolePolicy").len(), 1);
}

#[test]
fn whom_the_role_does_not_let_in_begins_nothing() {
    let world = World::new(&SETTING.replace("4f1c9a", "000000"), |_| {});
    let said = world.run();
    assert_eq!(said.code, 31, "{}", said.talk);
    assert!(said.talk.contains(&format!("AWS lets you have no session of {ROLE}")), "{}", said.talk);
    assert_eq!(said.next(), "Next: quell help apply  # says what the role and `responders.yaml` need");
    world.is_untouched();
}

#[test]
fn a_plan_is_carried_out_as_the_role_that_it_names_or_not_at_all() {
    let world = World::new(SETTING, |_| {});
    let plan = world.company.saved(&world.range);
    let named = read_plan(std::path::Path::new(&plan)).expect("a plan").caller.acts_as.expect("a role");
    assert_eq!(named.role.as_str(), ROLE);
    assert!(named.id.is_some_and(|id| id.starts_with("AROA")));
    let apply = || world.at(&["apply", &plan, "--yes", "--allow-irreversible=0"]);
    let refused = |why: &str| {
        let said = apply();
        assert_eq!(said.code, 31, "{}", said.talk);
        assert!(said.talk.contains(why), "{}", said.talk);
        said.next();
        world.is_untouched();
    };
    world.says("");
    refused("and `responders.yaml` says nobody else");
    world.says(&SETTING.replace("quell-responder", "another"));
    refused("and `responders.yaml` says arn:aws:iam::111122223333:role/another");
    // One that was made anew under the same name is another one.
    world.says(SETTING);
    outside::make_anew(&world.range.url, "quell-responder");
    refused("and `responders.yaml` says arn:aws:iam::111122223333:role/quell-responder (AROA");
}

#[test]
fn what_the_file_says_wrongly_is_named() {
    let world = World::new(SETTING, |_| {});
    let wrong = |setting: &str, why: &str| {
        world.says(setting);
        let said = world.run();
        assert_eq!(said.code, 1, "{}", said.talk);
        assert!(said.talk.contains("responders.yaml`: ") && said.talk.contains(why), "{}", said.talk);
        assert_eq!(said.next(), "Next: quell help apply  # shows the file");
    };
    wrong(
        "- { role: 'arn:aws:iam::111122223333:user/ana' }",
        "`arn:aws:iam::111122223333:user/ana` is not the ARN of a role",
    );
    wrong(&SETTING.repeat(2), "two roles are of account 111122223333");
    wrong("- { roll: x }", "unknown field `roll`");
    wrong(&SETTING.replace("4f1c9a", "'x y'"), "an external id has 2 to 1,224 letters");
    let policies = format!(
        "{}, policies: [{}] }}",
        SETTING.trim_end().trim_end_matches(" }"),
        ["'arn:aws:iam::111122223333:role/x'"].join(", ")
    );
    wrong(&policies, "`arn:aws:iam::111122223333:role/x` is not the ARN of a managed policy");
    world.is_untouched();
}

/// A person at a terminal renews the credentials, and the run goes on by itself.
#[test]
fn a_run_at_a_terminal_waits_for_new_credentials_and_goes_on() {
    let world = World::new("", |scenario| scenario.faults = one_fault("PutRolePolicy", FaultKind::ExpiredToken));
    let keys = "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";
    let path = world.company.quell.file("credentials", keys);
    let words = world.freeze();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut command = world.company.quell.command_at(&world.range, &words);
    command.env("QUELL_CONFIG_DIR", world.company.config()).env("AWS_SHARED_CREDENTIALS_FILE", path);
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let mut terminal = Terminal::with(&command, "dumb");
    let code = terminal.ends();
    let screen = terminal.screen();
    assert_eq!(code, 0, "{screen}");
    let at = |part: &str| screen.find(part).unwrap_or_else(|| panic!("no `{part}`: {screen}"));
    assert!(at("the credentials have ended, and nothing is sent") < at("CONTAINED"), "{screen}");
    assert!(screen.contains("it goes on with: quell resume"), "{screen}");
    let (_, path) = world.company.quell.journal().expect("a run");
    let journal = read(&fs::read(path).expect("a journal")).expect("sound");
    let resumed = journal
        .entries
        .iter()
        .filter(|entry| matches!(&entry.record, Record::Resumed { why, .. } if why == "the credentials were renewed"));
    assert_eq!(resumed.count(), 1);
}
