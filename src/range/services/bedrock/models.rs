//! What uses models or makes them: jobs, throughput that was bought, deployments of custom models.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::range::model::{ModelKind, ModelThing};
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use ModelKind::{CustomizationJob, Deployment, ImportJob, InvocationJob, Throughput};

pub(super) const ROWS: &[Row] = &[
    Row::read("ListModelCustomizationJobs", anything, |turn| list(turn, CustomizationJob)),
    Row::read("GetModelCustomizationJob", |turn| on(turn, CustomizationJob), |turn| get(turn, CustomizationJob)),
    Row::write("StopModelCustomizationJob", |turn| on(turn, CustomizationJob), |turn| stop(turn, CustomizationJob)),
    Row::write("CreateModelInvocationJob", anything, create_invocation_job),
    Row::read("ListModelInvocationJobs", anything, |turn| list(turn, InvocationJob)),
    Row::read("GetModelInvocationJob", |turn| on(turn, InvocationJob), |turn| get(turn, InvocationJob)),
    Row::write("StopModelInvocationJob", |turn| on(turn, InvocationJob), |turn| stop(turn, InvocationJob)),
    Row::read("ListModelImportJobs", anything, |turn| list(turn, ImportJob)),
    Row::write("CreateProvisionedModelThroughput", anything, buy),
    Row::read("ListProvisionedModelThroughputs", anything, |turn| list(turn, Throughput)),
    Row::read("GetProvisionedModelThroughput", |turn| on(turn, Throughput), |turn| get(turn, Throughput)),
    Row::write("DeleteProvisionedModelThroughput", |turn| on(turn, Throughput), give_back),
    Row::read("ListCustomModelDeployments", anything, |turn| list(turn, Deployment)),
    Row::read("GetCustomModelDeployment", |turn| on(turn, Deployment), |turn| get(turn, Deployment)),
    Row::write("DeleteCustomModelDeployment", |turn| on(turn, Deployment), undeploy),
];

/// What a call names, an ARN or a name.
fn named<'t>(turn: &Turn<'t>, kind: ModelKind) -> &'t str {
    turn.text(match kind {
        Throughput => "provisionedModelId",
        Deployment => "customModelDeploymentIdentifier",
        CustomizationJob | InvocationJob | ImportJob => "jobIdentifier",
    })
}

fn on(turn: &Turn<'_>, kind: ModelKind) -> String {
    let named = named(turn, kind);
    if named.starts_with("arn:") {
        return named.to_owned();
    }
    found(turn, kind)
        .map_or_else(|_| turn.account().model_thing_arn(kind, &turn.call.region, named), |thing| thing.arn.clone())
}

fn not_found(named: &str) -> ApiError {
    refuse("ResourceNotFoundException", format!("The provided resource {named} could not be found."))
}

fn is_meant(thing: &ModelThing, kind: ModelKind, region: &str, named: &str) -> bool {
    thing.kind == kind && thing.region == region && (thing.arn == named || thing.name == named)
}

fn found<'t>(turn: &'t Turn<'_>, kind: ModelKind) -> Result<&'t ModelThing, ApiError> {
    let (named, region) = (named(turn, kind), turn.call.region.as_str());
    let mut things = turn.account().model_things.values();
    things.find(|thing| is_meant(thing, kind, region, named)).ok_or_else(|| not_found(named))
}

fn found_mut<'t>(turn: &'t mut Turn<'_>, kind: ModelKind) -> Result<&'t mut ModelThing, ApiError> {
    let (named, region) = (named(turn, kind).to_owned(), turn.call.region.clone());
    let mut things = turn.state.account.model_things.values_mut();
    things.find(|thing| is_meant(thing, kind, &region, &named)).ok_or_else(|| not_found(&named))
}

/// The members for ARN, name, and the times of making and of the last change.
fn heads(kind: ModelKind, listed: bool) -> [&'static str; 4] {
    match kind {
        CustomizationJob | ImportJob => ["jobArn", "jobName", "creationTime", "lastModifiedTime"],
        InvocationJob => ["jobArn", "jobName", "submitTime", "lastModifiedTime"],
        Throughput => ["provisionedModelArn", "provisionedModelName", "creationTime", "lastModifiedTime"],
        Deployment if listed => ["customModelDeploymentArn", "customModelDeploymentName", "createdAt", "lastUpdatedAt"],
        Deployment => ["customModelDeploymentArn", "modelDeploymentName", "createdAt", "lastUpdatedAt"],
    }
}

fn shown(thing: &ModelThing, listed: bool) -> Value {
    let [arn, name, created, updated] = heads(thing.kind, listed);
    let mut shown = json!({
        (arn): thing.arn, (name): thing.name, (created): thing.created, (updated): thing.updated,
        "status": thing.status,
    });
    let in_list: &[&str] = match thing.kind {
        CustomizationJob => &["baseModelArn", "customizationType"],
        InvocationJob => &["modelId", "roleArn", "inputDataConfig", "outputDataConfig"],
        ImportJob => &["importedModelName"],
        Throughput => &[
            "modelArn",
            "desiredModelArn",
            "foundationModelArn",
            "modelUnits",
            "desiredModelUnits",
            "commitmentDuration",
            "commitmentExpirationTime",
        ],
        Deployment => &["modelArn"],
    };
    for (member, value) in thing.shown.iter().filter(|(member, _)| !listed || in_list.contains(&member.as_str())) {
        shown[member] = value.clone();
    }
    shown
}

fn get(turn: &mut Turn<'_>, kind: ModelKind) -> Handled {
    Ok(shown(found(turn, kind)?, false))
}

fn list(turn: &mut Turn<'_>, kind: ModelKind) -> Handled {
    let member = match kind {
        CustomizationJob => "modelCustomizationJobSummaries",
        InvocationJob => "invocationJobSummaries",
        ImportJob => "modelImportJobSummaries",
        Throughput => "provisionedModelSummaries",
        Deployment => "modelDeploymentSummaries",
    };
    let status = turn.maybe("statusEquals");
    let all = turn.account().model_things.values();
    let listed = all.filter(|thing| thing.kind == kind && thing.region == turn.call.region);
    let listed = listed.filter(|thing| status.is_none_or(|status| status == thing.status));
    turn.page(member, listed.map(|thing| shown(thing, true)).collect())
}

fn stop(turn: &mut Turn<'_>, kind: ModelKind) -> Handled {
    let thing = found(turn, kind)?;
    if thing.has_ended() {
        // FACT model-jobs-stop-ended
        return match turn.state.knobs.stopping_ended_job_conflicts {
            true => Err(refuse("ConflictException", format!("The job {} has ended.", thing.arn))),
            false => Ok(json!({})),
        };
    }
    // FACT model-jobs-stop-later
    if thing.status != "Stopping" {
        let due = turn.state.after("stop job of models", turn.state.knobs.model_change.0, turn.now);
        let now = turn.now;
        let thing = found_mut(turn, kind)?;
        (thing.status, thing.due, thing.updated) = ("Stopping".to_owned(), Some(due), now);
    }
    Ok(json!({}))
}

/// Puts a new thing into the account; gives its ARN.
fn make(turn: &mut Turn<'_>, kind: ModelKind, name: &str, shown: Map<String, Value>, status: &str) -> String {
    let region = turn.call.region.clone();
    let count = turn.account().model_things.len();
    let id = turn.state.dice.agent_id(kind.word(), &format!("{region} {name} {count}")).to_lowercase();
    let arn = turn.account().model_thing_arn(kind, &region, &format!("{id}00"));
    let due = turn.state.after("make thing of models", turn.state.knobs.model_change.0, turn.now);
    let made = ModelThing {
        kind,
        region,
        arn: arn.clone(),
        name: name.to_owned(),
        shown,
        status: status.to_owned(),
        due: Some(due),
        going: false,
        created: turn.now,
        updated: turn.now,
    };
    turn.keep_tags(&arn);
    turn.state.account.model_things.insert(arn.clone(), made);
    arn
}

fn create_invocation_job(turn: &mut Turn<'_>) -> Handled {
    let shown = turn.members(&["modelId", "roleArn", "inputDataConfig", "outputDataConfig", "timeoutDurationInHours"]);
    let arn = make(turn, InvocationJob, turn.text("jobName"), shown, "Submitted");
    Ok(json!({ "jobArn": arn }))
}

fn buy(turn: &mut Turn<'_>) -> Handled {
    let (model, units) = (turn.text("modelId"), turn.number("modelUnits").unwrap_or(1));
    let mut shown = turn.members(&["commitmentDuration"]);
    // FACT throughput-term
    let days = match turn.maybe("commitmentDuration") {
        Some("OneMonth") => Some(30),
        Some("SixMonths") => Some(180),
        _ => None,
    };
    let until = days.and_then(|days| turn.now.checked_add(jiff::SignedDuration::from_hours(24 * days)).ok());
    shown.extend(until.map(|until| ("commitmentExpirationTime".to_owned(), json!(until))));
    for member in ["modelArn", "desiredModelArn", "foundationModelArn"] {
        shown.insert(member.to_owned(), json!(model));
    }
    for member in ["modelUnits", "desiredModelUnits"] {
        shown.insert(member.to_owned(), json!(units));
    }
    let arn = make(turn, Throughput, turn.text("provisionedModelName"), shown, "Creating");
    Ok(json!({ "provisionedModelArn": arn }))
}

/// Refuses to delete what is changing by itself. FACT models-conflict-while-changing
fn at_rest(thing: &ModelThing) -> Result<(), ApiError> {
    match thing.status.as_str() {
        "Creating" | "Updating" => {
            Err(refuse("ConflictException", format!("{} is being changed. Retry later.", thing.arn)))
        }
        _ => Ok(()),
    }
}

fn give_back(turn: &mut Turn<'_>) -> Handled {
    let thing = found(turn, Throughput)?;
    at_rest(thing)?;
    let until = thing.shown.get("commitmentExpirationTime").and_then(Value::as_str);
    // FACT throughput-committed
    if until.and_then(|text| text.parse::<Timestamp>().ok()).is_some_and(|until| until > turn.now) {
        // FACT throughput-committed-code
        let code = match turn.state.knobs.committed_throughput_conflicts {
            true => "ConflictException",
            false => "ValidationException",
        };
        return Err(refuse(code, "You can't delete a Provisioned Throughput before the commitment term is over."));
    }
    // FACT throughput-gone-at-once
    let arn = thing.arn.clone();
    turn.state.account.model_things.remove(&arn);
    Ok(json!({}))
}

fn undeploy(turn: &mut Turn<'_>) -> Handled {
    let thing = found(turn, Deployment)?;
    at_rest(thing)?;
    if thing.going {
        // FACT deployments-delete-again
        return match turn.state.knobs.deleting_again_conflicts {
            true => Err(refuse("ConflictException", format!("{} is being deleted.", thing.arn))),
            false => Ok(json!({})),
        };
    }
    // FACT deployments-going
    let due = turn.state.after("delete deployment", turn.state.knobs.model_deletion.0, turn.now);
    let thing = found_mut(turn, Deployment)?;
    (thing.going, thing.due) = (true, Some(due));
    Ok(json!({}))
}
