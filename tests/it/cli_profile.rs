//! Profiles of the AWS CLI, with a range in the place of AWS.

use serde_json::{Value, json};

use crate::cli_quell::{Quell, Served};

/// A role that the range's responder may take on, so that a profile can assume it.
const SCENARIO: &str = r#"
scenario: 1
account:
  roles:
    - name: Responder
      trust: { Version: "2012-10-17", Statement: [{ Effect: Allow, Principal: { AWS: "arn:aws:iam::111122223333:root" }, Action: "sts:AssumeRole" }] }
      inline:
        everything: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "*", Resource: "*" }] }
    - name: web-task
      trust: { Version: "2012-10-17", Statement: [{ Effect: Allow, Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" }] }
"#;

const PROFILES: &str = "[profile ir]
role_arn = arn:aws:iam::111122223333:role/Responder
role_session_name = night-shift
source_profile = base
[profile base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
";

/// What a plan says of its caller, however the profile and the endpoint were named. The request by which the role is assumed
/// goes to the range as well.
#[test]
fn a_profile_that_assumes_a_role_does_so_in_the_range() {
    let quell = Quell::new();
    let config = quell.file("config", PROFILES);
    let range = Served::with(&quell, &quell.file("scenario.yaml", SCENARIO));
    let web = "principal=arn:aws:iam::111122223333:role/web-task";
    let freeze = quell.file("freeze.yaml", crate::cli_quell::FREEZE);
    let plan = ["plan", &freeze, web, "--output", "json", "--range"];
    for (arguments, variables) in [
        (vec!["--profile", "ir", "--endpoint-url", &range.url], vec![]),
        (vec!["--profile", "ir"], vec![("AWS_ENDPOINT_URL", range.url.as_str())]),
        (vec!["--endpoint-url", &range.url], vec![("AWS_PROFILE", "ir")]),
    ] {
        let mut command = quell.command(&[&plan, arguments.as_slice()].concat());
        command.env("AWS_CONFIG_FILE", &config).envs(variables.iter().copied());
        if !arguments.contains(&"--profile") {
            // Without a flag, credentials in the environment come before a profile.
            command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
        }
        let said = crate::cli_quell::Said::of(&command.output().expect("it runs"));
        assert_eq!(said.code, 0, "{arguments:?} {variables:?}: {}", said.talk);
        let caller = &serde_json::from_str::<Value>(&said.out).expect("JSON")["plans"][0]["plan"]["caller"];
        assert_eq!(caller["arn"], "arn:aws:sts::111122223333:assumed-role/Responder/night-shift", "{arguments:?}");
        let through: &Value = &caller["came_through"];
        assert_eq!(
            *through,
            json!(["arn:aws:iam::111122223333:role/Responder", "arn:aws:iam::111122223333:user/incident-responder"])
        );
    }
}
