use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::samples::{self, *};
use super::unwrap::{DEEPEST, LARGEST, MOST, MOST_READ};
use super::*;

fn value(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn read(bytes: impl AsRef<[u8]>) -> Unwrapped {
    unwrap(bytes.as_ref()).expect("something that can be read")
}

/// The one event of an input.
fn one(bytes: impl AsRef<[u8]>) -> Detection {
    let read = read(bytes);
    assert_eq!(read.unread, []);
    let [event] = read.events.try_into().expect("one event");
    event
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).expect("memory");
    out.finish().expect("memory")
}

/// One wrapping around what is given.
#[derive(Debug, Clone, Copy)]
enum Wrap {
    Sns,
    SnsOfLambda,
    Sqs,
    SqsOfLambda,
    Received,
    List,
    Lines,
    Gzip,
    Packed,
    Kinesis,
    Logs,
    Http,
}

const WRAPS: [Wrap; 12] = [
    Wrap::Sns,
    Wrap::SnsOfLambda,
    Wrap::Sqs,
    Wrap::SqsOfLambda,
    Wrap::Received,
    Wrap::List,
    Wrap::Lines,
    Wrap::Gzip,
    Wrap::Packed,
    Wrap::Kinesis,
    Wrap::Logs,
    Wrap::Http,
];

impl Wrap {
    /// How many wrappings it counts as.
    fn counts(self) -> usize {
        match self {
            Self::List | Self::Lines => 0,
            Self::Packed => 2,
            Self::Logs => 3,
            _ => 1,
        }
    }

    fn around(self, inner: &[u8]) -> Vec<u8> {
        // What is no text travels as base64 of gzip alone.
        let text = || match std::str::from_utf8(inner) {
            Ok(text) => text.to_owned(),
            Err(_) => STANDARD.encode(inner),
        };
        let wrapped = match self {
            Self::Sns => json!({ "Type": "Notification", "MessageId": "m", "TopicArn": "t", "Message": text() }),
            Self::SnsOfLambda => {
                json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Type": "Notification", "Message": text() } }] })
            }
            Self::Sqs => json!({ "MessageId": "m", "ReceiptHandle": "r", "Body": text() }),
            Self::SqsOfLambda => json!({ "Records": [{ "messageId": "m", "eventSource": "aws:sqs", "body": text() }] }),
            Self::Received => json!({ "Messages": [{ "MessageId": "m", "Body": text() }] }),
            Self::List => return [b"[".to_vec(), value_or_text(inner), b"]".to_vec()].concat(),
            Self::Lines => return [value_or_text(inner), b"\n".to_vec()].concat(),
            Self::Gzip => return gzip(inner),
            Self::Packed => return STANDARD.encode(gzip(inner)).into_bytes(),
            Self::Kinesis => json!({ "Records": [{ "kinesis": { "data": STANDARD.encode(inner) } }] }),
            Self::Logs => {
                let logs = json!({ "messageType": "DATA_MESSAGE", "logEvents": [{ "id": "1", "timestamp": 1, "message": text() }] });
                json!({ "awslogs": { "data": STANDARD.encode(gzip(logs.to_string().as_bytes())) } })
            }
            Self::Http => json!({ "body": STANDARD.encode(inner), "isBase64Encoded": true, "requestContext": {} }),
        };
        wrapped.to_string().into_bytes()
    }
}

/// JSON as it is, on one line; anything else as a JSON text, which counts as a wrapping more.
fn value_or_text(inner: &[u8]) -> Vec<u8> {
    match serde_json::from_slice::<&serde_json::value::RawValue>(inner) {
        Ok(raw) => raw.get().replace('\n', " ").into_bytes(),
        Err(_) => {
            json!(String::from_utf8(inner.to_vec()).unwrap_or_else(|_| STANDARD.encode(inner))).to_string().into_bytes()
        }
    }
}

#[test]
fn a_finding_keeps_its_digits_and_tells_its_way() {
    let text = ANOMALOUS_INVOCATION.replace("\"severity\": 2", "\"severity\": 2.50000000000000000001");
    let message = Wrap::SqsOfLambda.around(&Wrap::Sns.around(text.as_bytes()));
    let event = one(message);
    assert!(event.text().contains("\"severity\":2.50000000000000000001"));
    assert_eq!(event.way(), "SQS > SNS > EventBridge");
    assert_eq!(event.place(), "Records[0].body.Message");
    assert_eq!(event.source(), "aws.guardduty");
    assert_eq!(event.event_id(), "c8c4daa7-a20c-2f03-0070-b7393dd542ad");
    assert_eq!(event.subject(), "f6c9a1b2d3e4f5061728394a5b6c7d8e");
    let pattern = Pattern::read(r#"{"detail":{"severity":[{"numeric":[">",2.5]}]}}"#).expect("a pattern");
    assert!(pattern.matches(&Event::read(event.text()).expect("an event")));
}

#[test]
fn a_finding_of_the_api_becomes_one_of_eventbridge() {
    let event = one(PROMPT_INJECTION_OF_THE_API);
    let envelope = value(event.text());
    assert_eq!(envelope["source"], "aws.guardduty");
    assert_eq!(envelope["detail-type"], "GuardDuty Finding");
    assert_eq!(envelope["account"], "111122223333");
    assert_eq!(envelope["detail"]["resource"]["accessKeyDetails"]["userName"], "BedrockAPIKey-ab1c");
    assert_eq!(
        envelope["detail"]["service"]["action"]["awsApiCallAction"]["remoteIpDetails"]["ipAddressV4"],
        "198.51.100.7"
    );
    assert_eq!(event.way(), "GuardDuty finding");
    assert_eq!(event.place(), "Findings[0]");
    // People write test events with the API's finding in EventBridge's envelope.
    let bare = value(PROMPT_INJECTION_OF_THE_API)["Findings"][0].clone();
    let mut around = value(ANOMALOUS_INVOCATION);
    around["detail"] = bare;
    assert_eq!(value(one(around.to_string()).text())["detail"], envelope["detail"]);
}

#[test]
fn each_finding_of_an_envelope_is_an_event_of_its_own() {
    let read = read(ASFF_TWO_FINDINGS);
    assert_eq!(read.unread, []);
    assert_eq!(read.events.len(), 2);
    let whole = value(ASFF_TWO_FINDINGS);
    for (number, event) in read.events.iter().enumerate() {
        let mut expected = whole.clone();
        expected["detail"]["findings"] = json!([whole["detail"]["findings"][number]]);
        assert_eq!(value(event.text()), expected);
        assert_eq!(event.place(), format!("detail.findings[{number}]"));
        assert_eq!(event.identity().0, "2b3c4d5e-1111-4222-8333-444455556666");
        assert_eq!(event.subject(), whole["detail"]["findings"][number]["Id"].as_str().expect("an id"));
    }
}

#[test]
fn bare_findings_get_the_envelope_that_aws_would_give() {
    let asff = value(ASFF_TWO_FINDINGS)["detail"].clone();
    let events = read(json!({ "Findings": asff["findings"] }).to_string()).events;
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|event| event.detail_type() == "Security Hub Findings - Imported"));
    let ocsf = one(value(OCSF_DETECTION)["detail"]["findings"][0].to_string());
    assert_eq!((ocsf.source(), ocsf.detail_type()), ("aws.securityhub", "Findings Imported V2"));
    assert_eq!(value(ocsf.text())["region"], "us-east-1");
    let sign_in = one(ROOT_SIGN_IN);
    assert_eq!((sign_in.source(), sign_in.detail_type()), ("aws.signin", "AWS Console Sign In via CloudTrail"));
    let record = one(BEARER_TOKEN);
    assert_eq!((record.source(), record.detail_type()), ("aws.bedrock", "AWS API Call via CloudTrail"));
    assert_eq!(record.event_id(), "bbbbbbbb-1111-4222-8333-cccccccccccc");
    assert_eq!(value(record.text())["time"], "2026-11-20T08:42:10Z");
}

#[test]
fn log_files_and_streams_are_read_record_by_record() {
    let records: Vec<Value> = [BEARER_TOKEN, ROOT_SIGN_IN, FEDERATED_USER].map(value).to_vec();
    let file = gzip(json!({ "Records": records }).to_string().as_bytes());
    let of_file = read(&file).events;
    assert_eq!(of_file.len(), 3);
    assert_eq!((of_file[2].way().as_str(), of_file[2].place()), ("gzip > CloudTrail record", "Records[2]"));
    // Firehose puts nothing between records, people put lines.
    let texts: Vec<String> = records.iter().map(Value::to_string).collect();
    assert_eq!(read(texts.concat()).events.len(), 3);
    assert_eq!(read(texts.join("\r\n")).events.len(), 3);
    assert_eq!(read(format!("\u{feff}{}", texts.join("\n\n"))).events.len(), 3);
    let looked_up = json!({ "Events": [{ "EventId": "e", "CloudTrailEvent": texts[0] }] });
    assert_eq!(one(looked_up.to_string()).way(), "LookupEvents > CloudTrail record");
}

#[test]
fn what_is_broken_loses_nothing_else() {
    let good = value(BEARER_TOKEN);
    let mut twice = good.to_string();
    twice.insert_str(1, r#""eventName":"x","#);
    let listed =
        format!("[{good}, 1, {{}}, {{\"Type\":\"SubscriptionConfirmation\",\"Message\":\"x\"}}, {twice}, {good}]");
    let of_list = read(&listed);
    assert_eq!(of_list.events.len(), 2);
    let places: Vec<_> = of_list.unread.iter().map(|unread| unread.place.as_str()).collect();
    assert_eq!(places, ["[1]", "[2]", "[3]", "[4]"]);
    assert_eq!(of_list.unread[3].why, "`eventName` stands twice in one object");
    let of_lines = read(format!("{good}\n{{\"half\": \n{good}"));
    assert_eq!(of_lines.events.len(), 2);
    assert_eq!(of_lines.unread[0].place, "line 2");
    let messages =
        json!({ "Records": [{ "body": "no JSON" }, { "body": good.to_string() }, { "kinesis": { "data": "%" } }] });
    let of_queue = read(messages.to_string());
    assert_eq!(of_queue.events.len(), 1);
    assert_eq!(
        of_queue.unread.iter().map(|unread| unread.place.as_str()).collect::<Vec<_>>(),
        ["Records[0].body", "Records[2].kinesis.data"]
    );
    let mut envelope = value(ASFF_TWO_FINDINGS);
    envelope["detail"]["findings"][0] = json!("x");
    let of_envelope = read(envelope.to_string());
    assert_eq!((of_envelope.events.len(), of_envelope.unread[0].place.as_str()), (1, "detail.findings[0]"));
}

#[test]
fn an_envelope_has_members_of_the_right_kind() {
    for (member, other) in [
        ("id", json!(1)),
        ("account", json!(111_122_223_333_u64)),
        ("time", json!("")),
        ("detail", json!("x")),
        ("resources", json!([1])),
        ("source", json!("x".repeat(2000))),
    ] {
        let mut envelope = value(ANOMALOUS_INVOCATION);
        envelope[member] = other;
        let why = unwrap(envelope.to_string().as_bytes()).expect_err("no event").to_string();
        assert!(why.contains(&format!("`{member}`")), "{why}");
        envelope.as_object_mut().expect("an object").remove(member);
        assert_eq!(
            unwrap(envelope.to_string().as_bytes()).is_ok(),
            ["account", "time", "resources"].contains(&member),
            "{member}"
        );
    }
}

#[test]
fn bombs_do_not_go_off() {
    let zeros = vec![b' '; MOST_READ];
    let bomb = gzip(&zeros);
    assert!(bomb.len() < 100_000);
    assert!(unwrap(&bomb).is_err());
    assert!(unwrap(&gzip(&gzip(&[zeros.as_slice(), &zeros, &zeros].concat()))).is_err());
    // Each message alone is small enough; all of them are not.
    let packed = STANDARD.encode(gzip(&vec![b' '; MOST_READ / 3]));
    let many = json!({ "Records": vec![json!({ "body": packed }); 50] });
    let read = read(many.to_string());
    assert_eq!((read.events.len(), read.unread.len()), (0, 50));
    assert!(read.unread[3].why.contains("larger than may be read"), "{}", read.unread[3].why);
    // A bomb loses nothing behind it, and many are not waited for.
    let (bomb, good) = (json!({ "body": STANDARD.encode(&bomb) }), json!({ "body": BEARER_TOKEN }));
    let read = unwrap(
        json!({ "Records": [bomb.clone(), { "body": STANDARD.encode(gzip(BEARER_TOKEN.as_bytes())) }] })
            .to_string()
            .as_bytes(),
    )
    .expect("events");
    assert_eq!((read.events.len(), read.unread.len()), (1, 1));
    let records = [vec![bomb; 300], vec![good]].concat();
    let read = unwrap(json!({ "Records": records }).to_string().as_bytes()).expect("events");
    assert_eq!((read.events.len(), read.unread.len()), (1, 300));
    assert!(read.unread[299].why.contains("compressed too well"));
    assert!(matches!(unwrap(&vec![b'1'; MOST_READ + 1]), Err(BadInput::TooLarge)));
    assert!(matches!(unwrap(b" \n"), Err(BadInput::Empty)));
    assert!(unwrap(&gzip(b"")).is_err());
    assert!(unwrap(&[0x1f, 0x8b, 8, 0, 1]).is_err());
}

#[test]
fn depth_has_an_end_for_people_to_read() {
    let wrapped =
        |times: usize| (0..times).fold(ANOMALOUS_INVOCATION.as_bytes().to_vec(), |inner, _| Wrap::Sns.around(&inner));
    assert_eq!(one(wrapped(DEEPEST)).way(), format!("{}EventBridge", "SNS > ".repeat(DEEPEST)));
    let read = read(wrapped(DEEPEST + 1));
    assert_eq!(read.events, []);
    assert_eq!(read.unread[0].why, "it is wrapped more than 8 times");
    let nested = format!("{}{}", "[".repeat(60), "]".repeat(60));
    assert!(unwrap(nested.as_bytes()).expect("a list").unread[0].why.contains("16 steps"));
    let deeper = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    assert!(unwrap(deeper.as_bytes()).expect_err("too deep").to_string().contains("64 levels"));
    let mut matryoshka = b"x".to_vec();
    (0..DEEPEST + 3).for_each(|_| matryoshka = gzip(&matryoshka));
    assert!(unwrap(&matryoshka).is_err());
}

#[test]
fn large_and_many_have_an_end() {
    let mut large = value(ANOMALOUS_INVOCATION);
    large["detail"]["padding"] = json!("x".repeat(LARGEST));
    assert!(unwrap(large.to_string().as_bytes()).expect_err("too large").to_string().contains("1048576"));
    let lines = "1\n".repeat(MOST + 50);
    let read = read(&lines);
    assert_eq!((read.events.len(), read.unread.len()), (0, MOST + 1));
    assert!(read.unread[MOST].why.contains("more than 10000"), "{}", read.unread[MOST].why);
    // One envelope, large, for each of many findings: what is written is bounded as well.
    let mut envelope = value(ASFF_TWO_FINDINGS);
    let finding = envelope["detail"]["findings"][0].clone();
    envelope["detail"]["padding"] = json!("x".repeat(LARGEST / 2));
    envelope["detail"]["findings"] = json!(vec![finding; 2000]);
    let read = unwrap(envelope.to_string().as_bytes()).expect("events");
    assert!(read.events.iter().map(|event| event.text().len()).sum::<usize>() <= 32 * 1024 * 1024);
    assert_eq!(read.events.len() + read.unread.len(), 2000);
    // What an envelope adds may make a finding too deep for whoever reads the event.
    for levels in 50..70 {
        let nested = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let record = BEARER_TOKEN.replacen('{', &format!("{{\"more\":{nested},"), 1);
        for event in unwrap(record.as_bytes()).map(|read| read.events).unwrap_or_default() {
            assert!(Event::read(event.text()).is_ok());
            assert_ne!(Facts::of(&event), Facts::default());
        }
    }
}

#[test]
fn two_spellings_of_one_member_are_refused() {
    let mut finding = value(PROMPT_INJECTION_OF_THE_API)["Findings"][0].clone();
    finding["Resource"]["AccessKeyDetails"]["userName"] = json!("somebody-else");
    assert!(
        unwrap(finding.to_string().as_bytes()).expect_err("two names").to_string().contains("`userName` stands twice")
    );
}

#[test]
fn garbage_is_told_from_events() {
    for garbage in
        ["x", "{", "[", "null", "\"\"", "[[]", "{}", "{\"Records\":{}}", "H4sIAAAA", "\u{0}", "{\"a\":\"\\ud800\"}"]
    {
        assert!(!unwrap(garbage.as_bytes()).is_ok_and(|read| read.unread.is_empty()), "{garbage}");
    }
    assert_eq!(read("[]"), Unwrapped::default());
    // What is encoded by hand has lines.
    let by_hand: Vec<String> = STANDARD
        .encode(gzip(BEARER_TOKEN.as_bytes()))
        .as_bytes()
        .chunks(76)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    assert_eq!(one(by_hand.join("\n")).way(), "base64 > gzip > CloudTrail record");
    assert!(unwrap(&[0xff, 0xfe, 0x00]).is_err());
}

/// What is known of an event whatever it came in.
fn known(read: &Unwrapped) -> Vec<(String, Facts)> {
    read.events.iter().map(|event| (event.text().to_owned(), Facts::of(event))).collect()
}

fn json_of(depth: u32) -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "Records",
        "Findings",
        "findings",
        "detail",
        "detail-type",
        "id",
        "source",
        "account",
        "time",
        "region",
        "body",
        "Body",
        "Sns",
        "Message",
        "Type",
        "awslogs",
        "data",
        "kinesis",
        "message",
        "timestamp",
        "eventSource",
        "eventName",
        "eventTime",
        "eventID",
        "userIdentity",
        "type",
        "arn",
        "accountId",
        "service",
        "resource",
        "class_uid",
        "finding_info",
        "uid",
        "ProductArn",
        "AwsAccountId",
        "Id",
        "AccountId",
        "Service",
        "Resources",
        "Details",
        "AwsIamAccessKey",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(samples::ALL).prop_map(Value::from),
        Just(json!("Notification")),
        Just(json!("bedrock.amazonaws.com")),
        Just(json!("H4sIAAAAAAAA"))
    ];
    leaf.prop_recursive(depth, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(names.clone().prop_map(str::to_owned), inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn wrappings_change_nothing(sample in prop::sample::select(samples::ALL), wraps in prop::collection::vec(prop::sample::select(WRAPS.to_vec()), 0..8)) {
        let bare = read(sample);
        let (mut wrapped, mut used, mut steps) = (sample.as_bytes().to_vec(), 0, 4);
        for wrap in wraps {
            // What is compressed inside JSON is base64 too, and inside a list a text.
            let extra = if serde_json::from_slice::<Value>(&wrapped).is_err() { 2 } else { 0 };
            if used + wrap.counts() + extra > DEEPEST || steps + 2 * wrap.counts() + extra + 1 > 2 * DEEPEST {
                break;
            }
            (used, steps) = (used + wrap.counts() + extra, steps + 2 * wrap.counts() + extra + 1);
            wrapped = wrap.around(&wrapped);
        }
        let read = read(&wrapped);
        prop_assert_eq!(&read.unread, &[]);
        prop_assert_eq!(known(&read), known(&bare));
    }

    #[test]
    fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..400), is_packed in any::<bool>()) {
        let bytes = if is_packed { gzip(&bytes) } else { bytes };
        let _ = unwrap(&bytes);
    }

    #[test]
    fn no_text_breaks_it(text in r#"([\[\]{}:,"\\ \n0-9a-z]|\{"Records":|"body":|H4sI|"Message":|"Type":"Notification"){0,60}"#) {
        let _ = unwrap(text.as_bytes());
    }

    #[test]
    fn no_json_breaks_it(json in json_of(5)) {
        let Ok(read) = unwrap(json.to_string().as_bytes()) else { return Ok(()) };
        for event in &read.events {
            prop_assert!(Event::read(event.text()).is_ok(), "{}", event.text());
            prop_assert!(!event.event_id().is_empty() && !event.subject().is_empty());
            let again = one(event.text());
            prop_assert_eq!(again.text(), event.text());
            prop_assert_eq!(Facts::of(&again), Facts::of(event));
        }
    }
}
