//! What stays possible after a containment, as its plans say.

use crate::actions::Residual;
use crate::plan::Plan;

/// What the plans say stays possible, each thing once, in the order of the steps.
pub fn residuals<'a>(plans: impl IntoIterator<Item = &'a Plan>) -> Vec<Residual> {
    let mut all: Vec<Residual> = Vec::new();
    for plan in plans {
        for (_, action) in plan.actions() {
            for residual in &action.story.residual {
                if !all.contains(residual) {
                    all.push(residual.clone());
                }
            }
        }
    }
    all
}

/// Whether something that is still allowed was stated: a residual names its action and the thing that it is about. Text
/// decides, since the world that judges knows nothing of plans; what is stated in other words counts as not stated.
///
/// `allowed` begins with the action and the ARN: `bedrock:InvokeAgent on arn:… with …`.
pub fn is_stated(allowed: &str, residuals: &[Residual]) -> bool {
    let mut words = allowed.split(' ');
    let (Some(action), Some("on"), Some(arn)) = (words.next(), words.next(), words.next()) else { return false };
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let ids: Vec<&str> = resource.split(['/', ':']).skip(1).filter(|id| !id.is_empty()).collect();
    let names = |residual: &Residual, word: &str| {
        residual.what.split(|c: char| !c.is_ascii_alphanumeric() && !":-_.".contains(c)).any(|one| one == word)
    };
    residuals.iter().any(|one| names(one, action) && !ids.is_empty() && ids.iter().all(|id| names(one, id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_is_stated() {
        let residual = Residual {
            what: "agent AAAAAAAAAA through its test alias TSTALIASID, for whoever may still call bedrock:InvokeAgent"
                .to_owned(),
            until: None,
        };
        let arn = |alias: &str| {
            format!("bedrock:InvokeAgent on arn:aws:bedrock:us-east-1:111122223333:agent-alias/{alias} with key AKIA")
        };
        assert!(is_stated(&arn("AAAAAAAAAA/TSTALIASID"), std::slice::from_ref(&residual)));
        assert!(!is_stated(&arn("AAAAAAAAAA/LIVE"), std::slice::from_ref(&residual)));
        assert!(!is_stated(&arn("BBBBBBBBBB/TSTALIASID"), std::slice::from_ref(&residual)));
        assert!(!is_stated("bedrock:CreateAgent on * with key AKIA", &[residual]));
    }
}
