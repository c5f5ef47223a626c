//! The policies of AWS that the range knows.

/// Names and documents, shortened to what matters in the range.
pub(super) const AWS_MANAGED: &[(&str, &str)] = &[
    ("AdministratorAccess", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#),
    (
        "AWSDenyAll",
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"DenyAll","Effect":"Deny","Action":["*"],"Resource":"*"}]}"#,
    ),
    (
        "AWSCompromisedKeyQuarantineV3",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["bedrock:InvokeModel","bedrock:InvokeModelWithResponseStream","bedrock:CreateModelInvocationJob","bedrock:CreateFoundationModelAgreement","bedrock:PutFoundationModelEntitlement","iam:AttachUserPolicy","iam:CreateAccessKey","iam:CreateUser","iam:DetachUserPolicy","iam:PutUserPolicy","sts:GetFederationToken","sts:GetSessionToken"],"Resource":"*"}]}"#,
    ),
    (
        "AmazonBedrockFullAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"BedrockAll","Effect":"Allow","Action":["bedrock:*"],"Resource":"*"}]}"#,
    ),
    (
        "ReadOnlyAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:Get*","iam:List*","bedrock:Get*","bedrock:List*","account:Get*","account:List*","support:Describe*"],"Resource":"*"}]}"#,
    ),
];
