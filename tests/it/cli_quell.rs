//! The real binary in a scrubbed environment, and a range that it serves itself.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::time::{Duration, Instant};

use quell::journal::{JOURNAL_FILE, Journal, read};
use quell::range::Scenario;
use quell::range::scenario::{AdversarySpec, Fault, FaultKind, FaultRepeat};
use tempfile::TempDir;

use crate::drill::scratch;

/// The runbook's values for the shipped scenario.
pub(crate) const VALUES: [&str; 2] =
    ["principal=arn:aws:iam::111122223333:role/service/ml-pipeline", "user=arn:aws:iam::111122223333:user/ci-deploy"];
pub(crate) const RUNBOOK: &str = "runbooks/rogue-bedrock-agent.yaml";
pub(crate) const SCENARIO: &str = "examples/rogue-bedrock-agent.yaml";
/// A runbook of one step that can be taken back.
pub(crate) const FREEZE: &str = "quell: 1
name: freeze-only
title: End the sessions of a role
parameters:
  principal: { type: iam_arn }
steps:
  - id: freeze
    phase: contain
    action: iam.revoke-sessions
    with: { principal: \"${{ parameters.principal }}\" }
";

/// A place in which the binary runs: its own state folder, no environment but fake credentials.
pub(crate) struct Quell {
    pub(crate) home: TempDir,
}

/// What the binary said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) talk: String,
}

impl Quell {
    pub(crate) fn new() -> Self {
        Self { home: scratch() }
    }

    /// The binary with arguments, about to run from the root of the repository.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quell"));
        command
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_clear()
            .env("HOME", self.home.path())
            .env("TERM", "dumb")
            .env("QUELL_STATE_DIR", self.state())
            .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.home.path().join("state")
    }

    /// Runs the binary without a terminal.
    pub(crate) fn say(&self, arguments: &[&str]) -> Said {
        Said::of(&self.command(arguments).output().expect("it runs"))
    }

    /// The binary at a range, about to run.
    pub(crate) fn command_at(&self, range: &Served, arguments: &[&str]) -> Command {
        self.command(&[arguments, &["--range", "--endpoint-url", &range.url]].concat())
    }

    /// Runs it there without a terminal.
    pub(crate) fn at(&self, range: &Served, arguments: &[&str]) -> Said {
        Said::of(&self.command_at(range, arguments).output().expect("it runs"))
    }

    /// Starts it there without a terminal.
    pub(crate) fn start_at(&self, range: &Served, arguments: &[&str]) -> UnderWay {
        let mut command = self.command_at(range, arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let talk = BufReader::new(child.stderr.take().expect("its talk"));
        UnderWay { child, talk, heard: String::new() }
    }

    /// Writes a file next to the state folder.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    }

    /// Writes the shipped scenario, changed, next to the state folder.
    pub(crate) fn scenario(&self, change: impl FnOnce(&mut Scenario)) -> String {
        let text = std::fs::read_to_string(SCENARIO).expect("the shipped scenario");
        let mut scenario = Scenario::parse(&text).expect("a scenario");
        change(&mut scenario);
        // JSON is YAML.
        self.file("scenario.yaml", &serde_json::to_string(&scenario).expect("JSON"))
    }

    /// The runs that there are.
    pub(crate) fn runs(&self) -> Vec<String> {
        let folders = std::fs::read_dir(self.state().join("runs")).expect("a state folder");
        folders.map(|folder| folder.expect("a folder").file_name().to_string_lossy().into_owned()).collect()
    }

    /// The only run in the state folder and the path of its journal, once there is one.
    pub(crate) fn journal(&self) -> Option<(String, PathBuf)> {
        self.journal_but_of(&[])
    }

    /// The same of the only run that is not among those that are known.
    pub(crate) fn journal_but_of(&self, known: &[String]) -> Option<(String, PathBuf)> {
        let runs = std::fs::read_dir(self.state().join("runs")).ok()?;
        let names = runs.filter_map(|run| run.ok()?.file_name().into_string().ok());
        let run = names.into_iter().find(|run| !known.contains(run))?;
        let path = self.journal_of(&run);
        Some((run, path))
    }

    /// The path of a run's journal.
    pub(crate) fn journal_of(&self, run: &str) -> PathBuf {
        self.state().join("runs").join(run).join(JOURNAL_FILE)
    }

    /// Whether the journal of the only run comes to be as wanted before the program ends.
    pub(crate) fn journal_comes_to(&self, program: &mut Child, wanted: impl Fn(&Journal) -> bool) -> bool {
        self.a_journal_comes_to(program, || Some(self.journal()?.1), wanted)
    }

    /// Whether a journal, once it is there, comes to be as wanted before the program ends.
    pub(crate) fn a_journal_comes_to(
        &self,
        program: &mut Child,
        path: impl Fn() -> Option<PathBuf>,
        wanted: impl Fn(&Journal) -> bool,
    ) -> bool {
        let patience = Instant::now();
        loop {
            let bytes = path().and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
            if read(&bytes).is_ok_and(|journal| wanted(&journal)) {
                return true;
            }
            if program.try_wait().expect("its state").is_some() || patience.elapsed() > Duration::from_secs(240) {
                return false;
            }
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }

    /// The runs in the state folder, by phase.
    pub(crate) fn run_of(&self, phase: &str) -> String {
        let status = self.say(&["status", "--output", "json"]);
        let json: serde_json::Value = serde_json::from_str(&status.out).expect("JSON");
        let runs = json["runs"].as_array().expect("runs");
        let run = runs.iter().find(|run| run["summary"]["phase"] == phase).expect("a run");
        run["run"].as_str().expect("an id").to_owned()
    }
}

impl Said {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Self { code: output.status.code().expect("a code"), out: text(&output.stdout), talk: text(&output.stderr) }
    }

    /// The last line on stderr; everything but success ends with exactly one such line.
    pub(crate) fn next(&self) -> &str {
        let lines: Vec<&str> = self.talk.lines().filter(|line| line.starts_with("Next: ")).collect();
        assert_eq!(lines.len(), 1, "{}", self.talk);
        assert_eq!(self.talk.lines().last(), Some(lines[0]));
        lines[0]
    }
}

/// The binary at work, without a terminal.
pub(crate) struct UnderWay {
    pub(crate) child: Child,
    talk: BufReader<ChildStderr>,
    heard: String,
}

impl UnderWay {
    /// Listens until a line on stderr has this in it.
    pub(crate) fn hears(&mut self, part: &str) {
        loop {
            let before = self.heard.len();
            self.talk.read_line(&mut self.heard).expect("UTF-8");
            assert!(self.heard.len() > before, "it ended without `{part}`: {}", self.heard);
            if self.heard[before..].contains(part) {
                return;
            }
        }
    }

    /// Sends a signal, such as `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.child.id())).status();
        assert!(sent.expect("a shell").success(), "{name}");
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Said {
        let mut out = String::new();
        self.talk.read_to_string(&mut self.heard).expect("UTF-8");
        self.child.stdout.take().expect("its data").read_to_string(&mut out).expect("UTF-8");
        let code = self.child.wait().expect("its end").code().expect("a code");
        Said { code, out, talk: self.heard }
    }
}

/// Nobody attacks, nobody works there, and reads are never stale: what a run does is then the same each time.
pub(crate) fn calm(scenario: &mut Scenario) {
    (scenario.workload, scenario.adversary) = (Vec::new(), AdversarySpec::default());
    scenario.knobs.iam_stale_reads = false;
}

/// One request of an operation goes wrong.
pub(crate) fn one_fault(operation: &str, kind: FaultKind) -> Vec<Fault> {
    let operation = operation.to_owned();
    vec![Fault { operation, region: None, nth: 1, kind, repeat: FaultRepeat::Once }]
}

/// A range on loopback, served by the binary itself until this is dropped.
pub(crate) struct Served {
    child: Child,
    pub(crate) url: String,
}

impl Served {
    pub(crate) fn with(quell: &Quell, scenario: &str) -> Self {
        let mut child = quell
            .command(&["range", "serve", "--scenario", scenario])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a range");
        let mut url = String::new();
        let out = child.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut url).expect("its address");
        Self { child, url: url.trim().to_owned() }
    }

    pub(crate) fn shipped(quell: &Quell) -> Self {
        Self::with(quell, SCENARIO)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A text without what differs from run to run: addresses, ids, digests, times, folders.
pub(crate) fn scrubbed(text: &str, home: &Path) -> String {
    let text = text.replace(&home.display().to_string(), "[HOME]");
    let text = text.replace("111122223333", "[ACCOUNT]").replace("444455556666", "[OTHER]");
    let rules = [
        (r"http://127\.0\.0\.1:\d+", "[RANGE]"),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[REQUEST]"),
        (r"\b[0-9a-f]{64}\b", "[DIGEST]"),
        (r"\b[0-9a-f]{12}\b", "[ID]"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[TIME]"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\dZ", "[TIME]"),
        (r"\d\d:\d\d:\d\dZ", "[TIME]"),
        (r"\d\d:\d\dZ", "[TIME]"),
        (r"\d+ reads in \d+\.\d s", "[READS]"),
    ];
    rules.iter().fold(text, |text, (pattern, with)| {
        regex_lite::Regex::new(pattern).expect("a pattern").replace_all(&text, *with).into_owned()
    })
}

/// A screen as one line: what it says, wherever it breaks a line.
pub(crate) fn flat(screen: &str) -> String {
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}
