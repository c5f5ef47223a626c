//! What the guardrails say of the plans of shipped runbooks: with nothing configured, with what a company configures, and of files with mistakes.

use std::collections::BTreeSet;

use jiff::Timestamp;
use quell::base::{EntityKind, Phase};
use quell::guard::{Caps, Freeze, GivenApprovals, GuardrailSetting, Guardrails, Verdict, Who, cedar_schema};
use quell::plan::{Plan, tagged};
use quell::range::Scenario;

use crate::stage::{RUNBOOK, SCENARIO, Stage};

/// Production is decided by more than one person, and what nobody knows is taken for it.
const PRODUCTION: &str = r#"
@id("production")
@reason("it is production, or may be")
@approval("many")
forbid (principal, action, resource)
unless { resource.tags_known && !(resource.hasTag("env") && resource.getTag("env") == "prod") || context.approvals.contains("many") };
"#;

/// A Sunday.
const NOW: &str = "2026-11-22T03:00:00Z";

fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

async fn plan(phase: Phase) -> Plan {
    Stage::shipped(7).plan(phase).await
}

fn judged(rails: &Guardrails, plan: &Plan, who: Who, approvals: &[&str]) -> Verdict {
    let approvals: BTreeSet<String> = approvals.iter().map(|&one| one.to_owned()).collect();
    rails.judge(plan, who, now(), &GivenApprovals { known: approvals.clone(), approvals, break_glass: false })
}

fn with(setting: GuardrailSetting) -> Guardrails {
    Guardrails::new(setting, &[]).expect("sound guardrails")
}

fn forbidding(verdict: &Verdict) -> Vec<&str> {
    verdict.reasons.iter().map(|reason| reason.guardrail.as_str()).collect()
}

fn set(names: &[&str]) -> Option<BTreeSet<String>> {
    Some(names.iter().map(|&name| name.to_owned()).collect())
}

const ROLE: &str = "arn:aws:iam::111122223333:role/service/ml-pipeline";
const OTHER: &str = "arn:aws:iam::111122223333:role/payments";

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_person_needs_nobody_and_nothing_runs_unattended_until_something_is_protected() {
    let (contain, eradicate) = (plan(Phase::Contain).await, plan(Phase::Eradicate).await);
    let rails = Guardrails::default();
    for plan in [&contain, &eradicate] {
        assert_eq!(rails.fits_the_schema(plan, now()), Ok(()));
        for who in [Who::Commander, Who::Rehearsal] {
            let verdict = judged(&rails, plan, who, &[]);
            assert!(verdict.allowed && verdict.needs == set(&[]) && verdict.reasons.is_empty(), "{verdict:?}");
        }
        let verdict = judged(&rails, plan, Who::Automation, &[]);
        assert!(!verdict.allowed && verdict.needs.is_none(), "{verdict:?}");
        assert!(forbidding(&verdict).contains(&"unattended-unprepared"), "{verdict:?}");
    }
    let prepared = with(GuardrailSetting {
        protected_accounts: ["444455556666".parse().expect("an account")].into(),
        protected_principals: [OTHER.parse().expect("an ARN")].into(),
        ..GuardrailSetting::default()
    });
    let harm = judged(&prepared, &contain, Who::Automation, &[]);
    assert_eq!(forbidding(&harm), ["unattended-harm"], "the role has a workload");
    let for_good = judged(&prepared, &eradicate, Who::Automation, &[]);
    assert!(forbidding(&for_good).contains(&"unattended-for-good"), "{for_good:?}");
    let calls: Vec<&String> =
        for_good.reasons.iter().find(|one| one.guardrail == "unattended-for-good").expect("it").calls.iter().collect();
    assert!(calls.iter().all(|call| call.contains(":Delete")), "{calls:?}");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_a_company_holds_precious_asks_for_more() {
    let contain = plan(Phase::Contain).await;
    let protected = with(GuardrailSetting {
        protected_principals: [ROLE.parse().expect("an ARN")].into(),
        ..GuardrailSetting::default()
    });
    let verdict = judged(&protected, &contain, Who::Commander, &[]);
    assert!(!verdict.allowed);
    assert_eq!((verdict.needs.clone(), forbidding(&verdict)), (set(&["protected"]), vec!["protected-principal"]));
    let calls = &verdict.reasons[0].calls;
    assert!(!calls.is_empty() && calls.iter().all(|call| call.contains("role ml-pipeline")), "{calls:?}");
    assert!(judged(&protected, &contain, Who::Commander, &["protected"]).allowed);
    assert!(!judged(&protected, &contain, Who::Commander, &["many", "freeze"]).allowed, "another approval is none");

    let kept = with(GuardrailSetting {
        break_glass: ["arn:aws:sts::111122223333:assumed-role/ml-pipeline/somebody".parse().expect("an ARN")].into(),
        ..GuardrailSetting::default()
    });
    for who in Who::ALL {
        let verdict = judged(&kept, &contain, who, &["many", "protected", "freeze"]);
        assert!(!verdict.allowed && verdict.needs.is_none(), "no approval helps: {verdict:?}");
    }

    let elsewhere = with(GuardrailSetting {
        accounts: ["444455556666".parse().expect("an account")].into(),
        ..GuardrailSetting::default()
    });
    assert_eq!(judged(&elsewhere, &contain, Who::Commander, &[]).needs, None);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn caps_and_freezes_add_up_and_the_smallest_set_is_told() {
    let (contain, eradicate) = (plan(Phase::Contain).await, plan(Phase::Eradicate).await);
    let freeze = |from: &str, until: &str| Freeze {
        from: from.parse().expect("a time"),
        until: until.parse().expect("a time"),
        why: "a sale".to_owned(),
    };
    let setting = GuardrailSetting {
        caps: Caps { principals: 1, irreversible: 1 },
        freezes: vec![freeze("2026-11-22T00:00:00Z", "2026-11-22T03:00:01Z")],
        ..GuardrailSetting::default()
    };
    let strict = with(setting.clone());
    let verdict = judged(&strict, &contain, Who::Commander, &["more", "protected"]);
    assert_eq!(verdict.needs, set(&["freeze", "many"]), "neither more nor less: {verdict:?}");
    assert!(!judged(&strict, &contain, Who::Commander, &["many"]).allowed);
    assert!(judged(&strict, &contain, Who::Commander, &["freeze", "many"]).allowed);
    assert!(forbidding(&judged(&strict, &eradicate, Who::Commander, &[])).contains(&"much-for-good"));
    // A freeze ends at its end.
    let later = GuardrailSetting { freezes: vec![freeze("2026-11-22T00:00:00Z", NOW)], ..setting };
    assert_eq!(judged(&with(later), &contain, Who::Commander, &[]).needs, set(&["many"]));
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn breaking_the_glass_reaches_what_can_be_put_back_and_nothing_else() {
    let (contain, eradicate) = (plan(Phase::Contain).await, plan(Phase::Eradicate).await);
    let strict =
        with(GuardrailSetting { caps: Caps { principals: 0, irreversible: 0 }, ..GuardrailSetting::default() });
    let broken = GivenApprovals { break_glass: true, ..GivenApprovals::default() };
    // The case with AWS Support can be put back by nobody, and does no harm: it counts as reversible.
    assert!(strict.judge(&contain, Who::Commander, now(), &broken).allowed);
    let verdict = strict.judge(&eradicate, Who::Commander, now(), &broken);
    assert!(!verdict.allowed && forbidding(&verdict).contains(&"break-glass-for-good"), "{verdict:?}");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_company_adds_policies_of_its_own() {
    let contain = plan(Phase::Contain).await;
    let own = |text: &str| vec![("own.cedar".to_owned(), text.to_owned())];
    let text = r#"
        @id("no-trust") @approval("identity") @reason("the identity team locks trust policies")
        forbid (principal is Commander, action == Action::"iam:UpdateAssumeRolePolicy", resource)
        unless { context.approvals.contains("identity") };
        forbid (principal, action in Action::"support", resource) when { context.hour < 3 };
    "#;
    let rails = Guardrails::new(GuardrailSetting::default(), &own(text)).expect("sound guardrails");
    let verdict = judged(&rails, &contain, Who::Commander, &[]);
    assert_eq!((verdict.needs.clone(), forbidding(&verdict)), (set(&["identity"]), vec!["no-trust"]));
    assert_eq!(verdict.reasons[0].why, "the identity team locks trust policies");

    for (text, what, at) in [
        ("forbid (principal, action, resource) when { resource.colour == 1 };", "colour", "resource.colour"),
        ("forbid (principal, action == Action::\"iam:DeleteRoles\", resource);", "iam:DeleteRoles", "DeleteRoles"),
        ("forbid (principal, action, resource) when { context.hour };", "", "context.hour"),
        ("forbid (principal, action, resource) whne { true };", "whne", "whne"),
    ] {
        let bad = Guardrails::new(GuardrailSetting::default(), &own(text)).expect_err("a mistake");
        let named = bad.iter().any(|one| {
            one.file == "own.cedar"
                && format!("{} {:?}", one.what, one.help).contains(what)
                && text[one.at.clone()].contains(at)
                && one.at.len() < text.len()
        });
        assert!(named, "{text}: {bad:?}");
    }
    let twice = own("@id(\"basis\") permit (principal, action, resource);");
    let bad = Guardrails::new(GuardrailSetting::default(), &twice).expect_err("a mistake");
    assert!(bad[0].what.contains("another guardrail `basis`"), "{bad:?}");
}

/// With `QUELL_WRITE_POLICIES=1` the file is written, to be reviewed as a change.
#[test]
fn the_shipped_schema_is_what_the_program_checks_by() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/guardrails/quell.cedarschema");
    if std::env::var_os("QUELL_WRITE_POLICIES").is_some() {
        std::fs::write(&path, cedar_schema()).expect("it can be written");
    }
    assert_eq!(std::fs::read_to_string(path).expect("it is shipped"), cedar_schema());
}

/// Guardrails speak of tags: those of the thing, and of what it belongs to.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn tags_decide_where_they_are_known() {
    let rails = Guardrails::new(GuardrailSetting::default(), &[("production.cedar".to_owned(), PRODUCTION.to_owned())]);
    let rails = rails.expect("sound guardrails");
    let mut scenario = Scenario::parse(SCENARIO).expect("a scenario");
    let role = scenario.account.roles.iter_mut().find(|role| role.name == "ml-pipeline").expect("the role");
    role.tags.insert("env".to_owned(), "prod".to_owned());
    let stage = Stage::with(RUNBOOK, scenario, 7);
    let bare = stage.plan(Phase::Contain).await;
    assert!(!judged(&rails, &bare, Who::Commander, &[]).allowed, "what is not known may be production");
    let plan = tagged(bare, &stage.planning()).await;
    assert_eq!(rails.fits_the_schema(&plan, now()), Ok(()));
    let about = |verdict: &Verdict| {
        let reason =
            verdict.reasons.iter().find(|reason| reason.guardrail == "production").expect("it forbids").clone();
        reason.calls.into_iter().collect::<Vec<String>>()
    };
    let verdict = judged(&rails, &plan, Who::Commander, &[]);
    let calls = about(&verdict);
    assert!(calls.iter().any(|call| call.contains("role ml-pipeline")), "{calls:?}");
    let known = |kind: EntityKind| plan.tags.iter().any(|one| one.of.entity.kind == kind);
    assert!(known(EntityKind::Role) && known(EntityKind::User) && known(EntityKind::Agent), "{:?}", plan.tags);
    assert!(!calls.iter().any(|call| call.contains("agent ") || call.contains("user ci-deploy")), "{calls:?}");
    assert!(judged(&rails, &plan, Who::Commander, &["many"]).allowed);
}
