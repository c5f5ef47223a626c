//! Makes access keys, sealed from the first moment, and marks users.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::declare::request;
use super::ear::hear;
use super::iam_roles::IAM_WRITE;
use super::request::Made;
use super::{Accepted, Clients, Fault, FaultKind, Late, Operation, Request, Service};
use crate::base::{AccessKeyId, Entity, EntityKind, Region, UserName};
use crate::secrets::{Recipient, Secret, Vault, seal, smtp_endpoint, smtp_password};

const USER: &str = "arn:{partition}:iam::{account}:user/*{id}";

/// The name under which a call says what it has sealed. Whoever records what a call made puts the content into a file first.
pub const SEALED: &str = "sealed";

/// What a call has sealed: nobody can read it but those whom it was sealed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The key whose secret it is.
    pub key: AccessKeyId,
    /// The name of the file that it belongs into.
    pub file: String,
    /// The age file, base64.
    content: String,
}

impl Sealed {
    /// The age file.
    pub fn content(&self) -> Result<Vec<u8>, base64::DecodeError> {
        STANDARD.decode(&self.content)
    }
}

/// Makes an access key (`iam:CreateAccessKey`). AWS shows its secret once, in the reply: it is sealed before the reply is handed on,
/// with the SMTP passwords of Amazon SES that derive from it. IAM has no idempotency token, so it is never sent again blindly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreateAccessKey {
    /// The user. Never left out: IAM would then take the caller.
    pub user: UserName,
    /// Who can open what is sealed.
    pub seal_to: Vec<Recipient>,
    /// The Regions whose SMTP passwords are sealed with it.
    pub smtp_regions: Vec<Region>,
    /// Whether the program also holds the secret in memory, for a call that stores it.
    pub hold: bool,
}

/// What is sealed.
#[derive(Serialize)]
struct Bundle<'a> {
    user: &'a UserName,
    access_key_id: &'a AccessKeyId,
    secret_access_key: &'a str,
    smtp: Vec<Smtp<'a>>,
}

#[derive(Serialize)]
struct Smtp<'a> {
    region: &'a Region,
    server: String,
    user_name: &'a AccessKeyId,
    password: &'a str,
}

impl CreateAccessKey {
    fn sealed(&self, key: aws_sdk_iam::types::AccessKey, vault: &Vault) -> Result<Made, String> {
        let secret = Secret::new(key.secret_access_key);
        let id = AccessKeyId::new(key.access_key_id).map_err(|bad| bad.to_string())?;
        let passwords: Vec<(&Region, Secret)> =
            self.smtp_regions.iter().map(|region| (region, smtp_password(&secret, region))).collect();
        let smtp = passwords
            .iter()
            .map(|(region, password)| Smtp {
                region,
                server: smtp_endpoint(region),
                user_name: &id,
                password: password.expose(),
            })
            .collect();
        let bundle = Bundle { user: &self.user, access_key_id: &id, secret_access_key: secret.expose(), smtp };
        let mut made = BTreeMap::from([("access-key".to_owned(), json!(id))]);
        if self.hold {
            vault.keep(id.clone(), &bundle).map_err(|error| error.to_string())?;
        }
        // With nobody named here it fails, unless a store gets it: a secret that nobody has is a lost one.
        if !self.hold || !self.seal_to.is_empty() {
            let content = seal(&bundle, &self.seal_to).map_err(|error| error.to_string())?;
            let sealed = Sealed { key: id.clone(), file: format!("{id}.age"), content: STANDARD.encode(content) };
            made.insert(SEALED.to_owned(), json!(sealed));
        }
        Ok(made)
    }
}

impl Request for CreateAccessKey {
    const OPERATION: &'static Operation = &Operation::reversible(Service::Iam, "CreateAccessKey")
        .needs(&["iam:CreateAccessKey"], USER)
        .paced(IAM_WRITE)
        .never_blindly()
        .undone_by(&["DeleteAccessKey"]);

    type Reply = Made;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::User, self.user.as_str())
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let request = to.iam(None).create_access_key().user_name(self.user.as_str());
        let heard = hear!(Self::OPERATION, request, |out| out.access_key)?;
        // The key is there, whatever its description is good for: what cannot be sealed is a key in doubt.
        let made =
            heard.reply.ok_or("no access key in the reply".to_owned()).and_then(|key| self.sealed(key, to.vault()));
        let reply = made.map_err(|why| Fault::of(Self::OPERATION, FaultKind::InDoubt, "NonsenseReply", why))?;
        Ok(Accepted { reply, request_id: heard.request_id, aws_time: heard.aws_time })
    }
}

request! {
    /// Puts a tag on a user, or gives it another value (`iam:TagUser`).
    change TagUser {
        /// The user.
        user: UserName,
        /// The tag's key.
        key: String,
        /// Its value.
        value: Late<String>,
    }
    row: Operation::reversible(Service::Iam, "TagUser").needs(&["iam:TagUser"], USER).paced(IAM_WRITE),
    about: |it| Entity::new(EntityKind::User, it.user.as_str()),
    send: |it, to| {
        let tag = aws_sdk_iam::types::Tag::builder().key(&it.key).value(it.value.settled(Self::OPERATION)?).build();
        let tag = tag.map_err(|error| Fault::of(Self::OPERATION, FaultKind::BadRequest, "Tag", error.to_string()))?;
        to.iam(None).tag_user().user_name(it.user.as_str()).tags(tag)
    },
}

request! {
    /// Takes a tag off a user (`iam:UntagUser`). What is not there is no error.
    change UntagUser {
        /// The user.
        user: UserName,
        /// The tag's key.
        key: String,
    }
    row: Operation::reversible(Service::Iam, "UntagUser").needs(&["iam:UntagUser"], USER).paced(IAM_WRITE),
    about: |it| Entity::new(EntityKind::User, it.user.as_str()),
    send: |it, to| to.iam(None).untag_user().user_name(it.user.as_str()).tag_keys(&it.key),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_in_what_is_sealed_and_nowhere_else() {
        let identity = age::x25519::Identity::generate();
        let request = CreateAccessKey {
            user: "ses-smtp-user".parse().expect("a user"),
            seal_to: vec![identity.to_public().to_string().parse().expect("a recipient")],
            smtp_regions: vec!["us-east-1".parse().expect("a Region")],
            hold: false,
        };
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let key = aws_sdk_iam::types::AccessKey::builder()
            .user_name("ses-smtp-user")
            .access_key_id("AKIAIOSFODNN7EXAMPLE")
            .status(aws_sdk_iam::types::StatusType::Active)
            .secret_access_key(secret)
            .build()
            .expect("a key");
        let made = request.sealed(key, &Vault::default()).expect("sealed");
        assert_eq!(made["access-key"], "AKIAIOSFODNN7EXAMPLE");
        assert!(!serde_json::to_string(&made).expect("JSON").contains(secret));
        let sealed: Sealed = serde_json::from_value(made[SEALED].clone()).expect("what is sealed");
        assert_eq!(sealed.file, "AKIAIOSFODNN7EXAMPLE.age");
        let plain = age::decrypt(&identity, &sealed.content().expect("base64")).expect("it opens");
        let bundle: serde_json::Value = serde_json::from_slice(&plain).expect("JSON");
        assert_eq!(bundle["secret_access_key"], secret);
        assert_eq!(bundle["smtp"][0]["server"], "email-smtp.us-east-1.amazonaws.com");
        assert_eq!(bundle["smtp"][0]["user_name"], "AKIAIOSFODNN7EXAMPLE");
        assert_eq!(bundle["smtp"][0]["password"], "BLBM/9hSUELfq8Gw+rU1YcBjkOxGbhT2XG763xVLGWL9");
    }
}
