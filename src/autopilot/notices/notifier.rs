//! Sends notices to whom they are for.

use tokio::sync::Semaphore;

use super::command;
use super::notice::Notice;
use super::notify_setting::NotifySetting;
use super::webhook::Webhook;
use crate::autopilot::signed::{BadSecret, SharedSecret};
use crate::base::{Clock, on_screen_within};

/// How many notices are on their way at once. The others wait: whoever floods the autopilot does not start a thousand programs.
const AT_ONCE: usize = 4;

/// Sends notices. It takes its time, minutes where nobody answers, so it is to be called beside what contains an incident.
pub struct Notifier {
    webhook: Option<Webhook>,
    command: Vec<String>,
    at_once: Semaphore,
}

/// Why nobody can be told anything.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The setting is wrong.
    #[error("{0}")]
    Setting(String),
    /// There is nothing to sign with.
    #[error(transparent)]
    Secret(#[from] BadSecret),
    /// Nobody is trusted to say whom a host belongs to.
    #[error("failed to read the certificates of the system")]
    Roots(#[source] std::io::Error),
}

/// Whom a notice did not reach, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct Unsent(pub Vec<String>);

impl Notifier {
    /// One that does what a setting says. The secret is read now, so that a mistake is known before it matters.
    ///
    /// # Errors
    /// Where the setting has mistakes, or the secret cannot be read.
    pub fn new(setting: &NotifySetting, clock: &Clock) -> Result<Self, NotifyError> {
        let mistakes = setting.mistakes();
        if !mistakes.is_empty() {
            return Err(NotifyError::Setting(mistakes.join("; ")));
        }
        let secret = setting.secret_file.as_deref().map(SharedSecret::of_file).transpose()?;
        let url = setting.webhook.as_deref().and_then(|url| url.parse().ok());
        let webhook =
            url.map(|url| Webhook::new(url, secret, clock.clone())).transpose().map_err(NotifyError::Roots)?;
        Ok(Self { webhook, command: setting.command.clone(), at_once: Semaphore::new(AT_ONCE) })
    }

    /// Sends a notice by each way there is, at the same time.
    ///
    /// # Errors
    /// Where one of them did not work. The notice may have arrived by the other.
    pub async fn send(&self, notice: &Notice) -> Result<(), Unsent> {
        let _turn = self.at_once.acquire().await;
        let json = notice.json();
        let posted = async {
            let webhook = self.webhook.as_ref()?;
            let error = webhook.post(&json).await.err()?;
            Some(format!("the webhook at `{}`: {error}", on_screen_within(webhook.host(), 200)))
        };
        let given = async {
            let (program, arguments) = self.command.split_first()?;
            let error = command::run(program, arguments, &json).await.err()?;
            Some(format!("the command `{}`: {error}", on_screen_within(program, 200)))
        };
        let (posted, given) = tokio::join!(posted, given);
        let failed: Vec<String> = [posted, given].into_iter().flatten().collect();
        if failed.is_empty() { Ok(()) } else { Err(Unsent(failed)) }
    }
}
