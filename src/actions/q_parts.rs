//! Queries over what the applications of Q Business hold directly: what is particular to each, and what they all do alike.

use futures_util::future::try_join_all;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::look::of_region;
use super::{Answer, Assignment, Look, LookError, Making, QPartsFilter, Query, Tagged};
use crate::aws::{GetInApplication, ListInApplication, ListQApplications, Operation, QListed};
use crate::base::{QId, Region};

/// A kind of thing that applications hold.
pub trait QPartsKind: Send + Sync + 'static {
    /// See [`Query::Item`].
    type Item: Serialize + DeserializeOwned + JsonSchema + Send + Sync;
    /// The list of these in an application.
    type List: ListInApplication;
    /// The look at one.
    type Get: GetInApplication;

    /// See [`Query::NAME`].
    const NAME: &'static str;
    /// See [`Query::SUMMARY`].
    const SUMMARY: &'static str;
    /// See [`Query::PAGE`].
    const PAGE: &'static str;
    /// See [`Query::READS`].
    const READS: &'static [&'static Operation];
    /// See [`Query::MADE`].
    const MADE: Option<Making> = None;
    /// The word for it in ARNs.
    const WORD: &'static str;
    /// Whether the list leaves out the name or the time of making, so that each has to be looked at.
    const LOOKS: bool;

    /// The item of one that fits.
    fn item(found: QFoundPart) -> Self::Item;

    /// See [`Query::key`].
    fn key(item: &Self::Item) -> String;
}

/// One that fits.
#[derive(Debug, Clone)]
pub struct QFoundPart {
    /// The Region.
    pub region: Region,
    /// The application.
    pub application: QId,
    /// The id.
    pub id: QId,
    /// The ARN.
    pub arn: String,
    /// The name; empty where it has none.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// How far it is in its life, in AWS's word.
    pub status: String,
    /// All that was read of it, in AWS's own words.
    pub words: serde_json::Value,
}

impl QFoundPart {
    /// A text that AWS tells of it; empty where it does not.
    pub fn text(&self, member: &str) -> String {
        self.words.get(member).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    }
}

/// The query over a kind.
pub struct QParts<K>(pub K);

/// The applications of a Region whose contents are asked for.
pub(super) async fn applications(
    look: &Look<'_>,
    region: &Region,
    only: Option<&QId>,
) -> Result<Vec<QListed>, LookError> {
    let mut all = look.ask_all(ListQApplications { region: region.clone(), next: None }).await?;
    all.retain(|application| only.is_none_or(|only| application.id == *only));
    Ok(all)
}

/// The ARN of something that an application holds.
pub(super) fn arn(to: &Assignment, region: &Region, path: &str) -> String {
    format!("arn:{}:qbusiness:{region}:{}:application/{path}", to.place.partition, to.place.account)
}

impl<K: QPartsKind> QParts<K> {
    /// What is known of one: what the list told, or a look where that is not enough. Nothing where it has gone meanwhile.
    async fn known(
        to: &Assignment,
        look: &Look<'_>,
        region: &Region,
        application: &QId,
        listed: QListed,
    ) -> Result<Option<QFoundPart>, LookError> {
        let QListed { id, mut name, mut created, mut status, mut words } = listed;
        if K::LOOKS {
            let Some(thing) = look.find(K::Get::of(region.clone(), application.clone(), id.clone())).await? else {
                return Ok(None);
            };
            (name, created, status, words) = (thing.name, Some(thing.created), thing.status, thing.words);
        }
        let created = created.ok_or_else(|| LookError::Nonsense(format!("nobody says when {id} was made")))?;
        Ok(Some(QFoundPart {
            arn: arn(to, region, &format!("{application}/{}/{id}", K::WORD)),
            region: region.clone(),
            application: application.clone(),
            id,
            name: name.unwrap_or_default(),
            created,
            status,
            words,
        }))
    }
}

impl<K: QPartsKind> Query for QParts<K> {
    type Input = QPartsFilter;
    type Item = K::Item;

    const NAME: &'static str = K::NAME;
    const SUMMARY: &'static str = K::SUMMARY;
    const PAGE: &'static str = K::PAGE;
    const READS: &'static [&'static Operation] = K::READS;
    const MADE: Option<Making> = K::MADE;
    const TAGGED: Option<Tagged> = Some(Tagged::QBusiness);
    const REGIONAL: bool = true;

    fn key(&self, item: &K::Item) -> String {
        K::key(item)
    }

    async fn ask(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        region: Option<&Region>,
        input: &QPartsFilter,
    ) -> Result<Answer<K::Item>, LookError> {
        let region = of_region(region)?;
        let mut found = Vec::new();
        for application in applications(look, region, input.application.as_ref()).await? {
            let first = K::List::of(region.clone(), application.id.clone());
            let listed = look.find_all(first).await?.unwrap_or_default();
            let known = listed.into_iter().map(|one| Self::known(to, look, region, &application.id, one));
            found.extend(try_join_all(known).await?.into_iter().flatten());
        }
        found.retain(|part| input.fits(&part.name, part.created));
        found.sort_by(|one, other| (one.created, &one.arn).cmp(&(other.created, &other.arn)));
        Ok(Answer { items: found.into_iter().map(K::item).collect(), truncated: None })
    }
}
