//! Who may sign: OpenSSH's `allowed_signers` file, as far as people are named in it.
//!
//! The format is that of ALLOWED SIGNERS in ssh-keygen(1): `principals [options] keytype base64 [comment]`. Certificates and patterns
//! name nobody in particular, so that nobody could be counted: they are refused.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use ssh_key::public::KeyData;
use ssh_key::{Algorithm, PublicKey};

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadSigner {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it, and what to write.
    pub why: String,
}

/// A person: all names that are the same one's.
pub type Person = BTreeSet<String>;

/// Who may sign, and when.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AllowedSigners(Vec<AllowedSigner>);

/// One line: a key, whose it is, and what it may sign.
#[derive(Debug, Clone, PartialEq)]
struct AllowedSigner {
    names: Person,
    key: KeyData,
    namespaces: Option<Vec<String>>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
}

/// Why the signature of a key does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// Nobody's.
    #[error("its key is not among the allowed signers")]
    Unknown,
    /// Somebody's, for something else.
    #[error("its key may sign only {}", .0.join(", "))]
    OtherNamespace(Vec<String>),
    /// Not yet.
    #[error("its key counts from {0}")]
    NotYet(Timestamp),
    /// Not any more.
    #[error("its key counted until {0}")]
    NoLonger(Timestamp),
}

impl AllowedSigners {
    /// Reads the file. Times without `Z` are in the time zone of this machine, as OpenSSH takes them.
    ///
    /// # Errors
    /// Every line that is not understood, or that names nobody in particular.
    pub fn parse(text: &str) -> Result<Self, Vec<BadSigner>> {
        let (mut signers, mut bad) = (Vec::new(), Vec::new());
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match signer(line) {
                Ok(signer) => signers.push(signer),
                Err(why) => bad.push(BadSigner { line: index + 1, why }),
            }
        }
        if bad.is_empty() { Ok(Self(signers)) } else { Err(bad) }
    }

    /// Whose a key is that signs something of a namespace at a time.
    ///
    /// # Errors
    /// Why it is nobody's.
    pub fn person(&self, key: &KeyData, namespace: &str, now: Timestamp) -> Result<Person, NotAllowed> {
        let mut why = NotAllowed::Unknown;
        for line in self.0.iter().filter(|line| line.key == *key) {
            match line.lets(namespace, now) {
                Ok(()) => {
                    let person = self.persons().into_iter().find(|person| !person.is_disjoint(&line.names));
                    return Ok(person.unwrap_or_else(|| line.names.clone()));
                }
                Err(not) => why = not,
            }
        }
        Err(why)
    }

    /// Everybody who may sign something of a namespace at a time.
    pub fn people(&self, namespace: &str, now: Timestamp) -> Vec<Person> {
        let allowed: Vec<&AllowedSigner> = self.0.iter().filter(|line| line.lets(namespace, now).is_ok()).collect();
        let may = |person: &Person| allowed.iter().any(|line| !person.is_disjoint(&line.names));
        self.persons().into_iter().filter(may).collect()
    }

    /// The people behind all lines, whatever they may sign, and when: names that stand in one line are one person's, and so are lines that share a name or a key.
    pub(super) fn persons(&self) -> Vec<Person> {
        let mut persons: Vec<(Person, Vec<&KeyData>)> = Vec::new();
        for line in &self.0 {
            let is_of = |(person, keys): &(Person, Vec<&KeyData>)| {
                !person.is_disjoint(&line.names) || keys.contains(&&line.key)
            };
            let (same, others): (Vec<_>, Vec<_>) = persons.into_iter().partition(is_of);
            let mut whole = (line.names.clone(), vec![&line.key]);
            for (names, keys) in same {
                whole.0.extend(names);
                whole.1.extend(keys);
            }
            persons = others;
            persons.push(whole);
        }
        persons.into_iter().map(|(person, _)| person).collect()
    }
}

impl AllowedSigner {
    fn lets(&self, namespace: &str, now: Timestamp) -> Result<(), NotAllowed> {
        if let Some(others) = self.namespaces.as_ref().filter(|all| !all.iter().any(|one| fits(one, namespace))) {
            return Err(NotAllowed::OtherNamespace(others.clone()));
        }
        match (self.after, self.before) {
            (Some(after), _) if now < after => Err(NotAllowed::NotYet(after)),
            (_, Some(before)) if now >= before => Err(NotAllowed::NoLonger(before)),
            _ => Ok(()),
        }
    }
}

fn signer(line: &str) -> Result<AllowedSigner, String> {
    let words = words(line)?;
    let is_key_type = |word: &str| ["ssh-", "ecdsa-", "sk-"].iter().any(|prefix| word.starts_with(prefix));
    let (people, options, key) = match words.as_slice() {
        [people, kind, key, ..] if is_key_type(kind) => (people, "", [kind.as_str(), key.as_str()]),
        [people, options, kind, key, ..] if is_key_type(kind) => {
            (people, options.as_str(), [kind.as_str(), key.as_str()])
        }
        _ => {
            return Err(
                "expected `principals [options] keytype base64-key`, such as `kai@example.com ssh-ed25519 AAAA…`"
                    .to_owned(),
            );
        }
    };
    let key = PublicKey::from_openssh(&key.join(" ")).map_err(|error| format!("the key cannot be read: {error}"))?;
    let mut signer = AllowedSigner {
        names: named(people)?,
        key: key.key_data().clone(),
        namespaces: None,
        after: None,
        before: None,
    };
    if !matches!(
        key.algorithm(),
        Algorithm::Ed25519 | Algorithm::Ecdsa { .. } | Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256
    ) {
        return Err(format!(
            "a key of the kind {} is not taken: ed25519, ecdsa and security keys are",
            key.algorithm()
        ));
    }
    let mut seen = BTreeSet::new();
    for option in split(options, ',')?.into_iter().filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((&option, ""));
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        if !seen.insert(name.to_ascii_lowercase()) {
            return Err(format!("`{name}` stands there twice"));
        }
        match name.to_ascii_lowercase().as_str() {
            "namespaces" if value.contains('!') => {
                return Err("`!` in `namespaces` is not taken: list what the key may sign".to_owned());
            }
            "namespaces" => signer.namespaces = Some(value.split(',').map(str::to_owned).collect()),
            "valid-after" => signer.after = Some(moment(value)?),
            "valid-before" => signer.before = Some(moment(value)?),
            "cert-authority" => {
                return Err("certificates are not taken: a certificate can be made out to anybody at any time; list each person's key".to_owned());
            }
            other => {
                return Err(format!(
                    "there is no option `{other}`; there are `namespaces`, `valid-after` and `valid-before`"
                ));
            }
        }
    }
    Ok(signer)
}

/// The people of a line. Patterns could stand for anybody.
fn named(principals: &str) -> Result<BTreeSet<String>, String> {
    let principals = principals.trim_matches('"');
    let names: BTreeSet<String> =
        principals.split(',').filter(|name| !name.is_empty()).map(str::to_lowercase).collect();
    match names.iter().find(|name| name.contains(['*', '?', '!'])) {
        Some(pattern) => Err(format!("`{pattern}` is a pattern and names nobody: write each person's name")),
        None if names.is_empty() => Err("nobody is named".to_owned()),
        None => Ok(names),
    }
}

/// `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, with `Z` for UTC.
fn moment(text: &str) -> Result<Timestamp, String> {
    let bad = || format!("`{text}` is not a time such as `20261231Z` or `202612312359Z`");
    let (digits, zone) = match text.strip_suffix(['Z', 'z']) {
        Some(digits) => (digits, TimeZone::UTC),
        None => (text, TimeZone::system()),
    };
    let form = match digits.len() {
        8 => "%Y%m%d",
        12 => "%Y%m%d%H%M",
        14 => "%Y%m%d%H%M%S",
        _ => return Err(bad()),
    };
    let time = match form {
        "%Y%m%d" => jiff::civil::Date::strptime(form, digits).map(DateTime::from),
        form => DateTime::strptime(form, digits),
    };
    let time = time.map_err(|_| bad())?;
    zone.to_timestamp(time).map_err(|_| bad())
}

/// The words of a line; what is quoted stays together.
fn words(line: &str) -> Result<Vec<String>, String> {
    Ok(split(line, ' ')?.into_iter().filter(|word| !word.is_empty()).collect())
}

/// The parts between separators that are not quoted. Blanks and tabs are the same.
fn split(text: &str, separator: char) -> Result<Vec<String>, String> {
    let (mut parts, mut part, mut quoted) = (Vec::new(), String::new(), false);
    for one in text.chars() {
        match one {
            '"' => {
                quoted = !quoted;
                part.push(one);
            }
            one if !quoted && (one == separator || (separator == ' ' && one == '\t')) => {
                parts.push(std::mem::take(&mut part))
            }
            one => part.push(one),
        }
    }
    if quoted {
        return Err("a quotation mark is not closed".to_owned());
    }
    parts.push(part);
    Ok(parts)
}

/// Whether a pattern of OpenSSH, with `*` and `?`, fits a text.
fn fits(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, None) => true,
        (Some('*'), _) => {
            fits(&pattern[1..], text)
                || text.chars().next().is_some_and(|first| fits(pattern, &text[first.len_utf8()..]))
        }
        (Some('?'), Some(first)) => fits(&pattern[1..], &text[first.len_utf8()..]),
        (Some(wanted), Some(first)) if wanted == first => {
            fits(&pattern[wanted.len_utf8()..], &text[first.len_utf8()..])
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";
    const P256: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHwf2HMM5TRXvo2SQJjsNkiDD5KqiiNjrGVv3UUh+mMT5RHxiRtOnlqvjhQtBq0VpmpCV/PwUdhOig4vkbqAcEc=";

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn why(text: &str) -> String {
        AllowedSigners::parse(text)
            .expect_err("a mistake")
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")
    }

    #[test]
    fn a_key_counts_for_its_namespaces_and_in_its_time() {
        let text = format!(
            "# people\n\nkai namespaces=\"quell-plan,git\",valid-after=\"20260101Z\",valid-before=\"202612312359Z\" {ED25519} kai's\n"
        );
        let signers = AllowedSigners::parse(&text).expect("signers");
        let key = PublicKey::from_openssh(ED25519).expect("a key").key_data().clone();
        let of = |namespace: &str, now: &str| signers.person(&key, namespace, at(now));
        assert_eq!(of("quell-plan", "2026-11-22T03:00:00Z"), Ok(Person::from(["kai".to_owned()])));
        assert!(matches!(of("file", "2026-11-22T03:00:00Z"), Err(NotAllowed::OtherNamespace(_))));
        assert!(matches!(of("quell-plan", "2025-12-31T23:59:59Z"), Err(NotAllowed::NotYet(_))));
        assert!(matches!(of("quell-plan", "2026-12-31T23:59:00Z"), Err(NotAllowed::NoLonger(_))));
        let other = PublicKey::from_openssh(P256).expect("a key").key_data().clone();
        assert_eq!(signers.person(&other, "quell-plan", at("2026-11-22T03:00:00Z")), Err(NotAllowed::Unknown));
    }

    #[test]
    fn two_keys_of_one_person_and_two_names_of_one_key_are_one() {
        let text = format!("kai,kai@example.com {ED25519}\nkai@example.com {P256}\n");
        let signers = AllowedSigners::parse(&text).expect("signers");
        let now = at("2026-11-22T03:00:00Z");
        let kai = Person::from(["kai".to_owned(), "kai@example.com".to_owned()]);
        assert_eq!(signers.people("quell-plan", now), std::slice::from_ref(&kai));
        for key in [ED25519, P256] {
            let key = PublicKey::from_openssh(key).expect("a key").key_data().clone();
            assert_eq!(signers.person(&key, "quell-plan", now).as_ref(), Ok(&kai));
        }
        let cased =
            AllowedSigners::parse(&format!("Kai@Example.com {ED25519}\nkai@example.com {P256}\n")).expect("signers");
        assert_eq!(cased.people("quell-plan", now).len(), 1, "a name is the same in capitals");
        let shared = AllowedSigners::parse(&format!("kai {ED25519}\nlee {ED25519}\n")).expect("signers");
        assert_eq!(shared.people("quell-plan", now).len(), 1, "whoever has the key may be either");
    }

    #[test]
    fn what_names_nobody_in_particular_is_refused_with_its_line() {
        assert!(
            why(&format!("kai {ED25519}\n*@example.com {ED25519}\n"))
                .starts_with("line 2: `*@example.com` is a pattern")
        );
        assert!(why(&format!("kai cert-authority {ED25519}")).contains("certificates are not taken"));
        assert!(why("kai ssh-ed25519 AAAA").contains("the key cannot be read"));
        assert!(why("kai").contains("expected `principals"));
        assert!(why(&format!("kai valid-until=\"20260101\" {ED25519}")).contains("no option `valid-until`"));
        assert!(why(&format!("kai valid-after=\"tomorrow\" {ED25519}")).contains("is not a time"));
        assert!(why(&format!("kai namespaces=\"*,!quell-plan\" {ED25519}")).contains("`!` in `namespaces`"));
        assert!(why(&format!("kai valid-before=\"20260101\",valid-before=\"20990101\" {ED25519}")).contains("twice"));
        assert!(why(&format!("kai namespaces=\"git {ED25519}")).contains("not closed"));
    }
}
