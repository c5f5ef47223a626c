//! Ids of Amazon Bedrock that have a form of their own.

use super::text_id::id;

/// The id behind the kind in an ARN of Amazon Bedrock; nothing for an ARN of another kind.
fn id_in<'t>(arn: &'t str, kind: &str) -> Option<&'t str> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "bedrock", region, account, rest] = parts[..] else { return None };
    let known = partition.starts_with("aws") && !region.is_empty() && account.len() == 12;
    rest.strip_prefix(kind)?.strip_prefix('/').filter(|id| known && !id.is_empty() && !id.contains(char::is_whitespace))
}

macro_rules! bedrock_arn {
    ($(#[$doc:meta])* $name:ident, $format:literal, $wanted:literal, of $kind:literal, such as $example:literal) => {
        id!($(#[$doc])* $name, $format, $wanted, |text| id_in(text, $kind).is_some(), such as $example);

        impl $name {
            /// The id behind the kind.
            pub fn id(&self) -> &str {
                id_in(&self.0, $kind).unwrap_or_default()
            }
        }
    };
}

id!(
    /// The id of a Bedrock guardrail.
    GuardrailId,
    "bedrock_guardrail_id",
    "the id of a Bedrock guardrail (lower-case letters and digits)",
    |text| {
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    },
    such as "sample0guard1"
);

bedrock_arn!(
    /// The ARN of a job that makes a custom model.
    CustomizationJobArn,
    "bedrock_customization_job_arn",
    "the ARN of a customization job of Amazon Bedrock",
    of "model-customization-job",
    such as "arn:aws:bedrock:us-east-1:111122223333:model-customization-job/sample.model-v1:0/sample000001"
);

bedrock_arn!(
    /// The ARN of a job that invokes a model for many prompts.
    InvocationJobArn,
    "bedrock_invocation_job_arn",
    "the ARN of a model invocation job of Amazon Bedrock",
    of "model-invocation-job",
    such as "arn:aws:bedrock:us-east-1:111122223333:model-invocation-job/sample000001"
);

bedrock_arn!(
    /// The ARN of provisioned throughput.
    ProvisionedThroughputArn,
    "bedrock_provisioned_throughput_arn",
    "the ARN of provisioned throughput of Amazon Bedrock",
    of "provisioned-model",
    such as "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/sample000001"
);

bedrock_arn!(
    /// The ARN of a deployment of a custom model.
    ModelDeploymentArn,
    "bedrock_model_deployment_arn",
    "the ARN of a custom model deployment of Amazon Bedrock",
    of "custom-model-deployment",
    such as "arn:aws:bedrock:us-east-1:111122223333:custom-model-deployment/sample000001"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_of_one_kind() {
        let job = "arn:aws:bedrock:eu-west-1:111122223333:model-customization-job/amazon.titan-text-lite-v1:0:4k/abcdef012345";
        assert_eq!(CustomizationJobArn::new(job).expect("an ARN").id(), "amazon.titan-text-lite-v1:0:4k/abcdef012345");
        assert!(InvocationJobArn::new(job).is_err());
        for bad in ["arn:aws:s3:::bucket", "arn:aws:bedrock:eu-west-1:1:model-customization-job/a", "abcdef012345"] {
            assert!(CustomizationJobArn::new(bad).is_err(), "{bad}");
        }
        assert!(GuardrailId::new("gr1abc").is_ok() && GuardrailId::new("Gr-1").is_err());
    }
}
