//! Ids that can never be mixed up.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::text_id::{BadId, id};

id!(
    /// A twelve-digit AWS account id.
    AccountId,
    "aws_account_id",
    "an AWS account id (twelve digits)",
    |text| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
);

id!(
    /// The name of an AWS Region, such as `eu-west-1` or `us-gov-west-1`.
    Region,
    "aws_region",
    "an AWS Region (such as `eu-west-1`)",
    |text| {
        let parts: Vec<&str> = text.split('-').collect();
        (3..=5).contains(&parts.len())
            && parts[parts.len() - 1].bytes().all(|b| b.is_ascii_digit())
            && parts.iter().all(|part| {
                !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            })
    }
);

id!(
    /// What groups the runs of one incident and marks what quell leaves in AWS: the policy name and the tag of the
    /// support case. An id only, never prose: 1 to 32 letters, digits and `-`, starting with a letter or digit.
    IncidentId,
    "incident_id",
    "an incident id (1 to 32 letters, digits and `-`, starting with a letter or digit)",
    |text| {
        (1..=32).contains(&text.len())
            && !text.starts_with('-')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    }
);

id!(
    /// The id of a run: lower-case hexadecimal digits, 8 to 32 of them.
    RunId,
    "run_id",
    "a run id (8 to 32 lower-case hexadecimal digits)",
    |text| {
        (8..=32).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    }
);

id!(
    /// The id of a step in a runbook: snake_case, since expressions refer to it as `steps.<id>`.
    StepId,
    "step_id",
    "a step id (a lower-case letter, then up to 63 lower-case letters, digits and `_`)",
    |text| {
        text.len() <= 64
            && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    }
);

id!(
    /// The name of a trigger: lower-case letters, digits and `-`.
    TriggerName,
    "trigger_name",
    "the name of a trigger (a lower-case letter, then up to 63 lower-case letters, digits and `-`)",
    |text| {
        text.len() <= 64
            && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    }
);

id!(
    /// The name of an IAM user, without its path.
    UserName,
    "iam_user_name",
    "an IAM user name (1 to 64 letters, digits and any of `+=,.@_-`)",
    |text| is_iam_name(text)
);

id!(
    /// The name of an IAM role, without its path.
    RoleName,
    "iam_role_name",
    "an IAM role name (1 to 64 letters, digits and any of `+=,.@_-`)",
    |text| is_iam_name(text)
);

id!(
    /// The id of a long-term (`AKIA…`) or temporary (`ASIA…`) access key. Not a secret.
    AccessKeyId,
    "access_key_id",
    "an access key id (`AKIA` or `ASIA`, then 12 to 124 upper-case letters and digits)",
    |text| {
        (16..=128).contains(&text.len())
            && (text.starts_with("AKIA") || text.starts_with("ASIA"))
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    }
);

id!(
    /// The id of a Bedrock agent.
    AgentId,
    "bedrock_agent_id",
    "a Bedrock agent id (ten letters and digits)",
    |text| text.len() == 10 && text.bytes().all(|b| b.is_ascii_alphanumeric())
);

id!(
    /// The id of a Bedrock flow.
    FlowId,
    "bedrock_flow_id",
    "a Bedrock flow id (ten letters and digits)",
    |text| text.len() == 10 && text.bytes().all(|b| b.is_ascii_alphanumeric())
);

id!(
    /// The id of a Bedrock prompt.
    PromptId,
    "bedrock_prompt_id",
    "a Bedrock prompt id (ten letters and digits)",
    |text| text.len() == 10 && text.bytes().all(|b| b.is_ascii_alphanumeric())
);

id!(
    /// The id of an Amazon Q Business application, or of something that it holds.
    QId,
    "q_business_id",
    "an id of Amazon Q Business (36 letters, digits and `-`, starting with a letter or digit)",
    |text| {
        text.len() == 36 && !text.starts_with('-') && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    }
);

id!(
    /// The name of a secret in AWS Secrets Manager.
    SecretName,
    "secret_name",
    "the name of a secret (1 to 256 letters, digits and any of `/_+=.@-`)",
    |text| {
        (1..=256).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b))
    }
);

id!(
    /// The id of a Bedrock knowledge base.
    KnowledgeBaseId,
    "bedrock_knowledge_base_id",
    "a Bedrock knowledge base id (ten letters and digits)",
    |text| text.len() == 10 && text.bytes().all(|b| b.is_ascii_alphanumeric())
);

id!(
    /// The id of a data source of a Bedrock knowledge base.
    DataSourceId,
    "bedrock_data_source_id",
    "a Bedrock data source id (ten letters and digits)",
    |text| text.len() == 10 && text.bytes().all(|b| b.is_ascii_alphanumeric())
);

id!(
    /// The name of a role's session, chosen by whoever started it.
    SessionName,
    "role_session_name",
    "a session name (2 to 64 letters, digits and any of `+=,.@_-`)",
    |text| text.len() >= 2 && is_iam_name(text)
);

id!(
    /// The id of a credential or certificate of an IAM user that is no access key: `APKA…`, `ACCA…`. Not a secret.
    CredentialId,
    "iam_credential_id",
    "an IAM credential id (16 to 128 letters and digits)",
    |text| (16..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric()),
    such as "ACCASAMPLE0000000001"
);

id!(
    /// The serial number of an MFA device: of a virtual one its ARN, of a hardware one what is printed on it.
    MfaSerial,
    "mfa_serial",
    "the serial number of an MFA device (9 to 256 letters, digits and any of `=/:,.@_-`)",
    |text| {
        (9..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"=/:,.@_-".contains(&b))
    }
);

impl MfaSerial {
    /// Whether it is that of a virtual device, which is a thing of IAM on its own. Security keys and passkeys have ARNs as well.
    pub fn is_virtual(&self) -> bool {
        self.as_str().split(':').nth(5).is_some_and(|resource| resource.starts_with("mfa/"))
    }
}

id!(
    /// A range of IP addresses in CIDR notation.
    IpRange,
    "ip_range",
    "a range of IP addresses (such as `203.0.113.0/24` or `2001:db8::/32`)",
    |text| {
        text.split_once('/').is_some_and(|(address, bits)| {
            let most = address.parse::<std::net::IpAddr>().map(|address| if address.is_ipv4() { 32 } else { 128 });
            matches!((most, bits.parse::<u8>()), (Ok(most), Ok(bits)) if (1..=most).contains(&bits))
        })
    }
);

id!(
    /// The id of a VPC.
    VpcId,
    "vpc_id",
    "a VPC id (`vpc-`, then 8 or 17 hexadecimal digits)",
    |text| {
        text.strip_prefix("vpc-").is_some_and(|id| {
            [8, 17].contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        })
    }
);

id!(
    /// The id of a version of a managed policy, such as `v3`.
    PolicyVersionId,
    "policy_version_id",
    "the id of a policy version (such as `v3`)",
    |text| {
        text.strip_prefix('v').is_some_and(|number| {
            (1..=9).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()) && !number.starts_with('0')
        })
    }
);

fn is_iam_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b))
}

id!(
    /// The name of an AWS operation as IAM writes actions: `iam:PutRolePolicy`.
    OperationName,
    "operation_name",
    "an operation (a service and an operation, such as `iam:PutRolePolicy`)",
    |text| {
        text.split_once(':').is_some_and(|(service, operation)| {
            [service, operation].iter().all(|part| (1..=64).contains(&part.len()))
                && service.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && operation.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    }
);

/// An AWS partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
pub enum Partition {
    /// The commercial Regions.
    #[serde(rename = "aws")]
    Aws,
    /// The Regions in China.
    #[serde(rename = "aws-cn")]
    China,
    /// AWS GovCloud (US).
    #[serde(rename = "aws-us-gov")]
    GovCloud,
}

impl Partition {
    /// The name that stands in ARNs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::GovCloud => "aws-us-gov",
        }
    }

    /// The Region that answers for global services such as IAM and AWS Support.
    pub fn global_region(self) -> &'static str {
        match self {
            Self::Aws => "us-east-1",
            Self::China => "cn-north-1",
            Self::GovCloud => "us-gov-west-1",
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Partition {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        match text {
            "aws" => Ok(Self::Aws),
            "aws-cn" => Ok(Self::China),
            "aws-us-gov" => Ok(Self::GovCloud),
            _ => Err(BadId { text: text.to_owned(), wanted: "an AWS partition (`aws`, `aws-cn` or `aws-us-gov`)" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_refuse_what_they_are_not() {
        assert!(AccountId::new("111122223333").is_ok());
        assert!(AccountId::new("11112222333").is_err());
        assert!(Region::new("us-gov-west-1").is_ok());
        assert!(Region::new("us-east").is_err());
        assert!(Region::new("us-east-x").is_err());
        assert!(IncidentId::new("INC-4711").is_ok());
        assert!(IncidentId::new("inc 4711").is_err());
        assert!(StepId::new("delete_agents").is_ok());
        assert!(StepId::new("Delete").is_err());
        assert!(RunId::new("7c1").is_err());
        assert!(OperationName::new("bedrock-agent:UpdateAgentAlias").is_ok());
        assert!(OperationName::new("PutRolePolicy").is_err());
        assert!(QId::new("a1b2c3d4-5678-90ab-cdef-example11111").is_ok());
        assert!(QId::new("a1b2c3d4").is_err());
    }
}
