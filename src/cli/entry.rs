//! From the command line to an exit code.

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use super::arguments::{Arguments, AuditVerb, Globals, GuardrailsVerb, RangeVerb, TriggersVerb, Verb};
use super::failure::Failure;
use super::from_event::EventOf;
use super::plan::PlanOf;
use super::{
    approve, ask, autopilot, check, checkpoint, decode_key, describe, diff, evidence, exit, graph, guardrails,
    match_events, matching, permissions, plan, range, rehearse, resume, run, schema, show, sink, status, triggers,
    undo, verify,
};
use crate::base::on_screen;

/// Reads the command line, does what it says, and returns the exit code.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return answer_of_clap(&error),
    };
    start_diagnostics(arguments.globals.verbose);
    match dispatch(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.tell();
            ExitCode::from(failure.code)
        }
    }
}

/// Help and version are data; everything else is a mistake on the command line.
fn answer_of_clap(error: &clap::Error) -> ExitCode {
    let shown = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match shown {
            // Whoever reads only the first lines has what they wanted.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                sink::talk(&format!("error: it could not be written: {error}\nNext: quell --help\n"));
                ExitCode::from(exit::ERROR)
            }
            _ => ExitCode::SUCCESS,
        },
        _ => {
            sink::talk("Next: quell --help\n");
            ExitCode::from(exit::USAGE)
        }
    }
}

/// Diagnostics of the program itself, on stderr: warnings of the libraries stay out unless asked for.
fn start_diagnostics(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => "quell=debug,warn",
        _ => "debug",
    };
    let filter = tracing_subscriber::EnvFilter::new(level);
    // A second subscriber cannot be there yet.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

fn dispatch(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { globals, verb } = arguments;
    match verb {
        Verb::Check { runbooks } => check::check(&runbooks, &globals),
        Verb::Graph { runbook, format } => graph::graph(&runbook, format, &globals),
        Verb::Schema { of } => schema::schema(of),
        Verb::Actions { name } => describe::actions(name.as_deref(), &globals),
        Verb::Queries { name } => describe::queries(name.as_deref(), &globals),
        Verb::Permissions { what, only } => permissions::permissions(&what, only),
        Verb::Triggers { what: None, triggers } => triggers::list(triggers.as_deref(), &globals),
        Verb::Triggers { what: Some(TriggersVerb::Export), triggers } => {
            triggers::export(triggers.as_deref(), &globals)
        }
        Verb::Evidence { name, values } => evidence::evidence(name.as_deref(), &values, &globals),
        Verb::Runbooks { name } => describe::runbooks(name.as_deref(), &globals),
        Verb::ExitCodes => describe::exit_codes(&globals),
        Verb::Match { events, pattern: Some(pattern), .. } => matching::matching(&pattern, &events, &globals),
        Verb::Match { events, pattern: None, triggers, trigger } => {
            match_events::match_events(&events, triggers.as_deref(), trigger.as_deref(), &globals)
        }
        Verb::DecodeKey { id } => decode_key::decode_key(id.as_deref(), &globals),
        Verb::Status { what } => status::status(what.as_deref(), &globals),
        Verb::Diff { one, other } => diff::diff(&one, &other, &globals),
        Verb::Guardrails { what: GuardrailsVerb::Test { plans } } => guardrails::test(&plans, &globals),
        Verb::Approve { plan, key } => approve::approve(&plan, key.as_deref(), &globals),
        Verb::Show { what } => show::show(&what, &globals),
        Verb::Audit { what: AuditVerb::Verify { what, checkpoint } } => {
            verify::verify(&what, checkpoint.as_deref(), &globals)
        }
        Verb::Audit { what: AuditVerb::Checkpoint { run, to, key } } => {
            checkpoint::checkpoint(&run, to.as_deref(), key.as_deref(), &globals)
        }
        Verb::Rehearse { what, scenario, seed } => {
            runtime(true)?.block_on(rehearse::rehearse(&what, scenario.as_deref(), seed, &globals))
        }
        verb => runtime(false)?.block_on(at_the_account(verb, &globals)),
    }
}

async fn at_the_account(verb: Verb, globals: &Globals) -> Result<(), Failure> {
    match verb {
        Verb::Ask { query, values, regions } => ask::ask(&query, &values, &regions, globals).await,
        Verb::Plan { runbook, values, from, event, trigger, triggers, phase, save } => {
            let triggers = triggers.as_deref();
            let event = event.as_deref().map(|file| EventOf { file, trigger: trigger.as_deref(), triggers });
            plan::plan(PlanOf { runbook, values, from, event, phase, save: save.as_deref() }, globals).await
        }
        Verb::Run { what, through } => run::run(&what, through, globals).await,
        Verb::Apply { plan, break_glass } => run::apply(&plan, break_glass.as_deref(), globals).await,
        Verb::Resume { run, confirm, deny } => resume::resume(&run, &confirm, &deny, globals).await,
        Verb::Autopilot { files, queue, listen, triggers, once } => {
            let (queue, triggers) = (queue.as_deref(), triggers.as_deref());
            let from = autopilot::From { files: &files, queue, listen, triggers, once };
            autopilot::autopilot(from, globals).await
        }
        Verb::Undo { run, wrong_target } => {
            undo::undo(&run, wrong_target.as_ref().map(Option::as_deref), globals).await
        }
        Verb::Range { what: RangeVerb::Serve { scenario, listen, seed } } => {
            range::serve(scenario.as_deref(), listen, seed).await
        }
        _ => Err(Failure::bug("a verb that needs no account was sent to one")),
    }
}

/// One thread: the dispatcher's order of events is the order in which they happen. On a paused clock time moves only when
/// everything waits.
fn runtime(paused: bool) -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(paused)
        .build()
        .map_err(|error| Failure::machine(&error, same_command_with(&[])))
}

/// The command as it was typed, with more at its end. A flag that gets another value loses the one it had.
pub(super) fn same_command_with(more: &[String]) -> String {
    command_with(std::env::args().skip(1), more)
}

fn command_with(mut typed: impl Iterator<Item = String>, more: &[String]) -> String {
    /// The flag of `--flag`, `--flag=value` and `--flag value`, and whether the value is there too.
    fn flag(word: &str) -> Option<(&str, bool)> {
        let word = word.strip_prefix("--")?;
        Some(word.split_once(['=', ' ']).map_or((word, false), |(flag, _)| (flag, true)))
    }
    let anew = |name: &str| more.iter().any(|new| flag(new) == Some((name, true)));
    let mut words = vec!["quell".to_owned()];
    while let Some(word) = typed.next() {
        match flag(&word) {
            Some((name, true)) if anew(name) => {}
            Some((name, false)) if anew(name) => drop(typed.next()),
            _ => words.push(quoted(&word)),
        }
    }
    words.extend(more.iter().cloned());
    words.join(" ")
}

impl Globals {
    /// The profile whose credentials are used, if one is named.
    pub(super) fn profile_in_use(&self) -> Option<String> {
        self.profile.clone().or_else(|| std::env::var("AWS_PROFILE").ok())
    }

    /// A command about a run that is kept where this one is.
    pub(super) fn about_run(&self, verb: &str) -> String {
        let mut command = format!("quell {verb}");
        if let Some(dir) = &self.state_dir
            && std::env::var_os("QUELL_STATE_DIR").is_none()
        {
            command.push_str(&format!(" --state-dir {}", quoted(&dir.display().to_string())));
        }
        if let Some(dir) = &self.config_dir
            && std::env::var_os("QUELL_CONFIG_DIR").is_none()
        {
            command.push_str(&format!(" --config-dir {}", quoted(&dir.display().to_string())));
        }
        command
    }

    /// The same, at the same account.
    pub(super) fn at_account(&self, verb: &str) -> String {
        let mut command = self.about_run(verb);
        for (flag, value) in [
            ("--profile", self.profile.clone()),
            ("--region", self.region.as_ref().map(ToString::to_string)),
            ("--endpoint-url", self.endpoint_url.clone()),
        ] {
            if let Some(value) = value {
                command.push_str(&format!(" {flag} {}", quoted(&value)));
            }
        }
        if self.range {
            command.push_str(" --range");
        }
        command
    }

    /// The same, with what was agreed to on the command line.
    pub(super) fn agreeing(&self, verb: &str) -> String {
        let mut command = self.at_account(verb);
        if self.yes {
            command.push_str(" --yes");
        }
        if let Some(count) = self.allow_irreversible {
            command.push_str(&format!(" --allow-irreversible={count}"));
        }
        command
    }
}

/// A word as a shell takes it, on one line: what could change what a screen says is written as bash and zsh read it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else if on_screen(word) == word {
        format!("'{}'", word.replace('\'', r"'\''"))
    } else {
        format!("$'{}'", word.chars().map(escaped).collect::<String>())
    }
}

/// A character within `$'…'`.
fn escaped(c: char) -> String {
    match c {
        '\'' | '\\' => format!("\\{c}"),
        '\n' => r"\n".to_owned(),
        c if on_screen(c.encode_utf8(&mut [0; 4])).starts_with(c) => c.to_string(),
        c => format!("\\U{:08x}", u32::from(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_with_another_value_stands_once() {
        let command = |typed: &str, more: &str| command_with(typed.split(' ').map(str::to_owned), &[more.to_owned()]);
        for typed in ["run x --state-dir /no", "run x --state-dir=/no", "run --state-dir /no x"] {
            assert_eq!(command(typed, "--state-dir DIR"), "quell run x --state-dir DIR");
            assert_eq!(command(typed, "--range"), format!("quell {typed} --range"));
        }
        let command = command("apply p --allow-irreversible=1", "--allow-irreversible=2");
        assert_eq!(command, "quell apply p --allow-irreversible=2");
    }

    /// What was typed is repeated in one line, and means the same when it is pasted.
    #[test]
    fn a_word_stays_on_its_line() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        let hostile = "it's\n\\Type  delete 0 agents\u{1b}[2K\u{202e}é\u{e0041}";
        let word = quoted(hostile);
        assert_eq!(word, r"$'it\'s\n\\Type  delete 0 agents\U0000001b[2K\U0000202eé\U000e0041'");
        assert_eq!(on_screen(&word), word);
        let said = std::process::Command::new("bash")
            .args(["-c", &format!("printf %s {word}")])
            .env("LC_ALL", "C.UTF-8")
            .output();
        assert_eq!(String::from_utf8(said.expect("bash").stdout).expect("UTF-8"), hostile);
    }
}
