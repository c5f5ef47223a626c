//! A company for tests: people with SSH keys, and the folder of configuration that says what they decide.

use std::path::PathBuf;
use std::process::Command;

use crate::cli_quell::{FREEZE, Quell, Said, Served, VALUES};

/// A folder of configuration in which people have keys.
pub(crate) struct Company {
    pub(crate) quell: Quell,
}

impl Company {
    /// People with keys, and rules.
    pub(crate) fn new(people: &[&str], rules: &str, guardrails: &str) -> Self {
        let quell = Quell::new();
        let company = Self { quell };
        std::fs::create_dir_all(company.config()).expect("a folder");
        let mut signers = String::new();
        for person in people {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-C", person, "-f"])
                .arg(company.key(person))
                .status();
            assert!(made.expect("ssh-keygen").success());
            let public = std::fs::read_to_string(company.key(person).with_extension("pub")).expect("a key");
            signers.push_str(&format!("{person} namespaces=\"quell-plan,quell-checkpoint\" {public}"));
        }
        std::fs::write(company.config().join("allowed_signers"), signers).expect("written");
        std::fs::write(company.config().join("approvals.yaml"), rules).expect("written");
        std::fs::write(company.config().join("guardrails.yaml"), guardrails).expect("written");
        company
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.quell.home.path().join("config")
    }

    pub(crate) fn key(&self, person: &str) -> PathBuf {
        self.quell.home.path().join(person)
    }

    pub(crate) fn with_config(&self, mut command: Command) -> Said {
        Said::of(&command.env("QUELL_CONFIG_DIR", self.config()).output().expect("it runs"))
    }

    pub(crate) fn say(&self, arguments: &[&str]) -> Said {
        self.with_config(self.quell.command(arguments))
    }

    pub(crate) fn at(&self, range: &Served, arguments: &[&str]) -> Said {
        self.with_config(self.quell.command_at(range, arguments))
    }

    pub(crate) fn signs(&self, person: &str, plan: &str) -> Said {
        let key = self.key(person).display().to_string();
        self.say(&["approve", plan, "--key", &key, "--yes"])
    }

    /// Saves a plan of the runbook with one step.
    pub(crate) fn saved(&self, range: &Served) -> String {
        let runbook = self.quell.file("freeze.yaml", FREEZE);
        let plan = self.quell.home.path().join("plan.json").display().to_string();
        let said = self.at(range, &["plan", &runbook, VALUES[0], "--phase", "contain", "--save", &plan]);
        assert_eq!(said.code, 0, "{}", said.talk);
        plan
    }
}
