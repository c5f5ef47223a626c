//! One case at least for each row of the table: what a silent author gets, and what a contrary one is told.

use std::collections::BTreeSet;

use super::aws_order::Side;
use super::{Graph, RULES, check};
use crate::actions::registry;
use crate::base::StepId;
use crate::runbook::{Code, Source, render};

/// An action and what it is given.
type Act = (&'static str, String);

/// Two steps that a row puts in order.
struct Case {
    rule: &'static str,
    first: Act,
    then: Act,
    /// Whether a contrary author is refused; otherwise the row gives way.
    certain: bool,
}

const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
const ID: &str = "00000000-0000-4000-8000-00000000000";

fn user(name: &str) -> String {
    format!("user: {name}")
}

fn role(member: &str) -> String {
    format!("{member}: \"${{{{ parameters.r }}}}\"")
}

fn base(id: &str) -> String {
    format!("knowledge_base: {{ id: {id}, region: eu-west-1 }}")
}

fn source(base: &str) -> String {
    format!("data_source: {{ id: DSDSDSDS01, knowledge_base: {base}, region: eu-west-1 }}")
}

/// What an application of Amazon Q Business holds.
fn held(member: &str, id: u8) -> String {
    format!("{member}: {{ id: {ID}{id}, application: {ID}1, region: eu-west-1 }}")
}

fn q_source(id: u8) -> String {
    format!("data_source: {{ id: {ID}{id}, application: {ID}1, index: {ID}2, region: eu-west-1 }}")
}

fn model(member: &str, of: &str) -> String {
    format!("{member}: {{ region: us-east-1, arn: \"arn:aws:bedrock:us-east-1:111122223333:{of}/abcdefghij01\" }}")
}

fn cases() -> Vec<Case> {
    let certain =
        |rule, first: (&'static str, String), then: (&'static str, String)| Case { rule, first, then, certain: true };
    let preferred =
        |rule, first: (&'static str, String), then: (&'static str, String)| Case { rule, first, then, certain: false };
    let agent = || "agent: { id: ABCDEFGHIJ, region: eu-west-1 }".to_owned();
    let application = || format!("application: {{ id: {ID}1, region: eu-west-1 }}");
    let of_user = || "principal: \"arn:aws:iam::111122223333:user/bob\"".to_owned();
    let key = |of: &str| format!("user: {of}, key: AKIAIOSFODNN7EXAMPLE");
    let only_key = || format!("{}, only: [AKIAIOSFODNN7EXAMPLE]", user("bob"));
    let new_key = || ("iam.create-access-key", format!("{}, seal_to: [{RECIPIENT}]", user("bob")));
    let flow = || "flow: { id: FLOWFLOW01, region: eu-west-1 }".to_owned();
    let drop_role = || ("iam.delete-role", role("role"));
    let lock = || ("iam.lock-trust", role("role"));
    let policy = || ("iam.delete-policy", "policy: \"arn:aws:iam::111122223333:policy/backdoor\"".to_owned());
    let log = || ("bedrock.restore-invocation-logging", "region: us-east-1, as_of: 2026-11-22T00:00:00Z".to_owned());
    let case = || ("support.open-case", "business_impact: x".to_owned());
    let lift =
        || ("iam.lift-denies", "principal: \"${{ parameters.u }}\", contained_at: 2026-11-22T00:00:00Z".to_owned());
    let mut cases = vec![
        certain("trust-lock-before-revoke", lock(), ("iam.revoke-sessions", role("principal"))),
        certain("keys-before-revoke", ("iam.deactivate-access-keys", user("bob")), ("iam.revoke-sessions", of_user())),
        certain("keys-before-revoke", ("iam.deactivate-access-keys", only_key()), ("iam.revoke-sessions", of_user())),
        certain("keys-before-a-new-one", ("iam.deactivate-access-keys", user("bob")), new_key()),
        certain(
            "service-credentials-before-revoke",
            ("iam.deactivate-service-credentials", user("bob")),
            ("iam.revoke-sessions", of_user()),
        ),
        certain(
            "keys-before-deletion",
            ("iam.deactivate-access-keys", user("bob")),
            ("iam.delete-access-key", key("bob")),
        ),
        preferred(
            "keys-before-deletion",
            ("iam.deactivate-access-keys", user("eve")),
            ("iam.delete-access-key", key("bob")),
        ),
        preferred(
            "knowledge-bases-before-their-role",
            ("bedrock.delete-knowledge-base", base("KBKBKBKB01")),
            drop_role(),
        ),
        preferred("data-sources-before-their-role", ("bedrock.delete-data-source", source("KBKBKBKB01")), drop_role()),
        preferred("q-data-sources-before-their-role", ("q.delete-data-source", q_source(3)), drop_role()),
        preferred("q-retrievers-before-their-role", ("q.delete-retriever", held("retriever", 3)), drop_role()),
        preferred("roles-last", ("bedrock.delete-agent", agent()), drop_role()),
        preferred("roles-last", ("bedrock.delete-flow", flow()), drop_role()),
        preferred("roles-last", ("q.delete-application", application()), drop_role()),
        preferred("roles-last", ("q.delete-index", held("index", 3)), drop_role()),
        preferred("roles-last", ("q.delete-plugin", held("plugin", 3)), drop_role()),
        preferred("roles-last", ("q.delete-web-experience", held("web_experience", 3)), drop_role()),
        preferred(
            "q-retrievers-before-their-index",
            ("q.delete-retriever", held("retriever", 3)),
            ("q.delete-index", held("index", 4)),
        ),
        preferred("knowledge-bases-before-a-trust-lock", ("bedrock.delete-knowledge-base", base("KBKBKBKB01")), lock()),
        preferred("data-sources-before-a-trust-lock", ("bedrock.delete-data-source", source("KBKBKBKB01")), lock()),
        preferred("q-applications-before-a-trust-lock", ("q.delete-application", application()), lock()),
        preferred("q-data-sources-before-a-trust-lock", ("q.delete-data-source", q_source(3)), lock()),
        preferred("q-retrievers-before-a-trust-lock", ("q.delete-retriever", held("retriever", 3)), lock()),
        certain(
            "syncs-stop-before-sources-go",
            ("bedrock.stop-ingestion", base("KBKBKBKB01")),
            ("bedrock.delete-data-source", source("KBKBKBKB01")),
        ),
        preferred(
            "syncs-stop-before-sources-go",
            ("bedrock.stop-ingestion", base("KBKBKBKB02")),
            ("bedrock.delete-data-source", source("KBKBKBKB01")),
        ),
        certain("q-syncs-stop-before-sources-go", ("q.stop-sync", q_source(3)), ("q.delete-data-source", q_source(3))),
        preferred(
            "q-syncs-stop-before-sources-go",
            ("q.stop-sync", q_source(3)),
            ("q.delete-data-source", q_source(4)),
        ),
        preferred("policies-after-those-who-have-them", ("iam.delete-user", user("bob")), policy()),
        preferred("policies-after-those-who-have-them", drop_role(), policy()),
        preferred(
            "deployments-before-throughput",
            ("bedrock.delete-custom-model-deployment", model("deployment", "custom-model-deployment")),
            ("bedrock.delete-provisioned-throughput", model("throughput", "provisioned-model")),
        ),
        certain("pause-before-tools-go", ("bedrock.pause-agent", agent()), ("bedrock.disable-agent-tools", agent())),
        certain("pause-before-delete", ("bedrock.pause-agent", agent()), ("bedrock.delete-agent", agent())),
        certain(
            "destroy-last",
            ("bedrock.retain-data", source("KBKBKBKB01")),
            ("bedrock.delete-data-source", source("KBKBKBKB01")),
        ),
        certain(
            "children-before-parents",
            ("bedrock.retain-data", source("KBKBKBKB01")),
            ("bedrock.delete-knowledge-base", base("KBKBKBKB01")),
        ),
        preferred("containment-before-case", ("bedrock.pause-agent", agent()), case()),
        preferred("containment-before-case", ("q.disable-plugin", held("plugin", 3)), case()),
        preferred("containment-before-case", ("q.stop-sync", q_source(3)), case()),
        preferred("containment-before-case", lock(), case()),
        preferred("containment-before-case", lock(), ("support.update-case", "message: x".to_owned())),
        preferred("denies-come-off-last", log(), lift()),
        preferred("denies-come-off-last", ("iam.delete-access-key", key("bob")), lift()),
    ];
    for (deny, with) in [
        ("iam.deny-ai-services", role("principal")),
        ("iam.deny-everything", role("principal")),
        ("iam.deny-from-outside", format!("{}, ip_ranges: [192.0.2.0/24]", role("principal"))),
        ("iam.deny-session", format!("{}, session: i-0abc1234", role("role"))),
        ("iam.deny-session-started-at", format!("{}, started_at: 2026-11-22T02:20:05Z", role("principal"))),
        ("iam.quarantine", of_user()),
        ("iam.revoke-sessions", role("principal")),
    ] {
        cases.push(preferred("deny-before-the-log-is-back", (deny, with.clone()), log()));
        cases.push(preferred("deny-before-what-was-made-goes", (deny, with), ("bedrock.delete-agent", agent())));
    }
    cases
}

fn runbook(first: &Act, then: &Act, contrary: bool) -> String {
    let step = |id: &str, (action, with): &Act, more: &str| {
        format!("- {{ id: {id}, phase: eradicate, action: {action}, with: {{ {with} }}{more} }}\n")
    };
    format!(
        "quell: 1\nname: t\ntitle: t\nparameters: {{ r: {{ type: iam_arn }}, u: {{ type: iam_arn }} }}\nsteps:\n{}{}",
        step("then", then, ""),
        step("first", first, if contrary { ", after: [then]" } else { "" })
    )
}

fn rules_before(graph: &Graph, step: &str) -> Vec<&'static str> {
    let waits = graph.waits_for(&StepId::new(step).expect("an id"));
    waits.iter().filter_map(|(_, edge)| edge.kind.rule()).map(|rule| rule.name).collect()
}

/// Errors that a text has, by code; a parameter that a case does not need is none.
fn errors(text: &str) -> (BTreeSet<Code>, String) {
    let checked = check(Source::new("t", text.to_owned()), registry());
    let codes = checked.diagnostics.iter().map(|one| one.code).filter(|code| *code != Code::UnusedParameter);
    (codes.collect(), render(&checked.diagnostics, &checked.source, false))
}

#[test]
fn a_silent_author_gets_each_order() {
    for Case { rule, first, then, .. } in cases() {
        let checked = check(Source::new("t", runbook(&first, &then, false)), registry());
        let shown = render(&checked.diagnostics, &checked.source, false);
        let (_, graph) = checked.runbook.unwrap_or_else(|| panic!("{rule}: {shown}"));
        assert_eq!(rules_before(&graph, "then"), [rule], "{} before {}", first.0, then.0);
    }
}

#[test]
fn a_contrary_author_is_told_both_lines_where_it_is_certain() {
    for Case { rule, first, then, certain } in cases() {
        let text = runbook(&first, &then, true);
        let (codes, shown) = errors(&text);
        if certain {
            assert_eq!(codes, BTreeSet::from([Code::ContradictsAws]), "{rule}: {shown}");
            assert!(shown.contains("`first` (line 7) must come before `then` (line 6)"), "{shown}");
            assert!(shown.contains(&format!("{rule}: ")), "{shown}");
        } else {
            assert_eq!(codes, BTreeSet::new(), "{rule}: {shown}");
            let (_, graph) = check(Source::new("t", text), registry()).runbook.expect("it is sound");
            assert!(rules_before(&graph, "then").is_empty() && rules_before(&graph, "first").is_empty(), "{rule}");
        }
    }
}

#[test]
fn every_row_has_its_cases() {
    let cases = cases();
    for rule in RULES {
        let of: Vec<&Case> = cases.iter().filter(|case| case.rule == rule.name).collect();
        assert!(!of.is_empty(), "no case for `{}`", rule.name);
        let has = |side: &Side, act: fn(&Case) -> &Act| {
            let Side::Of(actions) = side else { return };
            for action in *actions {
                assert!(of.iter().any(|case| act(case).0 == *action), "no case for `{action}` of `{}`", rule.name);
            }
        };
        has(&rule.first, |case| &case.first);
        has(&rule.then, |case| &case.then);
    }
    assert!(cases.iter().all(|case| RULES.iter().any(|rule| rule.name == case.rule)));
}

/// Stolen keys stop first, then their sessions end; that the rest of the keys go later contradicts nothing.
#[test]
fn one_step_in_time_keeps_an_order() {
    let text = |phase: &str, first: &str, rest: &str| {
        format!(
            "quell: 1\nname: t\ntitle: t\nsteps:\n{first}\
             - {{ id: end, phase: contain, action: iam.revoke-sessions, with: {{ principal: \"arn:aws:iam::111122223333:user/bob\" }} }}\n\
             - {{ id: rest, phase: {phase}, action: iam.deactivate-access-keys, with: {{ user: bob }}{rest} }}\n"
        )
    };
    let stolen = "- { id: stolen, phase: contain, action: iam.deactivate-access-keys, with: { user: bob, only: [AKIAIOSFODNN7EXAMPLE] } }\n";
    for (phase, rest) in [("eradicate", ""), ("contain", ", after: [end]")] {
        let (codes, shown) = errors(&text(phase, stolen, rest));
        assert_eq!(codes, BTreeSet::new(), "{shown}");
        let (codes, shown) = errors(&text(phase, "", rest));
        assert_eq!(codes, BTreeSet::from([Code::ContradictsAws]), "{shown}");
    }
    let (_, graph) = check(Source::new("t", text("eradicate", stolen, "")), registry()).runbook.expect("it is sound");
    assert_eq!(rules_before(&graph, "end"), ["keys-before-revoke"]);
    // Not so where the rest meets what came between.
    let act = |id: &str, after: &str| {
        format!(
            "- {{ id: {id}, phase: eradicate, action: iam.deactivate-access-keys, with: {{ user: bob }}{after} }}\n"
        )
    };
    let new = format!(
        "- {{ id: new, phase: eradicate, action: iam.create-access-key, with: {{ user: bob, seal_to: [{RECIPIENT}] }} }}\n"
    );
    let text =
        format!("quell: 1\nname: t\ntitle: t\nsteps:\n{}{new}{}", act("stolen", ""), act("all", ", after: [new]"));
    let (codes, shown) = errors(&text);
    assert_eq!(codes, BTreeSet::from([Code::ContradictsAws]), "{shown}");
    // What is not read before it is gone is not read: another look before does not help.
    let retain = "action: bedrock.retain-data, with: { data_source: { id: DSDSDSDS01, knowledge_base: KBKBKBKB01, region: eu-west-1 } }";
    let gone = retain.replace("retain-data", "delete-data-source");
    let (codes, _) = errors(&format!(
        "quell: 1\nname: t\ntitle: t\nsteps:\n- {{ id: a, phase: eradicate, {retain} }}\n- {{ id: b, phase: eradicate, {gone} }}\n\
         - {{ id: c, phase: recover, {retain} }}\n"
    ));
    assert_eq!(codes, BTreeSet::from([Code::ContradictsAws]));
}

/// A key is changed without an outage: the new one first, and then the old one by its name. All of them are never deactivated after it.
#[test]
fn old_keys_stop_by_their_names_after_a_new_one_is_there() {
    let text = |only: &str| {
        format!(
            "quell: 1\nname: t\ntitle: t\nsteps:\n\
             - {{ id: make, phase: eradicate, action: iam.create-access-key, with: {{ user: bob, seal_to: [{RECIPIENT}] }} }}\n\
             - {{ id: retire, phase: eradicate, action: iam.deactivate-access-keys, with: {{ user: bob{only} }}, after: [make] }}\n"
        )
    };
    for only in [", only: [AKIAIOSFODNN7EXAMPLE]", ", only: []"] {
        let (codes, shown) = errors(&text(only));
        assert_eq!(codes, BTreeSet::new(), "{shown}");
    }
    let (codes, shown) = errors(&text(""));
    assert_eq!(codes, BTreeSet::from([Code::ContradictsAws]), "{shown}");
}

#[test]
fn another_key_than_the_one_that_stops_may_go_first() {
    let text = "quell: 1\nname: t\ntitle: t\nsteps:\n\
                - { id: gone, phase: eradicate, action: iam.delete-access-key, with: { user: bob, key: AKIAIOSFODNN7EXAMPLE } }\n\
                - { id: stop, phase: eradicate, action: iam.deactivate-access-keys, with: { user: bob, only: [AKIAI44QH8DHBEXAMPLE] }, after: [gone] }\n";
    let (codes, shown) = errors(text);
    assert_eq!(codes, BTreeSet::new(), "{shown}");
}

/// Two preferences that together run against the author give way, one of them at least.
#[test]
fn preferences_give_way_to_each_other() {
    let text = "quell: 1\nname: t\ntitle: t\nparameters: { r: { type: iam_arn } }\nsteps:\n\
                - { id: case, phase: eradicate, action: support.open-case, with: { business_impact: x } }\n\
                - { id: agent, phase: eradicate, action: bedrock.delete-agent, with: { agent: { id: ABCDEFGHIJ, region: eu-west-1 } }, after: [case] }\n\
                - { id: role, phase: eradicate, action: iam.delete-role, with: { role: \"${{ parameters.r }}\" } }\n\
                - { id: pause, phase: eradicate, action: iam.deactivate-access-keys, with: { user: bob }, after: [role] }\n";
    let (codes, shown) = errors(text);
    assert_eq!(codes, BTreeSet::new(), "{shown}");
    let (_, graph) = check(Source::new("t", text.to_owned()), registry()).runbook.expect("it is sound");
    assert_eq!(rules_before(&graph, "role"), ["roles-last"]);
    assert!(rules_before(&graph, "case").is_empty());
}

/// A user and a role of one name are two things.
#[test]
fn a_namesake_of_another_kind_is_another_thing() {
    let text = "quell: 1\nname: t\ntitle: t\nsteps:\n\
                - { id: gone, phase: eradicate, action: iam.delete-role, with: { role: \"arn:aws:iam::111122223333:role/bob\" } }\n\
                - { id: key, phase: eradicate, action: iam.delete-access-key, with: { user: bob, key: AKIAIOSFODNN7EXAMPLE }, after: [gone] }\n";
    let (codes, shown) = errors(text);
    assert_eq!(codes, BTreeSet::new(), "{shown}");
}
