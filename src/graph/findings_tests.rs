//! One case for each code: where it is found, and what it says to do.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{Checked, check};
use crate::actions::registry;
use crate::base::StepId;
use crate::runbook::{Code, Diagnostic, Scope, Source, render};

const HEAD: &str = "quell: 1\nname: test\ntitle: A test\n";
const ROLE: &str = "parameters:\n  role: { type: iam_arn }\n  since: { type: timestamp, optional: true }\n";
const LOCK: &str =
    "  - { id: lock, phase: contain, action: iam.lock-trust, with: { role: \"${{ parameters.role }}\" } }\n";
const FREEZE: &str = "  - { id: freeze, phase: contain, action: iam.revoke-sessions, with: { principal: \"${{ parameters.role }}\" } }\n";
const ROGUE: &str = "  - { id: rogue, phase: contain, query: bedrock.agents }\n";
const GATE: &str = "  - { id: sure, phase: contain, gate: confirm, message: Sure? }\n";

fn checked(text: &str) -> Checked {
    check(Source::new("test.yaml", text), registry())
}

/// The findings, one a line: code, place, message, help.
fn found(text: &str) -> String {
    let checked = checked(text);
    checked
        .diagnostics
        .iter()
        .map(|one| {
            let help = one.help.as_deref().unwrap_or("-");
            format!("{} {}:{} {} | {help}\n", one.code, one.line, one.column, one.message)
        })
        .collect()
}

/// A runbook with these steps, which start on line 8.
fn steps(steps: &[&str]) -> String {
    format!("{HEAD}{ROLE}steps:\n{}", steps.concat())
}

/// What a code is found by: a text with a `§` before the place of the finding, and a part of its help.
struct Case {
    code: Code,
    help: &'static str,
    text: String,
}

fn cases() -> Vec<Case> {
    let case = |code, help, text: &str| Case { code, help, text: text.to_owned() };
    let step = |code, help, rest: &str| Case {
        code,
        help,
        text: steps(&[&format!("  - {{ id: x, phase: contain, {rest} }}\n")]),
    };
    let with = |code, help, with: &str| step(code, help, &format!("action: iam.revoke-sessions, with: {with}"));
    let top = |code, help, rest: &str| Case { code, help, text: format!("{HEAD}{rest}") };
    let gate =
        |id: &str, rest: &str| format!("  - {{ id: {id}, phase: contain, gate: confirm, message: x, {rest} }}\n");
    vec![
        case(Code::NotYaml, "indentation", "quell: 1\nname: [a\n§"),
        case(Code::NotYaml, "own file", "quell: 1\n§---\nname: x\n"),
        case(Code::TooLarge, "split", &format!("§{}", "#".repeat((1 << 20) + 1))),
        case(Code::TooDeep, "no part", &format!("a: {}§{}", "[".repeat(31), "[]".to_owned() + &"]".repeat(31))),
        case(Code::TooDeep, "no part", &format!("a: {}§{}", "[".repeat(255), "[".repeat(45))),
        case(Code::TooManyNodes, "fewer aliases", &laughs(2_000, 200)),
        case(Code::TooManyAliases, "write the values out", &format!("a: [&x y{}, §*x]\n", ", *x".repeat(1_000))),
        case(Code::UnknownTag, "take the tag away", "quell: 1\nname: §!secret x\n"),
        case(Code::DuplicateKey, "keep one", "quell: 1\nname: test\n§name: other\n"),
        top(Code::UnknownField, "did you mean `use_when`?", "§use_wen: x\n"),
        step(Code::UnknownField, "did you mean `message`?", "gate: confirm, §masage: x"),
        with(Code::UnknownField, "did you mean `principal`?", "{ §principle: x }"),
        case(Code::MissingField, "phase: contain", &steps(&["  - §{ id: x, gate: confirm, message: x }\n"])),
        case(Code::MissingField, "`action`, `query` and `gate`", &steps(&["  - { id: §x, phase: contain }\n"])),
        top(Code::MissingField, "list of steps", "steps: §[]\n"),
        case(Code::Repeated, "take it away", &steps(&[&gate("a", "needs: [freeze, §freeze]"), FREEZE])),
        step(Code::Repeated, "what was meant", "query: bedrock.agents, regions: [eu-west-1, §eu-west-1]"),
        step(Code::MisplacedField, "only an action", "gate: confirm, message: x, §for_each: []"),
        step(Code::MisplacedField, "a step has one of", "gate: confirm, message: x, §query: bedrock.agents"),
        step(Code::WrongType, "write a list", "query: bedrock.agents, needs: §freeze"),
        step(Code::WrongType, "in quotes", "gate: confirm, message: x, title: §5"),
        step(Code::WrongType, "such as", "action: bedrock.pause-agent, for_each: §agents"),
        step(Code::WrongType, "the default of a parameter", "action: bedrock.pause-agent, for_each: §[one, two]"),
        with(Code::WrongType, "`principal` is an `iam_arn`", "{ principal: §5 }"),
        case(
            Code::InvalidValue,
            "did you mean `contain`?",
            &steps(&["  - { id: x, phase: §contian, gate: confirm, message: x }\n"]),
        ),
        top(Code::InvalidValue, "did you mean `iam_arn`?", "parameters: { role: { type: §iam_anr } }\n"),
        top(Code::InvalidValue, "ids look like", "techniques: { attack: [§X1] }\n"),
        top(Code::WrongType, "in quotes", "parameters: { who: { type: aws_account_id, default: §111122223333 } }\n"),
        case(Code::NotYet, "newer quell", "quell: §2\nname: test\n"),
        step(Code::NotYet, "until then", "gate: §approval, message: x"),
        step(Code::UnknownAction, "did you mean `iam.revoke-sessions`?", "action: §iam.revoke-session"),
        step(Code::UnknownAction, "is a query: write `query: bedrock.agents`", "action: §bedrock.agents"),
        step(Code::UnknownQuery, "did you mean `bedrock.agents`?", "query: §bedrock.agent"),
        with(Code::UnknownParameter, "did you mean `role`?", "{ principal: \"${{ §parameters.rol }}\" }"),
        top(
            Code::UnknownParameter,
            "there is `a`",
            "parameters: { a: { type: string, default: x }, b: { type: string, default: \"${{ §parameters.c }}\" } }\n",
        ),
        case(Code::UnknownStep, "did you mean `freeze`?", &steps(&[&gate("a", "needs: [§freze]"), FREEZE])),
        step(Code::UnknownStep, "no queries", "gate: confirm, message: \"${{ size(§steps.rogue.items) }}\""),
        case(Code::DuplicateId, "another id", &steps(&[&gate("a", ""), &gate("§a", "")])),
        with(Code::MissingInput, "The ARN of the role", "§{}"),
        top(
            Code::MissingInput,
            "has(parameters.role)",
            "parameters: { role: { type: iam_arn, optional: true } }\nsteps:\n  - { id: x, phase: contain, action: \
             iam.revoke-sessions, with: { principal: §\"${{ parameters.role }}\" } }\n",
        ),
        top(
            Code::MissingInput,
            "has(parameters.all)",
            "parameters: { all: { type: list<iam_arn>, optional: true } }\nsteps:\n  - { id: x, phase: contain, action: \
             iam.revoke-sessions, for_each: §\"${{ parameters.all }}\", with: { principal: \"${{ item }}\" } }\n",
        ),
        with(Code::BadInput, "an `iam_arn`", "{ principal: §nobody }"),
        with(Code::BadInput, "quell actions", "{ principal: §\"arn:aws:s3:::bucket\" }"),
        with(Code::ExpressionSyntax, "CEL", "{ principal: \"${{ parameters.role =§= }}\" }"),
        with(Code::ExpressionSyntax, "close", "{ principal: \"§${{ parameters.role\" }"),
        with(Code::ExpressionSubset, "runbooks know", "{ principal: \"${{ §uuid() }}\" }"),
        with(Code::ExpressionSubset, "split", &format!("{{ principal: \"${{{{ §{} }}}}\" }}", "a".repeat(2_000))),
        with(Code::ExpressionType, "for_each", "{ principal: \"${{ §[parameters.role] }}\" }"),
        step(
            Code::ExpressionType,
            "size(steps.rogue.items) > 0",
            "gate: confirm, message: x, when: \"${{ §parameters.role }}\"",
        ),
        step(Code::ExpressionValue, "no account", "gate: confirm, message: x, when: \"${{ §1 / 0 == 1 }}\""),
        step(Code::ExpressionValue, "no account", "gate: confirm, message: x, when: \"${{ §[1, 2][5] == 1 }}\""),
        step(
            Code::ExpressionValue,
            "no account",
            "gate: confirm, message: x, when: \"${{ §plan_time - duration('99999999h') < plan_time }}\"",
        ),
        step(Code::ExpressionType, "never joined", "gate: confirm, message: \"${{ §'a' + parameters.role }}\""),
        step(
            Code::ExpressionType,
            "did you mean `name`?",
            "action: bedrock.pause-agent, for_each: \"${{ steps.rogue.items.filter(a, §a.nam == 'x') }}\", with: { agent: \"${{ item }}\" } }\n  - { id: rogue, phase: contain, query: bedrock.agents",
        ),
        step(
            Code::ExpressionType,
            "two whole numbers",
            "gate: confirm, message: x, when: \"${{ §parameters.role < 1 }}\"",
        ),
        step(
            Code::InvalidValue,
            "such as `15m`",
            "action: iam.lock-trust, timeout: §0s, with: { role: \"${{ parameters.role }}\" }",
        ),
        step(Code::InvalidValue, "say what the person has to do", "gate: confirm, message: §\" \""),
        step(Code::UnknownStep, "no other step", "gate: confirm, message: x, needs: [§Nobody]"),
        top(Code::InvalidValue, "the type is `iam_arn`", "parameters: { role: { type: iam_arn, default: §nobody } }\n"),
        with(Code::PastedValue, "nothing from outside", "{ principal: §\"${{ parameters.role }}/x\" }"),
        step(
            Code::PastedValue,
            "nothing from outside",
            "query: bedrock.agents, with: { tags: { team: §\"x-${{ parameters.role }}\" } }",
        ),
        case(
            Code::Cycle,
            "take one",
            &steps(&[&gate("a", "after: [§c]"), &gate("b", "needs: [a]"), &gate("c", "after: [b]")]),
        ),
        case(Code::Cycle, "take one", &steps(&[&gate("a", "after: [§a]")])),
        case(
            Code::ContradictsAws,
            "trust-lock-before-revoke",
            &steps(&[FREEZE, LOCK.trim_end_matches(" }\n"), ", after: [§freeze] }\n"]),
        ),
        case(
            Code::PhaseOrder,
            "phases are applied",
            &steps(&[&gate("a", "needs: [§b]"), "  - { id: b, phase: recover, gate: confirm, message: x }\n"]),
        ),
        case(
            Code::DestroysInContain,
            "move it to `eradicate`",
            &steps(&[
                ROGUE,
                "  - { id: §gone, phase: contain, action: bedrock.delete-agent, for_each: \"${{ steps.rogue.items }}\", \
                 with: { agent: \"${{ item }}\" } }\n",
            ]),
        ),
        case(
            Code::DestroysInContain,
            "can be taken back",
            &steps(&[
                "  - { id: §gone, phase: contain, action: iam.delete-role, with: { role: \"${{ parameters.role }}\" } }\n",
            ]),
        ),
        step(Code::Unreachable, "take the step away", "gate: confirm, message: x, when: §false"),
        top(Code::UnusedParameter, "use it", &format!("parameters: {{ §role: {{ type: iam_arn }} }}\nsteps:\n{GATE}")),
    ]
}

/// A value that repeats itself by aliases: `width` × `uses` values.
fn laughs(width: usize, uses: usize) -> String {
    let list = vec!["x"; width].join(",");
    let aliases = vec!["*a"; uses].join(",");
    // The one that is too much, where the test for places looks for it.
    let fits = 300_000 / (width + 1) * 3;
    format!(
        "a: &a [{list}]\nb: [{}§{}]\n",
        &aliases[..fits.min(aliases.len()) - 3],
        &aliases[fits.min(aliases.len()) - 3..]
    )
}

#[test]
fn every_code_is_found_at_its_place() {
    let mut seen = BTreeSet::new();
    let mut wrong = String::new();
    for Case { code, help, text } in cases() {
        seen.insert(code);
        let before = text.split('§').next().expect("a first part");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        let text = text.replacen('§', "", 1);
        let is_it = |one: &Diagnostic| {
            one.code == code
                && (one.line, one.column) == (line, column)
                && one.help.as_deref().unwrap_or("-").contains(help)
        };
        if !checked(&text).diagnostics.iter().any(is_it) {
            let shown: String = text.chars().take(400).collect();
            wrong.push_str(&format!("{code} {line}:{column} {help}\n{shown}\n{}\n", found(&text)));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    // What cannot be read has no text: tests of the command line have it.
    seen.insert(Code::Unreadable);
    // Guardrails are no runbooks.
    seen.insert(Code::BadGuardrail);
    // Nor are triggers, whose own tests have these.
    seen.extend([Code::UnknownRunbook, Code::BadPattern]);
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !seen.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn all_findings_come_in_one_pass() {
    let text = steps(&[
        "  - { id: a, phase: contian, action: iam.lock-trst, with: {}, after: [zz] }\n",
        "  - { id: b, phase: contain, query: bedrock.agents, with: { created_after: \"${{ parameters.rol }}\", x: 1 } }\n",
        "  - { id: c, phase: contain, gate: confirm, message: \"${{ size(steps.b.items) > }}\", needs: [d] }\n",
        "  - { id: d, phase: contain, gate: confirm, message: x, needs: [c], timout: 5m }\n",
    ]);
    insta::assert_snapshot!(found(&text), @r#"
    invalid-value 8:21 `phase` cannot be `contian` | did you mean `contain`?
    unknown-action 8:38 there is no action `iam.lock-trst` | did you mean `iam.lock-trust`?
    unknown-step 8:71 there is no step `zz` | there are `b`, `c`, `d`
    unknown-parameter 9:81 there is no parameter `rol` here | did you mean `role`?
    unknown-field 9:101 `with` has no `x` | there are `created_after`, `created_before`, `updated_after`, `name`, `name_prefix`, `role`, `created_by`, `even_if_unknown`, `tags`
    expression-syntax 10:79 the expression does not parse: unexpected end | expressions are CEL, such as `size(steps.rogue.items) > 0`
    cycle 10:94 these steps wait for each other in a circle: c → d → c | take one of these edges away
    unknown-field 11:69 a step has no field `timout` | did you mean `timeout`?
    "#);
}

/// Whatever is wrong with the input of a step is said at once, in words for the person who wrote it.
#[test]
fn all_that_is_wrong_with_an_input_comes_in_one_pass() {
    let text = steps(&[
        "  - { id: a, phase: contain, action: support.open-case, with: { business_impact: x, severity: criticl, cc: [nobody, a@example.com, b] } }\n",
        "  - { id: b, phase: contain, query: cloudtrail.created-by, with: { principal: nobody, since: yesterday } }\n",
    ]);
    insta::assert_snapshot!(found(&text), @r#"
    bad-input 8:95 `severity`: there is no `criticl` | did you mean `critical`?
    bad-input 8:108 `nobody` is no mail address (such as `security@example.com`) | `quell actions support.open-case` shows what it takes
    bad-input 8:108 `b` is no mail address (such as `security@example.com`) | `quell actions support.open-case` shows what it takes
    missing-input 9:66 `with` lacks `by` (string) | `by`: Who: the id of an access key, or the ARN of a session, a role or a user.
    unknown-field 9:68 `with` has no `principal` | there are `by`, `since`, `until`, `source`
    bad-input 9:94 `since`: `yesterday` is not a timestamp (such as `2026-11-22T03:00:00Z`) | `since` is a `timestamp`
    "#);
}

#[test]
fn findings_look_like_those_of_a_compiler() {
    let text = "\
quell: 1
name: test
title: A test
parameters:
  role: { type: iam_arn }
steps:
  - id: freeze
    phase: contain
    action: iam.revoke-sessions
    with: { principal: \"${{ parameters.role }}\" }
  - id: tell
    phase: contain
    gate: instruction
    message: Tell ${{ parameters.rôle }}
    needs: [freeze]
  - id: lock
    phase: contain
    action: iam.lock-trust
    with: { role: \"${{ parameters.role }}\" }
    after: [tell]
";
    let checked = checked(text);
    insta::assert_snapshot!(render(&checked.diagnostics, &checked.source, false), @r#"
    error[expression-syntax]: the expression does not parse: token recognition error at: 'ô'
      --> test.yaml:14:35
       |
    14 |     message: Tell ${{ parameters.rôle }}
       |                                   ^
       |
       = help: expressions are CEL, such as `size(steps.rogue.items) > 0`

    error[contradicts-aws]: step `lock` (line 16) must come before `freeze` (line 7), and here it comes after it
      --> test.yaml:20:13
       |
     7 |   - id: freeze
       |         ------ must come later
    ...
    15 |     needs: [freeze]
       |             ------ by way of this
    16 |   - id: lock
       |         ---- must come first
    ...
    20 |     after: [tell]
       |             ^^^^
       |
       = help: trust-lock-before-revoke: whoever can still take on the role gets a session younger
               than the cut-off; the cut-off then covers the time until the lock is seen everywhere
    "#);
    assert!(render(&checked.diagnostics, &checked.source, true).contains("\u{1b}["));
    insta::assert_snapshot!(checked.diagnostics.to_json(), @r#"
    {"format":1,"diagnostics":[{"code":"expression-syntax","severity":"error","message":"the expression does not parse: token recognition error at: 'ô'","file":"test.yaml","line":14,"column":35,"help":"expressions are CEL, such as `size(steps.rogue.items) > 0`"},{"code":"contradicts-aws","severity":"error","message":"step `lock` (line 16) must come before `freeze` (line 7), and here it comes after it","file":"test.yaml","line":20,"column":13,"help":"trust-lock-before-revoke: whoever can still take on the role gets a session younger than the cut-off; the cut-off then covers the time until the lock is seen everywhere"}]}
    "#);
}

/// A finding of one kind hides none of another kind.
#[test]
fn no_finding_hides_another() {
    let text = steps(&[
        "  - { id: a, phase: contain, gate: confirm, message: x, needs: [b] }\n",
        "  - { id: b, phase: contain, gate: confirm, message: x, needs: [a] }\n",
        "  - { id: never, phase: contain, gate: confirm, message: x, when: false }\n",
        "  - { id: c, phase: contain, action: iam.revoke-session, with: { principal: \"${{ parameters.princpal }}\" } }\n",
        "  - { id: d, phase: contain, gate: confirm, message: \"${{ parameters.nn }} and ${{ parameters.mm }}\" }\n",
    ]);
    let codes: Vec<Code> = checked(&text).diagnostics.iter().map(|one| one.code).collect();
    let wanted = [
        Code::Cycle,
        Code::Unreachable,
        Code::UnknownAction,
        Code::UnknownParameter,
        Code::UnknownParameter,
        Code::UnknownParameter,
    ];
    assert_eq!(codes, wanted, "{}", found(&text));
}

#[test]
fn a_circle_is_shown_as_its_path() {
    let text = "\
quell: 1
name: test
title: A test
steps:
  - { id: a, phase: contain, gate: confirm, message: x, after: [c] }
  - { id: b, phase: contain, gate: confirm, message: x, needs: [a] }
  - { id: c, phase: contain, gate: confirm, message: x, after: [b] }
  - { id: d, phase: contain, gate: confirm, message: x, after: [c] }
";
    let checked = checked(text);
    insta::assert_snapshot!(render(&checked.diagnostics, &checked.source, false), @r#"
    error[cycle]: these steps wait for each other in a circle: a → c → b → a
     --> test.yaml:5:65
      |
    5 |   - { id: a, phase: contain, gate: confirm, message: x, after: [c] }
      |                                                                 ^
    6 |   - { id: b, phase: contain, gate: confirm, message: x, needs: [a] }
      |                                                                 - `b` waits for `a`
    7 |   - { id: c, phase: contain, gate: confirm, message: x, after: [b] }
      |                                                                 - `c` waits for `b`
      |
      = help: take one of these edges away
    "#);
}

#[test]
fn an_order_in_the_wrong_phases_contradicts_too() {
    let text = format!(
        "{HEAD}steps:\n{ROGUE}  - {{ id: pause, phase: recover, action: bedrock.pause-agent, for_each: \"${{{{ steps.rogue.items }}}}\", \
         with: {{ agent: \"${{{{ item }}}}\" }} }}\n  - {{ id: delete, phase: eradicate, action: bedrock.delete-agent, for_each: \
         \"${{{{ steps.rogue.items }}}}\", with: {{ agent: \"${{{{ item }}}}\" }} }}\n"
    );
    insta::assert_snapshot!(found(&text), @r#"
    contradicts-aws 7:11 step `pause` (line 6) must come before `delete` (line 7), and here it comes after it | pause-before-delete: deleting takes minutes in which an agent that is not paused still answers
    "#);
}

#[test]
fn what_can_never_run_holds_up_what_needs_it() {
    let text = steps(&[
        "  - { id: a, phase: contain, gate: confirm, message: x, when: \"${{ 1 > 2 }}\" }\n",
        "  - { id: b, phase: contain, gate: confirm, message: x, needs: [a] }\n",
        "  - { id: c, phase: contain, gate: confirm, message: x, after: [a] }\n",
        "  - { id: d, phase: contain, action: bedrock.pause-agent, for_each: [], with: { agent: { id: ABCDEFGHIJ, region: eu-west-1 } } }\n",
    ]);
    insta::assert_snapshot!(found(&text), @r#"
    unused-parameter 5:3 parameter `role` is never used | use it, or take it away
    unused-parameter 6:3 parameter `since` is never used | use it, or take it away
    unreachable 8:63 step `a` never runs: its condition is always false | take the step away, or give it a condition that can be true
    unreachable 9:65 step `b` never runs: it needs `a` | write `after` if it should run all the same
    unreachable 11:69 step `d` never runs: its list is always empty | take the step away, or give it a list such as `${{ steps.rogue.items }}`
    "#);
}

#[test]
fn what_an_action_takes_may_hold_expressions_anywhere() {
    let text = format!(
        "{HEAD}parameters: {{ team: {{ type: string }}, key: {{ type: access_key_id }}, who: {{ type: iam_user_name }} }}\nsteps:\n\
         - {{ id: rogue, phase: contain, query: bedrock.agents, regions: [eu-west-1], with: {{ tags: {{ team: \"${{{{ parameters.team }}}}\" }} }} }}\n\
         - {{ id: off, phase: contain, action: iam.deactivate-access-keys, timeout: 5m, with: {{ user: \"${{{{ parameters.who }}}}\", \
         except: [\"${{{{ parameters.key }}}}\"] }} }}\n\
         - {{ id: case, phase: contain, action: support.open-case, with: {{ severity: high, business_impact: \"Team ${{{{ parameters.team \
         }}}} has ${{{{ size(steps.rogue.items) }}}} agents\" }} }}\n"
    );
    assert_eq!(found(&text), "");
    let (runbook, _) = checked(&text).runbook.expect("it is sound");
    let values = BTreeMap::from([
        ("team".to_owned(), json!("ml")),
        ("key".to_owned(), json!("AKIAIOSFODNN7EXAMPLE")),
        ("who".to_owned(), json!("kai")),
    ]);
    let items = BTreeMap::from([(StepId::new("rogue").expect("an id"), vec![json!({}), json!({})])]);
    let scope = Scope::new(&values, "2026-11-22T03:00:00Z".parse().expect("a time")).with_items(&items);
    let with: Vec<_> =
        runbook.steps().iter().map(|step| step.with().expect("no gates").evaluate(&scope).expect("a value")).collect();
    assert_eq!(with[0], json!({ "tags": { "team": "ml" } }));
    assert_eq!(with[1], json!({ "user": "kai", "except": ["AKIAIOSFODNN7EXAMPLE"] }));
    assert_eq!(with[2], json!({ "severity": "high", "business_impact": "Team ml has 2 agents" }));
}

#[test]
fn hostile_texts_are_refused_at_once() {
    let deep = "{a: ".repeat(50_000);
    for text in
        [laughs(5_000, 900), deep, "a: &a [*a]".to_owned(), "\u{feff}".to_owned(), "- ".repeat(40), "\0".to_owned()]
    {
        let checked = checked(&text);
        assert!(checked.runbook.is_none() && checked.diagnostics.has_errors(), "{}", found(&text));
    }
    let nested = format!("quell: 1\nx: \"${{{{ {} }}}}\"", "(".repeat(1_000));
    let sums = steps(&[
        "  - { id: x, phase: contain, gate: confirm, message: x, when: \"${{ ",
        &"1+".repeat(500),
        "1 > 0 }}\" }\n",
    ]);
    let bangs = steps(&[
        "  - { id: x, phase: contain, gate: confirm, message: x, when: \"${{ ",
        &"!".repeat(900),
        "true }}\" }\n",
    ]);
    let brackets =
        steps(&["  - { id: x, phase: contain, gate: confirm, message: x, when: \"${{ ", &"[".repeat(900), " }}\" }\n"]);
    assert!(!checked(&bangs).diagnostics.has_errors(), "an even number of `!` is none");
    for text in [nested, sums, brackets] {
        assert!(checked(&text).diagnostics.has_errors());
    }
}

#[test]
fn a_step_with_anothers_id_is_checked_as_well() {
    let wrong = "  - { id: lock, phase: contain, action: iam.revoke-sesions, with: { role: x }, needs: [nobody] }\n";
    let text = steps(&[LOCK, wrong]);
    let codes: BTreeSet<Code> = checked(&text).diagnostics.iter().map(|one| one.code).collect();
    for code in [Code::DuplicateId, Code::UnknownAction, Code::UnknownStep] {
        assert!(codes.contains(&code), "{code} is missing in\n{}", found(&text));
    }
    let input = "  - { id: lock, phase: contain, action: iam.revoke-sessions, with: { nobody: x } }\n";
    let text = steps(&[LOCK, input]);
    assert!(found(&text).contains("unknown-field 9:"), "{}", found(&text));
}

/// What is wrong once is said once: whatever depends on it is not wrong as well.
#[test]
fn what_depends_on_something_wrong_is_not_wrong_too() {
    let alone = |text: &str, code: &str| {
        let told = found(text);
        assert!(told.starts_with(code) && told.lines().count() == 1, "{told}");
    };
    let fan_out = |list: &str| {
        format!(
            "  - {{ id: p, phase: contain, action: bedrock.pause-agent, for_each: \"${{{{ {list} }}}}\", with: {{ agent: \"${{{{ item }}}}\" }} }}\n"
        )
    };
    let runbook = |rest: &str| format!("{HEAD}parameters:\n  role: {{ type: iam_arn }}\nsteps:\n{LOCK}{ROGUE}{rest}");
    alone(&runbook(&fan_out("steps.rouge.items")), "unknown-step ");
    alone(&runbook(&fan_out("steps.rogue.itms")), "expression-type ");
    let typo = format!("{HEAD}parameters:\n  role: {{ type: iam_anr }}\nsteps:\n{LOCK}");
    alone(&typo, "invalid-value ");
}

#[test]
fn a_step_with_a_bad_id_is_checked_as_well() {
    let text =
        steps(&[LOCK, "  - { id: Bad-Id, phase: contain, action: iam.revoke-sesions, needs: [nobody], timout: 5m }\n"]);
    let codes: BTreeSet<Code> = checked(&text).diagnostics.iter().map(|one| one.code).collect();
    let wanted = [Code::InvalidValue, Code::UnknownAction, Code::UnknownStep, Code::UnknownField];
    assert_eq!(codes, BTreeSet::from(wanted), "{}", found(&text));
}

#[test]
fn who_gets_copies_of_a_case_is_checked() {
    let of = |cc: &str| {
        let parameters = "parameters:\n  who: { type: string }\n  all: { type: list<string> }\n";
        let case = format!(
            "  - {{ id: case, phase: contain, action: support.open-case, with: {{ business_impact: x, cc: {cc} }} }}\n"
        );
        let use_all = "  - { id: told, phase: contain, gate: confirm, message: \"${{ parameters.who }} ${{ size(parameters.all) }}\" }\n";
        found(&format!("{HEAD}{parameters}steps:\n{case}{use_all}"))
    };
    let many = |count| format!("[{}]", vec!["a@example.com"; count].join(", "));
    for sound in [many(10).as_str(), "[]", "[\"${{ parameters.who }}\", b@example.com]", "\"${{ parameters.all }}\""] {
        assert_eq!(of(sound), "");
    }
    assert!(of(&many(11)).contains("11 addresses, and AWS Support takes 10 at most"), "{}", of(&many(11)));
    let slip = of("[a@example.com, example.com]");
    assert!(slip.starts_with("bad-input ") && slip.contains("`example.com` is no mail address"), "{slip}");
}
