//! Who is told, as it is configured.

use std::fmt;
use std::path::PathBuf;

use http::Uri;
use serde::{Deserialize, Serialize};

use crate::aws::{host, is_loopback};

/// Who is told what was contained and what waits; nobody, where nothing is set. An address may hold a secret itself, so its `Debug` tells the
/// host alone.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotifySetting {
    /// The URL that notices are posted to: `https`, or `http` on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// The file with the secret that they are signed with. They are not signed, where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// A program with its arguments that is given each notice on stdin. No shell comes between.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
}

impl fmt::Debug for NotifySetting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("NotifySetting")
            .field("webhook", &self.webhook.as_deref().map(host))
            .field("secret_file", &self.secret_file)
            .field("command", &self.command)
            .finish()
    }
}

impl NotifySetting {
    /// Whether anybody is told.
    pub fn tells(&self) -> bool {
        self.webhook.is_some() || !self.command.is_empty()
    }

    /// What could not be meant.
    pub fn mistakes(&self) -> Vec<String> {
        let mut mistakes: Vec<String> = Vec::new();
        if let Some(url) = &self.webhook {
            mistakes.extend(mistake_of_url(url).map(str::to_owned));
        } else if self.secret_file.is_some() {
            mistakes.push("`secret_file` signs what is posted to `webhook`, and there is none".to_owned());
        }
        if self.command.first().is_some_and(String::is_empty) {
            mistakes.push("`command` begins with an empty text, where the program stands".to_owned());
        }
        if self.command.iter().any(|text| text.contains('\0')) {
            mistakes.push("`command` holds a zero byte, which no argument can".to_owned());
        }
        mistakes
    }
}

/// What is wrong with an address. The address itself is not told.
fn mistake_of_url(url: &str) -> Option<&'static str> {
    let uri: Option<Uri> = url.parse().ok();
    let Some((scheme, authority)) = uri.as_ref().and_then(|uri| Some((uri.scheme_str()?, uri.authority()?))) else {
        return Some("`webhook` is no URL with a scheme and a host");
    };
    if authority.as_str().contains('@') {
        return Some(
            "`webhook` holds a name or a password, which is not sent: whoever receives notices knows them by their signature",
        );
    }
    match scheme {
        "https" => None,
        "http" if is_loopback(url) => None,
        "http" => Some("`webhook` leads to another machine by `http`, where anybody on the way reads it: use `https`"),
        _ => Some("`webhook` is neither `https` nor `http`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_url(url: &str) -> NotifySetting {
        NotifySetting { webhook: Some(url.to_owned()), ..NotifySetting::default() }
    }

    #[test]
    fn what_could_not_be_meant_is_told() {
        for good in ["https://example.com/hook?a=b", "http://127.0.0.1:1/", "http://[::1]:8/x", "http://localhost/"] {
            assert_eq!(of_url(good).mistakes(), Vec::<String>::new(), "{good}");
        }
        for bad in [
            "http://example.com/token-of-the-hook",
            "http://localhost.example.com/token-of-the-hook",
            "http://127.0.0.1@example.com/token-of-the-hook",
            "https://name:password@example.com/token-of-the-hook",
            "ftp://example.com/token-of-the-hook",
            "/token-of-the-hook",
            "example.com",
            "https:///token-of-the-hook",
            "https://exa mple.com/token-of-the-hook",
            "",
        ] {
            let mistakes = of_url(bad).mistakes();
            assert_eq!(mistakes.len(), 1, "{bad}: {mistakes:?}");
            assert!(!mistakes[0].contains("token") && !format!("{:?}", of_url(bad)).contains("token"), "{mistakes:?}");
        }
        let secret_alone = NotifySetting { secret_file: Some("secret".into()), ..NotifySetting::default() };
        let no_program = NotifySetting { command: vec![String::new()], ..NotifySetting::default() };
        assert_eq!((secret_alone.mistakes().len(), no_program.mistakes().len()), (1, 1));
        let nothing: NotifySetting = serde_json::from_str("{}").expect("a setting");
        assert!(nothing.mistakes().is_empty() && !nothing.tells());
        assert!(serde_json::from_str::<NotifySetting>(r#"{"web-hook": "https://example.com"}"#).is_err());
    }
}
