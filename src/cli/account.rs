//! The way to an account, and who is calling.

use std::cell::RefCell;
use std::time::Duration;

use super::arguments::Globals;
use super::endpoint::{refuse_strays, world_of};
use super::entry::same_command_with;
use super::exit;
use super::failure::{Failure, chain};
use super::randomness::Randomness;
use super::responders::{ResponderSetting, Responders};
use super::sink;
use crate::aws::{Chain, Clients, Connection, ConnectionError, Fault, Reader};
use crate::base::{Clock, Region, RunId};
use crate::journal::World;
use crate::plan::{Surroundings, look_around};
use crate::report::place;

/// How long nothing may show on the screen.
const SILENCE: Duration = Duration::from_secs(1);

/// An account within reach.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) clock: Clock,
    pub(super) world: World,
    pub(super) around: Surroundings,
    /// What renews the credentials.
    pub(super) renewal: String,
    /// The role as which runs act in this account, where they do not act as the caller.
    pub(super) responder: Option<ResponderSetting>,
    pub(super) connection: Connection,
    pub(super) chance: RefCell<Randomness>,
}

impl Session {
    /// Reaches the account that the command line and the environment name, as the AWS CLI would, and says so when that takes its time.
    pub(super) async fn open(globals: &Globals) -> Result<Self, Failure> {
        let mut opening = std::pin::pin!(Self::reach(globals));
        match tokio::time::timeout(SILENCE, &mut opening).await {
            Ok(opened) => opened,
            Err(_) => {
                sink::talk("asking who is calling, and in which account\n");
                opening.await
            }
        }
    }

    /// The same without a word.
    pub(super) async fn reach(globals: &Globals) -> Result<Self, Failure> {
        refuse_strays(globals)?;
        let responders = Responders::read(globals)?;
        let named = globals.endpoint_url.clone().or_else(|| std::env::var("AWS_ENDPOINT_URL").ok());
        if named.is_some() {
            // Also checked below, where a profile may have named one; here before anything else can be wrong.
            world_of(named.as_deref(), globals.range)?;
        }
        let clock = Clock::real();
        // A range answers in every Region, so none has to be named to reach one.
        let anywhere = globals.range.then(|| Region::new("us-east-1").ok()).flatten();
        let named = ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().any(|name| std::env::var_os(name).is_some());
        let region = globals.region.clone().or(if named { None } else { anywhere });
        let made = Connection::from_environment(
            &clock,
            globals.profile.as_deref(),
            region.as_ref(),
            globals.endpoint_url.as_deref(),
            globals.range,
        );
        let connection = made.await.map_err(|error| match &error {
            ConnectionError::NoRegion => {
                Failure::yours(exit::USAGE, chain(&error), same_command_with(&["--region us-east-1".to_owned()]))
            }
            ConnectionError::NotAws { .. } => {
                Failure::yours(exit::USAGE, chain(&error), same_command_with(&["--range".to_owned()]))
            }
        })?;
        let world = world_of(connection.endpoint(), globals.range)?;
        let chain = Chain::of_profile(globals.profile.as_deref()).await;
        let renewal = globals.renewal();
        let over = Self::over(clock, connection, world, renewal.clone(), &chain, Randomness::of_this_machine());
        let session = over.await.map_err(|fault| Failure::aws(&fault, &renewal))?;
        Ok(match responders.of(&session.around.place) {
            Some(responder) => session.acting_as(responder).await,
            None => session,
        })
    }

    /// The same, with a role as which runs act.
    async fn acting_as(self, responder: &ResponderSetting) -> Self {
        let reader = self.planning();
        let around = self.around.acting_as(responder.role.clone(), &reader).await;
        Self { around, responder: Some(responder.clone()), ..self }
    }

    /// Looks around in the account that a connection leads to.
    pub(super) async fn over(
        clock: Clock,
        connection: Connection,
        world: World,
        renewal: String,
        chain: &Chain,
        mut chance: Randomness,
    ) -> Result<Self, Fault> {
        let reader = Reader::new(Clients::read_only(&connection), clock.clone(), chance.number());
        let around = look_around(&reader, chain).await?;
        Ok(Self { clock, world, around, renewal, responder: None, connection, chance: RefCell::new(chance) })
    }

    /// What is said while the account is read.
    pub(super) fn reading(&self) -> String {
        let place = place(self.world, self.around.place.account.as_str(), self.around.alias.as_deref());
        format!("{place}   reading")
    }

    /// Reads for one plan: remembered, and nothing but reads.
    pub(super) fn planning(&self) -> Reader {
        let clients = Clients::read_only(&self.connection).at(self.around.place.clone());
        Reader::new(clients, self.clock.clone(), self.chance.borrow_mut().number()).remembering()
    }

    /// What tells a plan from every other.
    pub(super) fn nonce(&self) -> String {
        self.chance.borrow_mut().digits(16)
    }

    /// The id of a new run, short enough to type.
    pub(super) fn run_id(&self) -> RunId {
        RunId::new(self.chance.borrow_mut().digits(12)).expect("twelve hexadecimal digits")
    }
}
