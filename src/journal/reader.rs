//! Reading a journal, and saying what is wrong with it.

use serde::Serialize;

use crate::base::Digest;

use super::entry::BadLine;
use super::{Entry, Fold, IllegalRecord, Seq};

/// What a journal holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Journal {
    /// Its entries, in order.
    pub entries: Vec<Entry>,
    /// What they come to.
    pub fold: Fold,
    /// The `check` of the last line; zeros where there is none.
    pub head: Digest,
    /// What is left of a line that was being written when the program or the machine died.
    pub torn: Option<TornTail>,
}

/// Bytes after the last complete line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TornTail {
    /// Where they begin.
    pub at: u64,
    /// How many they are.
    pub length: u64,
    /// Whether they are a whole record that lacks its line feed.
    pub whole: bool,
}

/// The first thing that is wrong with a journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {kind}")]
pub struct Damage {
    /// The line; the first is 1.
    pub line: u64,
    /// What is wrong with it.
    pub kind: DamageKind,
}

/// What is wrong with a line. Several changes can look alike; the kind names the one that explains the line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DamageKind {
    /// There is no complete record at all.
    #[error("it holds no record: it is no journal, or what was in it was taken away")]
    Empty,
    /// The line does not agree with its check sum, or with the digest that the next one holds of it.
    #[error("it was changed")]
    Changed,
    /// The records between the line before it and this one are gone.
    #[error("{missing} records before it were removed")]
    Removed {
        /// How many.
        missing: u64,
    },
    /// The line is a copy of an earlier one.
    #[error("it repeats record {of}")]
    Duplicated {
        /// The record that it repeats.
        of: Seq,
    },
    /// The line belongs further down.
    #[error("it stands before the records that it follows")]
    Reordered,
    /// The line was not written after the one before it, and the one that was still stands in the file.
    #[error("it was inserted")]
    Inserted,
    /// The line is not RFC 8785 canonical JSON.
    #[error("it is not canonical JSON")]
    NotCanonical,
    /// The line is no record that this format knows.
    #[error("it is not a record: {0}")]
    NotARecord(String),
    /// The record may not follow those before it.
    #[error("it is out of order: {0}")]
    Illegal(IllegalRecord),
    /// Bytes follow the record that ends the run. The program writes none after it, so no crash can have left them.
    #[error("it stands behind the end of the run, where nothing is ever written")]
    AfterTheEnd,
}

/// Reads a journal whole. Bytes after the last line feed are a torn tail, where a crash can have left them; everything before it
/// has to be right.
pub fn read(bytes: &[u8]) -> Result<Journal, Damage> {
    let complete = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let length = (bytes.len() - complete) as u64;
    let torn = (length > 0).then(|| {
        let whole = Entry::from_line(&bytes[complete..]).is_ok();
        TornTail { at: complete as u64, length, whole }
    });
    let lines: Vec<&[u8]> =
        bytes[..complete].split_inclusive(|b| *b == b'\n').map(|line| &line[..line.len() - 1]).collect();

    let mut journal =
        Journal { entries: Vec::with_capacity(lines.len()), fold: Fold::default(), head: Digest::ZERO, torn };
    for (at, line) in lines.iter().enumerate() {
        let damage = |kind| Damage { line: at as u64 + 1, kind };
        let (entry, check) = Entry::from_line(line).map_err(|bad| {
            damage(match bad {
                BadLine::Check => DamageKind::Changed,
                BadLine::NotCanonical => DamageKind::NotCanonical,
                BadLine::NotAnEntry(why) => DamageKind::NotARecord(why),
            })
        })?;
        if entry.seq.0 != at as u64 || entry.prev != journal.head {
            return Err(damage(explain(&lines, at, &entry, journal.head)));
        }
        journal.fold.apply(entry.time, &entry.record).map_err(|illegal| damage(DamageKind::Illegal(illegal)))?;
        journal.head = check;
        journal.entries.push(entry);
    }
    match tail_damage(&bytes[complete..], &journal.fold) {
        Some(kind) => Err(Damage { line: lines.len() as u64 + 1, kind }),
        None => Ok(journal),
    }
}

/// What is wrong with bytes after the last line feed that no crash can have left: a crash leaves the beginning of a line, with
/// zeros at most where the disk had set space aside.
fn tail_damage(tail: &[u8], fold: &Fold) -> Option<DamageKind> {
    let written = tail.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
    if written == 0 {
        return None;
    }
    if fold.closed().is_some() {
        return Some(DamageKind::AfterTheEnd);
    }
    // A whole record with something else in the place of its line feed: that something was put there later.
    let mut whole = serde_json::Deserializer::from_slice(&tail[..written]).into_iter::<serde::de::IgnoredAny>();
    let ends = whole.next().and_then(Result::ok).map(|_| whole.byte_offset());
    let foreign = |end: &usize| *end < written && Entry::from_line(&tail[..*end]).is_ok();
    ends.filter(foreign).map(|_| DamageKind::Changed)
}

/// Why a line that agrees with itself does not follow `head`, the line before it.
fn explain(lines: &[&[u8]], at: usize, entry: &Entry, head: Digest) -> DamageKind {
    if let Some(of) = lines[..at].iter().position(|line| *line == lines[at]) {
        return DamageKind::Duplicated { of: Seq(of as u64) };
    }
    let later: Vec<(Entry, Digest)> = lines[at + 1..].iter().filter_map(|line| Entry::from_line(line).ok()).collect();
    if later.iter().any(|(_, check)| *check == entry.prev) {
        return DamageKind::Reordered;
    }
    if later.iter().any(|(other, _)| other.prev == head) {
        return DamageKind::Inserted;
    }
    match entry.seq.0.checked_sub(at as u64) {
        Some(missing) if missing > 0 => DamageKind::Removed { missing },
        Some(_) => DamageKind::Changed,
        None => DamageKind::Inserted,
    }
}
