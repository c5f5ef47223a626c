//! `q.delete-data-accessor`: takes somebody else's software its access to a Q Business application, for good.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{QPartKind, QPartRef, Residual, Story};
use crate::aws::{Call, DeleteQDataAccessor, GetQDataAccessor, Operation, QThing, Request};
use crate::base::{EntityKind, Impact};

/// A data accessor.
pub struct QDataAccessor;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The data accessor.
    pub data_accessor: QPartRef,
}

impl QPartKind for QDataAccessor {
    type Input = Input;
    type Get = GetQDataAccessor;

    const NAME: &'static str = "q.delete-data-accessor";
    const SUMMARY: &'static str = "Delete a data accessor of a Q Business application, for good";
    const PAGE: &'static str = include_str!("q_delete_data_accessor.md");
    const READS: &'static [&'static Operation] = &[GetQDataAccessor::OPERATION];
    const SENDS: &'static [&'static Operation] = &[DeleteQDataAccessor::OPERATION];
    const KIND: EntityKind = EntityKind::QDataAccessor;
    const SHOWS_GOING: bool = false;

    fn part<'i>(&self, input: &'i Input) -> &'i QPartRef {
        &input.data_accessor
    }

    fn delete(&self, QPartRef { region, application, id }: QPartRef) -> Call {
        DeleteQDataAccessor { region, application, id }.into()
    }

    fn tell(&self, found: Option<&QThing>) -> Story {
        Story {
            now: match found {
                None => "gone".to_owned(),
                Some(accessor) => format!(
                    "`{}`, read by {}",
                    accessor.name.as_deref().unwrap_or("?"),
                    accessor.text("principal").unwrap_or("somebody whom AWS does not tell"),
                ),
            },
            does: "delete it for good, its configuration captured first".to_owned(),
            impact: Impact::Degrades,
            because: "the software behind it finds nothing in the company's documents any more".to_owned(),
            undo: String::new(),
            residual: vec![Residual::stays(
                "what that software has read already, and its application in IAM Identity Center",
            )],
            notes: vec![],
            unread: vec![],
        }
    }
}
