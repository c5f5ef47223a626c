//! What the autopilot counts, in the text format 0.0.4 of Prometheus.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jiff::Timestamp;

use super::decision::{Decision, What};
use super::entry::Outcome;

/// What the text is, as the header `content-type` says it.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The answers to those who send events over HTTP.
const STATUSES: [u16; 9] = [200, 202, 400, 401, 403, 408, 413, 422, 503];

/// What the autopilot counts since it was started, and how it stands.
#[derive(Debug, Default)]
pub struct Metrics {
    decided: [AtomicU64; What::ALL.len()],
    concluded: [AtomicU64; Outcome::ALL.len()],
    answered: [AtomicU64; STATUSES.len()],
    unsent: AtomicU64,
    open: AtomicU64,
    tripped: AtomicU64,
    used: AtomicU64,
    most: AtomicU64,
    /// When something was delivered last, in milliseconds since 1970.
    delivered_at: AtomicI64,
    decided_at: AtomicI64,
}

impl Metrics {
    /// Counts a decision.
    pub fn decided(&self, decision: &Decision, now: Timestamp) {
        add(&What::ALL, &decision.what, &self.decided);
        self.decided_at.store(now.as_millisecond(), Ordering::Relaxed);
        if decision.what == What::Concluded {
            let outcome = Outcome::ALL.into_iter().find(|outcome| decision.told["outcome"] == outcome.as_str());
            outcome.iter().for_each(|outcome| add(&Outcome::ALL, outcome, &self.concluded));
        }
    }

    /// A source has delivered something.
    pub fn delivered(&self, now: Timestamp) {
        self.delivered_at.store(now.as_millisecond(), Ordering::Relaxed);
    }

    /// Somebody who has sent events over HTTP was answered.
    pub(super) fn answered(&self, status: u16) {
        add(&STATUSES, &status, &self.answered);
    }

    /// A notice did not reach whom it was for.
    pub fn unsent(&self) {
        self.unsent.fetch_add(1, Ordering::Relaxed);
    }

    /// How many incidents are open, and whether the breaker has tripped.
    pub fn stands(&self, open: usize, tripped: bool) {
        self.open.store(open as u64, Ordering::Relaxed);
        self.tripped.store(u64::from(tripped), Ordering::Relaxed);
    }

    /// How many roles and users of all accounts were acted on within the hour, and how many may be.
    pub fn spent(&self, used: usize, most: usize) {
        self.used.store(used as u64, Ordering::Relaxed);
        self.most.store(most as u64, Ordering::Relaxed);
    }

    /// All of it. A counter that is 0 is told as well: what appears with its first event has no rate.
    pub fn text(&self) -> String {
        let mut page = Page::default();
        page.family("quell_build_info", "gauge", "The version of quell, as a label; always 1.");
        page.sample("quell_build_info", Some(("version", env!("CARGO_PKG_VERSION"))), 1);

        page.family("quell_decisions_total", "counter", "Decisions of the autopilot since it was started.");
        for (what, count) in What::ALL.iter().zip(&self.decided) {
            page.sample("quell_decisions_total", Some(("decision", what.as_str())), count.load(Ordering::Relaxed));
        }
        page.family(
            "quell_incidents_concluded_total",
            "counter",
            "Incidents about which everything is done that is done without a person.",
        );
        for (outcome, count) in Outcome::ALL.iter().zip(&self.concluded) {
            let label = Some(("outcome", outcome.as_str()));
            page.sample("quell_incidents_concluded_total", label, count.load(Ordering::Relaxed));
        }
        page.family("quell_event_requests_total", "counter", "Answers to those who sent events over HTTP.");
        for (status, count) in STATUSES.iter().zip(&self.answered) {
            let status = status.to_string();
            page.sample("quell_event_requests_total", Some(("status", &status)), count.load(Ordering::Relaxed));
        }
        page.count(
            "quell_notices_unsent_total",
            "counter",
            "Notices that did not reach whom they were for.",
            &self.unsent,
        );
        page.count(
            "quell_incidents_open",
            "gauge",
            "Incidents about which something is still to be done without a person.",
            &self.open,
        );
        page.count(
            "quell_breaker_tripped",
            "gauge",
            "1 while nothing happens unattended since too much was asked for, else 0.",
            &self.tripped,
        );
        page.count(
            "quell_budget_used_principals",
            "gauge",
            "Roles and users of all accounts that were acted on within the hour.",
            &self.used,
        );
        page.count(
            "quell_budget_limit_principals",
            "gauge",
            "Roles and users of all accounts that may be acted on within an hour.",
            &self.most,
        );
        page.time(
            "quell_last_delivery_timestamp_seconds",
            "When a source delivered something last; 0 before it did.",
            &self.delivered_at,
        );
        page.time(
            "quell_last_decision_timestamp_seconds",
            "When something was decided last; 0 before it was.",
            &self.decided_at,
        );
        page.0
    }
}

/// Adds one to the counter of one of several things.
fn add<T: PartialEq>(all: &[T], one: &T, counters: &[AtomicU64]) {
    let counter = all.iter().position(|other| other == one).and_then(|at| counters.get(at));
    counter.into_iter().for_each(|counter| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
}

/// A text in the making. Writing to it cannot fail.
#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn sample(&mut self, name: &str, label: Option<(&str, &str)>, value: impl std::fmt::Display) {
        let _ = match label {
            None => writeln!(self.0, "{name} {value}"),
            Some((label, text)) => {
                let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
                writeln!(self.0, "{name}{{{label}=\"{text}\"}} {value}")
            }
        };
    }

    fn count(&mut self, name: &str, kind: &str, help: &str, value: &AtomicU64) {
        self.family(name, kind, help);
        self.sample(name, None, value.load(Ordering::Relaxed));
    }

    fn time(&mut self, name: &str, help: &str, milliseconds: &AtomicI64) {
        let milliseconds = milliseconds.load(Ordering::Relaxed);
        self.family(name, "gauge", help);
        self.sample(name, None, format_args!("{}.{:03}", milliseconds.div_euclid(1000), milliseconds.rem_euclid(1000)));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::json;

    use super::*;

    /// Labels and their values.
    type Labels = Vec<(String, String)>;

    /// A family as the exposition format has it.
    #[derive(Debug, Default)]
    struct Family {
        kind: String,
        samples: BTreeMap<Labels, f64>,
    }

    fn is_name(text: &str, may_have_colons: bool) -> bool {
        let good = |c: char| c.is_ascii_alphanumeric() || c == '_' || (may_have_colons && c == ':');
        !text.is_empty() && text.chars().all(good) && !text.starts_with(|c: char| c.is_ascii_digit())
    }

    /// Reads `name="value",…}` up to the brace, and returns what is behind it.
    fn labels(mut rest: &str) -> Result<(Labels, &str), String> {
        let mut all = Labels::new();
        loop {
            let (name, after) = rest.split_once("=\"").ok_or("a label has no value")?;
            if !is_name(name, false) {
                return Err(format!("`{name}` is no name of a label"));
            }
            let (mut value, mut characters) = (String::new(), after.char_indices());
            let end = loop {
                match characters.next().ok_or("a value has no end")? {
                    (at, '"') => break at,
                    (_, '\\') => value.push(match characters.next() {
                        Some((_, 'n')) => '\n',
                        Some((_, c @ ('\\' | '"'))) => c,
                        _ => return Err("something is escaped that need not be".to_owned()),
                    }),
                    (_, c) => value.push(c),
                }
            };
            if all.iter().any(|(other, _)| other == name) {
                return Err(format!("the label {name} is there twice"));
            }
            all.push((name.to_owned(), value));
            rest = &after[end + 1..];
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => return Ok((all, rest.strip_prefix('}').ok_or("the labels have no end")?)),
            }
        }
    }

    /// Reads the text format 0.0.4, and is stricter than Prometheus: every family has its help, its type and a sample, in this order.
    fn parse(text: &str) -> Result<BTreeMap<String, Family>, String> {
        let mut families: BTreeMap<String, Family> = BTreeMap::new();
        let (mut helped, mut current) = (BTreeSet::new(), String::new());
        for line in text.strip_suffix('\n').ok_or("the last line has no end")?.split('\n') {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').ok_or("no help")?;
                let unescaped = help.replace("\\\\", "").replace("\\n", "");
                if unescaped.contains('\\') || !helped.insert(name.to_owned()) {
                    return Err(format!("the help of {name} is there twice or ill escaped"));
                }
                current = name.to_owned();
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').ok_or("no type")?;
                let known = ["counter", "gauge", "histogram", "summary", "untyped"].contains(&kind);
                if name != current || !is_name(name, true) || !known || (kind == "counter") != name.ends_with("_total")
                {
                    return Err(format!("{line}: not behind its help, or ill named"));
                }
                let family = Family { kind: kind.to_owned(), samples: BTreeMap::new() };
                if families.insert(name.to_owned(), family).is_some() {
                    return Err(format!("{name} has two types"));
                }
            } else {
                let end = line.find(['{', ' ']).ok_or("a sample has no value")?;
                let (name, rest) = line.split_at(end);
                let (labels, rest) = rest.strip_prefix('{').map_or(Ok((vec![], rest)), labels)?;
                let value = rest.strip_prefix(' ').ok_or("no space before the value")?;
                let value: f64 = value.parse().map_err(|_| format!("`{value}` is no number"))?;
                let family = families.get_mut(name).filter(|_| name == current).ok_or("a sample stands elsewhere")?;
                if family.samples.insert(labels, value).is_some() || (family.kind == "counter" && value < 0.0) {
                    return Err(format!("{line}: there twice, or less than nothing"));
                }
            }
        }
        match families.iter().find(|(_, family)| family.samples.is_empty()) {
            Some((name, _)) => Err(format!("{name} has no sample")),
            None => Ok(families),
        }
    }

    fn value(families: &BTreeMap<String, Family>, name: &str, labels: &[(&str, &str)]) -> f64 {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Labels>();
        families[name].samples[&labels]
    }

    #[test]
    fn what_was_decided_is_counted_and_everything_is_there_before() {
        let metrics = Metrics::default();
        let families = parse(&metrics.text()).expect("the exposition format");
        assert_eq!(families["quell_decisions_total"].samples.len(), What::ALL.len());
        assert_eq!(families["quell_incidents_concluded_total"].samples.len(), Outcome::ALL.len());
        let samples = |families: &BTreeMap<String, Family>| -> f64 {
            families.values().flat_map(|family| family.samples.values()).sum()
        };
        assert!((samples(&families) - 1.0).abs() < f64::EPSILON, "nothing but that it was built");

        let now = Timestamp::from_millisecond(1_800_000_000_250).expect("a time");
        for what in What::ALL.iter().chain(&[What::Opened]) {
            metrics.decided(&Decision::about(*what, json!({})), now);
        }
        for outcome in Outcome::ALL {
            metrics.decided(&Decision::about(What::Concluded, json!({ "outcome": outcome })), now);
        }
        metrics.delivered(now);
        metrics.stands(3, true);
        metrics.spent(4, 10);
        metrics.unsent();
        metrics.answered(401);
        let families = parse(&metrics.text()).expect("the exposition format");
        for what in What::ALL {
            let wanted = match what {
                What::Opened => 2.0,
                What::Concluded => 1.0 + f64::from(u32::try_from(Outcome::ALL.len()).expect("a few")),
                _ => 1.0,
            };
            assert_eq!(value(&families, "quell_decisions_total", &[("decision", what.as_str())]), wanted, "{what:?}");
        }
        for outcome in Outcome::ALL {
            assert_eq!(value(&families, "quell_incidents_concluded_total", &[("outcome", outcome.as_str())]), 1.0);
        }
        assert_eq!(value(&families, "quell_event_requests_total", &[("status", "401")]), 1.0);
        let alone = [
            ("quell_incidents_open", 3.0),
            ("quell_breaker_tripped", 1.0),
            ("quell_budget_used_principals", 4.0),
            ("quell_budget_limit_principals", 10.0),
            ("quell_notices_unsent_total", 1.0),
            ("quell_last_delivery_timestamp_seconds", 1_800_000_000.25),
            ("quell_last_decision_timestamp_seconds", 1_800_000_000.25),
        ];
        for (name, wanted) in alone {
            assert_eq!(value(&families, name, &[]), wanted, "{name}");
        }
        metrics.stands(0, false);
        let families = parse(&metrics.text()).expect("the exposition format");
        assert_eq!(value(&families, "quell_breaker_tripped", &[]), 0.0);
    }

    #[test]
    fn what_a_label_says_stays_what_it_was_and_the_reader_is_strict() {
        let hostile = "a\"} 1\nquell_x 2 \\n\\";
        let mut page = Page::default();
        page.family("quell_x", "gauge", "One line,\nor two \\.");
        page.sample("quell_x", Some(("name", hostile)), 7);
        let families = parse(&page.0).expect("the exposition format");
        assert_eq!(value(&families, "quell_x", &[("name", hostile)]), 7.0);
        let good = "# HELP a b\n# TYPE a gauge\na 1\n";
        assert!(parse(good).is_ok());
        let bad = [
            good.trim_end(),
            "# TYPE a gauge\na 1\n",
            "# HELP a b\n# TYPE a gauge\n",
            "# HELP a b\n# TYPE a counter\na 1\n",
            "# HELP a b\n# TYPE a gauge\na 1\na 2\n",
            "# HELP a b\n# TYPE a gauge\na one\n",
            "# HELP a b\n# TYPE a gauge\na{x=\"\\d\"} 1\n",
            "# HELP a b\n# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n",
            "# HELP a b\n# TYPE a gauge\nb 1\n",
        ];
        for text in bad {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
