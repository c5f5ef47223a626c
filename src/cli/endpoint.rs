//! Keeps AWS and ranges apart.

use super::arguments::Globals;
use super::entry::same_command_with;
use super::exit;
use super::failure::Failure;
use super::next::{UNKNOWN_RANGE, flags};
use crate::aws::{host, is_loopback};
use crate::journal::{Origin, World};
use crate::plan::Plan;

/// Which world an endpoint leads to, given whether `--range` stands on the command line. An endpoint that is not AWS must
/// be said to be a range, and a range must be on this machine: nobody contains the wrong one of the two by mistake.
pub(super) fn world_of(endpoint: Option<&str>, range: bool) -> Result<World, Failure> {
    let wrong = |what: String, next: &str| Err(Failure::yours(exit::USAGE, what, next));
    match (endpoint, range) {
        (None, false) => Ok(World::Live),
        (None, true) => wrong(
            "--range needs the address of a range".to_owned(),
            "quell range serve  # prints the address for --endpoint-url",
        ),
        (Some(endpoint), true) if is_loopback(endpoint) => Ok(World::Range),
        (Some(endpoint), true) => wrong(
            format!("`{endpoint}` is not on this machine, and a range answers its own machine only"),
            "quell range serve  # prints the address for --endpoint-url",
        ),
        (Some(endpoint), false) if is_aws(endpoint) => Ok(World::Live),
        (Some(endpoint), false) => wrong(
            format!("`{endpoint}` is not an endpoint of AWS"),
            &format!("{}  # if it is a range", same_command_with(&["--range".to_owned()])),
        ),
    }
}

/// Refuses to go to AWS with the plan of a range, and the other way round, before anything is sent there. `verb` is the command
/// that was typed, without its flags.
pub(super) fn refuse_other_world(
    plan: &Plan,
    origin: Option<&Origin>,
    verb: &str,
    globals: &Globals,
) -> Result<(), Failure> {
    let (what, next) = match (plan.world, globals.range) {
        (World::Range, false) => (
            "this was planned in a range, and the command would reach AWS",
            match origin.filter(|origin| !origin.reached.is_empty()) {
                Some(origin) => same_command_with(&flags(origin)),
                None => same_command_with(&[]) + UNKNOWN_RANGE,
            },
        ),
        (World::Live, true) => (
            "this was planned in AWS, and the command would reach a range",
            globals.in_world(World::Live, origin, verb),
        ),
        _ => return Ok(()),
    };
    Err(Failure::yours(exit::NOT_APPLICABLE, what, next))
}

/// Refuses endpoints of single services in the environment: with one of them, part of a run would go elsewhere.
pub(super) fn refuse_strays(_: &Globals) -> Result<(), Failure> {
    let stray = std::env::vars().find(|(name, url)| name.starts_with("AWS_ENDPOINT_URL_") && !is_aws(url));
    match stray {
        None => Ok(()),
        Some((name, url)) => Err(Failure::yours(
            exit::USAGE,
            format!("{name} is `{url}`, which is not an endpoint of AWS, and part of a run would go there"),
            format!("unset {name}"),
        )),
    }
}

fn is_aws(url: &str) -> bool {
    let suffixes = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];
    url.starts_with("https://")
        && host(url).is_some_and(|host| suffixes.iter().any(|suffix| host.to_ascii_lowercase().ends_with(suffix)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_and_ranges_are_kept_apart() {
        assert_eq!(world_of(None, false), Ok(World::Live));
        assert_eq!(world_of(Some("https://iam.amazonaws.com"), false), Ok(World::Live));
        assert_eq!(world_of(Some("https://bedrock.eu-west-1.api.aws/x"), false), Ok(World::Live));
        assert_eq!(world_of(Some("http://127.0.0.1:4000"), true), Ok(World::Range));
        assert_eq!(world_of(Some("http://[::1]:4000/"), true), Ok(World::Range));
        for (endpoint, range) in [
            (None, true),
            (Some("http://127.0.0.1:4000"), false),
            (Some("https://amazonaws.com.example.org"), false),
            (Some("https://iam.amazonaws.com@example.org"), false),
            (Some("http://iam.amazonaws.com"), false),
            (Some("https://iam.amazonaws.com"), true),
            (Some("http://10.0.0.1"), true),
            (Some("http://127.0.0.1@example.org"), true),
        ] {
            assert_eq!(world_of(endpoint, range).map_err(|failure| failure.code), Err(exit::USAGE), "{endpoint:?}");
        }
    }
}
