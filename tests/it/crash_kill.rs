//! The crash matrix in earnest: the real program is killed while it talks to a range on loopback, and `quell resume` comes
//! to the same end.

use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use quell::journal::{Journal, Record, verify};
use quell::range::scenario::{AdversarySpec, Span};
use serde_json::Value;

use crate::cli_quell::{Quell, Served, VALUES};
use crate::crash_judge::{compare_all, differences};
use crate::extent::played;
use crate::outside;

/// The calls of the phases, each of which is a point twice, and those of taking the containment back.
const CONTAIN: usize = 10;
const ERADICATE: usize = 7;
const UNDO: usize = 9;
const SEED: u64 = 7;
/// How many stories happen at once: more would keep each other from the processor.
const AT_ONCE: usize = 14;
const INCIDENT: [&str; 2] = ["--incident", "INC-4711"];

/// When the program is killed: once its journal holds so many records of a kind.
#[derive(Debug, Clone, Copy)]
enum Point {
    /// So many intents: the last call is on its way, or about to be.
    Intents(usize),
    /// So many ends: the last call's outcome is on disk.
    Ends(usize),
}

impl Point {
    fn is_reached(self, journal: &Journal) -> bool {
        let count = |wanted: fn(&Record) -> bool| journal.entries.iter().filter(|entry| wanted(&entry.record)).count();
        match self {
            Self::Intents(number) => count(|record| matches!(record, Record::Intended(_))) >= number,
            Self::Ends(number) => count(|record| matches!(record, Record::Ended(_))) >= number,
        }
    }
}

/// What follows the containment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// The agents go for good.
    Eradicate,
    /// It is taken back.
    Undo,
}

/// What happens in one account, and where each of its two runs is killed; nowhere, if it is left alone.
#[derive(Debug, Clone, Copy)]
struct Story {
    contain: Option<Point>,
    then: Then,
    later: Option<Point>,
}

impl Story {
    fn undisturbed(then: Then) -> Self {
        Self { contain: None, then, later: None }
    }
}

/// What a story comes to.
#[derive(Debug, PartialEq)]
struct End {
    /// With which codes its runs ended.
    codes: Vec<Option<i32>>,
    picture: Value,
}

/// A range of its own without an adversary, and the program aimed at it and at nothing else.
struct Place {
    quell: Quell,
    range: Served,
}

impl Place {
    fn open() -> Self {
        let quell = Quell::new();
        let range = Served::with(
            &quell,
            &quell.scenario(|scenario| {
                (scenario.workload, scenario.adversary) = (Vec::new(), AdversarySpec::default());
                // What has happened is asked for as soon as the runs are over.
                scenario.knobs.trail_delay = Span(Duration::ZERO);
            }),
        );
        Self { quell, range }
    }

    fn quell(&self, arguments: &[&str]) -> Command {
        let consent = ["--yes", "--allow-irreversible=3"];
        let mut command = self.quell.command_at(&self.range, &[arguments, &INCIDENT, &consent].concat());
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// Starts the program, kills it at a point, and lets another process go on. Says which run it was, and with which
    /// code it ended.
    fn run(&self, arguments: &[&str], point: Option<Point>) -> Result<(String, Option<i32>), String> {
        let known = match arguments {
            ["resume", run, ..] => self.quell.runs().into_iter().filter(|known| known != run).collect(),
            ["run", ..] => Vec::new(),
            _ => self.quell.runs(),
        };
        let journal = || self.quell.journal_but_of(&known);
        let mut process = self.quell(arguments).spawn().map_err(|error| error.to_string())?;
        let Some(point) = point else {
            let output = process.wait_with_output().map_err(|error| error.to_string())?;
            let (run, _) = journal().ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
            return Ok((run, output.status.code()));
        };
        let path = || Some(journal()?.1);
        let reached = self.quell.a_journal_comes_to(&mut process, path, |journal| point.is_reached(journal));
        // Nothing is left to kill where it has ended by itself.
        let _ = process.kill();
        let output = process.wait_with_output().map_err(|error| error.to_string())?;
        if !reached {
            return Err(format!("it ended before: {}", String::from_utf8_lossy(&output.stderr)));
        }
        let (run, path) = journal().ok_or("there is no run")?;
        let before = std::fs::read(&path).map_err(|error| error.to_string())?;
        let resumed = self.quell(&["resume", &run]).output().map_err(|error| error.to_string())?;
        let after = std::fs::read(&path).map_err(|error| error.to_string())?;
        let whole = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if !after.starts_with(&before[..whole]) {
            return Err("a record was lost".to_owned());
        }
        Ok((run, resumed.status.code()))
    }

    /// Lets a story happen. Its journals are closed and sound, and tell what the range's own trail tells.
    fn tell(&self, story: Story) -> Result<End, String> {
        let (contained, code) = self.run(&["run", "rogue-bedrock-agent", VALUES[0], VALUES[1]], story.contain)?;
        let (other, later) = match story.then {
            Then::Eradicate => self.run(&["resume", &self.at_the_gate()?, "--confirm", "sure"], story.later)?,
            Then::Undo => self.run(&["undo", &contained, &self.wrong_target_of(&contained)?], story.later)?,
        };
        let mut journals = Vec::new();
        for run in [&contained, &other] {
            let journal = std::fs::read(self.quell.journal_of(run)).map_err(|error| error.to_string())?;
            let verified = verify(&journal).map_err(|damage| format!("damaged: {damage}"))?;
            if verified.closed.is_none() || verified.torn.is_some() {
                return Err(format!("the journal of {run} is not closed"));
            }
            let audit = self.quell(&["audit", "verify", run]).output().map_err(|error| error.to_string())?;
            if !audit.status.success() {
                return Err(format!("audit verify: {}", String::from_utf8_lossy(&audit.stderr)));
            }
            journals.push(journal);
        }
        let journals: Vec<&[u8]> = journals.iter().map(Vec::as_slice).collect();
        compare_all(&outside::changes(&self.range.url), &journals)?;
        Ok(End { codes: vec![code, later], picture: outside::picture(&self.range.url) })
    }

    /// The flag that has to stand in the command which takes a run back at once, as the program itself asks for it.
    fn wrong_target_of(&self, run: &str) -> Result<String, String> {
        let asked = self.quell(&["undo", run, "--wrong-target"]).output().map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&asked.stderr).into_owned();
        let names = said.split("--wrong-target='").nth(1).and_then(|rest| rest.split('\'').next());
        names.map(|names| format!("--wrong-target={names}")).ok_or(said)
    }

    /// Plans the eradication and applies it as far as its gate; gives the run.
    fn at_the_gate(&self) -> Result<String, String> {
        let plan = self.quell.home.path().join("plan.json").display().to_string();
        let save = ["plan", "rogue-bedrock-agent", VALUES[0], VALUES[1], "--phase", "eradicate", "--save", &plan];
        let planned = self.quell(&save).output().map_err(|error| error.to_string())?;
        if !planned.status.success() {
            return Err(format!("no plan: {}", String::from_utf8_lossy(&planned.stderr)));
        }
        match self.run(&["apply", &plan], None)? {
            (run, Some(23)) => Ok(run),
            (_, code) => Err(format!("it ended with {code:?} and waits for nobody")),
        }
    }
}

/// Every call of the containment and of the eradication is a point twice; of taking back, each once.
fn stories() -> Vec<Story> {
    let both = |number: usize| [Point::Intents(number), Point::Ends(number)];
    let contain = (1..=CONTAIN).map(|number| both(number).to_vec());
    let mut eradicate = (1..=ERADICATE).flat_map(both).cycle();
    let forward = played(contain, 1, SEED).into_iter().map(|point| Story {
        contain: Some(point),
        then: Then::Eradicate,
        later: eradicate.next(),
    });
    let undo = (1..=UNDO).map(|number| both(number)[number % 2]).collect();
    let back =
        played([undo], 2, SEED).into_iter().map(|point| Story { later: Some(point), ..Story::undisturbed(Then::Undo) });
    forward.chain(back).collect()
}

/// Lets many stories happen at once, since each of them mostly waits, in real time, for AWS to agree with itself; in order.
fn told(stories: Vec<Story>) -> Vec<(Story, Result<End, String>)> {
    let ends = Mutex::new(Vec::new());
    let next = Mutex::new(stories.into_iter().enumerate());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let take = || next.lock().expect("nobody panics with it").next();
                while let Some((index, story)) = take() {
                    let end = Place::open().tell(story);
                    ends.lock().expect("nobody panics with it").push((index, story, end));
                }
            });
        }
    });
    let mut ends = ends.into_inner().expect("nobody panics with it");
    ends.sort_by_key(|(index, ..)| *index);
    ends.into_iter().map(|(_, story, end)| (story, end)).collect()
}

#[test]
fn killed_anywhere_a_resume_comes_to_the_same_end() {
    let stories: Vec<Story> =
        [Then::Eradicate, Then::Undo].map(Story::undisturbed).into_iter().chain(stories()).collect();
    let kills: usize = stories.iter().map(|story| [story.contain, story.later].iter().flatten().count()).sum();
    assert!(kills >= 20, "{kills}");
    let mut ends = told(stories);
    let killed = ends.split_off(2);
    let [forward, back] = [0, 1].map(|index: usize| ends[index].1.as_ref().expect("an end"));
    // A support case is resolved by hand, so that taking back leaves that much.
    assert_eq!((&*forward.codes, &*back.codes), ([Some(0), Some(0)].as_slice(), [Some(0), Some(20)].as_slice()));
    let wrong = killed.into_iter().filter_map(|(story, end)| {
        let expected = if story.then == Then::Eradicate { forward } else { back };
        match end {
            Ok(end) if end == *expected => None,
            Ok(End { codes, picture }) => {
                let differs = differences(&expected.picture, &picture).join("; ");
                Some(format!("{story:?}: its runs ended with {codes:?}, and differs: {differs}"))
            }
            Err(why) => Some(format!("{story:?}: {why}")),
        }
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
