//! JSON text brought into the order of RFC 8785.

use std::cmp::Ordering;

/// Turns what `serde_json` writes without spaces into RFC 8785 canonical JSON.
///
/// The two differ in the order of members and in the form of numbers; strings are escaped alike. Working on the text takes a
/// fraction of the time of a serialiser that keeps every member apart, and every record of a journal comes through here.
pub(super) fn canonical_from_compact(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    append_canonical(text, &mut out);
    out
}

/// The same at the end of what is there already.
pub(super) fn append_canonical(text: &[u8], out: &mut Vec<u8>) {
    Sorter { text, at: 0, out }.value();
}

struct Sorter<'a, 'o> {
    text: &'a [u8],
    at: usize,
    out: &'o mut Vec<u8>,
}

struct Member<'a> {
    /// The key as written, without its quotes.
    key: &'a [u8],
    /// Where the member begins in the output; it ends with the comma after it.
    begin: usize,
    end: usize,
}

impl<'a> Sorter<'a, '_> {
    fn value(&mut self) {
        match self.text[self.at] {
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => {
                self.string();
            }
            _ => self.scalar(),
        }
    }

    fn keep(&mut self, byte: u8) {
        self.out.push(byte);
        self.at += 1;
    }

    /// Keeps a string as it is, and returns what is between its quotes.
    fn string(&mut self) -> &'a [u8] {
        let begin = self.at;
        self.at += 1;
        while let Some(length) = memchr::memchr2(b'"', b'\\', &self.text[self.at..]) {
            let is_escape = self.text[self.at + length] == b'\\';
            self.at += length + if is_escape { 2 } else { 1 };
            if !is_escape {
                break;
            }
        }
        self.out.extend_from_slice(&self.text[begin..self.at]);
        &self.text[begin + 1..self.at - 1]
    }

    fn scalar(&mut self) {
        let rest = &self.text[self.at..];
        let length = rest.iter().position(|b| matches!(b, b',' | b']' | b'}')).unwrap_or(rest.len());
        let scalar = &rest[..length];
        self.at += length;
        let digits = scalar.strip_prefix(b"-").unwrap_or(scalar);
        let is_short_integer = digits.len() <= 15 && digits.iter().all(u8::is_ascii_digit) && scalar != b"-0";
        let number = if is_short_integer { None } else { serde_json::from_slice::<f64>(scalar).ok() };
        match number {
            Some(number) => self
                .out
                .extend(serde_json_canonicalizer::to_vec(&number).expect("a number that was read from JSON is finite")),
            None => self.out.extend_from_slice(scalar),
        }
    }

    fn array(&mut self) {
        self.keep(b'[');
        while self.text[self.at] != b']' {
            self.value();
            if self.text[self.at] == b',' {
                self.keep(b',');
            }
        }
        self.keep(b']');
    }

    fn object(&mut self) {
        self.keep(b'{');
        let first = self.out.len();
        let mut members = Vec::new();
        while self.text[self.at] != b'}' {
            let begin = self.out.len();
            let key = self.string();
            self.keep(b':');
            self.value();
            self.out.push(b',');
            members.push(Member { key, begin, end: self.out.len() });
            if self.text[self.at] == b',' {
                self.at += 1;
            }
        }
        self.at += 1;
        if !members.is_sorted_by(|one, two| in_order(one.key, two.key).is_le()) {
            members.sort_by(|one, two| in_order(one.key, two.key));
            let unsorted = self.out.split_off(first);
            for member in &members {
                self.out.extend_from_slice(&unsorted[member.begin - first..member.end - first]);
            }
        }
        // The comma after the last member becomes the end of the object.
        if !members.is_empty() {
            self.out.pop();
        }
        self.out.push(b'}');
    }
}

/// The order of two keys as written: that of their UTF-16 units, which for plain ASCII is that of their bytes.
fn in_order(one: &[u8], two: &[u8]) -> Ordering {
    let is_plain = |key: &[u8]| key.iter().all(|b| b.is_ascii() && *b != b'\\');
    if is_plain(one) && is_plain(two) {
        return one.cmp(two);
    }
    let units = |key: &[u8]| -> Vec<u16> {
        let quoted = [b"\"", key, b"\""].concat();
        serde_json::from_slice::<String>(&quoted).unwrap_or_default().encode_utf16().collect()
    };
    units(one).cmp(&units(two))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn any_value() -> impl Strategy<Value = Value> {
        let text = prop_oneof![any::<String>(), "[a-c\u{0}-\u{1f}\"\\\\é\u{fb33}\u{1f600}]{0,3}"];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-9i64..9).prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<f32>().prop_map(Value::from),
            Just(Value::from(-0.0)),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((text.clone(), inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// Otherwise a plan or a journal could seem to hold another form of itself.
        #[test]
        fn what_is_canonical_stays_so_when_it_is_read(value in any_value()) {
            let bytes = canonical_from_compact(&serde_json::to_vec(&value).expect("JSON"));
            let read: Value = serde_json::from_slice(&bytes).expect("JSON");
            prop_assert_eq!(canonical_from_compact(&serde_json::to_vec(&read).expect("JSON")), bytes);
        }

        #[test]
        fn it_agrees_with_a_canonicaliser_that_we_did_not_write(value in any_value()) {
            let compact = serde_json::to_vec(&value).expect("JSON");
            let expected = serde_json_canonicalizer::to_vec(&value).expect("JSON");
            let ours = canonical_from_compact(&compact);
            prop_assert_eq!(String::from_utf8_lossy(&ours), String::from_utf8_lossy(&expected));
        }
    }
}
