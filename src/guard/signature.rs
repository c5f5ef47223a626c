//! What a person signs a plan with: SSH signatures over the bytes of its file.
//!
//! The form is OpenSSH's (`PROTOCOL.sshsig`), the namespace [`NAMESPACE`], so that `ssh-keygen -Y sign -n quell-plan plan.json` makes one and
//! `ssh-keygen -Y verify` takes ours.

use ssh_key::public::KeyData;
use ssh_key::{Algorithm, PublicKey, SshSig};

/// What a signature over a plan is for: one that was made for anything else says nothing of it.
pub const NAMESPACE: &str = "quell-plan";
/// The same for a checkpoint of a journal.
pub const CHECKPOINT_NAMESPACE: &str = "quell-checkpoint";

/// Bit of the flags of a security key: somebody was there and touched it.
const SOMEBODY_WAS_THERE: u8 = 0x01;
/// The flags, and a counter of four bytes behind them, end the signature of a security key.
const FLAGS_FROM_THE_END: usize = 5;

/// Why a signature says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// It is none.
    #[error("it is no SSH signature: {0}")]
    NoSignature(String),
    /// It was made for something else.
    #[error("it was made for `{made}`, and not for `{wanted}`")]
    OtherNamespace {
        /// What it was made for.
        made: String,
        /// What it should be for.
        wanted: &'static str,
    },
    /// A kind of key that is not taken.
    #[error("a key of the kind {0} is not taken: ed25519, ecdsa and security keys are")]
    OtherKind(String),
    /// Nobody touched the security key.
    #[error("nobody touched the security key, which signs by itself where it was made with `no-touch-required`")]
    NobodyThere,
    /// It is of other bytes, or was altered.
    #[error("it is not of this file: one of the two was changed")]
    OtherBytes,
}

/// Whose key has signed these bytes, for a namespace. The signature is what stands between `BEGIN SSH SIGNATURE` and its end.
///
/// # Errors
/// Why it says nothing.
pub fn signer(signature: &str, bytes: &[u8], namespace: &'static str) -> Result<KeyData, BadSignature> {
    let signature = SshSig::from_pem(signature).map_err(|error| BadSignature::NoSignature(error.to_string()))?;
    if signature.namespace() != namespace {
        return Err(BadSignature::OtherNamespace { made: signature.namespace().to_owned(), wanted: namespace });
    }
    let key = signature.public_key().clone();
    let is_of_security_key = match key.algorithm() {
        Algorithm::Ed25519 | Algorithm::Ecdsa { .. } => false,
        Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256 => true,
        other => return Err(BadSignature::OtherKind(other.to_string())),
    };
    PublicKey::from(key.clone()).verify(namespace, bytes, &signature).map_err(|_| BadSignature::OtherBytes)?;
    let raw = signature.signature_bytes();
    let flags = raw.len().checked_sub(FLAGS_FROM_THE_END).and_then(|at| raw.get(at)).copied().unwrap_or_default();
    if is_of_security_key && flags & SOMEBODY_WAS_THERE == 0 {
        return Err(BadSignature::NobodyThere);
    }
    Ok(key)
}

/// The signatures in a file: `ssh-keygen` writes one, and files may be put together.
pub fn signatures(text: &str) -> impl Iterator<Item = String> {
    const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
    text.split(BEGIN).skip(1).map(|rest| format!("{BEGIN}{rest}"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use ssh_key::{HashAlg, LineEnding, PrivateKey};

    use super::*;

    const PLAN: &[u8] = b"{\"format\":1}";

    /// Keys that `ssh-keygen` made, by kind.
    fn keygen(kind: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("key");
        let made = Command::new("ssh-keygen").args(["-q", "-t", kind, "-N", "", "-C", "kai", "-f"]).arg(&file).status();
        assert!(made.expect("ssh-keygen").success());
        (folder, file)
    }

    #[test]
    fn what_ssh_keygen_signs_is_taken_and_what_we_sign_it_takes() {
        for kind in ["ed25519", "ecdsa"] {
            let (folder, file) = keygen(kind);
            let plan = folder.path().join("plan.json");
            std::fs::write(&plan, PLAN).expect("written");
            let signed = Command::new("ssh-keygen")
                .args(["-q", "-Y", "sign", "-n", NAMESPACE, "-f"])
                .args([&file, &plan])
                .output()
                .expect("ssh-keygen");
            assert!(signed.status.success(), "{signed:?}");
            let theirs = std::fs::read_to_string(folder.path().join("plan.json.sig")).expect("a signature");
            let key = PrivateKey::from_openssh(std::fs::read(&file).expect("a key")).expect("a key");
            assert_eq!(signer(&theirs, PLAN, NAMESPACE).as_ref(), Ok(key.public_key().key_data()));
            assert_eq!(signer(&theirs, b"{\"format\":2}", NAMESPACE), Err(BadSignature::OtherBytes));

            let ours =
                key.sign(NAMESPACE, HashAlg::Sha512, PLAN).expect("signed").to_pem(LineEnding::LF).expect("text");
            let (ours_file, signers) = (folder.path().join("ours.sig"), folder.path().join("signers"));
            std::fs::write(&ours_file, &ours).expect("written");
            let line = format!("kai {}\n", key.public_key().to_openssh().expect("a line"));
            std::fs::write(&signers, line).expect("written");
            let verified = Command::new("ssh-keygen")
                .args(["-Y", "verify", "-n", NAMESPACE, "-I", "kai", "-f"])
                .arg(&signers)
                .arg("-s")
                .arg(&ours_file)
                .stdin(std::fs::File::open(&plan).expect("the plan"))
                .status();
            assert!(verified.expect("ssh-keygen").success(), "{kind}");
            let other = key.sign("file", HashAlg::Sha512, PLAN).expect("signed").to_pem(LineEnding::LF).expect("text");
            let wrong = BadSignature::OtherNamespace { made: "file".to_owned(), wanted: NAMESPACE };
            assert_eq!(signer(&other, PLAN, NAMESPACE), Err(wrong));
            assert!(signer(&ours, PLAN, CHECKPOINT_NAMESPACE).is_err(), "a plan is no checkpoint");
        }
        let (folder, file) = keygen("rsa");
        let plan = folder.path().join("plan.json");
        std::fs::write(&plan, PLAN).expect("written");
        Command::new("ssh-keygen")
            .args(["-q", "-Y", "sign", "-n", NAMESPACE, "-f"])
            .args([&file, &plan])
            .status()
            .expect("signed");
        let rsa = std::fs::read_to_string(folder.path().join("plan.json.sig")).expect("a signature");
        assert!(matches!(signer(&rsa, PLAN, NAMESPACE), Err(BadSignature::OtherKind(_))));
    }

    /// A signature as a security key makes it, which signs with the application, its flags and its counter around the message
    /// (`PROTOCOL.u2f`): no key of that kind is at hand where tests run.
    fn of_security_key(flags: u8) -> (PublicKey, String) {
        use ed25519_dalek::{Signer as _, SigningKey};
        use sha2::{Digest as _, Sha256};
        const APPLICATION: &str = "ssh:";
        let key = SigningKey::from_bytes(&[7; 32]);
        let point = ssh_key::public::Ed25519PublicKey(key.verifying_key().to_bytes());
        let public = KeyData::SkEd25519(ssh_key::public::SkEd25519::new(point, APPLICATION));
        let message = SshSig::signed_data(NAMESPACE, HashAlg::Sha512, PLAN).expect("what is signed");
        let flags_and_counter = [&[flags][..], &41_u32.to_be_bytes()].concat();
        let (of, hash) = (Sha256::digest(APPLICATION), Sha256::digest(message));
        let raw = key.sign(&[&of[..], &flags_and_counter, &hash[..]].concat()).to_bytes();
        let signature = ssh_key::Signature::new(Algorithm::SkEd25519, [&raw[..], &flags_and_counter].concat());
        let signature = SshSig::new(public.clone(), NAMESPACE, HashAlg::Sha512, signature.expect("a signature"))
            .expect("a signature");
        (PublicKey::from(public), signature.to_pem(LineEnding::LF).expect("text"))
    }

    #[test]
    fn a_security_key_counts_where_somebody_touched_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("plan.json"), PLAN).expect("written");
        for (flags, counts) in
            [(SOMEBODY_WAS_THERE, true), (SOMEBODY_WAS_THERE | 0x04, true), (0x04, false), (0, false)]
        {
            let (key, signature) = of_security_key(flags);
            let expected = if counts { Ok(key.key_data().clone()) } else { Err(BadSignature::NobodyThere) };
            assert_eq!(signer(&signature, PLAN, NAMESPACE), expected, "flags {flags}");
            assert_eq!(signer(&signature, b"{}", NAMESPACE), Err(BadSignature::OtherBytes));
            if !counts {
                // `ssh-keygen -Y verify` does not ask for it.
                continue;
            }
            std::fs::write(path("plan.sig"), signature).expect("written");
            std::fs::write(path("signers"), format!("kai {}\n", key.to_openssh().expect("a line"))).expect("written");
            let verified = Command::new("ssh-keygen")
                .args(["-Y", "verify", "-n", NAMESPACE, "-I", "kai", "-f"])
                .arg(path("signers"))
                .arg("-s")
                .arg(path("plan.sig"))
                .stdin(std::fs::File::open(path("plan.json")).expect("the plan"))
                .output()
                .expect("ssh-keygen");
            assert!(verified.status.success(), "flags {flags}: {verified:?}");
        }
    }
}
