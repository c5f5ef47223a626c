//! Reads patterns, and refuses what AWS refuses.

use std::collections::BTreeSet;
use std::sync::Arc;

use ipnet::IpNet;

use super::decimal::Decimal;
use super::json::{BadJson, Json, list};
use super::pattern::{Absent, BadPattern, Conjunction, Pattern, Question};
use super::scalar::Scalar;
use super::test::{Comparison, Test, folded};
use super::wildcard::Wildcard;

/// The most ways through the alternatives of a pattern: each `$or` multiplies them.
const MOST_WAYS: usize = 1_000;
/// The names of operators, which no member below a `$or` may have.
const OPERATORS: [&str; 8] =
    ["anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard"];
const OR: &str = "$or";

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What AWS would reject, with the place and the reason.
    pub fn read(text: &str) -> Result<Self, BadPattern> {
        match Json::read(text)? {
            Json::Object(members) => Ok(Self(object(&members, &Place::default())?)),
            _ => Err(BadJson::NoObject.into()),
        }
    }
}

/// Where something stands.
#[derive(Debug, Clone, Default)]
struct Place {
    /// The names that lead there in an event.
    path: Vec<String>,
    /// The same as it is written.
    written: String,
}

impl Place {
    fn member(&self, name: &str) -> Self {
        let path = self.path.iter().cloned().chain(name.split('.').map(str::to_owned)).collect();
        Self { path, written: self.below(name) }
    }

    fn below(&self, name: &str) -> String {
        if self.written.is_empty() { name.to_owned() } else { format!("{}.{name}", self.written) }
    }

    fn bad(&self, why: impl Into<String>) -> BadPattern {
        let place = if self.written.is_empty() { "the pattern".to_owned() } else { self.written.clone() };
        BadPattern::Rejected { place, why: why.into() }
    }
}

fn object(members: &[(String, Json)], place: &Place) -> Result<Vec<Conjunction>, BadPattern> {
    if members.is_empty() {
        return Err(place.bad("an empty object asks for nothing"));
    }
    let mut names = BTreeSet::new();
    let mut ways = vec![Conjunction::default()];
    for (name, value) in members {
        let inner = place.member(name);
        if !names.insert(name) {
            return Err(inner.bad("it stands there twice"));
        }
        let more = match value {
            Json::Array(alternatives) if name == OR => either(alternatives, place)?,
            Json::Object(members) => object(members, &inner)?,
            Json::Array(alternatives) => leaf(alternatives, &inner)?,
            _ => return Err(inner.bad("it is neither an object nor a list of values")),
        };
        if ways.len() * more.len() > MOST_WAYS {
            return Err(place.bad(format!("there are more than {MOST_WAYS} ways through its alternatives")));
        }
        ways = ways.iter().flat_map(|way| more.iter().map(|one| way.and(one))).collect();
    }
    Ok(ways)
}

fn either(alternatives: &[Json], place: &Place) -> Result<Vec<Conjunction>, BadPattern> {
    let at = Place { path: place.path.clone(), written: place.below(OR) };
    if alternatives.len() < 2 {
        return Err(at.bad("it takes two alternatives or more"));
    }
    let mut ways = Vec::new();
    for (number, alternative) in alternatives.iter().enumerate() {
        let at = Place { path: place.path.clone(), written: format!("{}[{number}]", at.written) };
        let Json::Object(members) = alternative else { return Err(at.bad("an alternative is an object")) };
        if let Some((name, _)) = members.iter().find(|(name, _)| OPERATORS.contains(&name.as_str())) {
            return Err(at.bad(format!("`{name}` is an operator, and no name that may stand here")));
        }
        ways.extend(object(members, &at)?);
    }
    Ok(ways)
}

fn leaf(alternatives: &[Json], place: &Place) -> Result<Vec<Conjunction>, BadPattern> {
    if alternatives.is_empty() {
        return Err(place.bad("an empty list matches nothing"));
    }
    let written: Arc<str> = list(alternatives).into();
    let mut tests = Vec::new();
    let mut ways = Vec::new();
    for (number, alternative) in alternatives.iter().enumerate() {
        let at = Place { path: place.path.clone(), written: format!("{}[{number}]", place.written) };
        match alternative {
            Json::Object(members) => match operator(members, &at)? {
                Some(test) => tests.push(test),
                // That there is no value is said of the event, and not of a value.
                None => {
                    let absent = Absent { path: place.path.clone(), written: written.clone() };
                    ways.push(Conjunction { absent: vec![absent], ..Conjunction::default() });
                }
            },
            Json::Scalar(scalar) => tests.push(Test::Exactly(scalar.clone())),
            Json::Array(_) => return Err(at.bad("a list does not stand in a list")),
        }
    }
    if !tests.is_empty() {
        let mut there = Conjunction::default();
        there.ask(&place.path, Question { tests, written });
        ways.push(there);
    }
    Ok(ways)
}

/// What an operator asks of a value; nothing for the one that asks for there being none.
fn operator(members: &[(String, Json)], place: &Place) -> Result<Option<Test>, BadPattern> {
    let [(name, value)] = members else { return Err(place.bad("one operator stands in an object, and only one")) };
    let at = Place { path: vec![], written: place.below(name) };
    let text = || text(value, &at);
    Ok(Some(match name.as_str() {
        "prefix" => match value {
            Json::Object(members) => Test::FoldedPrefix(whatever_case(members, &at)?),
            _ => Test::Prefix(text()?.to_owned()),
        },
        "suffix" => match value {
            Json::Object(members) => Test::FoldedSuffix(whatever_case(members, &at)?),
            _ => Test::Suffix(text()?.to_owned()),
        },
        "equals-ignore-case" => Test::Folded(folded(text()?)),
        "wildcard" => Test::Wildcard(wildcard(text()?, &at)?),
        "numeric" => Test::Numeric(numeric(value, &at)?),
        "cidr" => Test::Cidr(range(text()?, &at)?),
        "exists" => match value {
            Json::Scalar(Scalar::Bool(true)) => Test::Exists,
            Json::Scalar(Scalar::Bool(false)) => return Ok(None),
            _ => return Err(at.bad("it takes true or false")),
        },
        "anything-but" => Test::Neither(anything_but(value, &at)?),
        _ => return Err(at.bad("there is no such operator")),
    }))
}

fn text<'j>(value: &'j Json, at: &Place) -> Result<&'j str, BadPattern> {
    match value {
        Json::Scalar(Scalar::Text(text)) => Ok(text),
        _ => Err(at.bad("it takes a text")),
    }
}

/// The text of `{"equals-ignore-case": "…"}` within another operator.
fn whatever_case(members: &[(String, Json)], at: &Place) -> Result<String, BadPattern> {
    match members {
        [(name, Json::Scalar(Scalar::Text(text)))] if name == "equals-ignore-case" => Ok(folded(text)),
        _ => Err(at.bad("it takes a text, or `equals-ignore-case` with a text")),
    }
}

fn wildcard(text: &str, at: &Place) -> Result<Wildcard, BadPattern> {
    Wildcard::parse(text).map_err(|why| at.bad(why))
}

fn numeric(value: &Json, at: &Place) -> Result<Vec<(Comparison, Decimal)>, BadPattern> {
    const TAKES: &str =
        "it takes a comparison and a number, or `>` or `>=` with the lower bound and `<` or `<=` with the upper one";
    let Json::Array(parts) = value else { return Err(at.bad(TAKES)) };
    let mut all = Vec::new();
    for pair in parts.chunks(2) {
        let [Json::Scalar(Scalar::Text(name)), Json::Scalar(Scalar::Number(number))] = pair else {
            return Err(at.bad(TAKES));
        };
        let comparison =
            Comparison::named(name).ok_or_else(|| at.bad(format!("`{name}` compares nothing: {TAKES}")))?;
        all.push((comparison, number.clone()));
    }
    let is_lower = |one: Comparison| matches!(one, Comparison::Above | Comparison::AtLeast);
    let is_upper = |one: Comparison| matches!(one, Comparison::Below | Comparison::AtMost);
    match all.as_slice() {
        [_] => Ok(all),
        [(low, from), (high, to)] if is_lower(*low) && is_upper(*high) => match from < to {
            true => Ok(all),
            false => Err(at.bad("the lower bound is not below the upper one")),
        },
        _ => Err(at.bad(TAKES)),
    }
}

fn range(text: &str, at: &Place) -> Result<IpNet, BadPattern> {
    let range: IpNet =
        text.parse().map_err(|_| at.bad(format!("`{text}` is no range of addresses, such as 10.0.0.0/24")))?;
    match range.prefix_len() < range.max_prefix_len() {
        true => Ok(range),
        false => Err(at.bad(format!("`{text}` is one address: ask for it as a text"))),
    }
}

fn anything_but(value: &Json, at: &Place) -> Result<Vec<Test>, BadPattern> {
    match value {
        Json::Object(members) => {
            let [(name, value)] = members.as_slice() else {
                return Err(at.bad("one operator stands in an object, and only one"));
            };
            let inner = Place { path: vec![], written: at.below(name) };
            let texts = texts(value, &inner)?;
            let folds = || texts.iter().map(|text| folded(text));
            match name.as_str() {
                "prefix" => Ok(texts.iter().map(|&text| Test::Prefix(text.to_owned())).collect()),
                "suffix" => Ok(texts.iter().map(|&text| Test::Suffix(text.to_owned())).collect()),
                "equals-ignore-case" => Ok(folds().map(Test::Folded).collect()),
                "wildcard" => texts.iter().map(|text| wildcard(text, &inner).map(Test::Wildcard)).collect(),
                _ => Err(inner.bad("it takes values, or `prefix`, `suffix`, `equals-ignore-case` or `wildcard`")),
            }
        }
        Json::Array(values) => {
            let all_texts = values.iter().all(|value| matches!(value, Json::Scalar(Scalar::Text(_))));
            let all_numbers = values.iter().all(|value| matches!(value, Json::Scalar(Scalar::Number(_))));
            if values.is_empty() || !(all_texts || all_numbers) {
                return Err(at.bad("its list holds texts alone, or numbers alone"));
            }
            let exactly = |value: &Json| match value {
                Json::Scalar(scalar) => Some(Test::Exactly(scalar.clone())),
                Json::Array(_) | Json::Object(_) => None,
            };
            Ok(values.iter().filter_map(exactly).collect())
        }
        Json::Scalar(scalar @ (Scalar::Text(_) | Scalar::Number(_))) => Ok(vec![Test::Exactly(scalar.clone())]),
        Json::Scalar(Scalar::Null | Scalar::Bool(_)) => Err(at.bad("it takes texts or numbers")),
    }
}

/// A text, or several; none is empty.
fn texts<'j>(value: &'j Json, at: &Place) -> Result<Vec<&'j str>, BadPattern> {
    let all: Vec<&Json> = match value {
        Json::Array(values) => values.iter().collect(),
        one => vec![one],
    };
    let texts = all.into_iter().map(|value| text(value, at)).collect::<Result<Vec<_>, _>>()?;
    if texts.is_empty() || texts.iter().any(|text| text.is_empty()) {
        return Err(at.bad("an empty text, or none, is not taken"));
    }
    Ok(texts)
}
