//! How the caller came to its credentials, as far as the configuration tells.

use std::borrow::Cow;

use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use crate::base::{AccessKeyId, Arn};

/// A profile that leads to itself is the AWS CLI's business to refuse; following it ends here.
const LONGEST: usize = 10;

/// The roles and long-term keys that the caller's credentials were made with. Cutting one of them cuts the caller, at once
/// or at its next renewal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    /// Roles that were assumed on the way.
    pub roles: Vec<Arn>,
    /// Long-term keys at its beginning.
    pub keys: Vec<AccessKeyId>,
}

impl Chain {
    /// The chain behind a profile: `role_arn` and `source_profile`, link by link, down to a long-term key. Environment
    /// variables come first, as in the AWS CLI. What cannot be read is not known: the chain is then shorter, never wrong.
    pub async fn of_profile(profile: Option<&str>) -> Self {
        Self::read(&Fs::real(), &Env::real(), profile).await
    }

    async fn read(fs: &Fs, env: &Env, profile: Option<&str>) -> Self {
        let mut chain = Self::default();
        let key = |text: &str| AccessKeyId::new(text).ok().filter(|key| key.as_str().starts_with("AKIA"));
        if profile.is_none() {
            chain.keys.extend(env.get("AWS_ACCESS_KEY_ID").ok().as_deref().and_then(key));
            chain.roles.extend(env.get("AWS_ROLE_ARN").ok().and_then(|arn| arn.parse().ok()));
            if !chain.keys.is_empty() {
                return chain;
            }
        }
        let chosen = profile.map(|profile| Cow::Owned(profile.to_owned()));
        let Ok(profiles) = aws_config::profile::load(fs, env, &EnvConfigFiles::default(), chosen).await else {
            return chain;
        };
        let mut name = profiles.selected_profile().to_owned();
        for _ in 0..LONGEST {
            let Some(link) = profiles.get_profile(&name) else { break };
            chain.keys.extend(link.get("aws_access_key_id").and_then(key));
            chain.roles.extend(link.get("role_arn").and_then(|arn| arn.parse().ok()));
            match link.get("source_profile") {
                Some(source) if source != name => name = source.to_owned(),
                _ => break,
            }
        }
        chain
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn home(config: &str) -> (Fs, Env) {
        let files = HashMap::from([("/home/mika/.aws/config".into(), config.as_bytes().to_vec())]);
        let env = Env::from_slice(&[("HOME", "/home/mika"), ("AWS_CONFIG_FILE", "/home/mika/.aws/config")]);
        (Fs::from_raw_map(files), env)
    }

    #[tokio::test]
    async fn a_profile_is_followed_to_its_key() {
        let (fs, env) = home(
            "[profile ir]\nrole_arn = arn:aws:iam::111122223333:role/Responder\nsource_profile = hub\n\
             [profile hub]\nrole_arn = arn:aws:iam::111122223333:role/Hub\nsource_profile = base\n\
             [profile base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n",
        );
        let chain = Chain::read(&fs, &env, Some("ir")).await;
        let roles: Vec<&str> = chain.roles.iter().map(Arn::as_str).collect();
        assert_eq!(roles, ["arn:aws:iam::111122223333:role/Responder", "arn:aws:iam::111122223333:role/Hub"]);
        assert_eq!(chain.keys.len(), 1);
    }

    #[tokio::test]
    async fn a_circle_ends() {
        let (fs, env) = home(
            "[profile a]\nrole_arn = arn:aws:iam::111122223333:role/A\nsource_profile = b\n\
             [profile b]\nrole_arn = arn:aws:iam::111122223333:role/B\nsource_profile = a\n",
        );
        assert_eq!(Chain::read(&fs, &env, Some("a")).await.roles.len(), LONGEST);
    }
}
