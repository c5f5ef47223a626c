//! Not a byte of a plan that was saved or signed may be another one: every byte of one is changed, taken out, and put in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use quell::base::{Digest, canonical_bytes};
use quell::guard::{NAMESPACE, signer};
use quell::journal::{Origin, RunStore};
use quell::plan::{read_plan, write_plan};
use serde_json::json;

use crate::actions::{Bench, ROLE, scenario};
use crate::drill::{in_parallel, paused, scratch};

/// How many places are judged at once.
const AT_ONCE: usize = 256;
/// Of so many plans that can still be read, one is held against the signature itself; the others are told by their digest alone, which
/// is what is signed.
const SIGNATURE_OF: usize = 97;

/// What becomes of a file that is to be applied. Only what is known or signed is; all else ends before anything is asked of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judged {
    /// It cannot be read as a plan.
    NoPlan,
    /// It is one that nobody here has saved or signed.
    Nobodys,
    /// It is applied.
    Applicable,
}

/// A saved plan, what the state folder knows of it, and somebody's signature over it.
struct Approved {
    bytes: Vec<u8>,
    digest: Digest,
    store: RunStore,
    signature: String,
    home: tempfile::TempDir,
}

impl Approved {
    fn new() -> Self {
        let home = scratch();
        let plan = paused(async {
            Bench::of_action("iam.revoke-sessions", &json!({ "principal": ROLE }), &scenario(), 7).plan().await
        });
        let path = home.path().join("plan.json");
        write_plan(&plan, &path).expect("a saved plan");
        let store = RunStore::open(&home.path().join("state")).expect("a state folder");
        store.note_plan(plan.digest(), &Origin::default()).expect("noted");
        let key = home.path().join("ana");
        let ssh = |arguments: &[&str], file: &Path| {
            let done = Command::new("ssh-keygen").args(arguments).arg(file).output().expect("ssh-keygen");
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        };
        ssh(&["-q", "-t", "ed25519", "-N", "", "-C", "ana", "-f"], &key);
        ssh(&["-q", "-Y", "sign", "-n", NAMESPACE, "-f", &key.display().to_string()], &path);
        let signature = std::fs::read_to_string(home.path().join("plan.json.sig")).expect("a signature");
        Self { bytes: std::fs::read(&path).expect("the plan"), digest: plan.digest(), store, signature, home }
    }

    /// What becomes of these bytes as the file of a plan that is to be applied.
    fn judge(&self, path: &Path, bytes: &[u8], asks_signature: bool) -> Judged {
        std::fs::write(path, bytes).expect("written");
        let Ok(plan) = read_plan(path) else { return Judged::NoPlan };
        let is_signed = || signer(&self.signature, &canonical_bytes(&plan), NAMESPACE).is_ok();
        let is_known = plan.digest() == self.digest || self.store.knows_plan(plan.digest());
        if is_known || (asks_signature && is_signed()) { Judged::Applicable } else { Judged::Nobodys }
    }

    /// The other files that one alteration at a place makes of it.
    fn altered_at(&self, at: usize) -> BTreeSet<Vec<u8>> {
        let byte = self.bytes[at];
        let put = |with: &[u8], taken: usize| [&self.bytes[..at], with, &self.bytes[at + taken..]].concat();
        let other = match byte {
            b'0'..=b'8' | b'a'..=b'y' | b'A'..=b'Y' => byte + 1,
            _ => b'0',
        };
        let mut all: BTreeSet<Vec<u8>> = (0..8).map(|bit| put(&[byte ^ (1 << bit)], 1)).collect();
        all.extend([put(&[other], 1), put(b"\"", 1), put(b"", 1)]);
        all.extend(
            [&[b' ', byte][..], &[b'\n', byte], &[b'0', byte], &[byte, byte], &[0, byte]].map(|with| put(with, 1)),
        );
        all.remove(&self.bytes);
        all
    }
}

#[test]
fn no_plan_is_applied_of_which_a_byte_is_another_one() {
    let approved = Approved::new();
    let path = |at: usize| -> PathBuf { approved.home.path().join(format!("carried-{at}.json")) };
    assert_eq!(approved.judge(&path(0), &approved.bytes, true), Judged::Applicable, "as it was saved");
    assert!(signer(&approved.signature, &approved.bytes, NAMESPACE).is_ok(), "as it was signed");
    let places: Vec<usize> = (0..approved.bytes.len()).step_by(AT_ONCE).collect();
    let read = AtomicUsize::new(0);
    in_parallel(places, |&first| {
        let path = path(first);
        for at in first..approved.bytes.len().min(first + AT_ONCE) {
            for (number, bytes) in approved.altered_at(at).into_iter().enumerate() {
                match approved.judge(&path, &bytes, (at + number) % SIGNATURE_OF == 0) {
                    Judged::NoPlan => {}
                    Judged::Nobodys => drop(read.fetch_add(1, Ordering::Relaxed)),
                    Judged::Applicable => {
                        return Err(format!("byte {at} is another one: {}", String::from_utf8_lossy(&bytes)));
                    }
                }
            }
        }
        Ok(())
    });
    let longer = [&approved.bytes[..], b"\n"].concat();
    assert_eq!(approved.judge(&path(0), &longer, true), Judged::NoPlan, "nor may anything follow it");
    let read = read.into_inner();
    assert!(read > 1_000, "{read}: most of what is altered within a text can still be read, and is nobody's");
}
