//! `iam.deny-from-outside`: refuses everything to a role or user that does not call from our network.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::principal::reached_by;
use super::{Principal, Residual, Scope, Use};
use crate::base::{IpRange, VpcId};
use crate::iam::{PolicyDocument, deny_from_outside};

/// Requests from outside our network.
pub struct FromOutside;

/// Our network: address ranges, VPCs, or both. A network of nothing is no network.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Written")]
pub struct Input {
    /// The ARN of the role or user; the ARN of a role session stands for its role.
    pub principal: Principal,
    /// Public address ranges from which we call.
    #[serde(default)]
    pub ip_ranges: Vec<IpRange>,
    /// VPCs through whose endpoints we call.
    #[serde(default)]
    pub vpcs: Vec<VpcId>,
}

/// Our network: address ranges, VPCs, or both.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Written {
    /// The ARN of the role or user; the ARN of a role session stands for its role.
    principal: Principal,
    /// Public address ranges from which we call.
    #[serde(default)]
    ip_ranges: Vec<IpRange>,
    /// VPCs through whose endpoints we call.
    #[serde(default)]
    vpcs: Vec<VpcId>,
}

/// A network of nothing.
#[derive(Debug, thiserror::Error)]
#[error("neither `ip_ranges` nor `vpcs` says which network is ours: everything would be refused")]
struct NoNetwork;

impl TryFrom<Written> for Input {
    type Error = NoNetwork;

    fn try_from(Written { principal, ip_ranges, vpcs }: Written) -> Result<Self, NoNetwork> {
        if ip_ranges.is_empty() && vpcs.is_empty() {
            return Err(NoNetwork);
        }
        Ok(Self { principal, ip_ranges, vpcs })
    }
}

impl Scope for FromOutside {
    type Input = Input;

    const NAME: &'static str = "iam.deny-from-outside";
    const SUMMARY: &'static str = "Refuse everything to a role or user that does not call from our network";
    const PAGE: &'static str = include_str!("iam_deny_from_outside.md");
    const POLICY: &'static str = "QuellDenyFromOutside";

    fn principal<'i>(&self, input: &'i Input) -> &'i Principal {
        &input.principal
    }

    fn document(&self, input: &Input, _: &str) -> PolicyDocument {
        deny_from_outside(input.ip_ranges.iter().map(IpRange::as_str), input.vpcs.iter().map(VpcId::as_str))
    }

    fn does(&self, _: &Input) -> String {
        "refuse everything that does not come from our network".to_owned()
    }

    fn leaves(&self, input: &Input, _: &Use) -> Vec<Residual> {
        let what = "what its policies allow, from within our network or through AWS services";
        [vec![Residual::uncovered(what)], reached_by(&input.principal)].concat()
    }
}
