//! What a journal proves.

use serde::Serialize;

use crate::base::{AccountId, Digest, RunId};

use super::reader::{self, Damage, DamageKind, TornTail};
use super::{Closing, FORMAT, World};

/// What [`verify`] can promise with the journal alone, in the words to show beside its result.
pub const PROVEN_ALONE: &str = "No record was changed, removed, inserted, repeated or moved, and every record may follow \
those before it. With the journal alone this does not show: records missing at the end of a run that is still open, or that \
somebody who took them away left open; and a journal that was written anew from some record on, by somebody who computed every \
digest again. Keep the head digest elsewhere to see both.";

/// What [`verify`] can promise with a checkpoint that was kept where whoever could change the journal cannot.
pub const PROVEN_TO_CHECKPOINT: &str = "No record was changed, removed, inserted, repeated or moved, and every record may follow \
those before it. Up to the checkpoint nothing was cut off and nothing was written anew, as long as the key that signed it is its \
owner's alone. What was written after the checkpoint is proven as by the journal alone: take another one.";

/// A journal without damage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verification {
    /// The format of this picture: [`FORMAT`].
    pub format: u32,
    /// The run.
    pub run: RunId,
    /// Live or simulated.
    pub world: World,
    /// The account.
    pub account: AccountId,
    /// How many records there are.
    pub records: u64,
    /// The `check` of the last line: whoever keeps it elsewhere can prove the journal up to here.
    pub head: Digest,
    /// How the run ended; nothing while it is open.
    pub closed: Option<Closing>,
    /// What is left of a line that was being written when the program or the machine died. It may also be what somebody left
    /// of a complete line. Nothing was done on the strength of a line that was never complete.
    pub torn: Option<TornTail>,
}

/// Verifies the bytes of a journal. [`PROVEN_ALONE`] says what that means; the error is the first damage.
pub fn verify(bytes: &[u8]) -> Result<Verification, Damage> {
    let journal = reader::read(bytes)?;
    let Some(opened) = journal.fold.opened() else {
        return Err(Damage { line: 1, kind: DamageKind::Empty });
    };
    Ok(Verification {
        format: FORMAT,
        run: opened.run.clone(),
        world: opened.world,
        account: opened.account.clone(),
        records: journal.entries.len() as u64,
        head: journal.head,
        closed: journal.fold.closed().cloned(),
        torn: journal.torn,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::canonical_bytes;
    use crate::journal::entry::LineWriter;
    use crate::journal::testing::*;
    use crate::journal::{IllegalRecord, Record, RunOpened, Seq};

    fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
        bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect()
    }

    fn damage(lines: &[Vec<u8>]) -> Damage {
        verify(&lines.concat()).expect_err("damage")
    }

    #[tokio::test]
    async fn every_changed_byte_shows() {
        let bytes = written(&short_run());
        assert!(verify(&bytes).expect("sound").closed.is_some());
        for at in 0..bytes.len() {
            // A line feed also makes two lines of one; trying that in some places is enough.
            for other in [bytes[at] ^ 1, if at % 19 == 0 { b'\n' } else { bytes[at] }] {
                let mut changed = bytes.clone();
                changed[at] = other;
                if changed == bytes {
                    continue;
                }
                assert!(verify(&changed).is_err(), "byte {at} is {other}");
            }
        }
    }

    /// Nothing is written after the end of a run, so what stands there is no trace of a crash.
    #[tokio::test]
    async fn what_stands_behind_the_end_is_damage() {
        let bytes = written(&short_run());
        let number = lines(&bytes).len() as u64;
        for more in [b"x".as_slice(), b"{", b"\n", b"x\n", &bytes[..40]] {
            let found = verify(&[bytes.as_slice(), more].concat()).expect_err("damage");
            assert_eq!(found.line, number + 1, "{found}");
        }
        let after = verify(&[bytes.as_slice(), b"x"].concat()).expect_err("damage");
        assert_eq!(after.kind, DamageKind::AfterTheEnd);
        let whole = &bytes[..bytes.len() - 1];
        for (other, line) in [("x", number), (" ", number), ("\r", number)] {
            let found = verify(&[whole, other.as_bytes()].concat()).expect_err("damage");
            assert_eq!(found, Damage { line, kind: DamageKind::Changed }, "{other:?}");
        }
        // Space that was set aside and never written.
        let found = verify(&[&bytes[..bytes.len() - 20], &[0; 20]].concat()).expect("what a crash may leave");
        assert!(found.torn.is_some() && found.closed.is_none());
        // A last line that lacks nothing but its end is what a crash may leave as well, and is told as that.
        let found = verify(whole).expect("what a crash may leave");
        assert!(found.closed.is_none() && found.torn.is_some_and(|torn| torn.whole));
        let found = verify(&whole[..whole.len() - 1]).expect("what a crash may leave");
        assert!(found.torn.is_some_and(|torn| !torn.whole));
    }

    #[tokio::test]
    async fn every_removed_doubled_moved_or_foreign_record_shows() {
        let bytes = written(&short_run());
        let sound = lines(&bytes);
        let foreign = lines(&written(&[vec![Record::RunOpened(RunOpened { quell: "0.0.9".into(), ..opened() })]
            .into_iter()
            .chain(short_run().concat().into_iter().skip(1))
            .collect()]));
        let last = sound.len() - 1;
        for at in 0..sound.len() {
            let number = at as u64 + 1;
            if at < last {
                let mut removed = sound.clone();
                removed.remove(at);
                assert_eq!(damage(&removed), Damage { line: number, kind: DamageKind::Removed { missing: 1 } });
            }
            for place in at + 1..=sound.len() {
                let mut doubled = sound.clone();
                doubled.insert(place, sound[at].clone());
                let kind = DamageKind::Duplicated { of: Seq(at as u64) };
                assert_eq!(damage(&doubled), Damage { line: place as u64 + 1, kind });
            }
            for other in at + 1..sound.len() {
                let mut swapped = sound.clone();
                swapped.swap(at, other);
                assert_eq!(damage(&swapped), Damage { line: number, kind: DamageKind::Reordered });
            }
            let mut inserted = sound.clone();
            inserted.insert(at, foreign[at].clone());
            // A second beginning is chained to nothing, as the first one is, so the first one is what no longer follows.
            let (line, kind) = if at == 0 { (2, None) } else { (number, Some(DamageKind::Inserted)) };
            let found = damage(&inserted);
            assert_eq!(found.line, line);
            assert!(kind.is_none_or(|kind| kind == found.kind), "{found:?}");
            let mut replaced = sound.clone();
            replaced[at] = foreign[at].clone();
            assert_eq!(damage(&replaced).line, if at == 0 { 2 } else { number });
            let spliced = [&sound[..at], &foreign[at..]].concat();
            assert!(at == 0 || damage(&spliced).line == number);
        }
    }

    #[tokio::test]
    async fn a_cut_anywhere_leaves_whole_records_and_a_torn_tail() {
        let bytes = written(&short_run());
        for cut in 0..bytes.len() {
            let whole = lines(&bytes[..cut]).iter().filter(|line| line.ends_with(b"\n")).count();
            if whole == 0 {
                // Without its first record a journal tells nothing of any run.
                assert_eq!(verify(&bytes[..cut]), Err(Damage { line: 1, kind: DamageKind::Empty }));
                continue;
            }
            let found = verify(&bytes[..cut]).expect("a cut between or in later records is no damage");
            assert_eq!(found.records, whole as u64);
            assert_eq!(found.torn.is_some(), cut > 0 && bytes[cut - 1] != b'\n');
            assert_eq!(found.closed, None, "a cut run never looks closed");
        }
    }

    /// What [`PROVEN_ALONE`] says does not show, does not show.
    #[tokio::test]
    async fn what_the_journal_alone_cannot_prove() {
        let bytes = written(&short_run());
        let sound = verify(&bytes).expect("sound");
        let shorter = lines(&bytes)[..5].concat();
        let cut = verify(&shorter).expect("cut between records");
        assert_eq!((cut.records, cut.closed, cut.torn), (5, None, None));
        assert_ne!(cut.head, sound.head);
        let mut story = short_run();
        story[5] = vec![Record::note("that was not all")];
        let rewritten = verify(&written(&story)).expect("written anew");
        assert_eq!(rewritten.records, sound.records);
        assert_ne!(rewritten.head, sound.head, "whoever kept the head sees it");
    }

    /// Chained and summed as it should be, and still refused.
    #[tokio::test]
    async fn a_sound_chain_of_illegal_records_is_damage() {
        use crate::journal::{Entry, StepState};
        let bytes = written(&short_run()[..1]);
        let entry = |record| Entry { seq: Seq(1), time: time(), prev: verify(&bytes).expect("sound").head, record };
        let mut line = Vec::new();
        LineWriter::default().write(&entry(moved(0, StepState::Done)), &mut line);
        let found = verify(&[bytes.as_slice(), &line, b"\n"].concat()).expect_err("damage");
        assert_eq!(found.line, 2);
        assert!(matches!(found.kind, DamageKind::Illegal(IllegalRecord::Step { .. })));
        let body = String::from_utf8(canonical_bytes(&entry(Record::note("x")))).expect("UTF-8");
        let body = body.replace("note", "omen");
        let line = format!("{{\"check\":\"{}\",{}\n", Digest::of_bytes(body.as_bytes()), &body[1..]);
        let found = verify(&[bytes.as_slice(), line.as_bytes()].concat()).expect_err("damage");
        assert!(matches!(found.kind, DamageKind::NotARecord(_)));
    }
}
