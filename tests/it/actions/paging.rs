//! Lists that somebody makes shorter while they are read: what AWS said a page before is no place in them any more.

use std::time::Duration;

use quell::aws::ListRolePolicies;
use quell::range::scenario::FaultKind;
use quell::range::{Moment, TrailEvent};
use serde_json::json;

use super::{AGENT, Bench, scenario, set};

const ROLE: &str = "ml-pipeline";

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_list_that_became_shorter_while_it_was_read_is_read_again_and_whole() {
    for remembers in [false, true] {
        let mut account = scenario();
        set(&mut account, "/knobs/page_size", json!(1));
        set(&mut account, "/knobs/iam_stale_reads", json!(false));
        let pause = json!({ "agent": { "region": "us-east-1", "id": AGENT } });
        let bench = Bench::of_action("bedrock.pause-agent", &pause, &account, 1);
        let other = bench.other();
        let nothing =
            json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": "s3:*", "Resource": "*" }] });
        for name in ["one", "two", "three"] {
            let policy = json!({ "RoleName": ROLE, "PolicyName": name, "PolicyDocument": nothing.to_string() });
            other.iam("PutRolePolicy", policy).await;
        }
        bench.rest().await;
        let request = ListRolePolicies { role: ROLE.parse().expect("a role"), next: None };
        let reader = if remembers { bench.stage.planning() } else { bench.stage.acting() };
        let before = reader.ask_all(request.clone()).await.expect("a list").len();
        assert!(before >= 3);
        let reader = if remembers { bench.stage.planning() } else { bench.stage.acting() };

        // The last page is held up for as long as somebody takes for leaving one policy alone.
        let last = u32::try_from(2 * before).expect("a few");
        bench.stage.range.set_hook(move |flight| {
            let is_it = flight.call.operation == "ListRolePolicies" && flight.nth == last;
            (is_it && flight.moment == Moment::BeforeEffect).then_some(FaultKind::Throttle)
        });
        let shortens = async {
            while reader.reads() < before as u64 {
                bench.stage.clock.sleep(Duration::from_millis(1)).await;
            }
            for name in ["two", "three"] {
                other.iam("DeleteRolePolicy", json!({ "RoleName": ROLE, "PolicyName": name })).await;
            }
        };
        let (names, ()) = tokio::join!(reader.ask_all(request), shortens);
        let names = names.expect("a whole list");
        assert_eq!(names.len(), before - 2, "{names:?}");
        assert!(names.contains(&"one".to_owned()), "{names:?}");
        let is_refused = |event: &&TrailEvent| {
            event.event_name == "ListRolePolicies" && event.error_code.as_deref() == Some("ValidationError")
        };
        assert_eq!(bench.trail().iter().filter(is_refused).count(), 1, "{remembers}: the place was never refused");
    }
}
