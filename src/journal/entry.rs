//! One line of a journal.

use std::fmt;
use std::io::Write as _;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::{Digest, append_canonical_bytes, canonical_bytes};

use super::Record;

/// The place of a record in its journal; the first is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl fmt::Display for Seq {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// A record with its place, its time and its link to the record before it.
///
/// As a line it is RFC 8785 canonical JSON with one more member, `check`: the SHA-256 of the same object without that member.
/// `check` makes any damage to a line visible; `prev` repeats the `check` of the line before, and is itself part of what `check`
/// is taken of, so that the last one stands for all lines. The fields stand here in the order in which they stand there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The `check` of the line before it; zeros for the first.
    pub prev: Digest,
    /// The record.
    pub record: Record,
    /// The place.
    pub seq: Seq,
    /// When it was written, by the clock of the program.
    pub time: Timestamp,
}

/// Why bytes are not a line of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BadLine {
    /// They do not agree with their own check sum, or hold none.
    Check,
    /// They agree with it but are not canonical JSON.
    NotCanonical,
    /// They are canonical JSON but no entry; says what is wrong with it.
    NotAnEntry(String),
}

const OPEN: &[u8] = br#"{"check":""#;
const CLOSE: &[u8] = br#"","#;
/// `check` sorts before every other member, so the rest of the line follows it.
const HEAD: usize = OPEN.len() + 64 + CLOSE.len();

/// Writes the lines of entries. It keeps what one line has in common with the next: memory, and the time in words.
#[derive(Debug, Default)]
pub(super) struct LineWriter {
    scratch: Vec<u8>,
    time: Option<(Timestamp, String)>,
}

impl LineWriter {
    /// Appends the bytes of an entry's line, without the line feed, and returns its `check`.
    ///
    /// The members of an entry are few and in order, so that only its record goes through the canonical form.
    pub(super) fn write(&mut self, entry: &Entry, out: &mut Vec<u8>) -> Digest {
        let begin = out.len();
        out.extend_from_slice(OPEN);
        out.extend_from_slice(&Digest::ZERO.digits());
        out.extend_from_slice(CLOSE);
        let members = out.len();
        out.extend_from_slice(br#""prev":""#);
        out.extend_from_slice(&entry.prev.digits());
        out.extend_from_slice(br#"","record":"#);
        append_canonical_bytes(&entry.record, &mut self.scratch, out);
        let time = match &self.time {
            Some((of, text)) if *of == entry.time => text,
            _ => &self.time.insert((entry.time, entry.time.to_string())).1,
        };
        write!(out, r#","seq":{},"time":"{time}"}}"#, entry.seq).expect("memory takes everything");
        let check = Digest::of_parts([b"{".as_slice(), &out[members..]]);
        out[begin + OPEN.len()..members - CLOSE.len()].copy_from_slice(&check.digits());
        check
    }
}

impl Entry {
    /// Reads the bytes of a line, without the line feed, and returns its `check` as well.
    pub(super) fn from_line(line: &[u8]) -> Result<(Self, Digest), BadLine> {
        let rest = line.get(HEAD..).ok_or(BadLine::Check)?;
        let check = &line[OPEN.len()..OPEN.len() + 64];
        let mut body = Vec::with_capacity(1 + rest.len());
        body.push(b'{');
        body.extend_from_slice(rest);
        let digest = Digest::of_bytes(&body);
        let agrees = line.starts_with(OPEN) && line[..HEAD].ends_with(CLOSE) && check == digest.digits();
        if !agrees {
            return Err(BadLine::Check);
        }
        // Through a value and not straight into the entry: members that this version does not know belong to the bytes.
        let value: Value = serde_json::from_slice(&body).map_err(|_| BadLine::NotCanonical)?;
        if canonical_bytes(&value) != body {
            return Err(BadLine::NotCanonical);
        }
        let entry = serde_json::from_value(value).map_err(|error| BadLine::NotAnEntry(error.to_string()))?;
        Ok((entry, digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            seq: Seq(3),
            time: "2026-11-22T03:00:00Z".parse().expect("a timestamp"),
            prev: Digest::ZERO,
            record: Record::note("a\n\u{1b}\"é"),
        }
    }

    fn line_of(entry: &Entry) -> Vec<u8> {
        let mut line = b"what is there stays\n".to_vec();
        let before = line.len();
        let mut writer = LineWriter::default();
        let check = writer.write(entry, &mut line);
        assert_eq!(writer.write(entry, &mut Vec::new()), check, "the second line is like the first");
        let line = line.split_off(before);
        assert_eq!(check, Digest::of(entry));
        assert_eq!(line[HEAD..], canonical_bytes(entry)[1..]);
        assert!(line.starts_with(format!("{{\"check\":\"{check}\",").as_bytes()));
        line
    }

    /// A line with an honest check sum around any body.
    fn sealed(body: &str) -> Vec<u8> {
        let check = Digest::of_bytes(body.as_bytes());
        format!("{{\"check\":\"{check}\",{}", &body[1..]).into_bytes()
    }

    #[test]
    fn a_line_is_canonical_json_and_comes_back() {
        let line = line_of(&entry());
        let value: Value = serde_json::from_slice(&line).expect("JSON");
        assert_eq!(canonical_bytes(&value), line);
        assert!(!line.contains(&b'\n'));
        assert_eq!(Entry::from_line(&line), Ok((entry(), Digest::of(&entry()))));
    }

    #[test]
    fn every_changed_byte_shows() {
        let line = line_of(&entry());
        for at in 0..line.len() {
            for bit in 0..8 {
                let mut changed = line.clone();
                changed[at] ^= 1 << bit;
                assert!(Entry::from_line(&changed).is_err(), "bit {bit} of byte {at}");
            }
            assert!(Entry::from_line(&line[..at]).is_err());
        }
    }

    #[test]
    fn other_forms_of_the_same_json_are_refused_and_new_members_are_not() {
        let known = String::from_utf8(canonical_bytes(&entry())).expect("UTF-8");
        let newer = known.replace(r#""kind":"note""#, r#""kind":"note","newer":1"#);
        assert_eq!(Entry::from_line(&sealed(&newer)).map(|(entry, _)| entry), Ok(entry()));
        let spaced = known.replace(r#""seq":3"#, r#""seq": 3"#);
        assert_eq!(Entry::from_line(&sealed(&spaced)), Err(BadLine::NotCanonical));
        let twice = known.replace(r#""seq":3"#, r#""seq":3,"seq":3"#);
        assert_eq!(Entry::from_line(&sealed(&twice)), Err(BadLine::NotCanonical));
        let unknown = known.replace("note", "omen");
        assert!(matches!(Entry::from_line(&sealed(&unknown)), Err(BadLine::NotAnEntry(_))));
    }
}
