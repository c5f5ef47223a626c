//! Properties of the order, over random runbooks.

use std::collections::{BTreeSet, HashMap};

use proptest::prelude::*;

use super::{EdgeKind, Join, check};
use crate::actions::registry;
use crate::base::StepId;
use crate::runbook::{Code, Phase, Source, find, render};

const HEAD: &str = "quell: 1\nname: t\ntitle: t\n";

fn gates(edges: &[BTreeSet<usize>]) -> String {
    let mut text = format!("{HEAD}steps:\n");
    for (step, waits) in edges.iter().enumerate() {
        let (needs, after): (Vec<_>, Vec<_>) =
            waits.iter().map(|other| format!("s{other}")).partition(|one| one.len() % 2 == 0);
        text.push_str(&format!(
            "  - {{ id: s{step}, phase: contain, gate: confirm, message: x, needs: [{}], after: [{}] }}\n",
            needs.join(", "),
            after.join(", ")
        ));
    }
    text
}

/// For each step, those that it waits for: any, in whatever direction.
fn any_edges() -> impl Strategy<Value = Vec<BTreeSet<usize>>> {
    (2_usize..30).prop_flat_map(|steps| prop::collection::vec(prop::collection::btree_set(0..steps, 0..3), steps))
}

/// The same, only backwards in a hidden order.
fn no_circles() -> impl Strategy<Value = Vec<BTreeSet<usize>>> {
    (any_edges(), any::<u64>()).prop_map(|(edges, seed)| {
        let steps = edges.len();
        let hidden = |step: usize| (step as u64).wrapping_mul(seed | 1).rotate_left(17) ^ seed;
        let earlier = |one: usize, two: usize| (hidden(one), one) < (hidden(two), two);
        (0..steps).map(|step| edges[step].iter().copied().filter(|other| earlier(*other, step)).collect()).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_keeps_every_edge(edges in no_circles()) {
        let checked = check(Source::new("t", gates(&edges)), registry());
        let (_, graph) = checked.runbook.expect("there is no circle");
        let place: HashMap<StepId, usize> = graph.steps().enumerate().map(|(at, node)| (node.step.clone(), at)).collect();
        prop_assert_eq!(place.len(), edges.len());
        let mut count = 0;
        for node in graph.steps() {
            for (other, _) in graph.waits_for(&node.step) {
                prop_assert!(place[other] < place[&node.step]);
                count += 1;
            }
        }
        prop_assert_eq!(count, edges.iter().map(BTreeSet::len).sum::<usize>());
        let layers = graph.layers(Phase::Contain);
        let layer: HashMap<&StepId, usize> =
            layers.iter().enumerate().flat_map(|(at, nodes)| nodes.iter().map(move |node| (&node.step, at))).collect();
        for node in graph.steps() {
            for (other, _) in graph.waits_for(&node.step) {
                prop_assert!(layer[other] < layer[&node.step]);
            }
        }
    }

    #[test]
    fn a_circle_that_is_shown_is_one(edges in any_edges()) {
        let checked = check(Source::new("t", gates(&edges)), registry());
        let circles: Vec<_> = checked.diagnostics.iter().filter(|one| one.code == Code::Cycle).collect();
        prop_assert_eq!(checked.runbook.is_none(), !circles.is_empty());
        for circle in circles {
            let path: Vec<usize> = match circle.message.split_once("circle: ") {
                Some((_, path)) => path.split(" → ").map(|step| step[1..].parse().expect("a number")).collect(),
                None => {
                    let step: usize = circle.message.split('`').nth(1).expect("a step")[1..].parse().expect("a number");
                    vec![step, step]
                }
            };
            prop_assert!(path.len() >= 2 && path.first() == path.last());
            for pair in path.windows(2) {
                prop_assert!(edges[pair[0]].contains(&pair[1]), "s{} does not wait for s{}", pair[0], pair[1]);
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(at in 0.0..1.0_f64, cut in 0_usize..40, put in "[\\PC\n]{0,12}") {
        let source = find("rogue-bedrock-agent").expect("it is embedded");
        let mut text: Vec<char> = source.text().chars().collect();
        let at = (text.len() as f64 * at) as usize;
        let end = (at + cut).min(text.len());
        text.splice(at..end, put.chars());
        let checked = check(Source::new("t", text.into_iter().collect::<String>()), registry());
        let shown = render(&checked.diagnostics, &checked.source, false);
        prop_assert_eq!(shown.is_empty(), checked.diagnostics.is_empty());
    }
}

#[test]
fn ten_thousand_steps_compile() {
    let role = "parameters: { p: { type: iam_arn } }\n";
    let mut text = format!("{HEAD}{role}steps:\n");
    for step in 0..10_000 {
        let before = if step == 0 { String::new() } else { format!(", after: [s{}]", step - 1) };
        text.push_str(&format!("- {{id: s{step}, phase: contain, gate: confirm, message: x{before}}}\n"));
    }
    let checked = check(Source::new("t", text), registry());
    let (_, graph) = checked.runbook.expect("it is sound");
    let edges: usize = graph.steps().map(|node| graph.waits_for(&node.step).len()).sum();
    assert_eq!((graph.steps().count(), edges), (10_000, 9_999));
}

#[test]
fn many_steps_on_one_thing_stay_linear() {
    let mut text = format!("{HEAD}parameters: {{ p: {{ type: iam_arn }} }}\nsteps:\n");
    for step in 0..500 {
        text.push_str(&format!(
            "- {{id: l{step}, phase: contain, action: iam.lock-trust, with: {{role: \"${{{{ parameters.p }}}}\"}}}}\n"
        ));
        text.push_str(&format!(
            "- {{id: f{step}, phase: contain, action: iam.revoke-sessions, with: {{principal: \"${{{{ parameters.p }}}}\"}}}}\n"
        ));
    }
    let (_, graph) = check(Source::new("t", text), registry()).runbook.expect("it is sound");
    let edges: usize = graph.steps().map(|node| graph.waits_for(&node.step).len()).sum();
    assert_eq!(edges, 999);
}

#[test]
fn a_silent_author_gets_the_order_that_aws_demands() {
    let text = format!(
        "{HEAD}parameters: {{ p: {{ type: iam_arn }}, q: {{ type: iam_arn }} }}\nsteps:\n\
         - {{ id: case, phase: contain, action: support.open-case, with: {{ business_impact: x }} }}\n\
         - {{ id: freeze, phase: contain, action: iam.revoke-sessions, with: {{ principal: \"${{{{ parameters.p }}}}\" }} }}\n\
         - {{ id: other, phase: contain, action: iam.revoke-sessions, with: {{ principal: \"${{{{ parameters.q }}}}\" }} }}\n\
         - {{ id: lock, phase: contain, action: iam.lock-trust, with: {{ role: \"${{{{ parameters.p }}}}\" }} }}\n\
         - {{ id: rogue, phase: contain, query: bedrock.agents }}\n\
         - {{ id: delete, phase: eradicate, action: bedrock.delete-agent, for_each: \"${{{{ steps.rogue.items }}}}\", with: {{ agent: \"${{{{ item }}}}\" }} }}\n\
         - {{ id: pause, phase: eradicate, action: bedrock.pause-agent, for_each: \"${{{{ steps.rogue.items.filter(a, a.name == 'x') }}}}\", \
         with: {{ agent: {{ id: \"${{{{ item.id }}}}\", region: \"${{{{ item.region }}}}\" }} }} }}\n"
    );
    let checked = check(Source::new("t", text), registry());
    assert_eq!(render(&checked.diagnostics, &checked.source, false), "");
    let (_, graph) = checked.runbook.expect("it is sound");
    let hazards = |step: &str| -> Vec<(String, &str, Join)> {
        let id = StepId::new(step).expect("an id");
        let waits = graph.waits_for(&id);
        waits
            .into_iter()
            .filter_map(|(other, edge)| match edge.kind {
                EdgeKind::Hazard(rule) => Some((other.to_string(), rule.name, edge.join)),
                _ => None,
            })
            .collect()
    };
    assert_eq!(hazards("freeze"), [("lock".to_owned(), "trust-lock-before-revoke", Join::All)]);
    assert_eq!(hazards("other"), [], "whether it is the same role is seen in the plan");
    assert_eq!(hazards("delete"), [("pause".to_owned(), "pause-before-delete", Join::ItemByItem)]);
    let before_case: Vec<String> = hazards("case").into_iter().map(|(step, ..)| step).collect();
    assert_eq!(
        before_case,
        ["freeze", "other"],
        "all that contains, the lock by way of `freeze`, and nothing of another phase"
    );
}

#[test]
fn what_is_only_perhaps_the_same_does_not_contradict() {
    let text = |paused: &str| {
        format!(
            "{HEAD}steps:\n- {{ id: rogue, phase: contain, query: bedrock.agents }}\n\
             - {{ id: delete, phase: eradicate, action: bedrock.delete-agent, for_each: \"${{{{ steps.rogue.items.filter(a, a.name == 'x') \
             }}}}\", with: {{ agent: \"${{{{ item }}}}\" }} }}\n\
             - {{ id: pause, phase: eradicate, action: bedrock.pause-agent, for_each: \"${{{{ steps.rogue.items.filter(a, a.name == '{paused}') \
             }}}}\", with: {{ agent: \"${{{{ item }}}}\" }}, after: [delete] }}\n"
        )
    };
    assert!(check(Source::new("t", text("y")), registry()).runbook.is_some());
    let checked = check(Source::new("t", text("x")), registry());
    assert_eq!(checked.diagnostics.iter().map(|one| one.code).collect::<Vec<_>>(), [Code::ContradictsAws]);
}

#[test]
fn a_deny_waits_for_nobodys_answer() {
    let edges = |lock: &str, freeze: &str| {
        let text = format!(
            "{HEAD}parameters: {{ p: {{ type: iam_arn }} }}\nsteps:\n\
             - {{ id: sure, phase: contain, gate: confirm, message: x }}\n\
             - {{ id: other, phase: contain, gate: confirm, message: x }}\n\
             - {{ id: between, phase: contain, query: bedrock.agents, after: [sure] }}\n\
             - {{ id: lock, phase: contain, action: iam.lock-trust, with: {{ role: \"${{{{ parameters.p }}}}\" }}{lock} }}\n\
             - {{ id: case, phase: contain, action: support.open-case, with: {{ business_impact: x }} }}\n\
             - {{ id: freeze, phase: contain, action: iam.revoke-sessions, with: {{ principal: \"${{{{ parameters.p }}}}\" }}{freeze} }}\n"
        );
        let (_, graph) = check(Source::new("t", text), registry()).runbook.expect("it is sound");
        let hazards = |step: &str| -> Vec<String> {
            let id = StepId::new(step).expect("an id");
            let waits = graph.waits_for(&id).into_iter();
            waits.filter(|(_, edge)| edge.kind.rule().is_some()).map(|(other, _)| other.to_string()).collect()
        };
        let order: Vec<String> = graph.steps().map(|node| node.step.to_string()).collect();
        let place = |step: &str| order.iter().position(|other| other == step).expect("it is there");
        (hazards("freeze"), hazards("case"), place("freeze") < place("lock"))
    };
    let of = |freeze: &[&str], case: &[&str], first: bool| {
        let names = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        (names(freeze), names(case), first)
    };
    assert_eq!(edges("", ""), of(&["lock"], &["freeze"], false));
    // In the plan, where both work on one role, the lock then waits for the deny.
    assert_eq!(edges(", needs: [sure]", ""), of(&[], &["freeze"], true));
    assert_eq!(edges(", after: [between]", ""), of(&[], &["freeze"], true), "by way of another step");
    assert_eq!(edges(", needs: [sure]", ", needs: [sure]"), of(&["lock"], &[], false), "they wait for one answer");
    assert_eq!(edges(", needs: [sure]", ", needs: [other]"), of(&[], &[], false), "they wait for two");
    assert_eq!(edges("", ", needs: [sure]"), of(&["lock"], &["lock"], false));
}
