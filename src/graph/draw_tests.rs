//! Golden drawings of the shipped runbook, for other programs. The one for people is golden where they see it, in the
//! tests of the command line.

use super::{Drawing, Graph, check, draw};
use crate::actions::registry;
use crate::runbook::find;

fn graph() -> Graph {
    check(find("rogue-bedrock-agent").expect("it is embedded"), registry()).runbook.expect("it is sound").1
}

#[test]
fn as_mermaid() {
    insta::assert_snapshot!(draw(&graph(), Drawing::Mermaid), @r#"
    flowchart TD
      subgraph contain
        s_lock_trust["lock_trust<br/>iam.lock-trust"]
        s_freeze["freeze<br/>iam.revoke-sessions"]
        s_keys[("keys<br/>iam.access-keys")]
        s_deactivate["deactivate<br/>iam.deactivate-access-keys"]
        s_freeze_user["freeze_user<br/>iam.revoke-sessions"]
        s_rogue[("rogue<br/>bedrock.agents")]
        s_pause["pause<br/>bedrock.pause-agent<br/>for each item"]
        s_case["case<br/>support.open-case"]
      end
      subgraph eradicate
        s_pause_unknown["pause_unknown<br/>bedrock.pause-agent<br/>for each item"]
        s_sure{{"sure<br/>gate: confirm"}}
        s_delete[["delete<br/>bedrock.delete-agent<br/>for each item<br/>irreversible"]]:::irreversible
      end
      subgraph recover
        s_trails[("trails<br/>cloudtrail.trails")]
        s_handover{{"handover<br/>gate: instruction"}}
      end
      s_lock_trust -->|after| s_freeze
      s_lock_trust -.->|trust-lock-before-revoke| s_freeze
      s_deactivate -.->|keys-before-revoke| s_freeze_user
      s_rogue --o|uses| s_pause
      s_freeze -->|after| s_case
      s_freeze_user -->|after| s_case
      s_deactivate -->|after| s_case
      s_pause -->|after| s_case
      s_rogue --o|uses| s_pause_unknown
      s_rogue --o|uses| s_sure
      s_pause -->|after| s_sure
      s_rogue --o|uses| s_delete
      s_pause -.->|pause-before-delete| s_delete
      s_pause_unknown -.->|pause-before-delete| s_delete
      s_sure ==>|needs| s_delete
      s_trails --o|uses| s_handover
      classDef irreversible stroke-width:3px,stroke-dasharray:6 3
    "#);
}

#[test]
fn as_dot() {
    insta::assert_snapshot!(draw(&graph(), Drawing::Dot), @r#"
    digraph "rogue-bedrock-agent" {
      rankdir=TB;
      node [shape=box];
      subgraph cluster_contain {
        label="contain";
        "lock_trust" [label="lock_trust\niam.lock-trust"];
        "freeze" [label="freeze\niam.revoke-sessions"];
        "keys" [label="keys\niam.access-keys", shape=cylinder];
        "deactivate" [label="deactivate\niam.deactivate-access-keys"];
        "freeze_user" [label="freeze_user\niam.revoke-sessions"];
        "rogue" [label="rogue\nbedrock.agents", shape=cylinder];
        "pause" [label="pause\nbedrock.pause-agent\nfor each item"];
        "case" [label="case\nsupport.open-case"];
      }
      subgraph cluster_eradicate {
        label="eradicate";
        "pause_unknown" [label="pause_unknown\nbedrock.pause-agent\nfor each item"];
        "sure" [label="sure\ngate: confirm", shape=hexagon];
        "delete" [label="delete\nbedrock.delete-agent\nfor each item\nirreversible", peripheries=2];
      }
      subgraph cluster_recover {
        label="recover";
        "trails" [label="trails\ncloudtrail.trails", shape=cylinder];
        "handover" [label="handover\ngate: instruction", shape=hexagon];
      }
      "lock_trust" -> "freeze" [label="after"];
      "lock_trust" -> "freeze" [label="trust-lock-before-revoke", style=dashed];
      "deactivate" -> "freeze_user" [label="keys-before-revoke", style=dashed];
      "rogue" -> "pause" [label="uses", arrowhead=odot];
      "freeze" -> "case" [label="after"];
      "freeze_user" -> "case" [label="after"];
      "deactivate" -> "case" [label="after"];
      "pause" -> "case" [label="after"];
      "rogue" -> "pause_unknown" [label="uses", arrowhead=odot];
      "rogue" -> "sure" [label="uses", arrowhead=odot];
      "pause" -> "sure" [label="after"];
      "rogue" -> "delete" [label="uses", arrowhead=odot];
      "pause" -> "delete" [label="pause-before-delete", style=dashed];
      "pause_unknown" -> "delete" [label="pause-before-delete", style=dashed];
      "sure" -> "delete" [label="needs", style=bold];
      "trails" -> "handover" [label="uses", arrowhead=odot];
    }
    "#);
}

#[test]
fn as_json() {
    let text = draw(&graph(), Drawing::Json);
    let picture: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(picture["format"], 1);
    assert_eq!(picture["phases"][1]["layers"], serde_json::json!([["pause_unknown", "sure"], ["delete"]]));
    let hazard = picture["edges"].as_array().expect("a list").iter().find(|edge| edge["rule"] == "pause-before-delete");
    insta::assert_snapshot!(hazard.expect("a hazard"), @r#"
    {"from":"pause","to":"delete","kind":"hazard","join":"item-by-item","rule":"pause-before-delete","why":"deleting takes minutes in which an agent that is not paused still answers"}
    "#);
}
