//! `support.open-case`: what the support plan offers, and the case that is there already.

use quell::actions::Refusal;
use quell::journal::StepState;
use serde_json::{Value, json};

use super::{Bench, action, finds_nothing_to_do, refusal, scenario, set};

fn bench(with: &[(&str, Value)], account: &[(&str, Value)]) -> Bench {
    let mut scenario = scenario();
    let mut input = json!({ "business_impact": "The shop is slow." });
    account.iter().for_each(|(pointer, value)| set(&mut scenario, pointer, value.clone()));
    with.iter().for_each(|(member, value)| input[member] = value.clone());
    Bench::of_action("support.open-case", &input, &scenario, 1)
}

/// Opens the case, and gives what AWS was asked for.
async fn opened(bench: &Bench) -> Value {
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    let trail = bench.trail();
    let created: Vec<_> = trail.iter().filter(|event| event.event_name == "CreateCase").collect();
    assert_eq!(created.len(), 1);
    created[0].request_parameters.clone()
}

fn one(subject: &str) -> Value {
    json!({ "subject": subject, "body": "…" })
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn without_an_api_it_is_for_a_person() {
    let bench = bench(&[], &[("/account/support_plan", json!("basic"))]);
    let plan = bench.plan().await;
    let Some(Refusal::ByHand { instructions, .. }) = refusal(&plan) else { panic!("{:?}", action(&plan).outlook) };
    let text = instructions.join("\n");
    for part in ["https://support.console.aws.amazon.com/", "https://support.aws.amazon.com/#/contacts/", "chat"] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    // The text that the person pastes.
    let run = quell::run::run_so_far(&plan, vec![]);
    let known = action(&plan).of_registry().expect("an action");
    let body = known.compose("case-body", &plan.assignment(), &action(&plan).input, &run).expect("an input");
    assert!(body.expect("a text").contains("The shop is slow."));
    assert_eq!(bench.run(plan).await.state(), StepState::Manual);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn two_cases_are_for_a_person() {
    let cases = json!([one("[quell:INC-4711] one"), one("Re: [quell:INC-4711] two")]);
    let bench = bench(&[], &[("/account/cases", cases)]);
    let plan = bench.plan().await;
    assert!(matches!(refusal(&plan), Some(Refusal::Ambiguous { candidates }) if candidates.len() == 2));
    let ran = bench.run(plan).await;
    assert_eq!(ran.state(), StepState::Stuck);
    assert!(bench.trail().iter().all(|event| event.read_only));
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_case_of_the_incident_is_found_by_its_tag() {
    let ours = bench(&[], &[("/account/cases", json!([one("[quell:INC-4711] Help"), one("[quell:INC-4712] Other")]))]);
    assert!(finds_nothing_to_do(&ours.plan().await));
    let longer = bench(&[], &[("/account/cases", json!([one("[quell:INC-47110] Another incident")]))]);
    assert_eq!(opened(&longer).await["subject"].as_str().expect("a subject").find("[quell:INC-4711]"), Some(0));
    assert!(finds_nothing_to_do(&longer.plan().await));
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_severity_is_the_highest_that_is_offered() {
    for (plan, severity) in [("developer", "normal"), ("business", "urgent"), ("enterprise", "critical")] {
        let bench = bench(&[], &[("/account/support_plan", json!(plan))]);
        let asked = opened(&bench).await;
        assert_eq!(asked["severityCode"], severity, "{plan}");
        assert_eq!((&asked["issueType"], &asked["categoryCode"]), (&json!("customer-service"), &json!("security")));
    }
    let lower = bench(&[("severity", json!("urgent"))], &[("/account/support_plan", json!("developer"))]);
    let plan = lower.plan().await;
    assert!(action(&plan).story.notes.iter().any(|note| note.contains("severity normal")));
    assert_eq!(opened(&lower).await["severityCode"], "normal");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_language_that_is_not_offered_falls_back_to_english() {
    for (offered, language) in [(true, "ja"), (false, "en")] {
        let knob = ("/knobs/support_in_japanese", json!(offered));
        let bench = bench(&[("language", json!("ja"))], &[knob]);
        let plan = bench.plan().await;
        assert_eq!(action(&plan).story.notes.iter().any(|note| note.contains("in English")), !offered);
        assert_eq!(opened(&bench).await["language"], language);
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_file_that_cannot_be_read_is_a_refusal() {
    let bench = bench(&[("attachments", json!(["/nowhere/finding.pdf"]))], &[]);
    let plan = bench.plan().await;
    assert!(matches!(refusal(&plan), Some(Refusal::Missing { .. })));
    assert_eq!(bench.run(plan).await.state(), StepState::Refused);
}

/// What was said stays said when the next step closes the case, and is not said again, which would open it anew.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_case_is_told_how_it_ended_and_then_closed_in_one_run() {
    let mut scenario = scenario();
    set(&mut scenario, "/account/cases", json!([one("[quell:INC-4711] Help")]));
    let steps = json!([
        { "id": "tell", "action": "support.update-case", "with": { "message": "It is over.", "report": true } },
        { "id": "it", "action": "support.resolve-case", "with": {}, "needs": ["tell"] },
    ]);
    let bench = Bench::of_steps(steps, &scenario, 1);
    let ran = bench.go().await;
    for (key, step) in ran.end.fold.steps() {
        assert_eq!(step.state, StepState::Verified, "{key}");
    }
    let calls: Vec<String> =
        bench.trail().into_iter().filter(|event| !event.read_only).map(|event| event.event_name).collect();
    assert_eq!(calls, ["AddAttachmentsToSet", "AddCommunicationToCase", "ResolveCase"]);
    assert_eq!(bench.stage.range.state()["cases"][0]["resolved"], true);
}

/// Where no case was opened there is nobody to tell how it ended: that is for the runbook to say.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn without_a_case_nothing_is_said_where_the_runbook_says_so() {
    let step = |more: Value| {
        let mut with = json!({ "message": "It is over." });
        with.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        let steps = json!([
            { "id": "it", "action": "support.update-case", "with": with },
            { "id": "close", "action": "support.resolve-case", "with": {}, "needs": ["it"] },
        ]);
        Bench::of_steps(steps, &scenario(), 1)
    };
    let plan = step(json!({})).plan().await;
    assert!(matches!(refusal(&plan), Some(Refusal::Missing { .. })));
    let bench = step(json!({ "only_if_open": true }));
    let ran = bench.go().await;
    for (key, step) in ran.end.fold.steps() {
        assert_eq!(step.state, StepState::Verified, "{key}");
    }
    assert!(bench.trail().iter().all(|event| event.read_only));
}

/// What is no file is not opened: reading a pipe would keep the plan waiting for ever.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_is_no_file_is_not_attached() {
    for (path, why) in [("/dev/zero", "is no file"), ("/", "names no file"), ("/nowhere/at-all", "No such file")] {
        let plan = bench(&[("attachments", json!([path]))], &[]).plan().await;
        let refused = refusal(&plan).map(ToString::to_string).unwrap_or_default();
        assert!(refused.contains(path) && refused.contains(why), "{path}: {refused}");
    }
}

/// Nothing of a long text is lost where the reply to its beginning is, or a process dies in the middle: the case says what is to come.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_long_text_is_said_whole_whatever_happens_on_the_way() {
    let long = || ("business_impact", json!("The shop is slow.\n".repeat(440)));
    let said = |bench: &Bench| {
        let messages = bench.stage.range.state()["cases"][0]["communications"].as_array().map(Vec::len);
        (messages, bench.trail().iter().filter(|event| event.event_name == "CreateCase").count())
    };
    for kind in ["reset", "truncated", "timeout_before"] {
        let fault = json!([{ "operation": "CreateCase", "kind": kind }]);
        let bench = bench(&[long()], &[("/faults", fault)]);
        let ran = bench.go().await;
        assert_eq!(ran.state(), StepState::Verified, "{kind}: {}", ran.told());
        assert_eq!(said(&bench), (Some(2), 1), "{kind}: {}", ran.told());
    }
    let fault = json!([{ "operation": "AddCommunicationToCase", "kind": "access_denied" }]);
    let bench = bench(&[long()], &[("/faults", fault)]);
    assert_eq!(bench.go().await.state(), StepState::Failed);
    let plan = bench.plan().await;
    assert!(action(&plan).story.now.ends_with("part 2 of its text is not said"), "{}", action(&plan).story.now);
    assert_eq!((bench.run(plan).await.state(), said(&bench)), (StepState::Verified, (Some(2), 1)));
    assert!(finds_nothing_to_do(&bench.plan().await));
}
