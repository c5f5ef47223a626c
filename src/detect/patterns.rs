//! Many patterns at once.

use super::event::Event;
use super::json::BadJson;
use super::names::{Names, Seen};
use super::pattern::{Conjunction, Node, Pattern, Question};

/// Patterns by their numbers, which are held against an event together: it is read once, and only along the names that one of them asks for.
#[derive(Debug, Clone)]
pub struct Patterns {
    all: Vec<Pattern>,
    names: Names,
    /// The alternatives of each pattern.
    ways: Vec<Vec<Way>>,
}

/// A conjunction with numbers in place of names.
#[derive(Debug, Clone)]
struct Way {
    present: Asked,
    absent: Vec<Vec<usize>>,
}

#[derive(Debug, Clone)]
struct Asked {
    leaves: Vec<Question>,
    fields: Vec<(usize, Asked)>,
}

impl Patterns {
    /// Takes patterns; the first has the number 0.
    pub fn new(all: Vec<Pattern>) -> Self {
        let mut names = Names::default();
        let ways = all.iter().map(|pattern| pattern.0.iter().map(|way| Way::new(way, &mut names)).collect()).collect();
        Self { all, names, ways }
    }

    /// The numbers of the patterns that an event matches, in their order. Each decides as [`Pattern::matches`] does.
    ///
    /// # Errors
    /// Where the text is no event, as [`Event::read`] has it.
    pub fn matching(&self, event: &str) -> Result<Vec<usize>, BadJson> {
        let Ok(seen) = self.names.read(event) else { return Ok(self.matching_event(&Event::read(event)?)) };
        let matches = |ways: &[Way]| ways.iter().any(|way| way.matches(&seen));
        Ok(numbers(self.ways.iter().map(|ways| matches(ways))))
    }

    /// The same of an event that has been read already.
    pub fn matching_event(&self, event: &Event) -> Vec<usize> {
        numbers(self.all.iter().map(|pattern| pattern.matches(event)))
    }
}

fn numbers(verdicts: impl Iterator<Item = bool>) -> Vec<usize> {
    verdicts.enumerate().filter_map(|(number, matches)| matches.then_some(number)).collect()
}

impl Way {
    fn new(of: &Conjunction, names: &mut Names) -> Self {
        let absent = of.absent.iter().map(|absent| numbered(&absent.path, names)).collect();
        Self { present: Asked::new(&of.present, names), absent }
    }

    fn matches(&self, event: &[Vec<Seen>]) -> bool {
        self.present.holds_of(event) && !self.absent.iter().any(|path| is_in(path, event))
    }
}

/// A path in numbers, at whose end a value is asked for.
fn numbered(path: &[String], mut names: &mut Names) -> Vec<usize> {
    let mut numbers = Vec::new();
    for name in path {
        let (number, below) = names.field(name);
        numbers.push(number);
        names = below;
    }
    names.ask();
    numbers
}

impl Asked {
    fn new(node: &Node, names: &mut Names) -> Self {
        if !node.leaves.is_empty() {
            names.ask();
        }
        let mut fields = Vec::new();
        for (name, field) in &node.fields {
            let (number, below) = names.field(name);
            fields.push((number, Self::new(field, below)));
        }
        // What is told by one look comes first: most patterns ask for a source, and most events come from another.
        fields.sort_by_key(|(_, field)| !field.fields.is_empty());
        Self { leaves: node.leaves.clone(), fields }
    }

    fn holds(&self, seen: &Seen) -> bool {
        match seen {
            Seen::Array(items) => items.iter().any(|item| self.holds(item)),
            Seen::Leaf(value) => self.fields.is_empty() && self.leaves.iter().all(|question| question.holds(value)),
            Seen::Object(members) => self.holds_of(members),
        }
    }

    fn holds_of(&self, members: &[Vec<Seen>]) -> bool {
        let holds = |(number, field): &(usize, Self)| members[*number].iter().any(|seen| field.holds(seen));
        self.leaves.is_empty() && self.fields.iter().all(holds)
    }
}

/// Whether there is a value at a path below some members, in whichever element of an array.
fn is_in(path: &[usize], members: &[Vec<Seen>]) -> bool {
    let [first, rest @ ..] = path else { return false };
    members[*first].iter().any(|seen| has_leaf(rest, seen))
}

fn has_leaf(path: &[usize], seen: &Seen) -> bool {
    match seen {
        Seen::Array(items) => items.iter().any(|item| has_leaf(path, item)),
        Seen::Leaf(_) => path.is_empty(),
        Seen::Object(members) => is_in(path, members),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::plain::a_pattern;
    use super::*;

    /// Scalars as they can be written, sound and not.
    const SCALARS: &[&str] = &[
        r#""x""#,
        r#""xy""#,
        r#""\u0078""#,
        r#""\ud83d\ude00""#,
        r#""\ud83d""#,
        r#""\q""#,
        "\"\t\"",
        "1",
        "10e-1",
        "2.0",
        "-0",
        "0.0",
        "01",
        "1.",
        "1e400",
        "0e99999999999999999999",
        "-1e-99999999999999999999",
        "true",
        "null",
        "nul",
        "[]",
        "{}",
        "{]",
        "",
    ];

    /// Names as they can be written, with dots, and twice in one object.
    const NAMES: &[&str] = &["a", "b", "c", "a.b", "b.c", "a.b.c", "c.a", "d", r"\u0061", r"a\u002eb", r"\udc00", ""];

    fn a_text() -> impl Strategy<Value = String> {
        // Most are sound, or hardly any event would be.
        let scalar = prop_oneof![
            40 => prop::sample::select(&["\"x\"", "\"xy\"", "1", "10e-1", "2", "null"][..]),
            1 => prop::sample::select(SCALARS),
        ];
        let name = prop_oneof![9 => prop::sample::select(&NAMES[..7]), 1 => prop::sample::select(NAMES)];
        let object = move |value: BoxedStrategy<String>| {
            let member = (name.clone(), value).prop_map(|(name, value)| format!("\"{name}\" : {value}"));
            prop::collection::vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(",")))
        };
        let value = scalar.prop_map(str::to_owned).prop_recursive(4, 32, 4, {
            let object = object.clone();
            move |inner| {
                let items = prop::collection::vec(inner.clone(), 0..4);
                let deep =
                    (inner.clone(), 55_usize..66, any::<bool>()).prop_map(|(value, levels, dotted)| match dotted {
                        true => format!("{{\"d{}\": {value}}}", ".a".repeat(levels)),
                        false => format!("{}{value}{}", "[".repeat(levels), "]".repeat(levels)),
                    });
                prop_oneof![
                    20 => items.prop_map(|items| format!("[ {}]", items.join(", "))),
                    20 => object(inner),
                    1 => deep
                ]
            }
        });
        let end = prop_oneof![30 => Just(""), 1 => Just("x"), 1 => Just("}")];
        let event = prop_oneof![30 => object(value.clone().boxed()).boxed(), 1 => value.boxed()];
        (event, end).prop_map(|(event, end)| format!("{event}{end}"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(crate::detect::plain::many(4_000)))]

        #[test]
        fn each_decides_as_it_does_alone(patterns in prop::collection::vec(a_pattern(), 0..6), event in a_text()) {
            let all: Vec<Pattern> =
                patterns.iter().map(|pattern| Pattern::read(&pattern.to_string()).expect("a pattern")).collect();
            let together = Patterns::new(all.clone()).matching(&event);
            let alone = Event::read(&event).map(|event| numbers(all.iter().map(|pattern| pattern.matches(&event))));
            match (together, alone) {
                (Ok(together), Ok(alone)) => prop_assert_eq!(together, alone),
                (Err(together), Err(alone)) => prop_assert_eq!(format!("{together:?}"), format!("{alone:?}")),
                (together, alone) => prop_assert!(false, "{:?} together, {:?} alone", together, alone),
            }
        }
    }
}
