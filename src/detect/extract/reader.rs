//! Takes values out of an event, each by its form.

use super::forms::form;
use crate::base::{Arn, Partition};
use crate::detect::node::Node;
use crate::detect::unwrap::short;
use crate::detect::{Fact, Facts, Said, Unsaid};

/// The most things that are said to be unsaid: a hostile event could have thousands.
const MOST_UNSAID: usize = 100;
/// The most values of one fact.
const MOST_SAID: usize = 100;

/// What has been read of an event.
pub(super) struct Reader<'e> {
    envelope: &'e Node,
    facts: Facts,
    /// Where it happened, once that is known.
    account: Option<String>,
    region: Option<String>,
}

/// A value that a path leads to, with that path in the whole event.
pub(super) struct Found<'e> {
    pub(super) value: &'e Node,
    pub(super) at: String,
}

/// Follows a path below what stands at `base`; nothing where it leads nowhere, or to null.
pub(super) fn find<'e>(below: &'e Node, base: &str, path: &[&str]) -> Option<Found<'e>> {
    let value = path.iter().try_fold(below, |node, name| node.get(name))?;
    let dot = if base.is_empty() { "" } else { "." };
    (*value != Node::Null).then(|| Found { value, at: format!("{base}{dot}{}", path.join(".")) })
}

/// The text that a path leads to.
pub(super) fn text<'e>(below: &'e Node, path: &[&str]) -> Option<&'e str> {
    path.iter().try_fold(below, |node, name| node.get(name))?.text()
}

/// The members of a list, each with its path.
pub(super) fn list<'e>(below: &'e Node, base: &str, path: &[&str]) -> Vec<Found<'e>> {
    match find(below, base, path) {
        Some(Found { value: Node::Array(items), at }) => {
            let found = |(number, value)| Found { value, at: format!("{at}[{number}]") };
            items.iter().enumerate().map(found).collect()
        }
        _ => Vec::new(),
    }
}

impl<'e> Reader<'e> {
    pub(super) fn of(envelope: &'e Node) -> Self {
        Self { envelope, facts: Facts::default(), account: None, region: None }
    }

    /// The account that it happened in.
    pub(super) fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Where it happened: by the detail, unless the envelope says something else. An envelope of a finding that was forwarded by another
    /// account or Region does; and whoever forges an event may.
    pub(super) fn place(&mut self, detail: &'e Node, base: &str, account: &[&str], region: &[&str]) {
        self.account = self.agreed(Fact::Account, detail, base, account);
        self.region = self.agreed(Fact::Region, detail, base, region);
    }

    fn agreed(&mut self, fact: Fact, detail: &'e Node, base: &str, path: &[&str]) -> Option<String> {
        let Some(found) = find(detail, base, path) else {
            self.miss(fact, "the detail does not say it");
            return None;
        };
        let around = self.envelope.text_of(fact.as_str());
        match (found.value.text(), around) {
            (Some(inside), Some(around)) if inside != around => {
                let why = format!("the envelope says `{}`, and `{}` is `{}`", short(around), found.at, short(inside));
                self.miss(fact, why);
                return None;
            }
            _ => self.found(fact, &found),
        }
        self.facts.one(fact).map(|said| said.value.clone())
    }

    /// Says what a path leads to, if it leads anywhere.
    pub(super) fn say(&mut self, fact: Fact, below: &Node, base: &str, path: &[&str]) {
        if let Some(found) = find(below, base, path) {
            self.found(fact, &found);
        }
    }

    /// Says what a path of the envelope leads to.
    pub(super) fn say_of_envelope(&mut self, fact: Fact, path: &[&str]) {
        self.say(fact, self.envelope, "", path);
    }

    /// Says what the first of several paths leads to.
    pub(super) fn say_first(&mut self, fact: Fact, below: &Node, base: &str, paths: &[&[&str]]) {
        if let Some(found) = paths.iter().find_map(|path| find(below, base, path)) {
            self.found(fact, &found);
        }
    }

    /// Says what was found. A number is said as it is written, where the fact is one.
    pub(super) fn found(&mut self, fact: Fact, found: &Found<'_>) {
        match found.value {
            Node::Text(text) if text.is_empty() => {}
            Node::Text(text) => self.value(fact, text, &found.at),
            Node::Number(digits) if fact == Fact::Severity => self.value(fact, digits, &found.at),
            other => self.miss(fact, format!("`{}` is {}, and should be a text", found.at, other.kind())),
        }
    }

    /// Says a value that stands at a path, if it has the form of the fact.
    pub(super) fn value(&mut self, fact: Fact, text: &str, at: &str) {
        match form(fact, text) {
            Ok(value) => self.put(fact, value, at),
            Err(wanted) => self.miss(fact, format!("`{at}` is `{}`, which is not {wanted}", short(text))),
        }
    }

    fn put(&mut self, fact: Fact, value: String, at: &str) {
        let said = self.facts.said.entry(fact).or_default();
        if said.iter().any(|known| known.value == value) {
            return;
        }
        match said.len() < MOST_SAID {
            true => said.push(Said { value, at: at.to_owned() }),
            false => self.miss(fact, format!("there are more than {MOST_SAID} of them")),
        }
    }

    /// Says why something is not said.
    pub(super) fn miss(&mut self, fact: Fact, why: impl Into<String>) {
        if self.facts.unsaid.len() < MOST_UNSAID {
            let unsaid = Unsaid { fact, why: why.into() };
            if !self.facts.unsaid.contains(&unsaid) {
                self.facts.unsaid.push(unsaid);
            }
        }
    }

    /// Says that the ARN of a principal was built of a name, so that its path is not known.
    pub(super) fn by_name(&mut self) {
        self.facts.by_name = true;
    }

    /// Says an ARN of the event's own account. Names alone count where something is changed, so a namesake elsewhere must not be said.
    pub(super) fn ours(&mut self, fact: Fact, arn: &str, at: &str) -> bool {
        let theirs = arn.parse::<Arn>().ok().and_then(|arn| arn.account());
        match (theirs, &self.account) {
            (Some(theirs), Some(ours)) if theirs.as_str() != ours => {
                let why = format!("`{at}` is `{}`, of another account than `{ours}`", short(arn));
                self.miss(fact, why);
                false
            }
            (Some(_), None) => {
                self.miss(fact, "the account that the event happened in is not known");
                false
            }
            _ => {
                self.value(fact, arn, at);
                form(fact, arn).is_ok()
            }
        }
    }

    /// Says a thing of Bedrock by its ARN, where it is of the event's account and Region.
    pub(super) fn bedrock(&mut self, fact: Fact, kind: &str, found: &Found<'_>) {
        let Some(text) = found.value.text() else { return self.found(fact, found) };
        let Ok(arn) = text.parse::<Arn>() else { return self.value(fact, text, &found.at) };
        let id = arn.resource().strip_prefix(kind).and_then(|rest| rest.strip_prefix('/'));
        let here = arn.service() == "bedrock"
            && Some(arn.region()) == self.region.as_deref()
            && arn.account().map(String::from) == self.account;
        match id.filter(|_| here) {
            Some(id) => self.value(fact, id, &found.at),
            None => {
                let why =
                    format!("`{}` is `{}`, which is none of the event's account and Region", found.at, short(text));
                self.miss(fact, why);
            }
        }
    }

    /// The partition that an event happened in, by what names it: an ARN, or the name itself.
    pub(super) fn partition(named: Option<&str>, arn: Option<&str>) -> Option<Partition> {
        let of_arn = || arn?.parse::<Arn>().ok().map(|arn| arn.partition());
        named.and_then(|name| name.parse().ok()).or_else(of_arn)
    }

    pub(super) fn done(mut self) -> Facts {
        let knows = |facts: &Facts, fact| !facts.all(fact).is_empty() || facts.unsaid.iter().any(|un| un.fact == fact);
        if !knows(&self.facts, Fact::Principal) {
            self.miss(Fact::Principal, "it names none");
        }
        self.facts
    }
}
