//! Events and findings for tests, in the forms that AWS documents.

macro_rules! samples {
    ($($name:ident = $file:literal;)*) => {
        $(pub(super) const $name: &str = include_str!(concat!("samples/", $file, ".json"));)*

        /// Every one.
        pub(super) const ALL: &[&str] = &[$($name),*];
    };
}

samples! {
    ANOMALOUS_INVOCATION = "guardduty_anomalous_model_invocation";
    COST_HARVESTING = "guardduty_cost_harvesting";
    PROMPT_INJECTION_OF_THE_API = "guardduty_prompt_injection_of_the_api";
    ATTACK_SEQUENCE = "guardduty_attack_sequence";
    ASFF_TWO_FINDINGS = "asff_two_findings";
    OCSF_DETECTION = "ocsf_detection";
    SERVICE_ROLE = "cloudtrail_service_role";
    BEARER_TOKEN = "cloudtrail_bearer_token";
    ROOT_SIGN_IN = "cloudtrail_root_sign_in";
    FEDERATED_USER = "cloudtrail_federated_user";
    ASSUMED_ROLE = "cloudtrail_assumed_role";
    Q_DATA_SOURCE = "cloudtrail_q_data_source";
}
