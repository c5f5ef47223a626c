//! The names that several patterns ask for, and an event read along them alone.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize as _, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::json::{DEEPEST, Json, dots};
use super::scalar::Scalar;

/// A tree of names.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// Whether somebody asks for the value that stands here.
    value: bool,
    numbers: BTreeMap<String, usize>,
    /// What is asked for below each name, by its number.
    fields: Vec<Names>,
}

/// What an event has of what is asked for.
#[derive(Debug)]
pub(super) enum Seen {
    Leaf(Scalar),
    Array(Vec<Seen>),
    /// By the numbers of the names. A name stands for several where dots in names lead to it as well.
    Object(Vec<Vec<Seen>>),
}

const NOBODY: &Names = &Names { value: false, numbers: BTreeMap::new(), fields: Vec::new() };

impl Names {
    /// Asks for the value here.
    pub(super) fn ask(&mut self) {
        self.value = true;
    }

    /// The number of a name, and what is asked for below it.
    pub(super) fn field(&mut self, name: &str) -> (usize, &mut Self) {
        let next = self.fields.len();
        let number = *self.numbers.entry(name.to_owned()).or_insert(next);
        if number == next {
            self.fields.push(Self::default());
        }
        (number, &mut self.fields[number])
    }

    /// What an event has of these names: its members.
    ///
    /// # Errors
    /// Wherever `Event::read` has one, and for numbers next to nothing that nobody asks for. What it says is for nobody: ask there.
    pub(super) fn read(&self, text: &str) -> Result<Vec<Vec<Seen>>, serde_json::Error> {
        let mut from = serde_json::Deserializer::from_str(text);
        let seen = Along { names: self, levels: DEEPEST }.deserialize(&mut from)?;
        from.end()?;
        match seen {
            Some(Seen::Object(members)) => Ok(members),
            _ => Err(Error::custom("nothing of it is asked for")),
        }
    }

    /// Where a member leads, and what is asked for there.
    fn find(&self, name: &str) -> Option<(Vec<usize>, &Self)> {
        let mut names = self;
        let mut path = Vec::new();
        for name in name.split('.') {
            let number = *names.numbers.get(name)?;
            path.push(number);
            names = &names.fields[number];
        }
        Some((path, names))
    }

    fn prune(&self, json: Json) -> Option<Seen> {
        match json {
            Json::Scalar(scalar) => self.value.then_some(Seen::Leaf(scalar)),
            Json::Array(items) => {
                let items: Vec<Seen> = items.into_iter().filter_map(|item| self.prune(item)).collect();
                (!items.is_empty()).then_some(Seen::Array(items))
            }
            Json::Object(all) => {
                let mut members = self.members();
                for (name, value) in all {
                    let Some((path, names)) = self.find(&name) else { continue };
                    if let Some(value) = names.prune(value) {
                        self.put(&mut members, &path, value);
                    }
                }
                self.object(members)
            }
        }
    }

    fn members(&self) -> Vec<Vec<Seen>> {
        self.fields.iter().map(|_| Vec::new()).collect()
    }

    /// An object of these members; nothing where none of them is asked for.
    fn object(&self, members: Vec<Vec<Seen>>) -> Option<Seen> {
        (!self.fields.is_empty()).then_some(Seen::Object(members))
    }

    /// Puts a value where a path leads, as in an event: where dots lead to an object that is there as well, both are one, and it stands first.
    fn put(&self, members: &mut [Vec<Seen>], path: &[usize], value: Seen) {
        let [first, rest @ ..] = path else { return };
        let names = &self.fields[*first];
        let there = &mut members[*first];
        let known = match there.first_mut() {
            Some(Seen::Object(members)) => Some(members),
            _ => None,
        };
        match (known, value) {
            (Some(known), value) if !rest.is_empty() => names.put(known, rest, value),
            (Some(known), Seen::Object(members)) => {
                for (number, values) in members.into_iter().enumerate() {
                    values.into_iter().for_each(|value| names.put(known, &[number], value));
                }
            }
            (None, value) if !rest.is_empty() => {
                let mut inner = names.members();
                names.put(&mut inner, rest, value);
                there.insert(0, Seen::Object(inner));
            }
            (None, object @ Seen::Object(_)) => there.insert(0, object),
            (_, value) => there.push(value),
        }
    }
}

/// Reads a value along some names.
struct Along<'n> {
    names: &'n Names,
    levels: usize,
}

impl<'de> DeserializeSeed<'de> for Along<'_> {
    type Value = Option<Seen>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        if self.names.value {
            // Only the text of a number has all of its digits.
            let json = Json::of(<&RawValue>::deserialize(from)?, self.levels).map_err(Error::custom)?;
            return Ok(self.names.prune(json));
        }
        let levels = self.levels.checked_sub(1).ok_or_else(|| Error::custom("too deep"))?;
        from.deserialize_any(Self { levels, ..self })
    }
}

impl<'de> Visitor<'de> for Along<'_> {
    type Value = Option<Seen>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        // One that is beyond all measure may look like nothing here.
        if number == 0.0 { Err(E::custom("nothing, or next to it")) } else { Ok(None) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Self { ..self })? {
            items.extend(item);
        }
        Ok((!items.is_empty()).then_some(Seen::Array(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = self.names.members();
        while let Some((dots, known)) = map.next_key_seed(Member(self.names))? {
            let (path, names) = known.unwrap_or((Vec::new(), NOBODY));
            let levels = self.levels.checked_sub(dots).ok_or_else(|| Error::custom("too deep"))?;
            if let Some(value) = map.next_value_seed(Along { names, levels })? {
                self.names.put(&mut members, &path, value);
            }
        }
        Ok(self.names.object(members))
    }
}

/// Reads the name of a member: how many dots it has, and where it leads.
struct Member<'n>(&'n Names);

impl<'de, 'n> DeserializeSeed<'de> for Member<'n> {
    type Value = (usize, Option<(Vec<usize>, &'n Names)>);

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'n> Visitor<'_> for Member<'n> {
    type Value = (usize, Option<(Vec<usize>, &'n Names)>);

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok((dots(name), self.0.find(name)))
    }
}
