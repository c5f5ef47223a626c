//! What can stand on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::help::{
    APPLY_HELP, APPROVE_HELP, AUTOPILOT_HELP, EXPORT_HELP, GUARDRAILS_HELP, MATCH_HELP, PLAN_HELP, RUN_HELP,
};
use crate::base::{IncidentId, Phase, Region, StepId};

/// Contains and remediates AWS security incidents around Amazon Bedrock and Amazon Q.
#[derive(Debug, Parser)]
#[command(
    name = "quell",
    version,
    about = "Contains and remediates AWS security incidents around Amazon Bedrock and Amazon Q",
    after_help = "Examples:\n  \
        quell rehearse rogue-bedrock-agent\n  \
        quell plan rogue-bedrock-agent principal=arn:aws:iam::111122223333:role/web-task\n  \
        quell run rogue-bedrock-agent principal=arn:aws:iam::111122223333:role/web-task --incident INC-4711\n\n\
        `quell help exit-codes` lists the exit codes.",
    after_long_help = super::exit::table(),
    max_term_width = 90,
    propagate_version = false,
    disable_help_subcommand = false,
    args_override_self = true
)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) globals: Globals,
    #[command(subcommand)]
    pub(super) verb: Verb,
}

/// How data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// For people.
    Text,
    /// For programs; every document says its `format`.
    Json,
}

/// What every verb understands.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
pub(super) struct Globals {
    /// Print for people or for programs
    #[arg(long, global = true, value_enum, default_value = "text", env = "QUELL_OUTPUT")]
    pub(super) output: Output,
    /// The profile of the AWS configuration
    #[arg(long, global = true)]
    pub(super) profile: Option<String>,
    /// The Region to start from
    #[arg(long, global = true)]
    pub(super) region: Option<Region>,
    /// Where AWS's services are reached; not AWS itself only with --range
    #[arg(long, global = true, value_name = "URL")]
    pub(super) endpoint_url: Option<String>,
    /// The endpoint is a range on this machine, not AWS
    #[arg(long, global = true)]
    pub(super) range: bool,
    /// Where runs are kept [default: quell in the XDG state directory]
    #[arg(long, global = true, value_name = "DIR", env = "QUELL_STATE_DIR")]
    pub(super) state_dir: Option<PathBuf>,
    /// Where it stands who may approve plans [default: quell in the XDG configuration directory]
    #[arg(long, global = true, value_name = "DIR", env = "QUELL_CONFIG_DIR")]
    pub(super) config_dir: Option<PathBuf>,
    /// The incident [default: the same for the same runbook, account and values]
    #[arg(long, global = true, value_name = "ID")]
    pub(super) incident: Option<IncidentId>,
    /// Confirm the reversible steps of plans without asking
    #[arg(long, global = true)]
    pub(super) yes: bool,
    /// Confirm the irreversible steps of a plan without asking: N is the plan's number of them
    #[arg(long, global = true, value_name = "N")]
    pub(super) allow_irreversible: Option<usize>,
    /// Say more about the program itself, on stderr; twice for even more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Check runbooks and files of triggers: everything that is wrong, each with its place
    Check {
        /// Names of embedded runbooks, or paths
        #[arg(required = true, value_name = "RUNBOOK")]
        runbooks: Vec<String>,
    },
    /// Draw the graph of a runbook
    Graph {
        /// Name of an embedded runbook, or path
        runbook: String,
        /// The form of the drawing [default: as --output]
        #[arg(long, value_enum)]
        format: Option<DrawingFormat>,
    },
    /// Print the JSON Schema of a file format
    Schema {
        /// Which
        #[arg(value_enum)]
        of: SchemaOf,
    },
    /// List the actions that runbooks can use, or show the page of one
    Actions {
        /// The action
        name: Option<String>,
    },
    /// List the queries that runbooks can use, or show the page of one
    Queries {
        /// The query
        name: Option<String>,
    },
    /// Ask a query of the account, and show all that it found; changes nothing
    Ask {
        /// The query: `quell queries` lists them
        query: String,
        /// What it takes, as on its page; YAML where that is no text
        #[arg(value_name = "NAME=VALUE")]
        values: Vec<String>,
        /// A Region to ask in, again for others [default: all that are enabled]
        #[arg(long = "in", value_name = "REGION")]
        regions: Vec<Region>,
    },
    /// List the runbooks that are part of the program, or show the page of one
    Runbooks {
        /// The runbook
        name: Option<String>,
    },
    /// List the queries for Amazon Athena that show what an intruder did, or print one with its names filled in
    Evidence {
        /// The query
        name: Option<String>,
        /// The names in it
        #[arg(value_name = "NAME=VALUE")]
        values: Vec<String>,
    },
    /// Say whose a leaked key is: an access key id, or an API key of Amazon Bedrock; asks nobody, keeps nothing
    DecodeKey {
        /// The id of an access key; anything else is read from stdin, since words stay in the history of the shell
        id: Option<String>,
    },
    /// Say which triggers events fire, with which values; asks nobody, starts nothing. Exit 0 if one fires, 1 if none, 2 where
    /// something is no event
    #[command(after_long_help = MATCH_HELP)]
    Match {
        /// Files of events; `-` for stdin
        #[arg(required = true, value_name = "EVENT")]
        events: Vec<String>,
        /// Decide this EventBridge pattern alone, of one event: exit 0 if it matches, 1 if not, 2 where it is no pattern
        #[arg(long, value_name = "FILE", conflicts_with_all = ["triggers", "trigger"])]
        pattern: Option<PathBuf>,
        /// Triggers of your own, a file or a folder [default: the folder triggers in that of --config-dir]
        #[arg(long, value_name = "FILE|DIR")]
        triggers: Option<PathBuf>,
        /// Only this trigger, and why it does not fire
        #[arg(long, value_name = "NAME")]
        trigger: Option<String>,
    },
    /// List the triggers, or print the rules that bring events to them
    Triggers {
        #[command(subcommand)]
        what: Option<TriggersVerb>,
        /// Triggers of your own, a file or a folder [default: the folder triggers in that of --config-dir]
        #[arg(long, global = true, value_name = "FILE|DIR")]
        triggers: Option<PathBuf>,
    },
    /// Print the least-privilege IAM policy for a runbook, or for a saved plan
    Permissions {
        /// Name of an embedded runbook, its path, or the file of a plan
        #[arg(value_name = "RUNBOOK|PLAN")]
        what: String,
        /// For planning alone, which only reads, or for acting and undoing as well
        #[arg(long = "for", value_enum, default_value = "act")]
        only: PermissionsFor,
    },
    /// Show what a runbook would do in the account; changes nothing
    #[command(after_long_help = PLAN_HELP)]
    Plan {
        /// Name of an embedded runbook, or path
        #[arg(required_unless_present = "from")]
        runbook: Option<String>,
        /// Values of its parameters
        #[arg(value_name = "NAME=VALUE")]
        values: Vec<String>,
        /// Plan the phase of a run again, with its runbook and its values, at the account as it is now
        #[arg(long, value_name = "RUN", conflicts_with_all = ["runbook", "values", "phase"])]
        from: Option<String>,
        /// Take what is not typed from an event, by the trigger that asks for the runbook; `-` for stdin
        #[arg(long, value_name = "FILE", conflicts_with = "from")]
        event: Option<String>,
        /// The trigger that says what of the event is which value, where several could
        #[arg(long, value_name = "NAME", requires = "event")]
        trigger: Option<String>,
        /// Triggers of your own, a file or a folder [default: the folder triggers in that of --config-dir]
        #[arg(long, value_name = "FILE|DIR", requires = "event")]
        triggers: Option<PathBuf>,
        /// Only this phase
        #[arg(long, value_parser = phases())]
        phase: Option<Phase>,
        /// Save the plan of that phase, for `quell apply`
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
    },
    /// Plan, show, confirm and apply a runbook, phase by phase
    #[command(after_long_help = RUN_HELP)]
    Run {
        #[command(flatten)]
        what: RunbookArguments,
        /// The last phase to run
        #[arg(long, default_value = "contain", value_parser = phases())]
        through: Phase,
    },
    /// Show what differs between two saved plans
    Diff {
        /// The file of one plan
        #[arg(value_name = "PLAN")]
        one: PathBuf,
        /// The file of another
        #[arg(value_name = "PLAN")]
        other: PathBuf,
    },
    /// Sign a saved plan: say that what it lists may be done
    #[command(after_long_help = APPROVE_HELP)]
    Approve {
        /// The file that `quell plan --save` wrote
        plan: PathBuf,
        /// The key that signs: a private key, or the public half of one that the agent holds [default: the one in the agent
        /// that may sign]
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Apply a saved plan, or go on with its run
    #[command(after_long_help = APPLY_HELP)]
    Apply {
        /// The file that `quell plan --save` wrote
        plan: PathBuf,
        /// Apply it with the signature of one person where more are asked for, and say why: only what can be put back, and every
        /// report tells
        #[arg(long, value_name = "REASON")]
        break_glass: Option<String>,
    },
    /// Judge saved plans by the guardrails
    #[command(after_long_help = GUARDRAILS_HELP)]
    Guardrails {
        #[command(subcommand)]
        what: GuardrailsVerb,
    },
    /// Go on with a run that has stopped
    Resume {
        /// The run, or the beginning of its id
        run: String,
        /// Answer a gate with yes: go on, or it has been done
        #[arg(long, value_name = "STEP")]
        confirm: Vec<StepId>,
        /// Answer a gate with no
        #[arg(long, value_name = "STEP")]
        deny: Vec<StepId>,
    },
    /// Take back what a run has changed
    Undo {
        /// The run, or the beginning of its id
        run: String,
        /// The containment hit the wrong target, so its old sessions may work again at once; asks for its name, unless it
        /// is given
        #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true)]
        wrong_target: Option<Option<String>>,
    },
    /// Say where runs stand
    Status {
        /// A run, the beginning of its id, or an incident; all runs without it
        #[arg(value_name = "RUN|INCIDENT")]
        what: Option<String>,
    },
    /// Show a run or a plan in full
    Show {
        /// A run, the beginning of its id, or the file of a plan
        #[arg(value_name = "RUN|PLAN")]
        what: String,
    },
    /// Contain what detections tell with nobody there, as far as it is harmless, and let the rest wait for people
    #[command(after_long_help = AUTOPILOT_HELP)]
    Autopilot {
        /// Files and folders of events; `-` for stdin
        #[arg(value_name = "FILE|DIR")]
        files: Vec<String>,
        /// The URL of a queue of Amazon SQS that events come into
        #[arg(long, value_name = "URL", env = "QUELL_QUEUE")]
        queue: Option<String>,
        /// An address that events are sent to over HTTP, with POST to /events; /healthz and /metrics answer there as well
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<SocketAddr>,
        /// Triggers of your own, a file or a folder [default: the folder triggers in that of --config-dir]
        #[arg(long, value_name = "FILE|DIR")]
        triggers: Option<PathBuf>,
        /// End when all that is there now has been attended to
        #[arg(long)]
        once: bool,
    },
    /// Check what journals prove
    Audit {
        #[command(subcommand)]
        what: AuditVerb,
    },
    /// Simulated AWS accounts
    Range {
        #[command(subcommand)]
        what: RangeVerb,
    },
    /// Play a runbook through against its scenario, on a virtual clock; needs no account
    Rehearse {
        #[command(flatten)]
        what: RunbookArguments,
        /// The scenario [default: the one that the runbook names]
        #[arg(long, value_name = "FILE")]
        scenario: Option<PathBuf>,
        /// What decides chance [default: the scenario's]
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
    },
    /// List the exit codes
    #[command(name = "exit-codes", after_help = super::exit::table())]
    ExitCodes,
}

/// The phases by name, so that a slip is answered with the one that was meant.
fn phases() -> impl TypedValueParser<Value = Phase> {
    PossibleValuesParser::new(Phase::ALL.map(Phase::as_str)).try_map(|name| name.parse::<Phase>())
}

/// An address to listen at. The name of this machine itself is taken for what it always means, and nobody is asked for it.
fn address(text: &str) -> Result<SocketAddr, String> {
    let address = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => text.to_owned(),
    };
    address.parse().map_err(|_| "it is an address with a port, such as `127.0.0.1:4566` or `localhost:0`".to_owned())
}

/// A runbook and the values of its parameters.
#[derive(Debug, Clone, Args)]
pub(super) struct RunbookArguments {
    /// Name of an embedded runbook, or path
    pub(super) runbook: String,
    /// Values of its parameters
    #[arg(value_name = "NAME=VALUE")]
    pub(super) values: Vec<String>,
}

/// What to do with triggers.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(super) enum TriggersVerb {
    /// Print a CloudFormation template for one Region (--region): rules of EventBridge, and the queue that they send to
    #[command(after_long_help = EXPORT_HELP)]
    Export,
}

/// What to do with the guardrails.
#[derive(Debug, Subcommand)]
pub(super) enum GuardrailsVerb {
    /// Say what they say of plans, to a person and unattended; sends nothing
    Test {
        /// The files that `quell plan --save` wrote
        #[arg(required = true, value_name = "PLAN")]
        plans: Vec<PathBuf>,
    },
}

/// What to do with journals.
#[derive(Debug, Subcommand)]
pub(super) enum AuditVerb {
    /// Verify a journal, and say exactly what that proves
    Verify {
        /// A run, the beginning of its id, or the file of a journal
        #[arg(value_name = "RUN|FILE")]
        what: String,
        /// A checkpoint that was kept elsewhere: shows as well that the journal was cut off or written anew
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
    },
    /// Write the head of a journal to a file and sign it, for a ticket or another system
    Checkpoint {
        /// A run, or the beginning of its id
        run: String,
        /// The file; its signature goes beside it [default: RUN-RECORDS.checkpoint.json here]
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        /// The key that signs: a private key, or the public half of one that the agent holds [default: the one in the agent]
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
}

/// What to do with the range.
#[derive(Debug, Subcommand)]
pub(super) enum RangeVerb {
    /// Serve a simulated account on this machine, in real time; its address is the first line on stdout
    Serve {
        /// What is in the account [default: nothing]
        #[arg(long, value_name = "FILE")]
        scenario: Option<PathBuf>,
        /// Where to listen; loopback only
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = address)]
        listen: SocketAddr,
        /// What decides chance [default: the scenario's]
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
    },
}

/// The form of a drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DrawingFormat {
    /// For a terminal.
    Text,
    /// A Mermaid flowchart.
    Mermaid,
    /// Graphviz DOT.
    Dot,
    /// JSON.
    Json,
}

/// What permissions are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PermissionsFor {
    /// Reading the account for a plan.
    Plan,
    /// Planning, applying, verifying and undoing.
    Act,
}

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    /// Runbooks.
    Runbook,
    /// Files of triggers.
    Trigger,
    /// Scenarios of rehearsals.
    Scenario,
    /// Saved plans.
    Plan,
}
