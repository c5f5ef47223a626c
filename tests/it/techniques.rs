//! The ids of techniques that runbooks name are those of ATT&CK 18.1, ATLAS 5.6.0 and D3FEND 2025-08-25.

use std::collections::BTreeSet;

use quell::actions::registry;
use quell::graph::check;
use quell::runbook::{Runbook, Source, Work, embedded, shipped};

/// Every id that a runbook may name, with its name.
const KNOWN: &[(&str, &str)] = &[
    ("T1078.004", "Valid Accounts: Cloud Accounts"),
    ("T1098.001", "Account Manipulation: Additional Cloud Credentials"),
    ("T1136.003", "Create Account: Cloud Account"),
    ("T1213", "Data from Information Repositories"),
    ("T1496.004", "Resource Hijacking: Cloud Service Hijacking"),
    ("T1526", "Cloud Service Discovery"),
    ("T1528", "Steal Application Access Token"),
    ("T1550.001", "Use Alternate Authentication Material: Application Access Token"),
    ("T1552", "Unsecured Credentials"),
    ("T1552.001", "Unsecured Credentials: Credentials In Files"),
    ("T1555.006", "Credentials from Password Stores: Cloud Secrets Management Stores"),
    ("T1562.001", "Impair Defenses: Disable or Modify Tools"),
    ("T1562.008", "Impair Defenses: Disable or Modify Cloud Logs"),
    ("T1565.001", "Data Manipulation: Stored Data Manipulation"),
    ("T1566", "Phishing"),
    ("T1567", "Exfiltration Over Web Service"),
    ("T1580", "Cloud Infrastructure Discovery"),
    ("T1648", "Serverless Execution"),
    ("AML.T0012", "Valid Accounts"),
    ("AML.T0020", "Poison Training Data"),
    ("AML.T0034", "Cost Harvesting"),
    ("AML.T0034.001", "Cost Harvesting: Resource-Intensive Queries"),
    ("AML.T0034.002", "Cost Harvesting: Agentic Resource Consumption"),
    ("AML.T0040", "AI Model Inference API Access"),
    ("AML.T0051", "LLM Prompt Injection"),
    ("AML.T0051.001", "LLM Prompt Injection: Indirect"),
    ("AML.T0053", "AI Agent Tool Invocation"),
    ("AML.T0055", "Unsecured Credentials"),
    ("AML.T0057", "LLM Data Leakage"),
    ("AML.T0070", "RAG Poisoning"),
    ("AML.T0071", "False RAG Entry Injection"),
    ("AML.T0080.000", "AI Agent Context Poisoning: Memory"),
    ("AML.T0081", "Modify AI Agent Configuration"),
    ("AML.T0083", "Credentials from AI Agent Configuration"),
    ("AML.T0086", "Exfiltration via AI Agent Tool Invocation"),
    ("AML.T0098", "AI Agent Tool Credential Harvesting"),
    ("AML.T0103", "Deploy AI Agent"),
    ("D3-AI", "Asset Inventory"),
    ("D3-AL", "Account Locking"),
    ("D3-AMED", "Access Mediation"),
    ("D3-ANCI", "Authentication Cache Invalidation"),
    ("D3-APA", "Access Policy Administration"),
    ("D3-CCSA", "Credential Compromise Scope Analysis"),
    ("D3-CQ", "Content Quarantine"),
    ("D3-CR", "Credential Revocation"),
    ("D3-CRO", "Credential Rotation"),
    ("D3-ITF", "Inbound Traffic Filtering"),
    ("D3-NI", "Network Isolation"),
    ("D3-NTF", "Network Traffic Filtering"),
    ("D3-OE", "Object Eviction"),
    ("D3-OTF", "Outbound Traffic Filtering"),
    ("D3-PS", "Process Suspension"),
    ("D3-PT", "Process Termination"),
    ("D3-RA", "Restore Access"),
    ("D3-RC", "Restore Configuration"),
    ("D3-RF", "Restore File"),
    ("D3-RIC", "Reissue Credential"),
    ("D3-RO", "Restore Object"),
    ("D3-RUAA", "Restore User Account Access"),
    ("D3-SCP", "System Configuration Permissions"),
    ("D3-ST", "Session Termination"),
    ("D3-UAP", "User Account Permissions"),
    ("D3-ULA", "Unlock Account"),
];

/// What an action counters with: of a runbook that uses one of the actions, one of the D3FEND ids is expected.
const COUNTERS: &[(&[&str], &[&str])] = &[
    (&["iam.deactivate-access-keys", "iam.deactivate-service-credentials"], &["D3-AL", "D3-CRO"]),
    (&["iam.delete-access-key", "iam.delete-console-password"], &["D3-CR"]),
    (&["iam.revoke-sessions", "iam.deny-session", "iam.deny-session-started-at"], &["D3-ANCI", "D3-ST"]),
    (&["iam.create-access-key"], &["D3-CRO"]),
    (&["iam.deny-ai-services", "iam.deny-from-outside"], &["D3-UAP", "D3-APA"]),
    (&["iam.deny-everything"], &["D3-AL", "D3-UAP", "D3-APA"]),
    (&["bedrock.restore-invocation-logging", "bedrock.restore-guardrail", "bedrock.lead-flow-back"], &["D3-RC"]),
    (&["bedrock.remove-documents", "q.delete-documents"], &["D3-OE"]),
    (&["bedrock.delete-agent", "q.delete-application"], &["D3-PT", "D3-PS"]),
];

fn runbooks() -> impl Iterator<Item = Runbook> {
    embedded().map(|name| {
        let one = shipped(name).expect("it is shipped");
        check(Source::new(one.name, one.text), registry()).runbook.expect("a sound runbook").0
    })
}

#[test]
fn every_id_is_one_of_its_framework() {
    let distinct: BTreeSet<&str> = KNOWN.iter().map(|(id, _)| *id).collect();
    assert_eq!(distinct.len(), KNOWN.len(), "an id stands there twice");
    assert!(KNOWN.iter().all(|(_, name)| name.len() > 3), "an id without a name");
    for runbook in runbooks() {
        let techniques = runbook.techniques();
        for (start, ids) in [("T", &techniques.attack), ("AML.T", &techniques.atlas), ("D3-", &techniques.d3fend)] {
            for id in ids {
                assert!(id.starts_with(start) && distinct.contains(id.as_str()), "{}: `{id}`", runbook.name());
            }
            let once: BTreeSet<&String> = ids.iter().collect();
            assert_eq!(once.len(), ids.len(), "{}: an id twice", runbook.name());
        }
    }
}

#[test]
fn what_a_runbook_does_is_among_what_it_counters_with() {
    for runbook in runbooks() {
        let used: BTreeSet<&str> = runbook
            .steps()
            .iter()
            .filter_map(|step| match &step.work {
                Work::Action { name, .. } => Some(name.as_str()),
                _ => None,
            })
            .collect();
        let said = &runbook.techniques().d3fend;
        for (actions, ids) in COUNTERS {
            let does: Vec<&&str> = actions.iter().filter(|action| used.contains(**action)).collect();
            let told = said.iter().any(|id| ids.contains(&id.as_str()));
            assert!(does.is_empty() || told, "{}: {does:?} without one of {ids:?}", runbook.name());
        }
    }
}
