//! Makes a signature: by the agent that holds the key, or with the file of a key.

use std::path::{Path, PathBuf};

use ssh_agent_client_rs::{Client, Identity};
use ssh_key::{HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};

use crate::guard::signer;

/// Why nothing was signed, and what to do instead.
#[derive(Debug, thiserror::Error)]
pub(super) enum CannotSign {
    /// There is no agent, and no file was named.
    #[error("no SSH agent is at hand (SSH_AUTH_SOCK), and no key was named with --key")]
    NoKey,
    /// The agent does not answer, or refuses.
    #[error("the SSH agent at `{socket}` does not sign: {why}")]
    Agent {
        /// Where it is.
        socket: String,
        /// What it says.
        why: String,
    },
    /// The agent has several keys that may sign.
    #[error("the SSH agent holds {} keys that may sign: name one of them with --key", .0.len())]
    SeveralKeys(Vec<String>),
    /// The agent has no key that may sign.
    #[error("the SSH agent holds no key that may sign: {}", .0.as_deref().unwrap_or("it holds none at all"))]
    NoneMay(Option<String>),
    /// The file is no key, or one that only `ssh-keygen` can use.
    #[error("`{path}` cannot sign here: {why}")]
    File {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
}

/// Who signs.
pub(super) enum Key {
    /// The agent, with this key of its keys.
    OfAgent(PathBuf, Box<PublicKey>),
    /// A private key from a file.
    OfFile(Box<PrivateKey>),
}

impl Key {
    /// The key that signs: that of a file, or the one that the agent holds and that may sign.
    pub(super) fn choose(file: Option<&Path>, may: impl Fn(&PublicKey) -> bool) -> Result<Self, CannotSign> {
        let socket =
            std::env::var_os("SSH_AUTH_SOCK").map(PathBuf::from).filter(|socket| !socket.as_os_str().is_empty());
        let Some(path) = file else {
            let socket = socket.ok_or(CannotSign::NoKey)?;
            let held = held_by(&socket)?;
            let (fit, others): (Vec<PublicKey>, Vec<PublicKey>) = held.into_iter().partition(may);
            return match fit.as_slice() {
                [only] => Ok(Self::OfAgent(socket, Box::new(only.clone()))),
                [] => Err(CannotSign::NoneMay(others.first().map(|_| names(&others).join(", ")))),
                _ => Err(CannotSign::SeveralKeys(names(&fit))),
            };
        };
        let unusable = |why: String| CannotSign::File { path: path.display().to_string(), why };
        let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        // As with `ssh-keygen`: whoever names the public half means the key in the agent.
        if let Ok(public) = PublicKey::from_openssh(&text) {
            return match socket {
                Some(socket) => Ok(Self::OfAgent(socket, Box::new(public))),
                None => Err(unusable("it is the public half of a key, and no SSH agent is at hand".to_owned())),
            };
        }
        let private = PrivateKey::from_openssh(&text).map_err(|error| unusable(error.to_string()))?;
        if private.is_encrypted() {
            return Err(unusable("it is locked with a passphrase: `ssh-add` gives it to the agent".to_owned()));
        }
        Ok(Self::OfFile(Box::new(private)))
    }

    /// The public half.
    pub(super) fn public(&self) -> PublicKey {
        match self {
            Self::OfAgent(_, key) => PublicKey::clone(key),
            Self::OfFile(key) => key.public_key().clone(),
        }
    }

    /// Signs bytes as `ssh-keygen -Y sign -n NAMESPACE` does.
    pub(super) fn sign(&self, bytes: &[u8], namespace: &'static str) -> Result<String, CannotSign> {
        let signature = match self {
            Self::OfFile(key) => key
                .sign(namespace, HashAlg::Sha512, bytes)
                .map_err(|error| CannotSign::File { path: key.comment().to_owned(), why: error.to_string() })?,
            Self::OfAgent(socket, key) => {
                let failed = |why: String| CannotSign::Agent { socket: socket.display().to_string(), why };
                let said = SshSig::signed_data(namespace, HashAlg::Sha512, bytes)
                    .map_err(|error| failed(error.to_string()))?;
                let mut agent = Client::connect(socket).map_err(|error| failed(error.to_string()))?;
                let raw = agent.sign(&**key, &said).map_err(|error| failed(error.to_string()))?;
                SshSig::new(key.key_data().clone(), namespace, HashAlg::Sha512, raw)
                    .map_err(|error| failed(error.to_string()))?
            }
        };
        let text = signature.to_pem(LineEnding::LF).map_err(|error| self.useless(error.to_string()))?;
        // What nobody would take is not written: not every kind of key is written as OpenSSH reads it.
        signer(&text, bytes, namespace).map_err(|error| self.useless(error.to_string()))?;
        Ok(text)
    }
}

impl Key {
    /// What was signed cannot be used.
    fn useless(&self, why: String) -> CannotSign {
        match self {
            Self::OfAgent(socket, _) => CannotSign::Agent { socket: socket.display().to_string(), why },
            Self::OfFile(key) => CannotSign::File { path: key.comment().to_owned(), why },
        }
    }
}

fn held_by(socket: &Path) -> Result<Vec<PublicKey>, CannotSign> {
    let failed = |why: String| CannotSign::Agent { socket: socket.display().to_string(), why };
    let mut agent = Client::connect(socket).map_err(|error| failed(error.to_string()))?;
    let held = agent.list_all_identities().map_err(|error| failed(error.to_string()))?;
    let keys = held.into_iter().filter_map(|one| match one {
        Identity::PublicKey(key) => Some(key.into_owned()),
        Identity::Certificate(_) => None,
    });
    Ok(keys.collect())
}

fn names(keys: &[PublicKey]) -> Vec<String> {
    keys.iter()
        .map(|key| format!("{} {}", key.fingerprint(HashAlg::Sha256), key.comment()).trim_end().to_owned())
        .collect()
}
