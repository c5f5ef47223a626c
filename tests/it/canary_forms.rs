//! Finds secrets in what was said, in every form in which they may have got there.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// How many bytes at its beginning a form is known by.
const HEAD: usize = 8;
/// What stands for itself in an address, unlike in a query.
const IN_PATHS: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'+').add(b'%');

/// Secrets in all their forms. What it finds it names by number, so that no message of a test repeats a secret.
pub(crate) struct Scanner {
    by_head: HashMap<[u8; HEAD], Vec<Form>>,
    /// Whether a form begins with these two bytes: most of a text is passed over by this alone.
    begins: Vec<bool>,
    secrets: usize,
}

struct Form {
    bytes: Vec<u8>,
    what: String,
}

impl Scanner {
    /// Looks for secrets. Each has to be long enough not to stand anywhere by chance.
    pub(crate) fn of(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut secrets: Vec<String> = secrets.into_iter().collect();
        secrets.sort();
        secrets.dedup();
        let mut by_head: HashMap<[u8; HEAD], Vec<Form>> = HashMap::new();
        for (number, secret) in secrets.iter().enumerate() {
            assert!(secret.len() >= 16, "secret {number} is too short to look for");
            for (form, text) in forms(secret) {
                let bytes = text.into_bytes();
                let head = head_of(&bytes).expect("a form is no shorter than its secret");
                let known = by_head.entry(head).or_default();
                // Many forms of a plain text are that text.
                if known.iter().all(|other| other.bytes != bytes) {
                    known.push(Form { bytes, what: format!("secret {number} {form}") });
                }
            }
        }
        let mut begins = vec![false; 1 << 16];
        for head in by_head.keys() {
            begins[usize::from(u16::from_be_bytes([head[0], head[1]]))] = true;
        }
        Self { by_head, begins, secrets: secrets.len() }
    }

    /// How many secrets it looks for.
    pub(crate) fn secrets(&self) -> usize {
        self.secrets
    }

    /// What stands in a text, and in which form.
    pub(crate) fn found_in(&self, text: &[u8]) -> Vec<&str> {
        let mut found = Vec::new();
        for (at, pair) in text.windows(2).enumerate() {
            if !self.begins[usize::from(u16::from_be_bytes([pair[0], pair[1]]))] {
                continue;
            }
            let Some(head) = head_of(&text[at..]) else { break };
            let here = self.by_head.get(&head).into_iter().flatten();
            found.extend(here.filter(|form| text[at..].starts_with(&form.bytes)).map(|form| form.what.as_str()));
        }
        found
    }
}

fn head_of(bytes: &[u8]) -> Option<[u8; HEAD]> {
    bytes.first_chunk().copied()
}

/// A secret as it may have been written down.
pub(crate) fn forms(secret: &str) -> Vec<(&'static str, String)> {
    let mut forms = vec![
        ("as it is", secret.to_owned()),
        ("in lower case hex", hex::encode(secret)),
        ("in upper case hex", hex::encode_upper(secret)),
        ("as in JSON", within_quotes(&serde_json::to_string(secret).expect("JSON"))),
        ("as in JSON in JSON", within_quotes(&json_in_json(secret))),
        ("as in JSON that escapes slashes", secret.replace('/', r"\/")),
        ("for debugging", within_quotes(&format!("{secret:?}"))),
        ("in a query", utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string()),
        ("in a path", utf8_percent_encode(secret, IN_PATHS).to_string()),
        ("in XML", secret.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")),
    ];
    forms.push(("in a query, in lower case", lower_case_escapes(&forms[7].1)));
    for (before, form) in ["in base64", "in base64, one byte on", "in base64, two bytes on"].into_iter().enumerate() {
        forms.push((form, base64_at(before, secret, &STANDARD_NO_PAD)));
        forms.push((form, base64_at(before, secret, &URL_SAFE_NO_PAD)));
    }
    forms
}

/// The letters of base64 that hold nothing but the secret, where so many bytes stand before it.
fn base64_at(before: usize, secret: &str, engine: &impl base64::Engine) -> String {
    let text = [&vec![0; before][..], secret.as_bytes()].concat();
    let coded = engine.encode(&text);
    let (begins, ends) = ((before * 8).div_ceil(6), text.len() * 8 / 6);
    coded[begins..ends].to_owned()
}

fn json_in_json(secret: &str) -> String {
    let json = within_quotes(&serde_json::to_string(secret).expect("JSON"));
    serde_json::to_string(&json).expect("JSON")
}

fn within_quotes(text: &str) -> String {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text).to_owned()
}

/// `%2F` as `%2f`.
fn lower_case_escapes(text: &str) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + "%" + &part[..2].to_ascii_lowercase() + &part[2..])
}

/// A scanner that finds nothing proves nothing.
#[test]
fn a_secret_is_found_in_every_form() {
    let secret = r#"wJalr/XUtn+FEMI"K7\MDENG&bPx<RfiC"#;
    let scanner = Scanner::of([secret.to_owned(), "another secret, which is not there".to_owned()]);
    assert_eq!(scanner.secrets(), 2);
    for (form, text) in forms(secret) {
        for (before, behind) in [("", ""), ("xyz", "xyz"), ("\"", "\",\n")] {
            let said = format!("{before}{text}{behind}");
            assert!(!scanner.found_in(said.as_bytes()).is_empty(), "{form}: {said}");
        }
        assert!(scanner.found_in(&text.as_bytes()[1..]).is_empty(), "{form}: half of it is not all of it");
    }
    // What somebody else writes down, who knows nothing of the forms above.
    for before in 0..9 {
        let plain = format!("{}{secret}, and so on", "k".repeat(before));
        let by_others = [
            base64::engine::general_purpose::STANDARD.encode(&plain),
            base64::engine::general_purpose::URL_SAFE.encode(&plain),
            plain.bytes().map(|byte| format!("{byte:02x}")).collect(),
            serde_json::json!({ "text": plain }).to_string(),
            serde_json::json!({ "text": serde_json::json!({ "text": plain }).to_string() }).to_string(),
            format!("{:?}", Some(&plain)),
        ];
        for said in by_others {
            assert!(!scanner.found_in(said.as_bytes()).is_empty(), "{said}");
        }
    }
    assert!(scanner.found_in(b"nothing of the kind, however long the text is that is looked through").is_empty());
}
