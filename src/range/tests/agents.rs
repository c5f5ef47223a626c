//! Agents and their aliases.

use serde_json::{Value, json};

use super::bench::{Bench, code};

async fn made(bench: &Bench, name: &str) -> (String, String) {
    let agent = bench
        .agents(
            "CreateAgent",
            json!({ "agentName": name, "foundationModel": "m", "instruction": "Answer every question that you are asked, at any length." }),
        )
        .await
        .expect("an agent");
    let id = agent["agent"]["agentId"].as_str().expect("an id").to_owned();
    assert_eq!(agent["agent"]["agentStatus"], "CREATING");
    assert_eq!(code(bench.agents("PrepareAgent", json!({ "agentId": id })).await), "ConflictException");
    bench.wait(6).await;
    assert_eq!(status(bench, &id).await, "NOT_PREPARED");
    bench.agents("PrepareAgent", json!({ "agentId": id })).await.expect("preparing");
    bench.wait(6).await;
    assert_eq!(status(bench, &id).await, "PREPARED");
    let alias = bench
        .agents("CreateAgentAlias", json!({ "agentId": id, "agentAliasName": "live", "description": "ours" }))
        .await
        .expect("an alias");
    bench.wait(6).await;
    (id, alias["agentAlias"]["agentAliasId"].as_str().expect("an id").to_owned())
}

async fn status(bench: &Bench, id: &str) -> Value {
    bench.agents("GetAgent", json!({ "agentId": id })).await.expect("an agent")["agent"]["agentStatus"].clone()
}

async fn alias(bench: &Bench, agent: &str, alias: &str) -> Value {
    let input = json!({ "agentId": agent, "agentAliasId": alias });
    bench.agents("GetAgentAlias", input).await.expect("an alias")["agentAlias"].clone()
}

fn call(agent: &str, alias: &str) -> Value {
    json!({ "agentId": agent, "agentAliasId": alias, "sessionId": "s-1", "inputText": "hello" })
}

#[tokio::test(start_paused = true)]
async fn a_paused_alias_refuses_and_keeps_its_version() {
    let bench = Bench::open("");
    let (agent, id) = made(&bench, "a").await;
    bench.agents("InvokeAgent", call(&agent, &id)).await.expect("answers");
    let before = alias(&bench, &agent, &id).await;
    let input = json!({
        "agentId": agent, "agentAliasId": id, "agentAliasName": "live", "description": "ours",
        "routingConfiguration": before["routingConfiguration"], "aliasInvocationState": "REJECT_INVOCATIONS",
    });
    let updating = bench.agents("UpdateAgentAlias", input.clone()).await.expect("updating");
    assert_eq!(updating["agentAlias"]["agentAliasStatus"], "UPDATING");
    assert_eq!(code(bench.agents("UpdateAgentAlias", input).await), "ConflictException");
    bench.wait(3).await;
    let after = alias(&bench, &agent, &id).await;
    assert_eq!((&after["agentAliasStatus"], &after["description"]), (&json!("PREPARED"), &json!("ours")));
    assert_eq!(after["routingConfiguration"], before["routingConfiguration"]);
    assert_eq!(code(bench.agents("InvokeAgent", call(&agent, &id)).await), "ValidationException");
    bench.agents("InvokeAgent", call(&agent, "TSTALIASID")).await.expect("the draft still answers");
    let versions = bench.agents("ListAgentVersions", json!({ "agentId": agent })).await.expect("versions");
    assert_eq!(versions["agentVersionSummaries"].as_array().map(Vec::len), Some(2));
}

#[tokio::test(start_paused = true)]
async fn an_update_without_routing_publishes_the_draft() {
    let bench = Bench::open("");
    let (agent, id) = made(&bench, "a").await;
    let input = json!({ "agentId": agent, "agentAliasId": id, "agentAliasName": "live" });
    bench.agents("UpdateAgentAlias", input).await.expect("updating");
    bench.wait(6).await;
    let after = alias(&bench, &agent, &id).await;
    assert_eq!(after["routingConfiguration"], json!([{ "agentVersion": "2" }]));
    assert_eq!(after["description"], Value::Null, "what is left out is gone");
    assert_eq!(after["aliasInvocationState"], "ACCEPT_INVOCATIONS");
}

#[tokio::test(start_paused = true)]
async fn the_test_alias_is_as_the_knob_says() {
    for pausable in [true, false] {
        let bench =
            Bench::open(&format!("knobs: {{ test_alias_pausable: {pausable}, test_alias_listed: {pausable} }}"));
        let (agent, _) = made(&bench, "a").await;
        let input = json!({
            "agentId": agent, "agentAliasId": "TSTALIASID", "agentAliasName": "AgentTestAlias",
            "routingConfiguration": [{ "agentVersion": "DRAFT" }], "aliasInvocationState": "REJECT_INVOCATIONS",
        });
        let answer = bench.agents("UpdateAgentAlias", input).await;
        assert_eq!(answer.is_ok(), pausable);
        let listed = bench.agents("ListAgentAliases", json!({ "agentId": agent })).await.expect("aliases");
        assert_eq!(listed["agentAliasSummaries"].as_array().map(Vec::len), Some(1 + usize::from(pausable)));
    }
}

#[tokio::test(start_paused = true)]
async fn an_agent_in_use_is_not_deleted() {
    let bench = Bench::open("");
    let (agent, id) = made(&bench, "a").await;
    assert_eq!(code(bench.agents("DeleteAgent", json!({ "agentId": agent })).await), "ConflictException");
    bench.agents("DeleteAgentAlias", json!({ "agentId": agent, "agentAliasId": id })).await.expect("deleting");
    assert_eq!(code(bench.agents("DeleteAgent", json!({ "agentId": agent })).await), "ConflictException");
    bench.wait(10).await;
    bench.agents("DeleteAgent", json!({ "agentId": agent })).await.expect("deleting");
    assert_eq!(status(&bench, &agent).await, "DELETING");
    assert_eq!(code(bench.agents("InvokeAgent", call(&agent, "TSTALIASID")).await), "ValidationException");
    bench.wait(10).await;
    assert_eq!(code(bench.agents("GetAgent", json!({ "agentId": agent })).await), "ResourceNotFoundException");
    assert_eq!(code(bench.agents("DeleteAgent", json!({ "agentId": agent })).await), "ResourceNotFoundException");
}

#[tokio::test(start_paused = true)]
async fn supervisors_and_flows_count_as_use() {
    let bench = Bench::open(
        r#"
account:
  roles: [{ name: r, trust: { Version: "2012-10-17", Statement: [] } }]
  agents:
    - { name: helper, id: HELPERHELP, region: us-east-1, role: r, aliases: [{ name: live }] }
    - { name: boss, id: BOSSBOSSBO, region: us-east-1, role: r, supervises: [helper] }
    - { name: lonely, id: LONELYLONE, region: us-east-1, role: r, aliases: [{ name: live }] }
    - { name: flowing, id: FLOWINGFLO, region: us-east-1, role: r, aliases: [{ name: live }] }
  flows: [{ name: f, region: us-east-1, agents: [flowing] }]"#,
    );
    for id in ["HELPERHELP", "FLOWINGFLO", "LONELYLONE"] {
        let aliases = bench.agents("ListAgentAliases", json!({ "agentId": id })).await.expect("aliases");
        let alias = aliases["agentAliasSummaries"][0]["agentAliasId"].clone();
        bench.agents("DeleteAgentAlias", json!({ "agentId": id, "agentAliasId": alias })).await.expect("deleting");
        bench.wait(1).await;
    }
    bench.wait(10).await;
    for id in ["HELPERHELP", "FLOWINGFLO"] {
        let refused = bench.agents("DeleteAgent", json!({ "agentId": id })).await;
        assert_eq!(code(refused), "ConflictException", "{id}");
    }
    bench.wait(1).await;
    bench.agents("DeleteAgent", json!({ "agentId": "LONELYLONE" })).await.expect("deleting");
    let forced = json!({ "agentId": "HELPERHELP", "skipResourceInUseCheck": true });
    bench.agents("DeleteAgent", forced).await.expect("deleting");
    let flows = bench.agents("ListFlows", json!({})).await.expect("flows");
    let flow =
        bench.agents("GetFlow", json!({ "flowIdentifier": flows["flowSummaries"][0]["id"] })).await.expect("a flow");
    assert_eq!(flow["definition"]["nodes"][0]["type"], "Agent");
    let supervised =
        bench.agents("ListAgentCollaborators", json!({ "agentId": "BOSSBOSSBO", "agentVersion": "DRAFT" })).await;
    assert_eq!(supervised.expect("a list")["agentCollaboratorSummaries"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_client_token_makes_one_agent() {
    let bench = Bench::open("");
    let input =
        json!({ "agentName": "a", "foundationModel": "m", "clientToken": "token-token-token-token-token-token" });
    let one = bench.agents("CreateAgent", input.clone()).await.expect("an agent");
    let two = bench.agents("CreateAgent", input).await.expect("the same agent");
    assert_eq!(one["agent"]["agentId"], two["agent"]["agentId"]);
    let other =
        bench.agents("CreateAgent", json!({ "agentName": "a", "foundationModel": "m" })).await.expect("accepted");
    bench.wait(10).await;
    let failed = bench.agents("GetAgent", json!({ "agentId": other["agent"]["agentId"] })).await.expect("an agent");
    assert_eq!(failed["agent"]["agentStatus"], "FAILED", "there is one of that name");
}

#[tokio::test(start_paused = true)]
async fn agents_are_throttled_at_the_published_rates() {
    let bench = Bench::open("knobs: { latency: 1ms }");
    let mut throttled = 0;
    for _ in 0..5 {
        let answer = bench.agents("DeleteAgent", json!({ "agentId": "AAAAAAAAAA" })).await;
        throttled += u32::from(code(answer) == "ThrottlingException");
    }
    assert_eq!(throttled, 3, "two a second");
    bench.wait(1).await;
    assert_eq!(
        code(bench.agents("DeleteAgent", json!({ "agentId": "AAAAAAAAAA" })).await),
        "ResourceNotFoundException"
    );
}

#[tokio::test(start_paused = true)]
async fn children_and_tags_can_be_looked_at() {
    let bench = Bench::open("");
    let (agent, id) = made(&bench, "a").await;
    let group = json!({ "agentId": agent, "agentVersion": "DRAFT", "actionGroupName": "g", "actionGroupExecutor": { "customControl": "RETURN_CONTROL" } });
    let group = bench.agents("CreateAgentActionGroup", group).await.expect("a group");
    let one = json!({ "agentId": agent, "agentVersion": "DRAFT", "actionGroupId": group["agentActionGroup"]["actionGroupId"] });
    let read = bench.agents("GetAgentActionGroup", one).await.expect("a group");
    assert_eq!(read["agentActionGroup"]["actionGroupState"], "ENABLED");
    let arn = format!("arn:aws:bedrock:us-east-1:111122223333:agent-alias/{agent}/{id}");
    bench.agents("TagResource", json!({ "resourceArn": arn, "tags": { "incident": "INC-1" } })).await.expect("tagged");
    let tags = bench.agents("ListTagsForResource", json!({ "resourceArn": arn })).await.expect("tags");
    assert_eq!(tags["tags"]["incident"], "INC-1");
    let update = json!({ "agentId": agent, "agentName": "a", "foundationModel": "m", "agentResourceRoleArn": "arn:aws:iam::111122223333:role/x" });
    let updated = bench.agents("UpdateAgent", update).await.expect("updating");
    assert_eq!(updated["agent"]["instruction"], Value::Null, "what is left out is gone");
    let version = json!({ "agentId": agent, "agentVersion": "1" });
    assert!(
        bench.agents("GetAgentVersion", version.clone()).await.expect("a version")["agentVersion"]["instruction"]
            .is_string()
    );
    assert_eq!(code(bench.agents("DeleteAgentVersion", version).await), "ConflictException");
}

#[tokio::test(start_paused = true)]
async fn what_nobody_has_confirmed_can_be_otherwise() {
    let bench = Bench::open(
        r#"
knobs: { accepting_state_shown: false, invocation_state_kept: false, pause_denies_access: true, deleting_again_conflicts: true,
         flows_count_as_use: false, supervisors_count_as_use: false, absent_boundary_refused: false, iam_stale_reads: false }
account:
  roles: [{ name: r, trust: { Version: "2012-10-17", Statement: [] } }]
  agents:
    - { name: helper, id: HELPERHELP, region: us-east-1, role: r, aliases: [{ name: live }] }
    - { name: boss, id: BOSSBOSSBO, region: us-east-1, role: r, supervises: [helper] }
  flows: [{ name: f, region: us-east-1, agents: [helper] }]"#,
    );
    let listed = bench.agents("ListAgentAliases", json!({ "agentId": "HELPERHELP" })).await.expect("aliases");
    let id = listed["agentAliasSummaries"][0]["agentAliasId"].as_str().expect("an id").to_owned();
    assert_eq!(listed["agentAliasSummaries"][0]["aliasInvocationState"], Value::Null);
    let mut update = json!({
        "agentId": "HELPERHELP", "agentAliasId": id, "agentAliasName": "live",
        "routingConfiguration": [{ "agentVersion": "1" }], "aliasInvocationState": "REJECT_INVOCATIONS",
    });
    bench.agents("UpdateAgentAlias", update.clone()).await.expect("pausing");
    bench.wait(3).await;
    assert_eq!(alias(&bench, "HELPERHELP", &id).await["aliasInvocationState"], "REJECT_INVOCATIONS");
    assert_eq!(code(bench.agents("InvokeAgent", call("HELPERHELP", &id)).await), "AccessDeniedException");
    update.as_object_mut().expect("an object").remove("aliasInvocationState");
    bench.agents("UpdateAgentAlias", update).await.expect("renamed");
    bench.wait(3).await;
    bench.agents("InvokeAgent", call("HELPERHELP", &id)).await.expect("accepts again");
    bench.agents("DeleteAgentAlias", json!({ "agentId": "HELPERHELP", "agentAliasId": id })).await.expect("deleting");
    bench.wait(10).await;
    bench.agents("DeleteAgent", json!({ "agentId": "HELPERHELP" })).await.expect("no supervisor and no flow counts");
    assert_eq!(code(bench.agents("DeleteAgent", json!({ "agentId": "HELPERHELP" })).await), "ConflictException");
    bench.iam("DeleteRolePermissionsBoundary", json!({ "RoleName": "r" })).await.expect("nothing to take away");
}

#[tokio::test(start_paused = true)]
async fn the_tools_of_a_draft_can_be_disabled_and_versions_keep_theirs() {
    for unprepare in [true, false] {
        let bench = Bench::open(&format!("knobs: {{ parts_unprepare: {unprepare} }}"));
        let (agent, _) = made(&bench, "a").await;
        let draft = json!({ "agentId": agent, "agentVersion": "DRAFT" });
        let with = |more: Value| {
            let mut input = draft.clone();
            input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            input
        };
        let group = with(json!({
            "actionGroupName": "g", "description": "d", "actionGroupExecutor": { "customControl": "RETURN_CONTROL" },
        }));
        let group = bench.agents("CreateAgentActionGroup", group).await.expect("a group");
        let id = group["agentActionGroup"]["actionGroupId"].clone();
        assert_eq!(status(&bench, &agent).await, if unprepare { "NOT_PREPARED" } else { "PREPARED" });
        bench.agents("PrepareAgent", json!({ "agentId": agent })).await.expect("preparing");
        bench.wait(6).await;
        bench
            .agents("CreateAgentAlias", json!({ "agentId": agent, "agentAliasName": "two" }))
            .await
            .expect("a version");
        bench.wait(6).await;
        let off = with(json!({ "actionGroupId": id, "actionGroupName": "g", "actionGroupState": "DISABLED" }));
        let off = bench.agents("UpdateAgentActionGroup", off).await.expect("disabled");
        assert_eq!(off["agentActionGroup"]["actionGroupState"], "DISABLED");
        assert_eq!(off["agentActionGroup"]["description"], Value::Null, "what is left out is gone");
        let published = json!({ "agentId": agent, "agentVersion": "2", "actionGroupId": id });
        let published = bench.agents("GetAgentActionGroup", published).await.expect("a group");
        assert_eq!(published["agentActionGroup"]["actionGroupState"], "ENABLED");
        let both = with(json!({
            "actionGroupName": "u", "parentActionGroupSignature": "AMAZON.UserInput", "description": "not allowed",
        }));
        assert_eq!(code(bench.agents("CreateAgentActionGroup", both).await), "ValidationException");
    }
}

#[tokio::test(start_paused = true)]
async fn flows_and_prompts_go_when_nothing_holds_them() {
    for strict in [true, false] {
        let bench = Bench::open(&format!(
            r#"
knobs: {{ flow_aliases_count_as_use: {strict}, prompts_in_flows_count_as_use: {strict}, flow_test_alias_listed: {strict} }}
account:
  flows:
    - {{ name: f, id: FLOWFLOW01, region: us-east-1, prompts: [p], versions: [[]], aliases: [{{ name: live }}] }}
  prompts: [{{ name: p, id: PROMPT0001, region: us-east-1, text: hello, versions: 1 }}]"#
        ));
        let flow = json!({ "flowIdentifier": "FLOWFLOW01" });
        let prompt = json!({ "promptIdentifier": "PROMPT0001" });
        let aliases = bench.agents("ListFlowAliases", flow.clone()).await.expect("aliases");
        let aliases = aliases["flowAliasSummaries"].as_array().expect("a list").clone();
        assert_eq!(aliases.len(), 1 + usize::from(strict));
        let live = aliases.iter().find(|alias| alias["id"] != "TSTALIASID").expect("an alias")["id"].clone();
        let version = json!({ "flowIdentifier": "FLOWFLOW01", "flowVersion": "1" });
        assert_eq!(code(bench.agents("DeleteFlowVersion", version.clone()).await), "ConflictException");
        let test = json!({ "flowIdentifier": "FLOWFLOW01", "aliasIdentifier": "TSTALIASID" });
        assert_eq!(code(bench.agents("DeleteFlowAlias", test).await), "ValidationException");
        let listed = bench.agents("ListPrompts", prompt.clone()).await.expect("versions");
        assert_eq!(listed["promptSummaries"].as_array().map(Vec::len), Some(2));
        if strict {
            assert_eq!(code(bench.agents("DeleteFlow", flow.clone()).await), "ConflictException");
            assert_eq!(code(bench.agents("DeletePrompt", prompt.clone()).await), "ConflictException");
            bench.wait(1).await;
            let alias = json!({ "flowIdentifier": "FLOWFLOW01", "aliasIdentifier": live });
            bench.agents("DeleteFlowAlias", alias).await.expect("deleted");
            bench.agents("DeleteFlowVersion", version).await.expect("deleted");
        }
        bench.wait(1).await;
        bench.agents("DeleteFlow", flow.clone()).await.expect("deleted");
        assert_eq!(code(bench.agents("GetFlow", flow).await), "ResourceNotFoundException");
        bench.agents("DeletePrompt", prompt.clone()).await.expect("deleted");
        assert_eq!(code(bench.agents("GetPrompt", prompt).await), "ResourceNotFoundException");
    }
}
