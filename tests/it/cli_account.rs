//! Plan, run, gates, undo and audit against a range that the binary serves.

use crate::cli_quell::{FREEZE, Quell, RUNBOOK, SCENARIO, Served, VALUES, calm, scrubbed};

const GATE: &str = "quell: 1
name: gate-only
title: Ask first
steps:
  - id: sure
    phase: contain
    gate: confirm
    message: Really?
";

#[test]
fn a_plan_of_every_phase() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let said = quell.at(&range, &["plan", RUNBOOK, "--incident", "INC-4711", VALUES[0]]);
    assert_eq!(said.code, 0, "{}", said.talk);
    insta::assert_snapshot!(scrubbed(&said.out, quell.home.path()), @r#"
    RANGE (not AWS) [ACCOUNT] prod-web   you user/incident-responder   INC-4711
         DRY RUN, nothing sent
    rogue-bedrock-agent · valid to [TIME] (60 min) · [READS]
    Contain a rogue Bedrock agent and the principal that made it
    CONTAIN   reversible   plan [ID]
     1 ~ role ml-pipeline: refuse new sessions, AWS services stay           impact degrades
         because arn:aws:iam::[OTHER]:root can no longer assume it
         now may be assumed by ecs-tasks.amazonaws.com, arn:aws:iam::[OTHER]:root
         sends iam:UpdateAssumeRolePolicy (later: 1 field repeated from the last look); at
           most 5m
     2 + role ml-pipeline: refuse sessions issued before now                impact outage
         because workloads of ecs-tasks.amazonaws.com keep their refused credentials
         now all sessions are valid
         sends iam:PutRolePolicy (later: cut-off); at most 5m
         ECS tasks keep theirs for about 6 h: force a new deployment
       = deactivate left out: `has(parameters.user)` is false
       = freeze_user left out: `has(parameters.user)` is false
     3 ~ 2 agents: shut every alias                                         impact degrades
         because whoever invokes this agent is refused
         agent 4JPD6W4AXI in us-east-1, `market-research`, 2 of 2 aliases open
         agent D81J9Y2OFV in us-east-1, `summary-helper`, 1 of 1 alias open
         together they send bedrock-agent:UpdateAgentAlias (later: 3 fields repeated from the
           last look) x3, and wait until that is done; at most 10m for each
         the agent works as arn:aws:iam::[ACCOUNT]:role/service-role/agent-runner
     4 + support cases: open a case about account security, severity urgent, language en
         impact none seen
         because a case changes nothing in the account
         now no case of this incident
         sends support:CreateCase (later: text:case-body); at most 5m
         the API opens a case on the web: for a chat or a call, ask for it in the case
    ERADICATE   2 irreversible   plan [ID]
     5 ? confirm: Delete 2 agents for good: market-research (4JPD6W4AXI, us-east-1), made by
         assumed-role/ml-pipeline/stolen-session; summary-helper (D81J9Y2OFV, us-east-1), made
         by assumed-role/ml-pipeline/stolen-session? Bedrock Agents are closed to new
         customers: a deleted agent may not come back.
         waits for  quell resume RUN --confirm sure
     6 ! 2 agents: delete them for good, configuration captured first       impact degrades
         because whoever invokes this agent is refused for good
         agent 4JPD6W4AXI in us-east-1, `market-research`, PREPARED with 2 aliases, 2 versions
         agent D81J9Y2OFV in us-east-1, `summary-helper`, PREPARED with 1 alias, 2 versions
         together they send bedrock-agent:DeleteAgentAlias x3, bedrock-agent:DeleteAgent x2,
           and wait until that is done; at most 45m for each
         its role arn:aws:iam::[ACCOUNT]:role/service-role/agent-runner, Lambda functions
           and knowledge bases stay
    RECOVER   no calls   plan [ID]
     7 ? by hand: Give the role's workloads new credentials (new deployments for Amazon ECS, a
         touched configuration for AWS Lambda, a restart on Amazon EC2) and the user's owner a
         new key. Take changed-bedrock-agent for agents and flows of yours that were changed.
         Read what the intruder did, other users, roles, keys and policies first of all:
         `quell evidence cloudtrail-by-principal
         principal=arn:aws:iam::[ACCOUNT]:role/service/ml-pipeline
         since=[TIME]`; and who has called which agents and models: `quell
         evidence model-callers since=[TIME]`. Lift the denies with `quell undo`
         only after the old sessions have expired. Tables for Amazon Athena, over what trails
         keep: none.
         waits for  quell resume RUN --confirm handover
    TOUCHES   2 agents, 1 role, 1 support case, in us-east-1
    STILL POSSIBLE AFTER THIS   role ml-pipeline
           new sessions for ecs-tasks.amazonaws.com; until iam.lock-trust with
             `lock_aws_services` locks it
           whatever is ended here, while IAM has not taken it everywhere: seconds as a rule,
             AWS promises none; until 5m after the step
           sessions of other roles that its sessions took on, if any (iam.sessions-of names
             them): each can take on more; until 1h5m after the step
           work that it set going, such as agents, jobs and flows, if any: it goes on under
             roles of its own; until it is over, or a step about it stops it
           users, roles, keys and long-term Bedrock API keys of others that it made or
             changed, if any (iam.persistence names them); until they are switched off or
             deleted
         anybody in the account
           inline agents, which exist in the call alone, for whoever may still call
             bedrock:InvokeInlineAgent; until whoever may is refused it
    LEFT ALONE   2 things made by others, as CloudTrail tells:
         rogue: translate-fast (IEOYM5FLPN, eu-west-1), made by
           arn:aws:iam::[ACCOUNT]:user/ci-deploy
         rogue: order-status (LF61JRQ8AZ, us-east-1), made by
           arn:aws:sts::[ACCOUNT]:assumed-role/chat-app/release-12
    NO LOCK-OUT   nothing is taken from arn:aws:iam::[ACCOUNT]:user/incident-responder
           (you)
         AWS's simulator allows you what acting, verifying and undoing take
    ENVELOPE   approved as well, on the same target, if it has changed by then:
         1 up to 4 more of iam:UpdateAssumeRolePolicy
         2 up to 4 more of iam:PutRolePolicy, iam:DeleteRolePolicy, iam:CreatePolicy,
           iam:AttachRolePolicy, iam:DetachRolePolicy, iam:PutRolePermissionsBoundary,
           iam:DeleteRolePermissionsBoundary, iam:CreatePolicyVersion
         3 up to 10 more of bedrock-agent:UpdateAgentAlias, for each
         4 up to 8 more of support:AddAttachmentsToSet, support:CreateCase,
           support:AddCommunicationToCase
    UNDO   quell undo RUN, no approval; step by step:
         1 the lock is taken out of the trust policy; the rest stays as it is then
         2 the deny is taken off, not before the last old session has ended
         3 the same aliases are opened again, with the routing that they have then
         4 by hand: resolve the case
         6 not possible
    5 reversible, 2 irreversible, 2 waiting for a person.
    "#);
    assert!(said.out.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 90));
}

#[test]
fn without_a_terminal_nothing_is_asked_and_nothing_changes() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let said = quell.at(&range, &[&["run", RUNBOOK], &VALUES[..]].concat());
    assert_eq!((said.code, said.out.as_str()), (24, ""));
    assert!(said.next().ends_with(" --yes"), "{}", said.talk);
    assert_eq!(quell.say(&["status"]).out, "no runs\n");

    let plan = quell.home.path().join("eradicate.json").display().to_string();
    let save = ["plan", RUNBOOK, "--phase", "eradicate", "--save", &plan];
    assert_eq!(quell.at(&range, &[&save, &VALUES[..]].concat()).code, 0);
    for wrong in [&[][..], &["--yes"], &["--yes", "--allow-irreversible=7"]] {
        let said = quell.at(&range, &[&["apply", &plan], wrong].concat());
        assert_eq!(said.code, 24, "{}", said.talk);
        assert!(said.next().ends_with(" --allow-irreversible=3"), "{}", said.talk);
        assert!(!said.next().contains("=7"), "{}", said.talk);
        assert_eq!(
            said.talk.contains("--allow-irreversible=3 is not there, where 7 was given"),
            wrong.len() == 2,
            "{}",
            said.talk
        );
    }
    assert_eq!(quell.say(&["status"]).out, "no runs\n");
    let again = quell.at(&range, &[&save, &VALUES[..]].concat());
    assert_eq!(again.code, 1, "a plan that may be signed is not overwritten");
}

/// A gate about nothing is left out, and one that guards something is not passed without an answer.
#[test]
fn a_gate_that_guards_nothing_holds_nothing_up() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let runbook = |for_each: &str| {
        format!(
            "quell: 1\nname: guarded\ntitle: Ask only about something\nsteps:\n\
             \x20 - {{ id: rogue, phase: eradicate, query: bedrock.agents, with: {{ name: nobody }} }}\n\
             \x20 - {{ id: all, phase: eradicate, query: bedrock.agents }}\n\
             \x20 - {{ id: sure, phase: eradicate, gate: confirm, message: Sure?, when: \"${{{{ size(steps.rogue.items) > 0 }}}}\" }}\n\
             \x20 - {{ id: pause, phase: eradicate, action: bedrock.pause-agent, for_each: \"${{{{ steps.{for_each}.items }}}}\", \
             with: {{ agent: \"${{{{ item }}}}\" }}, needs: [sure] }}\n\
             \x20 - {{ id: tell, phase: recover, gate: instruction, message: Tell them. }}\n"
        )
    };
    let nothing = quell.file("nothing.yaml", &runbook("rogue"));
    let said = quell.at(&range, &["run", &nothing, "--through", "recover", "--output", "json"]);
    assert_eq!(said.code, 23, "the next phase asks: {}", said.talk);
    assert!(said.next().contains("--confirm tell"), "{}", said.talk);
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("one document");
    let codes: Vec<_> = json["runs"].as_array().expect("runs").iter().map(|run| run["exit_code"].as_u64()).collect();
    assert_eq!(codes, [Some(0), Some(23)]);
    let something = quell.file("something.yaml", &runbook("all"));
    let said = quell.at(&range, &["run", &something, "--through", "recover", "--yes"]);
    assert_eq!(said.code, 22, "{}", said.talk);
    assert!(said.talk.contains("lets nothing through"), "{}", said.talk);
}

#[test]
fn a_gate_waits_for_its_answer() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let runbook = quell.file("gate.yaml", GATE);
    let said = quell.at(&range, &["run", &runbook, "--incident", "INC-1"]);
    insta::assert_snapshot!(scrubbed(&said.out, quell.home.path()), @r#"
    WAITING FOR A PERSON   RANGE (not AWS) [ACCOUNT] prod-web   INC-1 run [ID]
         [TIME]   exit 23
    verified 0 of 1 · waiting for a person 1
    OWED   an answer to sure: Really?
    RECORD   journal head [ID]   quell audit verify [ID]
    "#);
    assert_eq!(said.code, 23);
    let run = quell.run_of("contain");
    assert!(said.next().starts_with(&format!("Next: quell resume {run} --confirm sure ")), "{}", said.talk);

    assert_eq!(quell.at(&range, &["resume", &run, "--confirm", "other"]).code, 64);
    assert_eq!(quell.at(&range, &["resume", &run]).code, 23);
    let said = quell.at(&range, &["resume", &run[..4], "--confirm", "sure"]);
    assert_eq!(said.code, 0, "{}", said.talk);
    assert!(said.out.starts_with("NOTHING TO CONTAIN   RANGE (not AWS) 111122223333 prod-web"), "{}", said.out);
    let shown = quell.say(&["show", &run]).out;
    for part in [
        "user/incident-responder gave the flags `",
        " resumed by ",
        "gate sure was answered yes: who answered gave the flags `--confirm sure`",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let said = quell.at(&range, &["resume", &run, "--confirm", "sure"]);
    assert!(said.code == 0 && said.talk.contains("nothing was sent"), "{}", said.talk);
}

#[test]
fn a_no_at_a_gate_is_an_end() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let runbook = quell.file("gate.yaml", GATE);
    assert_eq!(quell.at(&range, &["run", &runbook]).code, 23);
    let run = quell.run_of("contain");
    let said = quell.at(&range, &["resume", &run, "--deny", "sure"]);
    assert_eq!((said.code, said.next()), (22, format!("Next: quell show {run}").as_str()));
}

#[test]
fn what_has_failed_is_for_a_new_run() {
    let quell = Quell::new();
    let scenario = std::fs::read_to_string(SCENARIO).expect("the scenario");
    let fault = "faults:\n  - { operation: PutRolePolicy, kind: access_denied }\n";
    let range = Served::with(&quell, &quell.file("refusing.yaml", &format!("{scenario}\n{fault}")));
    let runbook = quell.file("freeze.yaml", FREEZE);
    let typed = ["run", &runbook, VALUES[0], "--incident", "INC-4711", "--yes"];
    let said = quell.at(&range, &typed);
    assert_eq!(said.code, 22, "{}", said.talk);
    assert!(said.next().starts_with("Next: quell run ") && said.next().contains("freeze.yaml"), "{}", said.talk);
    // Going on with it takes nothing up again, and says what does.
    let run = quell.run_of("contain");
    let resumed = quell.at(&range, &["resume", &run]);
    assert_eq!(resumed.code, 22, "{}", resumed.talk);
    assert!(resumed.talk.contains("nothing was sent"), "{}", resumed.talk);
    let next = format!("Next: quell run {runbook} {} --incident INC-4711 ", VALUES[0]);
    assert!(resumed.next().starts_with(&next), "{}", resumed.talk);
    let again = crate::cli_next::typed(&quell, &crate::cli_next::with_yes(resumed.next()));
    assert_eq!(again.code, 0, "the new run: {}", again.talk);
}

#[test]
fn a_run_is_shown_verified_continued_and_taken_back() {
    let quell = Quell::new();
    let range = Served::with(&quell, &quell.scenario(calm));
    let runbook = quell.file("freeze.yaml", FREEZE);
    let plan = quell.home.path().join("plan.json").display().to_string();
    let save = ["plan", &runbook, VALUES[0], "--phase", "contain", "--save", &plan, "--incident", "INC-4711"];
    assert_eq!(quell.at(&range, &save).code, 0);
    let said = quell.at(&range, &["apply", &plan, "--yes"]);
    assert_eq!(said.code, 0, "{}", said.talk);
    insta::assert_snapshot!(scrubbed(&said.out, quell.home.path()), @r#"
    CONTAINED   RANGE (not AWS) [ACCOUNT] prod-web   INC-4711 run [ID]   [TIME]
         exit 0
    verified 1 of 1
    STILL POSSIBLE, AS THE STEPS SAY   role ml-pipeline
           new sessions for arn:aws:iam::[OTHER]:root; until iam.lock-trust locks its
             trust policy
           new sessions for ecs-tasks.amazonaws.com; until iam.lock-trust with
             `lock_aws_services` locks it
           sessions of other roles that its sessions took on, if any (iam.sessions-of names
             them): each can take on more; until [TIME]
           work that it set going, such as agents, jobs and flows, if any: it goes on under
             roles of its own; until it is over, or a step about it stops it
           users, roles, keys and long-term Bedrock API keys of others that it made or
             changed, if any (iam.persistence names them); until they are switched off or
             deleted
           whatever is ended here, while IAM has not taken it everywhere: seconds as a rule,
             AWS promises none; until [TIME]
    UNDO   quell undo [ID] --endpoint-url [RANGE] --range
    RECORD   journal head [ID]   quell audit verify [ID]
    "#);
    assert!(said.talk.contains("OK     iam:PutRolePolicy on role ml-pipeline ·"), "{}", said.talk);

    let run = quell.run_of("contain");
    let again = quell.at(&range, &["apply", &plan, "--yes"]);
    assert!(again.code == 0 && again.talk.contains("has ended; nothing was sent"), "{}", again.talk);
    let shown = quell.say(&["show", &run]).out;
    for part in [
        "#0 OK iam:PutRolePolicy",
        "user/incident-responder gave the flags `--yes`: agreed to 1 reversible step",
        "before, role ml-pipeline: {",
        "last seen:",
        "STILL POSSIBLE, AS THE STEPS SAY   role ml-pipeline",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&quell.say(&["show", &run, "--output", "json"]).out).expect("JSON");
    assert!(json["people"][0]["record"]["kind"] == "confirmed" && json["states"][0]["after"]["state"].is_object());
    let ends = &json["residual_access"][0];
    assert!(ends["kind"] == "assume" && ends["of"]["entity"]["path"][0] == "ml-pipeline", "{ends}");
    assert!(ends["by"].is_array() && ends["until"]["ends"] == "when", "{ends}");
    assert!(quell.say(&["show", &plan]).out.contains("saved plan"));
    assert!(quell.say(&["status", "INC-4711"]).out.contains("in force, ours to lift"));
    let said = quell.say(&["audit", "verify", &run]);
    assert!(said.code == 0 && said.out.starts_with("RANGE (not AWS) 111122223333   SOUND   run "), "{}", said.out);

    for verb in [&["undo", &run][..], &["apply", &plan]] {
        // What is about a range never asks AWS, not even who the caller is.
        let said = quell.say(verb);
        if verb[0] == "undo" {
            assert_eq!(said.code, 31, "{}", said.talk);
            assert!(said.next().ends_with(&format!(" --endpoint-url {} --range", range.url)), "{}", said.talk);
        }
        assert!(!said.talk.contains("amazonaws.com"), "{}", said.talk);
    }
    let said = quell.at(&range, &["undo", &run]);
    assert_eq!(said.code, 22, "nothing may go back yet, so nobody is asked: {}", said.talk);
    assert!(said.talk.contains("freeze stays: too early until"), "{}", said.talk);
    for unnamed in ["--wrong-target", "--wrong-target=web-task"] {
        let said = quell.at(&range, &["undo", &run, unnamed, "--yes"]);
        assert_eq!(said.code, 24, "{}", said.talk);
        assert!(said.next().starts_with(&format!("Next: quell undo {run} --wrong-target=ml-pipeline --yes ")));
    }
    let said = quell.at(&range, &["undo", &run, "--wrong-target=ml-pipeline"]);
    assert_eq!(said.code, 24, "a name is no yes: {}", said.talk);
    let said = quell.at(&range, &["undo", &run, "--wrong-target=ml-pipeline", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.talk);
    assert!(said.talk.contains("AGREED --yes --wrong-target=ml-pipeline (1 reversible"), "{}", said.talk);
    assert!(said.out.starts_with("UNDONE"), "{}", said.out);
    assert!(quell.say(&["status", &run]).out.contains("taken back by run"));

    let journal = quell.state().join("runs").join(&run).join("journal.jsonl");
    let mut bytes = std::fs::read(&journal).expect("a journal");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&journal, bytes).expect("written");
    for arguments in [&["audit", "verify", &run][..], &["show", &run]] {
        let said = quell.say(arguments);
        assert_eq!(said.code, 27, "{}", said.talk);
        said.next();
    }
}

#[test]
fn a_principal_of_another_account_is_not_mistaken_for_its_namesake() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    for foreign in
        ["principal=arn:aws:iam::444455556666:role/ml-pipeline", "user=arn:aws:iam::444455556666:user/ci-deploy"]
    {
        let ours = VALUES.iter().find(|ours| !ours.starts_with(&foreign[..4])).expect("the other one");
        for verb in ["plan", "run"] {
            let said = quell.at(&range, &[verb, RUNBOOK, ours, foreign]);
            assert_eq!((said.code, said.out.as_str()), (1, ""), "{}", said.talk);
            assert!(said.talk.contains("is of account 444455556666, and the credentials are for account 111122223333"));
            assert!(said.next().contains("with --profile and one for account 444455556666"), "{}", said.talk);
        }
    }
}

/// A plan that somebody has changed since it was saved is not the plan that was saved, however well its form is kept.
#[test]
fn a_plan_that_was_changed_is_not_applied() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let runbook = quell.file("freeze.yaml", FREEZE);
    let path = quell.home.path().join("plan.json");
    let plan = path.display().to_string();
    let save = ["plan", &runbook, VALUES[0], "--phase", "contain", "--save", &plan];
    assert_eq!(quell.at(&range, &save).code, 0);
    let saved = std::fs::read_to_string(&path).expect("a plan");
    for (member, other) in [("expires", "\"2029-01-01T00:00:00Z\""), ("because", "\"nobody uses it\"")] {
        let pattern = regex_lite::Regex::new(&format!("\"{member}\":\"[^\"]*\"")).expect("a pattern");
        let changed = pattern.replace(&saved, format!("\"{member}\":{other}"));
        assert_ne!(changed, saved, "{member}");
        std::fs::write(&path, changed.as_bytes()).expect("written");
        let said = quell.at(&range, &["apply", &plan, "--yes"]);
        assert_eq!(said.code, 31, "{member}: {}", said.talk);
        assert!(said.talk.contains("it was changed since, or made elsewhere"), "{}", said.talk);
        // What an unknown file names is not offered for a new plan.
        assert!(said.next().contains("plan ") && !said.next().contains("principal="), "{}", said.next());
        assert!(!said.next().contains("--yes"), "a plan asks for nothing: {}", said.next());
    }
    assert_eq!(quell.say(&["status"]).out, "no runs\n");
    std::fs::write(&path, saved).expect("put back");
    let said = quell.at(&range, &["apply", &plan, "--yes", "--allow-irreversible=99"]);
    assert_eq!(said.code, 24, "the number must be the plan's, which is 0: {}", said.talk);
    assert_eq!(quell.at(&range, &["apply", &plan, "--yes"]).code, 0);
}

/// What only ran out of time is taken up by a new plan.
#[test]
fn what_ran_out_of_time_is_for_a_new_run() {
    let quell = Quell::new();
    let slow = quell.scenario(|scenario| {
        calm(scenario);
        scenario.knobs.alias_change = serde_json::from_str("\"10m\"").expect("a time");
    });
    let range = Served::with(&quell, &slow);
    let runbook = "quell: 1\nname: slow\ntitle: Shut an agent\nsteps:\n\
        \x20 - { id: found, phase: contain, query: bedrock.agents, with: { name: translate-fast } }\n\
        \x20 - { id: pause, phase: contain, action: bedrock.pause-agent, for_each: \"${{ steps.found.items }}\", \
        with: { agent: \"${{ item }}\" }, timeout: 2s }\n";
    let said = quell.at(&range, &["run", &quell.file("slow.yaml", runbook), "--yes"]);
    assert_eq!(said.code, 21, "{}", said.talk);
    assert!(said.out.contains("its time is up"), "{}", said.out);
    assert!(said.next().starts_with("Next: quell run ") && said.next().contains("slow.yaml"), "{}", said.talk);
}

/// A headline says what came about: a case with AWS Support tells of an incident, and ends nothing of it.
#[test]
fn a_case_alone_contains_nothing() {
    let quell = Quell::new();
    let range = Served::with(&quell, &quell.scenario(calm));
    let with_case = format!(
        "{FREEZE}  - id: case\n    phase: contain\n    action: support.open-case\n    \
         with: {{ severity: highest, language: en, business_impact: None yet. }}\n    after: [freeze]\n"
    );
    let runbook = quell.file("freeze.yaml", &with_case);
    let slip = ["run", &runbook, "principal=arn:aws:iam::111122223333:role/ml-pipelin", "--yes"];
    let said = quell.at(&range, &slip);
    assert_eq!(said.code, 20, "{}", said.talk);
    assert!(said.out.starts_with("NOTHING CONTAINED, A CASE IS OPEN   RANGE (not AWS)"), "{}", said.out);
    assert!(!said.out.contains("UNDO "), "a case is not taken back: {}", said.out);
    assert!(said.next().contains("  # what does not exist may be a slip in a name"), "{}", said.talk);
    let status = quell.say(&["status"]).out;
    assert!(!status.contains("ours to lift"), "{status}");
}
